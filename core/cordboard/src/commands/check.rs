//! `check`: reads the configuration without starting anything, and prints the addresses to paste.

use crate::config::{Loaded, is_loopback_url};
use crate::failure::Failure;
use crate::{builtin, opening, talk};
use cordboard_engine::{Bridge, LineView, SinkView, World};
use serde_json::Value;

pub(super) async fn check(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let world = World::real();
    let store = opening::open_nowhere(world.now())?;
    let engine = loaded.engine.clone();
    let bridge = Bridge::open(engine, &builtin::plugins(), store, world)
        .map_err(|error| Failure::usage(error.to_string(), ""))?;
    let (lines, sinks) = (bridge.lines().await, bridge.sinks().await);
    talk::say(&format!("{} is in order; nothing was started", loaded.file.display()));
    if json {
        let value = |value: Result<Value, serde_json::Error>| value.unwrap_or(Value::Null);
        let lines = lines.iter().map(|line| value(serde_json::to_value(line)));
        let all = lines.chain(sinks.iter().map(|sink| value(serde_json::to_value(sink))));
        return talk::json(&Value::Array(all.collect()));
    }
    for line in &lines {
        talk::data(&line_text(line))?;
    }
    for sink in &sinks {
        talk::data(&sink_text(sink))?;
    }
    Ok(())
}

fn line_text(line: &LineView) -> String {
    let number = line.line.reveal();
    let LineView { transport, hook_url, status_url, .. } = line;
    let advice = if line.simulated {
        "is simulated: nothing to paste, the simulated provider calls"
    } else if is_loopback_url(hook_url) {
        "do not paste: only this machine reaches these addresses (set `bridge.public_url`, or poll)"
    } else {
        "paste at the provider:"
    };
    format!(
        "line {number} of transport `{transport}` {advice}\n  messages  {hook_url}\n  status    {status_url}"
    )
}

fn sink_text(sink: &SinkView) -> String {
    let SinkView { sink: name, provider, callback_url, .. } = sink;
    let advice = if sink.simulated {
        "is simulated: nothing to register, the simulated provider sends people back to"
    } else {
        "register at the provider:"
    };
    format!("sink `{name}` ({provider}) {advice}\n  callback  {callback_url}")
}
