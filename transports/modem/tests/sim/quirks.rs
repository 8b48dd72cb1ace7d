//! Each personality's own ways.

use crate::bench::{Bench, START, THEIRS};
use cordboard_modem::sim::machine::Machine;

#[test]
fn every_personality_receives_and_sends() {
    for name in Machine::personalities() {
        let mut bench = Bench::new(name);
        bench.deliver("hello");
        let listed = ["SM", "ME"].map(|memory| {
            bench.ask(&format!("AT+CPMS=\"{memory}\",\"{memory}\",\"{memory}\";+CMGL=4"))
        });
        assert!(listed.join("|").contains("+CMGL: "), "{name}: {listed:?}");
        assert!(bench.send("hello").starts_with("+CMGS: 1"), "{name}");
    }
    assert!(Machine::new("other", Default::default()).is_none());
}

#[test]
fn identities_come_bare_or_with_their_name() {
    for (name, command, answer) in [
        ("huawei", "AT+CGMM", "E173|OK"),
        ("simcom", "AT+CGMR", "+CGMR: LE20B04SIM7600M22|OK"),
        ("simcom_a7670", "AT+CGMI", "+CGMI: SIMCOM INCORPORATED|OK"),
        ("quectel", "AT+CGMI", "Quectel|OK"),
        ("quectel", "AT+QCCID", "+QCCID: 89882110000000000015|OK"),
        ("simcom", "AT+CICCID", "+ICCID: 89882110000000000015|OK"),
        ("simcom_sim7000", "AT+CCID", "89882110000000000015|OK"),
        ("huawei", "AT^ICCID?", "^ICCID: 89882110000000000015|OK"),
        ("zte", "AT+ZGETICCID", "+ZGETICCID: 89882110000000000015|OK"),
        ("ublox", "AT+CCID", "+CCID: 89882110000000000015|OK"),
        ("huawei", "AT+CCID", "COMMAND NOT SUPPORT"),
        ("simcom", "AT+QCCID", "ERROR"),
    ] {
        assert_eq!(Bench::new(name).ask(command), answer, "{name} {command}");
    }
}

#[test]
fn notifications_are_refused_where_they_are_in_life() {
    for (name, wanted, answer) in [
        ("plain", "2,1,0,1,0", "OK"),
        ("quectel", "2,1,0,1,0", "OK"),
        ("huawei", "2,1,0,1,0", "+CMS ERROR: 303"),
        ("huawei", "2,1,0,2,0", "OK"),
        ("huawei", "2,1,0,2,0,1", "TOO MANY PARAMETERS"),
        ("huawei_e3531", "2,1,0,2,0", "+CMS ERROR: 303"),
        ("huawei_e3531", "2,0,0,2,1", "OK"),
        ("simcom", "2,1,0,1,0", "+CMS ERROR: 303"),
        ("simcom", "2,1,0,0,0", "OK"),
        ("simcom_a7670", "2,1,0,1,0", "+CMS ERROR: 302"),
        ("simcom_a7670", "2,1,0,2,0", "OK"),
    ] {
        assert_eq!(Bench::new(name).ask(&format!("AT+CNMI={wanted}")), answer, "{name} {wanted}");
    }
    let offered = |name| Bench::new(name).ask("AT+CNMI=?");
    assert!(offered("simcom").contains("(0,1,2),(0,1)"), "offered, and refused all the same");
    assert!(offered("simcom_a7670").contains("(0,2),(0,1)"));
}

#[test]
fn nothing_is_answered_in_three_ways() {
    for (name, read, delete, list) in [
        ("plain", "+CMS ERROR: 321", "OK", "OK"),
        ("quectel", "OK", "+CMS ERROR: 321", "OK"),
        ("simcom_a7670", "ERROR", "ERROR", "OK"),
        ("zte", "+CMS ERROR: 321", "OK", "+CMS ERROR: 321"),
    ] {
        let mut bench = Bench::new(name);
        assert_eq!(bench.ask("AT+CMGR=3"), read, "{name}");
        assert_eq!(bench.ask("AT+CMGD=3"), delete, "{name}");
        assert_eq!(bench.ask("AT+CMGL=4"), list, "{name}");
    }
}

#[test]
fn texts_are_announced_as_each_does() {
    for (name, notify, said) in [
        ("plain", "2,1,0,0,0", "+CMTI: \"SM\",1"),
        ("plain", "0,1,0,0,0", ""),
        ("plain", "2,0,0,0,0", ""),
        ("quectel", "2,1,0,0,0", "+CMTI: \"ME\",0"),
        ("simcom_sim7000", "2,1,0,0,0", "+CMTI: \"\",-1"),
        ("huawei_e3531", "2,0,0,2,1", ""),
    ] {
        let mut bench = Bench::new(name);
        assert_eq!(bench.ask(&format!("AT+CNMI={notify}")), "OK");
        assert_eq!(bench.deliver("hello"), said, "{name} {notify}");
    }
}

#[test]
fn a_stick_makes_noise_until_it_is_hushed() {
    let mut bench = Bench::new("huawei");
    bench.ask("AT+CNMI=2,1");
    let noise = bench.pass(9_500);
    assert_eq!(noise.split('|').count(), 3, "{noise}");
    assert!(noise.split('|').all(|line| line.starts_with('^')), "{noise}");
    for _ in 0..5 {
        bench.deliver("hello");
    }
    let listed = bench.ask("AT+CMGL=4");
    let noise = listed.split('|').filter(|line| line.starts_with('^')).count();
    assert_eq!(noise, 2, "in the middle of an answer: {listed}");
    assert_eq!(bench.ask("AT^CURC=0"), "OK");
    assert_eq!(bench.pass(60_000), "");
    assert_eq!(bench.deliver("hello"), "", "announcements stopped too");
    let mut bench = Bench::new("zte");
    bench.ask("AT+CNMI=2,1;+ZOPRT=5");
    assert_eq!(bench.pass(60_000), "");
    assert_eq!(bench.deliver("hello"), "+CMTI: \"ME\",0");
    assert_eq!(Bench::new("plain").pass(600_000), "");
}

#[test]
fn noise_does_not_pile_up_while_nobody_looks() {
    let mut bench = Bench::new("huawei");
    bench.pass(3_000);
    bench.now = bench.now.plus_hours(24);
    assert_eq!(bench.hear().split('|').count(), 1);
}

#[test]
fn lines_end_twice_with_zte() {
    let mut bench = Bench::new("zte");
    bench.machine.write(bench.now, b"AT\r");
    assert_eq!(bench.machine.read(bench.now), b"\r\nOK\r\r\n");
}

#[test]
fn an_escape_is_answered_or_not() {
    for (name, answer) in [("plain", "OK"), ("huawei", "")] {
        let mut bench = Bench::new(name);
        bench.ask("AT+CMGS=20");
        assert_eq!(bench.write(b"\x1b"), answer, "{name}");
        assert_eq!(bench.ask("AT"), "OK");
    }
}

#[test]
fn a_modem_on_lte_alone_knows_its_network_by_another_command() {
    for name in ["ublox", "simcom_a7670"] {
        let mut bench = Bench::new(name);
        assert_eq!(bench.ask("AT+CREG?"), "+CREG: 0,0|OK", "{name}");
        assert_eq!(bench.ask("AT+CEREG?"), "+CEREG: 0,1|OK", "{name}");
    }
}

#[test]
fn a_text_to_be_shown_at_once_is_passed_on_by_some() {
    let flash = flash();
    for (name, said) in [("plain", "+CMTI: \"SM\",1"), ("quectel", "+CMT: ")] {
        let mut bench = Bench::new(name);
        bench.ask("AT+CNMI=2,1,0,0,0");
        bench.machine.deliver(bench.now, [flash.clone()]);
        let heard = bench.hear();
        assert!(heard.starts_with(said), "{name}: {heard}");
    }
}

fn flash() -> Vec<u8> {
    use cordboard_modem::pdu;
    let delivering = pdu::Delivering { from: THEIRS, text: "now", at: START, ..Default::default() };
    let written = pdu::deliver(&delivering).unwrap().remove(0);
    let pdu::Pdu::Deliver(mut text) = pdu::read(&written).unwrap() else {
        unreachable!("a text was written")
    };
    text.coding.octet = 0x10;
    text.write().unwrap()
}
