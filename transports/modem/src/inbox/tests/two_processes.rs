//! Two processes over one state: while one is between reading and writing, the other does it all.

use super::*;
use crate::inbox::{Inbox, Rules};
use crate::outbox::Outbox;
use cordboard_plugin::{Address, Commit, Expected, Host, Put, StateError};
use cordboard_testkit::{FakeHost, block_on};

fn inbox() -> Inbox {
    let line = Address::new(LINE);
    Inbox::new(Rules { line, part_wait_minutes: 30, catch_up_hours: 24 })
}

async fn all(host: &dyn Host, found: &[crate::inbox::Found]) -> Result<(), StateError> {
    let (inbox, outbox) = (inbox(), Outbox::new());
    inbox.meet(host, CARD).await?;
    inbox.keep(host, CARD, found).await?;
    inbox.work(host, &outbox).await
}

/// What one process does when the other does the same before its commit behind `commits` more.
fn overtaken_at(world: &World, commits: usize) {
    let found = world.listing();
    let other = |host: &FakeHost| {
        host.advance_millis(1);
        block_on(all(host, &found)).unwrap();
    };
    let host = Overtaken::new(world.fake(), commits, other);
    block_on(all(&host, &found)).unwrap();
}

#[test]
fn two_processes_hand_a_text_on_once() {
    for commits in 0..8 {
        for stamped in [true, false] {
            let mut world = if commits < 4 { World::new() } else { World::running() };
            for n in ["one", "two"] {
                let line = text(ANN, n, world.now());
                world.arrive(&if stamped { line } else { stampless(&line) });
            }
            overtaken_at(&world, commits);
            assert_eq!(world.texts(), ["one", "two"], "{commits}");
            assert!(world.rows("kept/").is_empty());
        }
    }
}

#[test]
fn two_processes_join_a_long_text_once() {
    for commits in 0..8 {
        let mut world = World::running();
        for line in long(ANN, &words('a', 3), world.now(), 1) {
            world.arrive(&line);
        }
        overtaken_at(&world, commits);
        assert_eq!(world.texts(), [words('a', 3)], "{commits}");
        assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
    }
}

/// A world in which the first part of a text of three came half an hour ago, and its other lines.
fn waiting() -> (World, Vec<String>) {
    let mut world = World::running();
    let mut lines = long(ANN, &words('a', 3), world.now(), 1);
    world.arrive(&lines.remove(0));
    world.pass().unwrap();
    world.advance(30 * 60_000);
    (world, lines)
}

/// What another process does: its modem routes these lines.
fn routed(host: &FakeHost, lines: &[String]) {
    let found = |line: &String| crate::inbox::Found { slot: None, line: line.clone() };
    let found: Vec<_> = lines.iter().map(found).collect();
    block_on(all(host, &found)).unwrap();
}

#[test]
fn nobody_is_asked_about_a_text_that_becomes_whole_meanwhile() {
    let (world, lines) = waiting();
    let host = Overtaken::new(world.fake(), 0, |host| routed(host, &lines));
    block_on(world.inbox.work(&host, &world.outbox)).unwrap();
    assert!(host.was_overtaken());
    assert!(world.replies().is_empty());
    assert_eq!(world.texts(), [words('a', 3)]);
    assert!(world.rows("open/").is_empty());
}

#[test]
fn a_text_is_not_forgotten_when_another_part_comes_meanwhile() {
    let (world, lines) = waiting();
    world.work();
    world.advance(7 * DAY_MS);
    let host = Overtaken::new(world.fake(), 0, |host| routed(host, &lines[..1]));
    block_on(world.inbox.overdue(&host)).unwrap();
    assert!(host.was_overtaken());
    assert_eq!(world.rows("part/").len(), 2);
    routed(world.fake(), &lines[1..]);
    assert_eq!(world.texts(), [words('a', 3)]);
}

#[test]
fn a_question_that_is_asked_while_another_part_comes_is_remembered() {
    let (world, lines) = waiting();
    let found = [crate::inbox::Found { slot: None, line: lines[0].clone() }];
    block_on(world.inbox.keep(&world.host, CARD, &found)).unwrap();
    // The other process has not seen the part: it was kept behind its look.
    let other = |host: &FakeHost| {
        let (key, stored) = block_on(host.scan("open/", None, 1)).unwrap().remove(0);
        let mut open: serde_json::Value = serde_json::from_slice(&stored.value.0).unwrap();
        open["asked_at"] = host.now().0.into();
        let value = open.to_string().into();
        let put = Put { key, value, expected: Expected::Any, expires_at: None };
        block_on(host.commit(Commit { puts: vec![put], ..Commit::default() })).unwrap();
    };
    let host = Overtaken::new(world.fake(), 0, other);
    block_on(world.inbox.work(&host, &world.outbox)).unwrap();
    assert!(host.was_overtaken());
    assert_eq!(world.overdue(), None);
    assert_eq!(world.rows("part/").len(), 2);
}
