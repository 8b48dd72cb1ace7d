//! Cuts a text into posts, gives its pictures to them, and prices them. Pure.
//!
//! One post carries up to four stills, or one GIF, or one video. What does not fit goes with the next
//! post of the thread; when the words are used up, pictures are posted alone.
//!
//! A text over the limit becomes a thread whose posts end in ` (1/3)`. The numbers count towards the
//! limit; they tell readers that more follows, and they keep two posts of one thread from being the
//! same words, which X refuses.

use crate::config::Prices;
use crate::count::{Atom, WEIGHT_MAX, atoms, count, links};
use crate::media::kind::{Kind, unknown};
use cordboard_plugin::{Draft, Part, Plan, Reason, Refusal};
use unicode_normalization::UnicodeNormalization as _;

/// No thread is longer; the core asks the person long before.
const PARTS_MAX: usize = 99;

/// So many stills share a post.
const STILLS_MAX: usize = 4;

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
/// [`Reason::Content`] when there is nothing to post, or a picture that X does not take;
/// [`Reason::TooLong`] when it does not fit one post and a thread is not wanted, or would be longer
/// than 99 posts.
pub fn plan(draft: &Draft, prices: &Prices) -> Result<Plan, Refusal> {
    let text = clean(&draft.text);
    if draft.media_types.len() > PARTS_MAX * STILLS_MAX {
        return Err(refusal(Reason::TooLong, "those are too many pictures".to_owned()));
    }
    let albums = albums(&draft.media_types)?;
    if text.is_empty() && albums.is_empty() {
        return Err(refusal(Reason::Content, "there are no words to post".to_owned()));
    }
    if albums.len() > 1 && !draft.thread {
        let words = "one post takes up to 4 pictures, or 1 GIF, or 1 video".to_owned();
        return Err(refusal(Reason::TooLong, words));
    }
    let too_many = || {
        let words = format!("that would be a thread of more than {PARTS_MAX} posts");
        refusal(Reason::TooLong, words)
    };
    if albums.len() > PARTS_MAX {
        return Err(too_many());
    }
    let weight = count(&text).weight;
    let mut texts = if weight <= WEIGHT_MAX {
        vec![text]
    } else if draft.thread {
        thread(&text).ok_or_else(too_many)?
    } else {
        let words = format!("that is {weight} characters by X's count and {WEIGHT_MAX} fit");
        return Err(refusal(Reason::TooLong, words));
    };
    texts.resize(texts.len().max(albums.len()), String::new());
    let albums = albums.into_iter().chain(std::iter::repeat_with(Vec::new));
    let parts = texts.into_iter().zip(albums).map(|(text, media)| part(text, media, prices));
    Ok(Plan { parts: parts.collect() })
}

/// Which pictures share a post, by their positions, in order.
fn albums(media_types: &[String]) -> Result<Vec<Vec<u16>>, Refusal> {
    let mut albums: Vec<Vec<u16>> = Vec::new();
    let mut has_room = false;
    for (nth, media_type) in (0u16..).zip(media_types) {
        let kind = Kind::of(media_type);
        let kind = kind.ok_or_else(|| refusal(Reason::Content, unknown(media_type)))?;
        match albums.last_mut() {
            Some(album) if has_room && kind.is_still() => album.push(nth),
            _ => albums.push(vec![nth]),
        }
        has_room = kind.is_still() && albums.last().is_some_and(|album| album.len() < STILLS_MAX);
    }
    Ok(albums)
}

fn refusal(reason: Reason, words: String) -> Refusal {
    Refusal { reason, code: String::new(), words }
}

fn part(text: String, media: Vec<u16>, prices: &Prices) -> Part {
    let has_link = count(&text).links > 0;
    let price = if has_link { prices.link_post } else { prices.post };
    Part { text, media, handles: Vec::new(), price, has_link }
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
