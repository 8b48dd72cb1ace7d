//! The lives of plugins: their `run` loops and timers.

use crate::bridge::{Bridge, guarded};
use crate::host::InstanceHost;
use crate::pump::report;
use cordboard_plugin::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use std::panic::AssertUnwindSafe;
use std::pin::pin;

/// Pause before a `run` that failed is started again; doubled each time.
const RESTART_MS: i64 = 5_000;
const RESTART_MS_MAX: i64 = 5 * 60_000;
/// How long a plugin may take over a timer.
const WOKE_MS_MAX: i64 = 60_000;

/// Lets a transport listen or poll until the bridge stops.
pub(crate) async fn run(bridge: Bridge, name: String) {
    let mut pause_ms = RESTART_MS;
    while !bridge.stopping() {
        let Some(transport) = bridge.registry().transports.get(&name) else { return };
        let host = bridge.host(&name);
        let life = AssertUnwindSafe(transport.plugin.run(&host)).catch_unwind();
        let ended = match select(pin!(life), pin!(bridge.stopped())).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => return,
        };
        match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => tracing::error!(transport = %name, "stopped listening: {error}"),
            Err(_) => tracing::error!(transport = %name, "the plugin panicked"),
        }
        let again = bridge.now().plus_millis(pause_ms);
        pause_ms = (pause_ms * 2).min(RESTART_MS_MAX);
        select(pin!(bridge.world().sleep_until(again)), pin!(bridge.stopped())).await;
    }
}

impl Bridge {
    /// A timer of an instance, or of a simulator, is due.
    pub(crate) async fn wake_plugin(&self, scope: String, key: String, at: Timestamp) {
        let woke = async {
            if let Some(transport) = self.registry().transports.get(&scope) {
                transport.plugin.woke(&self.host(&scope), &key).await;
            } else if let Some(sink) = self.registry().sinks.get(&scope) {
                sink.plugin.woke(&self.host(&scope), &key).await;
            } else if let Some((mount, simulator)) =
                self.registry().simulators.iter().find(|(_, simulator)| simulator.scope == scope)
            {
                let host = InstanceHost::simulator(self, mount, &scope);
                simulator.plugin.woke(&host, &simulator.place, &key).await;
            }
        };
        if let Err(problem) = guarded(self, WOKE_MS_MAX, woke).await {
            tracing::error!(plugin = %scope, "a timer came to nothing: {problem}");
        }
        if let Err(error) = self.store().finish_timer(&scope, &key, at).await {
            report(&error);
        }
    }
}
