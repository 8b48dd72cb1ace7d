//! A phone's text on its way to us, and the words that Twilio answers by itself.

use super::ledger::{self, Direction, Record};
use super::{deliver, failure, faults, new_sid, pictures};
use cordboard_plugin::{
    Address, Blob, Commit, Host, HttpAnswer, HttpResponse, PhonePicture, PhoneText, SimPlace,
    StateError, segments_in,
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

/// How many pictures go with one text.
const PICTURES_MAX: usize = 10;
/// Longest picture. Twilio names no limit for texts that come in; this is the one for those it sends.
const PICTURE_BYTES_MAX: usize = 5 << 20;

/// Takes a text from a phone: it is in the list of messages whether or not we take it.
pub(super) async fn take(
    host: &dyn Host,
    place: &SimPlace,
    text: &PhoneText,
) -> Result<(), String> {
    let no_state = |error: StateError| format!("the simulated Twilio has no state: {error}");
    check(&text.pictures)?;
    let record = write_down(host, text).await.map_err(no_state)?;
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

/// The limits of pictures, in words for the phone.
fn check(sent: &[PhonePicture]) -> Result<(), String> {
    if sent.len() > PICTURES_MAX {
        return Err(format!(
            "{} pictures are too many: Twilio takes {PICTURES_MAX} with one text, so nothing was sent",
            sent.len()
        ));
    }
    let is_wrong =
        |picture: &&PhonePicture| !(1..=PICTURE_BYTES_MAX).contains(&picture.bytes.0.len());
    match sent.iter().find(is_wrong) {
        None => Ok(()),
        Some(picture) if picture.bytes.0.is_empty() => {
            Err("a picture without bytes cannot be sent".to_owned())
        }
        Some(_) => {
            Err("a picture is too large: the carrier takes 5 MB each, so nothing was sent"
                .to_owned())
        }
    }
}

/// A text and its pictures, into the list and onto the phone.
async fn write_down(host: &dyn Host, text: &PhoneText) -> Result<Record, StateError> {
    let prefix = if text.pictures.is_empty() { "SM" } else { "MM" };
    let mut record = Record {
        sid: new_sid(host, prefix),
        ..line(host, &text.from, &text.to, &text.body, Direction::Inbound)
    };
    let mut kept: Vec<(String, &Blob)> = Vec::new();
    for picture in &text.pictures {
        let sid = new_sid(host, "ME");
        record.media.push((sid.clone(), picture.media_type.clone()));
        record.looks.push(pictures::look(&picture.bytes.0).unwrap_or(pictures::UNKNOWN).to_owned());
        kept.push((sid, &picture.bytes));
    }
    for _ in 0..ledger::TRIES_MAX {
        let mut more = Commit { puts: vec![ledger::ours(&text.to)], ..Commit::default() };
        pictures::keep(host, &kept, &mut more).await?;
        match ledger::add(host, &record, more).await {
            Err(StateError::Conflict) => {}
            done => return done.map(|()| record),
        }
    }
    Err(StateError::Conflict)
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
    base64: Blob,
}

/// `POST /_text`: a phone's text with pictures. 204, or 400, or 502 with the reason.
pub(super) async fn text_by_hand(host: &dyn Host, place: &SimPlace, body: &[u8]) -> HttpAnswer {
    let Ok(text) = serde_json::from_slice::<ByHand>(body) else {
        return failure(400, 20001, "expected from, to, body and media, pictures in base64");
    };
    let pictures = text
        .media
        .into_iter()
        .map(|picture| PhonePicture { media_type: picture.content_type, bytes: picture.base64 });
    let pictures: Vec<_> = pictures.collect();
    if let Err(words) = check(&pictures) {
        return failure(400, 20001, &words);
    }
    let text = PhoneText { from: text.from, to: text.to, body: text.body, pictures };
    match take(host, place, &text).await {
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
        segments: segments_in(body),
        media: Vec::new(),
        looks: Vec::new(),
        callback: None,
        fate: None,
    }
}
