use super::{in_order, modem};
use crate::at::{AtError, Channel, Event, Fault, Shape};
use cordboard_plugin::Host as _;

fn stored(index: u16) -> Event {
    Event::Stored { memory: "SM".to_owned(), index: Some(index) }
}

#[track_caller]
fn check_csq(answer: &str, lines: &[&str], events: &[Event]) {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.answers("AT+CSQ", answer);
        let answered = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
        assert_eq!(answered.unwrap(), lines, "{answer}");
        assert_eq!(channel.heard(), events, "{answer}");
        // And the next answer belongs to the next question.
        let pin = channel.ask("AT+CPIN?", Shape::Prefixed("+CPIN:"), 5_000).await;
        assert_eq!(pin.unwrap(), ["+CPIN: READY"]);
    });
}

#[test]
fn an_answer_is_told_from_what_is_said_unasked() {
    check_csq("+CSQ: 21,99\nOK", &["+CSQ: 21,99"], &[]);
    check_csq("+CMTI: \"SM\",3\n+CSQ: 21,99\nOK", &["+CSQ: 21,99"], &[stored(3)]);
    check_csq("+CSQ: 21,99\n+CMTI: \"SM\",3\nOK", &["+CSQ: 21,99"], &[stored(3)]);
    check_csq("^RSSI:18\nRING\n+CSQ: 21,99\nNO CARRIER\nOK", &["+CSQ: 21,99"], &[]);
    check_csq("AT+CSQ\n+CSQ: 21,99\nOK", &["+CSQ: 21,99"], &[]);
}

#[test]
fn two_lines_that_belong_together_are_read_as_a_pair() {
    let routed = Event::Routed("0791AABB".to_owned());
    check_csq(
        "+CMT: ,24\n0791AABB\n+CSQ: 1,99\nOK",
        &["+CSQ: 1,99"],
        std::slice::from_ref(&routed),
    );
    check_csq("+CDS: ,24\n0791AABB\nAT+CSQ\n+CSQ: 1,99\nOK", &["+CSQ: 1,99"], &[routed]);
}

#[test]
fn a_second_final_result_belongs_to_nobody() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.answers("AT+CMGR=9", "ERROR\nOK");
        let error = channel.ask("AT+CMGR=9", Shape::Pdus("+CMGR:"), 5_000).await;
        assert_eq!(error, Err(AtError::Fault(Fault::Plain)));
        let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
        assert_eq!(lines.unwrap(), ["+CSQ: 21,99"]);
        // The same when the second one is late.
        modem.handles(|command| {
            let late =
                vec![(0, "\r\n+CMS ERROR: 321\r\n".to_owned()), (100, "\r\nOK\r\n".to_owned())];
            (command == "AT+CMGR=9").then_some(late)
        });
        let error = channel.ask("AT+CMGR=9", Shape::Pdus("+CMGR:"), 5_000).await;
        assert_eq!(error, Err(AtError::Fault(Fault::Cms(321))));
        let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
        assert_eq!(lines.unwrap(), ["+CSQ: 21,99"]);
    });
}

#[test]
fn a_late_answer_is_nobodys() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        for late_ms in [5_100, 5_400, 6_000, 6_300] {
            modem.answers("AT+COPS?", &format!("@{late_ms} +COPS: 0,0,\"Late\"\nOK"));
            let silent = channel.ask("AT+COPS?", Shape::Prefixed("+COPS:"), 5_000).await;
            assert_eq!(silent, Err(AtError::Silent("AT+COPS?".to_owned())));
            let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
            assert_eq!(lines.unwrap(), ["+CSQ: 21,99"], "{late_ms}");
            let lines = channel.ask("AT+CPIN?", Shape::Prefixed("+CPIN:"), 5_000).await;
            assert_eq!(lines.unwrap(), ["+CPIN: READY"], "{late_ms}");
            channel.linger(2_000).await.unwrap();
        }
    });
}

#[test]
fn a_modem_that_answers_nothing_is_dead_and_is_not_asked_on() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.deaf(true);
        assert_eq!(channel.tell("AT+CSQ", 5_000).await, Err(AtError::Silent("AT+CSQ".to_owned())));
        assert_eq!(channel.tell("AT+CPIN?", 5_000).await, Err(AtError::Dead));
        assert_eq!(modem.count("AT+CPIN?"), 0);
        modem.deaf(false);
        assert_eq!(channel.tell("AT+CMGF=0", 5_000).await, Ok(()));
    });
}

#[test]
fn a_modem_that_boots_is_waited_for() {
    let (host, modem) = modem();
    host.drive(async {
        modem.deaf(true);
        let mut channel = Channel::new(modem.port(), &host);
        let boots = async {
            host.sleep_until(host.now().plus_seconds(40)).await;
            modem.deaf(false);
        };
        let (synced, ()) = futures_util::future::join(channel.sync(60_000), boots).await;
        assert_eq!(synced, Ok(()));
        modem.deaf(true);
        assert_eq!(channel.sync(60_000).await, Err(AtError::Dead));
    });
}

#[test]
fn a_prompt_left_open_is_left() {
    let (host, modem) = modem();
    host.drive(async {
        modem.answers("AT+CMGS=20", ">");
        let mut port = modem.port();
        port.write(b"AT+CMGS=20\r0011").await.unwrap();
        let mut channel = in_order(&host, &modem).await;
        assert_eq!(channel.tell("AT+CMGF=0", 5_000).await, Ok(()));
        assert!(!modem.asked().iter().any(|asked| asked.contains("0011")), "half a message left");
    });
}

#[test]
fn noise_is_counted_and_drowns_nothing() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        for nth in 0..2_000 {
            modem.says(&format!("\r\n^RSSI:{nth}\r\n"));
        }
        modem.says("\r\n+CMTI: \"SM\",3\r\n");
        assert_eq!(channel.listen().await, Ok(stored(3)));
        assert!(channel.noise() >= 2_000);
    });
}

#[test]
fn an_error_in_the_middle_of_nothing_changes_nothing() {
    let (host, modem) = modem();
    host.drive(async {
        let mut channel = in_order(&host, &modem).await;
        modem.says("\r\nERROR\r\n\r\nOK\r\n\r\n+CMS ERROR: 500\r\n");
        channel.linger(1_000).await.unwrap();
        let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
        assert_eq!(lines.unwrap(), ["+CSQ: 21,99"]);
    });
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn whatever_a_modem_says_it_can_be_asked_again(
        bytes in proptest::collection::vec(proptest::prop_oneof![
            proptest::arbitrary::any::<u8>(),
            proptest::sample::select(b"\r\n> OK+CMT:S\"0,AF\0\xff^".to_vec()),
        ], 0..600),
    ) {
        let (host, modem) = modem();
        host.drive(async {
            let mut channel = in_order(&host, &modem).await;
            modem.says_bytes(&bytes);
            channel.linger(1_000).await.unwrap();
            modem.says("\r\n");
            channel.sync(60_000).await.unwrap();
            let lines = channel.ask("AT+CSQ", Shape::Prefixed("+CSQ:"), 5_000).await;
            assert_eq!(lines.unwrap(), ["+CSQ: 21,99"]);
        });
    }
}
