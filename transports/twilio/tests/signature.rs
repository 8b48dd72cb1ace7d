//! Whether a call is Twilio's. The signatures are published or were made with Twilio's own library.

use cordboard_plugin::{HttpCall, Secret};
use cordboard_twilio::form::{self, Pair};
use cordboard_twilio::signature::{Algorithm, Keys, sign, verify};
use proptest::prelude::*;
use std::collections::BTreeMap;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const V1_URL: &str = "https://bridge.example.com/hooks/twilio/sms?chan=a&x=1%202";
const V1: &str = "FY5zQYpZtoxFXWnZcUEGU2GwutE=";
const V3_HASH: &str = "f0e6aa774a6a00acc7e9dd751846bb50c2d30dc69c8377ec8dc8a707be7b2e51";

fn call(method: &str, url: &str, body: impl Into<Vec<u8>>, signature: &str) -> HttpCall {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut call = HttpCall {
        method: method.to_owned(),
        url: url.to_owned(),
        path: String::new(),
        query: query.to_owned(),
        headers: vec![("X-Twilio-Signature".to_owned(), signature.to_owned())],
        body: body.into().into(),
    };
    if method == "POST" {
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        call.headers.push(("Content-Type".to_owned(), form.to_owned()));
    }
    call
}

/// The status with which `call` is refused, or 200.
fn verdict(token: &str, call: &HttpCall) -> u16 {
    let shared = BTreeMap::from([("webhooks_sharedkey_abc".to_owned(), Secret::new(TOKEN))]);
    let auth_token = Secret::new(token);
    let keys = Keys { auth_token: &auth_token, shared: &shared };
    verify(call, &keys).map_or_else(|rejected| rejected.status, |_| 200)
}

fn v1_fields() -> Vec<(&'static str, &'static str)> {
    let sid = "SM00000000000000000000000000000001";
    vec![
        ("MessageSid", sid),
        ("SmsSid", sid),
        ("SmsMessageSid", sid),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", "+14017122661"),
        ("To", "+15558675310"),
        ("Body", "Ahoy! caf\u{e9} \u{1f44d} a+b & c=d "),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("FromZip", ""),
        ("ToCountry", "US"),
    ]
}

#[test]
fn the_documented_example_is_genuine() {
    let body = form::encode([
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675310"),
        ("Digits", "1234"),
        ("From", "+14158675310"),
        ("To", "+18005551212"),
    ]);
    let url = "https://example.com/myapp.php?foo=1&bar=2";
    let signed = call("POST", url, body, "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    assert_eq!(verdict("12345", &signed), 200);
    assert_eq!(verdict("12346", &signed), 403);
}

#[test]
fn every_byte_of_a_form_counts() {
    let with = |change: fn(&mut Vec<(&'static str, &'static str)>)| {
        let mut fields = v1_fields();
        change(&mut fields);
        form::encode(fields)
    };
    let genuine = with(|_| ());
    let shuffled = with(|fields| fields.reverse());
    let without_empty = with(|fields| fields.retain(|(name, _)| *name != "FromZip"));
    let trimmed = with(|fields| fields[6].1 = fields[6].1.trim_end());
    for (body, signature, status) in [
        (genuine.as_str(), V1, 200),
        (&shuffled, V1, 200),
        (&without_empty, V1, 403),
        (&without_empty, "8hrxj7AgwOrlrQTV+oEGOI7FlJ4=", 200),
        (&trimmed, V1, 403),
        (&format!("{genuine}&x"), V1, 403),
        (&genuine, "", 403),
        (&genuine, "FY5zQYpZtoxFXWnZcUEGU2GwutF=", 403),
        (&genuine, "FY5zQYpZtoxFXWnZcUEGU2GwutE", 403),
    ] {
        assert_eq!(verdict(TOKEN, &call("POST", V1_URL, body, signature)), status, "{body}");
    }
}

#[test]
fn a_port_may_be_written_or_not() {
    let ported = |port: &str| V1_URL.replace(".com/", &format!(".com{port}/"));
    for (url, signature, status) in [
        (ported(""), "DdP/VdNa3CEC9VgN6J2Rxa2KG+A=", 200),
        (ported(":443"), "DdP/VdNa3CEC9VgN6J2Rxa2KG+A=", 200),
        (ported(":443"), V1, 200),
        (ported(":8443"), "9mSGcq7RyQF68tvhZpNyJb4ZgLo=", 200),
        (ported(":8443"), V1, 200),
        (ported(""), "9mSGcq7RyQF68tvhZpNyJb4ZgLo=", 403),
        (ported(":8443"), "DdP/VdNa3CEC9VgN6J2Rxa2KG+A=", 403),
    ] {
        let signed = call("POST", &url, form::encode(v1_fields()), signature);
        assert_eq!(verdict(TOKEN, &signed), status, "{url} {signature}");
    }
}

#[test]
fn a_get_is_signed_by_its_query() {
    let url = "https://bridge.example.com/hooks/twilio/sms?AccountSid=AC00000000000000000000000000000001&Body=Hi%20there&From=%2B14017122661&MessageSid=SM00000000000000000000000000000002&To=%2B15558675310";
    let signature = "yIe/xPcqHy746SZmeRENRQdvRyk=";
    assert_eq!(verdict(TOKEN, &call("GET", url, "", signature)), 200);
    let other = url.replace("Hi%20there", "Ho%20there");
    assert_eq!(verdict(TOKEN, &call("GET", &other, "", signature)), 403);
    assert_eq!(verdict(TOKEN, &call("PUT", url, "", signature)), 405);
}

#[test]
fn a_json_body_is_signed_by_its_hash() {
    let url = format!("https://bridge.example.com/hooks/twilio/events?bodySHA256={V3_HASH}");
    let body = "{\"a\":1,\"text\":\"h\u{e9}llo\"}";
    let json = |url: &str, body: &str, signature: &str| {
        let mut call = call("GET", url, body, signature);
        call.method = "POST".to_owned();
        call.headers.push(("content-type".to_owned(), "application/json".to_owned()));
        verdict(TOKEN, &call)
    };
    let signature = "EHUz6rxGYdY+dt0C6XrLoRTN118=";
    assert_eq!(json(&url, body, signature), 200);
    assert_eq!(json(&url, &format!("{body} "), signature), 403);
    assert_eq!(json(&url, "", signature), 403);
    assert_eq!(json(&url, "{}", signature), 403);
    let unhashed = sign(Algorithm::HmacSha1, &Secret::new(TOKEN), "https://b.example.com/h", &[]);
    assert_eq!(json("https://b.example.com/h", body, &unhashed), 403, "no hash, so not covered");
    let upper = url.replace(V3_HASH, &V3_HASH.to_uppercase());
    let signed = sign(Algorithm::HmacSha1, &Secret::new(TOKEN), &upper, &[]);
    assert_eq!(json(&upper, body, &signed), 403, "Twilio writes the hash in lower case");
}

#[test]
fn repeated_names_order_slashes_and_users_are_as_twilio_has_them() {
    let host = "https://bridge.example.com";
    for (url, body, signature, status) in [
        ("/h", "Body=x&MediaUrl=b&MediaUrl=a&MediaUrl=b", "plD2ZWrZwDtlN/YRRsXFpRu4SPc=", 200),
        ("/h", "b=1&B=2&a=3&A=4&_=5", "Iwpy2/wqY/Io25t/um8dbIYGquk=", 200),
        ("", "", "xl9vkTXnTM6U32W42dkAXLLTaHA=", 200),
        ("/", "", "HZOIFsyc9FrHRnu1auMfzDimL+4=", 200),
        ("/", "", "xl9vkTXnTM6U32W42dkAXLLTaHA=", 403),
        ("", "", "HZOIFsyc9FrHRnu1auMfzDimL+4=", 403),
        ("/h#rc=3&rp=all", "Body=x", "HW6XR7u6d1HNXUYkq8O5bRwNUjo=", 200),
    ] {
        let signed = call("POST", &format!("{host}{url}"), body, signature);
        assert_eq!(verdict(TOKEN, &signed), status, "{url} {body} {signature}");
    }
    let with_user = "https://user:pass@bridge.example.com/h";
    for (signature, status) in
        [("HW6XR7u6d1HNXUYkq8O5bRwNUjo=", 200), ("SqnsHDUVOsg6l54JFGS2B6kaJeY=", 403)]
    {
        assert_eq!(verdict(TOKEN, &call("POST", with_user, "Body=x", signature)), status);
    }
}

#[test]
fn a_shared_key_needs_its_id_and_algorithm() {
    let sha256 = "Zb3xM4X+Wl+C+zktgVuxAev+kI1ugRy3NSXc/OlDggg=";
    let sha1 = "HW6XR7u6d1HNXUYkq8O5bRwNUjo=";
    for (settings, signature, status) in [
        ("key=webhooks_sharedkey_abc,algorithm=HMAC_SHA256", sha256, 200),
        ("key=webhooks_sharedkey_abc, algorithm=HMAC_SHA256", sha256, 200),
        ("key=other,algorithm=HMAC_SHA256", sha256, 403),
        ("algorithm=HMAC_SHA256", sha256, 403),
        ("key=webhooks_sharedkey_abc,algorithm=HMAC_SHA512", sha256, 403),
        ("key=webhooks_sharedkey_abc,algorithm=", sha1, 403),
        ("key=webhooks_sharedkey_abc", sha256, 403),
        ("key=webhooks_sharedkey_abc", sha1, 200),
        ("", sha1, 200),
    ] {
        let mut signed = call("POST", "https://bridge.example.com/h", "Body=x", signature);
        let name = "X-Twilio-Webhooks-Signature-Settings".to_owned();
        signed.headers.push((name, settings.to_owned()));
        assert_eq!(verdict(TOKEN, &signed), status, "{settings}");
    }
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..12);
    prop::collection::vec((bytes(), bytes()), 0..8)
}

proptest! {
    #[test]
    fn a_form_written_and_read_is_the_same(fields in prop::collection::vec(("\\PC{1,8}", "\\PC*"), 0..9)) {
        let written = form::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let expected: Vec<Pair> =
            fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        prop_assert_eq!(form::decode(written.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_signed_is_genuine_and_one_more_field_is_not(fields in pairs(), path in "[a-z/?=&%]{0,9}") {
        let url = format!("https://bridge.example.com/{path}");
        let escaped = |pair: &Pair| {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02x}")).collect::<String>();
            format!("{}={}", hex(&pair.0), hex(&pair.1))
        };
        let body = fields.iter().map(escaped).collect::<Vec<_>>().join("&");
        let signature = sign(Algorithm::HmacSha1, &Secret::new(TOKEN), &url, &fields);
        prop_assert_eq!(verdict(TOKEN, &call("POST", &url, body.clone(), &signature)), 200);
        let more = format!("{body}&zz=1");
        prop_assert_eq!(verdict(TOKEN, &call("POST", &url, more, &signature)), 403);
    }

    #[test]
    fn no_bytes_break_the_check(
        method in "(GET|POST)",
        url in "(https?:/{0,2})?[\\[\\]a-z@:#?&=%]{0,20}",
        body in prop::collection::vec(any::<u8>(), 0..60),
        signature in "\\PC*",
        kind in "\\PC*",
        settings in "((key|algorithm)=\\PC{0,5},?){0,3}",
    ) {
        let mut call = call(&method, &url, body, &signature);
        call.headers.insert(0, ("content-type".to_owned(), kind));
        call.headers.push(("x-twilio-webhooks-signature-settings".to_owned(), settings));
        prop_assert_ne!(verdict(TOKEN, &call), 200);
    }
}
