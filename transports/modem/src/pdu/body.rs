use std::fmt;

/// What a message carries, without its header and not yet decoded.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Codes of the GSM 7-bit alphabet, one a byte.
    Septets(Vec<u8>),
    /// 8-bit data.
    Octets(Vec<u8>),
    /// UTF-16 code units; a surrogate may stand alone when its other half is in the next part.
    Units(Vec<u16>),
}

impl fmt::Debug for Body {
    /// What people write is personal data: only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Septets(codes) => write!(f, "Septets({})", codes.len()),
            Self::Octets(octets) => write!(f, "Octets({})", octets.len()),
            Self::Units(units) => write!(f, "Units({})", units.len()),
        }
    }
}
