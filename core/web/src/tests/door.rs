//! A door that writes down what it is asked and answers what it was told to.

use crate::Door;
use cordboard_engine::store::{
    Identity, Message, MessageDetail, MessageFilter, MessageState, PersonView, Spending, SpentOn,
    Standing, Sums, WaitReason,
};
use cordboard_engine::{
    BridgeConfig, Config, DayCost, DeskError, Health, InstancePage, LineView, LinkPage,
    LinkTrouble, MadeLink, MoneyView, PluginView, Policy, SandboxView, SinkView,
};
use cordboard_plugin::{
    Act, Address, Form, HttpAnswer, HttpCall, MicroUsd, Page, PhoneText, SetUpStep, Table,
    Timestamp,
};
use std::sync::{Arc, Mutex};

pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

#[derive(Clone)]
pub(super) struct FakeDoor(Arc<Inner>);

struct Inner {
    config: Config,
    told: Told,
    asked: Mutex<Vec<String>>,
    calls: Mutex<Vec<HttpCall>>,
}

/// What the door answers.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) ready: bool,
    pub(super) simulated: bool,
    pub(super) answer: HttpAnswer,
    pub(super) link: LinkPage,
    pub(super) texted: Result<(), String>,
    pub(super) view: SandboxView,
    pub(super) lines: Vec<LineView>,
    pub(super) refusal: Option<DeskError>,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            name: "Cordboard".to_owned(),
            ready: true,
            simulated: true,
            answer: HttpAnswer::new(200, "text/xml", "<Response/>"),
            link: LinkPage::Trouble(LinkTrouble::Unknown),
            texted: Ok(()),
            view: SandboxView { phone: Vec::new(), timeline: Vec::new() },
            lines: vec![line("twin", "+15550100001")],
            refusal: None,
        }
    }
}

pub(super) fn line(transport: &str, number: &str) -> LineView {
    LineView {
        transport: transport.to_owned(),
        kind: "fake".to_owned(),
        line: Address::new(number),
        simulated: true,
        hook_url: format!("http://127.0.0.1:8080/hooks/{transport}"),
        status_url: format!("http://127.0.0.1:8080/hooks/{transport}/status"),
        webhook: true,
        set_up: Vec::new(),
        trouble: None,
    }
}

impl FakeDoor {
    pub(super) fn new(told: Told) -> Self {
        let bridge = BridgeConfig {
            name: told.name.clone(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            public: false,
            help_contact: "help@bridge.example".to_owned(),
        };
        let config = Config {
            bridge,
            policy: Policy::default(),
            transports: Vec::new(),
            sinks: Vec::new(),
            routes: Vec::new(),
            alert_numbers: Vec::new(),
        };
        let inner =
            Inner { config, told, asked: Mutex::new(Vec::new()), calls: Mutex::new(Vec::new()) };
        Self(Arc::new(inner))
    }

    pub(super) fn linking(link: LinkPage) -> Self {
        Self::new(Told { link, ..Told::default() })
    }

    /// Everything asked since the last time, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.asked.lock().unwrap())
    }

    /// The newest HTTP call handed in.
    #[track_caller]
    pub(super) fn call(&self) -> HttpCall {
        self.0.calls.lock().unwrap().pop().expect("no call came through")
    }

    fn note(&self, asked: impl Into<String>) {
        self.0.asked.lock().unwrap().push(asked.into());
    }

    fn done(&self) -> Result<(), DeskError> {
        self.0.told.refusal.clone().map_or(Ok(()), Err)
    }

    fn linked(&self, asked: String) -> LinkPage {
        self.note(asked);
        self.0.told.link.clone()
    }

    fn answered(&self, asked: String, call: HttpCall) -> HttpAnswer {
        self.note(asked);
        self.0.calls.lock().unwrap().push(call);
        self.0.told.answer.clone()
    }
}

impl Default for FakeDoor {
    fn default() -> Self {
        Self::new(Told::default())
    }
}

fn message(id: i64) -> Message {
    Message {
        id,
        transport: "twin".to_owned(),
        account: "fake:1".to_owned(),
        provider_id: "p1".to_owned(),
        sender: Address::new("+15550100101"),
        line: Address::new("+15550100001"),
        text: "hello".to_owned(),
        media: Vec::new(),
        keyword: None,
        received_at: NOW,
        read: true,
        unconfirmed: false,
        state: MessageState::Posted,
        wait: WaitReason::Nothing,
        wait_until: None,
        approved: false,
        proven: false,
        outcome: "posted".to_owned(),
    }
}

fn person(number: &Address) -> PersonView {
    let identity = Identity {
        id: 1,
        sender: number.clone(),
        standing: Standing::Known,
        quiet: false,
        created_at: NOW,
        seen_at: NOW,
        pin: true,
        pin_wrong: 0,
        locked_until: None,
        believed_at: NOW,
        lines: Vec::new(),
    };
    PersonView {
        identity,
        accounts: Vec::new(),
        messages: 1,
        waiting: 0,
        link_until: None,
        link: None,
    }
}

impl Door for FakeDoor {
    fn name(&self) -> &str {
        &self.0.config.bridge.name
    }
    fn config(&self) -> &Config {
        &self.0.config
    }
    fn now(&self) -> Timestamp {
        NOW
    }
    fn ready(&self) -> bool {
        self.0.told.ready
    }
    async fn health(&self) -> Health {
        let troubles = vec!["sink x is paused: no credit".to_owned()];
        Health { status: "degraded", ready: self.0.told.ready, troubles }
    }
    async fn hook(&self, transport: &str, call: HttpCall) -> HttpAnswer {
        self.answered(format!("hook {transport} {}", call.path), call)
    }
    async fn link_page(&self, token: &str) -> LinkPage {
        self.linked(format!("page {token}"))
    }
    async fn link_press(&self, token: &str) -> LinkPage {
        self.linked(format!("press {token}"))
    }
    async fn link_return(
        &self,
        sink: &str,
        query: Vec<(String, String)>,
        cookie: Option<&str>,
    ) -> LinkPage {
        self.linked(format!("return {sink} {query:?} {cookie:?}"))
    }
    async fn link_code(
        &self,
        sink: &str,
        cookie: Option<&str>,
        field: &str,
        code: &str,
    ) -> LinkPage {
        self.linked(format!("code {sink} {cookie:?} {field} {code}"))
    }
    fn simulated(&self) -> bool {
        self.0.told.simulated
    }
    async fn sandbox_call(&self, name: &str, call: HttpCall) -> HttpAnswer {
        self.answered(format!("sandbox {name} {}", call.path), call)
    }
    async fn sandbox_text(&self, transport: &str, text: PhoneText) -> Result<(), String> {
        let (from, to) = (text.from.reveal(), text.to.reveal());
        let mut noted = format!("text {transport} {from} {to} {}", text.body);
        for picture in &text.pictures {
            noted += &format!(" +{}:{}", picture.media_type, picture.bytes.0.len());
        }
        self.note(noted);
        self.0.told.texted.clone()
    }
    async fn sandbox_view(&self, phone: &Address) -> SandboxView {
        self.note(format!("view {}", phone.reveal()));
        self.0.told.view.clone()
    }
    async fn lines(&self) -> Vec<LineView> {
        self.0.told.lines.clone()
    }
    async fn sinks(&self) -> Vec<SinkView> {
        vec![SinkView {
            sink: "wall".to_owned(),
            kind: "fake".to_owned(),
            provider: "Wall".to_owned(),
            simulated: true,
            callback_url: "http://127.0.0.1:8080/link/wall/callback".to_owned(),
            set_up: vec![SetUpStep::paste(
                "callback address",
                "http://127.0.0.1:8080/link/wall/callback",
            )],
            paused: None,
        }]
    }
    async fn pages(&self) -> Vec<InstancePage> {
        let table = Table {
            title: "Parts".to_owned(),
            columns: vec!["from".to_owned()],
            rows: vec![vec!["<b>42</b>".to_owned()]],
        };
        let facts = vec![("signal".to_owned(), "-71 dBm".to_owned())];
        let fields = vec![("pin".to_owned(), "New PIN".to_owned())];
        let form = Form { name: "unlock".to_owned(), button: "Try it".to_owned(), fields };
        let page = Page { facts, tables: vec![table], forms: vec![form] };
        vec![InstancePage { instance: "stick".to_owned(), kind: "fake".to_owned(), page }]
    }
    fn plugins(&self) -> Vec<PluginView> {
        let linked = PluginView {
            name: "cordboard-fake".to_owned(),
            version: "1.2.3".to_owned(),
            path: None,
            abi: None,
            transports: vec!["fake".to_owned()],
            sinks: Vec::new(),
            trouble: None,
        };
        let file = |name: &str| Some(format!("dist/plugins/{name}"));
        let loaded = PluginView {
            name: "wall-plugin".to_owned(),
            path: file("libwall.so"),
            abi: Some("1.0".to_owned()),
            sinks: vec!["wall".to_owned()],
            ..linked.clone()
        };
        let broken = PluginView {
            name: "libtorn.so".to_owned(),
            version: String::new(),
            path: file("libtorn.so"),
            transports: Vec::new(),
            trouble: Some("it is <cut> off".to_owned()),
            ..linked.clone()
        };
        vec![linked, loaded, broken]
    }
    async fn act(&self, instance: &str, act: Act) -> Result<String, DeskError> {
        self.note(format!("act {instance} {} {:?}", act.form, act.fields));
        self.done()?;
        Ok("it is <b>done</b>".to_owned())
    }
    async fn people(&self, rows_max: i64) -> Result<Vec<PersonView>, DeskError> {
        self.note(format!("people {rows_max}"));
        self.done().map(|()| vec![person(&Address::new("+15550100101"))])
    }
    async fn person(&self, number: &Address) -> Result<PersonView, DeskError> {
        self.note(format!("person {}", number.reveal()));
        self.done().map(|()| person(number))
    }
    async fn unlink(&self, number: &Address, sink: Option<&str>) -> Result<(), DeskError> {
        let at = sink.map(|sink| format!(" {sink}")).unwrap_or_default();
        self.note(format!("unlink {}{at}", number.reveal()));
        self.done()
    }
    async fn block(&self, number: &Address, on: bool) -> Result<(), DeskError> {
        self.note(format!("block {} {on}", number.reveal()));
        self.done()
    }
    async fn messages(&self, filter: MessageFilter) -> Result<Vec<Message>, DeskError> {
        self.note(format!("messages {:?} {:?}", filter.states, filter.rows_max));
        self.done().map(|()| vec![message(7)])
    }
    async fn message(&self, id: i64) -> Result<MessageDetail, DeskError> {
        self.note(format!("message {id}"));
        let message = message(id);
        self.done().map(|()| MessageDetail {
            message,
            posts: Vec::new(),
            attempts: Vec::new(),
            replies: Vec::new(),
        })
    }
    async fn retry(&self, id: i64) -> Result<(), DeskError> {
        self.note(format!("retry {id}"));
        self.done()
    }
    async fn sums(&self) -> Result<Sums, DeskError> {
        self.done().map(|()| Sums { total: 1, states: vec![(MessageState::Posted, 1)] })
    }
    async fn money(&self, days: u32) -> Result<MoneyView, DeskError> {
        self.note(format!("money {days}"));
        let limit = MicroUsd(5_000_000);
        let line = Spending {
            day: 20_000,
            on: SpentOn::Post,
            instance: "wall".to_owned(),
            n: 1,
            price: MicroUsd(15_000),
        };
        self.done().map(|()| MoneyView {
            today: 20_000,
            day_cost: DayCost { limit, arriving: vec![("carrier".to_owned(), MicroUsd(8_300))] },
            spent: vec![line],
        })
    }
    async fn make_link(&self, number: &Address, text: bool) -> Result<MadeLink, DeskError> {
        self.note(format!("link {} {text}", number.reveal()));
        let url = "http://127.0.0.1:8080/link/ABCD".to_owned();
        self.done().map(|()| MadeLink { url, expires_at: NOW, texted: text })
    }
    async fn resume(&self, sink: &str) -> Result<(), DeskError> {
        self.note(format!("resume {sink}"));
        self.done()
    }
}
