//! What was found, for the operator.

use super::Outcome;
use super::ask::Said;
use super::meaning::{self, Modem};
use crate::find::{self, Candidate, Device, Kind, PortInfo, Problem, Roots, State};
use cordboard_plugin::{Page, Table};

/// The page of a whole machine.
pub(super) fn of_machine(roots: &Roots, asked: &[(Candidate, Outcome)]) -> Page {
    let devices = find::devices(roots);
    let ports = devices.iter().map(|device| device.ports.len()).sum::<usize>();
    let modems: Vec<(&Candidate, &Said, Modem)> = asked
        .iter()
        .filter_map(|(candidate, outcome)| match outcome {
            Outcome::Modem(said) => Some((candidate, said, meaning::modem(said))),
            Outcome::Problem(_) => None,
        })
        .collect();
    let facts = vec![
        ("serial ports".to_owned(), ports.to_string()),
        ("modems that answer".to_owned(), modems.len().to_string()),
    ];
    let rows = modems.iter().map(|(candidate, _, modem)| row_of(candidate, modem)).collect();
    let refused = modems.iter().flat_map(|(candidate, said, _)| {
        let refused = said.refused().into_iter();
        refused.map(|(command, why)| vec![candidate.port.path.clone(), command.to_owned(), why])
    });
    let tables = vec![
        table("modems", MODEM_COLUMNS, rows),
        table("ports", PORT_COLUMNS, port_rows(&devices, asked)),
        table("what was refused", &["port", "command", "answer"], refused.collect()),
        to_do(machine_advice(roots, asked, &modems)),
    ];
    page(facts, tables)
}

const MODEM_COLUMNS: &[&str] =
    &["port", "modem", "SIM", "signal", "network", "store", "centre", "texts"];
const PORT_COLUMNS: &[&str] =
    &["port", "device", "place", "driver", "if", "name that stays", "what it is"];

fn row_of(candidate: &Candidate, modem: &Modem) -> Vec<String> {
    vec![
        candidate.port.path.clone(),
        modem.name.clone(),
        modem.sim.clone(),
        modem.signal.clone(),
        modem.network.clone(),
        modem.store.clone(),
        modem.centre.clone(),
        modem.texts.words(),
    ]
}

/// Ports of each device in the order in which they are tried, then those that are not asked; last the
/// devices that have none.
fn port_rows(devices: &[Device], asked: &[(Candidate, Outcome)]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for device in devices {
        let first = device.candidates();
        let rest = device.ports.iter().filter(|port| first.iter().all(|one| one.port != **port));
        let ports: Vec<&PortInfo> = first.iter().map(|one| &one.port).chain(rest).collect();
        for port in ports {
            let found = asked.iter().find(|(candidate, _)| candidate.port.path == port.path);
            rows.push(port_row(device, port, found.map(|(_, outcome)| outcome)));
        }
        if device.ports.is_empty() {
            let what = shape_words(device.state()).to_owned();
            let none = String::new();
            let (words, place) = (device.words(), device.place.clone());
            rows.push(vec![none.clone(), words, place, none.clone(), none.clone(), none, what]);
        }
    }
    rows
}

fn port_row(device: &Device, port: &PortInfo, outcome: Option<&Outcome>) -> Vec<String> {
    let interface = port.interface.as_ref();
    vec![
        port.path.clone(),
        device.words(),
        device.place.clone(),
        port.driver.clone(),
        interface.map_or_else(String::new, |interface| format!("{:02}", interface.number)),
        port.stable_name(device.has_twin).to_owned(),
        what_it_is(port, outcome),
    ]
}

fn what_it_is(port: &PortInfo, outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(Outcome::Modem(_)) => "a modem answers".to_owned(),
        Some(Outcome::Problem(Problem::Silent { .. })) => "silent".to_owned(),
        Some(Outcome::Problem(Problem::Held { by: Some(by), .. })) => {
            format!("held by {}", by.name)
        }
        Some(Outcome::Problem(Problem::Held { by: None, .. })) => "held by another".to_owned(),
        Some(Outcome::Problem(Problem::Refused { .. })) => "may not be opened".to_owned(),
        Some(Outcome::Problem(_)) => "cannot be used".to_owned(),
        None if port.console => "console of this machine, not asked".to_owned(),
        None if !port.shown => "not shown to this process".to_owned(),
        None if port.kind == Kind::Adapter => "a cable, not asked: name it to ask".to_owned(),
        None => "another port of the same modem".to_owned(),
    }
}

fn shape_words(state: State) -> &'static str {
    match state {
        State::Storage => "a drive: not switched yet",
        State::Router => "a router: no AT port",
        State::Control => "MBIM or QMI: no AT port",
        State::Driverless => "no driver",
        State::Ports | State::Unknown => "",
    }
}

/// What to do, about the machine first and then about each modem. Silent ports of a stick that
/// answers on another one are as they should be.
fn machine_advice(
    roots: &Roots,
    asked: &[(Candidate, Outcome)],
    modems: &[(&Candidate, &Said, Modem)],
) -> Vec<(String, String)> {
    let mut advice: Vec<(String, String)> =
        find::advice(roots).iter().map(|problem| (problem.line(), problem.hint())).collect();
    for (candidate, outcome) in asked {
        let answered = modems.iter().any(|(modem, _, _)| modem.port.place == candidate.port.place);
        if let Outcome::Problem(problem) = outcome
            && !(answered && matches!(problem, Problem::Silent { .. }))
        {
            advice.push((problem.line(), problem.hint()));
        }
    }
    for (candidate, _, modem) in modems {
        let about = |(what, hint): &(String, String)| {
            (format!("{}: {what}", candidate.port.path), hint.clone())
        };
        advice.extend(modem.advice.iter().map(about));
    }
    advice
}

/// The page of one port.
pub(super) fn of_port(roots: &Roots, path: &str, outcome: &Outcome) -> Page {
    let devices = find::devices(roots);
    let named = |port: &PortInfo| port.path == path || port.links.iter().any(|link| link == path);
    let found = devices
        .iter()
        .find_map(|device| Some((device, device.ports.iter().find(|port| named(port))?)));
    let mut facts = vec![("port".to_owned(), path.to_owned())];
    if let Some((device, port)) = found {
        facts.push(("device".to_owned(), device.words()));
        facts.push(("place".to_owned(), device.place.clone()));
        facts.push(("driver".to_owned(), port.driver.clone()));
        facts.push(("name that stays".to_owned(), port.stable_name(device.has_twin).to_owned()));
        let why = device.candidates().into_iter().find(|one| one.port == *port).map(|one| one.why);
        facts.extend(why.map(|why| ("kind of port".to_owned(), why.to_owned())));
    }
    match outcome {
        Outcome::Problem(problem) => {
            let advice = vec![(problem.line(), problem.hint())];
            page(facts, vec![to_do(advice)])
        }
        Outcome::Modem(said) => {
            let modem = meaning::modem(said);
            facts.extend(facts_of(&modem));
            page(facts, vec![answers(said), to_do(modem.advice)])
        }
    }
}

fn facts_of(modem: &Modem) -> Vec<(String, String)> {
    let facts = [
        ("modem", &modem.name),
        ("firmware", &modem.firmware),
        ("IMEI", &modem.imei),
        ("SIM", &modem.sim),
        ("own number", &modem.number),
        ("network", &modem.network),
        ("signal", &modem.signal),
        ("store", &modem.store),
        ("message centre", &modem.centre),
        ("texts", &modem.texts.words()),
    ];
    facts.map(|(label, value)| (label.to_owned(), value.clone())).into()
}

/// Commands whose answers hold numbers; the facts have their last digits.
const PRIVATE: &[&str] = &["AT+CGSN", "AT+CSCA?", "AT+CNUM", "AT+CREG?", "AT+CEREG?"];

/// Everything that was asked and answered, but what is private.
fn answers(said: &Said) -> Table {
    let row = |(command, answer): &(&'static str, _)| {
        let answer: &Result<Vec<String>, _> = answer;
        let words = match answer {
            Ok(lines) if lines.is_empty() => "OK".to_owned(),
            Ok(_) if PRIVATE.contains(command) => "answered".to_owned(),
            Ok(lines) => lines.join(" / "),
            Err(_) => return None,
        };
        Some(vec![(*command).to_owned(), words])
    };
    let refused = said.refused().into_iter();
    let refused = refused.map(|(command, why)| vec![command.to_owned(), format!("refused: {why}")]);
    let mut rows: Vec<Vec<String>> = said.answers.iter().filter_map(row).collect();
    rows.extend(refused);
    if let Some(error) = &said.ended {
        rows.push(vec!["(ended)".to_owned(), error.to_string()]);
    }
    table("answers", &["command", "answer"], rows)
}

fn to_do(advice: Vec<(String, String)>) -> Table {
    let rows = advice.into_iter().map(|(what, hint)| vec![what, hint]).collect();
    table("to do", &["what", "how"], rows)
}

fn table(title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Table {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Table { title: title.to_owned(), columns, rows }
}

/// A page without what is empty.
fn page(mut facts: Vec<(String, String)>, mut tables: Vec<Table>) -> Page {
    facts.retain(|(_, value)| !value.is_empty());
    tables.retain(|table| !table.rows.is_empty());
    Page { facts, tables, forms: Vec::new() }
}
