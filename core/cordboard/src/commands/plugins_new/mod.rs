//! `plugins new KIND NAME`: a crate that builds, passes its tests and every question, to begin from.

mod manifest;
mod names;
mod templates;

use crate::builtin;
use crate::cli::{NewPlugin, PluginSort};
use crate::failure::Failure;
use crate::talk;
use manifest::Place;
use names::Names;
use std::path::{Path, PathBuf};
use templates::Template;

/// Makes the crate and says what to do next.
pub(super) fn new(order: &NewPlugin) -> Result<(), Failure> {
    let template = match order.sort {
        PluginSort::Transport => &templates::TRANSPORT,
        PluginSort::Sink => &templates::SINK,
    };
    let names = Names::new(&order.name, template).map_err(|problem| {
        Failure::usage(problem, "a name is 1 to 32 of a-z, 0-9 and `-`, for example `acme-sms`")
    })?;
    refuse_known(&order.name)?;
    let place = place(order)?;
    write(template, &names, &place)?;
    next_steps(&names, &place)
}

/// A kind of that name would stand in the way of one that is there already.
fn refuse_known(name: &str) -> Result<(), Failure> {
    let plugins = builtin::plugins();
    let transports = plugins.iter().flat_map(|plugin| plugin.transports).map(|kind| kind.kind);
    let sinks = plugins.iter().flat_map(|plugin| plugin.sinks).map(|kind| kind.kind);
    match transports.chain(sinks).any(|kind| kind == name) {
        true => Err(Failure::usage(
            format!("there is a plugin of the kind `{name}` already"),
            "take another name",
        )),
        false => Ok(()),
    }
}

/// Where the crate goes, and where Cordboard's source is from there.
fn place(order: &NewPlugin) -> Result<Place, Failure> {
    let folder = order.path.clone().unwrap_or_else(|| PathBuf::from(&order.name));
    let folder = std::path::absolute(&folder)
        .map_err(|error| Failure::usage(format!("{}: {error}", folder.display()), ""))?;
    let empty = match std::fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !folder.exists(),
    };
    if !empty {
        return Err(Failure::usage(
            format!("{} is there already, and nothing is overwritten", folder.display()),
            "name another folder with `--path`",
        ));
    }
    let source = match &order.cordboard {
        Some(path) => checkout(path).ok_or_else(|| {
            let problem = format!("{} is not Cordboard's source", path.display());
            Failure::usage(problem, "its top folder holds `core/plugin`")
        })?,
        None => above(&folder).ok_or_else(|| {
            Failure::usage(
                "the new crate depends on `cordboard-plugin`, and its source is not above the folder",
                "say where Cordboard's source is with `--cordboard PATH`, or go into it",
            )
        })?,
    };
    Ok(Place::new(folder, source))
}

/// The top folder of Cordboard's source above `folder`, or above the present folder.
fn above(folder: &Path) -> Option<PathBuf> {
    let present = std::env::current_dir().ok();
    let present = present.iter().flat_map(|present| present.ancestors());
    folder.ancestors().chain(present).find_map(checkout)
}

/// The folder itself, without detours, if it is the top folder of Cordboard's source.
fn checkout(folder: impl AsRef<Path>) -> Option<PathBuf> {
    let manifest = folder.as_ref().join("core/plugin/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).ok()?;
    let is_ours = manifest.contains("name = \"cordboard-plugin\"");
    is_ours.then(|| folder.as_ref().canonicalize().ok()).flatten()
}

/// Writes every file; `Cargo.toml` last, so that what was left unfinished is no crate.
fn write(template: &Template, names: &Names, place: &Place) -> Result<(), Failure> {
    let (manifests, files): (Vec<_>, Vec<_>) =
        template.files.iter().partition(|(path, _)| *path == "Cargo.toml");
    for &(path, text) in files.into_iter().chain(manifests) {
        let text = names.put_into(text);
        let text = match path {
            "Cargo.toml" => manifest::manifest(&text, place),
            "Cargo.lock" | ".gitignore" if place.is_in_tree() => continue,
            "Cargo.lock" => manifest::sorted_lock(&text),
            _ => text,
        };
        let path = place.folder.join(path);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text));
        written.map_err(|error| Failure::failed(format!("{}: {error}", path.display()), ""))?;
    }
    Ok(())
}

fn next_steps(names: &Names, place: &Place) -> Result<(), Failure> {
    talk::say(&format!("made {}", place.folder.display()));
    talk::say("next, in this folder:");
    let file = format!("libcordboard_{}.so", names.snake);
    let target = if place.is_in_tree() { "../../target" } else { "target" };
    for line in [
        "cargo test --features sim",
        "cargo rustc --release --lib --crate-type cdylib --features export",
        &format!("cordboard plugins test {target}/release/{file}"),
    ] {
        talk::data(&format!("  {line}"))?;
    }
    talk::say(
        "it passes as it stands: change it file by file. README.md there tells what is where.",
    );
    if place.is_in_tree() {
        talk::say("CONTRIBUTING.md tells how it becomes one of the built-in plugins.");
    }
    Ok(())
}
