//! What the network does: registration, direct delivery, acknowledgements, reports, long texts.

use crate::bench::{Bench, hex, pdus};

#[test]
fn texts_wait_while_there_is_no_network() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1");
    bench.machine.set_network(bench.now, 2, 99);
    assert_eq!(bench.ask("AT+CREG?;+CSQ"), "+CREG: 0,2|+CSQ: 99,99|OK");
    assert_eq!(bench.send("hello"), "+CMS ERROR: 331");
    assert_eq!(bench.deliver("waits"), "");
    for registered in [1, 5, 6, 7] {
        bench.machine.set_network(bench.now, 2, 99);
        bench.machine.set_network(bench.now, registered, 10);
        bench.hear();
        assert!(bench.send("hello").ends_with("|OK"), "{registered}");
    }
    assert_eq!(bench.machine.held(), 0);
}

#[test]
fn mode_two_passes_texts_on_and_stores_nothing() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,2,0,0,0");
    let octets = pdus("hello")[0].len() - 8;
    assert_eq!(bench.deliver("hello"), format!("+CMT: ,{octets}|{}", hex("hello")));
    assert_eq!(bench.ask("AT+CMGL=4"), "OK");
}

#[test]
fn a_text_that_is_not_acknowledged_comes_again_and_the_modem_goes_deaf() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CSMS=1;+CNMI=2,2,0,1,0");
    assert!(bench.deliver("first").starts_with("+CMT: "));
    assert_eq!(bench.deliver("second"), "", "one at a time");
    let next = bench.ask("AT+CNMA=1");
    assert!(next.starts_with("+CMT: ") && next.ends_with("|OK"), "{next}");
    assert_eq!(bench.pass(15_000), "");
    assert_eq!(bench.ask("AT+CNMI?"), "+CNMI: 2,0,0,0,0|OK");
    assert!(bench.ask("AT+CMGL=4").contains(&hex("second")), "the network tried again");
    assert_eq!(bench.ask("AT+CNMA"), "+CMS ERROR: 340");
}

#[test]
fn reports_come_directly_or_are_stored_as_asked_for() {
    for (personality, notify, expected) in [
        ("plain", "2,1,0,1,0", "+CDS: 2"),
        ("plain", "2,1,0,2,0", "+CDSI: \"SR\",1"),
        ("plain", "2,1,0,0,0", ""),
        ("zte", "2,1,0,1,0", "+CDS: ,2"),
        ("quectel", "2,1,0,2,0", "+CDSI: \"SM\",0"),
    ] {
        let mut bench = Bench::new(personality);
        bench.ask(&format!("AT+CNMI={notify}"));
        assert!(bench.send("hello").ends_with("|OK"));
        let said = bench.pass(1_000);
        assert!(said.starts_with(expected), "{personality} {notify}: {said}");
        assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
    }
}

#[test]
fn a_stored_report_is_listed_in_its_own_memory() {
    let mut bench = Bench::new("quectel");
    bench.ask("AT+CNMI=2,1,0,2,0");
    bench.send("hello");
    bench.pass(1_000);
    assert_eq!(bench.ask("AT+CMGL=4"), "OK");
    assert!(bench.ask("AT+CPMS=\"SR\";+CMGL=4").contains("+CMGL: 0,0,,"));
}

#[test]
fn parts_come_in_the_order_in_which_they_are_delivered() {
    let mut bench = Bench::new("plain");
    let parts = pdus(&"a text in three parts, or nearly so ".repeat(10));
    assert_eq!(parts.len(), 3);
    let order = [&parts[2], &parts[0], &parts[1]];
    bench.machine.deliver(bench.now, order.map(Clone::clone));
    let listed = bench.ask("AT+CMGL=4");
    let found: Vec<&str> = listed.split('|').filter(|line| line.starts_with("07")).collect();
    assert_eq!(found, order.map(|part| cordboard_modem::pdu::to_hex(part)));
}

#[test]
fn a_phone_shows_a_long_text_once_all_its_parts_are_there() {
    let mut bench = Bench::new("plain");
    let long = "over and over ".repeat(20);
    bench.order("sent", "lost");
    bench.send(&long);
    assert_eq!(bench.phones(), Vec::<String>::new(), "a part was lost on its way");
    bench.send(&long);
    assert_eq!(bench.phones(), std::slice::from_ref(&long));
    bench.send(&long);
    assert_eq!(bench.phones(), [long], "the same reference, used again");
    assert_eq!(bench.machine.bill().segments_out, 6);
}
