use super::Deliver;
use cordboard_plugin::Timestamp;

/// The notice of an MMS (M-Notification.ind, OMA MMS-ENC 6.2): it says where the message can be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct MmsNotice {
    /// Who sent it: a number or a mail address; `None` when hidden.
    pub from: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How long the message is.
    pub bytes: Option<u64>,
    /// Until when it can be fetched.
    pub expires: Option<Expiry>,
    /// Where it can be fetched; `None` when that part is missing.
    pub location: Option<String>,
}

/// Until when an MMS can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At a moment.
    At(Timestamp),
    /// So many seconds after the notice.
    In(u64),
}

impl std::fmt::Debug for MmsNotice {
    /// Sender, subject and address are personal data: they are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MmsNotice")
            .field("bytes", &self.bytes)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The notice in the parts of one WAP push to port 2948, in any order; `None` when it is something else.
///
/// A missing part ends what can be read.
pub fn mms_notice(parts: &[Deliver]) -> Option<MmsNotice> {
    let _ = parts;
    None
}
