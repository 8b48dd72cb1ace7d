//! `check`: reads the configuration without starting anything, and prints what to set up at the
//! providers.

use super::plugins::{broken, missing};
use crate::config::Loaded;
use crate::failure::Failure;
use crate::{opening, talk};
use cordboard_engine::{Bridge, LineView, SinkView, World, is_loopback_url};
use serde_json::Value;

pub(super) async fn check(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let world = World::real();
    let store = opening::open_nowhere(world.now())?;
    let (engine, plugins) = (loaded.engine.clone(), loaded.plugins.clone());
    let bridge = Bridge::open(engine, plugins, store, world)
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    let (lines, sinks) = (bridge.lines().await, bridge.sinks().await);
    let broken = broken(&loaded.plugins);
    if broken.is_none() {
        talk::say(&format!("{} is in order; nothing was started", loaded.file.display()));
    }
    for line in missing(&loaded.plugins) {
        talk::say(&line);
    }
    show(&lines, &sinks, json)?;
    broken.map_or(Ok(()), Err)
}

fn show(lines: &[LineView], sinks: &[SinkView], json: bool) -> Result<(), Failure> {
    if json {
        let value = |value: Result<Value, serde_json::Error>| value.unwrap_or(Value::Null);
        let lines = lines.iter().map(|line| value(serde_json::to_value(line)));
        let all = lines.chain(sinks.iter().map(|sink| value(serde_json::to_value(sink))));
        return talk::json(&Value::Array(all.collect()));
    }
    for transport in lines.chunk_by(|one, next| one.transport == next.transport) {
        talk::data(&transport_text(transport))?;
    }
    for sink in sinks {
        talk::data(&sink_text(sink))?;
    }
    Ok(())
}

/// The lines of one transport: what to set up is the same for all.
fn transport_text(lines: &[LineView]) -> String {
    let Some(LineView { transport, hook_url, status_url, set_up, .. }) = lines.first() else {
        return String::new();
    };
    let simulated = lines.iter().any(|line| line.simulated);
    let numbers: Vec<&str> = lines.iter().map(|line| line.line.reveal()).collect();
    let noun = if numbers.len() == 1 { "line" } else { "lines" };
    let head = format!("{noun} {} of transport `{transport}`", numbers.join(", "));
    let webhook = lines.iter().any(|line| line.webhook);
    if simulated && !webhook {
        return format!("{head}, simulated: nothing to paste, nobody calls");
    }
    if simulated {
        let advice = "simulated: nothing to paste, the simulated provider calls";
        return format!("{head}, {advice}\n  messages  {hook_url}\n  status    {status_url}");
    }
    let steps = talk::steps(set_up);
    if webhook && is_loopback_url(hook_url) {
        let advice = "do not paste yet: only this machine reaches these addresses; set \
            `bridge.public_url`, or have the texts fetched where the transport can do that";
        return format!("{head}, at the provider:\n  {advice}{steps}");
    }
    format!("{head}, at the provider:{steps}")
}

fn sink_text(sink: &SinkView) -> String {
    let SinkView { sink: name, provider, callback_url, set_up, .. } = sink;
    if sink.simulated {
        let advice = "simulated: nothing to register, the simulated provider sends people back to";
        return format!("sink `{name}` ({provider}), {advice}\n  callback  {callback_url}");
    }
    format!("sink `{name}` ({provider}), at the provider:{}", talk::steps(set_up))
}
