//! Which modem is ours, wherever it is plugged in.

use super::bench::{PORT, World};
use crate::config::Place;
use crate::port::scripted::Scripted;
use cordboard_plugin::Act;

/// A modem with these numbers.
fn modem(world: &World, imei: &str, iccid: &str) -> Scripted {
    let modem = Scripted::new(&world.host);
    modem.answers("AT+CGSN", &format!("{imei}\nOK"));
    modem.answers("AT+CCID", &format!("+CCID: {iccid}\nOK"));
    modem
}

const OTHER_IMEI: &str = "350000000000009";
const OTHER_CARD: &str = "89000000000000000009";
const OUR_IMEI: &str = "350000000000001";
const OUR_CARD: &str = "89000000000000000001";

#[test]
fn a_modem_that_comes_back_under_another_name_is_found() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.bench.unplug(PORT);
        world.away().await;
        world.bench.plug("/dev/ttyUSB7", &world.modem);
        world.until(|| world.bench.opened().last().unwrap() == "/dev/ttyUSB7").await;
        world.ready().await;
    });
}

#[test]
fn a_stranger_at_the_old_name_is_not_taken() {
    let world = World::new();
    let stranger = modem(&world, OTHER_IMEI, OTHER_CARD);
    world.lives(async |line| {
        world.ready().await;
        world.bench.unplug(PORT);
        world.bench.plug(PORT, &stranger);
        world.pass(3_600).await;
        assert_eq!(stranger.count("AT+CPMS=?"), 0, "a stranger was set up");
        assert_eq!(world.host.gauge_value("modem_ready"), Some(0));
        // Ours comes back beside it.
        world.bench.plug("/dev/ttyUSB7", &world.modem);
        world.ready().await;
        world.bench.unplug("/dev/ttyUSB7");
        world.away().await;
        // Or the operator wants the other.
        line.act(&world.host, &Act { form: "adopt".to_owned(), fields: Vec::new() }).await.unwrap();
        world.ready().await;
    });
    assert!(stranger.count("AT+CPMS=?") >= 1);
}

#[test]
fn our_card_in_another_modem_is_ours() {
    let world = World::new();
    let other = modem(&world, OTHER_IMEI, OUR_CARD);
    world.lives(async |_| {
        world.ready().await;
        world.bench.unplug(PORT);
        world.away().await;
        world.bench.plug("/dev/ttyUSB7", &other);
        world.ready().await;
    });
    assert!(other.count("AT+CPMS=?") >= 1);
}

#[test]
fn another_card_in_our_modem_is_ours() {
    let world = World::new();
    world.lives(async |_| world.ready().await);
    world.modem.answers("AT+CCID", &format!("+CCID: {OTHER_CARD}\nOK"));
    world.lives(async |_| world.ready().await);
}

#[test]
fn at_the_start_of_the_bridge_another_modem_is_taken_after_a_while() {
    let mut world = World::new();
    world.config.place = Place::Auto;
    world.lives(async |_| world.ready().await);
    world.bench.unplug(PORT);
    let stranger = modem(&world, OTHER_IMEI, OTHER_CARD);
    world.bench.plug("/dev/ttyUSB7", &stranger);
    world.lives(async |_| {
        world.pass(30).await;
        assert_eq!(stranger.count("AT+CPMS=?"), 0, "ours was not waited for");
        world.until(|| stranger.count("AT+CPMS=?") == 1).await;
    });
}

#[test]
fn the_named_modem_and_no_other_is_taken() {
    let mut world = World::new();
    world.config.place = Place::Auto;
    world.config.imei = Some(OTHER_IMEI.to_owned());
    let named = modem(&world, OTHER_IMEI, OTHER_CARD);
    world.lives(async |_| {
        world.pass(600).await;
        assert_eq!(world.modem.count("AT+CPMS=?"), 0);
        world.bench.plug("/dev/ttyUSB7", &named);
        world.until(|| named.count("AT+CPMS=?") == 1).await;
    });
    assert_eq!(OUR_IMEI.len(), 15);
}

#[test]
fn silent_ports_are_passed_over() {
    let mut world = World::new();
    world.config.place = Place::Auto;
    world.bench.unplug(PORT);
    let silent = Scripted::new(&world.host);
    silent.deaf(true);
    world.bench.plug("/dev/ttyUSB0", &silent);
    world.bench.plug("/dev/ttyUSB1", &silent.clone());
    silent.deaf(true);
    world.bench.plug(PORT, &world.modem);
    world.lives(async |_| world.ready().await);
}

#[test]
fn a_stick_that_somebody_holds_is_not_taken_by_its_other_port() {
    let mut world = World::new();
    world.config.place = Place::Auto;
    world.bench.unplug(PORT);
    world.bench.plug("/dev/ttyUSB7", &world.modem);
    world.bench.plug("/dev/ttyUSB7.1", &world.modem);
    world.bench.hold("/dev/ttyUSB7");
    world.lives(async |_| {
        world.pass(300).await;
        assert_eq!(world.bench.opened(), Vec::<String>::new());
        world.bench.release();
        world.ready().await;
    });
    assert!(world.logged("held") > 0);
}
