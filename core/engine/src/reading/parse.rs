//! What a text is at first sight: a carrier word, a command, or words to post. Pure.

use cordboard_plugin::{Keyword, Secret};

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A carrier word alone.
    Carrier(Keyword),
    /// YES alone: an answer to a question of ours, else as START (carriers take it so).
    BareYes,
    /// NO alone: an answer to a question of ours, else words like any other.
    BareNo,
    /// A command that stands alone.
    Command(Command),
    /// `/ALT` and the words behind it.
    Alt(String),
    /// `/PIN` and what is behind it.
    Pin(Vec<Secret>),
    /// A command's word with more behind it than it takes.
    CommandGoesOn(String),
    /// Looks like a command but is none.
    NoCommand(String),
    /// Words to post.
    Words(String),
}

/// The commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Status,
    Undo,
    Check,
    Retry,
    Yes,
    No,
    Quiet,
    Loud,
    Link,
    Stop,
}

/// Words that carriers and law give a meaning (CTIA Messaging Principles; the FCC's revocation words).
const CARRIER_WORDS: [(&str, Keyword); 12] = [
    ("STOP", Keyword::Stop),
    ("STOPALL", Keyword::Stop),
    ("UNSUBSCRIBE", Keyword::Stop),
    ("CANCEL", Keyword::Stop),
    ("END", Keyword::Stop),
    ("QUIT", Keyword::Stop),
    ("REVOKE", Keyword::Stop),
    ("OPTOUT", Keyword::Stop),
    ("START", Keyword::Start),
    ("UNSTOP", Keyword::Start),
    ("HELP", Keyword::Help),
    ("INFO", Keyword::Help),
];

const COMMANDS: [(&str, Command); 11] = [
    ("HELP", Command::Help),
    ("STATUS", Command::Status),
    ("UNDO", Command::Undo),
    ("CHECK", Command::Check),
    ("RETRY", Command::Retry),
    ("YES", Command::Yes),
    ("NO", Command::No),
    ("QUIET", Command::Quiet),
    ("LOUD", Command::Loud),
    ("LINK", Command::Link),
    ("STOP", Command::Stop),
];

/// Says what a text is. `keyword` is what the provider took it for; its word counts.
pub(crate) fn look(text: &str, keyword: Option<Keyword>) -> Seen {
    if let Some(keyword) = keyword {
        return Seen::Carrier(keyword);
    }
    let trimmed = text.trim();
    let alone = trimmed.trim_end_matches(['.', '!']).to_uppercase();
    if let Some((_, keyword)) = CARRIER_WORDS.iter().find(|(word, _)| *word == alone) {
        return Seen::Carrier(*keyword);
    }
    match alone.as_str() {
        "YES" => return Seen::BareYes,
        "NO" => return Seen::BareNo,
        "?" => return Seen::Command(Command::Help),
        _ => {}
    }
    if let Some(given) = super::pin::command(trimmed) {
        return Seen::Pin(given);
    }
    // Two backslashes stand for one that is to be posted.
    if trimmed.starts_with("\\\\") {
        return Seen::Words(trimmed[1..].to_owned());
    }
    match trimmed.chars().next() {
        Some(mark @ ('/' | '\\')) => command(trimmed, mark),
        _ => Seen::Words(trimmed.to_owned()),
    }
}

fn command(trimmed: &str, mark: char) -> Seen {
    let mut words = trimmed.split_whitespace();
    let first = words.next().unwrap_or_default();
    let goes_on = words.next().is_some();
    let word = first[1..].trim_end_matches(['.', '!']).to_uppercase();
    let shown = format!("/{word}");
    if word == "ALT" {
        return Seen::Alt(trimmed[first.len()..].trim().to_owned());
    }
    match COMMANDS.iter().find(|(name, _)| *name == word) {
        Some((_, command)) if !goes_on => Seen::Command(*command),
        Some(_) => Seen::CommandGoesOn(shown),
        // `/r/rust is nice` and `\o/` … the first is a post; a backslash never is, it may be a slip.
        None if mark == '/' && (goes_on || !is_word(&word)) => Seen::Words(trimmed.to_owned()),
        None => Seen::NoCommand(first.to_owned()),
    }
}

/// `/UNOD` may be a slip; `/r/rust`, `/` and `/:` are not.
fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Seen {
        Seen::Words(text.to_owned())
    }

    #[test]
    fn carrier_words_count_alone_and_in_any_case() {
        for (text, keyword) in [
            ("STOP", Keyword::Stop),
            (" stop ", Keyword::Stop),
            ("Stop.", Keyword::Stop),
            ("unsubscribe", Keyword::Stop),
            ("OptOut", Keyword::Stop),
            ("start", Keyword::Start),
            ("info", Keyword::Help),
        ] {
            assert_eq!(look(text, None), Seen::Carrier(keyword), "{text}");
        }
        assert_eq!(look("STOP PLEASE", None), words("STOP PLEASE"));
        assert_eq!(look("the end", None), words("the end"));
        assert_eq!(look("anything", Some(Keyword::Stop)), Seen::Carrier(Keyword::Stop));
    }

    #[test]
    fn commands_take_a_slash_or_a_backslash() {
        for (text, command) in [
            ("/undo", Command::Undo),
            ("\\UNDO", Command::Undo),
            ("/Status", Command::Status),
            ("/check", Command::Check),
            ("/LINK.", Command::Link),
            ("?", Command::Help),
            ("/help", Command::Help),
            ("/stop", Command::Stop),
        ] {
            assert_eq!(look(text, None), Seen::Command(command), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_command_is_never_posted_unasked() {
        for text in ["/UNOD", "\\UNOD", "\\o/ hooray", "\\unod please", "/foo!"] {
            assert!(matches!(look(text, None), Seen::NoCommand(_)), "{text}");
        }
        assert_eq!(look("/undo the damage", None), Seen::CommandGoesOn("/UNDO".to_owned()));
    }

    #[test]
    fn other_texts_are_words_to_post() {
        for text in
            ["hello", "/r/rust is nice", "/r/rust", "/foo bar", "/", "yes please", "a /undo"]
        {
            assert_eq!(look(text, None), words(text), "{text}");
        }
        assert_eq!(look("\\\\o/", None), words("\\o/"));
        assert_eq!(look("  hello \n", None), words("hello"));
    }

    #[test]
    fn yes_and_no_alone_are_answers() {
        assert_eq!(look("yes", None), Seen::BareYes);
        assert_eq!(look("No!", None), Seen::BareNo);
        assert_eq!(look("/yes", None), Seen::Command(Command::Yes));
    }

    #[test]
    fn every_command_is_explained_to_people() {
        for (word, _) in COMMANDS {
            let told = crate::commands::COMMANDS.iter().filter(|command| command.word == word);
            assert_eq!(told.count(), 1, "{word} is not in the list of `commands.rs`");
        }
    }

    #[test]
    fn any_text_can_be_looked_at() {
        for text in ["", " ", "\\", "/", "/ä", "\\😀", "/\u{301}", "ß", "\u{feff}/UNDO", "😀/@"]
        {
            look(text, None);
        }
    }
}
