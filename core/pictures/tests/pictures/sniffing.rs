//! What bytes are.

use cordboard_pictures::{Kind, sniff};

use crate::made;

fn container(major: &[u8; 4], others: &[&[u8]]) -> Vec<u8> {
    [made::atom(b"ftyp", &[major, &[0; 4], &others.concat()]), vec![0; 40]].concat()
}

#[test]
fn a_kind_is_told_by_bytes() {
    let cases: Vec<(Vec<u8>, Kind)> = vec![
        (made::jpeg(1), Kind::Jpeg),
        (made::png(1), Kind::Png),
        (made::webp(1), Kind::Webp { animated: false }),
        (made::webp_lossy(), Kind::Webp { animated: false }),
        (made::webp_animation(), Kind::Webp { animated: true }),
        (made::gif(1), Kind::Gif { animated: false }),
        (made::gif(2), Kind::Gif { animated: true }),
        (made::mp4(b"isom"), Kind::Mp4),
        (container(b"M4V ", &[]), Kind::Mp4),
        (container(b"iso6", &[]), Kind::Mp4),
        (container(b"XYZ1", &[b"mp42"]), Kind::Mp4),
        (container(b"isom", &[b"3gp4"]), Kind::Mp4),
        (container(b"qt  ", &[]), Kind::QuickTime),
        (container(b"heic", &[b"mif1"]), Kind::Heic),
        (container(b"mif1", &[b"mif1", b"heic"]), Kind::Heic),
        (container(b"mif1", &[]), Kind::Heic),
        (container(b"msf1", &[b"hevc"]), Kind::Heic),
        (container(b"mif1", &[b"avif"]), Kind::Avif),
        (container(b"avif", &[b"mif1"]), Kind::Avif),
        (container(b"3gp4", &[b"isom"]), Kind::ThreeGp),
        (container(b"3g2a", &[]), Kind::ThreeGp),
        (container(b"M4A ", &[b"isom"]), Kind::Other),
        (container(b"XYZ1", &[]), Kind::Other),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n".to_vec(), Kind::VCard),
        (b"\xef\xbb\xbf\nbegin:vcard".to_vec(), Kind::VCard),
        (b"<smil><head/></smil>".to_vec(), Kind::Smil),
        (b"<?xml version=\"1.0\"?>\n<!-- x -->\n<SMIL xmlns=\"\">".to_vec(), Kind::Smil),
        (b"<?xml version=\"1.0\"?><html/>".to_vec(), Kind::Text),
        ("Grüße, 你好\r\n".as_bytes().to_vec(), Kind::Text),
        (b"I <smil at you".to_vec(), Kind::Text),
        (b"\xff\xfe\0".to_vec(), Kind::Other),
        (b"with a \0 in it".to_vec(), Kind::Other),
        (b"BM\x10\0\0\0".to_vec(), Kind::Other),
        (b"#!AMR\n\x3c\x91\x17".to_vec(), Kind::Other),
        (b" \n".to_vec(), Kind::Other),
        (Vec::new(), Kind::Other),
    ];
    for (bytes, kind) in cases {
        assert_eq!(sniff(&bytes), kind, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_png_that_moves_is_a_still() {
    let plain = made::png(1);
    let control = made::chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let moving = [&plain[..33], &control, &plain[33..]].concat();
    assert_eq!(sniff(&moving), Kind::Png);
    assert!(Kind::Png.is_still());
}

#[test]
fn every_kind_is_one_thing_and_says_why_not() {
    for animated in [false, true] {
        let kinds = [
            Kind::Jpeg,
            Kind::Png,
            Kind::Webp { animated },
            Kind::Gif { animated },
            Kind::Mp4,
            Kind::QuickTime,
        ];
        for kind in kinds {
            let is = [kind.is_still(), kind.is_animation(), kind.is_video()];
            assert_eq!(is.iter().filter(|is| **is).count(), 1, "{kind}");
            assert_eq!(kind.why_not(), None);
            assert!(kind.mime().starts_with(if kind.is_video() { "video/" } else { "image/" }));
        }
    }
    for kind in [Kind::Heic, Kind::Avif, Kind::ThreeGp, Kind::VCard, Kind::Other] {
        assert!(kind.why_not().unwrap().contains("Please send"), "{kind}");
    }
}
