//! Before anything leaves.

use super::Leaving;
use super::rows::{
    KEEP_MS, Out, OutPart, Sent, SentPart, Whereabouts, last_digits, out_key, sent_key,
};
use crate::inbox::state::{self, Row, TRIES};
use cordboard_plugin::{Commit, Expected, Host, OutgoingText, Put, StateError, Timestamp};
use serde::{Deserialize, Serialize};

/// How long the references of a number are counted on.
const REFERENCE_MS: i64 = 30 * 24 * 3_600_000;

/// The reference of the next long text for a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Reference {
    next: u8,
}

pub(super) async fn begin(
    host: &dyn Host,
    card: &str,
    text: &OutgoingText,
    parts: usize,
) -> Result<Leaving, StateError> {
    for _ in 0..TRIES {
        match begin_once(host, card, text, parts).await {
            Err(StateError::Conflict) => {}
            other => return other,
        }
    }
    Err(StateError::Conflict)
}

async fn begin_once(
    host: &dyn Host,
    card: &str,
    text: &OutgoingText,
    parts: usize,
) -> Result<Leaving, StateError> {
    let now = host.now();
    let id = state::hash(&[text.key.as_bytes()]);
    let words = state::hash(&[text.to.reveal().as_bytes(), text.text.as_bytes()]);
    let row = state::get::<Out>(host, &out_key(&id)).await?;
    let expected = state::expected(row.as_ref());
    let mut puts = Vec::new();
    // Parts of other words, or by another number of ours, do not make one text with these.
    let same =
        |out: &Out| (&out.words, out.card.as_str(), out.parts.len()) == (&words, card, parts);
    let known = row.map(|row| row.value).filter(same);
    let anew = known.is_none();
    let out = match known {
        Some(out) => out,
        None => {
            let (reference, put) = reference(host, card, text, parts, now).await?;
            puts.extend(put);
            Out {
                key: text.key.clone(),
                card: card.to_owned(),
                digits: last_digits(text.to.reveal()),
                words,
                reference,
                parts: vec![OutPart::default(); parts],
                began_at: now,
                was_unclear: false,
                told: None,
            }
        }
    };
    let key = sent_key(card, &out.digits);
    let sent: Option<Row<Sent>> = state::get(host, &key).await?;
    let sent_expected = state::expected(sent.as_ref());
    let mut sent = sent.map(|row| row.value).unwrap_or_default();
    if anew {
        sent.parts.retain(|part| part.out != id);
    }
    for (part, _) in out.parts.iter().enumerate().filter(|(_, part)| is_here(part)) {
        sent.place(SentPart { out: id.clone(), part, mr: None, unclear: false, at: now });
    }
    sent.tidy(now);
    let until = Some(out.began_at.plus_millis(KEEP_MS));
    puts.push(state::put(out_key(&id), &out, expected, until)?);
    puts.push(state::put(key, &sent, sent_expected, Some(now.plus_millis(KEEP_MS)))?);
    host.commit(Commit { puts, ..Commit::default() }).await?;
    Ok(leaving(id, &out))
}

fn is_here(part: &OutPart) -> bool {
    part.whereabouts == Whereabouts::Here
}

fn leaving(id: String, out: &Out) -> Leaving {
    let unclear = |part: &OutPart| part.whereabouts == Whereabouts::Unclear;
    Leaving {
        id,
        reference: out.reference,
        left: out.parts.iter().map(|part| part.mr).collect(),
        unclear: out.parts.iter().map(unclear).collect(),
    }
}

/// The reference of a text, and the count for the next one. Counted for each number, and durably: a
/// phone that sees a reference again too soon joins parts of two texts.
async fn reference(
    host: &dyn Host,
    card: &str,
    text: &OutgoingText,
    parts: usize,
    now: Timestamp,
) -> Result<(u8, Option<Put>), StateError> {
    if parts < 2 {
        return Ok((0, None));
    }
    let to = state::hash(&[text.to.reveal().as_bytes()]);
    let key = format!("ref/{}/{to}", state::card_name(card));
    let row = state::get::<Reference>(host, &key).await?;
    let chance = || host.random(1).first().copied().unwrap_or_default();
    let reference = row.as_ref().map_or_else(chance, |row| row.value.next);
    let next = Reference { next: reference.wrapping_add(1) };
    let expected: Expected = state::expected(row.as_ref());
    let put = state::put(key, &next, expected, Some(now.plus_millis(REFERENCE_MS)))?;
    Ok((reference, Some(put)))
}
