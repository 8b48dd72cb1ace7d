//! What makes a call genuine, where it is a keyed hash in a header.

use crate::START;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::HttpCall;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// `[transport.signature]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    algorithm: Algorithm,
    key: String,
    #[serde(default)]
    encoding: Encoding,
    /// What is signed: words, `{{body}}`, `{{url}}`, `{{unix}}`.
    #[serde(default = "the_body")]
    over: String,
    /// The header it goes into.
    header: String,
    /// What stands in the header, around `{{signature}}`.
    #[serde(default = "the_signature")]
    value: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Algorithm {
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    #[default]
    Hex,
    Base64,
}

fn the_body() -> String {
    "{{body}}".to_owned()
}

fn the_signature() -> String {
    "{{signature}}".to_owned()
}

impl Signature {
    /// The same call, signed.
    pub(super) fn sign(&self, call: HttpCall) -> HttpCall {
        self.sign_with(&self.key, call)
    }

    /// Calls that look like `genuine` and are not, each in one way.
    pub(super) fn forged(&self, genuine: &HttpCall) -> Vec<HttpCall> {
        let unsigned = HttpCall { headers: self.other_headers(genuine), ..genuine.clone() };
        let mut changed = genuine.clone();
        changed.body.0.push(b' ');
        let mut emptied = unsigned.clone();
        emptied.headers.push((self.header.clone(), String::new()));
        let mut odd = unsigned.clone();
        odd.headers.push((self.header.clone(), self.value.replace("{{signature}}", "é\u{0}=")));
        let other_key = self.sign_with(&format!("{}x", self.key), genuine.clone());
        vec![unsigned, changed, emptied, odd, other_key]
    }

    fn other_headers(&self, call: &HttpCall) -> Vec<(String, String)> {
        let others =
            call.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(&self.header));
        others.cloned().collect()
    }

    fn sign_with(&self, key: &str, mut call: HttpCall) -> HttpCall {
        let unix = START.unix_seconds().to_string();
        let words = self.over.replace("{{unix}}", &unix).replace("{{url}}", &call.url);
        let mut text = Vec::new();
        for (nth, piece) in words.split("{{body}}").enumerate() {
            if nth > 0 {
                text.extend_from_slice(&call.body.0);
            }
            text.extend_from_slice(piece.as_bytes());
        }
        let code = match self.algorithm {
            Algorithm::HmacSha1 => code::<Hmac<Sha1>>(key, &text),
            Algorithm::HmacSha256 => code::<Hmac<Sha256>>(key, &text),
            Algorithm::HmacSha512 => code::<Hmac<Sha512>>(key, &text),
        };
        let written = match self.encoding {
            Encoding::Hex => code.iter().map(|byte| format!("{byte:02x}")).collect(),
            Encoding::Base64 => STANDARD.encode(code),
        };
        call.headers = self.other_headers(&call);
        let value = self.value.replace("{{signature}}", &written).replace("{{unix}}", &unix);
        call.headers.push((self.header.clone(), value));
        call
    }
}

/// HMAC takes keys of any length; the type cannot say so.
fn code<M: Mac + KeyInit>(key: &str, text: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key.as_bytes()) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2, and RFC 2202, test case 2.
    #[test]
    fn codes_are_those_of_the_standards() {
        for (algorithm, encoding, expected) in [
            ("hmac-sha1", "hex", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            ("hmac-sha1", "base64", "7/zfauXrL6LSdBbV8YTfnCWafHk="),
            (
                "hmac-sha256",
                "hex",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            let signature: Signature = toml::from_str(&format!(
                "algorithm = \"{algorithm}\"\nencoding = \"{encoding}\"\nkey = \"Jefe\"\n\
                header = \"x-sig\"\nvalue = \"v1={{{{signature}}}}\"\nover = \"what do {{{{body}}}}?\""
            ))
            .unwrap();
            let text = "POST https://b.example.com/hooks/c\nX-Sig: old\n\nya want for nothing";
            let signed = signature.sign(crate::webhook(text));
            let header = ("x-sig".to_owned(), format!("v1={expected}"));
            assert_eq!(signed.headers, [header], "{algorithm}");
        }
    }
}
