//! Machines that answer texts. Two of them must never talk, and we are one.

use super::Reader;
use super::parse::{self, Seen};
use crate::bridge::Bridge;
use cordboard_plugin::Timestamp;
use cordboard_store::{Message, MessageFilter, StoreError};

/// The same words this often within [`SAME_WORDS_MS`] are a machine's.
const SAME_WORDS_MAX: usize = 3;
const SAME_WORDS_MS: i64 = 60 * 60_000;
/// A text that comes this soon after one of ours may be a machine's answer to it.
const PROMPT_MS: i64 = 10_000;
/// With so many prompt answers in a row we fall silent for one text: it is posted without a receipt. A
/// machine has nothing to answer then. Whoever texts on unasked is a person, and is counted from the
/// start; whoever waits for our next text to answer it at once is a machine.
const PROMPT_MAX: usize = 6;
/// How far back is looked.
const MESSAGES_MAX: i64 = 20;
const TEXTS_MAX: i64 = 100;

/// What makes a text a machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Machine {
    SameWords,
    Answers,
}

impl Machine {
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::SameWords => "the same words for the third time within an hour: taken for a loop",
            Self::Answers => "answers each of our texts at once: taken for a machine",
        }
    }
}

impl Reader<'_> {
    /// Whether these are a machine's words. Commands and carrier words are never looked at, nor is what has
    /// been read before: then it was let through, or the operator wants it tried all the same.
    pub(super) async fn machine(&self, seen: &Seen) -> Result<Option<Machine>, StoreError> {
        if !are_words(seen) || !self.message.outcome.is_empty() {
            return Ok(None);
        }
        let history = self.bridge.history(self.message).await?;
        Ok(if same_words(&history) >= SAME_WORDS_MAX {
            Some(Machine::SameWords)
        } else if self.bridge.prompt_answers(&history).await? > PROMPT_MAX {
            let phone = format!("the phone ending {}", self.message.sender.last_two());
            tracing::warn!(message.id = self.message.id, "answers each of our texts: not posted");
            self.bridge
                .alert(&phone, "it answers our texts like a machine, so they are not posted");
            Some(Machine::Answers)
        } else {
            None
        })
    }
}

impl Bridge {
    /// Whether a receipt for this message might only be fed to a machine.
    pub(crate) async fn holds_receipt(&self, message: &Message) -> Result<bool, StoreError> {
        let history = self.history(message).await?;
        Ok(self.prompt_answers(&history).await? >= PROMPT_MAX)
    }

    /// A message and those of its sender before it, the newest first.
    async fn history(&self, message: &Message) -> Result<Vec<Message>, StoreError> {
        let filter = MessageFilter {
            states: Vec::new(),
            sender: Some(message.sender.clone()),
            before: Some(message.id),
            rows_max: MESSAGES_MAX,
        };
        let earlier = self.store().messages(filter).await?;
        Ok(std::iter::once(message.clone()).chain(earlier).collect())
    }

    async fn prompt_answers(&self, history: &[Message]) -> Result<usize, StoreError> {
        let words = |message: &&Message| are_words(&parse::look(&message.text, message.keyword));
        let in_a_row: Vec<Timestamp> =
            history.iter().take_while(words).map(|message| message.received_at).collect();
        let (Some(oldest), Some(newest)) = (in_a_row.last(), in_a_row.first()) else {
            return Ok(0);
        };
        if in_a_row.len() < PROMPT_MAX {
            return Ok(0);
        }
        let since = oldest.plus_millis(-PROMPT_MS);
        let to = &history[0].sender;
        let mut texts = self.store().sent_to(to, since, TEXTS_MAX).await?;
        texts.retain(|at| at < newest);
        Ok(prompt(&in_a_row, &texts))
    }
}

fn are_words(seen: &Seen) -> bool {
    matches!(seen, Seen::Words(_) | Seen::NoCommand(_) | Seen::CommandGoesOn(_))
}

/// How often the newest message's words came within the time, itself included. Pictures alone have none.
fn same_words(history: &[Message]) -> usize {
    let Some(newest) = history.first() else { return 0 };
    let words = normal(&newest.text);
    if words.is_empty() {
        return 0;
    }
    let recent =
        |message: &&Message| newest.received_at.millis_since(message.received_at) < SAME_WORDS_MS;
    history.iter().filter(recent).filter(|message| normal(&message.text) == words).count()
}

/// Words without case, punctuation and spacing; what has neither letters nor digits stays as it is.
fn normal(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { text.trim().to_owned() } else { words.join(" ") }
}

/// How many of the newest messages in a row were each the one answer to a text of ours, and came at once.
fn prompt(received: &[Timestamp], texts: &[Timestamp]) -> usize {
    let answers = |(at, before): (&Timestamp, Option<&Timestamp>)| {
        // Our answer may bear the same millisecond as what it answers, but never the one of its answer.
        let between = texts.iter().filter(|text| **text < *at);
        let ours = between.filter(|text| before.is_none_or(|before| *text >= before)).max();
        ours.is_some_and(|ours| at.millis_since(*ours) <= PROMPT_MS)
    };
    let before = received.iter().skip(1).map(Some).chain(std::iter::once(None));
    received.iter().zip(before).take_while(|pair| answers(*pair)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|second| Timestamp(second * 1000)).collect()
    }

    #[test]
    fn only_one_answer_at_once_to_each_text_counts() {
        for (what, received, texts, expected) in [
            ("a machine", vec![52, 32, 12], vec![50, 30, 10], 3),
            ("late", vec![61, 32, 12], vec![50, 30, 10], 0),
            ("unasked", vec![54, 52, 32], vec![50, 30], 0),
            ("asked again", vec![52, 34, 32], vec![50, 30], 1),
            ("never texted", vec![52, 32], vec![], 0),
            ("at the last moment", vec![60, 30], vec![50, 20], 2),
            ("its own receipt", vec![50, 30], vec![50, 30], 0),
        ] {
            assert_eq!(prompt(&at(&received), &at(&texts)), expected, "{what}");
        }
    }

    #[test]
    fn words_are_compared_as_a_person_hears_them() {
        assert_eq!(normal("I'm  DRIVING..."), normal("i'm driving"));
        assert_ne!(normal("driving"), normal("i am driving"));
        assert_eq!(normal(" \u{1f600} "), "\u{1f600}");
        assert_eq!(normal("  "), "");
    }
}
