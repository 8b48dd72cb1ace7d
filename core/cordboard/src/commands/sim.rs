//! `sim`: the simulated provider of a kind, as a process of its own.

use crate::cli::Sim;
use crate::failure::Failure;
use crate::lone::{Simulated, serve};
use crate::{builtin, talk};
use cordboard_engine::World;
use cordboard_plugin::{PluginDef, SimPlace, Simulator};
use futures_util::FutureExt as _;
use futures_util::future::select;
use std::pin::pin;

pub(super) async fn run(sim: Sim) -> Result<(), Failure> {
    let simulator = simulator(&sim.kind)?;
    let listener = cordboard_web::bind(sim.listen).await.map_err(|error| Failure::told(&error))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::failed(format!("cannot listen: {error}"), ""))?;
    let hook_url = sim.hook.trim_end_matches('/').to_owned();
    let place = SimPlace { base_url: format!("http://{address}"), hook_url };
    let settings = simulator.settings(&sim.kind, &place);
    talk::data(&place.base_url)?;
    talk::say(&format!("the simulated provider of `{}` listens at {}", sim.kind, place.base_url));
    talk::say(&format!("a bridge talks to it under these settings: {settings}"));
    let is_transport = |plugin: &PluginDef| plugin.transports.iter().any(|t| t.kind == sim.kind);
    if place.hook_url.is_empty() && builtin::plugins().into_iter().any(is_transport) {
        talk::say("a provider that calls the bridge needs its address: `--hook URL`");
    }
    let simulated = Simulated::new(World::real(), place, simulator);
    let stop = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot listen for signals");
        }
    };
    let Simulated { host, place, simulator } = simulated.clone();
    let beside = simulator.run(&host, &place).then(|()| std::future::pending::<()>());
    select(pin!(serve(listener, simulated, stop)), pin!(beside)).await;
    Ok(())
}

fn simulator(kind: &str) -> Result<Box<dyn Simulator>, Failure> {
    let mut known = Vec::new();
    for plugin in builtin::plugins() {
        let Some(make) = plugin.simulator else { continue };
        let transports = plugin.transports.iter().map(|found| found.kind);
        let kinds: Vec<&str> =
            transports.chain(plugin.sinks.iter().map(|found| found.kind)).collect();
        if kinds.contains(&kind) {
            return Ok(make());
        }
        known.extend(kinds);
    }
    let hint = match known.join(", ") {
        none if none.is_empty() => "this build has no simulators".to_owned(),
        known => format!("simulated providers: {known}"),
    };
    Err(Failure::usage(format!("there is no simulated provider of `{kind}`"), hint))
}
