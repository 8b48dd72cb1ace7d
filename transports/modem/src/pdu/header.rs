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
