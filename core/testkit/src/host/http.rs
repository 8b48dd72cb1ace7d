//! Who answers a request: a script, a door in memory, or nobody.

use super::{FakeHost, lock};
use cordboard_plugin::{
    Base, Blob, Headers, Host, HttpAnswer, HttpCall, HttpError, HttpRequest, HttpResponse,
    SIM_REFUSED, SIM_RESET, SIM_TIMEOUT, SimPlace, Simulator, Target,
};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

const TIMEOUT_MS_MAX: u32 = 120_000;
const ANSWER_BYTES_MAX: u32 = 32 << 20;

type Answering = Pin<Box<dyn Future<Output = HttpAnswer> + Send>>;
type Handler = Arc<dyn Fn(HttpCall) -> Answering + Send + Sync>;
type Closure = Arc<dyn Fn(&HttpRequest) -> Result<HttpResponse, HttpError> + Send + Sync>;

/// The web as one fake host sees it.
#[derive(Default)]
pub(super) struct Web {
    requests: Vec<HttpRequest>,
    script: VecDeque<Result<HttpAnswer, HttpError>>,
    bases: Vec<Base>,
    doors: Vec<(String, Handler)>,
    closure: Option<Closure>,
}

/// Requests are answered by the first of these that has an answer: the queue filled by
/// [`FakeHost::answer`] and [`FakeHost::fail`]; the door with the longest matching prefix
/// ([`FakeHost::on_url`], [`FakeHost::mount_simulator`]); the closure of [`FakeHost::on_http`].
/// When none has, the request is [`HttpError::Unreachable`].
impl FakeHost {
    /// Knows these base URLs, usually those of the plugin's capabilities.
    #[must_use]
    pub fn with_bases(self, bases: Vec<Base>) -> Self {
        lock(&self.web).bases = bases;
        self
    }

    /// Queues an answer for the next request that has none.
    pub fn answer(&self, status: u16, headers: &[(&str, &str)], body: impl Into<Blob>) -> &Self {
        let answer = HttpAnswer { status, headers: owned(headers), body: body.into() };
        lock(&self.web).script.push_back(Ok(answer));
        self
    }

    /// Queues a JSON answer.
    pub fn answer_json(&self, status: u16, value: &serde_json::Value) -> &Self {
        self.answer(status, &[("content-type", "application/json")], value.to_string())
    }

    /// Queues a failure: no answer comes back.
    pub fn fail(&self, error: HttpError) -> &Self {
        lock(&self.web).script.push_back(Err(error));
        self
    }

    /// Answers every request for which there is no queued answer and no door.
    pub fn on_http(
        &self,
        closure: impl Fn(&HttpRequest) -> Result<HttpResponse, HttpError> + Send + Sync + 'static,
    ) {
        lock(&self.web).closure = Some(Arc::new(closure));
    }

    /// A response as [`FakeHost::on_http`] gives it, at the present time of this host.
    pub fn response(
        &self,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Blob>,
    ) -> HttpResponse {
        HttpResponse { status, headers: owned(headers), body: body.into(), at: self.now() }
    }

    /// Hands requests at or below the URL `prefix` to `handler`, as the calls they arrive as;
    /// for example a simulator's webhook to `Transport::receive`.
    pub fn on_url<F>(&self, prefix: &str, handler: impl Fn(HttpCall) -> F + Send + Sync + 'static)
    where
        F: Future<Output = HttpAnswer> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |call| Box::pin(handler(call)));
        let prefix = prefix.trim_end_matches('/').to_owned();
        lock(&self.web).doors.push((prefix, handler));
    }

    /// Answers requests at or below `place.base_url` by `simulator`, which lives in `sim_host`
    /// (see [`FakeHost::sibling`]).
    ///
    /// `at` is either a URL prefix, which then leads to the simulator too, or the name of a base,
    /// which then stands for `place.base_url` unless [`FakeHost::with_bases`] named it already.
    pub fn mount_simulator(
        &self,
        at: &str,
        simulator: Arc<dyn Simulator>,
        place: SimPlace,
        sim_host: FakeHost,
    ) {
        let base_url = place.base_url.clone();
        let handler = move |call| {
            let (simulator, place, host) = (simulator.clone(), place.clone(), sim_host.clone());
            async move { simulator.call(&host, &place, call).await }
        };
        if at.contains("://") {
            self.on_url(at, handler.clone());
        } else {
            let mut web = lock(&self.web);
            if !web.bases.iter().any(|base| base.name == at) {
                web.bases.push(Base { name: at.to_owned(), url: base_url.clone() });
            }
        }
        self.on_url(&base_url, handler);
    }

    /// Every request so far, answered or not, in order.
    pub fn requests(&self) -> Vec<HttpRequest> {
        lock(&self.web).requests.clone()
    }

    /// How many queued answers nobody has asked for.
    pub fn answers_left(&self) -> usize {
        lock(&self.web).script.len()
    }

    pub(super) async fn answer_request(
        &self,
        request: HttpRequest,
    ) -> Result<HttpResponse, HttpError> {
        let (scripted, door, closure) = {
            let mut web = lock(&self.web);
            web.requests.push(request.clone());
            permit(&request)?;
            let scripted = web.script.pop_front();
            let door = if scripted.is_none() { web.door(&request) } else { None };
            (scripted, door, web.closure.clone())
        };
        let response = match (scripted, door, closure) {
            (Some(answer), _, _) => self.arrived(answer?)?,
            (None, Some((handler, call)), _) => self.arrived(handler(call).await)?,
            (None, None, Some(closure)) => closure(&request)?,
            (None, None, None) => {
                return Err(HttpError::Unreachable("nobody answers there".to_owned()));
            }
        };
        if response.body.0.len() > request.answer_bytes_max as usize {
            return Err(HttpError::Unclear("answer longer than answer_bytes_max".to_owned()));
        }
        Ok(response)
    }

    fn arrived(&self, answer: HttpAnswer) -> Result<HttpResponse, HttpError> {
        let HttpAnswer { status, headers, body } = answer;
        match status {
            SIM_REFUSED => Err(HttpError::Unreachable("connection refused".to_owned())),
            SIM_TIMEOUT => Err(HttpError::Unclear("no answer until the deadline".to_owned())),
            SIM_RESET => Err(HttpError::Unclear("connection reset".to_owned())),
            _ => Ok(HttpResponse { status, headers, body, at: self.now() }),
        }
    }
}

impl Web {
    /// The door that `request` leads to, and the request as it arrives there.
    fn door(&self, request: &HttpRequest) -> Option<(Handler, HttpCall)> {
        let url = self.url(&request.target)?;
        let (prefix, handler) = self
            .doors
            .iter()
            .filter(|(prefix, _)| leads_below(&url, prefix))
            .max_by_key(|(prefix, _)| prefix.len())?;
        let (path, query) = match url[prefix.len()..].split_once('?') {
            Some((path, query)) => (path, query),
            None => (&url[prefix.len()..], ""),
        };
        let mut headers = request.headers.clone();
        if let Some(authorization) = &request.authorization {
            headers.push(("authorization".to_owned(), authorization.reveal().to_owned()));
        }
        let call = HttpCall {
            method: request.method.clone(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: request.body.clone(),
            url: url.clone(),
        };
        Some((handler.clone(), call))
    }

    fn url(&self, target: &Target) -> Option<String> {
        match target {
            Target::Foreign(url) => Some(url.clone()),
            Target::Base { name, path } => {
                let base = self.bases.iter().find(|base| base.name == *name)?;
                Some(format!("{}{path}", base.url.trim_end_matches('/')))
            }
        }
    }
}

fn leads_below(url: &str, prefix: &str) -> bool {
    url.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
}

/// The rules of [`HttpRequest`] and [`Target`], as every host enforces them.
fn permit(request: &HttpRequest) -> Result<(), HttpError> {
    let forbidden = |what: &str| Err(HttpError::Forbidden(what.to_owned()));
    let secret = |name: &str| {
        ["authorization", "cookie"].iter().any(|secret| name.eq_ignore_ascii_case(secret))
    };
    if let Target::Foreign(_) = request.target
        && (request.authorization.is_some() || request.headers.iter().any(|(name, _)| secret(name)))
    {
        return forbidden("a credential for a foreign address");
    }
    if !(1..=TIMEOUT_MS_MAX).contains(&request.timeout_ms) {
        return forbidden("timeout_ms is 1 to 120000");
    }
    if request.answer_bytes_max > ANSWER_BYTES_MAX {
        return forbidden("answer_bytes_max is 33554432 at most");
    }
    Ok(())
}

fn owned(headers: &[(&str, &str)]) -> Headers {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
