//! A modem that forgets, falls silent or goes away comes back into service by itself.

use super::bench::{PORT, Slots, World, one};
use cordboard_plugin::Host as _;

#[test]
fn a_silent_reset_is_noticed() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        // It lost its settings and says nothing.
        world.modem.answers("AT+CNMI?", "+CNMI: 0,0,0,0,0\nOK|+CNMI: 2,1,0,1,0\nOK");
        world.until(|| world.host.metric_count("modem_restarts_total") == 1).await;
        world.ready().await;
        world.pass(600).await;
    });
    assert_eq!(world.modem.count("AT+CNMI=2,1,0,1,0"), 2);
    assert_eq!(world.host.metric_count("modem_restarts_total"), 1);
}

#[test]
fn text_mode_is_noticed() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.modem.answers("AT+CMGF?", "+CMGF: 1\nOK|+CMGF: 0\nOK");
        world.until(|| world.modem.count("AT+CMGF=0") == 2).await;
    });
}

#[test]
fn a_modem_that_says_that_it_started_is_started_up() {
    for said in ["RDY", "SMS Ready", "NORMAL POWER DOWN", "+CPIN: NOT READY", "^SYSSTART"] {
        let world = World::new();
        world.lives(async |_| {
            world.ready().await;
            world.modem.says(&format!("\r\n{said}\r\n"));
            world.until(|| world.modem.count("AT+CNMI=2,1,0,1,0") == 2).await;
            world.ready().await;
        });
    }
}

#[test]
fn a_stick_that_says_boot_all_the_time_is_left_in_peace() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        for _ in 0..200 {
            world.modem.says("\r\n^BOOT:12345678,0,0,0,75\r\n");
            world.pass(2).await;
        }
    });
    assert_eq!(world.modem.count("AT+CNMI=2,1,0,1,0"), 1);
    assert!(world.modem.count("AT+CNMI?") < 12, "{}", world.modem.count("AT+CNMI?"));
}

#[test]
fn a_modem_that_hangs_for_a_moment_goes_on() {
    let (world, slots) = (World::new(), Slots::default());
    slots.serve(&world.modem);
    world.lives(async |_| {
        world.ready().await;
        world.modem.deaf(true);
        slots.put(1, one("Meanwhile", world.host.now()));
        world.pass(50).await;
        world.modem.deaf(false);
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(world.modem.count("AT+CFUN=1,1"), 0);
}

#[test]
fn a_modem_that_hangs_is_reset_and_then_opened_anew() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.modem.deaf(true);
        world.until(|| world.modem.count("AT+CFUN=1,1") >= 1).await;
        world.until(|| world.bench.opened().len() >= 2).await;
        world.away().await;
        world.pass(300).await;
        world.modem.deaf(false);
        world.ready().await;
    });
    assert_eq!(world.logged("ready"), 2, "{:?}", world.host.log_lines());
}

#[test]
fn a_modem_that_answers_after_its_reset_goes_on_by_the_same_port() {
    let world = World::new();
    let modem = world.modem.clone();
    world.lives(async |_| {
        world.ready().await;
        world.modem.deaf(true);
        world.until(|| world.modem.count("AT+CFUN=1,1") == 1).await;
        modem.deaf(false);
        world.ready().await;
    });
    assert_eq!(world.bench.opened().len(), 1);
}

#[test]
fn an_unplugged_modem_is_waited_for() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.bench.unplug(PORT);
        world.away().await;
        world.pass(7_200).await;
        world.bench.plug(PORT, &world.modem);
        world.ready().await;
    });
    assert_eq!(world.logged("no modem"), 2, "{:?}", world.host.log_lines());
}

#[test]
fn registration_is_watched() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.modem.answers("AT+CREG?", "+CREG: 0,2\nOK");
        world.modem.says("\r\n+CREG: 2\r\n");
        world.until(|| world.host.gauge_value("modem_registered") == Some(0)).await;
        assert_eq!(world.host.gauge_value("modem_ready"), Some(0));
        world.modem.answers("AT+CREG?", "+CREG: 0,5\nOK");
        world.until(|| world.host.gauge_value("modem_registered") == Some(1)).await;
        world.ready().await;
    });
    assert_eq!(world.logged("no network: looking for a network"), 1);
    assert_eq!(world.host.gauge_value("modem_signal_dbm"), Some(-71));
    assert_eq!(world.host.gauge_value("modem_store_total"), Some(20));
}

#[test]
fn noise_is_counted() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        for _ in 0..50 {
            world.modem.says("\r\n^RSSI:18\r\n");
        }
        world.pass(60).await;
    });
    assert!(world.host.metric_count("modem_noise_total") >= 50);
}

#[test]
fn a_line_that_stays_away_is_a_trouble_until_it_is_back() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.bench.unplug(PORT);
        world.away().await;
        world.pass(540).await;
        assert_eq!(world.host.present_trouble(), None, "a stick may be put into another socket");
        world.pass(300).await;
        assert!(world.host.present_trouble().is_some());
        world.bench.plug(PORT, &world.modem);
        world.ready().await;
        assert_eq!(world.host.present_trouble(), None);
    });
}
