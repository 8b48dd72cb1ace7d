//! What bytes are, told by the bytes. Gateways send `image/jpg`, `application/octet-stream` and worse.

use crate::bytes::{be32, code, has};
use crate::format::gif;
use crate::kind::Kind;

/// How far into a file its layout or card may begin.
const HEAD_BYTES_MAX: usize = 1024;
/// How many brands of a container are looked at.
const BRANDS_MAX: usize = 64;

/// What the bytes are. A few bytes from the start tell most kinds; whether a GIF moves and whether
/// something is text is told by the whole of it.
pub fn sniff(bytes: &[u8]) -> Kind {
    if has(bytes, 0, b"\xff\xd8\xff") {
        Kind::Jpeg
    } else if has(bytes, 0, b"\x89PNG\r\n\x1a\n") {
        Kind::Png
    } else if has(bytes, 0, b"GIF87a") || has(bytes, 0, b"GIF89a") {
        Kind::Gif { animated: gif::is_animated(bytes) }
    } else if has(bytes, 0, b"RIFF") && has(bytes, 8, b"WEBP") {
        Kind::Webp { animated: is_animated_webp(bytes) }
    } else if has(bytes, 4, b"ftyp") {
        container(bytes)
    } else {
        words(bytes)
    }
}

/// The flag of the extended header (WebP container specification, "Extended File Format").
fn is_animated_webp(bytes: &[u8]) -> bool {
    has(bytes, 12, b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 0x02 != 0)
}

/// By the brands of ISO 14496-12 section 4.3: the major one first, then the others in order.
fn container(bytes: &[u8]) -> Kind {
    let Some(major) = code(bytes, 8) else { return Kind::Other };
    let end = be32(bytes, 0).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    // `mif1` and `msf1` say "a picture" only: what it is stands further on. If nothing does, it is
    // HEIC, which is what the phones that write them mean.
    let is_any_picture = matches!(&major, b"mif1" | b"msf1");
    if let Some(kind) = brand(major).filter(|_| !is_any_picture) {
        return kind;
    }
    let others = (16..end.min(bytes.len())).step_by(4).take(BRANDS_MAX);
    others
        .filter_map(|at| code(bytes, at))
        .filter(|other| !matches!(other, b"mif1" | b"msf1"))
        .find_map(brand)
        .unwrap_or(if is_any_picture { Kind::Heic } else { Kind::Other })
}

fn brand(brand: [u8; 4]) -> Option<Kind> {
    Some(match &brand {
        b"qt  " => Kind::QuickTime,
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"mif1"
        | b"msf1" => Kind::Heic,
        b"avif" | b"avis" => Kind::Avif,
        [b'3', b'g', b'p' | b'2' | b'r' | b's' | b'g' | b'e' | b'h' | b't', _] => Kind::ThreeGp,
        b"mp41" | b"mp42" | b"avc1" | b"isom" | b"M4V " | b"M4VH" | b"M4VP" | b"MSNV" | b"mp71"
        | b"mmp4" | b"F4V " | b"dash" => Kind::Mp4,
        [b'i', b's', b'o', b'2'..=b'9' | b'a'..=b'c'] => Kind::Mp4,
        // Sound alone.
        b"M4A " | b"M4B " | b"M4P " => Kind::Other,
        _ => return None,
    })
}

/// Cards, layouts and plain words.
fn words(bytes: &[u8]) -> Kind {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes).trim_ascii_start();
    let starts = |start: &[u8]| {
        head.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    if starts(b"BEGIN:VCARD") {
        return Kind::VCard;
    }
    let is_markup = starts(b"<?xml") || starts(b"<!");
    if starts(b"<smil")
        || (is_markup && head.windows(5).any(|five| five.eq_ignore_ascii_case(b"<smil")))
    {
        return Kind::Smil;
    }
    let is_text = !head.is_empty()
        && std::str::from_utf8(bytes)
            .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !"\t\n\r".contains(c)));
    if is_text { Kind::Text } else { Kind::Other }
}
