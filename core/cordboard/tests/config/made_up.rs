//! A made-up carrier and two made-up boards, for tests of the configuration.

use async_trait::async_trait;
use cordboard_plugin::{
    CallError, Conversation, Create, Credential, Draft, Host, HttpAnswer, HttpCall, OutgoingText,
    Part, Plan, PluginDef, Published, Receipt, Received, Refusal, Rejected, Setting, SettingKind,
    Settings, SettingsError, SimPlace, Simulator, Sink, SinkCapabilities, SinkKind, Transport,
    TransportCapabilities, TransportKind,
};

/// What this "crate" offers.
pub(crate) static PLUGIN: PluginDef = PluginDef {
    name: "made-up",
    version: "1.0.0",
    transports: &[TransportKind {
        kind: "carrier",
        settings: Carrier::SETTINGS,
        create: &|settings| Ok(Box::new(Carrier::create(settings)?)),
        unconfigured: &|| None,
    }],
    sinks: &[
        SinkKind {
            kind: "board",
            settings: Board::SETTINGS,
            create: &|settings| Ok(Box::new(Board::create(settings)?)),
        },
        SinkKind {
            kind: "relay",
            settings: Board::SETTINGS,
            create: &|_| Ok(Box::new(Board(Conversation::Own))),
        },
    ],
    simulator: Some(|| Box::new(World)),
};

const fn key(key: &'static str, kind: SettingKind, default: Option<&'static str>) -> Setting {
    Setting { key, kind, default, doc: "Made up." }
}

struct Carrier;

impl Create for Carrier {
    const SETTINGS: &'static [Setting] = &[
        key("auth_token", SettingKind::Secret, None),
        key("numbers", SettingKind::NumberList, None),
        key("account", SettingKind::Text, Some("\"none\"")),
        key("receive", SettingKind::Choice(&["webhook", "poll"]), Some("\"webhook\"")),
        key("poll_seconds", SettingKind::Whole { min: 5, max: 60 }, Some("15")),
        key("shared_keys", SettingKind::SecretTable, Some("{}")),
        key("api_base", SettingKind::Url, Some("\"https://api.carrier.example\"")),
        key("media_hosts", SettingKind::TextList, Some("[]")),
    ];

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        match settings.values["account"].as_str() {
            Some("wrong") => Err(SettingsError::new("account", "must be right")),
            _ => Ok(Self),
        }
    }
}

#[async_trait]
impl Transport for Carrier {
    fn capabilities(&self) -> TransportCapabilities {
        unreachable!("the configuration does not ask a transport")
    }

    async fn receive(&self, _: &dyn Host, _: HttpCall) -> Result<Received, Rejected> {
        Err(Rejected::forged("made up"))
    }

    async fn send(&self, _: &dyn Host, _: &OutgoingText) -> Result<Receipt, CallError> {
        Err(CallError::unclear("made up"))
    }
}

struct Board(Conversation);

impl Create for Board {
    const SETTINGS: &'static [Setting] = &[];

    fn create(_: &Settings) -> Result<Self, SettingsError> {
        Ok(Self(Conversation::Core))
    }
}

#[async_trait]
impl Sink for Board {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities {
            credentials: Vec::new(),
            bases: Vec::new(),
            conversation: self.0,
            media_types: Vec::new(),
            media_limits: Vec::new(),
            upload_ms_max: 0,
            link_by_code: false,
            refuses_duplicates: false,
            price_post: Default::default(),
            price_link_post: Default::default(),
            price_settle: Default::default(),
            price_check: Default::default(),
            price_retract: Default::default(),
            price_upload: Default::default(),
            price_describe: Default::default(),
            provider: "Board".to_owned(),
            publish_ms_max: 1000,
        }
    }

    fn plan(&self, _: &Draft) -> Result<Plan, Refusal> {
        Ok(Plan { parts: Vec::new() })
    }

    async fn publish(
        &self,
        _: &dyn Host,
        _: &Credential,
        _: &Part,
        _: Option<&Published>,
    ) -> Result<Published, CallError> {
        Err(CallError::unclear("made up"))
    }

    async fn retract(&self, _: &dyn Host, _: &Credential, _: &Published) -> Result<(), CallError> {
        Err(CallError::unclear("made up"))
    }
}

struct World;

#[async_trait]
impl Simulator for World {
    fn settings(&self, _: &str, place: &SimPlace) -> serde_json::Value {
        serde_json::json!({ "auth_token": "simulated", "api_base": place.base_url })
    }

    async fn call(&self, _: &dyn Host, _: &SimPlace, _: HttpCall) -> HttpAnswer {
        HttpAnswer::empty(404)
    }
}
