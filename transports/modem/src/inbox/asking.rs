//! Texts whose parts do not all come: their sender is asked, once, and they are forgotten in the end.

use super::parts::{self, OpenRow};
use super::state::{self, PAGE_ROWS};
use super::step::Step;
use super::{Inbox, Rules, pictures};
use crate::pdu;
use cordboard_plugin::{Expected, Host, HostReply, Level, StateError, Timestamp};

/// How long after a card comes into the modem nobody is asked: the network first hands over what it
/// held back meanwhile.
const SETTLE_MS: i64 = 2 * 60 * 1000;
/// How long a text is kept after its sender was asked and its last part came: the rest may come that late.
const KEEP_MS: i64 = 7 * 24 * 3_600_000;
/// How long one is kept whose card is gone, so that nobody can be asked.
const KEEP_UNASKED_MS: i64 = 30 * 24 * 3_600_000;

/// Asks what is due, and forgets what is past its time.
///
/// Called behind everything that was kept, so that a part that came while the bridge was down counts.
pub(super) async fn round(inbox: &Inbox, host: &dyn Host) -> Result<(), StateError> {
    visit(inbox, host, true).await.map(|_| ())
}

/// When the next question is due.
pub(super) async fn overdue(
    inbox: &Inbox,
    host: &dyn Host,
) -> Result<Option<Timestamp>, StateError> {
    visit(inbox, host, false).await
}

/// Looks at every open text; asks if `asks`. Answers with the earliest question that is left.
async fn visit(
    inbox: &Inbox,
    host: &dyn Host,
    asks: bool,
) -> Result<Option<Timestamp>, StateError> {
    let mut next: Option<Timestamp> = None;
    let mut after: Option<String> = None;
    loop {
        let rows = host.scan("open/", after.as_deref(), PAGE_ROWS).await?;
        let Some((last, _)) = rows.last() else { return Ok(next) };
        after = Some(last.clone());
        for (key, stored) in rows {
            let Some(row) = parts::open_row(key, &stored) else { continue };
            let now = host.now();
            let due = due_at(inbox, &row);
            if is_past(&row, due, now) {
                forget(host, &row).await?;
            } else if let Some(due) = due {
                if asks && due <= now {
                    ask(&inbox.rules, host, row).await?;
                } else {
                    next = Some(next.map_or(due, |next| next.min(due)));
                }
            }
        }
    }
}

/// When the sender is to be asked; `None` when that was done, or cannot be because the card is gone.
fn due_at(inbox: &Inbox, row: &OpenRow) -> Option<Timestamp> {
    if row.open.asked_at.is_some() {
        return None;
    }
    let settled = inbox.met_at(row.card())?.plus_millis(SETTLE_MS);
    let wait_seconds = i64::from(inbox.rules.part_wait_minutes) * 60;
    Some(row.open.last_at.plus_seconds(wait_seconds).max(settled))
}

/// Whether it is kept no longer. Whoever can still be asked is asked first, so that a clock which leaps
/// forward loses nothing in silence.
fn is_past(row: &OpenRow, due: Option<Timestamp>, now: Timestamp) -> bool {
    match (row.open.asked_at, due) {
        (Some(asked_at), _) => asked_at.max(row.open.last_at).plus_millis(KEEP_MS) <= now,
        (None, Some(_)) => false,
        (None, None) => row.open.last_at.plus_millis(KEEP_UNASKED_MS) <= now,
    }
}

async fn ask(rules: &Rules, host: &dyn Host, mut row: OpenRow) -> Result<(), StateError> {
    let mut step = Step::default();
    if row.open.push {
        // The first part of a notice tells whose picture it is.
        if let Some(notice) = pdu::mms_notice(&row.read_parts(host).await?) {
            pictures::tell(rules, &notice, &row.key, &mut step);
        }
    } else {
        question(rules, &row, &mut step);
    }
    row.open.asked_at = Some(host.now());
    let OpenRow { key, version, open } = row;
    let put = state::put(key, &open, Expected::Version(version), None)?;
    step.commit.puts.push(put);
    unless_changed(step.take(host).await)
}

/// Gives an open text up before its time; its sender is asked if that was not done.
pub(super) fn give_up(rules: &Rules, row: &OpenRow, step: &mut Step) {
    if row.open.asked_at.is_none() && !row.open.push {
        question(rules, row, step);
    }
    step.count("modem_texts_given_up_total");
    step.log(Level::Warn, "too many parts of long texts wait; one text was given up");
    step.commit.deletes.extend(parts::deletes(row));
}

async fn forget(host: &dyn Host, row: &OpenRow) -> Result<(), StateError> {
    let mut step = Step::default();
    step.count("modem_texts_given_up_total");
    step.commit.deletes.extend(parts::deletes(row));
    unless_changed(step.take(host).await)
}

/// A row that changed meanwhile is looked at again next time.
fn unless_changed(taken: Result<(), StateError>) -> Result<(), StateError> {
    match taken {
        Err(StateError::Conflict) => Ok(()),
        other => other,
    }
}

/// Asks for the text again. Only a full number can be asked anything.
fn question(rules: &Rules, row: &OpenRow, step: &mut Step) {
    let open = &row.open;
    if !open.from.is_e164() {
        return;
    }
    step.count("modem_questions_total");
    step.commit.replies.push(HostReply {
        // The row's key is never used again: it holds the number its first part was kept under.
        key: format!("ask/{}", row.key),
        transport: None,
        from: rules.line.clone(),
        to: open.from.clone(),
        text: format!(
            "Part of your text is missing ({} of {} arrived), so nothing was posted. Please send it again.",
            open.parts.len(),
            open.total
        ),
    });
}
