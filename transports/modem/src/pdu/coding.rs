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
