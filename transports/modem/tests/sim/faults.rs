//! Each fault, once: it strikes the next thing of its sort, and no other.

use crate::bench::{Bench, START, hex, pdus};
use cordboard_modem::sim::machine::{Fault, Machine};

#[test]
fn commands_go_wrong_as_ordered() {
    for (kind, first, second) in [
        ("silent", "", "+CSQ: 18,99|OK"),
        ("silent_done", "", "+CSQ: 18,99|OK"),
        ("error", "ERROR", "+CSQ: 18,99|OK"),
        ("cms 500", "+CMS ERROR: 500", "+CSQ: 18,99|OK"),
        ("cme 14", "+CME ERROR: 14", "+CSQ: 18,99|OK"),
        ("lost_ok", "+CSQ: 18,99", "+CSQ: 18,99|OK"),
        ("double", "+CSQ: 18,99|OK|OK", "+CSQ: 18,99|OK"),
        ("error_and_ok", "+CSQ: 18,99|ERROR|OK", "+CSQ: 18,99|OK"),
        ("noise", "+CSQ: 18,99|RING|OK", "+CSQ: 18,99|OK"),
        ("echo", "+CSQ: 18,99|OK", "AT+CSQ|+CSQ: 18,99|OK"),
        ("garbage", "\0ÿ\0ÿÿ|+CSQ: 18,99|OK", "+CSQ: 18,99|OK"),
        ("hang", "", ""),
        ("hang_done", "", ""),
        ("unplug", "", ""),
        ("reset_silent", "", "AT+CSQ|+CSQ: 18,99|OK"),
        ("reset_announced", "", ""),
    ] {
        for on in ["csq", "any"] {
            let mut bench = Bench::new("plain");
            bench.order(on, kind);
            assert_eq!(bench.ask("AT+CSQ"), first, "{on} {kind}");
            assert_eq!(bench.ask("AT+CSQ"), second, "{on} {kind}, afterwards");
        }
        let mut bench = Bench::new("plain");
        bench.order("csq", kind);
        assert_eq!(bench.ask("AT"), "OK", "{kind} is not for this one");
        assert_eq!(bench.machine.ordered().len(), 1);
    }
}

#[test]
fn a_late_answer_keeps_the_next_command_waiting() {
    let mut bench = Bench::new("plain");
    bench.machine.order(START, Fault { seconds: Some(30), ..Fault::new("csq", "late") });
    assert_eq!(bench.ask("AT+CSQ"), "");
    assert_eq!(bench.ask("AT"), "");
    assert_eq!(bench.pass(29_999), "");
    assert_eq!(bench.pass(1), "+CSQ: 18,99|OK|OK");
}

#[test]
fn an_answer_comes_byte_by_byte() {
    let mut bench = Bench::new("plain");
    bench.order("csq", "split");
    bench.machine.write(bench.now, b"AT+CSQ\r");
    let mut pieces = Vec::new();
    while let Some(next) = bench.machine.next_at() {
        bench.now = next;
        pieces.push(bench.machine.read(next));
    }
    assert!(pieces.iter().all(|piece| piece.len() == 1), "{pieces:?}");
    assert_eq!(pieces.concat(), b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n");
}

#[test]
fn a_listing_is_torn_between_the_two_lines_of_a_text() {
    let mut bench = Bench::new("plain");
    bench.deliver("hello");
    bench.order("cmgl", "torn");
    let listed = bench.ask("AT+CMGL=4");
    let lines: Vec<&str> = listed.split('|').collect();
    assert!(lines[0].starts_with("+CMGL: 1,0,,"));
    assert_eq!(lines[1..], ["RING", &hex("hello"), "OK"]);
}

#[test]
fn a_text_leaves_or_not_whatever_is_answered() {
    for (on, kind, answer, left) in [
        ("cmgs", "silent", "", false),
        ("cmgs", "silent_done", "", true),
        ("cmgs", "lost_ok", "+CMGS: 1", true),
        ("cmgs", "cms 38", "+CMS ERROR: 38", false),
        ("cmgs", "cms 500", "+CMS ERROR: 500", false),
        ("cmgs", "error", "ERROR", false),
        ("cmgs", "hang", "", false),
        ("cmgs", "hang_done", "", true),
        ("cmgs", "reset_silent", "", false),
        ("cmgs", "reset_silent_done", "", true),
        ("cmgs", "unplug_done", "", true),
        ("cmgs", "late", "", true),
        ("cmgs", "double", "+CMGS: 1|OK|OK", true),
        ("sent", "lost", "+CMGS: 1|OK", false),
        ("prompt", "silent", "", false),
        ("prompt", "cms 331", "+CMS ERROR: 331", false),
        ("prompt", "error", "ERROR", false),
    ] {
        let mut bench = Bench::new("plain");
        bench.order(on, kind);
        assert_eq!(bench.send("hello"), answer, "{on} {kind}");
        assert_eq!(bench.phones().len(), usize::from(left), "{on} {kind}");
    }
}

#[test]
fn a_late_answer_to_a_text_comes_after_its_time() {
    let mut bench = Bench::new("plain");
    bench.order("cmgs", "late");
    assert_eq!(bench.send("hello"), "");
    assert_eq!(bench.phones(), ["hello"]);
    assert_eq!(bench.pass(10_000), "+CMGS: 1|OK");
}

#[test]
fn reports_are_lost_late_or_bad() {
    use cordboard_modem::pdu::{self, Fate, Pdu};
    for (kind, fates) in [
        ("lost", &[][..]),
        ("failed", &[Fate::Failed][..]),
        ("trying", &[Fate::Trying, Fate::Delivered]),
        ("late", &[Fate::Delivered]),
    ] {
        let mut bench = Bench::new("plain");
        bench.ask("AT+CNMI=2,1,0,1,0");
        bench.order("report", kind);
        bench.send("hello");
        let said = bench.pass(60_000);
        let read =
            said.split('|').filter(|line| line.starts_with("07")).map(|line| {
                match pdu::read(&pdu::from_hex(line).unwrap()).unwrap() {
                    Pdu::Report(report) => report.fate(),
                    Pdu::Deliver(_) => unreachable!("nobody texts"),
                }
            });
        assert_eq!(read.collect::<Vec<_>>(), fates, "{kind}");
    }
}

#[test]
fn announcements_and_texts_are_lost_or_repeated() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1");
    bench.order("cmti", "lost");
    assert_eq!(bench.deliver("unannounced"), "");
    assert!(bench.ask("AT+CMGL=4").starts_with("+CMGL: 1,0"));
    bench.order("deliver", "repeated");
    assert_eq!(bench.deliver("twice"), "+CMTI: \"SM\",2|+CMTI: \"SM\",3");
    bench.order("deliver", "lost");
    assert_eq!(bench.deliver("never"), "");
    assert_eq!(bench.deliver("again"), "+CMTI: \"SM\",4");
}

#[test]
fn a_delete_is_done_though_nothing_is_answered() {
    let mut bench = Bench::new("plain");
    bench.deliver("hello");
    bench.order("cmgd", "silent_done");
    assert_eq!(bench.ask("AT+CMGD=1"), "");
    assert_eq!(bench.ask("AT+CMGL=4"), "OK");
}

#[test]
fn some_things_happen_at_once() {
    let mut bench = Bench::new("plain");
    bench.ask("AT+CNMI=2,1");
    bench.order("now", "reset_silent");
    assert_eq!(bench.hear(), "");
    assert_eq!(bench.ask("AT+CNMI?"), "AT+CNMI?|+CNMI: 0,0,0,0,0|OK");
    bench.ask("ATE0");
    bench.order("now", "echo");
    assert_eq!(bench.ask("AT"), "AT|OK");
    bench.order("now", "noise");
    assert_eq!(bench.hear(), "RING");
    bench.order("now", "garbage");
    assert_eq!(bench.hear(), "\0ÿ\0ÿÿ");
    bench.order("now", "reset_announced");
    assert_eq!(bench.pass(1_500), "RDY");
    bench.order("now", "hang");
    assert_eq!(bench.ask("AT"), "");
    bench.machine.deliver(bench.now, pdus("waits"));
    bench.pass(60_000);
    assert_eq!(bench.machine.held(), 1, "nobody takes it");
    bench.machine.plug(bench.now, false);
    bench.machine.plug(bench.now, true);
    assert_eq!(bench.pass(10_000), "RDY");
    assert_eq!(bench.machine.held(), 0);
    bench.order("now", "unplug");
    assert!(!bench.machine.is_plugged());
}

#[test]
fn an_unknown_fault_is_not_taken() {
    let mut machine = Machine::plain(Default::default());
    for (on, kind) in [
        ("cmgs", "nonsense"),
        ("nonsense", "silent"),
        ("now", "silent"),
        ("cmti", "late"),
        ("cmgs", "cms x"),
        ("report", "silent"),
    ] {
        assert!(!machine.order(START, Fault::new(on, kind)), "{on} {kind}");
    }
    assert!(machine.ordered().is_empty());
    for _ in 0..500 {
        assert!(machine.order(START, Fault::new("any", "silent")));
    }
    assert!(!machine.order(START, Fault::new("any", "silent")), "500 are enough");
}
