//! Forms with files in them (`multipart/form-data`, RFC 7578), as browsers send them.

/// One field of such a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name.
    pub(crate) name: String,
    /// The type that came with a file, without parameters, in lower case; `None` for other fields.
    pub(crate) file_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The boundary between the parts, if a body of this `content-type` has any.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

/// The parts in order; `None` when the body is not such a form, or breaks off. A file field in which
/// nothing was chosen is left out.
pub(crate) fn parts(body: &[u8], boundary: &str) -> Option<Vec<Part>> {
    let first = format!("--{boundary}");
    let between = format!("\r\n{first}");
    let mut rest = body.strip_prefix(first.as_bytes())?;
    let mut found = Vec::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n")?;
        let (head, content) = cut(part, b"\r\n\r\n")?;
        let (content, further) = cut(content, between.as_bytes())?;
        found.extend(read(std::str::from_utf8(head).ok()?, content)?);
        rest = further;
    }
    Some(found)
}

/// One part; the inner `None` is an empty file field.
fn read(head: &str, content: &[u8]) -> Option<Option<Part>> {
    let value = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = value("content-disposition")?;
    // Browsers write a quotation mark in a name as %22, so a name ends at the next one.
    let name = disposition.split_once(" name=\"")?.1.split_once('"')?.0;
    let is_file = disposition.contains(" filename=");
    if is_file && content.is_empty() && disposition.contains(" filename=\"\"") {
        return Some(None);
    }
    let file_type = is_file.then(|| {
        let bare = value("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        bare.trim().to_ascii_lowercase()
    });
    Some(Some(Part { name: name.to_owned(), file_type, bytes: content.to_vec() }))
}

/// What is before the first `mark`, and what is behind it.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = mark.first()?;
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|byte| byte == start)?;
        if let Some(behind) = text[at..].strip_prefix(mark) {
            return Some((&text[..at], behind));
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(name: &str, file_type: Option<&str>, bytes: &[u8]) -> Part {
        Part {
            name: name.to_owned(),
            file_type: file_type.map(str::to_owned),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_boundary_is_found_where_there_is_one() {
        for (content_type, expected) in [
            ("multipart/form-data; boundary=----x1", Some("----x1")),
            ("Multipart/Form-Data;charset=utf-8; Boundary=\"a b\"", Some("a b")),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data", None),
            ("multipart/mixed; boundary=x", None),
            ("application/x-www-form-urlencoded", None),
        ] {
            assert_eq!(boundary(content_type).as_deref(), expected, "{content_type}");
        }
    }

    #[test]
    fn fields_and_files_are_read_as_they_were_sent() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nhi\r\n--y\r\n\
            --x\r\ncontent-disposition: form-data; name=\"pictures\"; filename=\"a; name=.jpg\"\r\n\
            Content-Type: Image/JPEG; q=1\r\n\r\n\xff\r\n\r\n-\r\n--\r\n\
            --x\r\nContent-Disposition: form-data; name=\"pictures\"; filename=\"\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n";
        let expected = vec![
            part("body", None, b"hi\r\n--y"),
            part("pictures", Some("image/jpeg"), b"\xff\r\n\r\n-\r\n--"),
        ];
        assert_eq!(parts(body, "x"), Some(expected));
        for end in [0, 10, 60, 70, 120, 220, body.len() - 4] {
            assert_eq!(parts(&body[..end], "x"), None, "broken off at {end}");
        }
        assert_eq!(parts(body, "z"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_come_through_and_none_break_the_reader(
            bytes in prop::collection::vec(prop::sample::select(b"\r\n-x:\"\xff".to_vec()), 0..40)
        ) {
            parts(&bytes, "x");
            let head = b"--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"g\"\r\n\r\n";
            let body = [&head[..], &bytes, b"\r\n--xyz--\r\n"].concat();
            prop_assert_eq!(parts(&body, "xyz"), Some(vec![part("f", Some(""), &bytes)]));
        }
    }
}
