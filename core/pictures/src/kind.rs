//! What a part of an MMS is.

use std::fmt;

/// What the bytes are, whatever the header said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture. One that moves (APNG) counts as a still: destinations show its first picture.
    Png,
    /// A WebP picture.
    Webp {
        /// Whether it says that it moves.
        animated: bool,
    },
    /// A GIF picture.
    Gif {
        /// Whether it holds more than one picture.
        animated: bool,
    },
    /// A video in MP4 or M4V.
    Mp4,
    /// A video in QuickTime's own container (`.mov`).
    QuickTime,
    /// A picture as iPhones store it.
    Heic,
    /// An AVIF picture.
    Avif,
    /// A video or recording as old phones make it.
    ThreeGp,
    /// A contact card.
    VCard,
    /// The layout of an MMS: how its parts are shown.
    Smil,
    /// Words in UTF-8.
    Text,
    /// Anything else, nothing included.
    Other,
}

impl Kind {
    /// The media type, as `Draft::media_types` and sinks name it.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp { .. } => "image/webp",
            Self::Gif { .. } => "image/gif",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::ThreeGp => "video/3gpp",
            Self::VCard => "text/vcard",
            Self::Smil => "application/smil",
            Self::Text => "text/plain",
            Self::Other => "application/octet-stream",
        }
    }

    /// Whether it is one picture that does not move.
    pub fn is_still(self) -> bool {
        matches!(
            self,
            Self::Jpeg | Self::Png | Self::Webp { animated: false } | Self::Gif { animated: false }
        )
    }

    /// Whether it is a picture that moves.
    pub fn is_animation(self) -> bool {
        matches!(self, Self::Webp { animated: true } | Self::Gif { animated: true })
    }

    /// Whether it is a video that can be posted.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::QuickTime)
    }

    /// Why it can never be posted, and what to do instead, in words for the sender; nothing for
    /// pictures and videos, and for the layout of an MMS and its words, which nobody sent to be
    /// posted as a picture.
    pub fn why_not(self) -> Option<&'static str> {
        Some(match self {
            Self::Heic => "iPhone pictures in HEIC cannot be posted. Please send it as JPEG.",
            Self::Avif => "AVIF pictures cannot be posted. Please send it as JPEG.",
            Self::ThreeGp => "3GP recordings cannot be posted. Please send the video as MP4.",
            Self::VCard => "Contact cards cannot be posted. Please send the words as a text.",
            Self::Other => "This kind of file cannot be posted. Please send a JPEG picture.",
            _ => return None,
        })
    }
}

/// As people call it: `JPEG picture`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG picture",
            Self::Png => "PNG picture",
            Self::Webp { animated: false } => "WEBP picture",
            Self::Webp { animated: true } => "moving WEBP picture",
            Self::Gif { animated: false } => "GIF picture",
            Self::Gif { animated: true } => "moving GIF picture",
            Self::Mp4 => "MP4 video",
            Self::QuickTime => "QuickTime video",
            Self::Heic => "HEIC picture",
            Self::Avif => "AVIF picture",
            Self::ThreeGp => "3GP recording",
            Self::VCard => "contact card",
            Self::Smil => "MMS layout",
            Self::Text => "text",
            Self::Other => "file",
        })
    }
}
