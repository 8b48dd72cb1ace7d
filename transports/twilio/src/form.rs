//! `application/x-www-form-urlencoded`, without loss: a signature covers every byte of it.

use cordboard_plugin::Rejected;

/// More parameters than this are not read. Twilio sends about thirty.
pub const PARAMETERS_MAX: usize = 1000;

/// Name and value as bytes: a signature is checked before anybody asks whether they are UTF-8.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Takes a form or a query string apart, in order. Empty values, repeated names and surrounding
/// spaces are kept; a `%` that starts no escape stands for itself.
///
/// # Errors
/// [`Rejected`] with 400 for more than [`PARAMETERS_MAX`] parameters, before any is decoded.
pub fn decode(text: &[u8]) -> Result<Vec<Pair>, Rejected> {
    if text.iter().filter(|byte| **byte == b'&').count() >= PARAMETERS_MAX {
        return Err(Rejected::malformed(format!("over {PARAMETERS_MAX} parameters")));
    }
    Ok(text.split(|byte| *byte == b'&').filter(|part| !part.is_empty()).map(pair).collect())
}

/// Writes a form as Twilio does: spaces as `+`, everything that is not plain ASCII as `%XX`.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape_into(&mut text, name.as_bytes());
        text.push('=');
        escape_into(&mut text, value.as_bytes());
    }
    text
}

/// Parameters as words.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the pairs as UTF-8.
    ///
    /// # Errors
    /// [`Rejected`] with 400 when one is not.
    pub fn read(pairs: Vec<Pair>) -> Result<Self, Rejected> {
        let not_utf8 = |_| Rejected::malformed("a parameter is not UTF-8");
        let words = pairs.into_iter().map(|(name, value)| {
            let name = String::from_utf8(name).map_err(not_utf8)?;
            Ok((name, String::from_utf8(value).map_err(not_utf8)?))
        });
        words.collect::<Result<_, Rejected>>().map(Self)
    }

    /// The first value of `name`, empty ones included.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of `name` unless it is empty.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

fn pair(part: &[u8]) -> Pair {
    match part.iter().position(|byte| *byte == b'=') {
        Some(at) => (unescape(&part[..at]), unescape(&part[at + 1..])),
        None => (unescape(part), Vec::new()),
    }
}

fn unescape(part: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(part.len());
    let mut at = 0;
    while let Some(byte) = part.get(at) {
        let escaped = if *byte == b'%' { hex_pair(part, at + 1) } else { None };
        match (escaped, byte) {
            (Some(value), _) => {
                plain.push(value);
                at += 3;
                continue;
            }
            (None, b'+') => plain.push(b' '),
            (None, other) => plain.push(*other),
        }
        at += 1;
    }
    plain
}

fn hex_pair(part: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| part.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

fn escape_into(text: &mut String, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                text.push(char::from(*byte));
            }
            b' ' => text.push('+'),
            other => {
                text.push('%');
                text.push(char::from(HEX[usize::from(other >> 4)]));
                text.push(char::from(HEX[usize::from(other & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_in_decoding() {
        for (text, expected) in [
            ("", &[][..]),
            ("a=1&b=", &[("a", "1"), ("b", "")]),
            ("a&a=&=x", &[("a", ""), ("a", ""), ("", "x")]),
            ("a=+1+&b=%2B%20", &[("a", " 1 "), ("b", "+ ")]),
            ("a=b=c&&d=%zz%4", &[("a", "b=c"), ("d", "%zz%4")]),
            ("%41=caf%C3%a9", &[("A", "café")]),
        ] {
            let expected: Vec<Pair> =
                expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            assert_eq!(decode(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_thousand_parameters_are_read_and_one_more_is_not() {
        let form = |count: usize| vec!["a=1"; count].join("&");
        assert_eq!(decode(form(1000).as_bytes()).unwrap().len(), 1000);
        for count in [1001, 10_000] {
            assert_eq!(decode(form(count).as_bytes()).unwrap_err().status, 400);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_survive_decoding_but_are_no_words() {
        let pairs = decode(b"Body=%ff").unwrap();
        assert_eq!(pairs, [(b"Body".to_vec(), vec![0xff])]);
        assert_eq!(Parameters::read(pairs).unwrap_err().status, 400);
    }
}
