//! Decoding, for the few pictures that need it.

use std::io::Cursor;
use std::panic::catch_unwind;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, ImageResult, Rgb,
};

use crate::error::PictureError;
use crate::format::{area, jpeg, png, webp};
use crate::kind::Kind;
use crate::{Measured, strip};

/// A decoded picture, as stored.
pub(crate) struct Decoded {
    pub(crate) image: DynamicImage,
    /// 1 to 8, as Exif counts.
    pub(crate) orientation: u8,
    /// The profile of its colours, if it is one for red, green and blue.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Decodes a still that was measured, in at most `decode_bytes_max`.
pub(crate) fn decode(
    bytes: &[u8],
    measured: &Measured,
    decode_bytes_max: u64,
) -> Result<Decoded, PictureError> {
    let Measured { kind, width, height, .. } = *measured;
    let format = match kind {
        Kind::Jpeg => ImageFormat::Jpeg,
        Kind::Png => ImageFormat::Png,
        Kind::Webp { animated: false } => ImageFormat::WebP,
        Kind::Gif { animated: false } => ImageFormat::Gif,
        _ => return Err(PictureError::NotTaken { kind }),
    };
    if measured.decode_bytes > decode_bytes_max {
        // With few pixels, it is not their number that is too large.
        if matches!(kind, Kind::Webp { .. }) && area(width, height) * 4 <= decode_bytes_max {
            return Err(PictureError::NotTaken { kind });
        }
        return Err(PictureError::TooLarge { kind, width, height });
    }
    let orientation = match kind {
        Kind::Jpeg => jpeg::orientation(bytes),
        Kind::Png => png::orientation(bytes),
        Kind::Webp { .. } => webp::orientation(bytes),
        _ => Ok(None),
    };
    let orientation = orientation.map_err(|fault| fault.of(kind))?.unwrap_or(1);
    // Metadata are gone before a decoder sees them: compressed words cannot be a bomb either.
    let stripped = strip(bytes)?;
    let mut limits = image::Limits::no_limits();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    limits.max_alloc = Some(decode_bytes_max);
    // The decoders promise not to panic; a picture from a stranger is where that would show.
    let decoded = catch_unwind(|| pixels(&stripped, format, limits));
    let (image, profile) = decoded
        .map_err(|_| PictureError::Broken { kind, why: "the decoder gave up" })?
        .map_err(|error| failed(error, measured))?;
    Ok(Decoded { image, orientation, profile })
}

fn pixels(
    bytes: &[u8],
    format: ImageFormat,
    limits: image::Limits,
) -> ImageResult<(DynamicImage, Option<Vec<u8>>)> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // A colour profile that cannot be read is no reason to lose the picture.
    let profile = decoder.icc_profile().ok().flatten();
    // ICC.1:2010 section 7.2.6: which colours it is for.
    let profile = profile.filter(|profile| profile.get(16..20) == Some(b"RGB "));
    Ok((DynamicImage::from_decoder(decoder)?, profile))
}

fn failed(error: image::ImageError, measured: &Measured) -> PictureError {
    let Measured { kind, width, height, .. } = *measured;
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge { kind, width, height },
        image::ImageError::Unsupported(_) => PictureError::NotTaken { kind },
        _ => PictureError::Broken { kind, why: "its pixels cannot be decoded" },
    }
}

impl Decoded {
    /// Whether anything behind it would show.
    pub(crate) fn is_transparent(&self) -> bool {
        self.image.color().has_alpha() && self.image.pixels().any(|(_, _, pixel)| pixel.0[3] != 255)
    }

    /// As it is meant to be seen, without a copy.
    pub(crate) fn shown(&self) -> Shown<'_> {
        Shown { image: &self.image, orientation: self.orientation }
    }
}

/// A picture the right way up, on white, in red, green and blue: computed pixel by pixel, since a
/// second copy of a large picture would not fit our memory limit.
pub(crate) struct Shown<'a> {
    image: &'a DynamicImage,
    orientation: u8,
}

impl GenericImageView for Shown<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        let (width, height) = self.image.dimensions();
        if self.orientation >= 5 { (height, width) } else { (width, height) }
    }

    /// Exif 2.3 section 4.6.4, tag 0x0112: which stored pixel is seen at a place.
    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let (width, height) = self.image.dimensions();
        let (right, bottom) = (width - 1, height - 1);
        let (x, y) = match self.orientation {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        };
        let [red, green, blue, alpha] = self.image.get_pixel(x, y).0;
        let on_white = |colour: u8| {
            let alpha = u16::from(alpha);
            let mixed = (u16::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([on_white(red), on_white(green), on_white(blue)])
    }
}
