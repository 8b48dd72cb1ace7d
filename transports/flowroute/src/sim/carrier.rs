//! A phone's text on its way to us, and the words that Flowroute answers by itself.

use super::deliver::{self, AGAIN_MAX};
use super::ledger::{self, Direction, Record};
use super::pictures::{self, Picture};
use super::shapes::Shape;
use super::{failure, faults};
use cordboard_plugin::{
    Address, Blob, Commit, Host, HttpAnswer, PhonePicture, PhoneText, SimPlace, StateError,
};
use serde::Deserialize;

const STOPPED: &str =
    "You will receive no more messages from this number. Reply UNSTOP to receive them again.";
const STARTED: &str = "You will receive messages from this number again. Reply STOP to end them.";

/// How many pictures go with one text.
const PICTURES_MAX: usize = 10;
/// What they may take together: most carriers stop at 1.5 MB, and up to 15 MB can pass.
const PICTURES_BYTES_MAX: usize = 15 << 20;

/// Takes a text from a phone: it is on record whether or not we take it. Without `shape` each text
/// has the next one.
pub(super) async fn take(
    host: &dyn Host,
    place: &SimPlace,
    text: &PhoneText,
    shape: Option<Shape>,
) -> Result<(), String> {
    let no_state = |error: StateError| format!("the simulated Flowroute has no state: {error}");
    check(text, shape)?;
    let record = write_down(host, text, shape).await.map_err(no_state)?;
    answer_word(host, text).await.map_err(no_state)?;
    let outcome = match faults::take(host, "hook").await.map_err(no_state)?.as_deref() {
        Some("lost") => {
            return Err("the callback was lost on order; the text is on record only".to_owned());
        }
        Some(_) => "the callback was lost on order".to_owned(),
        None => match deliver::hook(host, place, &record).await {
            Ok(answer) if answer.status == 200 => return Ok(()),
            Ok(answer) => format!("the bridge answered {}", answer.status),
            Err(error) => format!("the bridge did not answer: {error}"),
        },
    };
    let timers = vec![deliver::again(host, &record.id, 1)];
    host.commit(Commit { timers, ..Commit::default() }).await.map_err(no_state)?;
    Err(format!("{outcome}; Flowroute tries {AGAIN_MAX} more times, 30 seconds apart"))
}

/// The limits of pictures, in words for the phone.
fn check(text: &PhoneText, shape: Option<Shape>) -> Result<(), String> {
    let sent = &text.pictures;
    let bytes: usize = sent.iter().map(|picture| picture.bytes.0.len()).sum();
    if sent.len() > PICTURES_MAX {
        return Err(format!(
            "{} pictures are too many: {PICTURES_MAX} go with one text, so nothing was sent",
            sent.len()
        ));
    }
    if sent.iter().any(|picture| picture.bytes.0.is_empty()) {
        return Err("a picture without bytes cannot be sent".to_owned());
    }
    if bytes > PICTURES_BYTES_MAX {
        return Err("the pictures are too large: 15 MB together, so nothing was sent".to_owned());
    }
    if shape == Some(Shape::V2) && !sent.is_empty() {
        return Err("v2 has no pictures".to_owned());
    }
    Ok(())
}

/// A text and its pictures, on record and onto the phone.
async fn write_down(
    host: &dyn Host,
    text: &PhoneText,
    shape: Option<Shape>,
) -> Result<Record, StateError> {
    let mut record = Record::new(host, Direction::Inbound, &text.from, &text.to, &text.body);
    let mut kept: Vec<(Picture, &Blob)> = Vec::new();
    for (at, sent) in text.pictures.iter().enumerate() {
        let picture = Picture::new(host, at + 1, sent);
        record.pictures.push(picture.clone());
        kept.push((picture, &sent.bytes));
    }
    record.shape = match shape {
        Some(shape) => shape,
        None => next_shape(host, record.is_mms()).await?,
    };
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

/// Words and pictures take turns on their own, so that each shape of each is seen.
async fn next_shape(host: &dyn Host, is_mms: bool) -> Result<Shape, StateError> {
    let key = if is_mms { "shape/mms" } else { "shape/sms" };
    ledger::change(host, key, |last: &mut Option<Shape>| {
        let first = if is_mms { Shape::V21 } else { Shape::V2 };
        *last.insert(last.map_or(first, |last| last.next(is_mms)))
    })
    .await
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
    shape: Option<Shape>,
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
        let detail = "expected from, to, body, shape and media, pictures in base64";
        return failure(host, 400, "Bad Request", detail);
    };
    let pictures = text
        .media
        .into_iter()
        .map(|picture| PhonePicture { media_type: picture.content_type, bytes: picture.base64 });
    let pictures = pictures.collect();
    let shape = text.shape;
    let text = PhoneText { from: text.from, to: text.to, body: text.body, pictures };
    if let Err(words) = check(&text, shape) {
        return failure(host, 400, "Bad Request", &words);
    }
    match take(host, place, &text, shape).await {
        Ok(()) => HttpAnswer::empty(204),
        Err(words) => HttpAnswer::new(502, "text/plain; charset=utf-8", words),
    }
}

/// STOP and UNSTOP, alone in a text, as Flowroute handles them for each number.
async fn answer_word(host: &dyn Host, text: &PhoneText) -> Result<(), StateError> {
    let word = text.body.trim().to_ascii_uppercase();
    let is_out = ledger::is_out(host, &text.to, &text.from).await?;
    let words = match (word.as_str(), is_out) {
        ("STOP", false) => STOPPED,
        ("UNSTOP", true) => STARTED,
        _ => return Ok(()),
    };
    ledger::set_out(host, &text.to, &text.from, !is_out).await?;
    let mut reply = Record::new(host, Direction::Carrier, &text.to, &text.from, words);
    // An answer stands below what it answers.
    reply.at = reply.at.plus_millis(1);
    ledger::add(host, &reply, Commit::default()).await
}
