//! The fields of an answer, and the lists that `=?` offers.

/// The fields behind a line's `PREFIX:`, without quotes and surrounding space. Commas in quotes or in
/// parentheses do not part fields.
pub(crate) fn fields(line: &str) -> Vec<String> {
    let rest = match line.split_once(':') {
        Some((prefix, rest)) if is_prefix(prefix) => rest,
        _ => line,
    };
    parts(rest).iter().map(|part| part.trim_matches('"').to_owned()).collect()
}

/// The number in field `at`.
pub(crate) fn number(fields: &[String], at: usize) -> Option<i64> {
    fields.get(at)?.trim().parse().ok()
}

/// What `=?` offers for each parameter: `(0-2),(1,3),("SM","ME")` becomes three lists, with ranges spelt
/// out. One pair of parentheses around everything is taken off; a bare value is a list of one.
pub(crate) fn choices(line: &str) -> Vec<Vec<String>> {
    let rest = match line.split_once(':') {
        Some((prefix, rest)) if is_prefix(prefix) => rest,
        _ => line,
    };
    let mut lists = parts(rest);
    if let [only] = lists.as_slice()
        && let Some(inner) = in_parentheses(only)
        && inner.contains('(')
    {
        lists = parts(inner);
    }
    lists.iter().map(|list| values(in_parentheses(list).unwrap_or(list))).collect()
}

/// Longest range that is spelt out.
const RANGE_MAX: u32 = 256;

fn values(list: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in parts(list) {
        let part = part.trim_matches('"');
        let range = part.split_once('-').and_then(|(from, to)| {
            Some((from.trim().parse::<u32>().ok()?, to.trim().parse::<u32>().ok()?))
        });
        match range {
            Some((from, to)) if to.saturating_sub(from) < RANGE_MAX => {
                found.extend((from..=to).map(|value| value.to_string()));
            }
            _ if part.is_empty() => {}
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn is_prefix(text: &str) -> bool {
    text.starts_with(['+', '^', '*', '$', '%', '#']) && !text.contains(['"', ',', '('])
}

fn in_parentheses(text: &str) -> Option<&str> {
    text.strip_prefix('(')?.strip_suffix(')')
}

/// Parts at the commas that stand neither in quotes nor in parentheses, each trimmed.
fn parts(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let (mut quoted, mut depth) = (false, 0usize);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = found.last_mut() {
            last.push(c);
        }
    }
    found.iter().map(|part| part.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_choices(line: &str, expected: &[&[&str]]) {
        assert_eq!(choices(line), expected, "{line}");
    }

    #[test]
    fn fields_lose_their_quotes_and_keep_their_commas() {
        assert_eq!(fields("+CMTI: \"SM\",3"), ["SM", "3"]);
        assert_eq!(fields("+CMTI: \"SM\",3,\"MMS PUSH\",1,2"), ["SM", "3", "MMS PUSH", "1", "2"]);
        assert_eq!(fields("+CMGL: 1,1,,24"), ["1", "1", "", "24"]);
        assert_eq!(fields("+CMGL: 1,1,\"a, b\",24"), ["1", "1", "a, b", "24"]);
        assert_eq!(fields("+CSCA: \"+15550100000\",145"), ["+15550100000", "145"]);
        assert_eq!(fields("890100000000000000"), ["890100000000000000"]);
        assert_eq!(number(&fields("+CSQ: 21,99"), 0), Some(21));
        assert_eq!(number(&fields("+CMTI: \"\",-1"), 1), Some(-1));
        assert_eq!(number(&fields("+CSQ: 21"), 1), None);
    }

    #[test]
    fn offered_lists_are_read_in_every_form() {
        check_choices(
            "+CNMI: (0-2),(0,1),(0,2),(0-1),(1)",
            &[&["0", "1", "2"], &["0", "1"], &["0", "2"], &["0", "1"], &["1"]],
        );
        check_choices("+CNMI: (1,2),1,0,0,1", &[&["1", "2"], &["1"], &["0"], &["0"], &["1"]]);
        check_choices("+CPMS: (\"SM\",\"ME\"),(\"SM\")", &[&["SM", "ME"], &["SM"]]);
        // A Wavecom puts one more pair around everything.
        check_choices("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", &[&["SM", "BM", "SR"], &["SM"]]);
        check_choices("+CPMS: (\"SM\")", &[&["SM"]]);
        check_choices("+CNMI: (2-0),(0-99999999)", &[&[], &["0-99999999"]]);
        check_choices("", &[&[]]);
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read(line in "[+A-Z:() ,\"0-9-]{0,60}") {
            let _ = (fields(&line), choices(&line));
        }
    }
}
