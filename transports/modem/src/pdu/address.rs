use cordboard_plugin::Address;
use std::fmt;

/// Who a message is from or for.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// `+15550100123`, `12345`, `Bank`; empty when there was none.
    pub text: String,
    /// What kind of address it is.
    pub kind: PartyKind,
    /// The type-of-address octet as it came (TS 23.040 9.1.2.5); every value is accepted.
    pub type_octet: u8,
}

/// What kind of address a [`Party`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyKind {
    /// A full number; [`Party::text`] begins with `+`.
    International,
    /// A number as dialled within the country.
    National,
    /// Letters: the name of a firm or a service. Nothing can be sent to it.
    Name,
    /// A short code, a number of the network, or a kind nobody told us.
    Other,
}

impl Party {
    /// As the rest of the bridge knows it.
    pub fn address(&self) -> Address {
        Address::new(self.text.as_str())
    }
}

impl fmt::Debug for Party {
    /// A number is personal data: only its last two characters are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.address())
    }
}
