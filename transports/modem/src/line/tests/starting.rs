//! Start-ups of modems that refuse, repeat, and answer late.

use super::bench::{World, pin};
use cordboard_plugin::Host as _;

/// Starts with these answers, and yields the page's facts and what was asked.
#[track_caller]
fn start(answers: &[(&str, &str)]) -> (Vec<(String, String)>, Vec<String>) {
    let world = World::new();
    for (command, answer) in answers {
        world.modem.answers(command, answer);
    }
    world.lives(async |line| {
        world.ready().await;
        (line.page(&world.host).await.facts, world.modem.asked())
    })
}

fn fact(facts: &[(String, String)], label: &str) -> String {
    let found = facts.iter().find(|(name, _)| name == label);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn a_plain_modem_is_ready() {
    let (facts, asked) = start(&[]);
    assert_eq!(fact(&facts, "state"), "ready");
    assert_eq!(fact(&facts, "vendor"), "Maker");
    assert_eq!(fact(&facts, "modem number (IMEI)"), "…0001");
    assert_eq!(fact(&facts, "card number (ICCID)"), "…0001");
    assert_eq!(fact(&facts, "signal"), "-71 dBm");
    assert_eq!(fact(&facts, "store"), "0 of 20 in SM");
    assert_eq!(fact(&facts, "refused commands"), "AT+CCID: ERROR".replace("AT+CCID: ERROR", ""));
    assert!(asked.iter().any(|asked| asked == "AT+CMGL=4"), "the store was not listed");
}

#[test]
fn a_modem_that_refuses_numbered_errors_is_ready() {
    let (facts, _) = start(&[("AT+CMEE=1", "ERROR"), ("AT+CSMS=0", "ERROR")]);
    assert_eq!(fact(&facts, "refused commands"), "AT+CMEE=1: ERROR; AT+CSMS=0: ERROR");
}

#[test]
fn echo_that_cannot_be_switched_off_is_lived_with() {
    let world = World::new();
    world.modem.echoes().answers("ATE0", "ERROR");
    world.lives(async |_| world.ready().await);
}

#[test]
fn answers_may_carry_their_prefix_or_not() {
    let (facts, _) = start(&[
        ("AT+CGMI", "+CGMI: \"Maker\"\nOK"),
        ("AT+CGSN", "+CGSN: \"350000000000002\"\nOK"),
        ("AT+CCID", "89000000000000000002F\nOK"),
    ]);
    assert_eq!(fact(&facts, "vendor"), "Maker");
    assert_eq!(fact(&facts, "modem number (IMEI)"), "…0002");
    assert_eq!(fact(&facts, "card number (ICCID)"), "…0002");
}

#[test]
fn reports_that_are_listed_and_refused_are_done_without() {
    // SIMCom A7670 and others.
    let (facts, _) = start(&[
        ("AT+CNMI=2,1,0,1,0", "+CMS ERROR: 303"),
        ("AT+CNMI=2,1,0,2,0", "+CMS ERROR: 303"),
        ("AT+CNMI=2,1,0,0,0", "OK"),
        ("AT+CNMI?", "+CNMI: 2,1,0,0,0\nOK"),
    ]);
    assert_eq!(fact(&facts, "announces messages"), "yes");
    assert_eq!(fact(&facts, "passes reports on"), "no");
}

#[test]
fn a_modem_that_takes_only_one_for_the_last_value_gets_it() {
    // Cinterion MC75i: no ME among its memories.
    let (facts, asked) = start(&[
        ("AT+CNMI=?", "+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)\nOK"),
        ("AT+CNMI=2,1,0,2,1", "OK"),
        ("AT+CNMI?", "+CNMI: 2,1,0,2,1\nOK"),
        ("AT+CPMS=?", "+CPMS: (\"SM\",\"MT\"),(\"SM\",\"MT\"),(\"SM\",\"MT\")\nOK"),
    ]);
    assert_eq!(fact(&facts, "announces messages"), "yes");
    assert!(!asked.contains(&"AT+CNMI=2,1,0,1,0".to_owned()), "it was asked for what it lacks");
}

#[test]
fn a_stick_that_announces_nothing_is_looked_at() {
    // Huawei E3531.
    let mut answers: Vec<(String, &str)> = Vec::new();
    for mode in ["2", "1", "3"] {
        for rest in ["1,0,1,0", "1,0,2,0", "1,0,0,0", "1,0,1,1", "1,0,2,1", "1,0,0,1"] {
            answers.push((format!("AT+CNMI={mode},{rest}"), "+CMS ERROR: 302"));
        }
    }
    let mut answers: Vec<(&str, &str)> =
        answers.iter().map(|(command, answer)| (command.as_str(), *answer)).collect();
    answers.extend([("AT+CNMI=2,0,0,2,1", "OK"), ("AT+CNMI?", "+CNMI: 2,0,0,2,1\nOK")]);
    let (facts, _) = start(&answers);
    assert_eq!(fact(&facts, "announces messages"), "no");
    assert_eq!(fact(&facts, "passes reports on"), "yes");
}

#[test]
fn a_modem_with_two_memories_gets_two_or_one() {
    // Wavecom.
    let (facts, asked) = start(&[
        ("AT+CPMS=?", "+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))\nOK"),
        ("AT+CPMS=\"SM\",\"SM\"", "+CMS ERROR: 302"),
        ("AT+CPMS=\"SM\"", "+CPMS: 2,10,2,10\nOK"),
        ("AT+CPMS?", "+CPMS: \"SM\",2,10,\"SM\",2,10\nOK"),
        ("AT+CPMS=\"SR\"", "+CPMS: 0,5\nOK"),
    ]);
    assert_eq!(fact(&facts, "store"), "2 of 10 in SM");
    assert!(asked.contains(&"AT+CPMS=\"SR\"".to_owned()), "reports were not looked for");
}

#[test]
fn a_card_that_answers_late_is_waited_for() {
    let (facts, _) = start(&[("AT+CPIN?", "@2000 +CPIN: READY\nOK")]);
    assert_eq!(fact(&facts, "state"), "ready");
    let busy = "+CME ERROR: 14|+CME ERROR: 14|+CME ERROR: SIM busy|+CPIN: READY\nOK";
    let (facts, _) = start(&[("AT+CPIN?", busy)]);
    assert_eq!(fact(&facts, "state"), "ready");
}

#[test]
fn a_store_that_is_not_there_yet_is_waited_for() {
    let (_, asked) = start(&[
        ("AT+CMGF=0", "+CMS ERROR: 302|+CMS ERROR: 314|+CME ERROR: 14|+CMS ERROR: 500|OK"),
        ("AT+CPMS=?", "+CMS ERROR: 515|+CPMS: (\"SM\"),(\"SM\"),(\"SM\")\nOK"),
    ]);
    assert_eq!(asked.iter().filter(|asked| *asked == "AT+CMGF=0").count(), 5);
}

#[test]
fn the_first_answer_may_be_an_error() {
    let world = World::new();
    world.modem.answers("AT", "ERROR|OK");
    world.lives(async |_| world.ready().await);
}

#[test]
fn an_lte_modem_answers_only_for_lte() {
    let (facts, _) = start(&[("AT+CREG?", "+CREG: 0,2\nOK"), ("AT+CEREG?", "+CEREG: 0,6\nOK")]);
    assert_eq!(fact(&facts, "registration"), "registered");
}

#[test]
fn a_card_that_wants_no_pin_gets_none() {
    let mut world = World::new();
    world.config.sim_pin = pin("1234");
    world.lives(async |_| world.ready().await);
    assert_eq!(world.modem.count("AT+CPIN=\"1234\""), 0);
}

/// A card that asks for `right` until it gets it.
fn locked(world: &World, right: &'static str) {
    let mut open = false;
    let mut tries = 3;
    world.modem.handles(move |command| {
        let answer = match command {
            "AT+CPIN?" if open => "+CPIN: READY\nOK",
            "AT+CPIN?" if tries == 0 => "+CPIN: SIM PUK\nOK",
            "AT+CPIN?" => "+CPIN: SIM PIN\nOK",
            "AT+CFUN=1,1" => {
                open = false;
                "OK"
            }
            _ if command.starts_with("AT+CPIN=") => {
                open = command == format!("AT+CPIN=\"{right}\"");
                if open {
                    "OK"
                } else {
                    tries -= 1;
                    "+CME ERROR: 16"
                }
            }
            _ => return None,
        };
        Some(crate::port::scripted::said(answer))
    });
}

#[test]
fn the_right_pin_opens_the_card_again_and_again() {
    let mut world = World::new();
    world.config.sim_pin = pin("1234");
    for start in 1..=4 {
        locked(&world, "1234");
        world.lives(async |_| world.ready().await);
        assert_eq!(world.modem.count("AT+CPIN=\"1234\""), start);
    }
}

#[test]
fn a_wrong_pin_is_tried_once_over_all_restarts() {
    let mut world = World::new();
    world.config.sim_pin = pin("1111");
    locked(&world, "1234");
    for _ in 0..5 {
        world.lives_for(600);
    }
    assert_eq!(world.modem.count("AT+CPIN=\"1111\""), 1, "{:?}", world.host.log_lines());
    // Another setting is another try.
    world.config.sim_pin = pin("1234");
    world.lives(async |_| world.ready().await);
    assert_eq!(world.modem.count("AT+CPIN=\"1234\""), 1);
}

#[test]
fn a_pin_whose_end_is_unknown_is_not_tried_again() {
    let mut world = World::new();
    world.config.sim_pin = pin("1234");
    world.modem.answers("AT+CPIN?", "+CPIN: SIM PIN\nOK").answers("AT+CPIN=\"1234\"", "");
    // The bridge stops while the card is asked.
    world.lives(async |_| world.until(|| world.modem.count("AT+CPIN=\"1234\"") == 1).await);
    for _ in 0..3 {
        world.lives_for(300);
    }
    assert_eq!(world.modem.count("AT+CPIN=\"1234\""), 1);
    // Until the operator says so.
    world.modem.answers("AT+CPIN=\"1234\"", "OK");
    world.lives(async |line| {
        world.pass(120).await;
        let page = line.page(&world.host).await;
        assert_eq!(page.forms.len(), 1, "{page:?}");
        let act = cordboard_plugin::Act { form: page.forms[0].name.clone(), fields: Vec::new() };
        line.act(&world.host, &act).await.unwrap();
        world.until(|| world.modem.count("AT+CPIN=\"1234\"") == 2).await;
    });
}

#[test]
fn a_pin_is_not_tried_while_that_cannot_be_written_down() {
    let mut world = World::new();
    world.config.sim_pin = pin("1234");
    locked(&world, "1234");
    let line = world.line();
    world.host.drive(async {
        let mut channel = crate::at::Channel::new(world.modem.port(), &world.host);
        let mut session = crate::line::start::meet(&mut channel, 5_000).await.unwrap();
        world.host.fail_state(cordboard_plugin::StateError::Unavailable("down".to_owned()));
        let pin = line.config().sim_pin.as_ref();
        crate::line::start::prepare(&mut channel, &world.host, &mut session, pin).await.unwrap();
        assert!(!session.receives());
    });
    assert_eq!(world.modem.count("AT+CPIN=\"1234\""), 0);
}

#[test]
fn a_locked_card_is_told_once_and_waited_for() {
    let world = World::new();
    locked(&world, "1234");
    world.lives_for(3_600);
    assert_eq!(world.logged("the SIM card asks for its PIN"), 1);
    let error = world.lives(async |line| {
        world.pass(10).await;
        line.send(&world.host, &super::bench::outgoing("1", "hello")).await.unwrap_err()
    });
    let error = error.to_string();
    assert!(error.contains("operator must act") && error.contains("sim_pin"), "{error}");
    // Somebody takes the PIN off: it goes on by itself.
    world.modem.handles(|_| None);
    world.lives(async |_| world.ready().await);
}

#[test]
fn nothing_secret_and_no_whole_number_is_logged_or_shown() {
    let mut world = World::new();
    world.config.sim_pin = pin("4711");
    locked(&world, "4711");
    let page = world.lives(async |line| {
        world.ready().await;
        world.modem.deaf(true);
        world.pass(600).await;
        line.page(&world.host).await
    });
    let said = format!("{:?}{page:?}", world.host.log_lines());
    for secret in ["4711", "350000000000001", "89000000000000000001", "15550100000\""] {
        let shown = said.replace("+15550100000", "");
        assert!(!shown.contains(secret), "{secret} was shown: {said}");
    }
    assert!(world.host.now().0 > 0);
}
