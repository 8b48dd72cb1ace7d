//! Weights of code points and of emoji sequences.

use std::sync::LazyLock;

/// Code points, first and last of each range, in order.
type Ranges = Vec<(u32, u32)>;

/// Code points that weigh 1 (configuration v3); all others weigh 2.
const LIGHT: [(u32, u32); 4] = [(0, 4351), (8192, 8205), (8208, 8223), (8242, 8247)];

/// The weight of an emoji sequence, however long.
const EMOJI_WEIGHT: usize = 2;

/// The longest joined sequence in the published set is four people, or two with a heart and a kiss.
/// A longer one is counted piece by piece, as X's older list of emoji would.
const JOINED_MAX: usize = 4;

const JOINER: char = '\u{200D}';
const EMOJI_STYLE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
const BLACK_FLAG: char = '\u{1F3F4}';

/// Region codes of the flags that are spelled in tags: England, Scotland, Wales.
const TAGGED_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// Emoji below U+10000 (Unicode 15, property `Emoji`, without digits). © and ® only in emoji style.
static EMOJI_LOW: LazyLock<Ranges> = LazyLock::new(|| {
    ranges(
        "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA \
    24C2 25AA-25AB 25B6 25C0 25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 \
    2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653 265F-2660 2663 2665-2666 \
    2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 \
    26BD-26BE 26C4-26C5 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD \
    2702 2705 2708-270D 270F 2712 2714 2716 271D 2721 2728 2733-2734 2744 2747 274C 274E \
    2753-2755 2757 2763-2764 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 \
    2B55 3030 303D 3297 3299",
    )
});

/// Blocks of emoji from U+10000 on. Unassigned places weigh 2 alone, like any other.
static EMOJI_HIGH: LazyLock<Ranges> = LazyLock::new(|| {
    ranges(
        "1F004 1F0CF 1F170-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F201-1F202 1F21A 1F22F \
    1F232-1F23A 1F250-1F251 1F300-1F64F 1F680-1F6FC 1F7E0-1F7EB 1F7F0 1F90C-1F9FF \
    1FA70-1FAFF",
    )
});

/// Emoji that take a skin tone (property `Emoji_Modifier_Base`).
static TAKES_TONE: LazyLock<Ranges> = LazyLock::new(|| {
    ranges(
        "261D 26F9 270A-270D 1F385 1F3C2-1F3C4 1F3C7 1F3CA-1F3CC 1F442-1F443 1F446-1F450 \
    1F466-1F478 1F47C 1F481-1F483 1F485-1F487 1F48F 1F491 1F4AA 1F574-1F575 1F57A 1F590 \
    1F595-1F596 1F645-1F647 1F64B-1F64F 1F6A3 1F6B4-1F6B6 1F6C0 1F6CC 1F90C 1F90F \
    1F918-1F91F 1F926 1F930-1F939 1F93C-1F93E 1F977 1F9B5-1F9B6 1F9B8-1F9B9 1F9BB \
    1F9CD-1F9CF 1F9D1-1F9DD 1FAC3-1FAC5 1FAF0-1FAF8",
    )
});

/// The weight of one grapheme cluster that is no link.
pub(super) fn cluster(cluster: &str) -> usize {
    if cluster.len() == 1 {
        return 1;
    }
    let rest = after_emoji(cluster).unwrap_or(cluster);
    let emoji = if rest.len() < cluster.len() { EMOJI_WEIGHT } else { 0 };
    emoji + rest.chars().map(code_point).sum::<usize>()
}

fn code_point(c: char) -> usize {
    if within(c, &LIGHT) { 1 } else { 2 }
}

fn within(c: char, ranges: &[(u32, u32)]) -> bool {
    let at = ranges.partition_point(|&(_, last)| last < u32::from(c));
    ranges.get(at).is_some_and(|&(first, _)| first <= u32::from(c))
}

/// Reads hexadecimal code points and ranges, separated by spaces and in order.
fn ranges(text: &str) -> Ranges {
    let point = |hex: &str| u32::from_str_radix(hex, 16).ok();
    let range = |word: &str| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        Some((point(first)?, point(last)?))
    };
    text.split_whitespace().filter_map(range).collect()
}

/// What follows the emoji sequence that `text` starts with; `None` when it starts with none.
fn after_emoji(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() || first == '#' || first == '*' {
        let rest = &text[1..];
        return rest.strip_prefix(EMOJI_STYLE).unwrap_or(rest).strip_prefix(KEYCAP);
    }
    if is_region(first) {
        let rest = &text[first.len_utf8()..];
        return rest.chars().next().filter(|c| is_region(*c)).map(|c| &rest[c.len_utf8()..]);
    }
    let mut rest = after_element(text)?;
    for _ in 1..JOINED_MAX {
        match rest.strip_prefix(JOINER).and_then(after_element) {
            Some(after) => rest = after,
            None => break,
        }
    }
    Some(rest)
}

fn is_region(c: char) -> bool {
    ('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
}

/// What follows one emoji with its style, skin tone or tags.
fn after_element(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    if !within(first, &EMOJI_LOW) && !within(first, &EMOJI_HIGH) {
        return None;
    }
    let rest = &text[first.len_utf8()..];
    if first == BLACK_FLAG {
        return Some(after_tags(rest).unwrap_or(rest));
    }
    if within(first, &TAKES_TONE) {
        let toned = rest.strip_prefix(|c| ('\u{1F3FB}'..='\u{1F3FF}').contains(&c));
        if toned.is_some() {
            return toned;
        }
    }
    match rest.strip_prefix(EMOJI_STYLE) {
        Some(after) => Some(after),
        // © and ® weigh 1 as long as nobody asks for their emoji style.
        None if u32::from(first) < 0x100 => None,
        None => Some(rest),
    }
}

fn after_tags(text: &str) -> Option<&str> {
    TAGGED_FLAGS.iter().find_map(|code| {
        let mut rest = text;
        for letter in code.chars() {
            rest = rest.strip_prefix(char::from_u32(0xE0000 + u32::from(letter))?)?;
        }
        rest.strip_prefix('\u{E007F}')
    })
}
