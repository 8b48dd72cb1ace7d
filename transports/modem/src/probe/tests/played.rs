//! Every recorded session, played to a probe and to a start-up.

use super::{Behind, Bench, folder, same_as, shown, transcript};
use crate::at::Channel;
use crate::find::tests::tree::{Machine, serial};
use crate::line::start_up;
use crate::probe::replay::Replay;
use cordboard_plugin::Page;
use cordboard_testkit::FakeHost;

const SESSIONS: &[&str] = &[
    "huawei_e3372_stick",
    "simcom_sim7600",
    "quectel_ec25_lte_only",
    "zte_mf_stick_full",
    "sim800_hat_wants_pin",
];

fn probed(name: &'static str) -> Page {
    let machine = Machine::new();
    machine.stick("1-1", "12d1:1506", ["", "Stick", ""], &[serial(0x02, "ttyUSB0")]);
    let bench = Bench::new(machine, &[("ttyUSB0", Behind::Modem(name))]);
    let page = bench.probe(&["ttyUSB0"]).unwrap();
    assert_eq!(bench.unknown(), Vec::<String>::new(), "{name} lacks answers");
    let page_text = bench.shown(&page);
    same_as(name, &page_text);
    page
}

#[track_caller]
fn check(name: &'static str, texts: &str, to_do: &[&str]) {
    let page = probed(name);
    let fact = page.facts.iter().find(|(label, _)| label == "texts").unwrap();
    assert_eq!(fact.1, texts);
    let rows = page.tables.iter().find(|table| table.title == "to do").map(|table| &table.rows);
    let rows: Vec<&str> = rows.into_iter().flatten().map(|row| row[0].as_str()).collect();
    assert_eq!(rows.len(), to_do.len(), "{rows:?}");
    for (row, part) in rows.iter().zip(to_do) {
        assert!(row.contains(part), "{part} is not in {row}");
    }
}

#[test]
fn a_huawei_stick_is_fit_for_texts() {
    check("huawei_e3372_stick", "likely: registered", &[]);
}

#[test]
fn a_simcom_module_registered_for_texts_only_is_fit_for_texts() {
    check("simcom_sim7600", "likely: registered for texts", &[]);
}

#[test]
fn a_module_on_lte_alone_may_be_fit_and_lacks_a_centre_and_signal() {
    let to_do = ["registered on LTE only", "the signal is weak", "no message centre"];
    check("quectel_ec25_lte_only", "perhaps: registered on LTE only", &to_do);
}

#[test]
fn a_stick_with_a_full_card_is_told_so() {
    check("zte_mf_stick_full", "likely: registered", &["the store is nearly full: 20 of 20 in SM"]);
}

#[test]
fn a_card_that_wants_its_pin_is_not_tried() {
    check("sim800_hat_wants_pin", "no: the SIM wants its PIN", &["the SIM wants its PIN"]);
}

#[test]
fn every_session_can_be_started_up() {
    for name in SESSIONS {
        let replay = Replay::new(&transcript(name));
        let unknown = replay.unknown();
        let host = FakeHost::leaping();
        let session = host.drive(async {
            let mut channel = Channel::new(Box::new(replay), &host);
            start_up(&mut channel, &host, 5_000, None).await
        });
        let session = session.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*unknown.lock().unwrap(), Vec::<String>::new(), "{name} lacks answers");
        assert_eq!(session.receives(), *name != "sim800_hat_wants_pin", "{name}");
        assert!(session.identity.imei.is_some() && session.identity.iccid.is_some(), "{name}");
        if session.receives() {
            assert!(session.notices.messages && session.notices.reports, "{name}");
            assert_eq!(session.memories.home, "SM", "{name}");
            assert_eq!(session.centre.is_some(), *name != "quectel_ec25_lte_only", "{name}");
        }
    }
}

#[test]
fn every_file_in_the_folder_is_played_and_says_where_it_is_from() {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            names.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut played: Vec<String> = SESSIONS.iter().map(|name| (*name).to_owned()).collect();
    played.sort();
    assert_eq!(names, played);
    for name in SESSIONS {
        let comments = transcript(name).comments.join(" ");
        assert!(comments.contains("Made by hand, after"), "{name}");
    }
}

#[test]
fn what_is_recorded_is_what_was_played() {
    for name in SESSIONS {
        let machine = Machine::new();
        machine.stick("1-1", "12d1:1506", ["", "Stick", ""], &[serial(0x02, "ttyUSB0")]);
        let bench = Bench::new(machine, &[("ttyUSB0", Behind::Modem(name))]);
        let file = bench.machine.at("session.txt");
        let file_name = file.to_str().unwrap();
        let before = bench.probe(&["ttyUSB0", "--record", file_name]).unwrap();
        assert!(shown(&before).contains("blanked"));
        let text = std::fs::read_to_string(&file).unwrap();
        let recorded = crate::probe::transcript::Transcript::parse(&text).unwrap();
        // A bridge finds in the recording what it finds in the original: it starts up the same.
        let played = [transcript(name), recorded].map(|transcript| {
            let host = FakeHost::leaping();
            let replay = Replay::new(&transcript);
            let unknown = replay.unknown();
            let session = host.drive(async {
                let mut channel = Channel::new(Box::new(replay), &host);
                start_up(&mut channel, &host, 5_000, None).await
            });
            assert_eq!(*unknown.lock().unwrap(), Vec::<String>::new(), "{name} lacks answers");
            format!("{:?}", session.unwrap())
        });
        assert_eq!(played[0], played[1], "{name}");
        // A second recording does not write over the first.
        assert!(bench.probe(&["ttyUSB0", "--record", file_name]).is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_transcript_is_shown_as_if_its_modem_were_here() {
    let bench = Bench::new(Machine::new(), &[]);
    let file = folder().join("simcom_sim7600.txt");
    let page = bench.probe(&["--replay", file.to_str().unwrap()]).unwrap();
    let text = shown(&page);
    for part in [
        "modem: SIMCOM INCORPORATED SIMCOM_SIM7600E-H",
        "says: Made by hand, after",
        "texts: likely",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("not in the transcript"));
    assert_eq!(bench.opened(), Vec::<String>::new());
    let short = bench.machine.at("short.txt");
    std::fs::write(&short, "cordboard modem transcript 1\n0.000 > AT\\r\n0.001 < OK\\r\n\n")
        .unwrap();
    let text = shown(&bench.probe(&["--replay", short.to_str().unwrap()]).unwrap());
    assert!(text.contains("not in the transcript: AT+CMEE=1, AT+CGMI"), "{text}");
}

#[test]
fn a_file_that_is_no_transcript_is_named_with_what_is_wrong() {
    let bench = Bench::new(Machine::new(), &[]);
    let error = bench.probe(&["--replay", "/nonexistent"]).unwrap_err();
    assert!(error.to_string().contains("/nonexistent cannot be read"), "{error}");
    let file = bench.machine.at("wrong.txt");
    std::fs::write(&file, "cordboard modem transcript 1\nwhat\n").unwrap();
    let error = bench.probe(&["--replay", file.to_str().unwrap()]).unwrap_err();
    assert!(error.to_string().contains("line 2:"), "{error}");
}
