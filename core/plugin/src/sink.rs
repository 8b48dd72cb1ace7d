//! A sink: where people's words go.

use crate::desk::{Act, Finding, Page};
use crate::error::{CallError, Refusal};
use crate::host::Host;
use crate::http::{HttpAnswer, HttpCall};
use crate::link::{
    Credential, CredentialKind, FreshCredential, LinkError, LinkRequest, LinkReturn, LinkStart,
    Linked, RemoteAccount,
};
use crate::set_up::{Addresses, SetUpStep};
use crate::settings::Base;
use crate::words::{Blob, MicroUsd, Timestamp};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// One instance of a sink kind, made from its settings.
///
/// Credentials are opaque to the core: it seals them, refreshes them in time, hands them over for one
/// call and forgets them. A sink keeps none.
#[async_trait]
pub trait Sink: Send + Sync {
    /// What this instance can do and what it costs; asked once, at start.
    fn capabilities(&self) -> SinkCapabilities;

    /// What the operator sets up at the provider, in order. Pure: same settings and addresses, same
    /// steps. Unless overridden, the address that people come back to, where people link at all.
    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        if self.capabilities().credentials.is_empty() {
            return Vec::new();
        }
        vec![SetUpStep::paste("callback address", &addresses.callback_url)]
    }

    /// Starts linking a person to an account.
    ///
    /// # Errors
    /// See [`CallError`]; the person is told to try again.
    async fn begin_link(
        &self,
        _host: &dyn Host,
        _request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        Err(CallError::unclear("this sink links no accounts"))
    }

    /// The state (as in [`LinkStart::state`]) that a return address carries in its query, if any.
    fn link_state(&self, _query: &[(String, String)]) -> Option<String> {
        None
    }

    /// Finishes linking, with what the provider's page sent back. Called inside the callback:
    /// codes can be short-lived (30 s at X).
    ///
    /// What it brings may write, as far as the provider tells: else [`LinkError::TooLittle`]. The core does
    /// not ask `check` as well, which would cost a second time.
    ///
    /// # Errors
    /// [`LinkError`] by what the person should do next.
    async fn complete_link(
        &self,
        _host: &dyn Host,
        _back: &LinkReturn,
    ) -> Result<Linked, LinkError> {
        Err(LinkError::Failed(CallError::unclear("this sink links no accounts")))
    }

    /// Trades a credential for a fresh one. The core calls this once at a time per credential,
    /// and stores the new one before it is used.
    ///
    /// # Errors
    /// [`CallError::Relink`] when it is dead for good. [`CallError::Unclear`] when the answer was lost.
    async fn refresh(
        &self,
        _host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        Ok(FreshCredential {
            kind: credential.kind.clone(),
            realm: credential.realm.clone(),
            secret: credential.secret.clone(),
            refresh_at: None,
        })
    }

    /// Makes a credential useless at the provider.
    ///
    /// # Errors
    /// The core tries a few times, then erases its copy all the same.
    async fn revoke(&self, _host: &dyn Host, _credential: &Credential) -> Result<(), CallError> {
        Ok(())
    }

    /// Is the credential alive, may it write, and whose is it? Costs money at some providers.
    ///
    /// # Errors
    /// [`CallError::Relink`] when it is dead.
    async fn check(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
    ) -> Result<Checked, CallError> {
        Err(CallError::unclear("this sink checks no credentials"))
    }

    /// Cuts a draft into parts and prices them. Pure: same draft, same plan.
    ///
    /// # Errors
    /// A [`Refusal`] with words for the sender.
    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal>;

    /// A fingerprint of what the provider granted, without secrets; `None` when every link makes a new
    /// grant. Pure. When a person connects again and the fingerprint is the same, the provider gave the
    /// old grant back: whatever was wrong with it still is, until the person withdraws it there.
    fn fingerprint(&self, _credential: &Credential) -> Option<String> {
        None
    }

    /// Uploads one picture; its handle goes into a part. Nobody sees it before it is published, so an
    /// upload of unknown outcome may be repeated.
    ///
    /// [`Media::alt`] is set as well, as far as the provider takes it: see [`MediaHandle::described`].
    ///
    /// # Errors
    /// [`CallError::Relink`] when this credential may not upload: only this one is to be erased.
    /// [`crate::Reason::Media`] when this picture is not accepted as it is; another form of it may be.
    async fn upload(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _media: &Media,
    ) -> Result<MediaHandle, CallError> {
        Err(CallError::unclear("this sink takes no pictures"))
    }

    /// Describes an uploaded picture, also one that is out already, for people who do not see it.
    ///
    /// # Errors
    /// See [`CallError`]. Describing twice does no harm.
    async fn describe(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _handle: &MediaHandle,
        _alt: &str,
    ) -> Result<(), CallError> {
        Err(CallError::unclear("this sink describes no pictures"))
    }

    /// Posts one part, as an answer to `previous` when it continues a thread.
    ///
    /// # Errors
    /// See [`CallError`]; whatever is not known to have failed is [`CallError::Unclear`].
    async fn publish(
        &self,
        host: &dyn Host,
        credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError>;

    /// Looks whether an attempt of unknown outcome took effect. Changes nothing.
    ///
    /// # Errors
    /// Any error is read as [`Settled::Unknown`]; it pauses nothing.
    async fn settle(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _attempt: &Attempt,
    ) -> Result<Settled, CallError> {
        Ok(Settled::Unknown)
    }

    /// Takes a post back.
    ///
    /// # Errors
    /// See [`CallError`]; a post that is gone already is a success.
    async fn retract(
        &self,
        host: &dyn Host,
        credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError>;

    /// A sink with an API of its own answers a call below `/sinks/<name>/`.
    async fn serve(&self, _host: &dyn Host, _call: HttpCall) -> HttpAnswer {
        HttpAnswer::empty(404)
    }

    /// A timer set by this instance is due.
    async fn woke(&self, _host: &dyn Host, _timer_key: &str) {}

    /// Asks the provider whether this instance is set up well.
    async fn diagnose(&self, _host: &dyn Host) -> Vec<Finding> {
        Vec::new()
    }

    /// What the desk shows of this instance.
    async fn page(&self, _host: &dyn Host) -> Page {
        Page::default()
    }

    /// A form of [`Sink::page`] was sent; answers with a line for the operator.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn act(&self, _host: &dyn Host, _act: Act) -> Result<String, CallError> {
        Err(CallError::unclear("this sink has no such form"))
    }

    /// `cordboard <kind> probe`: looks at the outside world before anything is configured.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn probe(&self, _host: &dyn Host, _args: &[String]) -> Result<Page, CallError> {
        Err(CallError::unclear("this sink has nothing to probe"))
    }
}

/// Who talks with the people of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversation {
    /// The core: invitations, commands, receipts.
    Core,
    /// The sink itself: it gets every text of its route; only STOP, START and HELP are taken.
    Own,
}

/// What a sink instance can do and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkCapabilities {
    /// Credentials it accepts, the preferred kind first; empty when it needs none.
    pub credentials: Vec<CredentialKind>,
    /// Base URLs it calls.
    pub bases: Vec<Base>,
    /// Who talks with the people of its route.
    pub conversation: Conversation,
    /// Types of media that its `upload` takes, for example `image/jpeg`; empty when it uploads none.
    /// What one post may carry is the business of `plan`, which may be another sink's.
    pub media_types: Vec<String>,
    /// How large a picture of each of these types may be; one without a line has no limit.
    #[serde(default)]
    pub media_limits: Vec<MediaLimit>,
    /// The core aborts `upload` after this many milliseconds; 0 when it uploads nothing.
    #[serde(default)]
    pub upload_ms_max: u32,
    /// Whether people link by texting a code back ([`LinkStart::by_code`]), so that no public web server
    /// is needed.
    #[serde(default)]
    pub link_by_code: bool,
    /// Whether the destination turns away the same words a second time.
    pub refuses_duplicates: bool,
    /// Price of a post without and with a link.
    pub price_post: MicroUsd,
    /// Price of a post with a link.
    pub price_link_post: MicroUsd,
    /// Price of looking once whether an attempt took effect.
    pub price_settle: MicroUsd,
    /// Price of asking whose a credential is: once a link, and when an idle one is checked.
    pub price_check: MicroUsd,
    /// Price of taking one post back.
    pub price_retract: MicroUsd,
    /// Price of uploading one picture, without its description.
    #[serde(default)]
    pub price_upload: MicroUsd,
    /// Price of describing one picture, within `upload` or by `describe`.
    #[serde(default)]
    pub price_describe: MicroUsd,
    /// The provider's name as people know it: `X`.
    pub provider: String,
    /// The core aborts `publish` after this many milliseconds.
    pub publish_ms_max: u32,
}

/// How large a picture may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLimit {
    /// Its type.
    pub media_type: String,
    /// The most bytes of it.
    pub bytes_max: u64,
}

/// What `check` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Whose credential it is.
    pub account: RemoteAccount,
    /// Whether it may post.
    pub may_write: bool,
}

/// What a person wants posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The words; may be empty when there is media.
    pub text: String,
    /// Sniffed types of the pictures, in order.
    pub media_types: Vec<String>,
    /// Whether a text too long for one post may become a thread.
    pub thread: bool,
}

/// What will be posted, part by part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// At least one.
    pub parts: Vec<Part>,
}

impl Plan {
    /// What all parts cost together.
    pub fn price(&self) -> MicroUsd {
        MicroUsd(self.parts.iter().map(|part| part.price.0).sum())
    }
}

/// One post of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The words, exactly as they are to appear.
    pub text: String,
    /// Which pictures of the draft go with it, by position.
    pub media: Vec<u16>,
    /// Handles of those pictures once uploaded; empty in a plan.
    pub handles: Vec<MediaHandle>,
    /// What posting it costs.
    pub price: MicroUsd,
    /// Whether it carries a link.
    pub has_link: bool,
}

/// A picture to upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its sniffed type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Blob,
    /// A description for people who do not see it.
    pub alt: Option<String>,
}

/// A picture at the destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaHandle {
    /// The destination's id.
    pub id: String,
    /// When it is forgotten there.
    pub expires_at: Option<Timestamp>,
    /// Whether the description that came with it is known to be set there.
    #[serde(default)]
    pub described: bool,
}

/// A part that is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The destination's id; empty when it is known to be there but not under which id.
    pub id: String,
    /// Where people can see it, if known.
    pub url: Option<String>,
}

/// An attempt whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was to be posted.
    pub part: Part,
    /// What it was to follow.
    pub previous: Option<Published>,
    /// When the attempt began.
    pub started_at: Timestamp,
}

/// What looking at an attempt of unknown outcome found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is there.
    Yes(Published),
    /// It is not there, and will not appear any more.
    No,
    /// Cannot be told.
    Unknown,
}
