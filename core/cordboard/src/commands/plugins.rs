//! `plugins`: what the bridge is made of, and whether a plugin's file is fit for it.

use super::{plugins_new, plugins_test};
use crate::cli::Plugins;
use crate::config::{self, ProcessEnvironment};
use crate::failure::Failure;
use crate::{builtin, talk};
use cordboard_engine::loader::{self, Inspection, LoadError, Loaded};
use cordboard_engine::{PluginView, Plugins as AtHand, World};
use cordboard_plugin::{PluginDef, Setting, SettingKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn plugins(what: Plugins, config: &Path) -> Result<(), Failure> {
    match what {
        Plugins::List(how) => list(config, how.json),
        Plugins::Check { file, json } => check(file, json.json),
        Plugins::New(order) => plugins_new::new(&order),
        Plugins::Test(order) => plugins_test::test(&order),
    }
}

/// The files that could not be loaded, as a failure; its words are those of the first.
pub(super) fn broken(plugins: &AtHand) -> Option<Failure> {
    let first = plugins.broken.first()?;
    let more = match plugins.broken.len() - 1 {
        0 => String::new(),
        1 => "\nand 1 more plugin cannot be loaded".to_owned(),
        more => format!("\nand {more} more plugins cannot be loaded"),
    };
    Some(Failure::failed(format!("{first}{more}"), "`cordboard plugins check FILE` looks closer"))
}

/// The instances that are left out for want of a plugin, a line each.
pub(super) fn missing(plugins: &AtHand) -> Vec<String> {
    let line = |missing: &cordboard_engine::LeftOut| {
        let (family, name, kind) = (missing.family, &missing.name, &missing.kind);
        format!(
            "warning: {family} `{name}` is left out: no plugin that can be loaded offers its kind `{kind}`"
        )
    };
    plugins.left_out.iter().map(line).collect()
}

fn list(config: &Path, json: bool) -> Result<(), Failure> {
    let plugins = config::load_plugins(config, &builtin::plugins(), &ProcessEnvironment)?;
    let views = plugins.views();
    if json {
        talk::json(&serde_json::to_value(&views).unwrap_or(Value::Null))?;
    } else {
        let rows: Vec<Vec<String>> = views.iter().map(row).collect();
        talk::table(
            &["name", "version", "from", "abi", "transports", "sinks"],
            &rows,
            "no plugins",
        )?;
    }
    broken(&plugins).map_or(Ok(()), Err)
}

fn row(view: &PluginView) -> Vec<String> {
    let or_none = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    vec![
        view.name.clone(),
        or_none(&view.version),
        view.path.clone().unwrap_or_else(|| "built in".to_owned()),
        or_none(view.abi.as_deref().unwrap_or_default()),
        or_none(&view.transports.join(", ")),
        or_none(&view.sinks.join(", ")),
    ]
}

fn check(file: PathBuf, json: bool) -> Result<(), Failure> {
    // With a slash, so that it is this file and none of the system's folders.
    let file = if file.components().count() == 1 { Path::new(".").join(file) } else { file };
    let found = loader::inspect(&file).map_err(|error| failed(&error))?;
    let loaded = loader::load(&file, None, &World::real());
    if json {
        talk::json(&as_json(&file, &found, &loaded))?;
    } else {
        talk::data(&format!("file     {}", file.display()))?;
        talk::data(&format!("size     {} bytes", found.bytes))?;
        talk::data(&format!("sha256   {}", found.sha256))?;
        talk::data(&format!("exports  {}", exports(&found)))?;
        talk::data(&format!("needs    {}", needs(&found)))?;
        if let Ok(loaded) = &loaded {
            show(loaded)?;
        }
    }
    let loaded = loaded.map_err(|error| failed(&error))?;
    talk::say(&format!("`{}` can be used", loaded.path.display()));
    Ok(())
}

fn failed(error: &LoadError) -> Failure {
    Failure::failed(error.to_string(), "")
}

fn exports(found: &Inspection) -> String {
    match found.exports.as_deref() {
        None => "not told".to_owned(),
        Some([]) => "nothing".to_owned(),
        Some([one]) => one.clone(),
        Some(several) => format!("{} symbols; one is enough, CORDBOARD_PLUGIN", several.len()),
    }
}

fn needs(found: &Inspection) -> String {
    found
        .glibc
        .as_ref()
        .map_or("no GNU C library".to_owned(), |version| format!("glibc {version} or newer"))
}

fn show(loaded: &Loaded) -> Result<(), Failure> {
    let plugin = loaded.plugin;
    talk::data(&format!("plugin   {} {}", plugin.name, plugin.version))?;
    talk::data(&format!(
        "lang     {}",
        if loaded.lang.is_empty() { "not told" } else { &loaded.lang }
    ))?;
    talk::data(&format!("abi      {}", loaded.abi))?;
    for (family, kind, settings) in kinds(plugin) {
        talk::data(&format!("\n{family} `{kind}`"))?;
        let rows: Vec<Vec<String>> = settings.iter().map(setting_row).collect();
        talk::table(&["setting", "is", "default", ""], &rows, "no settings")?;
    }
    Ok(())
}

/// Family, name and settings of each kind.
fn kinds(plugin: &PluginDef) -> Vec<(&'static str, &'static str, &'static [Setting])> {
    let transports = plugin.transports.iter().map(|kind| ("transport", kind.kind, kind.settings));
    transports.chain(plugin.sinks.iter().map(|kind| ("sink", kind.kind, kind.settings))).collect()
}

fn setting_row(setting: &Setting) -> Vec<String> {
    let default = match setting.default {
        None => "required",
        Some("\"\"") => "-",
        Some(default) => default,
    };
    vec![setting.key.to_owned(), sort(setting.kind), default.to_owned(), setting.doc.to_owned()]
}

/// What a setting is, in a few words.
fn sort(kind: SettingKind) -> String {
    match kind {
        SettingKind::Text => "text".to_owned(),
        SettingKind::Secret => "secret".to_owned(),
        SettingKind::SecretTable => "table of secrets".to_owned(),
        SettingKind::Url => "web address".to_owned(),
        SettingKind::TextList => "list".to_owned(),
        SettingKind::NumberList => "list of numbers".to_owned(),
        SettingKind::Flag => "true or false".to_owned(),
        SettingKind::Whole { min, max: i64::MAX } => format!("{min} or more"),
        SettingKind::Whole { min, max } => format!("{min} to {max}"),
        SettingKind::Usd => "dollars".to_owned(),
        SettingKind::Choice(words) => words.join(" or "),
    }
}

fn as_json(file: &Path, found: &Inspection, loaded: &Result<Loaded, LoadError>) -> Value {
    let mut value = json!({
        "path": file.display().to_string(), "bytes": found.bytes, "sha256": found.sha256,
        "exports": found.exports, "glibc": found.glibc,
        "name": null, "version": null, "lang": null, "abi": null, "kinds": [], "trouble": null,
    });
    match loaded {
        Err(error) => value["trouble"] = json!(error.problem),
        Ok(loaded) => {
            let PluginDef { name, version, .. } = loaded.plugin;
            (value["name"], value["version"]) = (json!(name), json!(version));
            (value["lang"], value["abi"]) = (json!(loaded.lang), json!(loaded.abi));
            let kind = |(family, kind, settings): (&str, &str, &[Setting])| json!({ "family": family, "kind": kind, "settings": settings });
            value["kinds"] = kinds(loaded.plugin).into_iter().map(kind).collect();
        }
    }
    value
}
