//! How much memory pictures take: one at a time, whatever a message holds. A process of its own, since its
//! peak is what is measured.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use cordboard_engine::store::{
    Change, MessageFilter, MessageState, NewAccount, SealKey, Store, StoreOptions, StoreUrl,
};
use cordboard_engine::{Bridge, BridgeConfig, Config, InstanceConfig, Policy, Route, World};
use cordboard_plugin::{
    Address, CallError, Conversation, Create, Credential, CredentialKind, DeliveryState, Draft,
    Fetched, FreshCredential, Host, HttpAnswer, HttpCall, Incoming, Media, MediaHandle, MediaRef,
    MessageKey, MicroUsd, OutgoingText, Pace, Part, Plan, PluginDef, Published, Receipt, Received,
    Refusal, Rejected, RemoteAccount, Secret, Setting, Settings, SettingsError, Sink,
    SinkCapabilities, SinkKind, Transport, TransportCapabilities, TransportKind, async_trait,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PICTURES: usize = 4;
const PICTURE_BYTES: usize = 4 << 20;
const GROWTH_BYTES_MAX: u64 = 24 << 20;
const LINE: &str = "+15550100001";
const PHONE: &str = "+15550101142";
const KIND: &str = "key";
const PATIENCE: Duration = Duration::from_secs(60);

static PLUGIN: PluginDef = PluginDef {
    name: "made-up",
    version: "1.0.0",
    transports: &[TransportKind {
        kind: "carrier",
        settings: &[],
        create: &|settings| Ok(Box::new(Carrier::create(settings)?)),
        unconfigured: &|| None,
    }],
    sinks: &[SinkKind {
        kind: "wall",
        settings: &[],
        create: &|settings| Ok(Box::new(Wall::create(settings)?)),
    }],
    simulator: None,
};

/// Every call brings a message: with pictures when its body says so.
struct Carrier;

impl Create for Carrier {
    const SETTINGS: &'static [Setting] = &[];

    fn create(_: &Settings) -> Result<Self, SettingsError> {
        Ok(Self)
    }
}

#[async_trait]
impl Transport for Carrier {
    fn capabilities(&self) -> TransportCapabilities {
        TransportCapabilities {
            numbers: vec![LINE.to_owned()],
            bases: Vec::new(),
            media_hosts: Vec::new(),
            pictures_in: true,
            webhook: true,
            confirms: false,
            carrier_words: Vec::new(),
            price_segment_in: MicroUsd(0),
            price_segment_out: MicroUsd(0),
            text_chars_max: 1600,
            pace: Pace::default(),
        }
    }

    async fn receive(&self, _: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        let id = String::from_utf8_lossy(&call.body.0).into_owned();
        let media =
            |n: usize| MediaRef { place: n.to_string(), claimed_type: "image/jpeg".to_owned() };
        let pictures = if id == "pictures" { PICTURES } else { 0 };
        let message = Incoming {
            key: MessageKey { account: "carrier:1".to_owned(), id: id.clone() },
            from: PHONE.into(),
            to: LINE.into(),
            text: format!("words of {id}"),
            media: (0..pictures).map(media).collect(),
            keyword: None,
            segments: 1,
        };
        let answer = HttpAnswer::empty(200);
        Ok(Received { messages: vec![message], statuses: Vec::new(), answer })
    }

    async fn send(&self, _: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        Ok(Receipt { id: text.key.clone(), state: DeliveryState::Sent, segments: None })
    }

    async fn fetch(&self, _: &dyn Host, _: &MediaRef, _: u32) -> Result<Fetched, CallError> {
        Ok(Fetched { claimed_type: "image/jpeg".to_owned(), bytes: picture().into() })
    }
}

/// A JPEG of 1000 by 1000 pixels in one colour channel that nobody needs to decode.
fn picture() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend([0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
    bytes.extend([0xff, 0xc0, 0, 11, 8, 0x03, 0xe8, 0x03, 0xe8, 1, 1, 0x11, 0]);
    bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    bytes.resize(PICTURE_BYTES - 2, 0x55);
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// Takes words and pictures, and keeps neither.
struct Wall;

impl Create for Wall {
    const SETTINGS: &'static [Setting] = &[];

    fn create(_: &Settings) -> Result<Self, SettingsError> {
        Ok(Self)
    }
}

#[async_trait]
impl Sink for Wall {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities {
            credentials: vec![CredentialKind { kind: KIND.to_owned(), realm: "wall".to_owned() }],
            bases: Vec::new(),
            conversation: Conversation::Core,
            media_types: vec!["image/jpeg".to_owned()],
            media_limits: Vec::new(),
            upload_ms_max: 10_000,
            link_by_code: false,
            refuses_duplicates: false,
            price_post: MicroUsd(0),
            price_link_post: MicroUsd(0),
            price_settle: MicroUsd(0),
            price_check: MicroUsd(0),
            price_retract: MicroUsd(0),
            price_upload: MicroUsd(0),
            price_describe: MicroUsd(0),
            provider: "the wall".to_owned(),
            publish_ms_max: 10_000,
        }
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        let part = Part {
            text: draft.text.clone(),
            media: (0..).take(draft.media_types.len()).collect(),
            handles: Vec::new(),
            price: MicroUsd(0),
            has_link: false,
        };
        Ok(Plan { parts: vec![part] })
    }

    async fn upload(
        &self,
        _: &dyn Host,
        _: &Credential,
        media: &Media,
    ) -> Result<MediaHandle, CallError> {
        // The body of a call that carries it, as a sink has to make one.
        let body = media.bytes.0.clone();
        Ok(MediaHandle { id: body.len().to_string(), expires_at: None, described: false })
    }

    async fn publish(
        &self,
        _: &dyn Host,
        _: &Credential,
        part: &Part,
        _: Option<&Published>,
    ) -> Result<Published, CallError> {
        assert_eq!(part.handles.len(), part.media.len());
        Ok(Published { id: "1".to_owned(), url: None })
    }

    async fn retract(&self, _: &dyn Host, _: &Credential, _: &Published) -> Result<(), CallError> {
        Ok(())
    }
}

fn config() -> Config {
    let instance = |name: &str| InstanceConfig {
        name: name.to_owned(),
        kind: name.to_owned(),
        simulate: false,
        replies: true,
        settings: json!({}),
        prices: Value::Null,
    };
    Config {
        bridge: BridgeConfig {
            name: "Cordboard".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            public: false,
            help_contact: String::new(),
        },
        policy: Policy::default(),
        transports: vec![instance("carrier")],
        sinks: vec![instance("wall")],
        routes: vec![Route {
            from: "*".to_owned(),
            to: Vec::new(),
            post: vec!["wall".to_owned()],
            media: Some("wall".to_owned()),
        }],
        alert_numbers: Vec::new(),
    }
}

/// The most memory that this process has ever had, in bytes (`VmHWM` in proc(5)).
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

async fn text(bridge: &Bridge, id: &str) {
    let call = HttpCall {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:8080/hooks/carrier".to_owned(),
        path: String::new(),
        query: String::new(),
        headers: Vec::new(),
        body: id.into(),
    };
    assert_eq!(bridge.hook("carrier", call).await.status, 200);
    let began = Instant::now();
    loop {
        let filter = MessageFilter { rows_max: 1, ..MessageFilter::default() };
        let newest = bridge.messages(filter).await.unwrap().remove(0);
        if newest.provider_id == id && newest.state == MessageState::Posted {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "never posted: {newest:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_pictures_of_four_megabytes_take_less_than_twenty_four_more() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::real();
    let options = StoreOptions {
        url: StoreUrl::Sqlite(dir.path().join("cordboard.db")),
        data_dir: dir.path().to_owned(),
        key: SealKey::from_text(&"ab".repeat(32)).unwrap(),
        inline: false,
        version: env!("CARGO_PKG_VERSION"),
    };
    let store = Store::open(options, world.now()).unwrap();
    let account = NewAccount {
        sender: PHONE.into(),
        sinks: vec!["wall".to_owned()],
        credential: FreshCredential {
            kind: KIND.to_owned(),
            realm: "wall".to_owned(),
            secret: Secret::new("a key to the wall"),
            refresh_at: None,
        },
        remote: RemoteAccount { id: "1".to_owned(), handle: "@anna".to_owned() },
        line: ("carrier".to_owned(), Address::new(LINE)),
    };
    store.commit(None, vec![Change::PutAccount(account)], world.now()).await.unwrap();
    let bridge = Bridge::open(config(), &[&PLUGIN], store.clone(), world).unwrap();
    bridge.start().await.unwrap();
    text(&bridge, "words").await;
    let before = peak_bytes();
    text(&bridge, "pictures").await;
    let grown = peak_bytes() - before;
    assert!(grown < GROWTH_BYTES_MAX, "grown by {} KiB", grown >> 10);
    assert!(grown > 4 << 20, "pictures went another way: {} KiB", grown >> 10);
    println!("grown by {} KiB", grown >> 10);
    bridge.stop().await;
    store.close().await.unwrap();
}
