//! `run`: starts the bridge, waits for a signal, stops it in order.

use super::plugins::broken;
use crate::config::{Loaded, ProcessEnvironment};
use crate::failure::Failure;
use crate::{opening, talk};
use cordboard_engine::{Bridge, LineView, SinkView, World, is_loopback_url, loader};
use cordboard_plugin::SetUpStep;
use cordboard_store::{DataLock, Store};
use cordboard_web::{Meters, WebConfig};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long requests under way may take to end once the engine has stopped.
const REQUESTS_SECONDS_MAX: u64 = 2;

/// How long plugins from files may take to end once nothing is asked of them any more.
const PLUGINS_MS_MAX: u32 = 2_000;

/// With `strict`, a plugin's file that cannot be loaded is a reason not to start.
pub(super) async fn run(mut loaded: Loaded, strict: bool) -> Result<(), Failure> {
    if let Some(failure) = broken(&loaded.plugins).filter(|_| strict) {
        return Err(failure);
    }
    let mut signals = Signals::listen()?;
    opening::make_folders(&loaded)?;
    let lock = opening::take_lock(&loaded)?;
    // Both doors are taken before the store is touched: a port in use leaves it as it was.
    let doors = Doors::bind(&mut loaded).await?;
    let world = World::real();
    let store = opening::open_store(&loaded, world.now())?;
    let token = opening::admin_token(&loaded.token, true)?;
    let (engine, plugins) = (loaded.engine.clone(), loaded.plugins.clone());
    let bridge = Bridge::open(engine, plugins, store.clone(), world)
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    let meters = Meters::install().map_err(|error| Failure::told(&error))?;
    let web = WebConfig {
        listen: loaded.listen,
        admin_listen: loaded.admin_listen,
        public_url: loaded.engine.bridge.public_url.clone(),
        sandbox_public: loaded.sandbox_public,
        admin_token: token,
        trusted_proxies: loaded.trusted_proxies.clone(),
    };
    let note = format!("http://{}", reachable(loaded.admin_listen));
    lock.write_note(&note).map_err(|error| Failure::told(&error))?;
    let servers = doors.open(&bridge, &web, meters);
    bridge.start().await.map_err(|error| Failure::told(&error))?;
    greet(&loaded, &bridge).await;
    signals.first().await;
    stop(bridge, servers, store, lock, signals).await
}

/// Not ready, 503 for webhooks, claims stop, attempts finish, doors close, plugins stop, writer
/// drains, lock released. A second signal ends the process at once; what is under way then is taken
/// up at the next start.
async fn stop(
    bridge: Bridge,
    servers: Servers,
    store: Store,
    lock: DataLock,
    mut signals: Signals,
) -> Result<(), Failure> {
    talk::say("stopping; a second signal stops at once");
    let in_order = async {
        bridge.stop().await;
        servers.close().await;
        // Nothing calls a plugin any more. It waits for them, so it has a thread of its own.
        let stopped = tokio::task::spawn_blocking(|| loader::shutdown(PLUGINS_MS_MAX)).await;
        if let Err(error) = stopped {
            tracing::error!(%error, "the plugins were not stopped in order");
        }
        store.close().await.map_err(|error| Failure::told(&error))?;
        drop(lock);
        Ok(())
    };
    tokio::select! {
        done = in_order => done,
        () = signals.first() => Err(Failure::failed("stopped at once", "")),
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::failed(format!("cannot listen for signals: {error}"), ""))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn first(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Both listeners, bound but not served yet.
struct Doors {
    public: TcpListener,
    admin: TcpListener,
}

impl Doors {
    /// Binds both, and writes the real ports back where the configuration says 0.
    async fn bind(loaded: &mut Loaded) -> Result<Self, Failure> {
        let public = bind(&mut loaded.listen).await?;
        let admin = bind(&mut loaded.admin_listen).await?;
        let url = &mut loaded.engine.bridge.public_url;
        if let Some(host) = url.strip_suffix(":0") {
            *url = format!("{host}:{}", loaded.listen.port());
        }
        Ok(Self { public, admin })
    }

    fn open(self, bridge: &Bridge, web: &WebConfig, meters: Meters) -> Servers {
        let (stop, _) = watch::channel(false);
        let mut tasks = Vec::new();
        let routes = [
            (self.public, cordboard_web::public_routes(bridge.clone(), web)),
            (self.admin, cordboard_web::admin_routes(bridge.clone(), web, meters.clone())),
        ];
        for (listener, routes) in routes {
            let mut stopped = stop.subscribe();
            let until = async move {
                // The sender outlives the servers; were it gone, that would mean stop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            tasks.push(tokio::spawn(cordboard_web::serve(listener, routes, until)));
        }
        Servers { stop, tasks, upkeep: tokio::spawn(meters.tend()) }
    }
}

async fn bind(address: &mut SocketAddr) -> Result<TcpListener, Failure> {
    let listener = cordboard_web::bind(*address).await.map_err(|error| Failure::told(&error))?;
    *address = listener
        .local_addr()
        .map_err(|error| Failure::failed(format!("cannot listen: {error}"), ""))?;
    Ok(listener)
}

/// Both listeners, served.
struct Servers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    upkeep: JoinHandle<()>,
}

impl Servers {
    /// Takes no more connections, and gives requests under way a moment to end.
    async fn close(self) {
        self.stop.send_replace(true);
        self.upkeep.abort();
        for task in self.tasks {
            let limit = Duration::from_secs(REQUESTS_SECONDS_MAX);
            let abort = task.abort_handle();
            if tokio::time::timeout(limit, task).await.is_err() {
                abort.abort();
            }
        }
    }
}

/// Where a listener is reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        let loopback = if address.is_ipv4() { [127, 0, 0, 1].into() } else { LOOPBACK_V6 };
        address.set_ip(loopback);
    }
    address
}

const LOOPBACK_V6: std::net::IpAddr = std::net::IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

async fn greet(loaded: &Loaded, bridge: &Bridge) {
    let config = bridge.config();
    let (public, admin) = (reachable(loaded.listen), reachable(loaded.admin_listen));
    talk::say(&format!("{} takes texts at {}", config.bridge.name, config.bridge.public_url));
    let instances = config.transports.iter().chain(&config.sinks);
    let simulated: Vec<&str> = instances.filter(|i| i.simulate).map(|i| i.name.as_str()).collect();
    if !simulated.is_empty() {
        talk::say(&format!("simulated, no account needed: {}", simulated.join(", ")));
        if loaded.sandbox_public || !config.bridge.public {
            talk::say(&format!("sandbox: {}/sandbox", config.bridge.public_url));
        }
    }
    for line in to_paste(&bridge.lines().await, &bridge.sinks().await) {
        talk::say(&line);
    }
    talk::say(&format!("operator's desk and API: http://{admin}"));
    if let Some(host) = ProcessEnvironment.ssh_host() {
        let user = ProcessEnvironment.user().map(|user| format!("{user}@")).unwrap_or_default();
        let forward = |port: u16, to: SocketAddr| format!("-L {port}:{to}");
        let (front, desk) = (forward(public.port(), public), forward(admin.port(), admin));
        talk::say(&format!("from your own machine: ssh {front} {desk} {user}{host}"));
    }
    talk::say(&format!("the most a day can cost: {}", bridge.day_cost()));
}

/// The addresses that live providers must know, a line each; `check` has the rest of the set-up.
fn to_paste(lines: &[LineView], sinks: &[SinkView]) -> Vec<String> {
    let of = |name: &str, address: &str, set_up: &[SetUpStep]| {
        let step = set_up.iter().find(|step| step.value.starts_with(address));
        step.map(|step| format!("at the provider of `{name}`: {}\n  {}", step.place, step.value))
    };
    let mut told: Vec<String> = lines
        .iter()
        .filter(|line| !is_loopback_url(&line.hook_url))
        .filter_map(|line| of(&line.transport, &line.hook_url, &line.set_up))
        .chain(sinks.iter().filter_map(|sink| of(&sink.sink, &sink.callback_url, &sink.set_up)))
        .collect();
    told.dedup();
    if !told.is_empty() {
        told.push("all that is to be set up at the providers: cordboard check".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sink(name: &str, public_url: &str) -> SinkView {
        let callback_url = format!("{public_url}/link/{name}/callback");
        let set_up = vec![
            SetUpStep::paste("Permissions", "Read and write"),
            SetUpStep::paste("Callback", &callback_url),
        ];
        SinkView {
            sink: name.to_owned(),
            kind: "board".to_owned(),
            provider: "Board".to_owned(),
            simulated: false,
            callback_url,
            set_up,
            paused: None,
        }
    }

    fn line(number: &str, public_url: &str) -> LineView {
        let hook_url = format!("{public_url}/hooks/one");
        LineView {
            transport: "one".to_owned(),
            kind: "carrier".to_owned(),
            line: number.into(),
            simulated: false,
            status_url: format!("{hook_url}/status"),
            webhook: true,
            set_up: vec![SetUpStep::paste("Webhook", format!("{hook_url}#more"))],
            hook_url,
            trouble: None,
        }
    }

    #[test]
    fn a_start_tells_each_address_that_a_live_provider_must_know_once() {
        let url = "https://sms.example";
        let lines = [line("+15550100001", url), line("+15550100002", url)];
        let told = to_paste(&lines, &[sink("wall", url)]);
        let expected = [
            "at the provider of `one`: Webhook\n  https://sms.example/hooks/one#more",
            "at the provider of `wall`: Callback\n  https://sms.example/link/wall/callback",
            "all that is to be set up at the providers: cordboard check",
        ];
        assert_eq!(told, expected);
        let simulated = SinkView { simulated: true, set_up: Vec::new(), ..sink("wall", url) };
        assert_eq!(to_paste(&[], &[simulated]), Vec::<String>::new());
        // No provider reaches it; `check` says so.
        let here = [line("+15550100001", "http://127.0.0.1:8080")];
        assert_eq!(to_paste(&here, &[]), Vec::<String>::new());
    }

    #[test]
    fn a_listener_on_every_address_is_reached_on_loopback() {
        for (bound, reached) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
