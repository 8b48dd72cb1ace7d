//! Encoding until it fits.

use std::io::{self, Write};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageEncoder, ImageError, Rgb, RgbImage, imageops};

use crate::decode::Decoded;
use crate::limits::{Limits, length};

/// The qualities that are tried before the picture is made smaller.
const QUALITIES: [u8; 4] = [90, 82, 74, 66];
/// A picture with no side longer than this is not made smaller still.
const SIDE_MIN: u32 = 64;
/// The longest side that JPEG can tell.
const JPEG_SIDE_MAX: u32 = 65_535;

/// Writes into memory up to a limit, so that a try that will not fit ends early and stays small.
struct Capped {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Write for Capped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + more.len() > self.bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a try gave: bytes, or nothing when they would be too many or cannot be written at all.
fn attempt(
    bytes_max: u64,
    encode: impl FnOnce(&mut Capped) -> Result<(), ImageError>,
) -> Option<Vec<u8>> {
    let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let mut capped = Capped { bytes: Vec::new(), bytes_max };
    encode(&mut capped).ok().map(|()| capped.bytes)
}

/// The sides of the largest picture of this shape that a destination takes.
pub(crate) fn sides((width, height): (u32, u32), limits: &Limits) -> (u32, u32) {
    let longer = f64::from(width.max(height));
    let by_side = f64::from(limits.still_side_max.min(JPEG_SIDE_MAX)) / longer;
    #[expect(clippy::cast_precision_loss, reason = "a limit in pixels is far below 2^52")]
    let by_pixels =
        (limits.still_pixels_max as f64 / (f64::from(width) * f64::from(height))).sqrt();
    shrunk((width, height), by_side.min(by_pixels))
}

fn shrunk((width, height): (u32, u32), factor: f64) -> (u32, u32) {
    if factor >= 1.0 {
        return (width, height);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the side before"
    )]
    let side = |side: u32| ((f64::from(side) * factor) as u32).max(1);
    (side(width), side(height))
}

/// As JPEG, with falling quality and then falling size, until it fits. Nothing when it never does.
pub(crate) fn jpeg(decoded: Decoded, limits: &Limits) -> Option<Vec<u8>> {
    let profile = decoded.profile.clone();
    let whole = decoded.shown();
    let target = sides(whole.dimensions(), limits);
    let mut scaled = if target == whole.dimensions() {
        if let Some(bytes) = qualities(&whole, profile.as_deref(), limits) {
            return Some(bytes);
        }
        smaller(&whole)?
    } else {
        imageops::thumbnail(&whole, target.0, target.1)
    };
    // From here on the small one is enough.
    drop(decoded);
    loop {
        if let Some(bytes) = qualities(&scaled, profile.as_deref(), limits) {
            return Some(bytes);
        }
        scaled = smaller(&scaled)?;
    }
}

fn smaller<I: GenericImageView<Pixel = Rgb<u8>>>(image: &I) -> Option<RgbImage> {
    let (width, height) = shrunk(image.dimensions(), 2.0 / 3.0);
    (image.width().max(image.height()) > SIDE_MIN)
        .then(|| imageops::thumbnail(image, width, height))
}

fn qualities<I: GenericImageView<Pixel = Rgb<u8>>>(
    image: &I,
    profile: Option<&[u8]>,
    limits: &Limits,
) -> Option<Vec<u8>> {
    QUALITIES.into_iter().find_map(|quality| {
        attempt(limits.still_bytes_max, |capped| {
            let mut encoder = JpegEncoder::new_with_quality(capped, quality);
            if let Some(profile) = profile {
                // A profile too long for JPEG is left out.
                let _ = encoder.set_icc_profile(profile.to_vec());
            }
            encoder.encode_image(image)
        })
    })
}

/// As PNG, for a picture that one can look through. Nothing when it does not fit.
///
/// Beside the decoded pixels there may be a copy the right way up, and the encoder holds all it has
/// made before it gives anything away: three times the pixels at worst.
pub(crate) fn png(decoded: &Decoded, limits: &Limits) -> Option<Vec<u8>> {
    if length(decoded.image.as_bytes().len()) > limits.decode_bytes_max / 3 {
        return None;
    }
    let stored = decoded.image.dimensions();
    let (width, height) = sides(stored, limits);
    let mut copy: Option<DynamicImage> = None;
    if (width, height) != stored {
        copy = Some(decoded.image.thumbnail_exact(width, height));
    }
    if let Some(orientation) = Orientation::from_exif(decoded.orientation)
        && orientation != Orientation::NoTransforms
    {
        copy.get_or_insert_with(|| decoded.image.clone()).apply_orientation(orientation);
    }
    let image = copy.as_ref().unwrap_or(&decoded.image);
    attempt(limits.still_bytes_max, |capped| {
        let mut encoder = PngEncoder::new(capped);
        if let Some(profile) = &decoded.profile {
            let _ = encoder.set_icc_profile(profile.clone());
        }
        let (width, height) = image.dimensions();
        encoder.write_image(image.as_bytes(), width, height, image.color().into())
    })
}
