//! What a part of an MMS is, and making it fit the destination. Takes time and memory: for one at a time,
//! beside the thread that answers webhooks.

use cordboard_pictures::{Kind, Limits, fit_owned, re_encode, sniff};
use cordboard_plugin::SinkCapabilities;

/// A part of an MMS.
pub(super) enum Part {
    /// A picture or video, cleaned, as it is to be uploaded.
    Picture { media_type: String, bytes: Vec<u8> },
    /// Words.
    Words(String),
    /// How the other parts are shown.
    Layout,
    /// Cannot be posted, for this reason in words for its sender.
    Unfit(String),
}

/// What a sink takes; the usual limits where it says nothing.
pub(super) fn limits(can: Option<&SinkCapabilities>) -> Limits {
    let mut limits = Limits::default();
    let Some(can) = can else { return limits };
    limits.types.clone_from(&can.media_types);
    for limit in &can.media_limits {
        let of = match limit.media_type.as_str() {
            "image/gif" => &mut limits.animation_bytes_max,
            still if still.starts_with("image/") => &mut limits.still_bytes_max,
            _ => &mut limits.video_bytes_max,
        };
        *of = limit.bytes_max;
    }
    limits
}

pub(super) fn care(bytes: Vec<u8>, limits: &Limits) -> Part {
    let kind = sniff(&bytes);
    match kind {
        Kind::Smil => return Part::Layout,
        Kind::Text => return Part::Words(String::from_utf8_lossy(&bytes).trim().to_owned()),
        _ => {}
    }
    if let Some(why) = kind.why_not() {
        return Part::Unfit(why.to_owned());
    }
    match fit_owned(bytes, limits) {
        Ok(cared) => Part::Picture {
            media_type: cared.kind.mime().to_owned(),
            bytes: cared.bytes.into_owned(),
        },
        Err(error) => {
            tracing::info!("a picture cannot be posted: {}", error.detail());
            Part::Unfit(error.to_string())
        }
    }
}

/// The same picture decoded and encoded afresh; as it was when that cannot be done.
pub(super) fn afresh(bytes: Vec<u8>, media_type: String, limits: &Limits) -> (Vec<u8>, String) {
    match re_encode(&bytes, limits) {
        Ok(cared) => (cared.bytes.into_owned(), cared.kind.mime().to_owned()),
        Err(error) => {
            tracing::info!("a picture cannot be encoded afresh: {}", error.detail());
            (bytes, media_type)
        }
    }
}
