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
pub mod report;
pub mod send;
pub mod upload;

mod chance;
mod provider;
mod questions;
mod set_up;
mod silent;

#[cfg(feature = "case")]
pub(crate) use chance::said;
pub use provider::ProviderAnswers;
pub use questions::{
    Question, device_questions, plan_questions, publish_questions, receive_questions,
    report_questions, send_questions, upload_questions,
};

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

    /// Words that suffer when a body is decoded carelessly. A case that cannot make calls with any
    /// words names those that it can.
    fn words(&self) -> String {
        receive::WORDS.to_owned()
    }

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

/// How a transport is asked the questions of [`report`]: one whose provider says what became of texts.
pub trait ReportCase: TransportCase {
    /// The genuine call that says of the text with the provider's id `id` that it is in `state`, in
    /// the provider's own word.
    fn report(&self, id: &str, state: &str) -> HttpCall;

    /// The provider's word for a text that is on the phone.
    fn delivered(&self) -> String;
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

/// Asks a transport everything: `conformance_transport!(CarrierCase);` in a file under `tests/`,
/// where `CarrierCase` is a value that implements
/// [`TransportCase`](crate::conformance::TransportCase).
#[macro_export]
macro_rules! conformance_transport {
    ($case:expr) => {
        $crate::conformance_questions! { receive conformance_tests ($case) }
        $crate::conformance_questions! { send conformance_tests ($case) }
    };
}

/// Asks a transport whose provider says what became of texts; the case implements
/// [`ReportCase`](crate::conformance::ReportCase).
#[macro_export]
macro_rules! conformance_report {
    ($case:expr) => {
        $crate::conformance_questions! { report conformance_tests ($case) }
    };
}

/// Asks a transport without webhooks what can be asked without its device.
#[macro_export]
macro_rules! conformance_device {
    ($case:expr) => {
        $crate::conformance_questions! { device conformance_tests ($case) }
    };
}

/// Asks a sink that calls a provider everything: `conformance_sink!(PlaceCase);` in a file under
/// `tests/`, where `PlaceCase` is a value that implements
/// [`SinkCase`](crate::conformance::SinkCase).
#[macro_export]
macro_rules! conformance_sink {
    ($case:expr) => {
        $crate::conformance_plan!($case);
        $crate::conformance_questions! { publish conformance_tests ($case) }
    };
}

/// Asks a sink that uploads pictures what becomes of them.
#[macro_export]
macro_rules! conformance_upload {
    ($case:expr) => {
        $crate::conformance_tests! { plan ($case) the_capabilities_of_a_sink_make_sense }
        $crate::conformance_questions! { upload conformance_tests ($case) }
    };
}

/// Asks a sink only what needs no provider.
#[macro_export]
macro_rules! conformance_plan {
    ($case:expr) => {
        $crate::conformance_questions! { plan conformance_tests ($case) }
    };
}
