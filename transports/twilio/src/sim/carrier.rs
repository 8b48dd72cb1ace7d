//! A phone's text on its way to us, and the words that Twilio answers by itself.

use super::ledger::{self, Direction, Record};
use super::{deliver, failure, faults, new_sid, pictures, segments};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{
    Address, Commit, Host, HttpAnswer, HttpResponse, PhoneText, SimPlace, StateError,
};
use serde::Deserialize;

const STOP: &[&str] =
    &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: &[&str] = &["START", "YES", "UNSTOP"];
const HELP: &[&str] = &["HELP", "INFO"];

const STOPPED: &str = "You have successfully been unsubscribed. You will not receive any more \
    messages from this number. Reply START to resubscribe.";
const STARTED: &str = "You have successfully been re-subscribed to messages from this number. \
    Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
const HELPED: &str = "Reply STOP to unsubscribe. Msg&Data Rates May Apply.";

/// Twilio's limit, and what fits into a row.
const PICTURES_MAX: usize = 10;
const PICTURE_BYTES_MAX: usize = 45_000;

/// Type and bytes.
pub(super) type Picture = (String, Vec<u8>);

/// Takes a text from a phone: it is in the list of messages whether or not we take it.
pub(super) async fn take(
    host: &dyn Host,
    place: &SimPlace,
    text: &PhoneText,
    sent: Vec<Picture>,
) -> Result<(), String> {
    let no_state = |error: StateError| format!("the simulated Twilio has no state: {error}");
    let mut more = Commit { puts: vec![ledger::ours(&text.to)], ..Commit::default() };
    let mut media = Vec::new();
    for (content_type, bytes) in sent {
        let sid = new_sid(host, "ME");
        more.puts.push(pictures::row(host, &sid, bytes));
        media.push((sid, content_type));
    }
    let record = Record {
        sid: new_sid(host, if media.is_empty() { "SM" } else { "MM" }),
        media,
        ..line(host, &text.from, &text.to, &text.body, Direction::Inbound)
    };
    ledger::add(host, &record, more).await.map_err(no_state)?;
    answer_word(host, text).await.map_err(no_state)?;
    if faults::take(host, "hook").await.map_err(no_state)?.is_some() {
        return Err("the webhook was lost on order; the text is in the list only".to_owned());
    }
    match deliver::hook(host, &place.hook_url, &place.base_url, &record).await {
        Ok(answer) if (200..300).contains(&answer.status) => {
            speak(host, &record, &answer).await.map_err(no_state)
        }
        Ok(answer) => {
            Err(format!("the bridge answered {}; Twilio does not ask again", answer.status))
        }
        Err(error) => Err(format!("the bridge did not answer: {error}")),
    }
}

/// A text as `POST /_text` takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    from: Address,
    to: Address,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<PictureByHand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PictureByHand {
    content_type: String,
    base64: String,
}

/// `POST /_text`: a phone's text with pictures. 204, or 400, or 502 with the reason.
pub(super) async fn text_by_hand(host: &dyn Host, place: &SimPlace, body: &[u8]) -> HttpAnswer {
    let Ok(text) = serde_json::from_slice::<ByHand>(body) else {
        return failure(400, 20001, "expected from, to, body and media");
    };
    let mut sent = Vec::new();
    for picture in &text.media {
        match STANDARD.decode(&picture.base64) {
            Ok(bytes) if bytes.len() <= PICTURE_BYTES_MAX && sent.len() < PICTURES_MAX => {
                sent.push((picture.content_type.clone(), bytes));
            }
            _ => return failure(400, 20001, "at most ten pictures of 45000 bytes, in base64"),
        }
    }
    let text = PhoneText { from: text.from, to: text.to, body: text.body };
    match take(host, place, &text, sent).await {
        Ok(()) => HttpAnswer::empty(204),
        Err(words) => HttpAnswer::new(502, "text/plain; charset=utf-8", words),
    }
}

/// STOP, START and HELP, alone in a text, as Twilio handles them on long codes and toll-free.
async fn answer_word(host: &dyn Host, text: &PhoneText) -> Result<(), StateError> {
    let word = text.body.trim().to_ascii_uppercase();
    let is_out = ledger::is_out(host, &text.to, &text.from).await?;
    let among = |words: &[&str]| words.contains(&word.as_str());
    let words = if among(STOP) && !is_out {
        ledger::set_out(host, &text.to, &text.from, true).await?;
        STOPPED
    } else if among(START) && is_out {
        ledger::set_out(host, &text.to, &text.from, false).await?;
        STARTED
    } else if among(HELP) && !is_out {
        HELPED
    } else {
        return Ok(());
    };
    let reply = line(host, &text.to, &text.from, words, Direction::OutboundReply);
    ledger::add(host, &reply, Commit::default()).await
}

/// A webhook answered in plain text: Twilio sends that to the phone, an error page as well.
async fn speak(host: &dyn Host, record: &Record, answer: &HttpResponse) -> Result<(), StateError> {
    let is_plain = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    if !is_plain || answer.body.0.is_empty() {
        return Ok(());
    }
    let words: String = String::from_utf8_lossy(&answer.body.0).chars().take(1600).collect();
    let reply = line(host, &record.to, &record.from, &words, Direction::OutboundReply);
    ledger::add(host, &reply, Commit::default()).await
}

fn line(host: &dyn Host, from: &Address, to: &Address, body: &str, direction: Direction) -> Record {
    let mine = direction == Direction::Inbound;
    let status = if mine { "received" } else { "delivered" };
    Record {
        sid: new_sid(host, "SM"),
        // An answer stands below what it answers.
        at: host.now().plus_millis(if mine { 0 } else { 1 }),
        from: from.clone(),
        to: to.clone(),
        body: body.to_owned(),
        direction,
        status: status.to_owned(),
        error_code: None,
        segments: segments::count(body),
        media: Vec::new(),
        callback: None,
        fate: None,
    }
}
