//! A text that is only the code of a link. It is never posted.

use super::Reader;
use crate::texts;
use cordboard_store::{Change, LinkState, StoreError};

/// What is kept of such a text.
const MASK: &str = "(a code)";
/// How long after a link by code such a text is taken for its code.
const AFTER_HOURS: i64 = 24;

/// The digits of a text that can be a code: 6 to 8 of them and nothing else but blanks.
fn digits_only(text: &str) -> Option<String> {
    let digits: String = text.split_whitespace().collect();
    let fits = (6..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(digits)
}

impl Reader<'_> {
    /// What follows from a text that is a code, while a link by code is open and for a day after; `None`
    /// for every other text.
    pub(super) async fn code(&self) -> Result<Option<Vec<Change>>, StoreError> {
        let (message, now) = (self.message, self.bridge.now());
        let Some(digits) = digits_only(&message.text).filter(|_| message.media.is_empty()) else {
            return Ok(None);
        };
        let since = now.plus_hours(-AFTER_HOURS);
        let recent = self.bridge.store().recent_link(&message.sender, since).await?;
        let Some(link) = recent.filter(|link| self.bridge.by_code(link)) else { return Ok(None) };
        let provider = self.bridge.provider_of(link.sinks.first().map_or("", String::as_str));
        let (message_id, text) = (message.id, MASK.to_owned());
        let mut changes = vec![self.answered("a code"), Change::SetText { message_id, text }];
        let open = link.expires_at > now;
        changes.push(match link.state {
            LinkState::Pressed if open => self.bridge.code_arrived(&link, &digits),
            LinkState::Returned if open => self.answer("code", texts::code_is_looked_at()),
            LinkState::Open if open => self.answer("code", texts::code_before_link(&provider)),
            _ => self.answer("code", texts::no_code_awaited()),
        });
        Ok(Some(changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_to_eight_digits_and_nothing_else() {
        for (text, expected) in [
            ("0123456", Some("0123456")),
            (" 012 34 56\n", Some("0123456")),
            ("123456", Some("123456")),
            ("12345678", Some("12345678")),
            ("12345", None),
            ("123456789", None),
            ("1234567.", None),
            ("code 1234567", None),
            ("\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}", None),
            ("", None),
        ] {
            assert_eq!(digits_only(text).as_deref(), expected, "{text:?}");
        }
    }
}
