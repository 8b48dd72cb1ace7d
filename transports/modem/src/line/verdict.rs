//! What an error of sending means for the core, and for the text.

use crate::at::{Class, Fault};
use cordboard_plugin::{CallError, Reason, Trouble};

/// What becomes of a part that the modem refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has left all the same.
    Left,
    /// It may have left.
    Unclear,
    /// Once more, at once, without a validity period.
    WithoutValidity,
    /// Once more, in a few seconds.
    Soon,
    /// Not by this call.
    Not(CallError),
}

/// Waits after the first, second … refusal by a busy network, in milliseconds.
const BUSY_MS: &[i64] = &[30_000, 120_000, 600_000];
const SOON_AGAIN_MS: i64 = 15_000;
/// How long a line without a network is waited for before the next try.
const NO_NETWORK_MS: i64 = 5 * 60_000;
/// How long a refusal that may pass is waited for.
const REJECTED_MS: i64 = 10 * 60_000;

/// What a refusal means. `busy`: refusals by a busy network in a row; `again`: this text was refused
/// before for a reason that may have passed.
pub(super) fn verdict(fault: &Fault, busy: u32, again: bool) -> Verdict {
    let retry = |wait_ms, what: &str| {
        Verdict::Not(CallError::retry_after(Some(wait_ms), format!("{what} ({fault})")))
    };
    let operator = |trouble, what: &str| {
        Verdict::Not(CallError::operator(trouble, format!("{what} ({fault})")))
    };
    let refused =
        |reason, words: &str| Verdict::Not(CallError::refused(reason, fault.to_string(), words));
    match fault.class() {
        Class::Duplicate => Verdict::Left,
        Class::Unknown => Verdict::Unclear,
        Class::NoValidity => Verdict::WithoutValidity,
        Class::Busy => Verdict::Soon,
        Class::Ours => refused(Reason::Other, "the modem cannot send this text"),
        Class::Final => refused(Reason::Unroutable, "the network does not reach this number"),
        Class::Doubtful if again => {
            refused(Reason::Unroutable, "the network does not reach this number")
        }
        Class::Doubtful => retry(SOON_AGAIN_MS, "the network says it does not reach this number"),
        Class::Rejected if again => refused(Reason::Other, "the network refuses this text"),
        Class::Rejected => retry(REJECTED_MS, "the network refuses this text"),
        Class::NetworkBusy => {
            let nth = usize::try_from(busy).unwrap_or(usize::MAX).min(BUSY_MS.len() - 1);
            retry(BUSY_MS[nth], "the network is busy")
        }
        Class::NotRegistered => retry(NO_NETWORK_MS, "no network"),
        Class::Card => operator(Trouble::Setting, "the SIM card cannot be used"),
        Class::NoCentre => operator(
            Trouble::Setting,
            "the SIM card has no number of a message centre; set it with the card in a phone",
        ),
        Class::Full => retry(SOON_AGAIN_MS, "the modem's store is full"),
        Class::Hardware => retry(SOON_AGAIN_MS, "the modem failed"),
        Class::NothingThere | Class::NotSupported | Class::Vague => {
            retry(SOON_AGAIN_MS, "the modem did not send it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_is_one_action() {
        let not = |fault, again| match verdict(&fault, 0, again) {
            Verdict::Not(error) => error,
            other => panic!("{fault}: {other:?}"),
        };
        for (code, again) in [(8, false), (304, false), (69, true), (1, true), (21, true)] {
            let error = not(Fault::Cms(code), again);
            assert!(matches!(error, CallError::Refused(_)), "CMS {code}: {error:?}");
        }
        for (code, again) in [(69, false), (21, false), (38, true), (500, true), (331, true)] {
            let error = not(Fault::Cms(code), again);
            assert!(matches!(error, CallError::RetryAfter { .. }), "CMS {code}: {error:?}");
        }
        for fault in [Fault::Cms(310), Fault::Cms(330), Fault::Cme(10)] {
            let error = not(fault.clone(), true);
            assert!(matches!(error, CallError::Operator { .. }), "{fault}: {error:?}");
        }
        assert_eq!(verdict(&Fault::Cms(197), 0, false), Verdict::Left);
        assert_eq!(verdict(&Fault::Cms(332), 0, false), Verdict::Unclear);
        assert_eq!(verdict(&Fault::Cms(198), 0, false), Verdict::WithoutValidity);
        assert_eq!(verdict(&Fault::Cms(512), 0, false), Verdict::Soon);
    }

    #[test]
    fn a_busy_network_is_left_alone_for_longer_each_time() {
        let wait = |busy| match verdict(&Fault::Cms(42), busy, false) {
            Verdict::Not(CallError::RetryAfter { wait_ms, .. }) => wait_ms.unwrap(),
            other => panic!("{other:?}"),
        };
        assert!(wait(0) < wait(1) && wait(1) < wait(2));
        assert_eq!(wait(2), wait(u32::MAX));
    }
}
