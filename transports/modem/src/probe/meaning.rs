//! What the answers mean.

use super::ask::Said;
use crate::at::{AtError, Fault, choices, number};
use cordboard_plugin::Address;

/// How a modem is, in words for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Modem {
    /// Maker and model.
    pub(super) name: String,
    /// Its firmware.
    pub(super) firmware: String,
    /// Its IMEI, whole: the setting `imei` wants it.
    pub(super) imei: String,
    /// The state of its SIM.
    pub(super) sim: String,
    /// Signal strength.
    pub(super) signal: String,
    /// Where it is registered.
    pub(super) network: String,
    /// How full its store is.
    pub(super) store: String,
    /// Its message centre.
    pub(super) centre: String,
    /// Its own number, as the SIM has it.
    pub(super) number: String,
    /// Whether texts seem possible.
    pub(super) texts: Texts,
    /// What else to do.
    pub(super) advice: Vec<(String, String)>,
}

/// Whether texts over this modem seem possible, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// Nothing speaks against it.
    Likely(&'static str),
    /// It depends: what on, and what to do.
    Perhaps(&'static str, &'static str),
    /// Not as it is: why, and what to do.
    No(&'static str, &'static str),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Perhaps("not known", "probe again in a minute")
    }
}

impl Texts {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Likely(why) => format!("likely: {why}"),
            Self::Perhaps(why, _) => format!("perhaps: {why}"),
            Self::No(why, _) => format!("no: {why}"),
        }
    }

    /// What to do, when there is something.
    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Likely(_) => None,
            Self::Perhaps(_, hint) | Self::No(_, hint) => Some(hint),
        }
    }
}

/// Reads everything that was said.
pub(super) fn modem(said: &Said) -> Modem {
    let card = card(said);
    let texts = texts(said, &card);
    let mut modem = Modem {
        name: name(said),
        firmware: said.bare("AT+CGMR"),
        imei: said.bare("AT+CGSN"),
        sim: card.words().to_owned(),
        signal: signal(said),
        network: network(said),
        store: store(said).map_or_else(String::new, |store| store.words()),
        centre: centre(said),
        number: own_number(said),
        advice: Vec::new(),
        texts,
    };
    modem.advice = advice(said, &modem);
    modem
}

/// Maker and model, without saying the maker twice.
fn name(said: &Said) -> String {
    let (maker, model) = (said.bare("AT+CGMI"), said.bare("AT+CGMM"));
    if model.to_lowercase().starts_with(&maker.to_lowercase()) {
        return model;
    }
    format!("{maker} {model}").trim().to_owned()
}

/// The state of the SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Card {
    Ready,
    Pin,
    Puk,
    None,
    Busy,
    Broken,
    Unknown,
}

impl Card {
    fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Pin => "wants its PIN",
            Self::Puk => "locked, wants its PUK",
            Self::None => "no card",
            Self::Busy => "busy",
            Self::Broken => "fails",
            Self::Unknown => "not known",
        }
    }
}

fn card(said: &Said) -> Card {
    if let Some(AtError::Fault(fault)) = said.error("AT+CPIN?") {
        return match fault {
            Fault::Cme(10) | Fault::Cms(310) => Card::None,
            Fault::Cme(13 | 15) | Fault::Cms(313 | 315) => Card::Broken,
            Fault::Cme(14) | Fault::Cms(314 | 515) | Fault::Cme(515) => Card::Busy,
            _ => Card::Unknown,
        };
    }
    match said.fields("AT+CPIN?").first().map(String::as_str) {
        Some("READY") => Card::Ready,
        Some("SIM PIN" | "SIM PIN2") => Card::Pin,
        Some("SIM PUK" | "SIM PUK2") => Card::Puk,
        Some("NOT INSERTED" | "SIM REMOVED") => Card::None,
        Some("NOT READY") => Card::Busy,
        _ => Card::Unknown,
    }
}

/// TS 27.007 8.5: 0 is -113 dBm or less, each step 2 dBm, 31 is -51 dBm or more, 99 not known.
fn signal(said: &Said) -> String {
    match number(&said.fields("AT+CSQ"), 0) {
        Some(rssi @ 0..=31) => format!("{} dBm", 2 * rssi - 113),
        Some(99) => "not measured".to_owned(),
        _ => String::new(),
    }
}

/// Registration as `+CREG?` and `+CEREG?` say it (TS 27.007 7.2, 10.1.22): the state and, when it is
/// given, the kind of network.
fn registration(said: &Said, command: &str) -> Option<(i64, Option<i64>)> {
    // A line of the same name may come unasked in between: its second field is a cell.
    let lines = said.lines(command).iter().rev();
    let mut states = lines.filter_map(|line| {
        let fields = crate::at::fields(line);
        let state = number(&fields, 1).filter(|state| (0..=20).contains(state))?;
        Some((state, number(&fields, 4)))
    });
    states.next()
}

fn is_home_or_roaming(state: Option<(i64, Option<i64>)>) -> bool {
    matches!(state, Some((1 | 5, _)))
}

fn is_for_texts_only(state: Option<(i64, Option<i64>)>) -> bool {
    matches!(state, Some((6 | 7, _)))
}

fn state_words(state: i64) -> &'static str {
    match state {
        1 => "home",
        5 => "roaming",
        6 => "home, for texts only",
        7 => "roaming, for texts only",
        9 | 10 => "without calls",
        2 => "searching",
        3 => "denied",
        8 => "emergency calls only",
        0 => "not registered",
        _ => "not known",
    }
}

/// TS 27.007 7.3.
fn kind_words(kind: i64) -> &'static str {
    match kind {
        0 | 1 | 3 | 8 => "2G",
        2 | 4 | 5 | 6 => "3G",
        7 | 10 => "LTE",
        9 => "NB-IoT",
        11..=13 => "5G",
        _ => "an unknown network",
    }
}

fn network(said: &Said) -> String {
    let (calls, lte) = (registration(said, "AT+CREG?"), registration(said, "AT+CEREG?"));
    let operator = said.fields("AT+COPS?");
    let kind = number(&operator, 3)
        .or_else(|| calls.and_then(|(_, kind)| kind))
        .or_else(|| lte.and_then(|(_, kind)| kind))
        .map(kind_words);
    let state = if is_home_or_roaming(lte) && !is_home_or_roaming(calls) {
        lte.map(|(state, _)| format!("{} (LTE only)", state_words(state)))
    } else {
        calls.or(lte).map(|(state, _)| state_words(state).to_owned())
    };
    let name = operator.get(2).cloned().filter(|name| !name.is_empty());
    let parts = [state, name, kind.map(str::to_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// How full the store for reading is.
struct Store {
    memory: String,
    used: i64,
    total: i64,
}

impl Store {
    fn words(&self) -> String {
        format!("{} of {} in {}", self.used, self.total, self.memory)
    }

    fn is_nearly_full(&self) -> bool {
        self.total > 0 && self.used * 100 >= self.total * FULL_PERCENT
    }
}

fn store(said: &Said) -> Option<Store> {
    let fields = said.fields("AT+CPMS?");
    let (used, total) = (number(&fields, 1)?, number(&fields, 2)?);
    Some(Store { memory: fields.first()?.clone(), used, total })
}

fn centre(said: &Said) -> String {
    let fields = said.fields("AT+CSCA?");
    match fields.first() {
        Some(number) if number.is_empty() => "none".to_owned(),
        Some(number) => Address::from(number.as_str()).to_string(),
        None => String::new(),
    }
}

fn own_number(said: &Said) -> String {
    let fields = said.fields("AT+CNUM");
    let number = fields.get(1).filter(|number| !number.is_empty());
    number.map_or_else(String::new, |number| Address::from(number.as_str()).to_string())
}

fn texts(said: &Said, card: &Card) -> Texts {
    match card {
        Card::Ready => {}
        Card::Pin => {
            return Texts::No(
                "the SIM wants its PIN",
                "set `sim_pin`, or turn the PIN off in a phone",
            );
        }
        Card::Puk => {
            return Texts::No(
                "the SIM is locked",
                "put it into a phone and enter its PUK; ten wrong ones destroy it",
            );
        }
        Card::None => return Texts::No("there is no SIM", "put one in, the right way round"),
        Card::Broken => return Texts::No("the SIM fails", "clean it, or try it in a phone"),
        Card::Busy | Card::Unknown => {
            return Texts::Perhaps("the SIM is not ready", "probe again in a minute");
        }
    }
    let modes = said.lines("AT+CMGF=?").last().map(|line| choices(line));
    let has_pdus = modes.is_none_or(|modes| modes.first().is_none_or(|m| m.contains(&"0".into())));
    if !has_pdus {
        return Texts::No("it has no PDU mode", "take another modem");
    }
    by_registration(said)
}

fn by_registration(said: &Said) -> Texts {
    const LTE_ONLY: &str = "texts reach it only where its carrier serves SMS over LTE to such a \
                            device: ask the carrier, try AT+CGSMS=2 or 3, or let a phone text it";
    const WAIT: &str = "probe again in a minute; look at the antenna and at where it stands";
    const DENIED: &str = "ask the carrier whether this SIM may be used in this modem (its IMEI may \
                          be barred, or its networks may be switched off)";
    let (calls, lte) = (registration(said, "AT+CREG?"), registration(said, "AT+CEREG?"));
    if is_for_texts_only(calls) || is_for_texts_only(lte) {
        return Texts::Likely("registered for texts");
    }
    if is_home_or_roaming(calls) {
        return Texts::Likely("registered");
    }
    if is_home_or_roaming(lte) {
        return Texts::Perhaps("registered on LTE only", LTE_ONLY);
    }
    let states = [calls, lte].map(|state| state.map(|(state, _)| state));
    if states.contains(&Some(9)) || states.contains(&Some(10)) {
        return Texts::Perhaps("registered without calls", LTE_ONLY);
    }
    if states.contains(&Some(3)) {
        return Texts::No("the network denies it", DENIED);
    }
    if states.contains(&Some(8)) {
        return Texts::No("emergency calls only", DENIED);
    }
    if states.contains(&Some(2)) {
        return Texts::Perhaps("still searching for a network", WAIT);
    }
    if states == [None, None] {
        return Texts::default();
    }
    Texts::No("not registered", WAIT)
}

/// From so many used slots of a hundred on, a store is as good as full.
const FULL_PERCENT: i64 = 80;
/// Below it a signal is weak, in steps of `+CSQ` (-103 dBm).
const WEAK: i64 = 5;

fn advice(said: &Said, modem: &Modem) -> Vec<(String, String)> {
    let mut advice = Vec::new();
    let mut add = |what: String, hint: &str| advice.push((what, hint.to_owned()));
    if let Some(hint) = modem.texts.hint() {
        add(format!("texts: {}", modem.texts.words()), hint);
    }
    if number(&said.fields("AT+CSQ"), 0).is_some_and(|rssi| rssi < WEAK) {
        add(format!("the signal is weak: {}", modem.signal), "move the antenna, or add one");
    }
    if modem.centre == "none" {
        add(
            "no message centre is set: texts come in, but none goes out".to_owned(),
            "put the SIM into a phone once, or set AT+CSCA to what the carrier names",
        );
    }
    if let Some(store) = store(said).filter(Store::is_nearly_full) {
        add(
            format!("the store is nearly full: {}", store.words()),
            "nothing arrives while it is full; the bridge takes what is there and empties it \
             unless `store` is `keep`",
        );
    }
    if said.handed_over > 0 {
        add(
            "a message came while this looked, and this modem does not store them: it is lost"
                .to_owned(),
            "the bridge sets that right when it starts (+CNMI); probe no modem that is awaited",
        );
    }
    advice
}
