//! A sink as its file describes it.

use super::file::{SinkTable, settings};
use super::not_asked;
use crate::conformance::{ProviderAnswers, SinkCase};
use cordboard_plugin::{
    Credential, Draft, Media, PluginDef, RemoteAccount, Secret, Settings, Sink, SinkKind,
};
use std::path::Path;

/// The case of one sink kind.
pub struct SinkFile {
    kind: SinkKind,
    settings: Settings,
    table: SinkTable,
    picture: Option<Media>,
}

impl SinkFile {
    pub(super) fn new(
        table: SinkTable,
        folder: &Path,
        plugin: &'static PluginDef,
    ) -> Result<Self, String> {
        let kind = plugin.sinks.iter().find(|kind| kind.kind == table.kind);
        let kind = *kind.ok_or_else(|| format!("the plugin has no sink `{}`", table.kind))?;
        let settings =
            settings(&table.kind, kind.settings, &table.settings, table.prices.as_ref())?;
        (kind.create)(&settings).map_err(|error| format!("`{}`: {error}", table.kind))?;
        let picture = table.media.as_ref().map(|media| {
            let path = folder.join(&media.file);
            let bytes = std::fs::read(&path);
            let bytes = bytes.map_err(|error| format!("{}: {error}", path.display()))?.into();
            Ok::<_, String>(Media {
                media_type: media.media_type.clone(),
                bytes,
                alt: media.alt.clone(),
            })
        });
        Ok(Self { kind, settings, picture: picture.transpose()?, table })
    }

    /// An instance; the settings held when the case was made.
    pub(super) fn instance(&self) -> Box<dyn Sink> {
        match (self.kind.create)(&self.settings) {
            Ok(sink) => sink,
            Err(error) => not_asked(format!("no instance can be made any more: {error}")),
        }
    }
}

impl SinkCase for SinkFile {
    fn sink(&self) -> Box<dyn Sink> {
        self.instance()
    }

    fn answers(&self) -> ProviderAnswers {
        match &self.table.answers {
            Some(answers) => answers.answers(),
            None => not_asked("no [sink.answers]"),
        }
    }

    fn credential(&self) -> Credential {
        let accepted = self.instance().capabilities().credentials.into_iter().next();
        let written = self.table.credential.as_ref();
        if accepted.is_some() && written.is_none() {
            not_asked("no [sink.credential]");
        }
        let (kind, realm) = accepted.map(|kind| (kind.kind, kind.realm)).unwrap_or_default();
        let id = written.and_then(|credential| credential.account_id.clone());
        let handle = written.and_then(|credential| credential.handle.clone());
        Credential {
            kind,
            realm,
            secret: Secret::new(written.map_or("", |credential| &credential.secret)),
            account: RemoteAccount {
                id: id.unwrap_or_else(|| "1".to_owned()),
                handle: handle.unwrap_or_else(|| "@someone".to_owned()),
            },
        }
    }

    fn upload_answers(&self) -> ProviderAnswers {
        match &self.table.upload_answers {
            Some(answers) => answers.answers(),
            None => not_asked("no [sink.upload_answers]"),
        }
    }

    fn media(&self) -> Media {
        self.picture.clone().unwrap_or_else(|| not_asked("no [sink.media]"))
    }

    fn draft(&self) -> Draft {
        let text = self.table.draft.as_ref().map(|draft| draft.text.clone());
        let text = text.unwrap_or_else(|| "Hello from the conformance suite.".to_owned());
        Draft { text, media_types: Vec::new(), thread: true }
    }
}
