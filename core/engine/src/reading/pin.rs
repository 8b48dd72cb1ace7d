//! The PIN as people write it, and the command that sets it.

use super::proof::Lack;
use super::{Reader, Verdict, read_as};
use crate::config::PinPolicy;
use crate::texts::{self, proof as words};
use cordboard_plugin::Secret;
use cordboard_store::{Account, Change, Identity, LinkReason, MessageState, Proves};

/// What is kept of a text with `/PIN` in it.
pub(super) const MASK: &str = "/PIN";
/// What people put behind a PIN, or between two.
const MARKS: [char; 7] = ['.', ',', ':', ';', '!', '=', '-'];

/// Whether a word can be a PIN: 4 to 8 digits.
fn is_pin(word: &str) -> bool {
    (4..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first word and the rest, if that word can be a PIN. A mark behind it is left out: `1234, hello`.
pub(super) fn digits_first(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let word = word.trim_end_matches(MARKS);
    is_pin(word).then_some((word, rest.trim_start()))
}

/// The words behind `/PIN`; `None` for a text that is no such command. Slips are taken for it rather than
/// posted: `PIN 1234`, `/PIN1234`, `/ pin: 1234`.
pub(super) fn command(text: &str) -> Option<Vec<Secret>> {
    let marked = text.strip_prefix(['/', '\\']);
    let (word, behind) = marked.unwrap_or(text).trim_start().split_at_checked(MASK.len() - 1)?;
    if !word.eq_ignore_ascii_case("PIN") {
        return None;
    }
    let ends = behind.chars().next().is_none_or(|c| !c.is_alphabetic() && c != '-' && c != '_');
    let given: Vec<Secret> = behind
        .split(|c: char| c.is_whitespace() || MARKS.contains(&c))
        .filter(|word| !word.is_empty())
        .map(Secret::new)
        .collect();
    let digits = !given.is_empty() && given.iter().all(|word| is_pin(word.reveal()));
    (ends && (marked.is_some() || digits)).then_some(given)
}

impl Reader<'_> {
    /// `/PIN new`, or `/PIN old new`. The digits are gone from the store with the answer, see `read_next`.
    pub(super) async fn pin(&self, given: &[Secret]) -> Verdict {
        let accounts = self.bridge.store().accounts(&self.message.sender).await?;
        let Some(who) = self.identity.as_ref().filter(|_| !accounts.is_empty()) else {
            return self.invite(LinkReason::Invite).await;
        };
        if self.policy() == PinPolicy::Off {
            return Ok(self.about_pin(words::pins_are_off()));
        }
        let fit = given.iter().all(|word| is_pin(word.reveal()));
        match given {
            [new] if fit => self.first_pin(who, &accounts, new).await,
            [old, new] if fit && who.pin => self.change_pin(who, old, new).await,
            _ => Ok(self.about_pin(words::pin_usage(who.pin))),
        }
    }

    fn about_pin(&self, text: String) -> Vec<Change> {
        vec![read_as(self.message, MessageState::Answered, "PIN"), self.answer("pin", text)]
    }

    /// Without the old one, a PIN is set only where nothing else would have to be proved: whoever gets a
    /// number after a long silence must not make themselves believed.
    async fn first_pin(&self, who: &Identity, accounts: &[Account], new: &Secret) -> Verdict {
        let lately = self.connected_lately(accounts);
        if who.pin && who.locked(self.bridge.now()) {
            return Ok(self.about_lock(who));
        }
        if who.pin && !lately {
            let minutes = self.bridge.config().policy.link_minutes;
            return Ok(self.about_pin(words::pin_needs_old(minutes)));
        }
        if !lately && self.lack(who) != Lack::Nothing {
            let mut changes = vec![read_as(self.message, MessageState::Answered, "PIN")];
            changes.extend(self.link_again(accounts, words::pin_needs_link).await?);
            return Ok(changes);
        }
        // Whoever may set a PIN without the old one has proved that it is them.
        Ok(self.set_pin(new, Proves::Waiting))
    }

    async fn change_pin(&self, who: &Identity, old: &Secret, new: &Secret) -> Verdict {
        if who.locked(self.bridge.now()) {
            return Ok(self.about_lock(who));
        }
        if self.bridge.is_pin_of(who, old.reveal()).await? {
            return Ok(self.set_pin(new, Proves::Message(self.message.id)));
        }
        let mut changes = vec![read_as(self.message, MessageState::Answered, "wrong PIN")];
        changes.extend(self.count_wrong_pin(who));
        Ok(changes)
    }

    fn set_pin(&self, new: &Secret, proves: Proves) -> Vec<Change> {
        let sender = self.message.sender.clone();
        let mut changes = vec![Change::SetPin { sender, pin: new.clone() }, self.believed(proves)];
        changes.extend(self.about_pin(words::pin_set(self.policy() == PinPolicy::Required)));
        changes
    }

    /// Somebody who asks is told, however often.
    fn about_lock(&self, who: &Identity) -> Vec<Change> {
        let until = who.locked_until.unwrap_or_else(|| self.bridge.now());
        self.about_pin(words::locked(&texts::moment(until)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_the_first_word_and_four_to_eight_digits() {
        for (text, expected) in [
            ("1234 hello", Some(("1234", "hello"))),
            (" 12345678\nhello  there ", Some(("12345678", "hello  there"))),
            ("1234", Some(("1234", ""))),
            ("1234. Hello", Some(("1234", "Hello"))),
            ("1234: 1234 is my PIN", Some(("1234", "1234 is my PIN"))),
            ("1234\u{a0}hello", Some(("1234", "hello"))),
            ("123 hello", None),
            ("123456789", None),
            ("12:30 is lunch", None),
            ("hello 1234", None),
            ("1234hello", None),
            ("\u{0661}\u{0662}\u{0663}\u{0664} hello", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(digits_first(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_way_to_write_the_command_is_taken_for_it() {
        let given = |text: &str| {
            let words = command(text)?;
            Some(words.iter().map(|word| word.reveal().to_owned()).collect::<Vec<_>>().join(" "))
        };
        for (text, expected) in [
            ("/PIN 1234", Some("1234")),
            ("\\pin 1234 5678", Some("1234 5678")),
            ("/PIN1234", Some("1234")),
            ("/Pin: 1234, 5678.", Some("1234 5678")),
            ("/ PIN 1234", Some("1234")),
            ("PIN 1234", Some("1234")),
            ("Pin 1234 5678", Some("1234 5678")),
            ("/PIN", Some("")),
            ("/PIN hello there", Some("hello there")),
            ("PIN", None),
            ("pin 12", None),
            ("PIN the tail on the donkey", None),
            ("/pinterest is nice", None),
            ("/pin-up girls", None),
            ("pinned 1234", None),
            ("\\\\PIN 1234", None),
            ("/pi", None),
            ("\u{e4}\u{e4}\u{e4}", None),
            ("", None),
        ] {
            assert_eq!(given(text).as_deref(), expected, "{text:?}");
        }
    }
}
