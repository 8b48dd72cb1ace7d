use std::fmt;

/// Why octets cannot be read, or a text cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PduError {
    /// Not an even number of hexadecimal digits.
    NotHex,
    /// It ends before what every such PDU has.
    Short,
    /// Another type of PDU than the one asked for.
    OtherType,
    /// The address cannot be written: not E.164, or a name that is too long or outside the alphabet.
    Address,
    /// The text needs more parts than may be sent.
    TooLong,
    /// A year outside 1990 to 2089, or a zone of more than 14 hours: the time stamp cannot be written.
    Time,
}

impl fmt::Display for PduError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHex => "not an even number of hexadecimal digits",
            Self::Short => "the PDU ends too early",
            Self::OtherType => "another type of PDU",
            Self::Address => "an address that cannot be written",
            Self::TooLong => "the text needs too many parts",
            Self::Time => "a time that cannot be written",
        })
    }
}

impl std::error::Error for PduError {}
