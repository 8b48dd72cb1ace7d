//! Whatever is written to it, it goes on, remembers, and stays small.

use crate::bench::{Bench, START, pdus};
use cordboard_modem::sim::machine::{Durable, Fault, Machine};
use proptest::prelude::*;

fn saved(machine: &Machine) -> Machine {
    let json = serde_json::to_vec(machine.durable()).unwrap();
    Machine::restore(serde_json::from_slice::<Durable>(&json).unwrap()).unwrap()
}

#[test]
fn a_restored_modem_is_the_one_that_was_saved() {
    let mut bench = Bench::new("quectel");
    bench.ask("AT+CPMS=\"SM\",\"SM\",\"SM\";+CNMI=2,1,0,2,0;+CMMS=2");
    bench.deliver("hello");
    bench.send("and back");
    bench.order("cmgd", "silent");
    bench.machine.write(bench.now, b"AT+CMGS=20\r0011");
    let mut other = Bench { machine: saved(&bench.machine), now: bench.now };
    assert_eq!(other.machine.durable(), bench.machine.durable());
    // It is still in the prompt that was open.
    assert_eq!(other.write(b"\x1b"), "OK");
    assert_eq!(other.ask("AT+CNMI?"), "+CNMI: 2,1,0,2,0|OK");
    assert_eq!(other.pass(1_000), "+CDSI: \"SM\",0", "the report was on its way");
    assert_eq!(other.ask("AT+CMGD=0"), "");
}

/// What a host may write: mostly nonsense, some of it nearly right.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let commands = prop::sample::select(vec![
        "AT",
        "ATE1",
        "ATE0",
        "AT+CMGS=20",
        "AT+CMGW=20",
        "AT+CMGL=4",
        "AT+CMGD=1,4",
        "AT+CMGR=1",
        "AT+CPMS=\"ME\",\"SM\",\"MT\"",
        "AT+CNMI=2,2,0,1,0",
        "AT+CSMS=1",
        "AT+CNMA",
        "AT+CFUN=1,1",
        "AT+CPIN=1234",
        "AT+CSCA=\"é\"",
        "AT+CSCA=",
        "AT+CPMS=",
        "AT+CMGD=",
        "AT+CNMI=,,,,",
        "AT;;",
        "AT+CMGD=65535",
        "AT+CMGR=65535",
        "AT&F",
        "AT+CREG=2;+CREG?",
        "AT+CMSS=1",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        commands.prop_map(|command| format!("{command}\r").into_bytes()),
        "[0-9A-F]{0,60}\u{1a}".prop_map(String::into_bytes),
        Just(vec![0x1b]),
        Just(vec![b'A'; 4000]),
    ]
}

proptest! {
    #[test]
    fn any_bytes_leave_a_modem_that_answers_and_is_small(
        personality in prop::sample::select(Machine::personalities().collect::<Vec<_>>()),
        steps in prop::collection::vec((written(), 0..20_000i64), 0..40),
    ) {
        let mut bench = Bench::new(personality);
        for (bytes, millis) in &steps {
            bench.machine.write(bench.now, bytes);
            bench.machine.deliver(bench.now, pdus("hello"));
            bench.now = bench.now.plus_millis(*millis);
            bench.machine.read(bench.now);
            prop_assert!(bench.machine.next_at().is_none_or(|next| next > bench.now));
        }
        prop_assert!(serde_json::to_vec(bench.machine.durable()).unwrap().len() < 100_000);
        let copy = saved(&bench.machine);
        prop_assert_eq!(copy.durable(), bench.machine.durable());
        bench.pass(60_000);
        bench.write(b"\x1b\rATE0\r");
        let answer = bench.ask("AT");
        prop_assert!(answer.ends_with("OK") || answer.ends_with('0'), "{}", answer);
    }

    #[test]
    fn any_pdu_can_be_delivered_and_listed(
        pdus in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..10),
        direct in any::<bool>(),
    ) {
        let mut bench = Bench::new("quectel");
        bench.ask(if direct { "AT+CNMI=2,2" } else { "AT+CNMI=2,1" });
        bench.machine.deliver(bench.now, pdus);
        bench.hear();
        let listed = bench.ask("AT+CMGL=4");
        prop_assert!(listed.ends_with("OK"));
    }
}

#[test]
fn what_nobody_reads_does_not_grow_for_ever() {
    let mut machine = Machine::plain(Default::default());
    for _ in 0..20_000 {
        machine.write(START, b"ATI;+CGMI;+CGMM;+CNMI=?;+CPMS=?\r");
    }
    assert!(machine.read(START).len() <= 1 << 20);
    machine.order(START, Fault::new("any", "late"));
    machine.write(START, b"AT\r");
    for _ in 0..10_000 {
        machine.write(START, b"AT+CSQ\r");
        machine.deliver(START, pdus("hello"));
    }
    assert!(serde_json::to_vec(machine.durable()).unwrap().len() < 2_000_000);
    assert_eq!(machine.held(), 1000);
}
