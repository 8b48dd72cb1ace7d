//! What a bridge runs on: plugins linked into the binary, plugins from files, and what is missing.

use crate::loader::{LoadError, Loaded};
use cordboard_plugin::PluginDef;
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// The plugins at hand, and what had to be left out.
#[derive(Clone, Default)]
pub struct Plugins {
    /// Linked into the binary.
    pub linked: Vec<&'static PluginDef>,
    /// Loaded from files. A kind that they share with a linked plugin is theirs.
    pub loaded: Vec<Loaded>,
    /// Files that are configured and could not be loaded.
    pub broken: Vec<LoadError>,
    /// Instances whose kind no plugin at hand offers: it may be one of a broken file's.
    pub left_out: Vec<LeftOut>,
}

/// An instance that is configured and cannot be made, since its plugin is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// `transport` or `sink`.
    pub family: &'static str,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
}

impl LeftOut {
    /// Why, in words.
    pub(crate) fn why(&self) -> String {
        format!("left out: its kind `{}` is offered by no plugin that could be loaded", self.kind)
    }
}

impl Plugins {
    /// All plugins, in the order in which a kind is looked up.
    pub fn all(&self) -> impl Iterator<Item = &'static PluginDef> + Clone {
        self.loaded.iter().map(|loaded| loaded.plugin).chain(self.linked.iter().copied())
    }

    /// What the operator is shown: linked plugins, then files, the broken ones last.
    pub fn views(&self) -> Vec<PluginView> {
        let linked = self.linked.iter().map(|plugin| self.linked_view(plugin));
        let loaded = self.loaded.iter().map(|file| PluginView {
            path: Some(shown(&file.path)),
            abi: Some(file.abi.clone()),
            ..view(file.plugin)
        });
        let broken = self.broken.iter().map(|broken| PluginView {
            name: file_name(&broken.path),
            version: String::new(),
            path: Some(shown(&broken.path)),
            abi: None,
            transports: Vec::new(),
            sinks: Vec::new(),
            trouble: Some(broken.problem.clone()),
        });
        linked.chain(loaded).chain(broken).collect()
    }

    /// A linked plugin, without the kinds that files have replaced.
    fn linked_view(&self, plugin: &'static PluginDef) -> PluginView {
        let mut view = view(plugin);
        let files = || self.loaded.iter().map(|file| file.plugin);
        view.transports
            .retain(|kind| !files().any(|p| p.transports.iter().any(|k| k.kind == kind)));
        view.sinks.retain(|kind| !files().any(|p| p.sinks.iter().any(|k| k.kind == kind)));
        view
    }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.views()).entries(&self.left_out).finish()
    }
}

impl From<Vec<&'static PluginDef>> for Plugins {
    fn from(linked: Vec<&'static PluginDef>) -> Self {
        Self { linked, ..Self::default() }
    }
}

impl From<&Vec<&'static PluginDef>> for Plugins {
    fn from(linked: &Vec<&'static PluginDef>) -> Self {
        linked.clone().into()
    }
}

impl From<&[&'static PluginDef]> for Plugins {
    fn from(linked: &[&'static PluginDef]) -> Self {
        linked.to_vec().into()
    }
}

impl<const N: usize> From<&[&'static PluginDef; N]> for Plugins {
    fn from(linked: &[&'static PluginDef; N]) -> Self {
        linked.to_vec().into()
    }
}

/// A plugin, for the desk and the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginView {
    /// Its name; that of the file when it could not be loaded.
    pub name: String,
    /// Its version; empty when it could not be loaded.
    pub version: String,
    /// The file it comes from; `None`: it is linked into the binary.
    pub path: Option<String>,
    /// The version of the boundary that the file speaks.
    pub abi: Option<String>,
    /// The transport kinds that are made by it.
    pub transports: Vec<String>,
    /// The sink kinds that are made by it.
    pub sinks: Vec<String>,
    /// Why it is not used, if it is not.
    pub trouble: Option<String>,
}

fn view(plugin: &PluginDef) -> PluginView {
    PluginView {
        name: plugin.name.to_owned(),
        version: plugin.version.to_owned(),
        path: None,
        abi: None,
        transports: plugin.transports.iter().map(|kind| kind.kind.to_owned()).collect(),
        sinks: plugin.sinks.iter().map(|kind| kind.kind.to_owned()).collect(),
        trouble: None,
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The last part of a path.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| shown(path), |name| name.to_string_lossy().into_owned())
}
