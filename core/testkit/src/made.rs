//! Instances to ask questions of: linked ones, or the same from plugin files.

use cordboard_plugin::{PluginDef, Settings, Sink, Transport};

/// Makes a transport of `plugin`'s kind.
///
/// With feature `engine` and the variable `CORDBOARD_TEST_PLUGIN_DIR` set it is made by the plugin's file in
/// that folder, as `deploy/build-plugins` names it: so a crate's cases ask both.
///
/// # Panics
/// When there is no such kind, its settings do not do, or its file cannot be loaded.
#[track_caller]
#[expect(clippy::panic, reason = "a question that cannot be asked must fail its test")]
pub fn transport(plugin: &PluginDef, kind: &str, settings: &Settings) -> Box<dyn Transport> {
    let plugin = at_hand(plugin);
    let found = plugin.transports.iter().find(|found| found.kind == kind);
    match found.map(|found| (found.create)(settings)) {
        Some(Ok(made)) => made,
        Some(Err(wrong)) => panic!("{wrong}"),
        None => panic!("{} offers no transport `{kind}`", plugin.name),
    }
}

/// Makes a sink, likewise.
///
/// # Panics
/// As [`transport`].
#[track_caller]
#[expect(clippy::panic, reason = "a question that cannot be asked must fail its test")]
pub fn sink(plugin: &PluginDef, kind: &str, settings: &Settings) -> Box<dyn Sink> {
    let plugin = at_hand(plugin);
    let found = plugin.sinks.iter().find(|found| found.kind == kind);
    match found.map(|found| (found.create)(settings)) {
        Some(Ok(made)) => made,
        Some(Err(wrong)) => panic!("{wrong}"),
        None => panic!("{} offers no sink `{kind}`", plugin.name),
    }
}

#[cfg(not(feature = "engine"))]
fn at_hand(linked: &PluginDef) -> PluginDef {
    *linked
}

#[cfg(feature = "engine")]
#[track_caller]
#[expect(clippy::panic, reason = "a question that cannot be asked must fail its test")]
fn at_hand(linked: &PluginDef) -> PluginDef {
    use cordboard_engine::{World, loader};
    let Some(folder) = std::env::var_os("CORDBOARD_TEST_PLUGIN_DIR") else { return *linked };
    let file = format!("lib{}.so", linked.name.replace('-', "_"));
    match loader::load(&std::path::Path::new(&folder).join(file), None, &World::real()) {
        Ok(loaded) => *loaded.plugin,
        Err(error) => panic!("{error}"),
    }
}
