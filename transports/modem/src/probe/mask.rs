//! What a transcript must not give away: numbers, identities, places and texts.
//!
//! What is known to be harmless is kept, everything else is blanked: letters become `x`, digits `0`.
//! So the shape of what a modem says stays, and with it what a test needs.

use super::transcript::{Line, Transcript, What};

/// Shortest run of digits that is a number or an identity, or a part of one.
const DIGITS_MIN: usize = 6;
/// Shortest run of hex digits that is a PDU, or a number in UCS2.
const HEX_MIN: usize = 12;
/// How many digits stay at the end of a number.
const KEPT: usize = 2;

/// Commands that are answered with bare lines in which a maker names itself.
const NAMES: &[&str] =
    &["AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+GMI", "AT+GMM", "AT+GMR", "ATI", "AT+SIMCOMATI"];

/// Bare lines that name nobody.
const PLAIN: &[&str] = &[
    "OK",
    "ERROR",
    "RING",
    "BUSY",
    "CONNECT",
    "NO CARRIER",
    "NO ANSWER",
    "NO DIALTONE",
    "COMMAND NOT SUPPORT",
    "TOO MANY PARAMETERS",
    "RDY",
    "SMS READY",
    "SMS DONE",
    "PB DONE",
    "CALL READY",
    "NORMAL POWER DOWN",
    "POWERED DOWN",
    "UNDER-VOLTAGE WARNNING",
    "UNDER-VOLTAGE POWER DOWN",
];

/// Answers in which quoted words are of a fixed set, or of the operator.
const OPEN: &[&str] = &["+CPMS", "+CMTI", "+CDSI", "+CSCS", "+COPS", "+CPBS", "+QCFG", "+QURCCFG"];

/// The two-line answers: what follows is a PDU, or a text when the modem is in text mode.
const HEADS: &[&str] = &["+CMT:", "+CDS:", "+CBM:", "+CMGL:", "+CMGR:"];

/// Blanks what must not leave the machine.
pub(super) fn mask(transcript: &mut Transcript) {
    let mut last = String::new();
    let mut in_text = false;
    for Line { what, .. } in &mut transcript.lines {
        match what {
            What::Wrote(bytes) => {
                *bytes = map_text(bytes, |text| {
                    last = text.to_uppercase();
                    line(text, &last, false)
                });
            }
            What::Said(bytes) => {
                *bytes = map_text(bytes, |text| {
                    let masked = line(text, &last, in_text);
                    if !text.is_empty() {
                        let goes_on = in_text && !ends_text(text);
                        in_text = HEADS.iter().any(|head| text.starts_with(head)) || goes_on;
                    }
                    masked
                });
            }
            What::Ended(_) => {}
        }
    }
}

/// Whether a line cannot be one of a text in text mode. An answer goes on until its final result.
fn ends_text(text: &str) -> bool {
    text == "OK" || text == "ERROR" || text.starts_with("+CMS ERROR")
}

/// Applies `change` to the printable middle of `bytes`, leaving control characters around it alone.
fn map_text(bytes: &[u8], change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let is_text = |byte: &u8| (b' '..=b'~').contains(byte);
    let Some(start) = bytes.iter().position(is_text) else { return blank_rest(bytes) };
    let end = bytes.iter().rposition(is_text).map_or(bytes.len(), |at| at + 1);
    let (before, rest) = bytes.split_at(start);
    let (middle, after) = rest.split_at(end - start);
    // What is not ASCII in the middle of a line is no word of a modem.
    let text: String =
        middle.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect();
    [blank_rest(before), change(&text).into_bytes(), blank_rest(after)].concat()
}

/// Bytes that are no ASCII may be a text in another alphabet.
fn blank_rest(bytes: &[u8]) -> Vec<u8> {
    let open = |byte: &u8| byte.is_ascii() || *byte == 0xff;
    bytes.iter().map(|byte| if open(byte) { *byte } else { b'?' }).collect()
}

fn line(text: &str, last: &str, in_text: bool) -> String {
    if in_text && !ends_text(text) && !HEADS.iter().any(|head| text.starts_with(head)) {
        return blank(text);
    }
    if text.starts_with("$G") || text.starts_with("+CGPSINFO") || text.starts_with("^LOC") {
        // A position.
        return blank_digits(text);
    }
    let is_command = text.len() >= 2 && text[..2].eq_ignore_ascii_case("AT");
    if is_command && text.to_uppercase().contains("+CPIN=") {
        return blank_after(text, '=');
    }
    if is_command {
        return numbers(text);
    }
    if let Some((prefix, _)) = text.split_once(':').filter(|(prefix, _)| is_prefix(prefix)) {
        return match prefix {
            "+CREG" | "+CEREG" | "+CGREG" | "+C5GREG" => numbers(&quoted(text)),
            _ if OPEN.contains(&prefix) || NAMES.iter().any(|name| name.ends_with(prefix)) => {
                numbers(text)
            }
            _ => numbers(&quoted(text)),
        };
    }
    if PLAIN.contains(&text.to_uppercase().as_str()) || text.starts_with('>') || text.is_empty() {
        return text.to_owned();
    }
    if NAMES.contains(&last.trim()) || unfilled(text).bytes().all(|byte| byte.is_ascii_digit()) {
        return numbers(text);
    }
    blank(text)
}

fn is_prefix(prefix: &str) -> bool {
    let mut letters = prefix.chars();
    letters.next().is_some_and(|first| "+^*$%#".contains(first))
        && letters.all(|c| c.is_ascii_alphanumeric() || c == ' ')
}

/// Blanks everything in quotes. Cells and names stand there.
fn quoted(text: &str) -> String {
    let parts: Vec<String> = text
        .split('"')
        .enumerate()
        .map(|(at, part)| if at % 2 == 1 { numbers_or_blank(part) } else { part.to_owned() })
        .collect();
    parts.join("\"")
}

/// A number in quotes keeps its last digits; anything else is blanked.
fn numbers_or_blank(part: &str) -> String {
    let digits = part.strip_prefix('+').unwrap_or(part);
    if digits.len() >= DIGITS_MIN && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        numbers(part)
    } else {
        blank(part)
    }
}

/// Blanks runs of digits that are long enough for a number, and runs of hex digits that are long
/// enough for a PDU.
fn numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for run in runs(text) {
        let digits = unfilled(run);
        if digits.len() >= DIGITS_MIN && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            masked.push_str(&"0".repeat(digits.len() - KEPT));
            masked.push_str(&run[digits.len() - KEPT..]);
        } else if is_hex(run) {
            masked.push_str(&"0".repeat(run.len()));
        } else {
            masked.push_str(run);
        }
    }
    masked
}

/// A run without the filler F that ends a card's number of odd length.
fn unfilled(run: &str) -> &str {
    run.strip_suffix(['F', 'f']).unwrap_or(run)
}

/// `text` cut into runs of letters and digits, and what is between them.
fn runs(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_ascii_alphanumeric();
        let end = rest.find(|c: char| c.is_ascii_alphanumeric() != is_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        found.push(run);
        rest = after;
    }
    found
}

/// Blanks everything. What is hex stays hex: a PDU of zeros is still read as a PDU.
fn blank(text: &str) -> String {
    let run = |run: &str| {
        if is_hex(run) {
            return "0".repeat(run.len());
        }
        let letter = |c: char| if c.is_ascii_alphabetic() { 'x' } else { c };
        blank_digits(run).chars().map(letter).collect()
    };
    runs(text).into_iter().map(run).collect()
}

/// Whether a run is long enough for a PDU and has only hex digits.
fn is_hex(run: &str) -> bool {
    run.len() >= HEX_MIN && run.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn blank_digits(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

fn blank_after(text: &str, mark: char) -> String {
    match text.split_once(mark) {
        Some((before, after)) => format!("{before}{mark}{}", blank(after)),
        None => blank(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a session, `>` or `<` first, masked.
    fn masked(lines: &[&str]) -> Vec<String> {
        let lines = lines.iter().map(|line| {
            let bytes = line.as_bytes()[1..].to_vec();
            let what = if line.starts_with('>') { What::Wrote(bytes) } else { What::Said(bytes) };
            Line { at_ms: 0, what }
        });
        let mut transcript = Transcript { comments: Vec::new(), lines: lines.collect() };
        mask(&mut transcript);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let lines = transcript.lines.into_iter();
        lines
            .map(|line| match line.what {
                What::Wrote(bytes) => format!(">{}", text(bytes)),
                What::Said(bytes) => format!("<{}", text(bytes)),
                What::Ended(why) => why,
            })
            .collect()
    }

    #[track_caller]
    fn check(lines: &[(&str, &str)]) {
        let before: Vec<&str> = lines.iter().map(|(before, _)| *before).collect();
        let after: Vec<&str> = lines.iter().map(|(_, after)| *after).collect();
        assert_eq!(masked(&before), after);
    }

    #[test]
    fn what_a_modem_says_of_itself_stays() {
        for line in [
            "<\r\nOK\r\n",
            "<+CSQ: 19,99\r\n",
            "<+CPMS: \"SM\",3,20,\"ME\",0,255\r\n",
            "<+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\r\n",
            "<+CMTI: \"SM\",7\r\n",
            "<+CMS ERROR: 500\r\n",
            "<+COPS: 0,0,\"Some Carrier\",7\r\n",
            "<^RSSI:19\r\n",
            ">AT+CNMI=2,1,0,2,0\r",
            "<> ",
            ">\x1b",
        ] {
            assert_eq!(masked(&[line]), [line]);
        }
        check(&[
            (">AT+CGMR\r", ">AT+CGMR\r"),
            ("<21.200.07.01.1456\r\n", "<21.200.07.01.1456\r\n"),
        ]);
    }

    #[test]
    fn numbers_and_identities_keep_two_digits() {
        check(&[
            (">AT+CGSN\r", ">AT+CGSN\r"),
            ("<860000000000017\r\n", "<000000000000017\r\n"),
            ("<+CCID: \"8900000000000000042\"\r\n", "<+CCID: \"0000000000000000042\"\r\n"),
            ("<+CCID: 89000000000000000042F\r\n", "<+CCID: 00000000000000000042F\r\n"),
            ("<+CSCA: \"+15550100123\",145\r\n", "<+CSCA: \"+00000000023\",145\r\n"),
            (
                "<+CLIP: \"+15550100199\",145,,,\"Bob\"\r\n",
                "<+CLIP: \"+00000000099\",145,,,\"xxx\"\r\n",
            ),
        ]);
        // In the alphabet UCS2 a number is hex.
        let line = "<+CSCA: \"002B00310035003500350030\",145\r\n";
        check(&[(line, "<+CSCA: \"000000000000000000000000\",145\r\n")]);
    }

    #[test]
    fn pins_and_places_go() {
        check(&[
            (">AT+CPIN=\"1234\"\r", ">AT+CPIN=\"0000\"\r"),
            ("<AT+CPIN=\"1234\"\r\r\n", "<AT+CPIN=\"0000\"\r\r\n"),
            ("<+CREG: 2,1,\"1A2B\",\"01C3D4E5\",7\r\n", "<+CREG: 2,1,\"0x0x\",\"00x0x0x0\",7\r\n"),
            ("<$GPRMC,120000,A,4807.03,N\r\n", "<$GPRMC,000000,A,0000.00,N\r\n"),
        ]);
    }

    #[test]
    fn messages_go() {
        check(&[
            ("<+CMT: \"Bob\",24\r\n", "<+CMT: \"xxx\",24\r\n"),
            ("<07911326040000F0040B91\r\n", "<0000000000000000000000\r\n"),
            ("<OK\r\n", "<OK\r\n"),
            (">AT+CMGS=14\r", ">AT+CMGS=14\r"),
            (">0001000B915155100021F30000\x1a", ">00000000000000000000000000\x1a"),
        ]);
        // Somebody may have left the modem in text mode.
        check(&[
            (
                "<+CMGL: 1,\"REC READ\",\"+15550100199\"\r\n",
                "<+CMGL: 1,\"xxx xxxx\",\"+00000000099\"\r\n",
            ),
            ("<+secret: \"PB\" 12\r\n", "<+xxxxxx: \"xx\" 00\r\n"),
            ("<\r\n", "<\r\n"),
            ("<more of it ä\r\n", "<xxxx xx xx ??\r\n"),
            ("<OK\r\n", "<OK\r\n"),
        ]);
    }

    #[test]
    fn a_line_that_nobody_knows_goes_too() {
        check(&[
            ("<Hello Bob, call 5550100\r\n", "<xxxxx xxx, xxxx 0000000\r\n"),
            ("<+CUSD: 0,\"Balance 12.50\",15\r\n", "<+CUSD: 0,\"xxxxxxx 00.00\",15\r\n"),
            ("<\u{fffd}\u{fffd}\r\n", "<??????\r\n"),
        ]);
    }
}
