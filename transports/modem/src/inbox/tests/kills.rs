use super::*;
use cordboard_plugin::MessageKey;

#[test]
fn a_text_is_handed_on_once_wherever_the_process_dies() {
    let make = || {
        let mut world = World::running();
        world.arrive(&text(ANN, "hello", world.now()));
        world.arrive(&text(BOB, "good morning", world.now().plus_seconds(1)));
        world
    };
    killed_anywhere(make, World::pass, |world| {
        assert_eq!(world.texts(), ["hello", "good morning"]);
        assert!(world.store.is_empty());
        assert!(world.rows("kept/").is_empty());
        assert!(world.rows("slot/").is_empty());
    });
}

#[test]
fn a_message_that_the_core_has_already_comes_under_the_same_key() {
    let mut world = World::running();
    let line = text(ANN, "hello", world.now());
    world.arrive(&line);
    world.pass().unwrap();
    let first = world.fake().messages();
    assert_eq!(first[0].key.account, format!("modem:{CARD}"));
    // The same card, read by a bridge that knows nothing of it.
    let mut other = World::running();
    other.arrive(&line);
    other.pass().unwrap();
    assert_eq!(other.fake().messages(), first);
    assert_eq!(first[0].from.reveal(), ANN);
    assert_eq!(first[0].to.reveal(), LINE);
    assert_eq!((first[0].segments, first[0].keyword), (1, None));
    assert!(first[0].media.is_empty());
}

#[test]
fn a_long_text_is_handed_on_once_and_whole_wherever_the_process_dies() {
    let long_text = words('a', 3);
    let make = || {
        let mut world = World::running();
        let mut lines = long(ANN, &words('a', 3), world.now(), 7);
        lines.rotate_left(1);
        for line in lines {
            world.arrive(&line);
        }
        world
    };
    let keys: std::cell::RefCell<Vec<MessageKey>> = std::cell::RefCell::default();
    killed_anywhere(make, World::pass, |world| {
        assert_eq!(world.texts(), [long_text.as_str()]);
        assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
        assert_eq!(world.fake().messages()[0].segments, 3);
        keys.borrow_mut().push(world.fake().messages()[0].key.clone());
    });
    let mut keys = keys.into_inner();
    keys.dedup();
    assert_eq!(keys.len(), 1, "always the same key");
}

#[test]
fn a_question_is_asked_once_wherever_the_process_dies() {
    let make = || {
        let mut world = World::running();
        for line in &long(ANN, &words('a', 3), world.now(), 7)[..2] {
            world.arrive(line);
        }
        world.pass().unwrap();
        world.advance(31 * 60_000);
        world
    };
    let story = |world: &mut World| {
        world.pass()?;
        world.advance(3 * 60_000);
        world.pass()
    };
    killed_anywhere(make, story, |world| {
        assert_eq!(world.replies().len(), 1);
        assert!(world.texts().is_empty());
    });
}

#[test]
fn a_notice_of_a_picture_is_answered_once_wherever_the_process_dies() {
    let make = || {
        let mut world = World::running();
        for line in other_sorts::notice(ANN, "http://mms.example/1", world.now(), 3) {
            world.arrive(&line);
        }
        world
    };
    killed_anywhere(make, World::pass, |world| {
        assert_eq!(world.replies().len(), 1);
        assert_eq!(world.fake().replies()[0].to.reveal(), ANN);
        assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
    });
}

#[test]
fn what_cannot_be_read_is_shown_once_wherever_the_process_dies() {
    let make = || {
        let mut world = World::running();
        world.arrive("0011");
        world.arrive("this is no PDU");
        world
    };
    killed_anywhere(make, World::pass, |world| {
        assert_eq!(world.table("Cannot be read").len(), 2);
        assert!(world.rows("kept/").is_empty());
    });
}
