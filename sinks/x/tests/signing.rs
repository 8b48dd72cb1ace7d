//! Signatures of OAuth 1.0a: worked examples, and what holds for all of them.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{HttpRequest, Secret};
use cordboard_x::oauth1::sign::{Keys, Moment, base_string, escape, signature, signed};
use proptest::prelude::*;
use std::borrow::Cow;

const API: &str = "https://api.x.com";

fn moment(nonce: &str, timestamp: i64) -> Moment {
    Moment { nonce: nonce.to_owned(), timestamp }
}

/// The header of `request`, signed with the keys of examples 1 to 5.
fn header(request: HttpRequest, with_token: bool, at: Moment, extra: &[(&str, &str)]) -> String {
    let consumer_secret = Secret::new("cs!Example&secret=0001");
    let token_secret = Secret::new("ts/Example+secret");
    let keys = Keys {
        consumer_key: "ck-Example-0001",
        consumer_secret: &consumer_secret,
        token: with_token.then_some(("12345-tok_Example~A", &token_secret)),
    };
    signed(request, API, &keys, &at, extra).authorization.unwrap().reveal().to_owned()
}

#[track_caller]
fn has(header: &str, wanted: &str) {
    let wanted = format!("oauth_signature=\"{}\"", escape(wanted));
    assert!(header.starts_with("OAuth ") && header.contains(&wanted), "{header}\n{wanted}");
}

fn post(path: &str) -> HttpRequest {
    HttpRequest::base("POST", "api", path)
}

#[test]
fn a_json_body_is_not_signed() {
    for body in ["{}", r#"{"text":"oauth_nonce=1&b=2"}"#] {
        let request = post("/2/tweets").with_body("application/json", body);
        let header = header(request, true, moment("nonce0001", 1_790_000_000), &[]);
        has(&header, "FzTFhoWzpJKHXnFSpS/Kubh5kpI=");
        assert!(header.contains("oauth_signature=\"FzTFhoWzpJKHXnFSpS%2FKubh5kpI%3D\""));
    }
}

#[test]
fn a_multipart_body_is_not_signed() {
    let request =
        post("/2/media/upload").with_body("multipart/form-data; boundary=abc", "--abc\r\na=b");
    has(
        &header(request, true, moment("nonce0007", 1_790_000_006), &[]),
        "n5Pm6/F8GqgryNraqQdiyBoQgxM=",
    );
}

#[test]
fn a_form_is_signed() {
    let body = "oauth_verifier=4868795&note=caf%C3%A9+%2B+tea%21";
    for kind in
        ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=utf-8"]
    {
        let request = post("/oauth/access_token").with_body(kind, body);
        has(
            &header(request, true, moment("nonce0004", 1_790_000_003), &[]),
            "j1DRri5kXvTOq2X7l+wPnYhMwIE=",
        );
    }
}

#[test]
fn a_query_is_signed() {
    let path = "/2/media/upload?command=STATUS&media_id=1880028106020515840&q=%E2%98%83%20a%2Bb";
    let request = HttpRequest::base("GET", "api", path);
    has(
        &header(request, true, moment("nonce0005", 1_790_000_004), &[]),
        "BaddUR6bSy9m+LIVtv/nKPFkkrE=",
    );
}

#[test]
fn a_callback_is_signed_without_a_token() {
    let oob = [("oauth_callback", "oob")];
    let first =
        header(post("/oauth/request_token"), false, moment("nonce0002", 1_790_000_001), &oob);
    has(&first, "L0xjGWIR4/4szlnpQZw6QAJNIW4=");
    assert!(first.contains("oauth_callback=\"oob\"") && !first.contains("oauth_token="));
    let web = [("oauth_callback", "https://bridge.example/cb?u=1&x=a b")];
    let second =
        header(post("/oauth/request_token"), false, moment("nonce0003", 1_790_000_002), &web);
    has(&second, "l1rDkx0gOTn0uUJvmKvH8ofr+N4=");
}

fn pairs<'p>(pairs: &[(&'p str, &'p str)]) -> Vec<(Cow<'p, str>, Cow<'p, str>)> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

#[test]
fn base_strings_are_those_of_the_examples() {
    let protocol = |nonce, timestamp| {
        [
            ("oauth_version", "1.0"),
            ("oauth_consumer_key", "ck-Example-0001"),
            ("oauth_nonce", nonce),
            ("oauth_timestamp", timestamp),
            ("oauth_token", "12345-tok_Example~A"),
            ("oauth_signature_method", "HMAC-SHA1"),
        ]
    };
    let first = base_string(
        "post",
        "https://api.x.com/2/tweets",
        &pairs(&protocol("nonce0001", "1790000000")),
    );
    assert_eq!(
        first,
        "POST&https%3A%2F%2Fapi.x.com%2F2%2Ftweets&oauth_consumer_key%3Dck-Example-0001\
         %26oauth_nonce%3Dnonce0001%26oauth_signature_method%3DHMAC-SHA1\
         %26oauth_timestamp%3D1790000000%26oauth_token%3D12345-tok_Example~A\
         %26oauth_version%3D1.0"
    );
    let mut third = protocol("nonce0004", "1790000003").to_vec();
    third.extend([("oauth_verifier", "4868795"), ("note", "café + tea!")]);
    assert_eq!(
        base_string("POST", "https://api.x.com/oauth/access_token", &pairs(&third)),
        "POST&https%3A%2F%2Fapi.x.com%2Foauth%2Faccess_token\
         &note%3Dcaf%25C3%25A9%2520%252B%2520tea%2521%26oauth_consumer_key%3Dck-Example-0001\
         %26oauth_nonce%3Dnonce0004%26oauth_signature_method%3DHMAC-SHA1\
         %26oauth_timestamp%3D1790000003%26oauth_token%3D12345-tok_Example~A\
         %26oauth_verifier%3D4868795%26oauth_version%3D1.0"
    );
}

#[test]
fn the_host_that_is_called_is_the_one_that_is_signed() {
    // The example of X's own page "creating a signature", whose keys are public.
    let consumer_secret = Secret::new("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw");
    let token_secret = Secret::new("LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE");
    let keys = Keys {
        consumer_key: "xvz1evFS4wEEPTGEFPHBog",
        consumer_secret: &consumer_secret,
        token: Some(("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", &token_secret)),
    };
    let at = moment("kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1_318_622_958);
    for (base, wanted) in [
        ("https://api.x.com", "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="),
        ("https://api.twitter.com", "hCtSmYh+iHYCEqBWrE7C7hYmtUk="),
        ("HTTPS://API.Twitter.com:443", "hCtSmYh+iHYCEqBWrE7C7hYmtUk="),
    ] {
        let request = post("/1.1/statuses/update.json?include_entities=true").with_body(
            "application/x-www-form-urlencoded",
            "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21",
        );
        let header = signed(request, base, &keys, &at, &[]).authorization.unwrap();
        has(header.reveal(), wanted);
    }
}

#[test]
fn only_unreserved_characters_stay() {
    assert_eq!(escape("azAZ09-._~"), "azAZ09-._~");
    assert_eq!(escape(" +&=%é☃\n"), "%20%2B%26%3D%25%C3%A9%E2%98%83%0A");
    assert_eq!(escape("!*'()"), "%21%2A%27%28%29");
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            assert_eq!(hex, hex.to_uppercase());
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_escaped_reads_back(text in any::<String>()) {
        let escaped = escape(&text);
        let plain = escaped.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b));
        prop_assert!(plain);
        prop_assert_eq!(unescape(&escaped), text);
    }

    #[test]
    fn a_base_string_has_three_parts_whatever_the_parameters(
        query in prop::collection::vec((any::<String>(), any::<String>()), 0..6),
    ) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&query);
        let base = base_string("GET", &format!("https://api.x.com/a?{}", form.finish()), &[]);
        let parts: Vec<&str> = base.split('&').collect();
        prop_assert_eq!(parts.len(), 3);
        let listed = unescape(parts[2]);
        let mut wanted: Vec<(String, String)> =
            query.iter().map(|(name, value)| (escape(name), escape(value))).collect();
        wanted.sort();
        let wanted: Vec<String> = wanted.iter().map(|(n, v)| format!("{n}={v}")).collect();
        prop_assert_eq!(listed, wanted.join("&"));
    }

    #[test]
    fn order_does_not_matter_and_every_byte_does(
        mut all in prop::collection::vec(("[a-z]{1,3}", "[ -~é☃]{0,4}"), 1..6), nth in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::new("s");
        let keys = Keys { consumer_key: "k", consumer_secret: &secret, token: None };
        let sign = |all: &[(String, String)]| {
            let all: Vec<_> = all.iter().map(|(n, v)| (n.as_str().into(), v.as_str().into())).collect();
            signature(&base_string("GET", "https://a.example/", &all), &keys)
        };
        let first = sign(&all);
        all.reverse();
        prop_assert_eq!(&sign(&all), &first);
        let at = nth.index(all.len());
        all[at].1.push('x');
        prop_assert_ne!(&sign(&all), &first);
    }
}
