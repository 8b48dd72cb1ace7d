//! Every command's good answer, on the plain modem.

use crate::bench::{Bench, hex, pdus};

#[test]
fn every_command_has_its_good_answer() {
    let mut bench = Bench::new("plain");
    for (command, answer) in [("AT", "OK"), ("at", "OK"), ("ATE0V1", "OK"), ("ATZ", "ATZ|OK")] {
        let got = bench.ask(command);
        assert!(got == answer || got == answer.trim_start_matches("ATZ|"), "{command}: {got}");
    }
    let mut bench = Bench::new("plain");
    for (command, answer) in [
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
