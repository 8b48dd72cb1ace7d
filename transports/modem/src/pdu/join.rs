use super::septets::Decoder;
use super::{Body, Coding, Deliver, Header};

/// The text of the parts of one message, in any order; missing ones leave no mark.
///
/// Parts are put in order by their numbers; of two with the same number the first counts. UTF-16 units are decoded after joining, so that a character cut in two is
/// whole again; halves without their other half become U+FFFD. Septets are decoded with the tables of their own part.
/// 8-bit data is read as UTF-8. U+0000 is left out: phones pad with it, and not every store takes it. Compressed parts
/// have no text.
pub fn join(parts: &[Deliver]) -> String {
    let ordered = in_order(parts);
    text(ordered.iter().map(|part| (&part.header, &part.coding, &part.body)))
}

/// Parts by their numbers, each number once; those without one first.
pub(super) fn in_order(parts: &[Deliver]) -> Vec<&Deliver> {
    let mut ordered: Vec<&Deliver> = parts.iter().collect();
    ordered.sort_by_key(|part| number(&part.header));
    ordered.dedup_by(|next, part| {
        part.header.concat.is_some() && number(&next.header) == number(&part.header)
    });
    ordered
}

/// The number of a part; 0 for one that is whole.
pub(super) fn number(header: &Header) -> u8 {
    header.concat.map_or(0, |concat| concat.number)
}

/// The text of parts in their order.
pub(super) fn text<'a>(
    parts: impl IntoIterator<Item = (&'a Header, &'a Coding, &'a Body)>,
) -> String {
    let mut text = String::new();
    let mut run = Run::Nothing;
    let mut next = None;
    for (header, coding, body) in parts {
        let number = number(header);
        // What was cut in two is put together only over a cut between neighbours.
        if next.is_some_and(|next| next != number) {
            std::mem::replace(&mut run, Run::Nothing).end(&mut text);
        }
        next = Some(number.saturating_add(1));
        if !coding.compressed {
            run = run.take(header, body, &mut text);
        }
    }
    run.end(&mut text);
    text.retain(|character| character != '\0');
    text
}

/// Neighbouring parts in one alphabet, not yet decoded to the end.
enum Run {
    Nothing,
    Septets(Decoder),
    Octets(Vec<u8>),
    Units(Vec<u16>),
}

impl Run {
    /// Adds a part; one in another alphabet ends this run and begins a new one.
    fn take(self, header: &Header, body: &Body, text: &mut String) -> Self {
        match (self, body) {
            (Self::Septets(mut decoder), Body::Septets(codes)) => {
                decoder.take(codes, header.locking_shift, header.single_shift);
                Self::Septets(decoder)
            }
            (Self::Octets(mut all), Body::Octets(octets)) => {
                all.extend(octets);
                Self::Octets(all)
            }
            (Self::Units(mut all), Body::Units(units)) => {
                all.extend(units);
                Self::Units(all)
            }
            (run, body) => {
                run.end(text);
                Self::begin(body).take(header, body, text)
            }
        }
    }

    fn begin(body: &Body) -> Self {
        match body {
            Body::Septets(_) => Self::Septets(Decoder::default()),
            Body::Octets(_) => Self::Octets(Vec::new()),
            Body::Units(_) => Self::Units(Vec::new()),
        }
    }

    fn end(self, text: &mut String) {
        match self {
            Self::Nothing => {}
            Self::Septets(decoder) => text.push_str(&decoder.finish()),
            Self::Octets(octets) => text.push_str(&String::from_utf8_lossy(&octets)),
            Self::Units(units) => text.push_str(&String::from_utf16_lossy(&units)),
        }
    }
}
