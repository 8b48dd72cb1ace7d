//! Rows that were written by another version, or spoilt.

use super::*;
use crate::inbox::keep::{Kept, Seen};
use crate::inbox::shelf::{Bad, Note};
use cordboard_plugin::{Commit, Expected, Host, Put};
use cordboard_testkit::block_on;
use serde::de::DeserializeOwned;

fn write(world: &World, key: &str, value: &str) {
    let (key, value) = (key.to_owned(), value.into());
    let put = Put { key, value, expected: Expected::Any, expires_at: None };
    block_on(world.fake().commit(Commit { puts: vec![put], ..Commit::default() })).unwrap();
}

#[test]
fn a_kept_row_that_cannot_be_understood_is_shown_and_holds_nothing_up() {
    let mut world = World::running();
    write(&world, &format!("kept/{CARD}/0000000000000000"), "{\"spoilt\":");
    world.advance(1000);
    // The number of the spoilt row is taken, so another one is spoilt beside it.
    write(&world, "kept/another/0000000000000007", "");
    let line = text(ANN, "hello", world.now());
    world.card = "89490200001234567890".to_owned();
    world.arrive(&line);
    world.pass().unwrap();
    assert_eq!(world.texts(), ["hello"]);
    assert_eq!(world.table("Cannot be read").len(), 2);
    assert!(world.rows("kept/").is_empty());
}

#[test]
fn a_part_that_is_lost_is_waited_for_and_asked_about() {
    for spoilt in ["", "{}", "{\"line\":\"00\",\"id\":\"1\"}"] {
        let mut world = World::running();
        let lines = long(ANN, &words('a', 3), world.now(), 9);
        world.arrive(&lines[0]);
        world.arrive(&lines[1]);
        world.pass().unwrap();
        let part = world.rows("part/").remove(0);
        write(&world, &part, spoilt);
        world.arrive(&lines[2]);
        world.pass().unwrap();
        assert!(world.texts().is_empty());
        world.advance(31 * 60_000);
        world.work();
        assert!(world.replies()[0].contains("(2 of 3 arrived)"), "{:?}", world.replies());
        // The person sends it again, and the phone uses its reference again.
        world.arrive(&long(ANN, &words('a', 3), world.now(), 9)[0]);
        world.pass().unwrap();
        assert_eq!(world.texts(), [words('a', 3)]);
        assert!(world.rows("part/").is_empty());
    }
}

#[test]
fn an_open_text_that_cannot_be_understood_is_in_nobodys_way() {
    let mut world = World::running();
    write(&world, &format!("open/{CARD}/0123/0000000000000000"), "{}");
    for line in long(ANN, &words('a', 2), world.now(), 9) {
        world.arrive(&line);
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 2)]);
    assert_eq!(world.overdue(), None);
}

#[test]
fn rows_are_read_without_later_fields_and_with_unknown_ones() {
    fn reads<T: DeserializeOwned>(json: &str) {
        serde_json::from_str::<T>(json).unwrap();
    }
    reads::<Kept>(r#"{"card":"1","line":"00","at":1,"id":"2","new":true}"#);
    reads::<Seen>(r#"{"at":1,"new":true}"#);
    reads::<Bad>(r#"{"at":1,"line":"00","new":true}"#);
    reads::<Note>(r#"{"at":1,"what":"a text","new":true}"#);
    reads::<crate::inbox::card::Card>(r#"{"seen_at":1,"new":true}"#);
    reads::<crate::inbox::parts::Open>(
        r#"{"from":"1","total":2,"reference":3,"parts":{"1":"a"},"first_at":1,"last_at":1,"low":1,"high":1,"new":true}"#,
    );
}
