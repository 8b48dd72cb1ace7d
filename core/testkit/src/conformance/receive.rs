//! What a transport makes of webhook calls, genuine ones and others.

use super::chance::for_random_bytes;
use super::device::check_capabilities;
use super::set_up::{addresses, check_steps};
use super::{TransportCase, host_of_transport, only};
use crate::{FakeHost, block_on};
use cordboard_plugin::{HttpCall, MessageKey, Received, Rejected, Transport};

/// Words that suffer when a body is decoded carelessly: accents, an emoji of several code points,
/// the signs of form and JSON encoding, a final space.
pub(crate) const WORDS: &str = "Ahoy! café 👍🏽 a+b & c=d %20 \"q\" \\n <x> ";

fn received(transport: &dyn Transport, call: HttpCall) -> (FakeHost, Result<Received, Rejected>) {
    let host = host_of_transport(transport);
    let outcome = block_on(transport.receive(&host, call));
    (host, outcome)
}

fn only_key(case: &dyn TransportCase, call: HttpCall) -> MessageKey {
    let (_, outcome) = received(&*case.transport(), call);
    let messages = outcome.map(|received| received.messages);
    only(messages, "a genuine webhook must bring one message").key
}

/// Whatever the call was, it is answered in one of the two ways, and no message is nameless.
pub(super) fn check_sane(transport: &dyn Transport, call: HttpCall) -> Result<Received, Rejected> {
    let (_, outcome) = received(transport, call);
    match &outcome {
        Err(rejected) => check_rejection(rejected),
        Ok(received) => {
            let status = received.answer.status;
            assert!((200..500).contains(&status), "answered with {status}");
            for message in &received.messages {
                let key = &message.key;
                let named = !key.account.is_empty() && !key.id.is_empty();
                assert!(named, "a message without a key: {key:?}");
                assert!(message.segments > 0, "a message of no segment");
            }
            let named = received.statuses.iter().all(|status| !status.id.is_empty());
            assert!(named, "a status without the id of its text");
        }
    }
    outcome
}

#[track_caller]
fn check_rejection(rejected: &Rejected) {
    let status = rejected.status;
    assert!(
        (400..500).contains(&status),
        "rejected with {status}, which is not the caller's fault"
    );
    assert!(!rejected.reason.is_empty(), "rejected without a reason for the log");
}

/// Numbers are numbers, base URLs end without a slash, limits are not zero.
pub fn the_capabilities_make_sense(case: &dyn TransportCase) {
    check_capabilities(|| case.transport().capabilities());
}

/// The set-up at the provider names the address that texts are delivered to, when the provider calls
/// us, and each of its steps says something.
pub fn the_set_up_names_the_address_of_the_hook(case: &dyn TransportCase) {
    let transport = case.transport();
    for addresses in addresses() {
        let steps = transport.set_up(&addresses);
        check_steps(&steps);
        let named = steps.iter().any(|step| step.value.starts_with(&addresses.hook_url));
        let webhook = transport.capabilities().webhook;
        assert!(named || !webhook, "nobody is told where texts go: {steps:?}");
        assert_eq!(steps, transport.set_up(&addresses), "the set-up changes");
    }
}

/// Every code point arrives, the final space too.
pub fn a_genuine_webhook_brings_the_words_as_they_were_sent(case: &dyn TransportCase) {
    let outcome = check_sane(&*case.transport(), case.genuine(1, &case.words()));
    let texts: Vec<&str> = outcome
        .iter()
        .flat_map(|received| &received.messages)
        .map(|message| message.text.as_str())
        .collect();
    assert_eq!(texts, [case.words()], "{outcome:?}");
    let answered = outcome.map(|received| received.answer.status);
    assert!(matches!(answered, Ok(200..300)), "a genuine webhook was answered with {answered:?}");
}

/// A repeated call is the same message, for another instance too.
pub fn a_repeated_webhook_has_the_same_key(case: &dyn TransportCase) {
    let first = only_key(case, case.genuine(1, &case.words()));
    let again = only_key(case, case.repeated(1, &case.words()));
    assert_eq!(first, again, "a repeated webhook would be posted twice");
}

/// The same words sent twice are two messages.
pub fn another_message_has_another_key(case: &dyn TransportCase) {
    let first = only_key(case, case.genuine(1, &case.words()));
    let second = only_key(case, case.genuine(2, &case.words()));
    assert_ne!(first, second, "the second message would be lost as a repeat");
}

/// A forged call is rejected with a 4xx, and neither the state nor the provider is touched.
pub fn a_forged_webhook_is_rejected_and_leaves_nothing(case: &dyn TransportCase) {
    let forged = case.forged();
    assert!(!forged.is_empty(), "the case names no forged call");
    for (nth, call) in forged.into_iter().enumerate() {
        let (host, outcome) = received(&*case.transport(), call);
        let rejected = outcome.as_ref().err();
        assert!(rejected.is_some(), "forged call {nth} was believed");
        rejected.into_iter().for_each(check_rejection);
        let untouched = host.messages().is_empty()
            && host.statuses().is_empty()
            && host.replies().is_empty()
            && host.timers().is_empty()
            && host.requests().is_empty();
        assert!(untouched, "forged call {nth} left something behind");
    }
}

/// Neither a genuine call that lost its body nor one made without a body is a message.
pub fn a_webhook_without_a_body_brings_no_message(case: &dyn TransportCase) {
    let mut emptied = case.genuine(1, &case.words());
    emptied.body.0.clear();
    for call in [emptied, case.genuine_body(Vec::new())] {
        let outcome = check_sane(&*case.transport(), call);
        let messages = outcome.map_or(0, |received| received.messages.len());
        assert_eq!(messages, 0, "nothing came in, and it became a message");
    }
}

/// A text far over any limit is taken or rejected, whole or not at all.
pub fn a_text_of_a_hundred_thousand_characters_is_answered(case: &dyn TransportCase) {
    let text = "é".repeat(100_000);
    let outcome = check_sane(&*case.transport(), case.genuine(1, &text));
    for message in outcome.iter().flat_map(|received| &received.messages) {
        assert!(message.text == text, "a long text was cut");
    }
}

/// Bytes that are not UTF-8, in several places, are no reason to panic or to make up a message
/// without a key.
pub fn a_body_that_is_not_utf8_is_answered(case: &dyn TransportCase) {
    let whole = case.genuine(1, &case.words()).body.0;
    let middle = whole.len() / 2;
    let mut broken = whole.clone();
    broken.splice(middle..middle, [0xff, 0xfe, 0xc3]);
    let escaped = [whole.as_slice(), b"&Body=%ff%fe%c3&%=%&%f"].concat();
    for body in [broken, escaped, vec![0xff; 1000], b"\xc3".to_vec()] {
        let _ = check_sane(&*case.transport(), case.genuine_body(body));
    }
}

/// A call with ten thousand unknown parameters is taken as if they were not there, or rejected.
pub fn ten_thousand_parameters_are_answered(case: &dyn TransportCase) {
    let _ = check_sane(&*case.transport(), case.genuine_with_parameters(10_000));
}

/// Random bodies, signed and unsigned, to both addresses, are answered one way or the other.
pub fn random_bodies_never_panic(case: &dyn TransportCase) {
    let transport = case.transport();
    for_random_bytes(|bytes| {
        let mut unsigned = case.genuine(1, &case.words());
        unsigned.body.0.clone_from(&bytes);
        let signed = case.genuine_body(bytes);
        for call in [unsigned, signed] {
            for path in ["", "/status"] {
                let _ = check_sane(&*transport, HttpCall { path: path.to_owned(), ..call.clone() });
            }
        }
    });
}
