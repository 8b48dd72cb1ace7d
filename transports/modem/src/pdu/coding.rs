/// What the octets of a text mean (TP-DCS, TS 23.038 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    /// The octet as it came.
    pub octet: u8,
    /// How characters are written.
    pub alphabet: Alphabet,
    /// 0 to 3: 0 is to be shown at once, 2 is for the SIM.
    pub class: Option<u8>,
    /// Compressed after TS 23.042; nobody does, and we cannot read it.
    pub compressed: bool,
    /// Set in the groups that say that something waits elsewhere, usually a voice mail.
    pub waiting: Option<Waiting>,
}

/// How characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// The GSM 7-bit alphabet.
    Septets,
    /// 8-bit data.
    Octets,
    /// UCS2; phones write UTF-16.
    Units,
}

/// A message waiting indication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whether the text that comes with it is to be kept; otherwise it is only a signal.
    pub keep: bool,
    /// Whether something waits, rather than no longer.
    pub active: bool,
}

impl Coding {
    /// The meaning of a TP-DCS octet. Reserved values mean the 7-bit alphabet, as the clause asks.
    pub fn new(octet: u8) -> Self {
        let plain = Self {
            octet,
            alphabet: Alphabet::Septets,
            class: None,
            compressed: false,
            waiting: None,
        };
        let class = octet & 0b11;
        let waiting = |keep| Some(Waiting { keep, active: octet & 0b1000 != 0 });
        match octet >> 4 {
            0x0..=0x7 => Self {
                alphabet: match octet >> 2 & 0b11 {
                    1 => Alphabet::Octets,
                    2 => Alphabet::Units,
                    _ => Alphabet::Septets,
                },
                class: (octet & 0x10 != 0).then_some(class),
                compressed: octet & 0x20 != 0,
                ..plain
            },
            0xC => Self { waiting: waiting(false), ..plain },
            0xD => Self { waiting: waiting(true), ..plain },
            0xE => Self { alphabet: Alphabet::Units, waiting: waiting(true), ..plain },
            0xF => Self {
                alphabet: if octet & 0b100 != 0 { Alphabet::Octets } else { Alphabet::Septets },
                class: Some(class),
                ..plain
            },
            _ => plain,
        }
    }

    /// The coding when the text itself tells against the octet.
    ///
    /// F8 to FB set a reserved bit, and some senders mean UCS2 by it, as in the general group. They do when all
    /// announced octets are there, where septets would be packed into fewer. A text of at most three units has no fewer
    /// septets: it is UCS2 if it begins with the high octet 0 of a Latin letter, which would be an `@` otherwise.
    pub(super) fn judged(self, announced: u8, data: &[u8]) -> Self {
        let announced = usize::from(announced);
        let whole = data.len() == announced && announced.is_multiple_of(2);
        let as_septets = (announced * 7).div_ceil(8);
        let means_units = matches!(self.octet, 0xF8..=0xFB)
            && whole
            && (as_septets != announced || data.first() == Some(&0));
        if means_units { Self { alphabet: Alphabet::Units, ..self } } else { self }
    }
}
