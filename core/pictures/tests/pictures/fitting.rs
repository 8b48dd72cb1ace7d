//! Pictures as destinations take them.

use std::borrow::Cow;

use cordboard_pictures::{
    Cared, Kind, Limits, PictureError, fit, fit_owned, measure, re_encode, strip,
};
use image::{GenericImageView, ImageFormat, Rgba};

use crate::made;

fn only(types: &[&str]) -> Limits {
    let types: Vec<String> = types.iter().map(|mime| (*mime).to_owned()).collect();
    Limits { animation_types: types.clone(), types, ..Limits::default() }
}

/// The colours of the four quarters, as `drawing` names them.
fn quarters(cared: &Cared<'_>) -> String {
    let image = image::load_from_memory(&cared.bytes).unwrap();
    let (width, height) = (image.width(), image.height());
    let colour = |x, y| match image.get_pixel(x * width / 4, y * height / 4).0.map(|c| c > 128) {
        [true, false, false, _] => 'r',
        [false, true, false, _] => 'g',
        [false, false, true, _] => 'b',
        [true, true, false, _] => 'y',
        _ => '?',
    };
    [colour(1, 1), colour(3, 1), colour(1, 3), colour(3, 3)].iter().collect()
}

#[test]
fn what_fits_is_only_cleaned() {
    let limits = Limits {
        animation_types: vec!["image/gif".to_owned(), "image/webp".to_owned()],
        ..Limits::default()
    };
    for (name, bytes) in made::all() {
        let cared = fit(&bytes, &limits).unwrap();
        assert_eq!(cared.bytes, strip(&bytes).unwrap(), "{name}");
        assert!(!cared.is_encoded_afresh);
        let measured = measure(&bytes).unwrap();
        assert_eq!((cared.kind, cared.width), (measured.kind, measured.width));
    }
    let clean = strip(&made::png(1)).unwrap().into_owned();
    assert!(matches!(fit(&clean, &Limits::default()).unwrap().bytes, Cow::Borrowed(_)));
}

#[test]
fn a_file_given_away_comes_back_the_same() {
    for (name, bytes) in made::all().into_iter().filter(|(name, _)| *name != "WebP, moving") {
        let clean = strip(&bytes).unwrap().into_owned();
        let tailed = [&clean[..], b"behind the end"].concat();
        for bytes in [bytes, clean, tailed] {
            let given = fit_owned(bytes.clone(), &Limits::default());
            assert_eq!(given, fit(&bytes, &Limits::default()), "{name}");
        }
    }
    let clean = strip(&made::gif(1)).unwrap().into_owned();
    let place = clean.as_ptr();
    let given = fit_owned(clean, &Limits::default()).unwrap();
    assert_eq!(given.bytes.as_ptr(), place, "it was copied");
}

/// Its pixels are rubbish: whoever decoded it would say so.
#[test]
fn what_fits_is_not_decoded() {
    let mut jpeg = made::encoded(&made::drawing(64, 64), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|two| two == b"\xff\xda").unwrap() + 14;
    jpeg.truncate(scan);
    jpeg.extend([0x55; 100]);
    jpeg.extend(b"\xff\xd9");
    let png = made::png_bomb(100);
    for bytes in [jpeg, png] {
        assert!(!fit(&bytes, &Limits::default()).unwrap().is_encoded_afresh);
    }
    let broken = re_encode(&made::png_bomb(200), &Limits::default()).unwrap_err();
    assert!(matches!(broken, PictureError::Broken { .. }), "{broken:?}");
}

#[test]
fn a_type_that_is_not_taken_becomes_jpeg_the_right_way_up() {
    let jpeg = only(&["image/jpeg"]);
    for (bytes, expected) in [
        (made::webp(1), "rgby"),
        (made::webp(2), "gryb"),
        (made::webp(3), "ybgr"),
        (made::webp(4), "byrg"),
        (made::webp(5), "rbgy"),
        (made::webp(6), "bryg"),
        (made::webp(7), "ygbr"),
        (made::webp(8), "gyrb"),
        (made::png(6), "bryg"),
        (made::gif(1), "rgby"),
    ]
    .map(|(bytes, expected)| (bytes, expected.to_owned()))
    {
        let cared = fit(&bytes, &jpeg).unwrap();
        assert_eq!((cared.kind, cared.is_encoded_afresh), (Kind::Jpeg, true));
        assert_eq!(quarters(&cared), expected);
        let sides = if ["rgby", "gryb", "ybgr", "byrg"].contains(&&*expected) {
            (24, 16)
        } else {
            (16, 24)
        };
        assert_eq!((cared.width, cared.height), sides, "{expected}");
        assert_eq!(strip(&cared.bytes).unwrap(), cared.bytes, "there was something to remove");
    }
}

#[test]
fn a_heavy_still_becomes_lighter() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let bytes = made::encoded(&made::noise(200, 150), format);
        for still_bytes_max in [36_000, 10_000, 3_000] {
            assert!(bytes.len() > 36_000);
            let limits = Limits { still_bytes_max, ..Limits::default() };
            let cared = fit(&bytes, &limits).unwrap();
            assert_eq!((cared.kind, cared.is_encoded_afresh), (Kind::Jpeg, true));
            assert!(cared.bytes.len() as u64 <= still_bytes_max);
            assert!(cared.bytes.len() as u64 > still_bytes_max / 4, "needlessly small");
            let shape = f64::from(cared.width) / f64::from(cared.height);
            assert!((shape - 4.0 / 3.0).abs() < 0.1, "{} x {}", cared.width, cared.height);
        }
        // Lighter by quality alone keeps its size.
        let limits = Limits { still_bytes_max: 36_000, ..Limits::default() };
        assert_eq!(fit(&bytes, &limits).unwrap().width, 200);
        let none = Limits { still_bytes_max: 50, ..Limits::default() };
        let refusal = fit(&bytes, &none).unwrap_err();
        assert!(matches!(refusal, PictureError::TooHeavy { .. }), "{refusal:?}");
    }
}

#[test]
fn a_large_still_becomes_smaller() {
    let bytes = made::encoded(&made::drawing(120, 80), ImageFormat::Jpeg);
    let by_side = Limits { still_side_max: 60, ..Limits::default() };
    let cared = fit(&bytes, &by_side).unwrap();
    assert_eq!((cared.width, cared.height), (60, 40));
    assert_eq!(quarters(&cared), "rgby");
    let by_pixels = Limits { still_pixels_max: 2400, ..Limits::default() };
    let cared = fit(&bytes, &by_pixels).unwrap();
    assert_eq!((cared.width, cared.height), (60, 40));
    // A line stays a line.
    let line = made::encoded(&made::drawing(500, 1), ImageFormat::Png);
    let cared = fit(&line, &by_side).unwrap();
    assert_eq!((cared.width, cared.height), (60, 1));
}

#[test]
fn what_one_can_look_through_stays_png_or_lies_on_white() {
    let mut image = made::drawing(40, 40).into_rgba8();
    for x in 0..20 {
        for y in 0..20 {
            image.put_pixel(x, y, Rgba([0, 0, 0, 0]));
        }
    }
    let bytes = made::encoded(&image.into(), ImageFormat::WebP);
    let both = fit(&bytes, &only(&["image/jpeg", "image/png"])).unwrap();
    assert_eq!(both.kind, Kind::Png);
    assert_eq!(image::load_from_memory(&both.bytes).unwrap().get_pixel(5, 5).0[3], 0);
    let jpeg = fit(&bytes, &only(&["image/jpeg"])).unwrap();
    assert_eq!(jpeg.kind, Kind::Jpeg);
    let corner = image::load_from_memory(&jpeg.bytes).unwrap().get_pixel(5, 5).0;
    assert!(corner.iter().all(|colour| *colour > 245), "{corner:?}");
    // Too heavy as PNG: on white after all.
    let mut noise = made::noise(100, 100).into_rgba8();
    noise.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
    let bytes = made::encoded(&noise.into(), ImageFormat::WebP);
    let limits = Limits { still_bytes_max: 20_000, ..only(&["image/jpeg", "image/png"]) };
    assert_eq!(fit(&bytes, &limits).unwrap().kind, Kind::Jpeg);
    // Nothing but PNG is taken.
    let opaque = made::encoded(&made::drawing(40, 40), ImageFormat::WebP);
    assert_eq!(fit(&opaque, &only(&["image/png"])).unwrap().kind, Kind::Png);
    // A turned one is PNG the right way up.
    let turned = made::webp(6);
    let turned = fit(&turned, &only(&["image/png"])).unwrap();
    assert_eq!((turned.width, quarters(&turned).as_str()), (16, "bryg"));
}

#[test]
fn wide_colours_survive_being_encoded_afresh() {
    let profile = [&[0; 16][..], b"RGB XYZ ", &[3; 200]].concat();
    let plain = made::encoded(&made::drawing(48, 32), ImageFormat::Jpeg);
    let profiled = |profile: &[u8]| {
        let app2 = made::segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], profile].concat());
        [&plain[..20], &app2, &plain[20..]].concat()
    };
    let cared = re_encode(&profiled(&profile), &Limits::default()).unwrap();
    assert!(cared.bytes.windows(profile.len()).any(|found| found == profile));
    // One for print does not fit colours that are red, green and blue by now.
    let print = [&[0; 16][..], b"CMYKLab ", &[3; 200]].concat();
    let cared = re_encode(&profiled(&print), &Limits::default()).unwrap();
    assert!(!cared.bytes.windows(11).any(|found| found == b"ICC_PROFILE"));
}

#[test]
fn afresh_is_jpeg_and_cannot_be_a_movie() {
    for bytes in [made::jpeg(6), made::png(6), made::webp(6), made::gif(1), made::webp_lossy()] {
        let cared = re_encode(&bytes, &Limits::default()).unwrap();
        assert_eq!((cared.kind, cared.is_encoded_afresh), (Kind::Jpeg, true));
        assert!(!cared.bytes.windows(made::SECRET.len()).any(|found| found == made::SECRET));
    }
    for bytes in [made::gif(2), made::webp_animation(), made::mp4(b"isom")] {
        let refusal = re_encode(&bytes, &Limits::default()).unwrap_err();
        assert!(matches!(refusal, PictureError::NotTaken { .. }), "{refusal:?}");
    }
    let refusal = re_encode(&made::jpeg(1), &only(&["image/png"])).unwrap_err();
    assert_eq!(refusal, PictureError::NotTaken { kind: Kind::Jpeg });
}

#[test]
fn what_moves_fits_or_is_refused() {
    let most = Limits::default;
    let length = strip(&made::gif(3)).unwrap().len() as u64;
    let gif = Kind::Gif { animated: true };
    let heavy = PictureError::TooHeavy { kind: gif, bytes: length, bytes_max: length - 1 };
    let large = PictureError::TooLarge { kind: gif, width: 24, height: 16 };
    let long = PictureError::TooManyFrames { kind: gif, frames: 3, frames_max: 2 };
    let cases = [
        (Limits { animation_bytes_max: length, ..most() }, None),
        (Limits { animation_bytes_max: length - 1, ..most() }, Some(heavy)),
        (Limits { animation_width_max: 23, ..most() }, Some(large.clone())),
        (Limits { animation_height_max: 15, ..most() }, Some(large)),
        (Limits { animation_frames_max: 2, ..most() }, Some(long.clone())),
        (Limits { animation_pixels_max: 24 * 16 * 3 - 1, ..most() }, Some(long)),
        (Limits { animation_pixels_max: 24 * 16 * 3, ..most() }, None),
        (only(&["image/jpeg"]), Some(PictureError::NotTaken { kind: gif })),
        (
            Limits { animation_types: Vec::new(), ..most() },
            Some(PictureError::NotTaken { kind: gif }),
        ),
    ];
    // A destination that shows WebP shows nothing moving by that.
    let webp = PictureError::NotTaken { kind: Kind::Webp { animated: true } };
    assert_eq!(fit(&made::webp_animation(), &most()), Err(webp));
    for (limits, refusal) in cases {
        assert_eq!(fit(&made::gif(3), &limits).err(), refusal, "{limits:?}");
    }
}

#[test]
fn a_video_fits_or_is_refused() {
    let most = Limits::default;
    let bytes = made::mp4(b"mp42");
    let (kind, length) = (Kind::Mp4, bytes.len() as u64);
    let long = PictureError::TooLong { kind, duration_ms: 3000, duration_ms_max: 2999 };
    let heavy = PictureError::TooHeavy { kind, bytes: length, bytes_max: length - 1 };
    let cases = [
        (
            Limits { video_bytes_max: length, video_ms_min: 3000, video_ms_max: 3000, ..most() },
            None,
        ),
        (Limits { video_bytes_max: length - 1, ..most() }, Some(heavy)),
        (Limits { video_ms_max: 2999, ..most() }, Some(long)),
        (
            Limits { video_ms_min: 3001, ..most() },
            Some(PictureError::TooShort { kind, duration_ms: 3000 }),
        ),
        (only(&["image/jpeg"]), Some(PictureError::NotTaken { kind })),
        (only(&["video/mp4"]), None),
    ];
    for (limits, refusal) in cases {
        assert_eq!(fit(&bytes, &limits).err(), refusal, "{limits:?}");
    }
}
