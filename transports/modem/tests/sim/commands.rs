//! Every command's good answer, on the plain modem.

use crate::bench::{Bench, THEIRS, hex, pdus};
use cordboard_modem::pdu;

#[test]
fn every_command_has_its_good_answer() {
    let mut bench = Bench::new("plain");
    for (command, answer) in [
        ("AT", "OK"),
        ("at", "OK"),
        ("ATE0V1", "OK"),
        ("\u{1b}AT", "OK"),
        ("AT+CMEE?", "+CMEE: 1|OK"),
        ("AT+CMEE=?", "+CMEE: (0-2)|OK"),
        ("AT+CGMI", "Cordboard|OK"),
        ("AT+CGMM", "Simulated modem|OK"),
        ("AT+CGMR", "1.0|OK"),
        ("AT+CGSN", "001010123456780|OK"),
        ("AT+CIMI", "001010123456789|OK"),
        ("AT+CCID", "+CCID: 89882110000000000015|OK"),
        ("AT+CPIN?", "+CPIN: READY|OK"),
        ("AT+CREG=2;+CREG?", "+CREG: 2,1,\"00C3\",\"0001A2B3\"|OK"),
        ("AT+CEREG=2;+CEREG?", "+CEREG: 2,1,\"00C3\",\"0001A2B3\",7|OK"),
        ("AT+CSQ", "+CSQ: 18,99|OK"),
        ("AT+COPS?", "+COPS: 0,0,\"Test\",7|OK"),
        ("AT+CMGF=?", "+CMGF: (0)|OK"),
        ("AT+CMGF=0", "OK"),
        ("AT+CMGF=1", "+CMS ERROR: 303"),
        ("AT+CSMS=?", "+CSMS: (0,1)|OK"),
        ("AT+CSMS=0", "+CSMS: 1,1,1|OK"),
        ("AT+CSMS?", "+CSMS: 0,1,1,1|OK"),
        (
            "AT+CPMS=?",
            "+CPMS: (\"SM\",\"ME\",\"SR\"),(\"SM\",\"ME\",\"SR\"),(\"SM\",\"ME\",\"SR\")|OK",
        ),
        ("AT+CPMS=\"ME\",\"ME\",\"ME\"", "+CPMS: 0,50,0,50,0,50|OK"),
        ("AT+CPMS=\"SM\",\"SM\"", "+CPMS: 0,20,0,20,0,50|OK"),
        ("AT+CPMS=\"SM\",\"SM\",\"SM\"", "+CPMS: 0,20,0,20,0,20|OK"),
        ("AT+CPMS?", "+CPMS: \"SM\",0,20,\"SM\",0,20,\"SM\",0,20|OK"),
        ("AT+CPMS=\"XX\"", "+CMS ERROR: 302"),
        ("AT+CNMI=?", "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)|OK"),
        ("AT+CNMI?", "+CNMI: 0,0,0,0,0|OK"),
        ("AT+CNMI=2,1,0,1,0", "OK"),
        ("AT+CNMI?", "+CNMI: 2,1,0,1,0|OK"),
        ("AT+CNMI=3,1", "+CMS ERROR: 302"),
        ("AT+CSCA?", "+CSCA: \"+15550100000\",145|OK"),
        ("AT+CMGL=4", "OK"),
        ("AT+CMGL=?", "+CMGL: (0-4)|OK"),
        ("AT+CMGR=3", "+CMS ERROR: 321"),
        ("AT+CMGR=99", "+CMS ERROR: 321"),
        ("AT+CMGD=3", "OK"),
        ("AT+CMGD=99", "+CMS ERROR: 321"),
        ("AT+CMGS=?", "OK"),
        ("AT+CMGS=0", "+CMS ERROR: 304"),
        ("AT+CMMS=?", "+CMMS: (0-2)|OK"),
        ("AT+CMMS=2;+CMMS?", "+CMMS: 2|OK"),
        ("AT+CGSMS?", "+CGSMS: 1|OK"),
        ("AT+CSCS=\"GSM\"", "OK"),
        ("AT+CNMA", "+CMS ERROR: 340"),
        ("AT+CMSS=1", "+CMS ERROR: 321"),
        ("AT+CPAS", "+CPAS: 0|OK"),
        ("AT+CNUM", "OK"),
        ("AT+CPINR", "+CPINR: SIM PIN,3,3|+CPINR: SIM PUK,10,10|OK"),
        ("AT+CLCK=\"SC\",2", "+CLCK: 0|OK"),
        ("AT+CPIN=\"1234\"", "+CME ERROR: 3"),
        (
            "ATI",
            "Manufacturer: Cordboard|Model: Simulated modem|Revision: 1.0|IMEI: 001010123456780|OK",
        ),
        ("AT+CFUN?", "+CFUN: 1|OK"),
        ("AT+NONSENSE", "ERROR"),
        ("AT+", "ERROR"),
        ("not a command", ""),
    ] {
        assert_eq!(bench.ask(command), answer, "{command}");
    }
}

#[test]
fn a_text_is_announced_listed_read_and_deleted() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1,0,0,0");
    assert_eq!(bench.deliver("hello"), "+CMTI: \"SM\",1");
    let (pdu, octets) = (hex("hello"), pdus("hello")[0].len() - 8);
    assert_eq!(bench.ask("AT+CMGL=0"), format!("+CMGL: 1,0,,{octets}|{pdu}|OK"));
    assert_eq!(bench.ask("AT+CMGL=0"), "OK", "it is read now");
    assert_eq!(bench.ask("AT+CMGR=1"), format!("+CMGR: 1,,{octets}|{pdu}|OK"));
    assert_eq!(bench.ask("AT+CMGD=?"), "+CMGD: (1),(0-4)|OK");
    assert_eq!(bench.ask("AT+CMGD=1"), "OK");
    assert_eq!(bench.ask("AT+CMGL=4"), "OK");
}

#[test]
fn a_text_leaves_and_its_report_comes() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1,0,1,0");
    assert_eq!(bench.send("hello there"), "+CMGS: 1|OK");
    assert_eq!(bench.phones(), ["hello there"]);
    let report = bench.pass(1_500);
    assert!(report.starts_with("+CDS: "), "{report}");
    let long = "a long text that goes on ".repeat(12);
    assert_eq!(bench.send(&long), "+CMGS: 3|OK");
    assert_eq!(bench.phones(), [long]);
}

#[test]
fn errors_are_told_as_they_were_asked_for() {
    let mut bench = Bench::new("plain");
    for (level, answer) in
        [("0", "ERROR"), ("1", "+CMS ERROR: 321"), ("2", "+CMS ERROR: invalid memory index")]
    {
        bench.ask(&format!("AT+CMEE={level}"));
        assert_eq!(bench.ask("AT+CMGR=1"), answer);
    }
    bench.ask("ATV0");
    assert_eq!(bench.ask("AT"), "0");
}

#[test]
fn a_line_of_commands_ends_with_its_first_error() {
    let mut bench = Bench::new("plain");
    assert_eq!(bench.ask("AT+CSQ;+NONSENSE;+CNMI=2,1"), "+CSQ: 18,99|ERROR");
    assert_eq!(bench.ask("AT+CNMI?"), "+CNMI: 0,0,0,0,0|OK");
    assert_eq!(bench.ask("ATE1+CSQ"), "+CSQ: 18,99|OK");
    assert_eq!(bench.ask("AT+CSQ"), "AT+CSQ|+CSQ: 18,99|OK");
    bench.ask("ATZ");
    assert_eq!(bench.ask("AT"), "AT|OK", "echo is on again");
}

#[test]
fn a_prompt_is_left_by_escape_and_asks_again_after_a_line_end() {
    let mut bench = Bench::new("plain");
    let part = &submit("hello");
    let open = format!("AT+CMGS={}", part.tpdu_octets);
    bench.machine.write(bench.now, format!("{open}\r").as_bytes());
    assert_eq!(bench.machine.read(bench.now), b"\r\n> ", "without a line end");
    assert_eq!(bench.write(b"\x1b"), "OK");
    assert_eq!(bench.phones(), Vec::<String>::new());
    bench.ask(&open);
    let (first, rest) = part.hex.split_at(10);
    assert_eq!(bench.write(format!("{first}\r").as_bytes()), "> ");
    assert_eq!(bench.write(format!("{rest}\x1a").as_bytes()), "+CMGS: 1|OK");
    assert_eq!(bench.phones(), ["hello"]);
}

#[test]
fn with_echo_the_pdu_comes_back() {
    let mut bench = Bench::new("plain");
    bench.ask("ATE1");
    let part = submit("hello");
    bench.ask(&format!("AT+CMGS={}", part.tpdu_octets));
    let said = bench.write(format!("{}\x1a", part.hex).as_bytes());
    assert_eq!(said, format!("{}|+CMGS: 1|OK", part.hex));
}

#[test]
fn a_pdu_of_another_length_or_none_at_all_is_refused() {
    let mut bench = Bench::new("plain");
    let part = submit("hello");
    for (octets, body) in [
        (part.tpdu_octets + 1, part.hex.as_str()),
        (part.tpdu_octets, "no digits"),
        (5, "0000000000"),
        (part.tpdu_octets, ""),
    ] {
        bench.ask(&format!("AT+CMGS={octets}"));
        assert_eq!(bench.write(format!("{body}\x1a").as_bytes()), "+CMS ERROR: 304", "{body}");
    }
    assert_eq!(bench.phones(), Vec::<String>::new());
}

#[test]
fn what_comes_during_a_prompt_is_told_after_it() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1");
    let part = submit("hello");
    bench.ask(&format!("AT+CMGS={}", part.tpdu_octets));
    assert_eq!(bench.deliver("meanwhile"), "");
    let said = bench.write(format!("{}\x1a", part.hex).as_bytes());
    assert_eq!(said, "+CMGS: 1|OK|+CMTI: \"SM\",1");
}

#[test]
fn a_text_can_be_kept_and_sent_from_there() {
    let mut bench = Bench::new("plain");
    let part = submit("kept");
    assert_eq!(bench.ask(&format!("AT+CMGW={}", part.tpdu_octets)), "> ");
    assert_eq!(bench.write(format!("{}\x1a", part.hex).as_bytes()), "+CMGW: 1|OK");
    let listed = bench.ask("AT+CMGL=2");
    assert_eq!(listed, format!("+CMGL: 1,2,,{}|{}|OK", part.tpdu_octets, part.hex));
    assert_eq!(bench.ask("AT+CMSS=1"), "+CMSS: 1|OK");
    assert_eq!(bench.phones(), ["kept"]);
}

#[test]
fn references_go_round_after_255() {
    let mut bench = Bench::new("plain");
    for reference in (1..=255).chain([0, 1]) {
        assert_eq!(bench.send("x"), format!("+CMGS: {reference}|OK"));
    }
}

fn submit(text: &str) -> pdu::Part {
    let sending =
        pdu::Sending { to: THEIRS, text, reference: 1, wants_report: false, validity: None };
    pdu::submit(&sending).unwrap().remove(0)
}
