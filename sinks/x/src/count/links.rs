//! Finds what X makes a link of, with or without `https://`.
//!
//! X publishes no definition; this follows twitter-text (docs, "counting characters"). What that
//! library would not link but X's servers might is found too and marked as doubtful.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Top-level names, lower case, one per line: the last labels of the ICANN section of the Public
/// Suffix List. A name that is younger than the list is not found.
static TLDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("tlds.txt").lines().collect());

/// twitter-text links nothing longer.
const LINK_BYTES_MAX: usize = 4096;
const LABEL_BYTES_MAX: usize = 63;
/// DNS names are shorter; the bound is on the letters as written.
const HOST_BYTES_MAX: usize = 1024;
/// How far a closing parenthesis is looked for inside a path.
const PARENTHESES_BYTES_MAX: usize = 256;

/// A link within a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// Whether X is known to read it as a link; else it is priced as a link all the same.
    pub certain: bool,
}

/// All links of `text`, in order. Linear time.
pub fn links(text: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if let Some(link) = with_scheme(text, at).or_else(|| without_scheme(text, at)) {
            at = link.end;
            found.push(link);
        } else if is_host(c) {
            // The whole run was looked at and is no link, unless a scheme starts within it.
            at = run_end(text, at);
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// A link whose scheme, or the run of letters that ends in it, starts at `at`.
fn with_scheme(text: &str, at: usize) -> Option<Link> {
    let run = run_end(text, at);
    if run == at || !text[run..].starts_with("://") {
        return None;
    }
    let letters = text[at..run].to_ascii_lowercase();
    let scheme = ["https", "http"].into_iter().find(|scheme| letters.ends_with(scheme))?;
    let start = run - scheme.len();
    let host = run + 3;
    let certain = start == at && !before(text, at).is_some_and(|c| "@＠$#＃".contains(c));
    if let Some(end) = certain.then(|| whole_host(text, host)).flatten() {
        let end = path_end(text, port_end(text, end));
        if end - start <= LINK_BYTES_MAX {
            return Some(Link { start, end, certain: true });
        }
    }
    let end = text[host..].find(char::is_whitespace).map_or(text.len(), |found| host + found);
    (end > host).then_some(Link { start, end, certain: false })
}

/// The end of the host at `at`, if it is one that X links after a scheme.
fn whole_host(text: &str, at: usize) -> Option<usize> {
    let tail = &text[at..];
    let all = tail
        .find(|c: char| !(is_host(c) || (!c.is_ascii() && c.is_alphanumeric())))
        .map_or(tail, |end| &tail[..end]);
    let ascii = tail.find(|c: char| !is_host(c)).map_or(tail, |end| &tail[..end]);
    [all, ascii].into_iter().find_map(|host| {
        let host = host.trim_end_matches('.');
        let next = text[at + host.len()..].chars().next();
        let ends = !next.is_some_and(|c| matches!(c, '@' | '+' | '-' | '_'));
        (ends && is_name(host)).then(|| at + host.len())
    })
}

/// Whether `host` is a well-formed name under a known root zone name.
fn is_name(host: &str) -> bool {
    let Some((rest, tld)) = host.rsplit_once('.') else { return false };
    if host.len() > HOST_BYTES_MAX || !is_tld(tld) || !labels_are_well_formed(rest) {
        return false;
    }
    if host.is_ascii() {
        return host.split('.').all(|label| label.len() <= LABEL_BYTES_MAX);
    }
    // The limit is on the label as DNS sees it.
    let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
    url.host_str().is_some_and(|name| name.split('.').all(|l| l.len() <= LABEL_BYTES_MAX))
}

/// No empty label, no hyphen at an end; an underscore only in a subdomain.
fn labels_are_well_formed(labels: &str) -> bool {
    let name = labels.rsplit('.').next().unwrap_or(labels);
    !name.contains('_')
        && labels
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

fn is_tld(label: &str) -> bool {
    TLDS.contains(label.to_lowercase().as_str())
}

/// A bare name (`example.com`) whose run starts at `at`.
fn without_scheme(text: &str, at: usize) -> Option<Link> {
    let run = &text[at..run_end(text, at)];
    let before = before(text, at);
    // `name@example.com` is a mail address and `@name.com` a mention.
    if before.is_some_and(|c| matches!(c, '@' | '＠')) {
        return None;
    }
    let start = at + run.len() - run.trim_start_matches(['-', '_']).len();
    let (end, tld) = longest_name(text, start, at + run.len())?;
    let next = text[end..].chars().next();
    if next == Some('@') {
        return None;
    }
    let host = &text[start..end];
    let certain = start == at
        && host.is_ascii()
        && labels_are_well_formed(&host[..host.len() - tld - 1])
        && host.split('.').all(|label| label.len() <= LABEL_BYTES_MAX)
        && !before.is_some_and(|c| matches!(c, '/' | '$' | '#' | '＃'))
        && next != Some('+');
    let after_port = port_end(text, end);
    let has_path = text[after_port..].starts_with('/');
    let end = if has_path { path_end(text, after_port) } else { end };
    Some(Link { start, end, certain: certain && end - start <= LINK_BYTES_MAX })
}

/// The end of the longest stretch from `start` that ends in a root zone name and has something
/// before it, and the length of that name.
fn longest_name(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let mut end = end;
    loop {
        let run = &text[start.min(end)..end];
        let dot = run.rfind('.')?;
        let tld = &run[dot + 1..];
        // A run may start with its dot when what stands before it is in another script.
        let named = dot > 0 || before(text, start).is_some_and(char::is_alphanumeric);
        if named && is_tld(tld) {
            return Some((end, tld.len()));
        }
        end = start + dot;
    }
}

fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// Letters of names that X links without a scheme: ASCII, accented Latin and Cyrillic.
fn is_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || is_near_latin(c)
}

fn is_near_latin(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{24F}' | '\u{400}'..='\u{52F}' | '\u{1E00}'..='\u{1EFF}')
        && c.is_alphabetic()
}

fn run_end(text: &str, at: usize) -> usize {
    text[at..].find(|c| !is_host(c)).map_or(text.len(), |end| at + end)
}

fn port_end(text: &str, at: usize) -> usize {
    let Some(tail) = text[at..].strip_prefix(':') else { return at };
    let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 { at } else { at + 1 + digits }
}

/// The end of path and query from `at`; punctuation that ends a sentence stays outside.
fn path_end(text: &str, at: usize) -> usize {
    let mut end = at;
    if text[at..].starts_with('/') {
        let mut now = at;
        while let Some(c) = text[now..].chars().next() {
            if c == '(' {
                let Some(closed) = closing(text, now) else { break };
                (now, end) = (closed, closed);
                continue;
            }
            if !is_in_path(c) {
                break;
            }
            now += c.len_utf8();
            if c.is_ascii_alphanumeric() || "=_#/+-".contains(c) || is_near_latin(c) {
                end = now;
            }
        }
    }
    if text[end..].starts_with('?') { query_end(text, end) } else { end }
}

fn query_end(text: &str, at: usize) -> usize {
    let mut end = at;
    for (offset, c) in text[at..].char_indices() {
        if !(c.is_ascii_alphanumeric() || "!?*'@();:&=+$/%#[]-_.,~|".contains(c)) {
            break;
        }
        if c.is_ascii_alphanumeric() || "-_&=#/".contains(c) {
            end = at + offset + 1;
        }
    }
    end
}

fn is_in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!*';:=+,.$/%#[]-_~@|&".contains(c) || is_near_latin(c)
}

/// Behind the parenthesis that closes the one at `at`, if only letters of a path stand between.
fn closing(text: &str, at: usize) -> Option<usize> {
    for (offset, c) in text[at + 1..].char_indices() {
        if c == ')' && offset > 0 {
            return Some(at + 1 + offset + 1);
        }
        if !is_in_path(c) || offset > PARENTHESES_BYTES_MAX {
            return None;
        }
    }
    None
}
