//! What the sender reads.

use cordboard_pictures::{Kind, PictureError};

/// One text in the small alphabet.
const TEXT_LETTERS_MAX: usize = 160;

#[test]
fn every_refusal_is_one_plain_text_with_a_way_out() {
    let kind = Kind::Webp { animated: true };
    let cases = [
        (PictureError::Unfit { kind: Kind::Heic }, "HEIC"),
        (PictureError::Unfit { kind: Kind::Avif }, "AVIF"),
        (PictureError::Unfit { kind: Kind::ThreeGp }, "3GP"),
        (PictureError::Unfit { kind: Kind::VCard }, "Contact"),
        (PictureError::Unfit { kind: Kind::Other }, "kind of file"),
        (PictureError::Unfit { kind: Kind::Smil }, "no picture"),
        (PictureError::Broken { kind, why: "detail" }, "moving WEBP picture is broken"),
        (PictureError::Uncleanable { kind, why: "detail" }, "location"),
        (PictureError::NotTaken { kind }, "moving WEBP picture cannot be posted here"),
        (PictureError::TooLarge { kind, width: 30_000, height: 2 }, "30000 x 2 pixels"),
        (
            PictureError::TooHeavy { kind, bytes: 5 * 1024 * 1024 + 1, bytes_max: 5 * 1024 * 1024 },
            "5.1 MB (at most 5 MB)",
        ),
        (
            PictureError::TooManyFrames { kind, frames: u32::MAX, frames_max: 350 },
            "4294967295 frames (at most 350)",
        ),
        (
            PictureError::TooLong { kind, duration_ms: 140_001, duration_ms_max: 140_000 },
            "141 s (at most 140 s)",
        ),
        (PictureError::TooShort { kind, duration_ms: 3 }, "too short"),
    ];
    for (refusal, part) in cases {
        let words = refusal.to_string();
        assert!(words.contains(part), "{words}");
        assert!(words.contains("Please send"), "{words}");
        assert!(words.len() <= TEXT_LETTERS_MAX, "{words}");
        assert!(
            words.chars().all(|c| c.is_ascii_alphanumeric() || " .,:()".contains(c)),
            "{words}"
        );
        assert!(!words.contains("detail"), "{words}");
        assert_eq!(refusal.is_transient(), refusal.to_string().contains("broken"));
    }
    assert!(PictureError::Broken { kind, why: "no size" }.detail().contains("no size"));
}
