//! The kinds that instances may be of, and the plugins they come from.

use super::instances::Found;
use super::{Surroundings, near, plugins};
use cordboard_engine::Plugins;
use cordboard_plugin::{PluginDef, Setting, Settings, SettingsError, SinkKind, TransportKind};
use std::path::Path;

/// A kind as its plugin declares it.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Transport(&'static PluginDef, &'static TransportKind),
    Sink(&'static PluginDef, &'static SinkKind),
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transport(_, kind) => kind.kind,
            Self::Sink(_, kind) => kind.kind,
        }
    }

    pub(crate) fn settings(self) -> &'static [Setting] {
        match self {
            Self::Transport(_, kind) => kind.settings,
            Self::Sink(_, kind) => kind.settings,
        }
    }

    pub(crate) fn plugin(self) -> &'static PluginDef {
        match self {
            Self::Transport(plugin, _) | Self::Sink(plugin, _) => plugin,
        }
    }

    /// Makes an instance to hear what the plugin says to the settings, and what it can do.
    pub(crate) fn make(self, settings: &Settings, found: &mut Found) -> Result<(), SettingsError> {
        match self {
            Self::Transport(_, kind) => {
                (kind.create)(settings)?;
            }
            Self::Sink(_, kind) => {
                let capabilities = (kind.create)(settings)?.capabilities();
                found.conversation = Some(capabilities.conversation);
                found.takes_pictures = Some(!capabilities.media_types.is_empty());
            }
        }
        Ok(())
    }
}

/// Where kinds come from.
#[derive(Clone, Copy)]
pub(crate) struct Kinds<'a> {
    pub(crate) plugins: &'a Plugins,
    /// Where more may lie.
    pub(crate) folder: &'a Path,
}

impl Kinds<'_> {
    /// The transport kinds. Of two that have the same name the first is meant.
    pub(crate) fn transports(&self) -> Vec<Kind> {
        let kinds = |p: &'static PluginDef| p.transports.iter().map(move |k| Kind::Transport(p, k));
        first(self.plugins.all().flat_map(kinds))
    }

    /// The sink kinds, likewise.
    pub(crate) fn sinks(&self) -> Vec<Kind> {
        let kinds = |p: &'static PluginDef| p.sinks.iter().map(move |kind| Kind::Sink(p, kind));
        first(self.plugins.all().flat_map(kinds))
    }

    /// Whether a kind's plugin comes from a file.
    pub(crate) fn is_from_file(&self, kind: Kind) -> bool {
        self.plugins.loaded.iter().any(|file| std::ptr::eq(file.plugin, kind.plugin()))
    }

    /// Which kind may be meant, or which file would bring it.
    pub(crate) fn hint(&self, surroundings: &Surroundings<'_>, word: &str, wrong: &str) -> String {
        plugins::offers(surroundings.open, self.folder, self.plugins, word, wrong).unwrap_or_else(
            || {
                let known = if word == "sink" { self.sinks() } else { self.transports() };
                let hint = near::hint(wrong, known.iter().map(|kind| kind.name()));
                let none = "there is no plugin; `[[plugin]]` brings one from a file";
                if hint.is_empty() { none.to_owned() } else { hint }
            },
        )
    }
}

fn first(all: impl Iterator<Item = Kind>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in all {
        if kinds.iter().all(|known| known.name() != kind.name()) {
            kinds.push(kind);
        }
    }
    kinds
}
