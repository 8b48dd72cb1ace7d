//! What caring for pictures costs in memory. Each case runs in a process of its own, since the peak
//! of a process never falls again.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cordboard_pictures::{Cared, Limits, PictureError, fit};
use image::{ImageFormat, Rgb, RgbImage};

const CASE: &str = "CORDBOARD_PICTURES_CASE";
const FILES: &str = "CORDBOARD_PICTURES_FILES";

const MIB: u64 = 1024 * 1024;

/// The most memory this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Not a test of its own: what the other process does.
#[test]
fn other_process() {
    let (Ok(case), Ok(files)) = (std::env::var(CASE), std::env::var(FILES)) else { return };
    let before = peak();
    for file in files.split(':') {
        let bytes = std::fs::read(file).unwrap();
        let cared = fit(&bytes, &limits(&case));
        match (&*case, cared) {
            ("cleaned", Ok(Cared { is_encoded_afresh: false, .. }))
            | ("decoded", Ok(Cared { is_encoded_afresh: true, .. }))
            | ("bomb", Err(PictureError::TooLarge { .. })) => {}
            (_, other) => panic!("{case}: {other:?}"),
        }
    }
    println!("\npeak grew by {} bytes", peak() - before);
}

const DECODE_BYTES_MAX: u64 = 8 * MIB;

fn limits(case: &str) -> Limits {
    match case {
        "decoded" => Limits {
            still_bytes_max: 300_000,
            decode_bytes_max: DECODE_BYTES_MAX,
            ..Limits::default()
        },
        _ => Limits::default(),
    }
}

/// Cares for the files in another process and tells by how many bytes its peak grew.
fn grown(case: &str, files: &[PathBuf]) -> u64 {
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "other_process", "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        .env(FILES, files.join(":"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    let line = words.lines().find_map(|line| line.strip_prefix("peak grew by ")).unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn noise(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut state = 1u32;
    let image = RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG of 48 million pixels and 4 MB, with a place to remove. Its pixels are rubbish, so it can
/// be cleaned but not decoded.
fn photo() -> Vec<u8> {
    let mut jpeg = noise(16, 16, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == b"\xff\xc0").unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x1f, 0x40]);
    let scan = jpeg.windows(2).position(|two| two == b"\xff\xda").unwrap() + 14;
    jpeg.truncate(scan);
    jpeg.resize(4_000_000, 0x55);
    jpeg.extend(b"\xff\xd9");
    let comment = b"\xff\xfe\0\x12 51.4778N 0.001";
    [&jpeg[..2], comment, &jpeg[2..]].concat()
}

#[test]
fn four_pictures_of_4_mb_that_fit_take_two_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let photo = photo();
    let files: Vec<PathBuf> =
        (0..4).map(|number| write(folder.path(), &number.to_string(), &photo)).collect();
    let grown = grown("cleaned", &files);
    // The file and its clean copy, one picture at a time; their 144 MB of pixels never.
    assert!((4_000_000..10 * MIB).contains(&grown), "{grown}");
}

#[test]
fn a_bomb_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x75\x30\0\0\x75\x30\x08\x06\0\0\0";
    let bomb = [&header[..], &[0; 4], b"\0\x01\0\0IDAT", &[0; 65_540], b"\0\0\0\0IEND", &[0; 4]];
    let grown = grown("bomb", &[write(folder.path(), "bomb.png", &bomb.concat())]);
    // Pages of the program itself, touched for the first time.
    assert!(grown < 4 * MIB, "{grown}");
}

/// Each of these decodes to almost as much as is allowed, in its decoder's own way.
#[test]
fn decoding_keeps_to_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("picture.jpg", noise(1600, 1600, ImageFormat::Jpeg)),
        ("picture.png", noise(1400, 1400, ImageFormat::Png)),
        ("picture.gif", noise(1000, 1000, ImageFormat::Gif)),
    ];
    for (name, bytes) in cases {
        let decode_bytes = cordboard_pictures::measure(&bytes).unwrap().decode_bytes;
        assert!((DECODE_BYTES_MAX * 8 / 10..DECODE_BYTES_MAX).contains(&decode_bytes), "{name}");
        let grown = grown("decoded", &[write(folder.path(), name, &bytes)]);
        // The file as it came and once more inside of the decoder; the pixels; a scaled copy; what
        // was encoded; the decoder's tables.
        let most = bytes.len() as u64 * 2 + DECODE_BYTES_MAX * 3 / 2 + 2 * MIB;
        assert!(grown < most, "{name}: {grown} of {most}");
    }
}
