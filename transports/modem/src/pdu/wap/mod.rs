//! WAP pushes: the notice of an MMS, over as many parts as it takes (OMA WAP-230-WSP, OMA MMS-ENC).

mod notice;
mod value;

pub use notice::{Expiry, MmsNotice, announce, mms_notice};
