//! What Twilio's error codes mean for us. Twilio lets the texts change; only the codes count
//! (Twilio docs, "Error and Warning Dictionary").

use cordboard_plugin::{CallError, Reason, Trouble};

const HOUR_MS: i64 = 3_600_000;

/// What follows from a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// Wait so many milliseconds, or as long as the core likes.
    Wait(Option<i64>),
    /// The operator must act.
    Operator(Trouble),
    /// A final no to this one text.
    Refuse(Reason),
    /// The state of the text says it all.
    State,
}

use Action::{Operator, Refuse, State, Wait};

/// Code, action, and plain words: for the recipient's side of the desk, or for the operator.
const CODES: &[(u32, Action, &str)] = &[
    (20003, Operator(Trouble::Keys), "`account_sid` and `auth_token` do not belong together"),
    (20005, Operator(Trouble::Plan), "the Twilio account is not active"),
    (20404, Operator(Trouble::Setting), "Twilio does not know this account or address"),
    (20429, Wait(None), "too many calls at once"),
    (21211, Refuse(Reason::Unroutable), "this is not a number that can be texted"),
    (21266, Refuse(Reason::Other), "a number cannot text itself"),
    (21408, Operator(Trouble::Setting), "texts to this country are not enabled in the console"),
    (21602, Refuse(Reason::Content), "the text is empty"),
    (21606, Operator(Trouble::Setting), "our number is not on this account or cannot send texts"),
    (
        21608,
        Operator(Trouble::Registration),
        "a trial account, or one without an approved profile, texts verified numbers only",
    ),
    (21610, Refuse(Reason::OptedOut), "the recipient has opted out"),
    (21611, Wait(Some(HOUR_MS)), "our number has hours of texts waiting at Twilio"),
    (21612, Refuse(Reason::Unroutable), "there is no way from our number to this one"),
    (21614, Refuse(Reason::Unroutable), "this is not a mobile number"),
    (21617, Refuse(Reason::TooLong), "the text is over 1600 characters"),
    (21635, Refuse(Reason::Unroutable), "this is a landline"),
    (21659, Operator(Trouble::Setting), "our number is not a Twilio number"),
    (21660, Operator(Trouble::Setting), "our number belongs to another account"),
    (21661, Operator(Trouble::Setting), "our number cannot send texts"),
    (30001, Wait(None), "the queue at Twilio is full"),
    (30002, Operator(Trouble::Plan), "the Twilio account is suspended"),
    (30003, State, ""),
    (30004, Refuse(Reason::Other), "the recipient's phone or carrier blocks our texts"),
    (30005, Refuse(Reason::Unroutable), "the recipient's number is unknown"),
    (30006, Refuse(Reason::Unroutable), "this is a landline, or its carrier cannot be reached"),
    (30007, Refuse(Reason::Other), "a carrier took the text for spam"),
    (30008, State, ""),
    (30022, Wait(None), "over the rate of our A2P registration"),
    (30023, Wait(Some(6 * HOUR_MS)), "over the day's cap of our A2P registration"),
    (30027, Wait(Some(6 * HOUR_MS)), "over the day's cap of T-Mobile for our brand"),
    (30032, Operator(Trouble::Registration), "our toll-free number is not verified yet"),
    (30034, Operator(Trouble::Registration), "our number is not registered for A2P 10DLC"),
    (30035, Operator(Trouble::Registration), "our number is still being set up for A2P 10DLC"),
    (30036, State, ""),
];

/// What a call that was answered with `code` has come to; `None` for a code that says nothing.
pub(crate) fn meaning(code: u32) -> Option<CallError> {
    let (_, action, words) = CODES.iter().find(|(known, ..)| *known == code)?;
    match action {
        Wait(wait_ms) => Some(CallError::retry_after(*wait_ms, format!("{words} ({code})"))),
        Operator(trouble) => Some(CallError::operator(*trouble, format!("{words} ({code})"))),
        Refuse(reason) => Some(CallError::refused(*reason, code.to_string(), *words)),
        State => None,
    }
}

/// What a 401 means, whatever its body says.
pub(crate) fn keys_refused() -> CallError {
    CallError::operator(
        Trouble::Keys,
        "`account_sid` and `auth_token` are not accepted; correct them in the configuration",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_order_and_once() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn words_are_phrases_and_end_without_a_full_stop() {
        for (code, action, words) in CODES {
            assert_eq!(words.is_empty(), *action == State, "{code}");
            assert!(!words.ends_with('.'), "{code}");
        }
    }
}
