//! The sink `x-media`: uploads pictures for posts that the sink `x` makes.

pub mod kind;
mod multipart;
mod upload;
mod v1;
mod v2;

use crate::PRICE_USER_READ;
use crate::access::Access;
use crate::config::{self, MediaConfig};
use cordboard_plugin::{
    Addresses, CallError, Checked, Conversation, Create, Credential, Draft, FreshCredential, Host,
    Level, LinkError, LinkRequest, LinkReturn, LinkStart, Linked, Media, MediaHandle, MicroUsd,
    Part, Plan, Published, Reason, Refusal, SetUpStep, Setting, Settings, SettingsError, Sink,
    SinkCapabilities, async_trait,
};
use kind::{KINDS, Kind};
use upload::Upload;

/// The name of the base URL of v1.1, as in [`cordboard_plugin::Base`].
pub const UPLOAD: &str = "upload";

/// What X bills for one description (docs, pricing, August 2026); an upload has no line there.
const PRICE_METADATA: MicroUsd = MicroUsd(5_000);
/// X docs: no description is longer.
const ALT_CHARS_MAX: usize = 1000;
/// Longest wait for X to process a video, the calls before it, and some air.
const UPLOAD_MS_MAX: u32 = 600_000;

/// One app at X, through which people upload pictures.
pub struct XMedia {
    config: MediaConfig,
}

impl Create for XMedia {
    const SETTINGS: &'static [Setting] = config::MEDIA_SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: MediaConfig::read(settings)? })
    }
}

impl XMedia {
    fn upload_as<'a>(
        &'a self,
        host: &'a dyn Host,
        credential: &Credential,
    ) -> Result<Upload<'a>, CallError> {
        let access = Access::open(&self.config.app, credential)?;
        if access.tokens().is_some_and(|tokens| !tokens.may_upload()) {
            // X would answer 403: a consent from before pictures does not cover them.
            return Err(CallError::relink("the permission to upload pictures was not given"));
        }
        Ok(Upload { host, access, api: self.config.upload_api })
    }
}

#[async_trait]
impl Sink for XMedia {
    fn capabilities(&self) -> SinkCapabilities {
        let app = &self.config.app;
        SinkCapabilities {
            credentials: app.credentials(),
            bases: app.bases.clone(),
            conversation: Conversation::Core,
            media_types: KINDS.iter().map(|kind| kind.media_type.to_owned()).collect(),
            media_limits: kind::limits(),
            upload_ms_max: UPLOAD_MS_MAX,
            link_by_code: app.consumer().is_some_and(|consumer| consumer.by_code),
            refuses_duplicates: false,
            price_post: MicroUsd(0),
            price_link_post: MicroUsd(0),
            price_settle: MicroUsd(0),
            price_check: PRICE_USER_READ,
            price_retract: MicroUsd(0),
            price_upload: MicroUsd(0),
            price_describe: PRICE_METADATA,
            provider: "X".to_owned(),
            publish_ms_max: 20_000,
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        crate::set_up::steps(&self.config.app, addresses)
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        self.config.app.begin(host, request).await
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        self.config.app.link_state(query)
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        self.config.app.complete(host, back).await
    }

    async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        self.config.app.refresh(host, credential).await
    }

    async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        self.config.app.revoke(host, credential).await
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        self.config.app.check(host, credential).await
    }

    fn fingerprint(&self, credential: &Credential) -> Option<String> {
        self.config.app.fingerprint(credential)
    }

    fn plan(&self, _draft: &Draft) -> Result<Plan, Refusal> {
        Err(posts_nothing())
    }

    async fn upload(
        &self,
        host: &dyn Host,
        credential: &Credential,
        media: &Media,
    ) -> Result<MediaHandle, CallError> {
        let kind = Kind::accepts(media)?;
        let upload = self.upload_as(host, credential)?;
        let mut handle = upload.put(kind, &media.bytes.0).await?;
        if let Some(alt) = description(media.alt.as_deref().unwrap_or_default()) {
            match upload.describe(&handle.id, &alt).await {
                Ok(()) => handle.described = true,
                // The picture is there; to lose it for want of its description helps nobody.
                Err(error) => host.log(Level::Warn, &format!("picture not described: {error}")),
            }
        }
        Ok(handle)
    }

    async fn describe(
        &self,
        host: &dyn Host,
        credential: &Credential,
        handle: &MediaHandle,
        alt: &str,
    ) -> Result<(), CallError> {
        let Some(alt) = description(alt) else {
            return Err(CallError::refused(Reason::Content, "", "the description has no words"));
        };
        self.upload_as(host, credential)?.describe(&handle.id, &alt).await
    }

    async fn publish(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _part: &Part,
        _previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        Err(CallError::Refused(posts_nothing()))
    }

    async fn retract(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _published: &Published,
    ) -> Result<(), CallError> {
        Err(CallError::Refused(posts_nothing()))
    }
}

fn posts_nothing() -> Refusal {
    let words = "x-media uploads pictures only; the sink x posts".to_owned();
    Refusal { reason: Reason::Other, code: String::new(), words }
}

/// A description as X takes it; `None` when there are no words.
fn description(alt: &str) -> Option<String> {
    let alt = crate::plan::clean(alt);
    if alt.chars().count() <= ALT_CHARS_MAX {
        return Some(alt).filter(|alt| !alt.is_empty());
    }
    let start: String = alt.chars().take(ALT_CHARS_MAX - 1).collect();
    Some(format!("{}…", start.trim_end()))
}
