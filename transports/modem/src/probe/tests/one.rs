//! Probing one port.

use super::{Behind, Bench};
use crate::at::Channel;
use crate::find::tests::tree::{Machine, huawei};
use crate::probe::ask::{Said, ask};
use crate::probe::meaning::modem;
use crate::probe::replay::Replay;
use crate::probe::transcript::Transcript;
use cordboard_testkit::FakeHost;

#[test]
fn a_port_may_be_named_by_any_of_its_names_and_asked_at_any_speed() {
    for name in ["ttyUSB2", "/dev/ttyUSB2"] {
        let machine = Machine::new();
        huawei(&machine);
        let path = name.replace("/dev", &machine.at("dev").display().to_string());
        let bench = Bench::new(machine, &[("ttyUSB2", Behind::Modem("huawei_e3372_stick"))]);
        let page = bench.probe(&[&path, "--baud", "9600"]).unwrap();
        let opened = bench.opened.lock().unwrap().clone();
        assert_eq!(opened, [(bench.machine.node("ttyUSB2"), 9_600)]);
        let text = bench.shown(&page);
        assert!(text.contains("port: /dev/ttyUSB2\ndevice: Huawei HUAWEI Mobile"), "{text}");
        assert!(text.contains("kind of port: the command port of this maker"), "{text}");
        assert!(text.contains("IMEI: 000000000000017"), "{text}");
    }
}

#[test]
fn a_port_that_is_not_there_says_which_are() {
    let machine = Machine::new();
    huawei(&machine);
    let bench = Bench::new(machine, &[]);
    let page = bench.probe(&["ttyUSB7"]).unwrap();
    let text = bench.shown(&page);
    assert!(text.contains("/dev/ttyUSB7 is not there; there are /dev/ttyUSB0,"), "{text}");
}

#[test]
fn wrong_arguments_are_an_error_with_words() {
    let bench = Bench::new(Machine::new(), &[]);
    let error = bench.probe(&["--fast"]).unwrap_err();
    assert!(error.to_string().contains("`--fast` is unknown"), "{error}");
}

/// What becomes of a modem that answers as these lines say.
fn asked(lines: &str) -> (Said, FakeHost) {
    let transcript = Transcript::parse(&format!(
        "cordboard modem transcript 1\n0.000 > AT\\r\n0.001 < OK\\r\\n\n{lines}"
    ));
    let host = FakeHost::leaping();
    let mut said = Said::default();
    host.drive(async {
        let replay = Replay::new(&transcript.unwrap());
        ask(&mut Channel::new(Box::new(replay), &host), &mut said).await;
    });
    (said, host)
}

#[test]
fn a_modem_that_knows_nothing_is_still_a_modem() {
    let (said, _) = asked("");
    assert!(said.is_modem());
    let found = modem(&said);
    assert_eq!((found.name.as_str(), found.sim.as_str()), ("", "not known"));
    assert_eq!(found.texts.words(), "perhaps: the SIM is not ready");
    assert_eq!(said.refused().len(), 19);
}

#[test]
fn a_line_that_dies_is_left_with_what_was_said() {
    let (said, _) = asked(
        "0.010 > AT+CGMI\\r\n0.011 < ACME\\r\\nOK\\r\\n\n0.020 > AT+CGMM\\r\n0.021 ! the port hung up\n",
    );
    assert!(said.is_modem());
    assert_eq!(modem(&said).name, "ACME");
    assert!(said.ended.is_some_and(|error| error.to_string().contains("hung up")));
}

#[test]
fn a_message_that_is_handed_over_meanwhile_is_owned_up_to() {
    let (said, _) = asked(
        "0.010 > AT+CSQ\\r\n0.011 < +CMT: ,24\\r\\n\n0.012 < 0000000000\\r\\n\n\
         0.013 < +CSQ: 20,99\\r\\nOK\\r\\n\n0.020 > AT+CPIN?\\r\n0.021 < +CPIN: READY\\r\\nOK\\r\\n\n",
    );
    assert_eq!(said.handed_over, 1);
    let advice = modem(&said).advice;
    assert!(advice.iter().any(|(what, _)| what.contains("it is lost")), "{advice:?}");
}

/// What is thought of texts, given registration lines: circuit-switched and LTE.
#[track_caller]
fn check_texts(creg: &str, cereg: &str, expected: &str) {
    let answer = |command: &str, line: &str| {
        let line = if line.is_empty() { String::new() } else { format!("{line}\\r\\n") };
        format!("0.010 > {command}\\r\n0.011 < {line}OK\\r\\n\n")
    };
    let (said, _) = asked(
        &[answer("AT+CPIN?", "+CPIN: READY"), answer("AT+CREG?", creg), answer("AT+CEREG?", cereg)]
            .concat(),
    );
    assert_eq!(modem(&said).texts.words(), expected, "{creg} {cereg}");
}

#[test]
fn whether_texts_are_possible_follows_from_the_registration() {
    check_texts("+CREG: 0,1", "", "likely: registered");
    check_texts("+CREG: 0,5", "+CEREG: 0,0", "likely: registered");
    check_texts("+CREG: 0,0", "+CEREG: 0,7", "likely: registered for texts");
    check_texts("+CREG: 0,3", "+CEREG: 0,1", "perhaps: registered on LTE only");
    check_texts("", "+CEREG: 2,5,\"0\",\"0\",7", "perhaps: registered on LTE only");
    check_texts("+CREG: 0,9", "", "perhaps: registered without calls");
    check_texts("+CREG: 0,2", "+CEREG: 0,2", "perhaps: still searching for a network");
    check_texts("+CREG: 0,3", "+CEREG: 0,2", "no: the network denies it");
    check_texts("+CREG: 0,8", "", "no: emergency calls only");
    check_texts("+CREG: 0,0", "+CEREG: 0,4", "no: not registered");
    check_texts("", "", "perhaps: not known");
    // A line that came unasked in between names a cell as its second field.
    check_texts("+CREG: 0,1\\r\\n+CREG: 2,\"1A2B\",\"00C3\"", "", "likely: registered");
}
