//! What becomes of a message that was kept.

use super::keep::Kept;
use super::parts;
use super::pictures;
use super::sender;
use super::shelf::{BAD, Bad, NOTES, Note, OLD};
use super::state::{self, Row};
use super::step::Step;
use super::{Rules, moment};
use crate::outbox::Outbox;
use crate::pdu::{self, Deliver, Pdu, Sort};
use cordboard_plugin::{
    Address, Expected, Host, Incoming, Level, MessageKey, StateError, Stored, Timestamp,
};
use serde::{Deserialize, Serialize};

/// How long it is remembered which texts were handed on while others of their sender were not whole;
/// those are forgotten after seven days.
const TOLD_MS: i64 = 8 * 24 * 3_600_000;

/// Longest line that is shown; a PDU has some 400 characters at most.
const LINE_CHARS_MAX: usize = 1000;

/// A message under work.
pub(super) struct Case<'a> {
    pub(super) rules: &'a Rules,
    pub(super) host: &'a dyn Host,
    pub(super) kept: &'a Kept,
    /// The number it was kept under, unique on its card.
    pub(super) number: &'a str,
}

/// When a text was handed on whose words may still come a second time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) at: Timestamp,
}

/// Does with one message what is to be done, in one commit that also ends its being kept.
pub(super) async fn hand_on(
    rules: &Rules,
    host: &dyn Host,
    outbox: &Outbox,
    key: &str,
    stored: &Stored,
) -> Result<(), StateError> {
    let mut step = Step::default();
    step.commit.deletes.push(state::delete_version(key.to_owned(), stored.version));
    let number = key.rsplit('/').next().unwrap_or_default();
    let Some(Row { value: kept, .. }) = state::read::<Kept>(stored) else {
        let line = String::from_utf8_lossy(&stored.value.0).into_owned();
        let why = "this row cannot be understood".to_owned();
        let bad = Bad { at: host.now(), line, slot: None, why };
        unreadable(host, number, bad, &mut step).await?;
        return step.take(host).await;
    };
    let case = Case { rules, host, kept: &kept, number };
    match pdu::from_hex(&kept.line).and_then(|octets| pdu::read(&octets)) {
        Ok(Pdu::Deliver(deliver)) => delivered(&case, &deliver, &mut step).await?,
        Ok(Pdu::Report(report)) => outbox.settle(host, &kept.card, &report, &mut step).await?,
        Err(why) => case.unreadable(why.to_string(), &mut step).await?,
    }
    step.take(host).await
}

async fn delivered(case: &Case<'_>, deliver: &Deliver, step: &mut Step) -> Result<(), StateError> {
    if case.is_of_another_life(deliver.sent_at) {
        step.count("modem_old_texts_total");
        step.log(Level::Warn, "a text lay on the card from before; it is shown, not acted on");
        let note = case.note(deliver, "text");
        return OLD.put(case.host, step, case.number, &note).await;
    }
    // One part of one is whole.
    let concat = deliver.header.concat.filter(|concat| concat.total > 1);
    let (counter, what) = match (deliver.sort(), concat) {
        (sort @ (Sort::Text | Sort::Flash | Sort::WapPush), Some(concat)) => {
            let push = sort == Sort::WapPush;
            return parts::take(case, deliver, concat, push, step).await;
        }
        (Sort::Text | Sort::Flash, None) => {
            let from = sender::address(&deliver.from, &case.rules.line);
            let id = case.kept.id.clone();
            return case.text(from, id, deliver.text(), 1, step).await;
        }
        (Sort::WapPush, None) => {
            let parts = std::slice::from_ref(deliver);
            return pictures::pushed(case, parts, false, step).await;
        }
        (Sort::Compressed, _) => {
            return case.unreadable("it is compressed".to_owned(), step).await;
        }
        (Sort::Silent, _) => ("modem_silent_total", "a silent text (type 0)"),
        (Sort::Waiting, _) => {
            ("modem_voicemail_total", "a voice mail or the like waits, or no longer")
        }
        (Sort::SimData, _) => ("modem_sim_data_total", "data for the SIM or the modem itself"),
        (Sort::Ports, _) => ("modem_ports_total", "data for another application"),
    };
    step.count(counter);
    step.log(Level::Info, format!("not handed on: {what}"));
    NOTES.put(case.host, step, case.number, &case.note(deliver, what)).await
}

impl Case<'_> {
    /// Hands a whole text on.
    pub(super) async fn text(
        &self,
        from: Address,
        id: String,
        text: String,
        parts: usize,
        step: &mut Step,
    ) -> Result<(), StateError> {
        let sender = state::hash(&[from.reveal().as_bytes()]);
        let open = format!("open/{}/{sender}/", state::card_name(&self.kept.card));
        if !self.host.scan(&open, None, 1).await?.is_empty() {
            let now = self.host.now();
            let key = told_key(&self.kept.card, &sender, &text);
            let until = Some(now.plus_millis(TOLD_MS));
            step.commit.puts.push(state::put(key, &Told { at: now }, Expected::Any, until)?);
        }
        step.count("modem_texts_total");
        step.commit.messages.push(Incoming {
            key: MessageKey { account: format!("modem:{}", self.kept.card), id },
            from,
            to: self.rules.line.clone(),
            text,
            media: Vec::new(),
            keyword: None,
            segments: u16::try_from(parts).unwrap_or(u16::MAX),
        });
        Ok(())
    }

    pub(super) fn note(&self, deliver: &Deliver, what: &str) -> Note {
        let from = sender::address(&deliver.from, &self.rules.line).to_string();
        Note { at: self.kept.at, sent_at: deliver.sent_at, from, what: what.to_owned() }
    }

    async fn unreadable(&self, why: String, step: &mut Step) -> Result<(), StateError> {
        let Kept { at, line, slot, .. } = self.kept.clone();
        unreadable(self.host, self.number, Bad { at, line, slot, why }, step).await
    }

    /// Whether it was sent long before its card came into this modem, and so to somebody else.
    fn is_of_another_life(&self, sent_at: Option<Timestamp>) -> bool {
        let hours = i64::from(self.rules.catch_up_hours);
        let oldest = self.kept.first_sight.map(|seen_at| seen_at.plus_hours(-hours));
        oldest.zip(sent_at).is_some_and(|(oldest, sent_at)| sent_at < oldest)
    }
}

async fn unreadable(
    host: &dyn Host,
    number: &str,
    mut bad: Bad,
    step: &mut Step,
) -> Result<(), StateError> {
    bad.line = bad.line.chars().take(LINE_CHARS_MAX).collect();
    let Bad { at, why, .. } = &bad;
    let at = moment::shown(*at);
    step.count("modem_undecodable_total");
    let line = format!("a message kept at {at} cannot be read ({why}); its line is on the page");
    step.log(Level::Warn, line);
    BAD.put(host, step, number, &bad).await
}

/// Where it is remembered that a text of these words was handed on.
pub(super) fn told_key(card: &str, sender: &str, text: &str) -> String {
    let words = state::hash(&[text.trim().as_bytes()]);
    format!("told/{}/{sender}/{words}", state::card_name(card))
}
