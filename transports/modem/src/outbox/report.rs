//! What becomes of parts: the modem's answers, and the centre's reports.

use super::rows::{
    CALL_MS_MAX, Early, OutPart, Rows, Sent, SentPart, Whereabouts, last_digits, sent_key,
};
use crate::inbox::state::{self, Row, TRIES};
use crate::inbox::step::Step;
use crate::pdu::{Fate, Report};
use cordboard_plugin::{Host, StateError, Timestamp};
use std::collections::BTreeSet;

/// What the modem, or its silence, tells of a part.
#[derive(Clone, Copy)]
enum Answer {
    Sent(u8),
    Unclear,
}

pub(super) async fn part_sent(
    host: &dyn Host,
    id: &str,
    part: usize,
    mr: u8,
) -> Result<(), StateError> {
    answered(host, id, part, Answer::Sent(mr)).await
}

pub(super) async fn part_unclear(host: &dyn Host, id: &str, part: usize) -> Result<(), StateError> {
    answered(host, id, part, Answer::Unclear).await
}

async fn answered(
    host: &dyn Host,
    id: &str,
    part: usize,
    answer: Answer,
) -> Result<(), StateError> {
    for _ in 0..TRIES {
        let mut step = Step::default();
        answer_step(host, id, part, answer, &mut step).await?;
        match step.take(host).await {
            Err(StateError::Conflict) => {}
            other => return other,
        }
    }
    Err(StateError::Conflict)
}

async fn answer_step(
    host: &dyn Host,
    id: &str,
    part: usize,
    answer: Answer,
    step: &mut Step,
) -> Result<(), StateError> {
    let now = host.now();
    let Some(rows) = Rows::read(host, id).await? else { return Ok(()) };
    let mut out = rows.out.value.clone();
    let mut sent = rows.sent(now);
    let Some(row) = out.parts.get_mut(part) else { return Ok(()) };
    if !matches!(row.whereabouts, Whereabouts::Here | Whereabouts::Unclear) {
        // A report was quicker than the answer.
        return Ok(());
    }
    let entry = SentPart { out: id.to_owned(), part, mr: None, unclear: false, at: now };
    match answer {
        Answer::Sent(mr) => {
            *row = OutPart { whereabouts: Whereabouts::Left, mr: Some(mr) };
            let early = sent.early.iter().position(|early| early.mr == mr);
            let early = early.map(|at| sent.early.remove(at));
            match early {
                Some(early) => {
                    row.whereabouts = early.end;
                    sent.remove(id, part);
                }
                None => sent.place(SentPart { mr: Some(mr), ..entry }),
            }
        }
        Answer::Unclear => {
            row.whereabouts = Whereabouts::Unclear;
            out.was_unclear = true;
            sent.place(SentPart { unclear: true, ..entry });
        }
    }
    step.commit.statuses.extend(out.news(id));
    rows.write(&out, sent, now, step)
}

pub(super) async fn done(host: &dyn Host, id: &str) -> Result<(), StateError> {
    for _ in 0..TRIES {
        let now = host.now();
        let Some(rows) = Rows::read(host, id).await? else { return Ok(()) };
        let mut sent = rows.sent(now);
        let before = sent.parts.len();
        sent.parts.retain(|part| part.out != id || part.mr.is_some() || part.unclear);
        if sent.parts.len() == before {
            return Ok(());
        }
        let out = rows.out.value.clone();
        let mut step = Step::default();
        rows.write(&out, sent, now, &mut step)?;
        match step.take(host).await {
            Err(StateError::Conflict) => {}
            other => return other,
        }
    }
    Err(StateError::Conflict)
}

pub(super) async fn settle(
    host: &dyn Host,
    card: &str,
    report: &Report,
    under_way: &BTreeSet<String>,
    step: &mut Step,
) -> Result<(), StateError> {
    let now = host.now();
    step.count("modem_reports_total");
    let key = sent_key(card, &last_digits(&report.to.text));
    let row: Option<Row<Sent>> = state::get(host, &key).await?;
    let Some(row) = row else {
        step.count("modem_reports_unmatched_total");
        return Ok(());
    };
    let mut sent = row.value.clone();
    sent.tidy(now);
    let is_sending = sent.parts.iter().any(|part| is_under_way(part, under_way, now));
    let Some(entry) = matching(&sent, report.reference, under_way, now) else {
        let end = end(report.fate(), report.status).filter(|_| is_sending);
        return early(key, row, sent, end.map(|end| (report.reference, end)), now, step);
    };
    let Some(rows) = Rows::read(host, &entry.out).await? else {
        step.count("modem_reports_unmatched_total");
        return Ok(());
    };
    let mut out = rows.out.value.clone();
    let Some(part) = out.parts.get_mut(entry.part) else { return Ok(()) };
    match end(report.fate(), report.status) {
        Some(end) => {
            part.whereabouts = end;
            sent.remove(&entry.out, entry.part);
        }
        // The centre tries, so it has it; if that was known, there is nothing new.
        None if entry.mr.is_none() => {
            part.whereabouts = Whereabouts::Left;
            let mr = Some(report.reference);
            sent.place(SentPart { mr, unclear: false, ..entry.clone() });
        }
        None => return Ok(()),
    }
    part.mr = Some(report.reference);
    out.was_unclear |= entry.mr.is_none();
    step.commit.statuses.extend(out.news(&entry.out));
    rows.write(&out, sent, now, step)
}

/// The part a report is about: the newest one with its number, else the only one that may have left.
///
/// While another part for the same person is on its way, the report may be about that one, whose number
/// is not known yet; then it settles no other.
fn matching(sent: &Sent, mr: u8, under_way: &BTreeSet<String>, now: Timestamp) -> Option<SentPart> {
    let named = sent.parts.iter().rev().find(|part| part.mr == Some(mr));
    if named.is_some() {
        return named.cloned();
    }
    if sent.parts.iter().any(|part| is_under_way(part, under_way, now)) {
        return None;
    }
    let mut doubtful = sent.parts.iter().filter(|part| part.unclear || was_left_off_at(part, sent));
    doubtful.next().filter(|_| doubtful.next().is_none()).cloned()
}

/// Whether a part is on its way to the modem.
fn is_under_way(part: &SentPart, under_way: &BTreeSet<String>, now: Timestamp) -> bool {
    let lasts = now.millis_since(part.at).abs() < CALL_MS_MAX;
    part.mr.is_none() && !part.unclear && lasts && under_way.contains(&part.out)
}

/// Whether a part is the one at which a process died. Parts are sent in order, so that of those that
/// had not left only the first may have.
fn was_left_off_at(part: &SentPart, sent: &Sent) -> bool {
    let here = |part: &SentPart| part.mr.is_none() && !part.unclear;
    let before = |other: &SentPart| here(other) && other.out == part.out && other.part < part.part;
    here(part) && !sent.parts.iter().any(before)
}

/// No part has this number: it may be the one that is on its way, whose number will be known soon.
fn early(
    key: String,
    row: Row<Sent>,
    mut sent: Sent,
    end: Option<(u8, Whereabouts)>,
    now: Timestamp,
    step: &mut Step,
) -> Result<(), StateError> {
    let Some((mr, end)) = end else {
        step.count("modem_reports_unmatched_total");
        return Ok(());
    };
    sent.early.push(Early { mr, end, at: now });
    sent.tidy(now);
    let expected = state::expected(Some(&row));
    let until = Some(now.plus_millis(super::rows::KEEP_MS));
    step.commit.puts.push(state::put(key, &sent, expected, until)?);
    Ok(())
}

/// The end that a fate is; `None` while the centre still tries.
fn end(fate: Fate, status: u8) -> Option<Whereabouts> {
    match fate {
        Fate::Delivered => Some(Whereabouts::Delivered),
        Fate::Unconfirmed => Some(Whereabouts::Ended),
        Fate::Failed => Some(Whereabouts::Failed(status)),
        Fate::Trying => None,
    }
}
