//! Webhook fixtures: one call per `.http` file, byte for byte as the provider sends it.

use cordboard_plugin::HttpCall;

/// Reads a webhook call in `.http` form: a request line with the full public address, headers, an
/// empty line, the body.
///
/// The body is kept byte for byte, except that one final newline (`\n` or `\r\n`) is left out,
/// because editors put one at the end of a file; a body that ends in a newline is written with two.
/// Lines of the head may end in `\r\n`. [`HttpCall::url`] is the address as it stands,
/// [`HttpCall::path`] is what follows `/hooks/<name>` (empty or `/status`).
///
/// ```
/// let call = cordboard_testkit::webhook(
///     "POST https://bridge.example.com/hooks/carrier/status?token=a%20b\n\
///      content-type: application/json\n\
///      \n\
///      {\"id\":\"1\"}\n",
/// );
/// assert_eq!((call.path.as_str(), call.query.as_str()), ("/status", "token=a%20b"));
/// assert_eq!(call.body.0, br#"{"id":"1"}"#);
/// ```
///
/// # Panics
/// When the fixture is not in that form, with what is wrong.
#[track_caller]
pub fn webhook(text: &str) -> HttpCall {
    match parse(text) {
        Ok(call) => call,
        #[expect(clippy::panic, reason = "a fixture that cannot be read must fail its test")]
        Err(problem) => panic!("not a webhook fixture: {problem}"),
    }
}

pub(crate) fn parse(text: &str) -> Result<HttpCall, String> {
    let (first, mut rest) = line(text);
    let (method, url) = first
        .split_once(' ')
        .filter(|(_, url)| url.contains("://"))
        .ok_or_else(|| format!("`{first}` is not a method and a full address"))?;
    // A trailing protocol version is tolerated: recorded requests have one.
    let url = url.split(' ').next().unwrap_or(url);
    let mut headers = Vec::new();
    loop {
        let (head, after) = line(rest);
        rest = after;
        if head.is_empty() {
            break;
        }
        let (name, value) =
            head.split_once(':').ok_or_else(|| format!("`{head}` is not a header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let body = rest.strip_suffix('\n').unwrap_or(rest);
    let body = if body.len() < rest.len() { body.strip_suffix('\r').unwrap_or(body) } else { body };
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    Ok(HttpCall {
        method: method.to_owned(),
        url: url.to_owned(),
        path: below_hook(address)?.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.into(),
    })
}

/// The first line of `text` without its end, and everything after that.
fn line(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// What follows `/hooks/<name>` in `address`.
fn below_hook(address: &str) -> Result<&str, String> {
    let (_, named) = address
        .split_once("/hooks/")
        .ok_or_else(|| format!("`{address}` is not below `/hooks/`"))?;
    Ok(named.find('/').map_or("", |slash| &named[slash..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_byte_for_byte_but_for_one_final_newline() {
        for (written, body) in [
            ("a=1", "a=1"),
            ("a=1\n", "a=1"),
            ("a=1\r\n", "a=1"),
            ("a=1\n\n", "a=1\n"),
            ("a=1\r\n\n", "a=1\r\n"),
            ("a=1\r", "a=1\r"),
            (" a = 1 \n\n\nb ", " a = 1 \n\n\nb "),
            ("", ""),
            ("\n", ""),
        ] {
            let call = webhook(&format!("POST https://b.example.com/hooks/c\n\n{written}"));
            assert_eq!(call.body.0, body.as_bytes(), "{written:?}");
        }
    }

    #[test]
    fn the_head_is_taken_apart() {
        let call = webhook(
            "POST https://b.example.com/hooks/c?x=1&y=%20?z HTTP/1.1\r\nX-Sig:  ab:c \r\nA:\r\n\r\nq",
        );
        assert_eq!(call.method, "POST");
        assert_eq!(call.url, "https://b.example.com/hooks/c?x=1&y=%20?z");
        assert_eq!(call.query, "x=1&y=%20?z");
        assert_eq!(call.path, "");
        assert_eq!(call.header("x-sig"), Some("ab:c"));
        assert_eq!(call.header("a"), Some(""));
        assert_eq!(call.body.0, b"q");
    }

    #[test]
    fn a_fixture_in_another_form_is_named_as_wrong() {
        for (text, problem) in [
            ("", "`` is not a method and a full address"),
            ("POST /hooks/c\n\n", "`POST /hooks/c` is not a method and a full address"),
            (
                "POST https://b.example.com/c\n\n",
                "`https://b.example.com/c` is not below `/hooks/`",
            ),
            ("POST https://b.example.com/hooks/c\nno header\n\n", "`no header` is not a header"),
        ] {
            assert_eq!(parse(text).unwrap_err(), problem);
        }
    }
}
