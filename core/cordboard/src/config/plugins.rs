//! `[[plugin]]`: plugins from files. They are loaded here, before any instance is looked at, so that their
//! own declarations check the settings of their kinds.

use super::problem::Findings;
use super::row::{Absent, Owner, Row};
use super::{Surroundings, list, tables};
use cordboard_engine::Plugins;
use cordboard_engine::loader::{self, LoadError, Loaded};
use cordboard_plugin::PluginDef;
use std::path::{Component, Path, PathBuf};
use toml::de::DeTable;

/// Digits of a SHA-256.
const SHA256_DIGITS: usize = 64;
/// Files of the folder that are looked into for a hint.
const OFFERS_FILES_MAX: usize = 64;

/// One of the two families of kinds.
type Family = (&'static str, fn(&PluginDef) -> Vec<&'static str>);

/// What a family is called, and the kinds of it that a plugin offers.
const FAMILIES: [Family; 2] = [("transport", transports), ("sink", sinks)];

fn transports(plugin: &PluginDef) -> Vec<&'static str> {
    plugin.transports.iter().map(|kind| kind.kind).collect()
}

fn sinks(plugin: &PluginDef) -> Vec<&'static str> {
    plugin.sinks.iter().map(|kind| kind.kind).collect()
}

/// Loads a file for good.
pub(crate) type Open<'a> = dyn Fn(&Path, Option<&str>) -> Result<Loaded, LoadError> + 'a;

/// Reads the tables and loads their files. A file that cannot be loaded is no problem of the
/// configuration: it is among the broken ones.
pub(crate) fn read(
    document: &DeTable<'_>,
    surroundings: &Surroundings<'_>,
    folder: &Path,
    findings: &mut Findings,
) -> Plugins {
    let mut plugins = Plugins::from(surroundings.plugins);
    let mut files: Vec<(usize, PathBuf)> = Vec::new();
    for (position, (at, table)) in list(document, "plugin").into_iter().enumerate() {
        let owner = Owner::Item("plugin", (position + 1).to_string());
        let required = Absent::Required;
        let row = Row::read(Some(table), at, tables::PLUGIN, &[], &owner, required, findings);
        let Some(path) = path(&row, &owner, folder, findings) else { continue };
        let Ok(sha256) = sha256(&row, &owner, findings) else { continue };
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some((first, _)) = files.iter().find(|(_, file)| *file == real) {
            let message = format!("plugins {first} and {} are the same file", position + 1);
            findings.wrong(row.at("path"), message, "remove one of the two tables");
            continue;
        }
        files.push((position + 1, real));
        match (surroundings.open)(&path, sha256) {
            Ok(loaded) => {
                check_kinds(&plugins, &loaded, &row, findings);
                plugins.loaded.push(loaded);
            }
            Err(broken) => plugins.broken.push(broken),
        }
    }
    plugins
}

/// Where the file is: below `plugin_dir`, or absolute.
fn path(row: &Row, owner: &Owner, folder: &Path, findings: &mut Findings) -> Option<PathBuf> {
    let written = Path::new(row.value("path")?.as_str()?);
    if written.is_absolute() {
        return Some(written.to_owned());
    }
    if written.file_name().is_none() {
        let message = format!("{} names no file", owner.key("path"));
        findings.wrong(row.at("path"), message, "write it as \"libmy_carrier.so\"");
        return None;
    }
    if written.components().any(|part| part == Component::ParentDir) {
        let message = format!("{} leads out of `bridge.plugin_dir`", owner.key("path"));
        findings.wrong(
            row.at("path"),
            message,
            "put the file below that folder, or write its path from `/` on",
        );
        return None;
    }
    Some(below(folder, written))
}

/// A path with a slash in it, so that the system's folders are not searched.
fn below(folder: &Path, name: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { Path::new(".").join(name) } else { folder.join(name) }
}

fn sha256<'r>(row: &'r Row, owner: &Owner, findings: &mut Findings) -> Result<Option<&'r str>, ()> {
    if !row.written("sha256") {
        return Ok(None);
    }
    let digits = row.text("sha256");
    if digits.len() == SHA256_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Some(digits));
    }
    let message = format!("{} must be {SHA256_DIGITS} hexadecimal digits", owner.key("sha256"));
    findings.wrong(row.at("sha256"), message, "`cordboard plugins check FILE` prints them");
    Err(())
}

/// A kind is made by one plugin: a file takes it over from a built-in one only when it is told to.
fn check_kinds(plugins: &Plugins, new: &Loaded, row: &Row, findings: &mut Findings) {
    let file = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for (family, kinds) in FAMILIES {
        for kind in kinds(new.plugin) {
            let offers = |plugin: &PluginDef| kinds(plugin).contains(&kind);
            let name = file(&new.path);
            if let Some(other) = plugins.loaded.iter().find(|loaded| offers(loaded.plugin)) {
                let message = format!(
                    "`{name}` offers the kind of {family} `{kind}`, and so does `{}`",
                    file(&other.path)
                );
                findings.wrong(
                    row.at("path"),
                    message,
                    "a kind comes from one file: remove one of the two",
                );
            } else if !row.flag("override") && plugins.linked.iter().any(|linked| offers(linked)) {
                let message =
                    format!("`{name}` offers the kind of {family} `{kind}`, which is built in");
                let hint = "`override = true` lets the file take its place; or remove this table";
                findings.wrong(row.at("path"), message, hint);
            }
        }
    }
}

/// A hint for a kind that nothing offers: the files in `plugin_dir` that do, if any.
pub(crate) fn offers(
    open: &Open<'_>,
    folder: &Path,
    plugins: &Plugins,
    word: &str,
    kind: &str,
) -> Option<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
        .filter(|name| name.extension().is_some_and(|extension| extension == "so"))
        .collect();
    files.sort();
    let (_, kinds) = FAMILIES.into_iter().find(|(family, _)| *family == word)?;
    let known = |name: &Path| plugins.loaded.iter().any(|loaded| loaded.path.ends_with(name));
    let offering = |name: &PathBuf| {
        open(&below(folder, name), None).is_ok_and(|file| kinds(file.plugin).contains(&kind))
    };
    let found: Vec<String> = files
        .into_iter()
        .filter(|name| !known(name))
        .take(OFFERS_FILES_MAX)
        .filter(offering)
        .map(|name| format!("`{}`", name.display()))
        .collect();
    let first = found.first()?.trim_matches('`');
    let (verb, folder) = (if found.len() == 1 { "offers" } else { "offer" }, folder.display());
    Some(format!(
        "{} in `{folder}` {verb} it: add `[[plugin]]` with `path = \"{first}\"`",
        found.join(", ")
    ))
}

/// Loads a file in the real world.
pub(crate) fn open(path: &Path, sha256: Option<&str>) -> Result<Loaded, LoadError> {
    loader::load(path, sha256, &cordboard_engine::World::real())
}
