//! All that the author of a Cordboard plugin needs: the words, the traits and the errors.
//!
//! A plugin thinks, the core acts. It is async code over values: it is given bytes, asks its
//! [`Host`] for calls, time and state, and says what it means. It is `Send`, assumes no runtime,
//! and awaits only `Host` futures and its own. Every value that goes in or out serialises, so that
//! the same crate can be linked into the bridge or loaded from a file.

#[cfg(feature = "abi")]
pub mod abi;
mod desk;
mod error;
mod export;
mod host;
mod http;
mod link;
mod message;
mod segments;
mod set_up;
mod settings;
mod sim;
mod sink;
mod transport;
mod words;

pub use async_trait::async_trait;
pub use desk::{Act, Finding, Form, Page, Table};
pub use error::{CallError, REFUSAL_CHARS_MAX, Reason, Refusal, SettingsError, Trouble};
pub use export::{Create, Making, PluginDef, SinkKind, TransportKind};
pub use host::{Commit, Delete, Expected, Host, HostReply, Level, Put, StateError, Stored, Timer};
pub use http::{
    Headers, HttpAnswer, HttpCall, HttpError, HttpRequest, HttpResponse, Target, header,
};
pub use link::{
    Credential, CredentialKind, FreshCredential, LinkError, LinkRequest, LinkReturn, LinkStart,
    Linked, RemoteAccount,
};
pub use message::{
    Confirmed, DeliveryState, Fetched, Incoming, Keyword, MediaRef, MessageKey, OutgoingText,
    Receipt, Received, Rejected, StatusUpdate,
};
pub use segments::{is_gsm, segments, segments_in};
pub use set_up::{Addresses, SetUpStep};
pub use settings::{Base, SegmentPrices, Setting, SettingKind, Settings};
pub use sim::{
    PhoneLine, PhonePicture, PhoneText, SIM_REFUSED, SIM_RESET, SIM_TIMEOUT, SimPlace, Simulator,
    TimelinePicture, TimelinePost,
};
pub use sink::{
    Attempt, Checked, Conversation, Draft, Media, MediaHandle, MediaLimit, Part, Plan, Published,
    Settled, Sink, SinkCapabilities,
};
pub use transport::{Pace, Transport, TransportCapabilities};
pub use words::{Address, Blob, MicroUsd, Secret, Timestamp};
