//! A transport as its file and fixtures describe it.

use super::file::{TransportTable, settings};
use super::fixture::{Fixture, with_parameters};
use super::not_asked;
use crate::conformance::{DeviceCase, ProviderAnswers, ReportCase, TransportCase, receive};
use cordboard_plugin::{
    Address, HttpCall, OutgoingText, PluginDef, Settings, Transport, TransportKind,
};
use std::path::Path;

/// The case of one transport kind.
pub struct TransportFile {
    kind: TransportKind,
    settings: Settings,
    table: TransportTable,
    /// `genuine.http`, or `genuine_1.http` and `genuine_2.http`, and so on.
    genuine: [Option<Fixture>; 3],
    repeated: [Option<Fixture>; 2],
    report: Option<Fixture>,
    forged: Vec<Fixture>,
}

impl TransportFile {
    pub(super) fn new(
        table: TransportTable,
        folder: &Path,
        plugin: &'static PluginDef,
    ) -> Result<Self, String> {
        let kind = plugin.transports.iter().find(|kind| kind.kind == table.kind);
        let kind = *kind.ok_or_else(|| format!("the plugin has no transport `{}`", table.kind))?;
        let settings =
            settings(&table.kind, kind.settings, &table.settings, table.prices.as_ref())?;
        (kind.create)(&settings).map_err(|error| format!("`{}`: {error}", table.kind))?;
        let fixtures = folder.join(&table.fixtures);
        let find = |name: &str| Fixture::find(fixtures.join(format!("{name}.http")));
        Ok(Self {
            kind,
            settings,
            genuine: [find("genuine")?, find("genuine_1")?, find("genuine_2")?],
            repeated: [find("repeated")?, find("repeated_1")?],
            report: find("report")?,
            forged: Fixture::all(&fixtures, "forged_")?,
            table,
        })
    }

    /// An instance; the settings held when the case was made.
    pub(super) fn instance(&self) -> Box<dyn Transport> {
        match (self.kind.create)(&self.settings) {
            Ok(transport) => transport,
            Err(error) => not_asked(format!("no instance can be made any more: {error}")),
        }
    }

    /// The call, signed where calls are.
    fn signed(&self, call: HttpCall) -> HttpCall {
        match &self.table.signature {
            Some(signature) => signature.sign(call),
            None => call,
        }
    }

    /// Whether calls can be made with any words: there is a fixture with places for them.
    fn template(&self) -> Option<&Fixture> {
        self.genuine[0].as_ref().filter(|fixture| fixture.has("id"))
    }
}

impl TransportCase for TransportFile {
    fn transport(&self) -> Box<dyn Transport> {
        self.instance()
    }

    fn words(&self) -> String {
        self.table.words.clone().unwrap_or_else(|| receive::WORDS.to_owned())
    }

    fn genuine(&self, nth: u32, text: &str) -> HttpCall {
        if let Some(fixture) = self.template() {
            if text != self.words() && !fixture.has("text") {
                not_asked("no fixture genuine.http with {{text}}");
            }
            return self.signed(fixture.call(&[("id", &nth.to_string()), ("text", text)]));
        }
        if text != self.words() {
            not_asked("no fixture genuine.http with {{id}} and {{text}}");
        }
        let recorded = usize::try_from(nth).ok().and_then(|nth| self.genuine.get(nth));
        match recorded.and_then(Option::as_ref) {
            Some(fixture) => self.signed(fixture.call(&[])),
            None => not_asked(format!("no fixture genuine.http, nor genuine_{nth}.http")),
        }
    }

    fn repeated(&self, nth: u32, text: &str) -> HttpCall {
        let words = [("id", &*nth.to_string()), ("text", text)];
        match &self.repeated {
            [Some(fixture), _] => self.signed(fixture.call(&words)),
            [None, Some(fixture)] if nth == 1 => self.signed(fixture.call(&[])),
            _ => self.genuine(nth, text),
        }
    }

    fn forged(&self) -> Vec<HttpCall> {
        let words = [("id", "1"), ("text", "forged"), ("state", "delivered")];
        let mut forged: Vec<HttpCall> =
            self.forged.iter().map(|fixture| fixture.call(&words)).collect();
        if let Some(signature) = &self.table.signature {
            forged.extend(signature.forged(&self.genuine(1, &self.words())));
            let reports = self.report.iter().map(|fixture| self.signed(fixture.call(&words)));
            forged.extend(reports.flat_map(|report| signature.forged(&report)));
        }
        if forged.is_empty() {
            not_asked("no fixture forged_*.http");
        }
        forged
    }

    fn genuine_body(&self, body: Vec<u8>) -> HttpCall {
        if self.template().is_none() && self.table.signature.is_none() {
            not_asked("no fixture genuine.http with {{id}} and {{text}}");
        }
        self.signed(HttpCall { body: body.into(), ..self.genuine(1, &self.words()) })
    }

    fn genuine_with_parameters(&self, count: usize) -> HttpCall {
        if self.template().is_none() && self.table.signature.is_none() {
            not_asked("no fixture genuine.http with {{id}} and {{text}}");
        }
        self.signed(with_parameters(self.genuine(1, &self.words()), count))
    }

    fn answers(&self) -> ProviderAnswers {
        match &self.table.answers {
            Some(answers) => answers.answers(),
            None => not_asked("no [transport.answers]"),
        }
    }

    fn outgoing(&self) -> OutgoingText {
        let numbers = self.instance().capabilities().numbers;
        let written = self.table.outgoing.as_ref();
        let from = written.and_then(|text| text.from.clone()).or(numbers.into_iter().next());
        let to = written.and_then(|text| text.to.clone());
        let text = written.and_then(|text| text.text.clone());
        OutgoingText {
            key: "reply-1".to_owned(),
            from: Address::new(from.unwrap_or_default()),
            to: Address::new(to.as_deref().unwrap_or("+15550100002")),
            text: text.unwrap_or_else(|| "Hello from the conformance suite.".to_owned()),
            status_url: None,
        }
    }
}

impl ReportCase for TransportFile {
    fn report(&self, id: &str, state: &str) -> HttpCall {
        match &self.report {
            Some(fixture) => self.signed(fixture.call(&[("id", id), ("state", state)])),
            None => not_asked("no fixture report.http"),
        }
    }

    fn delivered(&self) -> String {
        match &self.table.report {
            Some(report) => report.delivered.clone(),
            None if self.report.is_none() => not_asked("no fixture report.http"),
            None => not_asked("no [transport.report]"),
        }
    }
}

impl DeviceCase for TransportFile {
    fn transport(&self) -> Box<dyn Transport> {
        self.instance()
    }
}
