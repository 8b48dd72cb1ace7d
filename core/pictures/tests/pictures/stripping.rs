//! Metadata are gone, pixels are not.

use std::borrow::Cow;
use std::io::Cursor;

use cordboard_pictures::{Kind, PictureError, measure, sniff, strip};
use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ImageDecoder, ImageReader};

use crate::made;

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|found| found == part)
}

/// All pixels of all frames.
pub(crate) fn pixels(bytes: &[u8]) -> Vec<Vec<u8>> {
    let frames = match sniff(bytes) {
        Kind::Webp { animated: true } => {
            WebPDecoder::new(Cursor::new(bytes)).unwrap().into_frames()
        }
        Kind::Gif { .. } => GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames(),
        _ => return vec![image::load_from_memory(bytes).unwrap().into_rgba8().into_raw()],
    };
    frames.map(|frame| frame.unwrap().into_buffer().into_raw()).collect()
}

#[test]
fn nothing_secret_is_left() {
    for (name, bytes) in made::all() {
        assert!(
            name == "WebP, lossy" || bytes.windows(16).filter(|w| *w == made::SECRET).count() > 4
        );
        let stripped = strip(&bytes).unwrap();
        assert!(!holds(&stripped, made::SECRET), "{name}: {}", stripped.escape_ascii());
        assert!(!holds(&stripped, b"GPS") && !holds(&stripped, b"\x88\x25"), "{name}");
        assert!(!holds(&stripped, b"tIME") && !holds(&stripped, &0xe3b0_c442_u32.to_be_bytes()));
    }
}

#[test]
fn the_same_picture_is_left() {
    for (name, bytes) in made::all() {
        let stripped = strip(&bytes).unwrap();
        assert_eq!(sniff(&stripped), sniff(&bytes), "{name}");
        assert_eq!(measure(&stripped), measure(&bytes), "{name}");
        if !sniff(&bytes).is_video() {
            assert_eq!(pixels(&stripped), pixels(&bytes), "{name}");
        }
    }
}

#[test]
fn twice_is_once_and_copies_nothing() {
    for (name, bytes) in made::all() {
        let once = strip(&bytes).unwrap().into_owned();
        let twice = strip(&once).unwrap();
        assert_eq!(twice, once, "{name}");
        let is_turned = ["JPEG", "PNG", "WebP"].contains(&name);
        assert!(matches!(twice, Cow::Borrowed(_)) || is_turned, "{name} was copied");
    }
}

#[test]
fn only_a_tail_is_cut_off_without_a_copy() {
    for (name, bytes) in made::all() {
        let clean = strip(&bytes).unwrap().into_owned();
        if sniff(&clean).is_video() || ["JPEG", "PNG", "WebP"].contains(&name) {
            continue;
        }
        let tailed = [&clean[..], &made::secret("a live photo's video")].concat();
        assert!(
            matches!(strip(&tailed).unwrap(), Cow::Borrowed(found) if found == clean),
            "{name}"
        );
    }
}

#[test]
fn the_right_way_up_stays() {
    for turned in 1..=8u8 {
        for bytes in [made::jpeg(turned), made::png(turned), made::webp(turned)] {
            let stripped = strip(&bytes).unwrap();
            let reader = ImageReader::new(Cursor::new(&*stripped)).with_guessed_format().unwrap();
            let mut decoder = reader.into_decoder().unwrap();
            assert_eq!(decoder.orientation().unwrap().to_exif(), turned, "{}", sniff(&bytes));
            let exif = decoder.exif_metadata().unwrap();
            assert_eq!(exif.map(|exif| exif.len()), (turned > 1).then_some(26));
        }
    }
}

#[test]
fn colours_stay() {
    let stripped = strip(&made::jpeg(6)).unwrap().into_owned();
    assert!(holds(&stripped, b"ICC_PROFILE\0\x01\x01"));
    assert!(holds(&stripped, b"JFIF\0\x01\x02"));
    let stripped = strip(&made::png(6)).unwrap().into_owned();
    assert!(holds(&stripped, b"gAMA") && holds(&stripped, b"pHYs"));
    let stripped = strip(&made::webp(6)).unwrap().into_owned();
    assert!(holds(&stripped, b"ICCP"));
    // The flags: profile, transparency and orientation, but no XMP.
    assert_eq!(stripped[20], 0x20 | 0x10 | 0x08);
    assert_eq!(strip(&made::webp(1)).unwrap()[20], 0x20 | 0x10);
    // Adobe's marker says which colours four components are.
    let plain = made::encoded(&made::drawing(16, 16), image::ImageFormat::Jpeg);
    let adobe =
        made::segment(0xee, &[&b"Adobe\0\x64\0\0\0\0\x01"[..], &made::secret("more")].concat());
    let stripped = strip(&[&plain[..2], &adobe, &plain[2..]].concat()).unwrap().into_owned();
    assert!(holds(&stripped, b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x01\xff"));
}

#[test]
fn a_moving_gif_loops_as_before() {
    let stripped = strip(&made::gif(3)).unwrap().into_owned();
    assert!(holds(&stripped, b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"));
    let old = made::gif(3);
    let at = old.windows(11).position(|found| found == b"NETSCAPE2.0").unwrap();
    let mut other = old.clone();
    other[at..at + 11].copy_from_slice(b"ANIMEXTS1.0");
    assert_eq!(strip(&other).unwrap(), stripped);
}

#[test]
fn a_gif_without_a_trailer_gets_one() {
    let clean = strip(&made::gif(2)).unwrap().into_owned();
    assert_eq!(strip(&clean[..clean.len() - 1]).unwrap(), clean);
}

#[test]
fn a_video_keeps_its_samples_where_they_are() {
    let bytes = made::mp4(b"mp42");
    let stripped = strip(&bytes).unwrap();
    let places = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).position(|w| w == part);
    for sample in [&b"picture onepicture two"[..], b"picture 3picture 4", b"lalala"] {
        assert_eq!(places(&stripped, sample), places(&bytes, sample));
        assert!(places(&bytes, sample).is_some());
    }
    // The positions' track is a hole now; picture and sound are not.
    let count = |name: &[u8; 4]| stripped.windows(4).filter(|found| found == name).count();
    assert_eq!((count(b"trak"), count(b"vide"), count(b"soun")), (2, 1, 1));
    for name in [b"udta", b"meta", b"uuid", b"sefd", b"\xa9xyz"] {
        assert_eq!(count(name), 0, "{}", name.escape_ascii());
    }
}

#[test]
fn a_video_that_cannot_be_cleaned_is_refused() {
    let fragmented = [
        made::atom(b"ftyp", &[b"isom", &[0; 4]]),
        made::atom(b"moov", &[&made::atom(b"mvex", &[])]),
        made::atom(b"moof", &[]),
        made::atom(b"mdat", &[made::SECRET]),
    ]
    .concat();
    let refusal = strip(&fragmented).unwrap_err();
    assert!(matches!(refusal, PictureError::Uncleanable { .. }), "{refusal:?}");
}

#[test]
fn what_ends_early_is_broken() {
    for (name, bytes) in made::all() {
        let clean = strip(&bytes).unwrap().into_owned();
        // A video's end is a hole, and a GIF may lack its last byte.
        let whole = clean.len() - usize::from(name.starts_with("GIF"));
        if sniff(&clean).is_video() {
            continue;
        }
        for end in 0..whole {
            let refusal = strip(&clean[..end]);
            // Cut right behind one of its pictures, a GIF is whole.
            let is_whole = name == "GIF, moving" && refusal.is_ok();
            assert!(refusal.is_err() || is_whole, "{name} cut to {end} of {}", clean.len());
        }
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [&b"words"[..], b"", b"BEGIN:VCARD", b"\0\0\0\x10ftypheic\0\0\0\0"] {
        assert_eq!(strip(bytes), Err(PictureError::Unfit { kind: sniff(bytes) }));
        assert_eq!(measure(bytes), Err(PictureError::Unfit { kind: sniff(bytes) }));
    }
    // Apple's own PNG, which nobody else can show.
    let apple = made::chunk(b"CgBI", &[0; 4]);
    let png = made::png(1);
    assert!(strip(&[&png[..33], &apple, &png[33..]].concat()).is_err());
}
