//! Probing a simulated modem on a real pseudo-terminal, through the door that the core uses.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test may")]

use cordboard_modem::sim::machine::{Card, Machine};
use cordboard_modem::sim::pty::Handle;
use cordboard_modem::{Modem, pdu};
use cordboard_plugin::{Create as _, Page, Transport as _};
use cordboard_testkit::{FakeHost, START};

fn fact<'p>(page: &'p Page, label: &str) -> &'p str {
    page.facts.iter().find(|(is, _)| is == label).map_or("", |(_, value)| value)
}

/// Probes a port, again while nobody answers: on a busy machine the modem's thread may be late. With
/// further arguments only once.
fn probe(path: &str, args: &[&str]) -> Page {
    let args: Vec<String> = [path].iter().chain(args).map(|arg| (*arg).to_owned()).collect();
    let modem = Modem::unconfigured().unwrap();
    let tries = if args.len() == 1 { 10 } else { 1 };
    let pages = (0..tries).map(|_| {
        let host = FakeHost::in_real_time();
        host.drive(modem.probe(&host, &args)).unwrap()
    });
    let mut last = Page::default();
    for page in pages {
        last = page;
        if !fact(&last, "texts").is_empty() {
            break;
        }
    }
    last
}

#[test]
fn every_kind_of_modem_is_told_and_left_as_it_was() {
    for (personality, texts) in [
        ("plain", "likely: registered"),
        ("huawei", "likely: registered"),
        ("simcom", "likely: registered"),
        ("quectel", "likely: registered"),
        ("zte", "likely: registered"),
        // It knows LTE and nothing else.
        ("ublox", "perhaps: registered on LTE only"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::new(personality, Card::default()).unwrap();
        let handle = Handle::new(machine, folder.path(), START).unwrap();
        let delivering = pdu::Delivering {
            from: "+15550100123",
            text: "not read yet",
            at: START,
            reference: 0,
            wide: false,
            zone_quarters: 0,
            centre: "+15550100000",
        };
        let pdus = pdu::deliver(&delivering).unwrap();
        handle.with(|machine, now| machine.deliver(now, pdus));
        let state = |handle: &Handle| {
            handle.with(|machine, _| serde_json::to_value(machine.durable()).unwrap())
        };
        let before = state(&handle);
        let page = probe(handle.path().to_str().unwrap(), &[]);
        assert_eq!(fact(&page, "SIM"), "ready", "{personality}: {page:#?}");
        assert!(!fact(&page, "modem").is_empty(), "{personality}");
        assert_eq!(fact(&page, "texts"), texts, "{personality}: {page:#?}");
        let mut after = state(&handle);
        // The one thing it sets: that errors are numbers.
        after["settings"]["cmee"] = before["settings"]["cmee"].clone();
        for part in ["stores", "card", "settings"] {
            assert_eq!(before[part], after[part], "{personality}");
        }
    }
}

#[test]
fn a_recording_is_blanked_and_can_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let card = Card::default();
    let secrets = [card.imei.clone(), card.imsi.clone(), card.iccid.clone(), card.centre.clone()];
    let handle = Handle::new(Machine::new("simcom", card).unwrap(), folder.path(), START).unwrap();
    let file = folder.path().join("session.txt");
    let file = file.to_str().unwrap();
    // A file is never written over, so there is one try at a time.
    let path = handle.path().to_str().unwrap();
    let shown = (0..10).find_map(|_| {
        let _ = std::fs::remove_file(file);
        let page = probe(path, &["--record", file]);
        let text = std::fs::read_to_string(file).unwrap();
        // The recording goes on to the end of the start-up, on a machine that is not too busy.
        (fact(&page, "SIM") == "ready" && text.contains("> AT+CSCA?")).then_some(text)
    });
    let text = shown.unwrap();
    for secret in secrets {
        let digits = secret.trim_start_matches('+');
        assert!(!text.contains(&digits[..digits.len() - 2]), "{digits} is in:\n{text}");
    }
    let modem = Modem::unconfigured().unwrap();
    let host = FakeHost::leaping();
    let page = host.drive(modem.probe(&host, &["--replay".to_owned(), file.to_owned()])).unwrap();
    assert_eq!(fact(&page, "SIM"), "ready");
    assert_eq!(fact(&page, "texts"), "likely: registered");
}

#[test]
fn this_machine_itself_can_be_looked_at() {
    // Whatever is plugged in here is left alone: a word that is no port ends it before anything opens.
    let modem = Modem::unconfigured().unwrap();
    let host = FakeHost::leaping();
    let page = host.drive(modem.probe(&host, &["/nonexistent/ttyUSB0".to_owned()])).unwrap();
    let to_do = page.tables.iter().find(|table| table.title == "to do").unwrap();
    assert!(to_do.rows[0][0].starts_with("/nonexistent/ttyUSB0 is not there"), "{page:#?}");
}
