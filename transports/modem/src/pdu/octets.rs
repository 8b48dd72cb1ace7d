use super::PduError;

/// Octets still to be read.
pub(super) struct Octets<'a>(pub(super) &'a [u8]);

impl<'a> Octets<'a> {
    /// The next octet.
    pub(super) fn one(&mut self) -> Result<u8, PduError> {
        let (&first, rest) = self.0.split_first().ok_or(PduError::Short)?;
        self.0 = rest;
        Ok(first)
    }

    /// The next `count` octets.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PduError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(PduError::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next seven, as time stamps are long.
    pub(super) fn seven(&mut self) -> Result<&'a [u8; 7], PduError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(PduError::Short)?;
        self.0 = rest;
        Ok(taken)
    }
}
