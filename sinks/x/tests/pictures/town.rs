//! Two sinks and one simulated X.

use cordboard_plugin::{
    Blob, CallError, Credential, Draft, FreshCredential, HttpAnswer, HttpCall, LinkError,
    LinkRequest, LinkReturn, LinkStart, Linked, Media, MediaHandle, Part, Published, Settings,
    SimPlace, Simulator as _, Sink, TimelinePost, header,
};
use cordboard_testkit::{FakeHost, block_on};
use cordboard_x::PLUGIN;
use cordboard_x::sim::SimulatedX;
use serde_json::{Value, json};
use std::sync::Arc;

const ORIGIN: &str = "http://127.0.0.1:8080";

/// The sinks `x` and `x-media`, and the simulated X that both talk to.
pub(crate) struct Town {
    pub(crate) x: Box<dyn Sink>,
    pub(crate) media: Box<dyn Sink>,
    pub(crate) host: FakeHost,
    pub(crate) sim: FakeHost,
}

/// Where both sinks find X, so that one host can carry the calls of both.
pub(crate) fn place() -> SimPlace {
    SimPlace { base_url: format!("{ORIGIN}/sandbox/x"), hook_url: String::new() }
}

fn sink(nth: usize, more: &Value) -> Box<dyn Sink> {
    let kind = &PLUGIN.sinks[nth];
    let mut values = SimulatedX.settings(kind.kind, &place());
    values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let name = kind.kind.to_owned();
    let prices = Value::Null;
    (kind.create)(&Settings { name, values, prices, public: false, catch_up_hours: 24 }).unwrap()
}

impl Town {
    /// Both sinks link by `auth`; `more` are further settings of `x-media`.
    pub(crate) fn new(auth: &str, more: &Value) -> Self {
        let mut media = json!({ "auth": auth });
        media.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut words = json!({ "auth": auth });
        if !media["link"].is_null() {
            words["link"] = media["link"].clone();
        }
        let (x, media) = (sink(0, &words), sink(1, &media));
        let bases = x.capabilities().bases.into_iter().chain(media.capabilities().bases);
        let host = FakeHost::new().with_bases(bases.collect());
        let sim = host.sibling();
        host.mount_simulator(&place().base_url, Arc::new(SimulatedX), place(), sim.clone());
        Self { x, media, host, sim }
    }

    /// As a browser asks.
    pub(crate) fn ask(&self, method: &str, path: &str, query: &str, body: &str) -> HttpAnswer {
        let place = place();
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("{}{path}?{query}", place.base_url),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        };
        block_on(SimulatedX.call(&self.sim, &place, call))
    }

    pub(crate) fn order(&self, path: &str, body: &Value) {
        let answer = self.ask("POST", path, "", &body.to_string());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body.0));
    }

    pub(crate) fn fault(&self, on: &str, kind: &str) {
        self.order("/_faults", &json!({ "faults": [{ "on": on, "kind": kind }] }));
    }

    pub(crate) fn begin(&self, sink: &dyn Sink) -> Result<LinkStart, CallError> {
        let callback_url = format!("{ORIGIN}/link/x-media/callback");
        block_on(sink.begin_link(&self.host, &LinkRequest { callback_url }))
    }

    /// The person decides on X's page; yields what X answers.
    pub(crate) fn decide(&self, start: &LinkStart, decision: &str, handle: &str) -> HttpAnswer {
        let (address, query) = start.authorize_url.split_once('?').unwrap();
        let path = url::Url::parse(address).unwrap().path().to_owned();
        let path = path.strip_prefix("/sandbox/x").unwrap();
        let page = self.ask("GET", path, query, "");
        assert_eq!(page.status, 200);
        assert!(String::from_utf8(page.body.0).unwrap().contains("simulated X"));
        let form = format!("{query}&decision={decision}&handle={handle}");
        self.ask("POST", path, "", &form)
    }

    /// Where X sends the browser, or what a person types.
    pub(crate) fn back(&self, start: &LinkStart, answer: &HttpAnswer) -> LinkReturn {
        let query = if start.by_code {
            let page = String::from_utf8(answer.body.0.clone()).unwrap();
            let (_, rest) = page.split_once("<code id=\"pin\">").unwrap();
            let pin = rest.split('<').next().unwrap();
            assert!(pin.len() == 7 && pin.bytes().all(|b| b.is_ascii_digit()), "{pin}");
            vec![("oauth_verifier".to_owned(), format!(" {} {}", &pin[..3], &pin[3..]))]
        } else {
            let location = header(&answer.headers, "location").unwrap();
            assert!(location.starts_with(ORIGIN), "{location}");
            url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
        };
        let callback_url = format!("{ORIGIN}/link/x-media/callback");
        LinkReturn { query, callback_url, secret: start.secret.clone() }
    }

    pub(crate) fn complete(&self, back: &LinkReturn) -> Result<Credential, LinkError> {
        let linked: Linked = block_on(self.media.complete_link(&self.host, back))?;
        let FreshCredential { kind, realm, secret, .. } = linked.credential;
        Ok(Credential { kind, realm, secret, account: linked.account })
    }

    /// A person links through `x-media`.
    pub(crate) fn link(&self, handle: &str) -> Credential {
        let start = self.begin(&*self.media).unwrap();
        let answer = self.decide(&start, "authorize", handle);
        self.complete(&self.back(&start, &answer)).unwrap()
    }

    pub(crate) fn upload(&self, who: &Credential, media: &Media) -> Result<MediaHandle, CallError> {
        block_on(self.media.upload(&self.host, who, media))
    }

    /// Uploads and posts, all parts.
    pub(crate) fn post(
        &self,
        who: &Credential,
        text: &str,
        media: &[Media],
    ) -> Result<Vec<Published>, CallError> {
        let handles: Vec<MediaHandle> =
            media.iter().map(|media| self.upload(who, media)).collect::<Result<_, _>>()?;
        let media_types = media.iter().map(|media| media.media_type.clone()).collect();
        let draft = Draft { text: text.to_owned(), media_types, thread: true };
        let mut out: Vec<Published> = Vec::new();
        for mut part in self.x.plan(&draft).map_err(CallError::Refused)?.parts {
            let mine = part.media.iter().map(|nth| handles[usize::from(*nth)].clone());
            part.handles = mine.collect();
            out.push(self.publish(who, &part, out.last())?);
        }
        Ok(out)
    }

    pub(crate) fn publish(
        &self,
        who: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        block_on(self.x.publish(&self.host, who, part, previous))
    }

    pub(crate) fn timeline(&self) -> Vec<TimelinePost> {
        block_on(SimulatedX.timeline(&self.sim))
    }

    /// The bytes of a picture as the timeline shows it.
    pub(crate) fn shown(&self, post: usize, picture: usize) -> HttpAnswer {
        let path = self.timeline()[post].pictures[picture].path.clone();
        self.ask("GET", &path, "", "")
    }

    /// Paths of the requests so far, without queries.
    pub(crate) fn paths(&self) -> Vec<String> {
        let path = |target: cordboard_plugin::Target| match target {
            cordboard_plugin::Target::Base { path, .. } => path,
            cordboard_plugin::Target::Foreign(url) => url,
        };
        let all = self.host.requests().into_iter();
        all.map(|request| path(request.target).split('?').next().unwrap().to_owned()).collect()
    }
}

/// A part that posts `handles` and `text`.
pub(crate) fn part(text: &str, handles: Vec<MediaHandle>) -> Part {
    let media = (0..u16::try_from(handles.len()).unwrap()).collect();
    let price = Default::default();
    Part { text: text.to_owned(), media, handles, price, has_link: false }
}

/// A picture of about `len` bytes, told apart by `nth`.
pub(crate) fn picture(media_type: &str, len: usize, nth: u8) -> Media {
    let start: &[u8] = match media_type {
        "image/jpeg" => b"\xff\xd8\xff\xe0",
        "image/png" => b"\x89PNG\r\n\x1a\n",
        "image/webp" => b"RIFF\0\0\0\0WEBP",
        "image/gif" => b"GIF89a",
        "video/mp4" => b"\0\0\0\x18ftypisom",
        _ => b"BM",
    };
    // Line ends and dashes, since bodies are cut at such.
    let rest = b"\r\n--\r\n\0\xff".iter().copied().cycle().take(len);
    let bytes: Vec<u8> = start.iter().copied().chain([nth]).chain(rest).collect();
    Media { media_type: media_type.to_owned(), bytes: Blob(bytes), alt: None }
}

pub(crate) fn with_alt(media: Media, alt: &str) -> Media {
    Media { alt: Some(alt.to_owned()), ..media }
}
