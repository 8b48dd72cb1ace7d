//! Cuts a text into posts and prices them. Pure.
//!
//! A text over the limit becomes a thread whose posts end in ` (1/3)`. The numbers count towards the
//! limit; they tell readers that more follows, and they keep two posts of one thread from being the
//! same words, which X refuses.

use crate::config::Prices;
use crate::count::{Atom, WEIGHT_MAX, atoms, count, links};
use cordboard_plugin::{Draft, Part, Plan, Reason, Refusal};
use unicode_normalization::UnicodeNormalization as _;

/// No thread is longer; the core asks the person long before.
const PARTS_MAX: usize = 99;

/// The words as X takes them: without what makes a text invalid (facts of twitter-text: U+FFFE,
/// U+FEFF, U+FFFF), with plain line ends, composed (NFC), without space at the ends.
pub fn clean(text: &str) -> String {
    let kept = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = kept.chars().filter(|c| !matches!(c, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}'));
    kept.nfc().collect::<String>().trim().to_owned()
}

/// Plans the posts of `draft`.
///
/// # Errors
/// [`Reason::Content`] when there are no words; [`Reason::TooLong`] when the text does not fit one
/// post and a thread is not wanted, or would be longer than 99 posts.
pub fn plan(draft: &Draft, prices: &Prices) -> Result<Plan, Refusal> {
    let text = clean(&draft.text);
    if text.is_empty() {
        return Err(refusal(Reason::Content, "there are no words to post".to_owned()));
    }
    let weight = count(&text).weight;
    if weight <= WEIGHT_MAX {
        return Ok(Plan { parts: vec![part(text, prices)] });
    }
    if !draft.thread {
        let words = format!("that is {weight} characters by X's count and {WEIGHT_MAX} fit");
        return Err(refusal(Reason::TooLong, words));
    }
    let parts = thread(&text).ok_or_else(|| {
        let words = format!("that would be a thread of more than {PARTS_MAX} posts");
        refusal(Reason::TooLong, words)
    })?;
    Ok(Plan { parts: parts.into_iter().map(|text| part(text, prices)).collect() })
}

fn refusal(reason: Reason, words: String) -> Refusal {
    Refusal { reason, code: String::new(), words }
}

fn part(text: String, prices: &Prices) -> Part {
    let has_link = count(&text).links > 0;
    let price = if has_link { prices.link_post } else { prices.post };
    Part { text, media: Vec::new(), handles: Vec::new(), price, has_link }
}

/// The numbered posts of a thread; `None` when there would be too many.
fn thread(text: &str) -> Option<Vec<String>> {
    if count(text).weight > PARTS_MAX * WEIGHT_MAX {
        return None;
    }
    // The number of posts decides how long their numbers are, and the other way round.
    [9, PARTS_MAX].into_iter().find_map(|parts_max| {
        let widest = suffix(parts_max, parts_max);
        let pieces = pieces(text, &breakable(text, &widest), &widest, parts_max)?;
        let parts_count = pieces.len();
        let numbered = pieces.iter().zip(1..);
        Some(numbered.map(|(piece, nth)| format!("{piece}{}", suffix(nth, parts_count))).collect())
    })
}

fn suffix(nth: usize, parts_count: usize) -> String {
    format!(" ({nth}/{parts_count})")
}

fn room(suffix: &str) -> usize {
    WEIGHT_MAX - count(suffix).weight
}

/// The pieces of `text` that are never cut. Only what alone is over the limit (a doubtful link, a
/// letter with hundreds of accents) is cut, like any giant word.
fn breakable(text: &str, suffix: &str) -> Vec<Atom> {
    let mut whole = Vec::new();
    for atom in atoms(text, &links(text)) {
        if atom.weight <= room(suffix) {
            whole.push(atom);
            continue;
        }
        for cluster in within(atom, atoms(&text[atom.start..atom.end], &[])) {
            if cluster.weight <= room(suffix) {
                whole.push(cluster);
                continue;
            }
            let inside = &text[cluster.start..cluster.end];
            let chars = inside.char_indices().map(|(start, c)| {
                let end = start + c.len_utf8();
                Atom { start, end, weight: count(&inside[start..end]).weight }
            });
            whole.extend(within(cluster, chars.collect()));
        }
    }
    whole
}

/// The atoms of the text inside `outer`, as atoms of the whole text.
fn within(outer: Atom, inner: Vec<Atom>) -> impl Iterator<Item = Atom> {
    inner.into_iter().map(move |atom| Atom {
        start: outer.start + atom.start,
        end: outer.start + atom.end,
        weight: atom.weight,
    })
}

/// Cuts greedily; `None` when more than `parts_max` pieces are needed.
fn pieces<'a>(
    text: &'a str,
    atoms: &[Atom],
    suffix: &str,
    parts_max: usize,
) -> Option<Vec<&'a str>> {
    let mut pieces = Vec::new();
    let mut rest = atoms;
    loop {
        let blanks = rest.iter().take_while(|atom| is_blank(text, atom)).count();
        rest = &rest[blanks..];
        let Some(first) = rest.first() else { return Some(pieces) };
        if pieces.len() == parts_max {
            return None;
        }
        let taken = piece_len(text, rest, suffix);
        pieces.push(text[first.start..rest[taken - 1].end].trim_end());
        rest = &rest[taken..];
    }
}

fn is_blank(text: &str, atom: &Atom) -> bool {
    text[atom.start..atom.end].trim().is_empty()
}

/// How many of `atoms`, of which the first is no blank, make the next piece: at least one.
fn piece_len(text: &str, atoms: &[Atom], suffix: &str) -> usize {
    let mut weight = 0;
    let fitting = atoms.iter().take_while(|atom| {
        weight += atom.weight;
        weight <= room(suffix)
    });
    let mut fits = fitting.count();
    while fits > 1 {
        let len = if fits == atoms.len() { fits } else { border(text, atoms, fits) };
        // A cut can make a link of what was none ("x.com" of "x.community"): count the piece itself.
        let piece = text[atoms[0].start..atoms[len - 1].end].trim_end();
        if count(&format!("{piece}{suffix}")).weight <= WEIGHT_MAX {
            return len;
        }
        fits -= 1;
    }
    1
}

/// Where to cut when `fits` atoms fit: behind a sentence if that fills half of the piece, else
/// behind a word, else right there.
fn border(text: &str, atoms: &[Atom], fits: usize) -> usize {
    let blanks = (1..=fits).rev().filter(|&at| is_blank(text, &atoms[at]));
    let sentences = blanks.clone().take_while(|&at| at > fits / 2);
    let sentence = sentences.into_iter().find(|&at| ends_sentence(text, atoms, at));
    sentence.or_else(|| blanks.into_iter().next()).unwrap_or(fits)
}

fn ends_sentence(text: &str, atoms: &[Atom], blank: usize) -> bool {
    let before = &atoms[blank - 1];
    text[atoms[blank].start..atoms[blank].end].contains('\n')
        || text[before.start..before.end].ends_with(['.', '!', '?', '…', '。', '！', '？'])
}
