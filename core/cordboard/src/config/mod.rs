//! The configuration: one TOML file, read once, checked in full before anything is made.
//!
//! Declarations in [`tables`] and in the plugins say what may be written; nothing is ignored. The
//! environment is read here and nowhere else.

mod bridge;
mod environment;
mod instances;
mod kinds;
pub(crate) mod near;
mod plugins;
mod policy;
mod problem;
mod routes;
mod row;
mod secrets;
pub mod tables;
mod value;

pub use environment::{Environment, NotText, ProcessEnvironment};
pub use problem::ConfigError;

use cordboard_engine::{Config, InstanceConfig, LeftOut, Plugins};
use cordboard_plugin::{PluginDef, Secret, Setting, SettingKind};
use cordboard_web::TrustedProxies;
use problem::Findings;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Longest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A configuration that can be used: checked, defaults filled in, secrets resolved.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the engine is told.
    pub engine: Config,
    /// The plugins at hand, and what is left out for want of one.
    pub plugins: Plugins,
    /// The file, as it was named.
    pub file: PathBuf,
    /// Where the public side listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the operator's API listens.
    pub admin_listen: SocketAddr,
    /// Folder of keys and lock.
    pub data_dir: PathBuf,
    /// The SQLite file.
    pub store_path: PathBuf,
    /// The key that seals credentials.
    pub key: KeySource,
    /// The token that opens the operator's API.
    pub token: KeySource,
    /// Whose X-Forwarded-For we believe.
    pub trusted_proxies: TrustedProxies,
    /// Whether a public bridge shows `/sandbox` to everybody.
    pub sandbox_public: bool,
    /// What works but is worth a line at start.
    pub warnings: Vec<String>,
}

/// Where a key of our own is; a file is made on first run.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// In this file.
    File(PathBuf),
    /// Given in the environment.
    Given(Secret),
}

/// What reading a table needs to know beside the table.
pub(crate) struct Surroundings<'a> {
    /// Folder of the file; relative paths start here.
    pub(crate) folder: PathBuf,
    /// Where `env:NAME` is looked up.
    pub(crate) environment: &'a dyn Environment,
    /// The plugins that are linked.
    pub(crate) plugins: &'a [&'static PluginDef],
    /// Loads a plugin's file.
    pub(crate) open: &'a plugins::Open<'a>,
}

/// Reads nothing but the plugins of a configuration file, and loads those from files: whatever else is
/// wrong with it does not matter.
///
/// # Errors
/// When the file or a `[[plugin]]` table of it is wrong.
pub fn load_plugins(
    file: &Path,
    plugins: &[&'static PluginDef],
    environment: &dyn Environment,
) -> Result<Plugins, ConfigError> {
    let text = file_text(file)?;
    let mut findings = Findings::default();
    let surroundings = surroundings(file, plugins, environment);
    let document = document(file, &text)?;
    let folder = bridge::plugin_dir(&document, &surroundings);
    let plugins = plugins::read(&document, &surroundings, &folder, &mut findings);
    findings.finish(file, &text).1.map_or(Ok(plugins), Err)
}

fn surroundings<'a>(
    file: &Path,
    plugins: &'a [&'static PluginDef],
    environment: &'a dyn Environment,
) -> Surroundings<'a> {
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    Surroundings { folder, environment, plugins, open: &plugins::open }
}

fn document<'t>(file: &Path, text: &'t str) -> Result<DeTable<'t>, ConfigError> {
    let error = match DeTable::parse(text) {
        Ok(document) => return Ok(document.into_inner()),
        Err(error) => error,
    };
    let at = error.span().map_or(0, |span| span.start);
    let cause = error.message().lines().next().unwrap_or_default();
    let mut alone = Findings::default();
    alone.wrong(at, format!("this is not TOML: {cause}"), "");
    let told = alone.finish(file, text).1;
    Err(told.unwrap_or_else(|| ConfigError::whole(file, "this is not TOML", "")))
}

/// Reads and checks a configuration file. Makes nothing.
///
/// # Errors
/// One message with place and hint; nothing may be started then.
pub fn load(
    file: &Path,
    plugins: &[&'static PluginDef],
    environment: &dyn Environment,
) -> Result<Loaded, ConfigError> {
    parse(file, &file_text(file)?, plugins, environment)
}

/// As [`load`], for commands that may find a running bridge: secrets that are not there (in another
/// user's environment, say) come back beside the configuration, for whoever needs them after all.
///
/// # Errors
/// As for [`load`], when the file itself is wrong.
pub fn load_for_desk(
    file: &Path,
    plugins: &[&'static PluginDef],
    environment: &dyn Environment,
) -> Result<(Loaded, Option<ConfigError>), ConfigError> {
    examine(file, &file_text(file)?, plugins, environment)
}

/// Checks the text of a configuration file as if it stood in `file`.
///
/// # Errors
/// As for [`load`].
pub fn parse(
    file: &Path,
    text: &str,
    plugins: &[&'static PluginDef],
    environment: &dyn Environment,
) -> Result<Loaded, ConfigError> {
    match examine(file, text, plugins, environment)? {
        (loaded, None) => Ok(loaded),
        (_, Some(unresolved)) => Err(unresolved),
    }
}

fn file_text(file: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause: String| {
        let message = format!("cannot read the configuration `{}`: {cause}", file.display());
        let hint = "name another file with `--config PATH` or in CORDBOARD_CONFIG";
        ConfigError::whole(file, message, hint)
    };
    let found = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if found.len() > FILE_BYTES_MAX {
        return Err(unreadable(format!("it is longer than {FILE_BYTES_MAX} bytes")));
    }
    std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))
}

/// The configuration, with the first secret that is not there; an error when the file is wrong.
fn examine(
    file: &Path,
    text: &str,
    plugins: &[&'static PluginDef],
    environment: &dyn Environment,
) -> Result<(Loaded, Option<ConfigError>), ConfigError> {
    let mut findings = Findings::default();
    let surroundings = surroundings(file, plugins, environment);
    let document = document(file, text)?;
    let loaded = read(file, &document, &surroundings, &mut findings);
    let file_is_clean = findings.file_is_clean();
    match findings.finish(file, text) {
        (_, Some(problem)) if !file_is_clean => Err(problem),
        (warnings, unresolved) => Ok((Loaded { warnings, ..loaded }, unresolved)),
    }
}

fn read(
    file: &Path,
    document: &DeTable<'_>,
    surroundings: &Surroundings<'_>,
    findings: &mut Findings,
) -> Loaded {
    check_top(document, findings);
    let policy = policy::read(single(document, "policy"), findings);
    let front = bridge::read(document, surroundings, findings);
    let place = instances::Place {
        public_url: front.engine.public_url.clone(),
        public: front.engine.public,
        catch_up_hours: policy.catch_up_hours,
    };
    let mut plugins = plugins::read(document, surroundings, &front.plugin_dir, findings);
    let kinds = kinds::Kinds { plugins: &plugins, folder: &front.plugin_dir };
    let (transports, sinks) = instances::read(document, surroundings, &kinds, &place, findings);
    let routes = routes::read(document, &transports, &sinks, findings);
    if front.engine.public && !front.sandbox_public {
        for instance in transports.iter().chain(&sinks).filter(|found| found.config.simulate) {
            findings.warn(format!(
                "`{}` is simulated and this bridge is public, so its sandbox stays closed; `bridge.sandbox_public = true` opens it to everybody",
                instance.config.name
            ));
        }
    }
    let transports = at_hand("transport", transports, &mut plugins.left_out);
    let sinks = at_hand("sink", sinks, &mut plugins.left_out);
    Loaded {
        engine: Config {
            bridge: front.engine,
            policy,
            transports,
            sinks,
            routes,
            alert_numbers: front.alert_numbers,
        },
        plugins,
        file: file.to_owned(),
        listen: front.listen,
        admin_listen: front.admin_listen,
        data_dir: front.data_dir,
        store_path: front.store_path,
        key: front.key,
        token: front.token,
        trusted_proxies: front.trusted_proxies,
        sandbox_public: front.sandbox_public,
        warnings: Vec::new(),
    }
}

/// The instances that can be made; the others are left out.
fn at_hand(
    family: &'static str,
    found: Vec<instances::Found>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<InstanceConfig> {
    let (at_hand, missing): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| !one.missing);
    left_out.extend(missing.into_iter().map(|one| LeftOut {
        family,
        name: one.config.name,
        kind: one.config.kind,
    }));
    at_hand.into_iter().map(|one| one.config).collect()
}

/// Unknown tables, and tables written with the wrong brackets.
fn check_top(document: &DeTable<'_>, findings: &mut Findings) {
    for (key, value) in document {
        let (name, at) = (key.get_ref().as_ref(), key.span().start);
        match tables::TOP.iter().find(|(known, _, _)| *known == name) {
            None => {
                let hint = near::hint(name, tables::TOP.iter().map(|(known, _, _)| *known));
                findings.wrong(at, format!("`{name}` is not a table of this file"), hint);
            }
            Some((_, true, _)) => {
                let tables = |value: &DeValue<'_>| {
                    value
                        .as_array()
                        .is_some_and(|all| all.iter().all(|one| one.get_ref().is_table()))
                };
                if !tables(value.get_ref()) {
                    let message =
                        format!("`{name}` may stand several times and takes double brackets");
                    findings.wrong(at, message, format!("write `[[{name}]]`"));
                }
            }
            Some((_, false, _)) if !value.get_ref().is_table() => {
                let message = format!("`{name}` must be one table");
                findings.wrong(at, message, format!("write `[{name}]`, once"));
            }
            Some(_) => {}
        }
    }
}

/// A table that stands once, and its byte.
fn single<'d, 'i>(document: &'d DeTable<'i>, name: &str) -> (Option<&'d DeTable<'i>>, usize) {
    match document.get(name) {
        Some(found) => (found.get_ref().as_table(), found.span().start),
        None => (None, 0),
    }
}

/// The tables of an array of tables, and the byte of each.
fn list<'d, 'i>(document: &'d DeTable<'i>, name: &str) -> Vec<(usize, &'d DeTable<'i>)> {
    let Some(all) = document.get(name).and_then(|found| found.get_ref().as_array()) else {
        return Vec::new();
    };
    let tables = all.iter().map(|one| (one.span().start, one.get_ref().as_table()));
    tables.filter_map(|(at, table)| table.map(|table| (at, table))).collect()
}

/// Whether a default of a declaration can be read; what the tests of declarations ask.
pub fn default_is_readable(kind: SettingKind, default: &str) -> bool {
    value::read_default(kind, default).is_some()
}

/// The keys of every table of ours, as Markdown, for the documentation.
pub fn reference() -> String {
    let several = |name: &str, several: bool| match several {
        true => format!("[[{name}]]"),
        false => format!("[{name}]"),
    };
    let mut tables: Vec<(String, &[Setting])> =
        tables::TOP.iter().map(|(name, many, keys)| (several(name, *many), *keys)).collect();
    tables.push(("[transport.prices]".to_owned(), tables::TRANSPORT_PRICES));
    tables.push(("[sink.prices]".to_owned(), tables::SINK_PRICES));
    let mut text = String::new();
    for (name, keys) in tables {
        text += &format!("### `{name}`\n\n| key | default | |\n|---|---|---|\n");
        for Setting { key, default, doc, .. } in keys {
            let default = match *default {
                None => "(required)".to_owned(),
                Some(default) if Some(default) == tables::NONE => String::new(),
                Some(default) => format!("`{default}`"),
            };
            text += &format!("| `{key}` | {default} | {doc} |\n");
        }
        text += "\n";
    }
    text
}
