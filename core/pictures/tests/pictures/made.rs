//! Pictures and videos made for the tests. Whatever tells something about somebody holds `SECRET`.

use image::codecs::gif::{GifEncoder, Repeat};
use image::{DynamicImage, Frame, ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

/// Stands wherever a phone would put place, time or names; may be nowhere in what goes out.
pub(crate) const SECRET: &[u8] = b"51.4778N 0.0014W";

/// Hands out different words for each place, all of which hold `SECRET`.
pub(crate) fn secret(place: &str) -> Vec<u8> {
    [place.as_bytes(), b" ", SECRET].concat()
}

/// A picture in which every quarter has its own colour, so that turning it shows.
pub(crate) fn drawing(width: u32, height: u32) -> DynamicImage {
    let image = RgbaImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => Rgba([230, 30, 30, 255]),
        (false, true) => Rgba([30, 200, 30, 255]),
        (true, false) => Rgba([30, 30, 230, 255]),
        (false, false) => Rgba([240, 240, 30, 255]),
    });
    image.into()
}

/// A picture that nothing compresses well.
pub(crate) fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 0x2545_f491_u32;
    let image = RgbaImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        Rgba([red, green, blue, 255])
    });
    image.into()
}

pub(crate) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => image.to_rgb8().write_to(&mut bytes, format),
        _ => image.write_to(&mut bytes, format),
    }
    .unwrap();
    bytes.into_inner()
}

/// Exif as a phone writes it: maker, orientation, and a directory with place and time.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    fn entry(tag: u16, sort: u16, count: usize, value: u32) -> Vec<u8> {
        let count = u32::try_from(count).unwrap();
        [&tag.to_le_bytes()[..], &sort.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
            .concat()
    }
    let maker = secret("maker");
    let place = secret("place");
    let maker_at = 8 + 2 + 3 * 12 + 4;
    let gps_at = maker_at + maker.len();
    let place_at = gps_at + 2 + 2 * 12 + 4;
    let at = |offset: usize| u32::try_from(offset).unwrap();
    [
        &b"II*\0\x08\0\0\0\x03\0"[..],
        &entry(0x010f, 2, maker.len(), at(maker_at)),
        &entry(0x0112, 3, 1, orientation.into()),
        &entry(0x8825, 4, 1, at(gps_at)),
        &[0; 4],
        &maker,
        b"\x02\0",
        &entry(0x0001, 2, 2, u32::from(b'N')),
        &entry(0x001b, 7, place.len(), at(place_at)),
        &[0; 4],
        &place,
    ]
    .concat()
}

pub(crate) fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    [&[0xff, marker][..], &length.to_be_bytes(), payload].concat()
}

/// A JPEG with something to hide in every place, before its pixels, between them and behind them.
pub(crate) fn jpeg(orientation: u8) -> Vec<u8> {
    let plain = encoded(&drawing(48, 32), ImageFormat::Jpeg);
    // SOI, then a JFIF header of 18 bytes.
    assert_eq!(&plain[2..11], b"\xff\xe0\0\x10JFIF\0");
    let thumbnail = secret("JFIF thumbnail with 9 px");
    let thumbnail = &[&thumbnail[..], &[0; 27]].concat()[..27 * 2];
    let jfif = [&b"JFIF\0\x01\x02\0\0\x48\0\x48\x12\x01"[..], thumbnail].concat();
    let end = plain.len() - 2;
    [
        &plain[..2],
        &segment(0xe0, &jfif),
        &segment(0xe0, &[b"JFXX\0\x10", &secret("JFXX")[..]].concat()),
        &segment(0xe1, &[&b"Exif\0\0"[..], &exif(orientation)].concat()),
        &segment(0xe1, &[&b"http://ns.adobe.com/xap/1.0/\0"[..], &secret("XMP")].concat()),
        &segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], &[7; 40]].concat()),
        &segment(0xe2, &[&b"MPF\0"[..], &secret("MPF")].concat()),
        &segment(0xe5, &secret("APP5")),
        &segment(0xeb, &secret("JUMBF")),
        &segment(0xed, &[&b"Photoshop 3.0\0"[..], &secret("IPTC")].concat()),
        &segment(0xfe, &secret("comment")),
        &plain[20..end],
        &segment(0xfe, &secret("late comment")),
        &segment(0xe1, &[&b"Exif\0\0"[..], &exif(orientation)].concat()),
        &plain[end..],
        &secret("behind the end"),
        &plain,
    ]
    .concat()
}

pub(crate) fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let mut sum = u32::MAX;
    for byte in &named {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        }
    }
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &named, &(!sum).to_be_bytes()].concat()
}

/// A PNG with something to hide in every place.
pub(crate) fn png(orientation: u8) -> Vec<u8> {
    let mut image = drawing(24, 16).into_rgba8();
    image.put_pixel(3, 3, Rgba([1, 2, 3, 40]));
    let plain = encoded(&image.into(), ImageFormat::Png);
    let (head, rest) = plain.split_at(8 + 25);
    let (pixels, end) = rest.split_at(rest.len() - 12);
    [
        head,
        &chunk(b"gAMA", &45455u32.to_be_bytes()),
        &chunk(b"pHYs", &[0, 0, 1, 0, 0, 0, 1, 0, 1]),
        &chunk(b"tEXt", &[&b"Comment\0"[..], &secret("words")].concat()),
        &chunk(b"zTXt", &[&b"Raw profile type exif\0\0"[..], &secret("packed words")].concat()),
        &chunk(b"iTXt", &[&b"XML:com.adobe.xmp\0\0\0\0\0"[..], &secret("XMP")].concat()),
        &chunk(b"tIME", &[7, 234, 11, 21, 10, 0, 0]),
        &chunk(b"caBX", &secret("provenance")),
        pixels,
        &chunk(b"eXIf", &exif(orientation)),
        &chunk(b"prVt", &secret("private")),
        end,
        &secret("behind the end"),
    ]
    .concat()
}

/// A small file that claims to be `side` x `side` pixels.
pub(crate) fn png_bomb(side: u32) -> Vec<u8> {
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    // A stream of stored zeroes that goes on for a while.
    let stored = [&b"\x78\x01\0\xff\xff\0\0"[..], &[0; 65_535]].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &stored), chunk(b"IEND", b"")].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks].concat()
}

pub(crate) fn riff(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let padding: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &length.to_le_bytes(), data, padding].concat()
}

pub(crate) fn webp_file(chunks: &[u8]) -> Vec<u8> {
    riff(b"RIFF", &[b"WEBP", chunks].concat())
}

/// The pixels of a WebP of 24 x 16, as one chunk.
fn webp_pixels(image: &DynamicImage) -> Vec<u8> {
    encoded(image, ImageFormat::WebP)[12..].to_vec()
}

fn vp8x(flags: u8) -> Vec<u8> {
    riff(b"VP8X", &[flags, 0, 0, 0, 23, 0, 0, 15, 0, 0])
}

/// A still WebP with something to hide in every place.
pub(crate) fn webp(orientation: u8) -> Vec<u8> {
    let file = webp_file(
        &[
            vp8x(0x20 | 0x10 | 0x08 | 0x04),
            riff(b"ICCP", &[7; 41]),
            webp_pixels(&drawing(24, 16)),
            riff(b"EXIF", &exif(orientation)),
            riff(b"XMP ", &secret("XMP")),
            riff(b"prvt", &secret("private")),
        ]
        .concat(),
    );
    [file, secret("behind the end")].concat()
}

/// A moving WebP with something to hide in a frame too.
pub(crate) fn webp_animation() -> Vec<u8> {
    let frame = |image: &DynamicImage| {
        let header = [0, 0, 0, 0, 0, 0, 23, 0, 0, 15, 0, 0, 100, 0, 0, 0];
        let inside = [webp_pixels(image), riff(b"prvt", &secret("in a frame"))].concat();
        riff(b"ANMF", &[&header[..], &inside].concat())
    };
    let chunks = [
        vp8x(0x10 | 0x08 | 0x04 | 0x02),
        riff(b"ANIM", &[0; 6]),
        frame(&drawing(24, 16)),
        frame(&noise(24, 16)),
        riff(b"EXIF", &exif(1)),
        riff(b"XMP ", &secret("XMP")),
    ];
    webp_file(&chunks.concat())
}

/// One grey pixel in VP8, for which there is no encoder here.
pub(crate) fn webp_lossy() -> Vec<u8> {
    let pixels = [48, 1, 0, 157, 1, 42, 1, 0, 1, 0, 14, 192, 254, 37, 164, 0, 3, 112, 0, 0, 0, 0];
    webp_file(&[riff(b"VP8 ", &pixels), riff(b"EXIF", &exif(6))].concat())
}

/// Data in pieces, as GIF has them.
fn pieces(data: &[u8]) -> Vec<u8> {
    let mut pieces = Vec::new();
    for piece in data.chunks(255) {
        pieces.push(u8::try_from(piece.len()).unwrap());
        pieces.extend_from_slice(piece);
    }
    pieces.push(0);
    pieces
}

/// A GIF with something to hide in every place.
pub(crate) fn gif(frames: u32) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut encoder = GifEncoder::new(&mut plain);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for side in 0..frames {
        encoder.encode_frame(Frame::new(drawing(24 - side, 16).into_rgba8())).unwrap();
    }
    drop(encoder);
    assert_eq!(plain.pop(), Some(0x3b));
    let palette = if plain[10] & 0x80 == 0 { 0 } else { 3 << ((plain[10] & 7) + 1) };
    let (head, rest) = plain.split_at(13 + palette);
    let words = [&b"\x21\x01\x0c"[..], &[0; 12], &pieces(&secret("drawn"))].concat();
    [
        head,
        &[&b"\x21\xfe"[..], &pieces(&secret("comment"))].concat(),
        &[&b"\x21\xff\x0bXMP DataXMP"[..], &pieces(&secret("XMP").repeat(40))].concat(),
        &words,
        rest,
        &[&b"\x21\xff\x0bFOOBAR  1.0"[..], &pieces(&secret("application"))].concat(),
        b"\x3b",
        &secret("behind the end"),
    ]
    .concat()
}

pub(crate) fn atom(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u32::try_from(body.len() + 8).unwrap();
    [&length.to_be_bytes()[..], name, &body].concat()
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Time of making and of changing, in the first fields of three headers.
const DATES: u32 = 0xe3b0_c442;

/// A track whose samples, two to a chunk, stand at `chunks`.
fn track(handler: &[u8; 4], chunks: &[u32], sizes: &[u32]) -> Vec<u8> {
    let count = |list: &[u32]| u32::try_from(list.len()).unwrap();
    let tkhd = [&[7, DATES, DATES, 1, 0, 3000][..], &[0; 13], &[640 << 16, 480 << 16]].concat();
    let mdhd = [0, DATES, DATES, 1000, 3000, 0];
    let table = atom(
        b"stbl",
        &[
            &atom(b"stsd", &[&[0; 8]]),
            &atom(b"stts", &[&numbers(&[0, 1, count(sizes), 100])]),
            &atom(b"stsc", &[&numbers(&[0, 1, 1, 2, 1])]),
            &atom(b"stsz", &[&numbers(&[0, 0, count(sizes)]), &numbers(sizes)]),
            &atom(b"stco", &[&numbers(&[0, count(chunks)]), &numbers(chunks)]),
            &atom(b"uuid", &[&[9; 16], &secret("deep")]),
        ],
    );
    let media = atom(
        b"mdia",
        &[
            &atom(b"mdhd", &[&numbers(&mdhd)]),
            &atom(b"hdlr", &[&[0; 8], handler, &[0; 13]]),
            &atom(b"minf", &[&atom(b"vmhd", &[&[0; 12]]), &table]),
        ],
    );
    atom(
        b"trak",
        &[
            &atom(b"tkhd", &[&numbers(&tkhd)]),
            &media,
            &atom(b"udta", &[&atom(b"name", &[&secret("name of a track")])]),
            &atom(b"meta", &[&[0; 4], &secret("meta of a track")]),
        ],
    )
}

/// A video of three seconds with picture, sound, the phone's positions as a third track, and
/// something to hide in every place.
pub(crate) fn mp4(brand: &[u8; 4]) -> Vec<u8> {
    let picture: [&[u8]; 4] = [b"picture one", b"picture two", b"picture 3", b"picture 4"];
    let sound: [&[u8]; 2] = [b"la", b"lala"];
    let positions = [secret("second 1"), secret("second 2")];
    let head = [
        atom(b"ftyp", &[brand, &[0; 4], b"isom", b"mp42"]),
        atom(b"free", &[&secret("a hole")]),
        atom(b"uuid", &[&[1; 16], &secret("XMP")]),
    ]
    .concat();
    let mut data = Vec::new();
    let mut places = Vec::new();
    let runs: [&[&[u8]]; 5] = [
        &picture[..2],
        &[&positions[0], &positions[1]],
        &sound,
        &[&secret("a sample that nobody uses")],
        &picture[2..],
    ];
    for run in runs {
        places.push(u32::try_from(head.len() + 8 + data.len()).unwrap());
        data.extend(run.concat());
    }
    let sizes = |samples: &[&[u8]]| -> Vec<u32> {
        samples.iter().map(|sample| u32::try_from(sample.len()).unwrap()).collect()
    };
    let mvhd = [&[0, DATES, DATES, 600, 1800][..], &[0; 20]].concat();
    let movie = atom(
        b"moov",
        &[
            &atom(b"mvhd", &[&numbers(&mvhd)]),
            &track(b"vide", &[places[0], places[4]], &sizes(&picture)),
            &track(b"meta", &[places[1]], &sizes(&[&positions[0], &positions[1]])),
            &track(b"soun", &[places[2]], &sizes(&sound)),
            &atom(b"udta", &[&atom(b"\xa9xyz", &[&[0, 22, 0, 0], &secret("ISO 6709")])]),
            &atom(b"meta", &[&[0; 4], &secret("com.apple.quicktime.location.ISO6709")]),
        ],
    );
    let tail = [atom(b"udta", &[&secret("at the top")]), atom(b"sefd", &[&secret("maker")])];
    let trailer = [b"\0\0".to_vec(), secret("no box")].concat();
    [head, atom(b"mdat", &[&data]), movie, tail.concat(), trailer].concat()
}

/// Every file that can be posted, with its name.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("JPEG", jpeg(6)),
        ("JPEG the right way up", jpeg(1)),
        ("PNG", png(6)),
        ("PNG the right way up", png(1)),
        ("WebP", webp(6)),
        ("WebP the right way up", webp(1)),
        ("WebP, lossy", webp_lossy()),
        ("WebP, moving", webp_animation()),
        ("GIF", gif(1)),
        ("GIF, moving", gif(3)),
        ("MP4", mp4(b"mp42")),
        ("QuickTime", mp4(b"qt  ")),
    ]
}
