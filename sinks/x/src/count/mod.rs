//! What a text weighs by X's rules, and which links are in it.
//!
//! X counts neither bytes nor characters: most alphabets weigh 1, everything else 2, an emoji
//! sequence 2 and a link 23 whatever its length (twitter-text configuration v3). Where X's reading
//! cannot be told from outside, the larger number is taken: a text counted too high becomes a
//! thread, one counted too low is refused after the person was told it fits.

mod links;
mod weights;

pub use links::{Link, links};

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// The weight a post may have.
pub const WEIGHT_MAX: usize = 280;
/// The weight of a link.
pub const LINK_WEIGHT: usize = 23;

/// What a text comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The weight that X compares with [`WEIGHT_MAX`].
    pub weight: usize,
    /// How many links it has, doubtful ones included.
    pub links: usize,
}

/// An indivisible piece of a text: a link, or one character as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Where it starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// What it weighs.
    pub weight: usize,
}

/// Counts `text` in linear time. Never panics.
pub fn count(text: &str) -> Count {
    let text: String = text.nfc().collect();
    let links = links(&text);
    let weight = atoms(&text, &links).iter().map(|atom| atom.weight).sum();
    Count { weight, links: links.len() }
}

/// Cuts `text`, which is in NFC, into its indivisible pieces, in order and without gaps.
/// `links` are those of the same text.
pub fn atoms(text: &str, links: &[Link]) -> Vec<Atom> {
    let mut atoms = Vec::with_capacity(text.len());
    let mut at = 0;
    for link in links {
        push_words(text, at, link.start, &mut atoms);
        let (start, end) = (link.start, link.end);
        atoms.push(Atom { start, end, weight: link_weight(&text[start..end], link.certain) });
        at = end;
    }
    push_words(text, at, text.len(), &mut atoms);
    atoms
}

fn push_words(text: &str, from: usize, to: usize, atoms: &mut Vec<Atom>) {
    for (at, cluster) in text[from..to].grapheme_indices(true) {
        let start = from + at;
        atoms.push(Atom { start, end: start + cluster.len(), weight: weights::cluster(cluster) });
    }
}

/// A doubtful link may be read as a link or as words: the larger counts.
fn link_weight(text: &str, certain: bool) -> usize {
    if certain {
        return LINK_WEIGHT;
    }
    LINK_WEIGHT.max(text.graphemes(true).map(weights::cluster).sum())
}
