//! Why a picture cannot be posted.

use crate::kind::Kind;

/// Why a picture cannot be posted. `Display` is for the person who sent it: what is wrong, then the
/// way out, in letters that a text needs no Unicode for. [`PictureError::detail`] is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Neither a picture nor a video that anybody takes.
    #[error("{}", kind.why_not().unwrap_or("This is no picture. Please send a JPEG picture."))]
    Unfit {
        /// What it is.
        kind: Kind,
    },
    /// Its bytes make no sense, or end too early.
    #[error("This {kind} is broken or arrived incomplete. Please send it again.")]
    Broken {
        /// What it seems to be.
        kind: Kind,
        /// What makes no sense.
        why: &'static str,
    },
    /// Stored in a way in which data and metadata cannot be told apart.
    #[error(
        "This {kind} may hold your location and cannot be cleaned. Please send it as an ordinary MP4, or as a picture."
    )]
    Uncleanable {
        /// What it is.
        kind: Kind,
        /// What stands in the way.
        why: &'static str,
    },
    /// This destination does not take its kind, and we cannot make another kind of it.
    #[error("A {kind} cannot be posted here. Please send a JPEG picture.")]
    NotTaken {
        /// What it is.
        kind: Kind,
    },
    /// More pixels than the destination takes, and than may be decoded to make it smaller.
    #[error("This {kind} is too large: {width} x {height} pixels. Please send a smaller one.")]
    TooLarge {
        /// What it is.
        kind: Kind,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
    },
    /// More bytes than the destination takes, and it cannot be made smaller.
    #[error("This {kind} is too large: {} (at most {}). Please send a smaller one.", size(*bytes), size(*bytes_max))]
    TooHeavy {
        /// What it is.
        kind: Kind,
        /// How many it has.
        bytes: u64,
        /// How many it may have.
        bytes_max: u64,
    },
    /// A moving picture with more pictures in it than the destination takes.
    #[error(
        "This {kind} is too long: {frames} frames (at most {frames_max}). Please send a shorter one."
    )]
    TooManyFrames {
        /// What it is.
        kind: Kind,
        /// How many it has.
        frames: u32,
        /// How many it may have.
        frames_max: u32,
    },
    /// A video longer than the destination takes.
    #[error("This {kind} is too long: {} s (at most {} s). Please send a shorter one.", duration_ms.div_ceil(1000), duration_ms_max / 1000)]
    TooLong {
        /// What it is.
        kind: Kind,
        /// How long it lasts.
        duration_ms: u64,
        /// How long it may last.
        duration_ms_max: u64,
    },
    /// A video shorter than the destination takes.
    #[error("This {kind} is too short to be posted. Please send a longer one, or a picture.")]
    TooShort {
        /// What it is.
        kind: Kind,
        /// How long it lasts.
        duration_ms: u64,
    },
}

impl PictureError {
    /// What was wrong, for the log: no words of the sender, no bytes of the picture.
    pub fn detail(&self) -> String {
        format!("{self:?}")
    }

    /// Whether the same picture, sent once more, may come through.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    // Rounded up, so that "5.1 MB (at most 5 MB)" never reads "5 MB (at most 5 MB)".
    let tenths = bytes.saturating_mul(10).div_ceil(1024 * 1024);
    match tenths % 10 {
        0 => format!("{} MB", tenths / 10),
        tenth => format!("{}.{tenth} MB", tenths / 10),
    }
}

/// What a format found wrong, before anybody said which kind it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Broken(&'static str),
    Uncleanable(&'static str),
}

impl Fault {
    pub(crate) fn of(self, kind: Kind) -> PictureError {
        match self {
            Self::Broken(why) => PictureError::Broken { kind, why },
            Self::Uncleanable(why) => PictureError::Uncleanable { kind, why },
        }
    }
}
