//! Sizes without decoding, and bombs.

use std::time::Instant;

use cordboard_pictures::{Kind, Limits, PictureError, fit, measure, re_encode};
use image::ImageFormat;

use crate::made;

#[test]
fn headers_tell_the_size() {
    let cases = [
        (made::jpeg(6), (48, 32, 1, 0)),
        (made::png(6), (24, 16, 1, 0)),
        (made::webp(6), (24, 16, 1, 0)),
        (made::webp_lossy(), (1, 1, 1, 0)),
        (made::webp_animation(), (24, 16, 2, 0)),
        (made::gif(1), (24, 16, 1, 0)),
        (made::gif(3), (24, 16, 3, 0)),
        (made::mp4(b"mp42"), (640, 480, 4, 3000)),
    ];
    for (bytes, expected) in cases {
        let found = measure(&bytes).unwrap();
        let size = (found.width, found.height, found.frames, found.duration_ms);
        assert_eq!(size, expected, "{}", found.kind);
    }
}

#[test]
fn decoding_is_estimated_for_each_sort_of_pixels() {
    let image = made::drawing(64, 32);
    let pixels = 64 * 32;
    let grey = image.grayscale().into_luma8().into();
    let cases = [
        (made::encoded(&image, ImageFormat::Jpeg), 3 * pixels),
        (made::encoded(&image, ImageFormat::Png), 4 * pixels),
        (made::encoded(&image.to_rgba16().into(), ImageFormat::Png), 8 * pixels),
        (made::encoded(&grey, ImageFormat::Png), 2 * pixels),
        (made::encoded(&image, ImageFormat::Gif), 8 * pixels),
        (made::webp_lossy(), 5),
    ];
    for (bytes, expected) in cases {
        let found = measure(&bytes).unwrap();
        assert_eq!(found.decode_bytes, expected, "{}", found.kind);
    }
    // The same JPEG, if it came in scans that have to be put together: two bytes for each
    // coefficient more.
    let mut progressive = made::encoded(&image, ImageFormat::Jpeg);
    let frame = progressive.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    progressive[frame + 1] = 0xc2;
    assert!(measure(&progressive).unwrap().decode_bytes >= (3 + 2) * pixels);
}

#[test]
fn a_bomb_is_refused_at_once() {
    let bomb = made::png_bomb(30_000);
    assert!(bomb.len() < 70_000);
    let began = Instant::now();
    let refusal = PictureError::TooLarge { kind: Kind::Png, width: 30_000, height: 30_000 };
    assert_eq!(fit(&bomb, &Limits::default()), Err(refusal.clone()));
    assert_eq!(re_encode(&bomb, &Limits::default()), Err(refusal.clone()));
    // Neither a destination that takes any size, nor one that takes no PNG, gets it decoded.
    let jpeg_only = Limits { types: vec!["image/jpeg".to_owned()], ..Limits::default() };
    let any_size = Limits { still_side_max: u32::MAX, still_pixels_max: u64::MAX, ..jpeg_only };
    assert_eq!(fit(&bomb, &any_size), Err(refusal));
    assert!(began.elapsed().as_millis() < 1000, "{:?}", began.elapsed());
}

#[test]
fn bombs_of_other_formats_are_refused_too() {
    let mut jpeg = made::encoded(&made::drawing(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    let mut gif = made::gif(1);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    // A small screen with a huge picture on it.
    let mut wide = made::gif(1);
    let at = wide.windows(4).position(|four| four == [24, 0, 16, 0]).unwrap();
    let picture = wide.windows(9).rposition(|nine| nine[0] == 0x2c && nine[5..] == [24, 0, 16, 0]);
    let picture = picture.unwrap();
    assert_ne!(at, picture + 5);
    wide[picture + 5..picture + 9].copy_from_slice(&[0xff; 4]);
    let limits = Limits { types: vec!["image/png".to_owned()], ..Limits::default() };
    for bomb in [jpeg, gif, wide] {
        let refusal = fit(&bomb, &limits).unwrap_err();
        assert!(matches!(refusal, PictureError::TooLarge { .. }), "{refusal:?}");
    }
}

#[test]
fn pixels_larger_than_their_canvas_are_no_picture() {
    let pixels = made::encoded(&made::drawing(200, 100), ImageFormat::WebP)[12..].to_vec();
    let header = made::riff(b"VP8X", &[0, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
    let file = made::webp_file(&[header, pixels].concat());
    assert!(matches!(measure(&file), Err(PictureError::Broken { .. })));
}

/// Lossless WebP can ask for tables far larger than itself, so a long one is never decoded.
#[test]
fn a_long_lossless_webp_is_not_decoded() {
    let short = made::encoded(&made::drawing(64, 32), ImageFormat::WebP);
    assert!(measure(&short).unwrap().decode_bytes < 12 * 64 * 32 + 512 * short.len() as u64);
    let long = made::encoded(&made::noise(300, 200), ImageFormat::WebP);
    assert!(measure(&long).unwrap().decode_bytes > 500 * long.len() as u64);
    let jpeg = Limits { types: vec!["image/jpeg".to_owned()], ..Limits::default() };
    assert!(fit(&short, &jpeg).is_ok());
    let refusal = PictureError::NotTaken { kind: Kind::Webp { animated: false } };
    assert_eq!(fit(&long, &jpeg), Err(refusal));
    assert!(fit(&long, &Limits::default()).is_ok());
}

#[test]
fn no_width_is_broken() {
    let bytes = made::png_bomb(0);
    assert!(matches!(measure(&bytes), Err(PictureError::Broken { .. })));
}
