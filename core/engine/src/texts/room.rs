//! Making a text fit its segments. What shrinks is a quote of somebody's words; an address or what to
//! do next never does.

use super::marks::{cheapest_marks, plain_marks};
use cordboard_plugin::segments;
use unicode_segmentation::UnicodeSegmentation as _;

/// Most characters (as people see them) of a person's own words that a text of ours quotes.
const QUOTE_CHARS_MAX: usize = 40;
/// A quote shorter than this is worth another segment.
const QUOTE_CHARS_LEAST: usize = 12;
/// Stands where not even a short quote fits.
const NO_QUOTE: &str = "your text";
/// What follows a cut.
const DOTS: &str = "...";

/// A text around a quote of `words`: `say` is given the quote. The quote gets the room that is left in
/// one segment, or in up to `segments_max` when that would be too little; where there is none it says
/// "your text".
pub(crate) fn with_quote(words: &str, segments_max: u32, say: impl Fn(&str) -> String) -> String {
    let own = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain_marks(&own);
    for limit in 1..=segments_max {
        let least = if limit < segments_max { QUOTE_CHARS_LEAST } else { 1 };
        let fits = |quote: &str| segments(&say(quote)) <= limit;
        let (in_own, in_plain) = (longest_quote(&own, fits), longest_quote(&plain, fits));
        // Plain marks only where they show more: then they have saved room.
        let plainer = !in_own.whole && in_plain.shown > in_own.shown;
        let best = if plainer { in_plain } else { in_own };
        if best.whole || best.shown >= least {
            return say(&best.text);
        }
    }
    say(NO_QUOTE)
}

/// A quote in its marks.
#[derive(Default)]
struct Quote {
    text: String,
    /// How many characters it shows.
    shown: usize,
    /// Whether nothing was left out.
    whole: bool,
}

/// The longest quote of a line that fits; an empty one when none does.
fn longest_quote(line: &str, fits: impl Fn(&str) -> bool) -> Quote {
    // A few more than are shown, to see what a cut would go through.
    let chars: Vec<&str> = line.graphemes(true).take(QUOTE_CHARS_MAX + 10).collect();
    if !chars.is_empty() && chars.len() <= QUOTE_CHARS_MAX {
        let text = format!("\"{line}\"");
        if fits(&text) {
            return Quote { text, shown: chars.len(), whole: true };
        }
    }
    for shown in (1..=chars.len().min(QUOTE_CHARS_MAX)).rev() {
        let Some(start) = tidy_start(&chars, shown) else { continue };
        let text = format!("\"{start}{DOTS}\"");
        if fits(&text) {
            return Quote { text, shown, whole: false };
        }
    }
    Quote::default()
}

/// The first `shown` characters of a line, without a last word that was cut if that is a small part of
/// it or a web address. `None` when nothing is left.
fn tidy_start(chars: &[&str], shown: usize) -> Option<String> {
    let start = chars[..shown].concat();
    let cut_a_word = chars.get(shown).is_some_and(|next| *next != " ");
    let last_word = start.rfind(' ').map_or(0, |space| space + 1);
    let word_on = chars.concat()[last_word..].split(' ').next().is_some_and(has_address);
    let drops = word_on || last_word * 2 >= start.len();
    let kept = if cut_a_word && drops { last_word } else { start.len() };
    let kept = start[..kept].trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The first of the wordings, from the fullest to the barest, that fits; the barest when none does.
pub(crate) fn first_that_fits<const N: usize>(segments_max: u32, wordings: [String; N]) -> String {
    let fits = |wording: &&String| segments(&cheapest_marks(wording)) <= segments_max;
    let best = wordings.iter().find(fits).or(wordings.last());
    best.cloned().unwrap_or_default()
}

/// The first characters of a word or a sentence, with dots in place of the rest.
pub(crate) fn shortened(text: &str, chars_max: usize) -> String {
    let mut chars = text.graphemes(true);
    let start: String = chars.by_ref().take(chars_max).collect();
    if chars.next().is_none() { start } else { format!("{}{DOTS}", start.trim_end()) }
}

/// The text in at most `segments_max` segments. The last guard: texts that are put together well pass
/// unchanged. What is cut, at a whole character, is the longest run of words; a web address stays
/// whole (one that alone is longer than all the room is left out: half of it leads nowhere).
pub(crate) fn fit(text: &str, segments_max: u32) -> String {
    let whole = cheapest_marks(text);
    if segments(&whole) <= segments_max {
        return whole;
    }
    let (own, plain) = (cut(text, segments_max), cut(&plain_marks(text), segments_max));
    let shown = |cut: &str| cut.graphemes(true).count();
    if shown(&plain) > shown(&own) { plain } else { own }
}

/// A piece of a text: a run of words, or an address.
struct Piece<'a> {
    text: &'a str,
    address: bool,
    /// It is cut after so many bytes.
    end: Option<usize>,
}

fn cut(text: &str, segments_max: u32) -> String {
    let mut pieces = pieces(text);
    loop {
        if cut_words(&mut pieces, segments_max) {
            return joined(&pieces);
        }
        // No words are left to cut: the last address goes.
        let Some(last) = pieces.iter().rposition(|piece| piece.address && piece.end.is_none())
        else {
            return DOTS.to_owned();
        };
        pieces.iter_mut().filter(|piece| !piece.address).for_each(|piece| piece.end = None);
        pieces[last].end = Some(0);
    }
}

/// Cuts run after run of words, the longest first, until it fits. `false` when it never does.
fn cut_words(pieces: &mut [Piece<'_>], segments_max: u32) -> bool {
    loop {
        let uncut = pieces.iter().enumerate().filter(|(_, p)| !p.address && p.end.is_none());
        let Some((run, _)) = uncut.max_by_key(|(_, piece)| piece.text.len()) else { return false };
        let ends: Vec<usize> = pieces[run].text.grapheme_indices(true).map(|(at, _)| at).collect();
        // A start never needs more room than the whole, so the longest that fits can be searched.
        let fitting = ends.partition_point(|end| {
            pieces[run].end = Some(*end);
            segments(&joined(pieces)) <= segments_max
        });
        pieces[run].end = Some(fitting.checked_sub(1).map_or(0, |last| ends[last]));
        if fitting > 0 {
            return true;
        }
    }
}

fn joined(pieces: &[Piece<'_>]) -> String {
    let blank = |there: bool| if there { " " } else { "" };
    let shown = pieces.iter().map(|piece| match piece.end {
        None => piece.text.to_owned(),
        Some(_) if piece.address => DOTS.to_owned(),
        Some(end) => {
            let start = piece.text[..end].trim_end_matches(' ');
            let before = blank(start.is_empty() && piece.text.starts_with(char::is_whitespace));
            let after = blank(piece.text.ends_with(char::is_whitespace));
            format!("{before}{start}{DOTS}{after}")
        }
    });
    shown.collect()
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = address_at(rest) {
        let address = &rest[at..];
        let end = address.find(char::is_whitespace).unwrap_or(address.len());
        pieces.push(Piece { text: &rest[..at], address: false, end: None });
        pieces.push(Piece { text: &address[..end], address: true, end: None });
        rest = &address[end..];
    }
    pieces.push(Piece { text: rest, address: false, end: None });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

fn has_address(text: &str) -> bool {
    address_at(text).is_some()
}

/// Where the first web address of a text begins.
fn address_at(text: &str) -> Option<usize> {
    let schemes = ["https://", "http://"];
    schemes.iter().filter_map(|scheme| text.find(scheme)).min()
}
