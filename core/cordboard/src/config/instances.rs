//! `[[transport]]` and `[[sink]]`: instances of the plugins' kinds.

use super::kinds::{Kind, Kinds};
use super::near;
use super::problem::Findings;
use super::row::{Absent, Owner, Row};
use super::secrets::SecretRef;
use super::{Surroundings, list, tables};
use cordboard_engine::InstanceConfig;
use cordboard_plugin::{Conversation, Setting, SettingKind, Settings, SettingsError, SimPlace};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// Names that would collide with addresses of ours, below `/sandbox` and `/link`.
const RESERVED: &[&str] = &["api", "assets", "link", "phone", "sandbox", "static", "text", "view"];

/// What instances are told about the bridge.
pub(crate) struct Place {
    pub(crate) public_url: String,
    pub(crate) public: bool,
    pub(crate) catch_up_hours: u32,
}

/// An instance, and what it says of itself when it could be made.
pub(crate) struct Found {
    pub(crate) config: InstanceConfig,
    /// Who talks with the people of its route (sinks).
    pub(crate) conversation: Option<Conversation>,
    /// Whether it takes pictures (sinks).
    pub(crate) takes_pictures: Option<bool>,
    /// Whether nothing at hand offers its kind, while a plugin's file is broken that may.
    pub(crate) missing: bool,
}

/// One of the two families and how its tables look.
struct Family<'a> {
    word: &'static str,
    keys: &'static [Setting],
    prices: &'static [Setting],
    kinds: Vec<Kind>,
    from: Kinds<'a>,
    surroundings: &'a Surroundings<'a>,
    place: &'a Place,
}

pub(crate) fn read(
    document: &DeTable<'_>,
    surroundings: &Surroundings<'_>,
    from: &Kinds<'_>,
    place: &Place,
    findings: &mut Findings,
) -> (Vec<Found>, Vec<Found>) {
    let transports = Family {
        word: "transport",
        keys: tables::TRANSPORT,
        prices: tables::TRANSPORT_PRICES,
        kinds: from.transports(),
        from: *from,
        surroundings,
        place,
    };
    let sinks = Family {
        word: "sink",
        keys: tables::SINK,
        prices: tables::SINK_PRICES,
        kinds: from.sinks(),
        from: *from,
        surroundings,
        place,
    };
    // Both families share addresses, so they share names.
    let mut names = Vec::new();
    let found = [&transports, &sinks].map(|family| {
        let tables = list(document, family.word);
        if tables.is_empty() && !document.contains_key(family.word) {
            let hint = format!("add `[[{}]]` with a name and a kind", family.word);
            findings.wrong(usize::MAX, format!("there is no `[[{}]]`", family.word), hint);
        }
        tables
            .into_iter()
            .enumerate()
            .map(|(at, table)| family.instance(at, table, &mut names, findings))
            .collect::<Vec<Found>>()
    });
    let [transports, sinks] = found;
    (transports, sinks)
}

impl Family<'_> {
    fn instance(
        &self,
        position: usize,
        (at, table): (usize, &DeTable<'_>),
        names: &mut Vec<String>,
        findings: &mut Findings,
    ) -> Found {
        let name = table.get("name").and_then(|name| name.get_ref().as_str()).unwrap_or_default();
        let called = if name.is_empty() { (position + 1).to_string() } else { format!("`{name}`") };
        let owner = Owner::Item(self.word, called.clone());
        let before = self.misplaced(table, &owner, findings);
        let inner: Vec<&str> = ["settings", "prices"].into_iter().chain(before).collect();
        let row = Row::read(Some(table), at, self.keys, &inner, &owner, Absent::Required, findings);
        self.check_name(&row, names, findings);
        let kind = self.kind(&row, &called, findings);
        let broken = !self.from.plugins.broken.is_empty();
        let missing = broken && row.value("kind").is_some() && self.known(&row).is_none();
        let simulate = row.flag("simulate");
        let prices = self.prices(table, &called, findings);
        let mut found = Found {
            config: InstanceConfig {
                name: name.to_owned(),
                kind: row.text("kind").to_owned(),
                simulate,
                replies: self.word != "transport" || row.flag("replies"),
                settings: Value::Object(Map::new()),
                prices,
            },
            conversation: None,
            takes_pictures: None,
            missing,
        };
        if let Some(kind) = kind {
            self.fill(kind, table, at, &row, &called, &mut found, findings);
        }
        found
    }

    /// Settings of the kind that stand beside `name` and `kind`: told where they belong.
    fn misplaced<'t>(
        &self,
        table: &'t DeTable<'_>,
        owner: &Owner,
        findings: &mut Findings,
    ) -> Vec<&'t str> {
        let written = table.get("kind").and_then(|kind| kind.get_ref().as_str());
        let Some(kind) = self.kinds.iter().find(|kind| Some(kind.name()) == written) else {
            return Vec::new();
        };
        let ours = |key: &str| self.keys.iter().any(|setting| setting.key == key);
        let theirs = |key: &str| kind.settings().iter().any(|setting| setting.key == key);
        let mut misplaced = Vec::new();
        for key in table.keys().filter(|key| theirs(key.get_ref()) && !ours(key.get_ref())) {
            let message = format!("{} stands in the wrong table", owner.key(key.get_ref()));
            let hint = format!("move it below `[{}.settings]`", self.word);
            findings.wrong(key.span().start, message, hint);
            misplaced.push(key.get_ref().as_ref());
        }
        misplaced
    }

    fn check_name(&self, row: &Row, names: &mut Vec<String>, findings: &mut Findings) {
        let (name, at) = (row.text("name"), row.at("name"));
        if row.value("name").is_none() {
            return;
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=32).contains(&name.len()) || !name.chars().all(fits) {
            let message = format!("`{name}` cannot be the name of a {}", self.word);
            findings.wrong(at, message, "a name has 1 to 32 of a-z, 0-9 and `-`");
        } else if RESERVED.contains(&name) {
            let message = format!(
                "`{name}` cannot be the name of a {}: an address of ours has it",
                self.word
            );
            findings.wrong(at, message, format!("take another, `{name}-1` for example"));
        } else if names.iter().any(|known| known == name) {
            let message = format!("two instances have the name `{name}`");
            let hint =
                "names stand in addresses and logs, so transports and sinks share them; rename one";
            findings.wrong(at, message, hint);
        }
        names.push(name.to_owned());
    }

    fn kind(&self, row: &Row, called: &str, findings: &mut Findings) -> Option<Kind> {
        row.value("kind")?;
        let (word, wrong, at) = (self.word, row.text("kind"), row.at("kind"));
        let Some(kind) = self.known(row) else {
            // Otherwise it may be one of a broken file's: then the instance is left out.
            if self.from.plugins.broken.is_empty() {
                let message = format!("`{wrong}` is not a kind of {word}");
                findings.wrong(at, message, self.from.hint(self.surroundings, word, wrong));
            }
            return None;
        };
        if row.flag("simulate") && kind.plugin().simulator.is_none() {
            let (why, hint) = if self.from.is_from_file(kind) {
                let why = "its plugin comes from a file, and files bring no simulator";
                (
                    why.to_owned(),
                    "remove `simulate`; a binary that has the kind built in can simulate",
                )
            } else {
                let why = format!("this build has no simulator of `{wrong}`");
                (why, "build with feature `sim`, or remove `simulate`")
            };
            let message = format!("{word} {called} cannot be simulated: {why}");
            findings.wrong(row.at("simulate"), message, hint);
            return None;
        }
        Some(kind)
    }

    /// The kind that a row names, if a plugin at hand offers it.
    fn known(&self, row: &Row) -> Option<Kind> {
        let written = row.text("kind");
        self.kinds.iter().copied().find(|kind| kind.name() == written)
    }

    fn prices(&self, table: &DeTable<'_>, called: &str, findings: &mut Findings) -> Value {
        let owner = Owner::Prices(self.word, called.to_owned());
        match inner(table, "prices", self.word, called, findings) {
            (None, _) => Value::Null,
            (prices, at) => {
                Row::read(prices, at, self.prices, &[], &owner, Absent::Left, findings).into_json()
            }
        }
    }

    /// Reads the settings by the kind's own declaration, and makes the instance once to hear what
    /// the plugin itself says to them. That needs no host: nothing is called.
    #[expect(clippy::too_many_arguments, reason = "all belong to one table that is being read")]
    fn fill(
        &self,
        kind: Kind,
        table: &DeTable<'_>,
        at: usize,
        row: &Row,
        called: &str,
        found: &mut Found,
        findings: &mut Findings,
    ) {
        let simulate = row.flag("simulate");
        let owner = Owner::Settings(self.word, called.to_owned());
        let (settings, settings_at) = inner(table, "settings", self.word, called, findings);
        // `[transport.setings]` is told once, not as all that is missing without it.
        let slip = |key: &str| near::nearest(key, &["settings"]).is_some();
        let misspelt = settings.is_none() && table.keys().any(|key| slip(key.get_ref()));
        let absent = if simulate || misspelt { Absent::Filled } else { Absent::Required };
        let settings_at = if settings.is_some() { settings_at } else { at };
        let mut was_clean = Findings::default();
        let mut settings =
            Row::read(settings, settings_at, kind.settings(), &[], &owner, absent, &mut was_clean);
        self.resolve(kind, &mut settings, &owner, simulate, &mut was_clean);
        let clean = was_clean.clean();
        findings.append(was_clean);
        found.config.settings = settings.clone().into_json();
        if !clean || misspelt {
            return;
        }
        let mut values = found.config.settings.clone();
        if simulate {
            self.lay_over(kind, &found.config, &mut values);
        }
        let ready = Settings {
            name: found.config.name.clone(),
            values,
            prices: found.config.prices.clone(),
            public: self.place.public,
            catch_up_hours: self.place.catch_up_hours,
        };
        if let Err(SettingsError { key, problem }) = kind.make(&ready, found) {
            let message = format!("{}: {problem}", owner.key(&key));
            findings.wrong(settings.at(&key), message, "");
        }
    }

    /// Puts what is there in the place of `env:` and `file:`. Of a simulated instance they are left
    /// out: it needs no secrets.
    fn resolve(
        &self,
        kind: Kind,
        row: &mut Row,
        owner: &Owner,
        simulate: bool,
        findings: &mut Findings,
    ) {
        for setting in kind.settings() {
            if !matches!(
                setting.kind,
                SettingKind::Text | SettingKind::Secret | SettingKind::SecretTable
            ) {
                continue;
            }
            let (Some(value), at) = (row.value(setting.key).cloned(), row.at(setting.key)) else {
                continue;
            };
            let mut real = |text: &str| match SecretRef::parse(text, &self.surroundings.folder) {
                None => Some(text.to_owned()),
                Some(_) if simulate => None,
                Some(place) => {
                    let what = owner.key(setting.key);
                    let found = place.resolve(self.surroundings.environment, &what);
                    found
                        .map(|secret| secret.reveal().to_owned())
                        .map_err(|unresolved| {
                            findings.unresolved(at, unresolved);
                        })
                        .ok()
                }
            };
            let resolved = match &value {
                Value::Object(entries) => {
                    let real = |(key, value): (&String, &Value)| {
                        Some((key.clone(), Value::from(real(value.as_str()?)?)))
                    };
                    Some(Value::Object(entries.iter().filter_map(real).collect()))
                }
                other => other.as_str().and_then(real).map(Value::from),
            };
            row.replace(setting.key, resolved);
        }
    }

    /// The simulator's own settings win over the written ones, as in the engine.
    fn lay_over(&self, kind: Kind, config: &InstanceConfig, values: &mut Value) {
        let Some(simulator) = kind.plugin().simulator else { return };
        let base = &self.place.public_url;
        let hook = if self.word == "transport" {
            format!("{base}/hooks/{}", config.name)
        } else {
            String::new()
        };
        let place =
            SimPlace { base_url: format!("{base}/sandbox/{}", config.name), hook_url: hook };
        let over = simulator().settings(kind.name(), &place);
        if let (Value::Object(values), Value::Object(over)) = (values, over) {
            values.extend(over);
        }
    }
}

/// A table inside an instance's table, and its byte.
fn inner<'d, 'i>(
    table: &'d DeTable<'i>,
    name: &str,
    word: &str,
    called: &str,
    findings: &mut Findings,
) -> (Option<&'d DeTable<'i>>, usize) {
    let Some(found) = table.get(name) else { return (None, 0) };
    let at = found.span().start;
    if let DeValue::Table(table) = found.get_ref() {
        return (Some(table), at);
    }
    let message = format!("`{name}` of {word} {called} must be a table");
    findings.wrong(at, message, format!("write `[{word}.{name}]` below the instance's own keys"));
    (None, at)
}
