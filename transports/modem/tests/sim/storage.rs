//! Memories: several of them, full ones, what is deleted and what comes then.

use crate::bench::{Bench, START, pdus};
use cordboard_modem::sim::machine::Card;

fn small(personality: &str, slots: u16) -> Bench {
    let mut bench = Bench::with_card(personality, Card { slots, ..Card::default() });
    bench.ask("AT+CPMS=\"SM\",\"SM\",\"SM\"");
    bench.ask("AT+CNMI=2,1,0,0,0");
    bench
}

#[test]
fn a_full_memory_keeps_texts_at_the_network_until_one_is_deleted() {
    let mut bench = small("plain", 2);
    assert_eq!(bench.deliver("one"), "+CMTI: \"SM\",1");
    assert_eq!(bench.deliver("two"), "+CMTI: \"SM\",2");
    assert_eq!(bench.deliver("three"), "");
    assert_eq!(bench.deliver("four"), "");
    assert_eq!(bench.machine.held(), 2);
    assert_eq!(bench.ask("AT+CPMS?"), "+CPMS: \"SM\",2,2,\"SM\",2,2,\"SM\",2,2|OK");
    // The slot is used again at once, by the text that waited longest.
    assert_eq!(bench.ask("AT+CMGD=1"), "+CMTI: \"SM\",1|OK");
    let first = bench.ask("AT+CMGR=1");
    assert!(first.contains(&crate::bench::hex("three")), "{first}");
    assert_eq!(bench.machine.held(), 1);
    bench.ask("AT+CMGD=1,4");
    assert_eq!(bench.machine.held(), 0);
    assert_eq!(bench.machine.bill().segments_in, 4);
}

#[test]
fn a_stick_says_once_that_its_memory_is_full() {
    let mut bench = small("huawei", 1);
    assert_eq!(bench.deliver("one"), "+CMTI: \"SM\",0");
    assert_eq!(bench.deliver("two"), "^SMMEMFULL: \"SM\"");
    assert_eq!(bench.deliver("three"), "");
    assert_eq!(bench.ask("AT+CMGD=0"), "+CMTI: \"SM\",0|^SMMEMFULL: \"SM\"|OK");
    assert_eq!(small("simcom", 0).deliver("one"), "+SMS FULL");
    assert_eq!(small("ublox", 0).deliver("one"), "+CIEV: 8,1");
}

#[test]
fn each_memory_has_its_own_slots_and_one_view_has_both() {
    let mut bench = Bench::with_card("quectel", Card { slots: 2, ..Card::default() });
    assert_eq!(bench.deliver("in the modem"), "+CMTI: \"ME\",0");
    bench.ask("AT+CPMS=\"ME\",\"ME\",\"SM\"");
    assert_eq!(bench.deliver("on the card"), "+CMTI: \"SM\",0");
    let only = |bench: &mut Bench, memory: &str| {
        bench.ask(&format!("AT+CPMS=\"{memory}\""));
        let listed = bench.ask("AT+CMGL=4");
        listed.split('|').filter(|line| line.starts_with("+CMGL")).count()
    };
    assert_eq!(only(&mut bench, "SM"), 1);
    assert_eq!(only(&mut bench, "ME"), 1);
    assert_eq!(only(&mut bench, "MT"), 2);
    let both = bench.ask("AT+CMGL=4");
    assert!(both.contains("+CMGL: 0,1") && both.contains("+CMGL: 23,1"), "{both}");
    assert_eq!(bench.ask("AT+CMGD=23"), "OK");
    assert_eq!(only(&mut bench, "SM"), 0);
}

#[test]
fn groups_are_deleted_by_their_flag() {
    for (flag, left) in [("1", 2), ("2", 2), ("3", 1), ("4", 0)] {
        let mut bench = small("plain", 9);
        bench.deliver("read");
        bench.ask("AT+CMGL=4");
        bench.deliver("unread");
        bench.ask("AT+CMGW=5,2");
        bench.write(b"000000000000\x1a");
        assert_eq!(bench.ask(&format!("AT+CMGD=1,{flag}")), "OK");
        let listed = bench.ask("AT+CMGL=4");
        assert_eq!(listed.matches("+CMGL: ").count(), left, "{flag}: {listed}");
    }
    assert_eq!(small("plain", 9).ask("AT+CMGD=1,7"), "+CMS ERROR: 302");
}

#[test]
fn power_takes_what_is_only_in_memory_that_forgets() {
    let mut bench = Bench::new("simcom_a7670");
    bench.ask("AT+CPMS=\"ME\",\"ME\",\"ME\"");
    bench.deliver("in the modem");
    bench.ask("AT+CPMS=\"SM\",\"SM\",\"SM\"");
    bench.deliver("on the card");
    bench.machine.plug(bench.now, false);
    bench.machine.plug(bench.now, true);
    bench.pass(20_000);
    let show = bench.machine.show();
    let slots = show["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 1);
    assert_eq!(slots[0]["memory"], "SM");
}

#[test]
fn many_texts_wait_and_all_come() {
    let mut bench = small("plain", 3);
    for number in 0..50 {
        bench.machine.deliver(START, pdus(&format!("text {number}")));
    }
    let mut seen = Vec::new();
    loop {
        let listed = bench.ask("AT+CMGL=4");
        let pdus = listed.split('|').filter(|line| line.starts_with("07"));
        seen.extend(pdus.map(str::to_owned));
        if listed == "OK" {
            break;
        }
        // Room for one is taken at once: all three go together.
        bench.ask("AT+CMGD=1,4");
    }
    let expected: Vec<_> =
        (0..50).map(|number| crate::bench::hex(&format!("text {number}"))).collect();
    assert_eq!(seen, expected);
}
