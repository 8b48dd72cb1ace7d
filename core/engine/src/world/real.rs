//! The real world.

use super::guard::is_public;
use super::{Chance, Clock, Spawner, Wire, WireRequest, World};
use async_trait::async_trait;
use cordboard_plugin::{Blob, HttpError, HttpResponse, Timestamp};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn world() -> World {
    // The first call wins; a second provider would be the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    World {
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
        wire: Arc::new(Network::default()),
        spawner: Arc::new(Tasks),
    }
}

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        // A day at most: a wall clock that jumps must not strand a sleeper for good.
        let millis = at.millis_since(self.now()).clamp(0, 86_400_000);
        Box::pin(tokio::time::sleep(Duration::from_millis(millis.unsigned_abs())))
    }
}

struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::expect_used, reason = "without the system's randomness no secret can be made")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

struct Tasks;

impl Spawner for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) {
        tokio::task::spawn_blocking(work);
    }
}

/// Two clients: one for configured hosts, one that never reaches into a private network.
#[derive(Default)]
struct Network {
    configured: OnceLock<Result<reqwest::Client, String>>,
    guarded: OnceLock<Result<reqwest::Client, String>>,
}

impl Network {
    /// Clients are made on first use: a bridge that only simulates needs no root certificates.
    fn client(&self, private_allowed: bool) -> Result<&reqwest::Client, HttpError> {
        let make = || {
            let builder = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(concat!("cordboard/", env!("CARGO_PKG_VERSION")));
            let builder =
                if private_allowed { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
            builder.build().map_err(|error| chain(&error))
        };
        let slot = if private_allowed { &self.configured } else { &self.guarded };
        slot.get_or_init(make).as_ref().map_err(|problem| {
            HttpError::Unreachable(format!(
                "no HTTP client ({problem}); is the system's certificate store installed?"
            ))
        })
    }
}

#[async_trait]
impl Wire for Network {
    async fn call(&self, request: WireRequest) -> Result<HttpResponse, HttpError> {
        let url = reqwest::Url::parse(&request.url)
            .map_err(|_| HttpError::Forbidden("not a URL".to_owned()))?;
        if !request.private_allowed {
            refuse_private_literal(&url)?;
        }
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::Forbidden("not a method".to_owned()))?;
        let mut call = self
            .client(request.private_allowed)?
            .request(method, url)
            .timeout(Duration::from_millis(u64::from(request.timeout_ms)))
            .body(request.body);
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        if let Some(secret) = &request.authorization {
            let mut value = reqwest::header::HeaderValue::from_str(secret.reveal())
                .map_err(|_| HttpError::Forbidden("credential is no header value".to_owned()))?;
            value.set_sensitive(true);
            call = call.header(reqwest::header::AUTHORIZATION, value);
        }
        let response = call.send().await.map_err(|error| name_failure(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        let body = read_capped(response, request.answer_bytes_max).await?;
        Ok(HttpResponse { status, headers, body: Blob(body), at: SystemClock.now() })
    }
}

async fn read_capped(response: reqwest::Response, bytes_max: u32) -> Result<Vec<u8>, HttpError> {
    let bytes_max = bytes_max as usize;
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| name_failure(&error))?;
        if body.len() + chunk.len() > bytes_max {
            return Err(HttpError::Unclear(format!("answer longer than {bytes_max} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A literal address never passes the resolver, so it is looked at here.
fn refuse_private_literal(url: &reqwest::Url) -> Result<(), HttpError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(ip) if !is_public(ip) => Err(HttpError::Forbidden("a private address".to_owned())),
        _ if !matches!(url.scheme(), "http" | "https") => {
            Err(HttpError::Forbidden("neither http nor https".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Only a failure to connect proves that nothing was sent.
fn name_failure(error: &reqwest::Error) -> HttpError {
    let detail = chain(error);
    if detail.contains(PRIVATE_ONLY) {
        HttpError::Forbidden(PRIVATE_ONLY.to_owned())
    } else if error.is_builder() {
        HttpError::Forbidden(detail)
    } else if error.is_connect() {
        HttpError::Unreachable(detail)
    } else {
        HttpError::Unclear(detail)
    }
}

/// The causes of an error without the URL, which may hold secrets.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        parts.push(inner.to_string());
        cause = inner.source();
    }
    if parts.is_empty() { "request failed".to_owned() } else { parts.join(": ") }
}

const PRIVATE_ONLY: &str = "the name leads to private addresses only";

/// Resolves names and keeps the public addresses. The connector uses these very addresses,
/// so a name cannot change its mind between check and call.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|at| is_public(at.ip())).collect();
            if public.is_empty() {
                return Err(PRIVATE_ONLY.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
