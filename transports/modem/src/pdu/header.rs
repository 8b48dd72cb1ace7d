use super::coding::Waiting;

/// The parts of a user data header that we understand (TS 23.040 9.2.3.24); the others are skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Which part of a long message this is.
    pub concat: Option<Concat>,
    /// For which application it is.
    pub ports: Option<Ports>,
    /// National language table behind the escape code; 0 is the default one.
    pub single_shift: u8,
    /// National language table instead of the default alphabet; 0 is the default one.
    pub locking_shift: u8,
    /// A special SMS message indication.
    pub waiting: Option<Waiting>,
}

/// Which part of a long message a message is. `1 <= number <= total` always holds for one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Concat {
    /// The same in all parts; senders use it again soon.
    pub reference: u16,
    /// Whether the reference came as 16 bits: equal numbers of both widths are different references.
    pub wide: bool,
    /// How many parts there are, 1 to 255.
    pub total: u8,
    /// Which one this is, from 1 on.
    pub number: u8,
}

/// Application ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where to.
    pub destination: u16,
    /// Where from.
    pub source: u16,
}

impl Concat {
    /// `None` for a number outside its total: such a message is one of its own (TS 23.040 9.2.3.24.1).
    fn new(wide: bool, reference: u16, total: u8, number: u8) -> Option<Self> {
        (1..=total).contains(&number).then_some(Self { reference, wide, total, number })
    }
}

impl Header {
    /// Reads the elements behind the length octet. A later element wins over an earlier one of the same kind.
    ///
    /// If the last one is cut off, all are ignored (TS 23.040 9.2.3.24).
    pub(super) fn read(mut elements: &[u8]) -> Self {
        let mut header = Self::default();
        while let Some((&[identifier, length], rest)) = elements.split_first_chunk() {
            let Some((data, rest)) = rest.split_at_checked(usize::from(length)) else {
                return Self::default();
            };
            header.take(identifier, data);
            elements = rest;
        }
        if elements.is_empty() { header } else { Self::default() }
    }

    fn take(&mut self, identifier: u8, data: &[u8]) {
        match (identifier, data) {
            (0x00, &[reference, total, number]) => {
                self.concat = Concat::new(false, reference.into(), total, number).or(self.concat);
            }
            (0x08, &[high, low, total, number]) => {
                let reference = u16::from_be_bytes([high, low]);
                self.concat = Concat::new(true, reference, total, number).or(self.concat);
            }
            (0x04, &[destination, source]) => {
                self.ports = Some(Ports { destination: destination.into(), source: source.into() });
            }
            (0x05, &[high, low, source_high, source_low]) => {
                self.ports = Some(Ports {
                    destination: u16::from_be_bytes([high, low]),
                    source: u16::from_be_bytes([source_high, source_low]),
                });
            }
            (0x01, &[kind, count]) => {
                self.waiting = Some(Waiting { keep: kind & 0x80 != 0, active: count > 0 });
            }
            // Enhanced voice mail information: it comes with a text about the mail, worth keeping if there is one.
            (0x23, _) => self.waiting = Some(Waiting { keep: true, active: true }),
            (0x24, &[language]) => self.single_shift = language,
            (0x25, &[language]) => self.locking_shift = language,
            _ => {}
        }
    }

    /// The header with its length octet; nothing for one without elements.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut elements = Vec::new();
        if let Some(Concat { reference, wide, total, number }) = self.concat {
            let [high, low] = reference.to_be_bytes();
            if wide {
                elements.extend([0x08, 4, high, low, total, number]);
            } else {
                elements.extend([0x00, 3, low, total, number]);
            }
        }
        if let Some(Ports { destination, source }) = self.ports {
            elements.extend([0x05, 4]);
            elements.extend(destination.to_be_bytes());
            elements.extend(source.to_be_bytes());
        }
        if let Some(Waiting { keep, active }) = self.waiting {
            elements.extend([0x01, 2, if keep { 0x80 } else { 0 }, active.into()]);
        }
        for (identifier, language) in [(0x24, self.single_shift), (0x25, self.locking_shift)] {
            if language != 0 {
                elements.extend([identifier, 1, language]);
            }
        }
        // At most 24 octets: the length fits.
        if let Ok(length @ 1..) = u8::try_from(elements.len()) {
            elements.insert(0, length);
        }
        elements
    }
}
