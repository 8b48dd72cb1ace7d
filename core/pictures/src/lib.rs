#![doc = include_str!("../README.md")]

mod bytes;
mod decode;
mod encode;
mod error;
mod exif;
mod fit;
mod format;
mod kind;
mod limits;
mod output;
mod sniff;

use std::borrow::Cow;

pub use error::PictureError;
pub use fit::{Cared, fit, fit_owned, re_encode};
pub use kind::Kind;
pub use limits::{DECODE_BYTES_MAX, Limits};
pub use sniff::sniff;

/// The size of a picture or video, read from its headers alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What it is.
    pub kind: Kind,
    /// Pixels from left to right as stored, before its orientation is applied.
    pub width: u32,
    /// Pixels from top to bottom as stored.
    pub height: u32,
    /// How many pictures it holds: 1 for a still.
    pub frames: u32,
    /// How long a video lasts; 0 for everything else.
    pub duration_ms: u64,
    /// The most memory that decoding it takes at once, in bytes; 0 for what is never decoded.
    pub decode_bytes: u64,
}

/// How large it is. Decodes nothing and allocates nothing worth mentioning: a bomb is known by its
/// headers.
///
/// # Errors
/// `Unfit` for what is neither picture nor video, `Broken` when the headers make no sense.
pub fn measure(bytes: &[u8]) -> Result<Measured, PictureError> {
    let kind = sniff(bytes);
    let measured = match kind {
        Kind::Jpeg => format::jpeg::measure(bytes),
        Kind::Png => format::png::measure(bytes),
        Kind::Webp { .. } => format::webp::measure(bytes),
        Kind::Gif { .. } => format::gif::measure(bytes),
        Kind::Mp4 | Kind::QuickTime => format::mp4::measure(bytes),
        _ => return Err(PictureError::Unfit { kind }),
    };
    let size = measured.map_err(|fault| fault.of(kind))?;
    if size.width == 0 || size.height == 0 {
        return Err(PictureError::Broken { kind, why: "no width or no height" });
    }
    Ok(Measured {
        kind,
        width: size.width,
        height: size.height,
        frames: size.frames,
        duration_ms: size.duration_ms,
        decode_bytes: size.decode_bytes,
    })
}

/// The same picture without what it tells about its owner: place, time, camera, words, thumbnails
/// and whatever hangs behind its end. Orientation and colours stay. Nothing is decoded; what needs
/// no change is not copied. Doing it twice is doing it once.
///
/// # Errors
/// `Unfit` for what is neither picture nor video, `Broken` when its structure makes no sense,
/// `Uncleanable` when it is stored in a way in which nobody can tell data from metadata.
pub fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PictureError> {
    let kind = sniff(bytes);
    match kind {
        Kind::Jpeg => format::jpeg::strip(bytes),
        Kind::Png => format::png::strip(bytes),
        Kind::Webp { .. } => format::webp::strip(bytes),
        Kind::Gif { .. } => format::gif::strip(bytes),
        Kind::Mp4 | Kind::QuickTime => format::mp4::strip(bytes),
        _ => return Err(PictureError::Unfit { kind }),
    }
    .map_err(|fault| fault.of(kind))
}
