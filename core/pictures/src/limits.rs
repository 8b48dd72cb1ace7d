//! What a destination takes.

use crate::kind::Kind;

/// What decoding one picture may take at once: enough for 16 million pixels in colour.
pub const DECODE_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// What a destination takes, told by its sink. All limits are the last allowed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The media types of stills and videos that it takes, as in `SinkCapabilities::media_types`.
    pub types: Vec<String>,
    /// The media types that it takes when they move: `image/webp` among `types` says nothing about
    /// one that moves.
    pub animation_types: Vec<String>,
    /// A still's file.
    pub still_bytes_max: u64,
    /// A still's longer side, in pixels.
    pub still_side_max: u32,
    /// A still's width times its height.
    pub still_pixels_max: u64,
    /// A moving picture's file.
    pub animation_bytes_max: u64,
    /// A moving picture's width in pixels.
    pub animation_width_max: u32,
    /// A moving picture's height in pixels.
    pub animation_height_max: u32,
    /// How many pictures a moving picture holds.
    pub animation_frames_max: u32,
    /// Width times height times frames of a moving picture.
    pub animation_pixels_max: u64,
    /// A video's file.
    pub video_bytes_max: u64,
    /// The shortest video.
    pub video_ms_min: u64,
    /// The longest video.
    pub video_ms_max: u64,
    /// The most memory that decoding may take.
    pub decode_bytes_max: u64,
}

/// What most destinations take today; a sink that knows better says so.
impl Default for Limits {
    fn default() -> Self {
        let types = ["image/jpeg", "image/png", "image/webp", "image/gif"];
        let types = types.into_iter().chain(["video/mp4", "video/quicktime"]);
        Self {
            types: types.map(str::to_owned).collect(),
            animation_types: vec!["image/gif".to_owned()],
            still_bytes_max: 5 * 1024 * 1024,
            still_side_max: 8192,
            still_pixels_max: 8192 * 8192,
            animation_bytes_max: 15 * 1024 * 1024,
            animation_width_max: 1280,
            animation_height_max: 1080,
            animation_frames_max: 350,
            animation_pixels_max: 300_000_000,
            video_bytes_max: 512 * 1024 * 1024,
            video_ms_min: 500,
            video_ms_max: 140_000,
            decode_bytes_max: DECODE_BYTES_MAX,
        }
    }
}

impl Limits {
    /// Whether it takes this kind, were it small enough.
    pub fn takes(&self, kind: Kind) -> bool {
        let types = if kind.is_animation() { &self.animation_types } else { &self.types };
        types.iter().any(|taken| taken.eq_ignore_ascii_case(kind.mime()))
    }
}

/// A length as limits count.
pub(crate) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
