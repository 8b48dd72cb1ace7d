//! PIN, PUK, and a modem without a card.

use crate::bench::Bench;
use cordboard_modem::sim::machine::Card;

fn locked() -> Bench {
    Bench::with_card("plain", Card { pin: Some("4321".to_owned()), ..Card::default() })
}

#[test]
fn a_locked_card_wants_its_pin_and_takes_no_texts_before() {
    let mut bench = locked();
    for (command, answer) in [
        ("AT+CPIN?", "+CPIN: SIM PIN|OK"),
        ("AT+CIMI", "+CME ERROR: 11"),
        ("AT+CMGL=4", "+CMS ERROR: 311"),
        ("AT+CMGS=20", "+CMS ERROR: 311"),
        ("AT+CREG?", "+CREG: 0,0|OK"),
        ("AT+CGSN", "001010123456780|OK"),
        ("AT+CPIN=\"4321\"", "OK"),
        ("AT+CPIN?", "+CPIN: READY|OK"),
        ("AT+CREG?", "+CREG: 0,1|OK"),
        ("AT+CMGL=4", "OK"),
    ] {
        assert_eq!(bench.ask(command), answer, "{command}");
    }
    bench.ask("AT+CFUN=1,1");
    bench.pass(5_000);
    assert_eq!(bench.ask("ATE0;+CPIN?"), "ATE0;+CPIN?|+CPIN: SIM PIN|OK");
}

#[test]
fn three_wrong_pins_ask_for_the_puk_and_ten_wrong_puks_end_the_card() {
    let mut bench = locked();
    for (command, answer) in [
        ("AT+CPIN=1", "+CME ERROR: 16"),
        ("AT+CPIN=2", "+CME ERROR: 16"),
        ("AT+CPINR", "+CPINR: SIM PIN,1,3|+CPINR: SIM PUK,10,10|OK"),
        ("AT+CPIN=3", "+CME ERROR: 12"),
        ("AT+CPIN?", "+CPIN: SIM PUK|OK"),
        ("AT+CPIN=4321", "+CME ERROR: 16"),
        ("AT+CMGL=4", "+CMS ERROR: 316"),
        ("AT+CPIN=\"12345678\",\"1111\"", "OK"),
        ("AT+CPIN?", "+CPIN: READY|OK"),
    ] {
        assert_eq!(bench.ask(command), answer, "{command}");
    }
    let mut bench = locked();
    for _ in 0..13 {
        bench.ask("AT+CPIN=1");
    }
    assert_eq!(bench.ask("AT+CPIN?"), "+CME ERROR: 13");
    assert_eq!(bench.ask("AT+CPIN=\"12345678\",\"1111\""), "+CME ERROR: 13");
}

#[test]
fn without_a_card_there_is_a_modem_and_nothing_else() {
    let mut bench = Bench::with_card("plain", Card { inserted: false, ..Card::default() });
    for (command, answer) in [
        ("AT", "OK"),
        ("AT+CPIN?", "+CME ERROR: 10"),
        ("AT+CCID", "+CME ERROR: 10"),
        ("AT+CMGL=4", "+CMS ERROR: 310"),
        ("AT+CSQ", "+CSQ: 99,99|OK"),
    ] {
        assert_eq!(bench.ask(command), answer, "{command}");
    }
}

#[test]
fn without_a_centre_nothing_leaves() {
    let mut bench = Bench::with_card("plain", Card { centre: String::new(), ..Card::default() });
    assert_eq!(bench.ask("AT+CSCA?"), "+CSCA: \"\",129|OK");
    assert_eq!(bench.send("hello"), "+CMS ERROR: 330");
    assert_eq!(bench.ask("AT+CSCA=\"+15550100000\",145"), "OK");
    assert_eq!(bench.send("hello"), "+CMGS: 1|OK");
}

#[test]
fn after_a_reset_the_card_takes_its_time() {
    let mut bench = Bench::new("simcom");
    assert_eq!(bench.ask("AT+CFUN=1,1"), "OK");
    assert_eq!(bench.ask("AT"), "", "nobody is there");
    assert_eq!(bench.pass(5_000), "RDY");
    assert_eq!(bench.ask("ATE0"), "ATE0|OK", "settings are gone");
    bench.ask("AT+CMEE=1");
    assert_eq!(bench.ask("AT+CPIN?"), "+CME ERROR: 14");
    assert_eq!(bench.ask("AT+CMGF=0"), "+CMS ERROR: 314");
    assert_eq!(bench.pass(3_000), "+CPIN: READY|SMS DONE|PB DONE");
    assert_eq!(bench.ask("AT+CMGF=0"), "OK");
    assert_eq!(bench.ask("AT+CEREG?"), "+CEREG: 0,1|OK");
}
