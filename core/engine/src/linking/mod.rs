//! Linking: a texted link, one press, the provider's page, and back. A GET changes nothing, and only
//! the browser that pressed the button, or somebody who can read the phone's texts, can finish.

mod by_hand;
mod code;
mod finish;
mod keep;
mod order;

use crate::bridge::{Bridge, guarded};
use crate::facade::{LinkPage, LinkTrouble};
use crate::pump::report;
use crate::words;
use cordboard_plugin::{Address, CallError, LinkError, LinkRequest, LinkReturn, Linked};
use cordboard_store::{
    Change, Counter, Link, LinkReason, LinkState, LinkStep, NewLink, NewReply, StoreError,
};
use subtle::ConstantTimeEq as _;

/// The cookie that binds a browser to a link.
pub const LINK_COOKIE: &str = "cordboard_link";
/// The text with the phone's code.
const CODE: &str = "code";
/// How long a provider may take when linking.
const LINK_MS_MAX: i64 = 25_000;
/// Links that lead nowhere, per minute, before a guesser is told to stop. What protects a link is the
/// 59 bits of its token: refusing everybody would let a stranger lock all people out.
const GUESSES_PER_MINUTE: i64 = 60;

type Page = Result<LinkPage, StoreError>;

impl Bridge {
    /// What the page behind a texted link shows. Changes nothing: phones and scanners fetch links ahead.
    pub async fn link_page(&self, token: &str) -> LinkPage {
        self.shown(self.show(token).await)
    }

    /// The button was pressed: the browser gets a cookie and goes to the provider.
    pub async fn link_press(&self, token: &str) -> LinkPage {
        self.shown(self.press(token).await)
    }

    /// The browser is back from the provider, with `query` and the cookie it has.
    pub async fn link_return(
        &self,
        sink: &str,
        query: Vec<(String, String)>,
        cookie: Option<&str>,
    ) -> LinkPage {
        self.shown(self.returned(sink, query, cookie).await)
    }

    fn shown(&self, page: Page) -> LinkPage {
        page.unwrap_or_else(|error| {
            report(&error);
            LinkPage::Trouble(LinkTrouble::NotReady)
        })
    }

    async fn show(&self, token: &str) -> Page {
        let link = match self.find(token).await? {
            Ok(link) => link,
            Err(trouble) => return Ok(LinkPage::Trouble(trouble)),
        };
        Ok(LinkPage::Confirm {
            last_two: link.sender.last_two().to_owned(),
            provider: self.provider_of(self.step_sink(&link)),
            expires_at: link.expires_at,
            twice: self.asks_twice(&link).await?,
            code_to: self.by_code(&link).then(|| link.line.clone()),
        })
    }

    /// A link that can still be used, or why it cannot.
    async fn find(&self, token: &str) -> Result<Result<Link, LinkTrouble>, StoreError> {
        let Some(token) = words::token_typed(token) else { return Ok(Err(LinkTrouble::Unknown)) };
        let Some(link) = self.store().link_by_token(&words::hash(&token)).await? else {
            let minute = self.now().unix_seconds() / 60;
            let guess = Counter {
                key: "link-guesses".to_owned(),
                window: minute,
                by: 1,
                max: GUESSES_PER_MINUTE,
            };
            let over = self.commit(None, vec![Change::Count(vec![guess])]).await?.over;
            let trouble = if over.is_some() { LinkTrouble::TooMany } else { LinkTrouble::Unknown };
            return Ok(Err(trouble));
        };
        Ok(match link.state {
            LinkState::Done => Err(LinkTrouble::Used),
            LinkState::Void => Err(LinkTrouble::Replaced),
            LinkState::Failed | LinkState::Returned => Err(LinkTrouble::Used),
            LinkState::Open | LinkState::Pressed if link.expires_at <= self.now() => {
                Err(LinkTrouble::Expired)
            }
            LinkState::Open | LinkState::Pressed => Ok(link),
        })
    }

    async fn press(&self, token: &str) -> Page {
        if !self.ready() {
            return Ok(LinkPage::Trouble(LinkTrouble::NotReady));
        }
        match self.find(token).await? {
            Ok(link) => self.go(&link, words::cookie_value(self.world())).await,
            Err(trouble) => Ok(LinkPage::Trouble(trouble)),
        }
    }

    /// Sends the browser to the provider of the link's next sink.
    async fn go(&self, link: &Link, cookie: String) -> Page {
        let sink_name = self.step_sink(link).to_owned();
        let Some(sink) = self.registry().sinks.get(&sink_name) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Operator));
        };
        let host = self.host(&sink_name);
        let request = LinkRequest { callback_url: self.callback_url(&sink_name) };
        let start = match guarded(self, LINK_MS_MAX, sink.plugin.begin_link(&host, &request)).await
        {
            Ok(Ok(start)) => start,
            Ok(Err(error)) => return Ok(LinkPage::Trouble(self.link_trouble(&sink_name, &error))),
            Err(problem) => {
                tracing::error!(sink = %sink_name, "linking did not start: {problem}");
                return Ok(LinkPage::Trouble(LinkTrouble::Provider));
            }
        };
        let step = LinkStep {
            cookie_hash: Some(words::hash(&cookie)),
            state_hash: Some(words::hash(&start.state)),
            secret: Some(start.secret),
            ..LinkStep::to(link.id, link.state, LinkState::Pressed)
        };
        match self.commit(None, vec![Change::StepLink(step)]).await {
            Ok(_) => Ok(LinkPage::GoTo {
                url: start.authorize_url,
                cookie,
                cookie_seconds: self.config().policy.link_minutes * 60,
            }),
            Err(StoreError::Conflict) => Ok(LinkPage::Trouble(LinkTrouble::Used)),
            Err(error) => Err(error),
        }
    }

    async fn returned(
        &self,
        sink_name: &str,
        query: Vec<(String, String)>,
        cookie: Option<&str>,
    ) -> Page {
        let Some(sink) = self.registry().sinks.get(sink_name) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Unknown));
        };
        let found = match sink.plugin.link_state(&query) {
            Some(state) => self.store().link_by_state(&words::hash(&state)).await?,
            None => None,
        };
        // From a page that shows a code nobody is sent back.
        let found = found.filter(|link| !self.by_code(link));
        let Some(link) = found.filter(|link| self.step_sink(link) == sink_name) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Unknown));
        };
        if let Some(trouble) = self.cannot_return(&link) {
            return Ok(LinkPage::Trouble(trouble));
        }
        // From here on this return is used up, whoever else brings it again.
        let step = LinkStep::to(link.id, LinkState::Pressed, LinkState::Returned);
        let [count, spend] = self.call_price(sink_name, &link.sender, sink.can.price_check);
        let stepped = match self.commit(None, vec![count, spend, Change::StepLink(step)]).await {
            Err(StoreError::Conflict) => return Ok(LinkPage::Trouble(LinkTrouble::Used)),
            stepped => stepped?,
        };
        if stepped.over.is_some() {
            return Ok(LinkPage::Trouble(LinkTrouble::Limit));
        }
        let back = LinkReturn {
            query,
            callback_url: self.callback_url(sink_name),
            secret: link.secret.clone().unwrap_or_default(),
        };
        // The code can be short-lived (30 s): it is exchanged right here, whatever the browser is.
        let host = self.host(sink_name);
        let completed = guarded(self, LINK_MS_MAX, sink.plugin.complete_link(&host, &back))
            .await
            .unwrap_or_else(|problem| Err(LinkError::Failed(CallError::unclear(problem))));
        match completed {
            Ok(linked) if same(cookie, link.cookie_hash.as_deref()) => {
                self.finish(&link, sink_name, linked, cookie).await
            }
            Ok(linked) => self.ask_code(&link, sink_name, linked).await,
            Err(error) => {
                let failed = self.why_failed(&link, sink_name, &error);
                self.fail_step(&link, LinkState::Returned, failed).await
            }
        }
    }

    fn cannot_return(&self, link: &Link) -> Option<LinkTrouble> {
        match link.state {
            LinkState::Pressed if link.expires_at <= self.now() => Some(LinkTrouble::Expired),
            LinkState::Pressed => None,
            LinkState::Void => Some(LinkTrouble::Replaced),
            _ => Some(LinkTrouble::Used),
        }
    }

    /// Another browser came back than the one that left: somebody may have been sent the provider's
    /// address by a stranger. What was granted is kept sealed until the phone's code is typed here.
    async fn ask_code(&self, link: &Link, sink_name: &str, linked: Linked) -> Page {
        let code = words::phone_code(self.world());
        let cookie = words::cookie_value(self.world());
        let Ok(held) = serde_json::to_string(&linked) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Provider));
        };
        let step = LinkStep {
            cookie_hash: Some(words::hash(&cookie)),
            code_hash: Some(words::hash(&format!("{}/{code}", link.id))),
            held_return: Some(cordboard_plugin::Secret::new(held)),
            ..LinkStep::to(link.id, LinkState::Returned, LinkState::Returned)
        };
        let text = self.link_text(link, CODE, crate::texts::page_code(&code));
        tracing::info!(
            sink = sink_name,
            link.id,
            "another browser came back: asking for the phone's code"
        );
        self.commit(None, vec![Change::StepLink(step), text]).await?;
        Ok(LinkPage::AskCode {
            last_two: link.sender.last_two().to_owned(),
            handle: linked.account.handle,
            cookie,
            wrong: 0,
        })
    }

    /// A text about a link, to its phone. Told once per link and occasion.
    fn link_text(&self, link: &Link, what: &str, text: String) -> Change {
        let Link { id, transport, line, sender, .. } = link;
        let reply = NewReply::answer(format!("l{id}/{what}"), transport, line, sender, text);
        Change::AddReply(NewReply { secret: what == CODE, ..reply })
    }

    /// The sink that is being linked.
    fn step_sink<'a>(&self, link: &'a Link) -> &'a str {
        let index = usize::try_from(link.sink_index).unwrap_or(0);
        link.sinks.get(index).map_or("", String::as_str)
    }

    /// A new link and the address that carries its token. The token itself is kept nowhere.
    pub(crate) fn new_link(
        &self,
        sender: &Address,
        transport: &str,
        line: &Address,
        reason: LinkReason,
        sinks: Vec<String>,
    ) -> (String, NewLink) {
        let token = words::link_token(self.world());
        let url = format!("{}/link/{token}", self.config().bridge.public_url);
        let minutes = i64::from(self.config().policy.link_minutes);
        let typed = words::token_typed(&token).unwrap_or_default();
        let link = NewLink {
            token_hash: words::hash(&typed),
            sender: sender.clone(),
            transport: transport.to_owned(),
            line: line.clone(),
            sinks,
            reason,
            copy: None,
            created_at: self.now(),
            expires_at: self.now().plus_seconds(minutes * 60),
        };
        (url, link)
    }

    /// Where the provider sends the browser back to.
    pub(crate) fn callback_url(&self, sink: &str) -> String {
        format!("{}/link/{sink}/callback", self.config().bridge.public_url)
    }

    /// The destination of a sink as people know it.
    pub(crate) fn provider_of(&self, sink: &str) -> String {
        let found = self.registry().sinks.get(sink);
        found.map_or_else(|| sink.to_owned(), |sink| sink.can.provider.clone())
    }

    /// Our own keys are at fault when a provider says so while linking or uploading; they work again when
    /// one of these worked.
    pub(crate) fn sink_works(&self, sink: &str) {
        self.trouble(&format!("sink {sink}"), None);
    }
}

/// Whether a value's hash is the kept one; without either it is not.
fn same(value: Option<&str>, kept: Option<&str>) -> bool {
    match (value, kept) {
        (Some(value), Some(kept)) => words::hash(value).as_bytes().ct_eq(kept.as_bytes()).into(),
        _ => false,
    }
}
