//! What arrives is safe here before it leaves the modem, whenever we are stopped.

use super::bench::{Slots, World, arriving, one};
use crate::config::Store;
use cordboard_plugin::{Host as _, StateError};

/// A world whose modem has slots.
fn world() -> (World, Slots) {
    let (world, slots) = (World::new(), Slots::default());
    slots.serve(&world.modem);
    (world, slots)
}

fn announce(world: &World, slots: &Slots, index: u16, words: &str) {
    slots.put(index, one(words, world.host.now()));
    world.modem.says(&format!("\r\n+CMTI: \"SM\",{index}\r\n"));
}

#[test]
fn an_announced_message_is_handed_on_and_deleted() {
    let (world, slots) = world();
    world.lives(async |_| {
        world.ready().await;
        announce(&world, &slots, 3, "Hello");
        world.until(|| !world.texts().is_empty()).await;
        world.pass(5).await;
    });
    assert_eq!(world.texts(), ["Hello"]);
    assert_eq!(slots.len(), 0);
    assert_eq!(world.modem.count("AT+CMGD=3"), 1);
}

#[test]
fn a_message_whose_announcement_was_lost_is_found() {
    let (world, slots) = world();
    world.lives(async |_| {
        world.ready().await;
        world.pass(5).await;
        slots.put(0, one("Hello", world.host.now()));
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(slots.len(), 0);
}

#[test]
fn a_full_store_at_the_start_is_handed_on_in_order_and_emptied() {
    let (world, slots) = world();
    let now = world.host.now();
    let words: Vec<String> = (0..20).map(|nth| format!("Text {nth}")).collect();
    for (nth, words) in words.iter().enumerate() {
        // Slots are used again at once, so their order says nothing.
        let index = u16::try_from((nth * 7) % 20).unwrap();
        slots.put(index, one(words, now.plus_seconds(nth as i64 - 100)));
    }
    world.lives(async |_| {
        world.until(|| world.texts().len() == 20).await;
        world.pass(5).await;
    });
    assert_eq!(slots.len(), 0);
    let mut found = world.texts();
    found.sort();
    let mut expected = words;
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_long_text_comes_as_one() {
    let (world, slots) = world();
    let words = "🦀 and more ".repeat(30);
    world.lives(async |_| {
        world.ready().await;
        let parts = arriving(words.trim(), world.host.now());
        for (index, part) in parts.into_iter().enumerate().rev() {
            let index = u16::try_from(index).unwrap();
            slots.put(index, part);
            world.modem.says(&format!("\r\n+CMTI: \"SM\",{index}\r\n"));
        }
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(world.texts(), [words.trim()]);
}

#[test]
fn whenever_we_are_stopped_nothing_is_lost_and_nothing_comes_twice() {
    // Stopped after every command that is about the store.
    for stop_after in 0..12 {
        let (world, slots) = world();
        let now = world.host.now();
        for index in 0..3 {
            slots.put(index, one(&format!("Text {index}"), now.plus_seconds(i64::from(index))));
        }
        let about = |asked: &String| {
            ["AT+CMGL", "AT+CMGD", "AT+CMGR"].iter().any(|start| asked.starts_with(start))
        };
        let count = || world.modem.asked().iter().filter(|asked| about(asked)).count();
        world.lives(async |_| {
            let end = world.host.now().plus_seconds(60);
            while count() < stop_after && world.host.now() < end {
                world.host.sleep_until(world.host.now().plus_millis(1)).await;
            }
        });
        world.lives(async |_| {
            world.until(|| world.texts().len() >= 3 && slots.len() == 0).await;
            world.pass(60).await;
        });
        let mut texts = world.texts();
        texts.sort();
        assert_eq!(texts, ["Text 0", "Text 1", "Text 2"], "stopped after {stop_after}");
    }
}

#[test]
fn nothing_is_deleted_while_the_store_does_not_answer() {
    let (world, slots) = world();
    world.lives(async |_| {
        world.ready().await;
        world.pass(1).await;
        slots.put(3, one("Hello", world.host.now()));
        world.host.fail_state(StateError::Unavailable("down".to_owned()));
        world.modem.says("\r\n+CMTI: \"SM\",3\r\n");
        world.pass(2).await;
        assert_eq!(slots.len(), 1, "deleted before it was safe");
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(world.texts(), ["Hello"]);
    assert_eq!(world.logged("the store does not answer"), 1);
}

#[test]
fn a_message_that_is_handed_to_us_is_kept() {
    let (world, _) = world();
    world.lives(async |_| {
        world.ready().await;
        let (octets, line) = one("Flash", world.host.now());
        // In the middle of somebody else's answer, and while the store is down.
        world.host.fail_state(StateError::Unavailable("down".to_owned()));
        world.modem.says(&format!("\r\n+CMT: ,{octets}\r\n{line}\r\n"));
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(world.texts(), ["Flash"]);
}

#[test]
fn a_slot_that_has_been_used_again_is_not_deleted() {
    let (world, slots) = world();
    let now = world.host.now();
    slots.put(1, one("First", now));
    let (other, newer) = (slots.clone(), one("Second", now.plus_seconds(9)));
    let mut deletes = 0;
    world.modem.handles(move |command| {
        if command == "AT+CMGD=1" {
            deletes += 1;
            if deletes == 1 {
                // It is deleted, the answer is lost, and a new message takes its place.
                other.answer(command);
                other.put(1, newer.clone());
                return Some(Vec::new());
            }
        }
        other.answer(command).map(|answer| crate::port::scripted::said(&answer))
    });
    world.lives(async |_| world.until(|| world.texts().len() == 2).await);
    assert_eq!(world.texts(), ["First", "Second"]);
}

#[test]
fn a_listing_that_is_cut_is_asked_for_again() {
    let (world, slots) = world();
    let (octets, line) = one("Hello", world.host.now());
    slots.put(2, (octets, line.clone()));
    let (mut cuts, other) = (2, slots.clone());
    world.modem.handles(move |command| {
        if command == "AT+CMGL=4" && cuts > 0 {
            cuts -= 1;
            let half = &line[..20];
            let answer = format!("+CMGL: 2,0,,{octets}\n{half}\n+CMTI: \"SM\",9\nOK");
            return Some(crate::port::scripted::said(&answer));
        }
        other.answer(command).map(|answer| crate::port::scripted::said(&answer))
    });
    world.lives(async |_| world.until(|| slots.len() == 0).await);
    assert_eq!(world.texts(), ["Hello"]);
}

#[test]
fn a_modem_that_cannot_list_is_read_slot_by_slot() {
    let (world, slots) = world();
    slots.put(0, one("Zero", world.host.now()));
    slots.put(17, one("Seventeen", world.host.now().plus_seconds(1)));
    let other = slots.clone();
    world.modem.handles(move |command| {
        let answer = if command == "AT+CMGL=4" {
            Some("+CMS ERROR: 303".to_owned())
        } else if command.starts_with("AT+CMGR=") {
            Some(other.answer(command).unwrap_or("+CMS ERROR: 321".to_owned()))
        } else {
            other.answer(command)
        };
        answer.map(|answer| crate::port::scripted::said(&answer))
    });
    world.lives(async |_| world.until(|| slots.len() == 0).await);
    assert_eq!(world.texts(), ["Zero", "Seventeen"]);
}

#[test]
fn what_is_to_stay_stays_and_comes_once() {
    let (mut world, slots) = world();
    world.config.store = Store::Keep;
    for index in 0..17 {
        let at = world.host.now().plus_seconds(i64::from(index));
        slots.put(index, one(&format!("Text {index}"), at));
    }
    world.lives_for(1_800);
    world.lives_for(1_800);
    assert_eq!((world.texts().len(), slots.len()), (17, 17));
    assert!(world.modem.asked().iter().all(|asked| !asked.starts_with("AT+CMGD")));
    assert!(world.logged("nearly full") >= 1);
}

#[test]
fn our_own_drafts_are_left_alone() {
    let (world, _) = world();
    let (octets, line) = one("Draft", world.host.now());
    world.modem.handles(move |command| {
        let answer = match command {
            "AT+CMGL=4" => {
                format!("+CMGL: 1,2,,{octets}\n{line}\n+CMGL: 2,3,,{octets}\n{line}\nOK")
            }
            "AT+CPMS?" => "+CPMS: \"SM\",2,20,\"SM\",2,20,\"SM\",2,20\nOK".to_owned(),
            _ => return None,
        };
        Some(crate::port::scripted::said(&answer))
    });
    world.lives_for(300);
    assert_eq!(world.texts(), Vec::<String>::new());
    assert!(world.modem.asked().iter().all(|asked| !asked.starts_with("AT+CMGD")));
    assert!(world.modem.count("AT+CMGL=4") < 5, "it lists a store in which nothing changes");
}

#[test]
fn a_message_in_another_memory_is_fetched_from_there() {
    let (world, _) = world();
    let (octets, line) = one("Elsewhere", world.host.now());
    let mut memory = "SM";
    let mut there = true;
    world.modem.handles(move |command| {
        match command {
            "AT+CPMS=\"ME\"" => memory = "ME",
            "AT+CPMS=\"SM\"" => memory = "SM",
            "AT+CMGR=5" | "AT+CMGL=4" if memory == "ME" && there => {
                let head = if command == "AT+CMGR=5" { "+CMGR: 0" } else { "+CMGL: 5,0" };
                let answer = format!("{head},,{octets}\n{line}\nOK");
                return Some(crate::port::scripted::said(&answer));
            }
            "AT+CMGD=5" if memory == "ME" => {
                there = false;
                return Some(crate::port::scripted::said("OK"));
            }
            _ => {}
        }
        None
    });
    world.lives(async |_| {
        world.ready().await;
        world.modem.says("\r\n+CMTI: \"ME\",5\r\n");
        world.until(|| !world.texts().is_empty()).await;
        world.pass(2).await;
    });
    assert_eq!(world.modem.asked().iter().filter(|asked| *asked == "AT+CMGD=5").count(), 1);
    let back = world.modem.asked().into_iter().rfind(|asked| asked.starts_with("AT+CPMS=\""));
    assert_eq!(back.unwrap(), "AT+CPMS=\"SM\"");
}

#[test]
fn an_announcement_without_a_place_is_looked_for_everywhere() {
    let (world, slots) = world();
    world.lives(async |_| {
        world.ready().await;
        slots.put(4, one("Somewhere", world.host.now()));
        world.modem.says("\r\n+CMTI: \"\",-1\r\n");
        world.pass(5).await;
    });
    assert_eq!(world.texts(), ["Somewhere"]);
}
