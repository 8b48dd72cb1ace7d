//! The questions that every plugin is asked, by the same words.
//!
//! A crate's test says in a case how its instance is made and how its provider talks; the macros
//! [`conformance_transport!`](crate::conformance_transport),
//! [`conformance_sink!`](crate::conformance_sink) and
//! [`conformance_plan!`](crate::conformance_plan) turn the questions into tests of that crate.
//! A case hands out trait objects, so the same case serves a linked plugin and a loaded one.
//! Each macro makes tests of fixed names: two of them, or two cases, go into two modules.

pub mod device;
pub mod plan;
pub mod publish;
pub mod receive;
pub mod send;
pub mod upload;

mod chance;
mod provider;
mod set_up;

pub use provider::ProviderAnswers;

use crate::FakeHost;
use cordboard_plugin::{
    Address, Blob, Credential, Draft, HttpCall, Media, OutgoingText, RemoteAccount, Secret, Sink,
    Transport,
};
use std::fmt::Debug;

/// How one transport crate is asked the questions of [`receive`] and [`send`].
pub trait TransportCase {
    /// A fresh instance, always with the same settings.
    fn transport(&self) -> Box<dyn Transport>;

    /// The genuine webhook call for the `nth` message, whose words are `text`.
    /// Same arguments, same call; another `nth`, another provider id.
    fn genuine(&self, nth: u32, text: &str) -> HttpCall;

    /// The call of [`TransportCase::genuine`] as the provider repeats it when our answer was lost.
    /// Override it where the provider changes something (a batch id, a header).
    fn repeated(&self, nth: u32, text: &str) -> HttpCall {
        self.genuine(nth, text)
    }

    /// Calls that look genuine and are not: each one way in which the check must fail. At least one;
    /// among them a wrong signature or token, none at all, and one for `/status` if that is served.
    fn forged(&self) -> Vec<HttpCall>;

    /// A call with exactly this body that passes the provider's check as far as any can
    /// (signed over these bytes, or with the right token).
    fn genuine_body(&self, body: Vec<u8>) -> HttpCall;

    /// A genuine call that carries `count` further parameters, fields or keys nobody knows.
    fn genuine_with_parameters(&self, count: usize) -> HttpCall;

    /// What the provider answers when it is asked to send.
    fn answers(&self) -> ProviderAnswers;

    /// A text that can be sent.
    fn outgoing(&self) -> OutgoingText {
        let line = self.transport().capabilities().numbers.into_iter().next().unwrap_or_default();
        OutgoingText {
            key: "reply-1".to_owned(),
            from: Address::new(line),
            to: Address::new("+15550100002"),
            text: "Hello from the conformance suite.".to_owned(),
            status_url: None,
        }
    }
}

/// How a transport is asked the questions of [`device`]: one that listens to a device, or only asks
/// its provider, and is called by nobody.
pub trait DeviceCase {
    /// A fresh instance, always with the same settings.
    fn transport(&self) -> Box<dyn Transport>;
}

/// How one sink crate is asked the questions of [`plan`] and [`publish`].
pub trait SinkCase {
    /// A fresh instance, always with the same settings.
    fn sink(&self) -> Box<dyn Sink>;

    /// What the provider answers when it is asked to post. A sink that calls no provider leaves
    /// this as it is and is asked the questions of [`plan`] only.
    fn answers(&self) -> ProviderAnswers {
        ProviderAnswers::new(cordboard_plugin::HttpAnswer::empty(200))
    }

    /// A credential that is alive.
    fn credential(&self) -> Credential {
        let accepted = self.sink().capabilities().credentials.into_iter().next();
        let (kind, realm) = accepted.map(|kind| (kind.kind, kind.realm)).unwrap_or_default();
        let account = RemoteAccount { id: "1".to_owned(), handle: "@someone".to_owned() };
        Credential { kind, realm, secret: Secret::new("{}"), account }
    }

    /// What the provider answers when a picture is uploaded.
    fn upload_answers(&self) -> ProviderAnswers {
        self.answers()
    }

    /// A picture that can be uploaded.
    fn media(&self) -> Media {
        let media_type = self.sink().capabilities().media_types.into_iter().next();
        let media_type = media_type.unwrap_or_default();
        Media { media_type, bytes: Blob(vec![0xff, 0xd8, 0xff, 0xe0]), alt: None }
    }

    /// A draft that becomes one part.
    fn draft(&self) -> Draft {
        Draft {
            text: "Hello from the conformance suite.".to_owned(),
            media_types: Vec::new(),
            thread: true,
        }
    }
}

/// A host for one question to `transport`.
fn host_of_transport(transport: &dyn Transport) -> FakeHost {
    FakeHost::new().with_bases(transport.capabilities().bases)
}

/// A host for one question to `sink`.
fn host_of_sink(sink: &dyn Sink) -> FakeHost {
    FakeHost::new().with_bases(sink.capabilities().bases)
}

/// The one value there must be; anything else fails the question.
#[track_caller]
#[expect(clippy::panic, reason = "a question that cannot go on must fail its test")]
fn only<T: Debug, E: Debug>(found: Result<Vec<T>, E>, must: &str) -> T {
    match found.map(<[T; 1]>::try_from) {
        Ok(Ok([one])) => one,
        Ok(Err(several)) => panic!("{must}: {several:?}"),
        Err(error) => panic!("{must}: {error:?}"),
    }
}

/// Turns questions into tests. Used by the other macros.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($room:ident, $case:expr, $($question:ident)*) => {
        $(#[test]
        fn $question() {
            $crate::conformance::$room::$question(&$case);
        })*
    };
}

/// Asks a transport everything: `conformance_transport!(CarrierCase);` in a file under `tests/`,
/// where `CarrierCase` is a value that implements
/// [`TransportCase`](crate::conformance::TransportCase).
#[macro_export]
macro_rules! conformance_transport {
    ($case:expr) => {
        $crate::conformance_tests! { receive, $case,
            the_capabilities_make_sense
            the_set_up_names_the_address_of_the_hook
            a_genuine_webhook_brings_the_words_as_they_were_sent
            a_repeated_webhook_has_the_same_key
            another_message_has_another_key
            a_forged_webhook_is_rejected_and_leaves_nothing
            a_webhook_without_a_body_brings_no_message
            a_text_of_a_hundred_thousand_characters_is_answered
            a_body_that_is_not_utf8_is_answered
            ten_thousand_parameters_are_answered
            random_bodies_never_panic
        }
        $crate::conformance_tests! { send, $case,
            an_accepted_text_has_an_id
            an_error_inside_a_success_is_no_success
            a_throttled_text_is_left_for_later
            a_failing_provider_leaves_the_outcome_unclear
            an_unreadable_answer_leaves_the_outcome_unclear
            a_lost_answer_leaves_the_outcome_unclear
            a_provider_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_success
        }
    };
}

/// Asks a transport without webhooks what can be asked without its device.
#[macro_export]
macro_rules! conformance_device {
    ($case:expr) => {
        $crate::conformance_tests! { device, $case,
            the_capabilities_make_sense
            the_set_up_says_something
            every_webhook_is_turned_away
        }
    };
}

/// Asks a sink that calls a provider everything: `conformance_sink!(PlaceCase);` in a file under
/// `tests/`, where `PlaceCase` is a value that implements
/// [`SinkCase`](crate::conformance::SinkCase).
#[macro_export]
macro_rules! conformance_sink {
    ($case:expr) => {
        $crate::conformance_plan!($case);
        $crate::conformance_tests! { publish, $case,
            an_accepted_post_has_an_id
            an_error_inside_a_success_is_no_success
            a_throttled_post_is_left_for_later
            a_failing_provider_leaves_the_outcome_unclear
            an_unreadable_answer_leaves_the_outcome_unclear
            a_lost_answer_leaves_the_outcome_unclear
            a_provider_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_success
        }
    };
}

/// Asks a sink that uploads pictures what becomes of them.
#[macro_export]
macro_rules! conformance_upload {
    ($case:expr) => {
        $crate::conformance_tests! { plan, $case,
            the_capabilities_of_a_sink_make_sense
        }
        $crate::conformance_tests! { upload, $case,
            an_accepted_picture_has_an_id
            a_picture_of_an_unknown_type_is_refused
            an_error_inside_a_success_is_no_picture
            a_throttled_upload_is_left_for_later
            a_failing_provider_leaves_the_upload_unclear
            an_unreadable_answer_leaves_the_upload_unclear
            a_lost_answer_leaves_the_upload_unclear
            an_upload_that_was_not_reached_is_unreachable
            an_unexpected_answer_is_no_picture
        }
    };
}

/// Asks a sink only what needs no provider.
#[macro_export]
macro_rules! conformance_plan {
    ($case:expr) => {
        $crate::conformance_tests! { plan, $case,
            the_capabilities_of_a_sink_make_sense
            the_set_up_names_the_address_people_come_back_to
            the_same_draft_has_the_same_plan
            every_part_says_something_and_uses_only_pictures_of_the_draft
            no_word_is_lost
            a_text_that_may_not_become_a_thread_is_one_part
            random_drafts_never_panic
        }
    };
}
