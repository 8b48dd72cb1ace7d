//! Making a picture fit a destination.

use std::borrow::Cow;

use crate::decode::decode;
use crate::error::PictureError;
use crate::format::area;
use crate::kind::Kind;
use crate::limits::{Limits, length};
use crate::{Measured, encode, measure, strip};

/// A picture or video ready to be uploaded.
#[derive(Clone, PartialEq, Eq)]
pub struct Cared<'a> {
    /// What it is now.
    pub kind: Kind,
    /// The file. Borrowed from what came in when nothing, or only its end, was to be cut off.
    pub bytes: Cow<'a, [u8]>,
    /// Pixels from left to right as stored.
    pub width: u32,
    /// Pixels from top to bottom as stored.
    pub height: u32,
    /// How many pictures it holds.
    pub frames: u32,
    /// How long a video lasts.
    pub duration_ms: u64,
    /// Whether it had to be decoded and encoded afresh.
    pub is_encoded_afresh: bool,
}

/// Without the picture itself: it is somebody's.
impl std::fmt::Debug for Cared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cared")
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .field("width", &self.width)
            .field("height", &self.height)
            .field("frames", &self.frames)
            .field("duration_ms", &self.duration_ms)
            .field("is_encoded_afresh", &self.is_encoded_afresh)
            .finish()
    }
}

impl<'a> Cared<'a> {
    fn new(measured: Measured, bytes: Cow<'a, [u8]>, is_encoded_afresh: bool) -> Self {
        let Measured { kind, width, height, frames, duration_ms, .. } = measured;
        Self { kind, bytes, width, height, frames, duration_ms, is_encoded_afresh }
    }
}

/// Makes a picture ready for a destination: cleaned always, decoded only if it is a still with too
/// many bytes or pixels, or of a type that the destination does not take.
///
/// Decoding may take `decode_bytes_max` beside the file itself, and a scaled copy of at most half
/// that. The caller sees to it that only one picture at a time is in here, and that this is not
/// the thread that answers webhooks: a large picture takes seconds.
///
/// # Errors
/// All of [`PictureError`]; its words are for the sender.
pub fn fit<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cared<'a>, PictureError> {
    let measured = measure(bytes)?;
    if measured.kind.is_still() {
        return still(bytes, measured, limits);
    }
    if !limits.takes(measured.kind) {
        return Err(PictureError::NotTaken { kind: measured.kind });
    }
    if measured.kind.is_video() {
        video(bytes, &measured, limits)
    } else {
        animation(&measured, limits)
    }?;
    // What is moving keeps its size but for what is cut off: that may make it fit.
    let stripped = strip(bytes)?;
    let bytes_max =
        if measured.kind.is_video() { limits.video_bytes_max } else { limits.animation_bytes_max };
    light_enough(measured.kind, stripped.len(), bytes_max)?;
    Ok(Cared::new(measured, stripped, false))
}

/// As [`fit`], for whoever gives the file away: to another thread, say. What needs no change, or only
/// loses its end, is handed back without a copy.
///
/// # Errors
/// As [`fit`].
pub fn fit_owned(mut bytes: Vec<u8>, limits: &Limits) -> Result<Cared<'static>, PictureError> {
    let cared = fit(&bytes, limits)?;
    let Cared { kind, width, height, frames, duration_ms, is_encoded_afresh, .. } = cared;
    let bytes = match cared.bytes {
        Cow::Owned(changed) => changed,
        // What is kept in one piece begins where the file begins: at its signature.
        Cow::Borrowed(start) => {
            let length = start.len();
            bytes.truncate(length);
            bytes
        }
    };
    let bytes = Cow::Owned(bytes);
    Ok(Cared { kind, bytes, width, height, frames, duration_ms, is_encoded_afresh })
}

/// Decodes and encodes a still afresh, whatever it is: once, when a destination refused a picture
/// that should have been fine.
///
/// # Errors
/// As [`fit`]; `NotTaken` for what moves.
pub fn re_encode(bytes: &[u8], limits: &Limits) -> Result<Cared<'static>, PictureError> {
    let measured = measure(bytes)?;
    afresh(bytes, &measured, limits, false)
}

fn still<'a>(
    bytes: &'a [u8],
    measured: Measured,
    limits: &Limits,
) -> Result<Cared<'a>, PictureError> {
    let Measured { kind, width, height, .. } = measured;
    let is_too_large =
        width.max(height) > limits.still_side_max || area(width, height) > limits.still_pixels_max;
    if !is_too_large && limits.takes(kind) {
        let stripped = strip(bytes)?;
        if length(stripped.len()) <= limits.still_bytes_max {
            return Ok(Cared::new(measured, stripped, false));
        }
    }
    afresh(bytes, &measured, limits, true)
}

fn afresh(
    bytes: &[u8],
    measured: &Measured,
    limits: &Limits,
    may_be_png: bool,
) -> Result<Cared<'static>, PictureError> {
    let kind = measured.kind;
    let jpeg = limits.takes(Kind::Jpeg);
    let png = may_be_png && limits.takes(Kind::Png);
    if !jpeg && !png {
        return Err(PictureError::NotTaken { kind });
    }
    let decoded = decode(bytes, measured, limits.decode_bytes_max)?;
    let mut encoded = None;
    if png && (!jpeg || decoded.is_transparent()) {
        encoded = encode::png(&decoded, limits);
    }
    if encoded.is_none() && jpeg {
        encoded = encode::jpeg(decoded, limits);
    }
    let encoded = encoded.ok_or(PictureError::TooHeavy {
        kind,
        bytes: length(bytes.len()),
        bytes_max: limits.still_bytes_max,
    })?;
    Ok(Cared::new(measure(&encoded)?, encoded.into(), true))
}

fn animation(measured: &Measured, limits: &Limits) -> Result<(), PictureError> {
    let Measured { kind, width, height, frames, .. } = *measured;
    if width > limits.animation_width_max || height > limits.animation_height_max {
        return Err(PictureError::TooLarge { kind, width, height });
    }
    let pixels = area(width, height).max(1);
    let by_pixels = u32::try_from(limits.animation_pixels_max / pixels).unwrap_or(u32::MAX);
    let frames_max = limits.animation_frames_max.min(by_pixels);
    if frames > frames_max {
        return Err(PictureError::TooManyFrames { kind, frames, frames_max });
    }
    Ok(())
}

fn video(bytes: &[u8], measured: &Measured, limits: &Limits) -> Result<(), PictureError> {
    let Measured { kind, duration_ms, .. } = *measured;
    let duration_ms_max = limits.video_ms_max;
    if duration_ms > duration_ms_max {
        return Err(PictureError::TooLong { kind, duration_ms, duration_ms_max });
    }
    if duration_ms < limits.video_ms_min {
        return Err(PictureError::TooShort { kind, duration_ms });
    }
    // Cleaning a video copies it, so one that is too heavy is refused before.
    light_enough(kind, bytes.len(), limits.video_bytes_max)
}

fn light_enough(kind: Kind, bytes: usize, bytes_max: u64) -> Result<(), PictureError> {
    let bytes = length(bytes);
    if bytes > bytes_max {
        return Err(PictureError::TooHeavy { kind, bytes, bytes_max });
    }
    Ok(())
}
