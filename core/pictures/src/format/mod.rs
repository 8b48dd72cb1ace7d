//! One file for each format: its size without decoding, and itself without metadata.

pub(crate) mod gif;
pub(crate) mod jpeg;
pub(crate) mod mp4;
pub(crate) mod png;
pub(crate) mod webp;

/// What the headers say. `decode_bytes` counts the decoded pixels and all that the decoder holds
/// beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames: u32,
    pub(crate) duration_ms: u64,
    pub(crate) decode_bytes: u64,
}

impl Size {
    /// A still whose decoding takes so many bytes for each pixel.
    pub(crate) fn still(width: u32, height: u32, bytes_per_pixel: u64) -> Self {
        let decode_bytes = area(width, height).saturating_mul(bytes_per_pixel);
        Self { width, height, frames: 1, duration_ms: 0, decode_bytes }
    }
}

/// Width times height.
pub(crate) fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}
