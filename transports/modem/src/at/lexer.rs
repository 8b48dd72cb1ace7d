//! Bytes into lines and prompts.

/// Longest line that is kept, in bytes. A PDU line has at most 400; what is longer is no answer.
const LINE_BYTES_MAX: usize = 2048;

/// What a modem's bytes are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A line that is not empty, without its end and without control characters.
    Line(String),
    /// `> ` at the beginning of a line: the modem waits for a PDU (TS 27.005 3.5.1).
    Prompt,
}

/// Cuts bytes into tokens. The tokens depend on the bytes only, not on how they were split into reads.
///
/// CR, LF and any mix of them end a line. Control characters, 0xFF among them, are no part of a line:
/// ports are full of them when they open, and an echo carries our own Ctrl-Z.
#[derive(Debug, Default)]
pub(crate) struct Lexer {
    line: Vec<u8>,
    overlong: bool,
    /// Lines that were too long to keep.
    cut: u64,
}

impl Lexer {
    /// Takes `bytes` and yields what became complete with them.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Token> {
        bytes.iter().filter_map(|byte| self.take(*byte)).collect()
    }

    /// Whether a lone `>` stands there: some modems leave the space of the prompt out.
    pub(crate) fn at_bare_prompt(&self) -> bool {
        self.line == b">"
    }

    /// Forgets the line that has begun.
    pub(crate) fn forget(&mut self) {
        self.line.clear();
        self.overlong = false;
    }

    /// How many lines were too long to keep.
    pub(crate) fn cut(&self) -> u64 {
        self.cut
    }

    fn take(&mut self, byte: u8) -> Option<Token> {
        match byte {
            b'\r' | b'\n' => return self.end_line(),
            0..=0x1f | 0x7f | 0xff => return None,
            _ if self.overlong => return None,
            _ if self.line.len() == LINE_BYTES_MAX => {
                self.overlong = true;
                self.cut += 1;
            }
            _ => self.line.push(byte),
        }
        if self.line == b"> " {
            self.line.clear();
            return Some(Token::Prompt);
        }
        None
    }

    fn end_line(&mut self) -> Option<Token> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.overlong) {
            return None;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        (!text.is_empty()).then(|| Token::Line(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(text: &str) -> Token {
        Token::Line(text.to_owned())
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[Token]) {
        assert_eq!(Lexer::default().feed(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        let mut lexer = Lexer::default();
        let by_one: Vec<Token> = bytes.iter().flat_map(|byte| lexer.feed(&[*byte])).collect();
        assert_eq!(by_one, expected, "byte by byte: {}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn lines_end_in_every_way_modems_end_them() {
        check(b"\r\nOK\r\n", &[line("OK")]);
        check(b"OK\r", &[line("OK")]);
        check(b"OK\n", &[line("OK")]);
        check(b"AT\r\r\nOK\r\n", &[line("AT"), line("OK")]);
        check(b"+CSQ: 21,99\r\r\n\r\nOK\r\n", &[line("+CSQ: 21,99"), line("OK")]);
        check(b"OK", &[]);
    }

    #[test]
    fn noise_of_an_opening_port_is_no_part_of_a_line() {
        check(b"\0\0\xff\xffAT\r\r\nO\0K\r\n", &[line("AT"), line("OK")]);
        check(b"\x1b\x1a\x08\r\n", &[]);
    }

    #[test]
    fn a_prompt_needs_no_end_of_line() {
        check(b"AT+CMGS=20\r\r\n> ", &[line("AT+CMGS=20"), Token::Prompt]);
        check(b"\r\n> 0011\x1a\r\n+CMGS: 7\r\n", &[Token::Prompt, line("0011"), line("+CMGS: 7")]);
    }

    #[test]
    fn a_prompt_stands_only_at_the_beginning_of_a_line() {
        check(b"a > b\r\n", &[line("a > b")]);
        check(b">> \r\n", &[line(">>")]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_counted() {
        let mut lexer = Lexer::default();
        assert_eq!(lexer.feed(&vec![b'x'; 3 * LINE_BYTES_MAX]), []);
        assert_eq!(lexer.feed(b"\r\nOK\r\n"), [line("OK")]);
        assert_eq!(lexer.cut(), 1);
    }

    #[test]
    fn bytes_that_are_no_text_are_a_line_all_the_same() {
        let tokens = Lexer::default().feed(b"\x80\x81\r\nOK\r\n");
        assert_eq!(tokens.len(), 2);
        assert_eq!(tokens[1], line("OK"));
    }

    proptest! {
        #[test]
        fn any_splitting_gives_the_same_tokens(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(),
                prop::sample::select(b"\r\n> OK+CMTI:\0\xff0123".to_vec()),
            ], 0..400),
            cuts in prop::collection::vec(1usize..40, 0..40),
        ) {
            let whole = Lexer::default().feed(&bytes);
            let mut lexer = Lexer::default();
            let mut split = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts {
                let (head, tail) = rest.split_at(cut.min(rest.len()));
                split.extend(lexer.feed(head));
                rest = tail;
            }
            split.extend(lexer.feed(rest));
            prop_assert_eq!(whole, split);
        }
    }
}
