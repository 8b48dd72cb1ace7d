//! Messages: what arrived and what became of it.

use super::{done, query, shown, whole_number};
use crate::call::{Call, number, value};
use crate::door::Door;
use crate::problem::Problem;
use crate::table::{Served, Site};
use crate::token::SignedIn;
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_plugin::Address;

/// Rows in a list unless asked otherwise.
const ROWS: i64 = 50;
/// Most rows in a list.
const ROWS_MAX: i64 = 1000;
/// Most days of money in an answer.
const DAYS_MAX: u32 = 366;

/// `GET /messages?state=&sender=&before=&limit=`: newest first.
pub(crate) async fn list<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let query = query(&call, &["state", "sender", "before", "limit"])?;
    shown(&site.door.messages(filter(&query)?).await?)
}

/// `GET /messages/<id>`: one message's life, step by step.
pub(crate) async fn show<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    shown(&site.door.message(whole_number("id", call.param(0))?).await?)
}

/// `POST /messages/<id>/retry`.
pub(crate) async fn retry<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    site.door.retry(whole_number("id", call.param(0))?).await?;
    done()
}

/// `GET /sums`: how many messages are in which state.
pub(crate) async fn sums<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.sums().await?)
}

/// `GET /money?days=`: what the last days have cost, today included.
pub(crate) async fn money<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    let query = query(&call, &["days"])?;
    let days = value(&query, "days").map_or(Ok(1), |text| whole_number("days", text))?;
    let days = u32::try_from(days).ok().filter(|days| (1..=DAYS_MAX).contains(days));
    let days = days.ok_or_else(|| Problem::Unreadable(format!("`days` is 1 to {DAYS_MAX}")))?;
    shown(&site.door.money(days).await?)
}

fn filter(query: &[(String, String)]) -> Result<MessageFilter, Problem> {
    let words = query.iter().filter(|(key, _)| key == "state").flat_map(|(_, v)| v.split(','));
    let states = words.filter(|word| !word.is_empty()).map(state).collect::<Result<_, _>>()?;
    let sender = value(query, "sender").filter(|text| !text.is_empty());
    let before = value(query, "before").map(|text| whole_number("before", text)).transpose()?;
    let rows = value(query, "limit").map_or(Ok(ROWS), |text| whole_number("limit", text))?;
    if !(1..=ROWS_MAX).contains(&rows) {
        return Err(Problem::Unreadable(format!("`limit` is 1 to {ROWS_MAX}")));
    }
    let sender = sender.map(|text| Address::new(number(text)));
    Ok(MessageFilter { states, sender, before, rows_max: rows })
}

fn state(word: &str) -> Result<MessageState, Problem> {
    MessageState::from_word(word).ok_or_else(|| {
        let words: Vec<_> = MessageState::ALL.iter().map(|state| state.word()).collect();
        Problem::Unreadable(format!("`state` is one or more of {}", words.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::pairs;

    #[test]
    fn a_query_becomes_a_filter() {
        let query =
            pairs(b"state=failed,unclear&state=waiting&sender=+15550100001&before=9&limit=5");
        let filter = filter(&query).unwrap();
        let states = [MessageState::Failed, MessageState::Unclear, MessageState::Waiting];
        assert_eq!(filter.states, states);
        assert_eq!(filter.sender, Some(Address::new("+15550100001")));
        assert_eq!((filter.before, filter.rows_max), (Some(9), 5));
    }

    #[test]
    fn without_a_query_the_newest_are_listed() {
        let filter = filter(&[]).unwrap();
        assert!(filter.states.is_empty() && filter.sender.is_none() && filter.before.is_none());
        assert_eq!(filter.rows_max, ROWS);
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        for (query, word) in [
            ("state=lost", "queued"),
            ("limit=0", "1000"),
            ("limit=1001", "1000"),
            ("limit=x", "limit"),
            ("before=x", "before"),
        ] {
            let error = filter(&pairs(query.as_bytes())).unwrap_err().to_string();
            assert!(error.contains(word), "{query}: {error}");
        }
    }
}
