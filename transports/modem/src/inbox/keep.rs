//! Keeping what the modem showed: each message once, before anything is deleted.

use super::card::{self, Card};
use super::order::{self, Arrived};
use super::slots::{self, InSlot};
use super::state::{self, TRIES};
use super::{Found, Slot};
use cordboard_plugin::{Commit, Expected, Host, Put, StateError, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Within this time the same PDU is the network's repeat, because our acknowledgement was lost on the
/// air, whatever its stamp says.
const REPEAT_MS: i64 = 15 * 60 * 1000;
/// How long the hash of a PDU is remembered, and how old a stamp may be that tells PDUs apart.
const SEEN_MS: i64 = 3 * 24 * 3_600_000;
/// How far ahead of our clock a stamp may be that tells PDUs apart.
const AHEAD_MS: i64 = 24 * 3_600_000;
/// Longest line that is kept. No PDU has more than some 400 characters; what is longer is noise.
const LINE_CHARS_MAX: usize = 16_000;

/// A message that is kept and not yet worked on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The card it came by.
    pub(super) card: String,
    /// The PDU line as the modem showed it.
    pub(super) line: String,
    /// When it was kept.
    pub(super) at: Timestamp,
    /// Where it lay.
    #[serde(default)]
    pub(super) slot: Option<Slot>,
    /// When its card was first seen, if it lay there then.
    #[serde(default)]
    pub(super) first_sight: Option<Timestamp>,
    /// What makes it one message: the hash of its PDU, and the moment if that is not enough.
    pub(super) id: String,
}

/// A PDU that was kept some time in the last days.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    /// When it was kept as a message.
    pub(super) at: Timestamp,
    /// How often it came since, that time included.
    #[serde(default)]
    pub(super) copies: u32,
}

pub(super) async fn keep(host: &dyn Host, card: &str, found: &[Found]) -> Result<(), StateError> {
    for _ in 0..TRIES {
        match keep_once(host, card, found).await {
            // Another process kept something a moment ago: look again at what is there.
            Err(StateError::Conflict) => {}
            other => return other,
        }
    }
    Err(StateError::Conflict)
}

async fn keep_once(host: &dyn Host, card: &str, found: &[Found]) -> Result<(), StateError> {
    let now = host.now();
    let row = card::read(host, card).await?;
    let expected = state::expected(row.as_ref());
    let mut book = row.map_or_else(|| Card::new(now), |row| row.value);
    let first_listing = book.listed_at.is_none();
    let arrived = order::by_arrival(found, now);
    let first_sight = book.is_first_sight(now).then(|| order::at_least(&arrived, now));
    let mut listing = Listing::new(host, card, now, first_sight);
    for arrived in arrived {
        listing.take(&mut book, &arrived).await?;
    }
    if !first_listing && listing.is_old_news() {
        return Ok(());
    }
    book.listed_at.get_or_insert(now);
    let (kept, repeats) = (listing.kept.len(), listing.repeats);
    let mut puts = listing.puts()?;
    // Expecting its version guards all rows of this card.
    puts.push(state::put(card::key(card), &book, expected, None)?);
    host.commit(Commit { puts, ..Commit::default() }).await?;
    host.metric("modem_kept_total", u64::try_from(kept).unwrap_or(u64::MAX));
    host.metric("modem_repeats_total", repeats);
    Ok(())
}

/// A listing on its way into the state. What it will write is looked at before what is there.
struct Listing<'a> {
    host: &'a dyn Host,
    card: &'a str,
    now: Timestamp,
    first_sight: Option<Timestamp>,
    kept: Vec<(u64, Kept)>,
    slots: BTreeMap<String, InSlot>,
    seen: BTreeMap<String, Seen>,
    repeats: u64,
}

impl<'a> Listing<'a> {
    fn new(
        host: &'a dyn Host,
        card: &'a str,
        now: Timestamp,
        first_sight: Option<Timestamp>,
    ) -> Self {
        Self {
            host,
            card,
            now,
            first_sight,
            kept: Vec::new(),
            slots: BTreeMap::new(),
            seen: BTreeMap::new(),
            repeats: 0,
        }
    }

    async fn take(&mut self, book: &mut Card, arrived: &Arrived<'_>) -> Result<(), StateError> {
        let line: String = arrived.line.chars().take(LINE_CHARS_MAX).collect();
        if let Some(slot) = &arrived.found.slot {
            let key = slots::key(self.card, slot);
            if self.in_slot(&key).await?.is_some_and(|before| before.hash == arrived.hash) {
                // It still lies there, because its delete is not confirmed.
                return Ok(());
            }
            let in_slot = InSlot { line: line.clone(), hash: arrived.hash.clone(), at: self.now };
            self.slots.insert(key, in_slot);
        }
        let tells = self.tells_apart(arrived.sent_at);
        let key = format!("seen/{}/{}", state::card_name(self.card), arrived.hash);
        if let Some(mut seen) = self.seen(&key).await?
            && (tells || self.now.millis_since(seen.at).abs() <= REPEAT_MS)
        {
            seen.copies = seen.copies.saturating_add(1);
            self.seen.insert(key, seen);
            self.repeats += 1;
            return Ok(());
        }
        self.seen.insert(key, Seen { at: self.now, copies: 1 });
        let id = match tells {
            true => arrived.hash.clone(),
            false => format!("{}-{:x}", arrived.hash, self.now.0),
        };
        let kept = Kept {
            card: self.card.to_owned(),
            line,
            at: self.now,
            slot: arrived.found.slot.clone(),
            first_sight: self.first_sight.filter(|_| arrived.found.slot.is_some()),
            id,
        };
        self.kept.push((book.next, kept));
        book.next += 1;
        Ok(())
    }

    /// Whether a stamp tells two PDUs of the same bytes apart. One that is days off does not: the
    /// centre's clock may stand still, and then a person may well say the same thing twice.
    fn tells_apart(&self, sent_at: Option<Timestamp>) -> bool {
        let Some(sent_at) = sent_at else { return false };
        (-AHEAD_MS..=SEEN_MS).contains(&self.now.millis_since(sent_at))
    }

    async fn in_slot(&self, key: &str) -> Result<Option<InSlot>, StateError> {
        if let Some(coming) = self.slots.get(key) {
            return Ok(Some(coming.clone()));
        }
        Ok(state::get(self.host, key).await?.map(|row| row.value))
    }

    async fn seen(&self, key: &str) -> Result<Option<Seen>, StateError> {
        if let Some(coming) = self.seen.get(key) {
            return Ok(Some(coming.clone()));
        }
        Ok(state::get(self.host, key).await?.map(|row| row.value))
    }

    fn is_old_news(&self) -> bool {
        self.kept.is_empty() && self.slots.is_empty() && self.seen.is_empty()
    }

    fn puts(self) -> Result<Vec<Put>, StateError> {
        let card = state::card_name(self.card);
        let mut puts = Vec::new();
        for (number, kept) in &self.kept {
            let key = format!("kept/{card}/{number:016x}");
            puts.push(state::put(key, kept, Expected::Absent, None)?);
        }
        for (key, in_slot) in self.slots {
            puts.push(state::put(key, &in_slot, Expected::Any, None)?);
        }
        for (key, seen) in self.seen {
            let until = seen.at.plus_millis(SEEN_MS);
            puts.push(state::put(key, &seen, Expected::Any, Some(until))?);
        }
        Ok(puts)
    }
}
