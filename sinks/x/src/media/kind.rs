//! What X takes: types, categories and sizes (X docs, media, August 2026).

use cordboard_plugin::{CallError, Media, MediaLimit, Reason};

/// A kind of picture.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its type.
    pub media_type: &'static str,
    /// What X calls it.
    pub category: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The most megabytes (1000 × 1000 bytes) of it.
    pub megabytes_max: u32,
}

/// The category of stills; up to four of them go into one post, and they are uploaded in one call.
pub const STILL: &str = "tweet_image";

/// All kinds. A GIF is taken for an animated one, which is right for a still one as well.
pub const KINDS: [Kind; 5] = [
    Kind { media_type: "image/jpeg", category: STILL, name: "JPEG", megabytes_max: 5 },
    Kind { media_type: "image/png", category: STILL, name: "PNG", megabytes_max: 5 },
    Kind { media_type: "image/webp", category: STILL, name: "WEBP", megabytes_max: 5 },
    Kind { media_type: "image/gif", category: "tweet_gif", name: "GIF", megabytes_max: 15 },
    Kind { media_type: "video/mp4", category: "tweet_video", name: "MP4", megabytes_max: 512 },
];

impl Kind {
    /// The kind of pictures of this type, if X takes them.
    pub fn of(media_type: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.media_type == media_type)
    }

    /// Whether it shares a post with up to three others.
    pub fn is_still(&self) -> bool {
        self.category == STILL
    }

    /// The kind of `media`, if X takes it.
    ///
    /// # Errors
    /// [`Reason::Content`] for another type; [`Reason::Media`] for one that is too large.
    pub fn accepts(media: &Media) -> Result<&'static Self, CallError> {
        let kind = Self::of(&media.media_type)
            .ok_or_else(|| CallError::refused(Reason::Content, "", unknown(&media.media_type)))?;
        if media.bytes.0.is_empty() {
            return Err(CallError::refused(Reason::Media, "", "the picture is empty"));
        }
        if media.bytes.0.len() as u64 > kind.bytes_max() {
            let words = format!("X takes a {} up to {} MB", kind.name, kind.megabytes_max);
            return Err(CallError::refused(Reason::Media, "", words));
        }
        Ok(kind)
    }

    fn bytes_max(&self) -> u64 {
        u64::from(self.megabytes_max) * 1_000_000
    }
}

/// How large each kind may be.
pub(super) fn limits() -> Vec<MediaLimit> {
    let limit = |kind: &Kind| MediaLimit {
        media_type: kind.media_type.to_owned(),
        bytes_max: kind.bytes_max(),
    };
    KINDS.iter().map(limit).collect()
}

/// Words for a type that X does not take.
pub fn unknown(media_type: &str) -> String {
    let named = match media_type.split('/').nth(1).unwrap_or_default() {
        "heic" | "heif" => "HEIC pictures",
        "3gpp" | "3gpp2" => "3GP videos",
        "bmp" => "BMP pictures",
        "tiff" => "TIFF pictures",
        "quicktime" => "QuickTime videos",
        _ if media_type.starts_with("video/") => "videos of this kind",
        _ if media_type.starts_with("audio/") => "sounds",
        _ if media_type.starts_with("image/") => "pictures of this kind",
        _ => "attachments of this kind",
    };
    format!("X does not take {named}; it takes JPEG, PNG, WEBP, GIF and MP4")
}
