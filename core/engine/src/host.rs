//! The host: what a plugin instance gets to see of the world.

use crate::bridge::Bridge;
use crate::world::WireRequest;
use async_trait::async_trait;
use cordboard_plugin::{
    Commit, Host, HttpCall, HttpError, HttpRequest, HttpResponse, Level, SIM_REFUSED, SIM_RESET,
    SIM_TIMEOUT, StateError, Stored, Target, Timestamp,
};
use cordboard_store::{Carrier, LaneKind, StoreError};
use std::sync::Arc;

/// Longest wait for an answer that a plugin may ask for.
const TIMEOUT_MS_MAX: u32 = 120_000;
/// Longest answer that a plugin may ask for.
const ANSWER_BYTES_MAX: u32 = 32 << 20;

/// The host of one instance, or of the simulator mounted under its name.
#[derive(Clone)]
pub(crate) struct InstanceHost {
    bridge: Bridge,
    instance: String,
    /// Where its state is kept; simulators have a scope of their own.
    scope: String,
    /// The transport whose messages it may emit.
    transport: Option<String>,
    simulator: bool,
}

impl InstanceHost {
    pub(crate) fn plugin(bridge: &Bridge, instance: &str) -> Self {
        let transport = bridge.registry().transports.contains_key(instance);
        Self {
            bridge: bridge.clone(),
            instance: instance.to_owned(),
            scope: instance.to_owned(),
            transport: transport.then(|| instance.to_owned()),
            simulator: false,
        }
    }

    pub(crate) fn simulator(bridge: &Bridge, mount: &str, scope: &str) -> Self {
        Self {
            bridge: bridge.clone(),
            instance: mount.to_owned(),
            scope: scope.to_owned(),
            transport: None,
            simulator: true,
        }
    }

    /// What its messages come by, and what each segment costs.
    fn carrier(&self) -> Option<Carrier> {
        let transport = self.transport.as_ref()?;
        let instance = self.bridge.registry().transports.get(transport)?;
        let price_segment = instance.can.price_segment_in;
        Some(Carrier { transport: transport.clone(), price_segment })
    }

    /// The address of a request, and whether it may lead into a private network.
    fn resolve(&self, request: &HttpRequest) -> Result<(String, bool), HttpError> {
        let (bases, media_hosts) = self.bridge.registry().reach(&self.instance);
        match &request.target {
            Target::Base { name, path } => {
                let base = bases
                    .iter()
                    .find(|base| base.name == *name)
                    .ok_or_else(|| HttpError::Forbidden(format!("no base URL named `{name}`")))?;
                if !path.starts_with('/') {
                    return Err(HttpError::Forbidden("a path starts with /".to_owned()));
                }
                Ok((format!("{}{path}", base.url), true))
            }
            Target::Foreign(url) => {
                let carries = request.authorization.is_some()
                    || request.headers.iter().any(|(name, _)| {
                        name.eq_ignore_ascii_case("authorization")
                            || name.eq_ignore_ascii_case("cookie")
                    });
                if carries {
                    return Err(HttpError::Forbidden(
                        "no credentials to a foreign host".to_owned(),
                    ));
                }
                let parsed = url::Url::parse(url)
                    .map_err(|_| HttpError::Forbidden("not a URL".to_owned()))?;
                let configured = bases
                    .iter()
                    .filter_map(|base| url::Url::parse(&base.url).ok())
                    .any(|base| base.origin() == parsed.origin())
                    || media_hosts.iter().any(|entry| names(entry, &parsed));
                Ok((url.clone(), configured))
            }
        }
    }

    /// Calls within our own house need no socket: a simulated provider, or (from one) our webhook.
    async fn inside(&self, url: &str, request: &HttpRequest) -> Option<HttpResponse> {
        let path = url.strip_prefix(&self.bridge.config().bridge.public_url)?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut parts = path.strip_prefix('/')?.splitn(3, '/');
        let (room, name, rest) = (parts.next()?, parts.next()?, parts.next());
        let mut headers = request.headers.clone();
        if let Some(secret) = &request.authorization {
            headers.push(("authorization".to_owned(), secret.reveal().to_owned()));
        }
        let call = HttpCall {
            method: request.method.clone(),
            url: url.to_owned(),
            path: rest.map(|rest| format!("/{rest}")).unwrap_or_default(),
            query: query.to_owned(),
            headers,
            body: request.body.clone(),
        };
        let answer = match room {
            "sandbox" if self.bridge.registry().simulators.contains_key(name) => {
                self.bridge.sandbox_call(name, call).await
            }
            "hooks" if self.simulator => self.bridge.hook(name, call).await,
            _ => return None,
        };
        Some(HttpResponse {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            at: self.bridge.now(),
        })
    }
}

/// Whether a `media_hosts` entry (`host` or `host:port`) names the host of `url`.
fn names(entry: &str, url: &url::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    entry.eq_ignore_ascii_case(host) || entry.eq_ignore_ascii_case(&format!("{host}:{port}"))
}

#[async_trait]
impl Host for InstanceHost {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (url, private_allowed) = self.resolve(&request)?;
        let timeout_ms = request.timeout_ms.clamp(1, TIMEOUT_MS_MAX);
        let world = self.bridge.world();
        let deadline = self.bridge.now().plus_millis(i64::from(timeout_ms));
        let timed_out = || HttpError::Unclear(format!("no answer within {timeout_ms} ms"));
        let inside = Box::pin(self.inside(&url, &request));
        let answered = world.within(i64::from(timeout_ms), inside).await.ok_or_else(timed_out)?;
        if let Some(response) = answered {
            return match response.status {
                SIM_REFUSED => Err(HttpError::Unreachable("connection refused".to_owned())),
                // Silence takes its time here as well, so that what must not wait for it is seen to not wait.
                SIM_TIMEOUT => {
                    world.sleep_until(deadline).await;
                    Err(timed_out())
                }
                SIM_RESET => Err(HttpError::Unclear("connection reset".to_owned())),
                _ => Ok(response),
            };
        }
        let wire_request = WireRequest {
            url,
            method: request.method,
            headers: request.headers,
            authorization: request.authorization,
            body: request.body.0,
            timeout_ms,
            answer_bytes_max: request.answer_bytes_max.min(ANSWER_BYTES_MAX),
            private_allowed,
        };
        world.wire.call(wire_request).await
    }

    fn now(&self) -> Timestamp {
        self.bridge.now()
    }

    fn random(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.bridge.world().chance.fill(&mut bytes);
        bytes
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.bridge.world().sleep_until(at).await;
    }

    fn log(&self, level: Level, line: &str) {
        let instance = self.scope.as_str();
        match level {
            Level::Debug => tracing::debug!(plugin = instance, "{line}"),
            Level::Info => tracing::info!(plugin = instance, "{line}"),
            Level::Warn => tracing::warn!(plugin = instance, "{line}"),
            Level::Error => tracing::error!(plugin = instance, "{line}"),
        }
    }

    fn metric(&self, name: &'static str, by: u64) {
        metrics::counter!(format!("cordboard_{name}"), "instance" => self.instance.clone())
            .increment(by);
    }

    fn gauge(&self, name: &'static str, value: i64) {
        // Prometheus knows floats only; what plugins measure is far below where those lose whole numbers.
        metrics::gauge!(format!("cordboard_{name}"), "instance" => self.instance.clone())
            .set(value as f64);
    }

    fn trouble(&self, why: Option<&str>) {
        let what = if self.transport.is_some() { "transport" } else { "sink" };
        // A simulated world has no troubles that anybody must act on.
        if !self.simulator {
            self.bridge.trouble(&format!("{what} {}", self.instance), why);
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        let store = self.bridge.store();
        store.state_get(&self.scope, key, self.now()).await.map_err(state_error)
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        let store = self.bridge.store();
        let rows_max = i64::from(rows_max.min(1000));
        store
            .state_scan(&self.scope, prefix, after, rows_max, self.now())
            .await
            .map_err(state_error)
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        let statuses = commit.statuses.clone();
        let claim = Some(self.bridge.claim());
        let taken = self
            .bridge
            .store()
            .state_commit(&self.scope, self.carrier(), commit, claim, self.now())
            .await
            .map_err(state_error)?;
        self.bridge.note_received(&self.instance, &taken.new);
        for hold in taken.holds {
            self.bridge.spawn_lane(hold);
        }
        if let Some(transport) = &self.transport {
            self.bridge.heed_statuses(transport, &statuses).await;
        }
        self.bridge.wake(LaneKind::Reading);
        self.bridge.wake(LaneKind::Replying);
        self.bridge.wake_timers();
        Ok(())
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }
}

fn state_error(error: StoreError) -> StateError {
    match error {
        StoreError::Conflict => StateError::Conflict,
        StoreError::TooLarge => StateError::TooLarge,
        other => StateError::Unavailable(other.to_string()),
    }
}
