//! A number is no proof of a person: PINs, long silences, new lines, lock-out.

use crate::browser::{connect, join};
use crate::town::{ANNA, LINE, OTHER_LINE, Town};
use cordboard_engine::PinPolicy;
use cordboard_engine::store::{Identity, MessageFilter, MessageState, WaitReason};
use cordboard_testkit::run_seeded;
use serde_json::json;

pub(crate) const PIN: &str = "48213";

pub(crate) async fn town(seed: u64, pin: PinPolicy) -> Town {
    let town = Town::with(seed, |config| {
        config.policy.pin = pin;
        config.policy.replies_per_number_day = 1000;
        config.transports[0].settings["numbers"] = json!([LINE, OTHER_LINE]);
    })
    .await;
    join(&town, ANNA, "anna").await;
    town
}

/// Anna texts and hears something new that holds `part`.
pub(crate) async fn told(town: &Town, body: &str, part: &str) {
    told_on(town, LINE, body, part).await;
}

pub(crate) async fn told_on(town: &Town, line: &str, body: &str, part: &str) {
    let heard = town.heard(ANNA).await.len();
    town.text_to(line, ANNA, body).await.unwrap();
    town.until(&format!("{body:?} is answered with {part:?}"), || async {
        town.heard(ANNA).await.iter().skip(heard).any(|text| text.contains(part))
    })
    .await;
}

/// Anna texts and hears nothing for a minute.
pub(crate) async fn silent(town: &Town, body: &str) {
    let heard = town.heard(ANNA).await;
    town.texts(ANNA, body).await;
    town.wait_seconds(60).await;
    assert_eq!(town.heard(ANNA).await, heard, "{body:?}");
}

pub(crate) async fn who(town: &Town) -> Identity {
    town.bridge.person(&ANNA.into()).await.unwrap().identity
}

pub(crate) async fn newest(town: &Town) -> (MessageState, WaitReason) {
    let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 1 };
    let newest = &town.bridge.messages(filter).await.unwrap()[0];
    (newest.state, newest.wait)
}

pub(crate) async fn relink(town: &Town, handle: &str) {
    told(town, "/LINK", "/link/").await;
    connect(town, ANNA, handle).await;
}

/// Everything the operator can see of anybody and anything.
pub(crate) async fn all_shown(town: &Town) -> String {
    let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 1000 };
    let mut shown = serde_json::to_string(&town.bridge.people(100).await.unwrap()).unwrap();
    for message in town.bridge.messages(filter).await.unwrap() {
        let life = town.bridge.message(message.id).await.unwrap();
        shown += &serde_json::to_string(&life).unwrap();
    }
    shown
}

#[test]
fn after_a_long_silence_somebody_without_a_pin_connects_again() {
    run_seeded(async {
        let town = town(200, PinPolicy::Optional).await;
        town.texts(ANNA, "one").await;
        town.until_posts(1).await;
        let town = town.after_days(61).await;
        told(&town, "two", "Connect X again: http").await;
        assert_eq!(newest(&town).await, (MessageState::Waiting, WaitReason::Proof));
        silent(&town, "2024 was great").await;
        town.wait_seconds(600).await;
        assert_eq!(town.words().await, ["one"]);
        connect(&town, ANNA, "anna").await;
        town.until_posts(3).await;
        assert_eq!(town.words().await, ["one", "two", "2024 was great"]);
        let town = town.after_days(59).await;
        town.texts(ANNA, "three").await;
        town.until_posts(4).await;
        // Each text counts, so that nobody who texts now and then is ever asked.
        let town = town.after_days(59).await;
        town.texts(ANNA, "four").await;
        town.until_posts(5).await;
    });
}

#[test]
fn after_a_long_silence_somebody_with_a_pin_is_asked_for_it() {
    run_seeded(async {
        let town = town(201, PinPolicy::Optional).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        town.texts(ANNA, "one").await;
        town.until_posts(1).await;
        let town = town.after_days(61).await;
        told(&town, "two", "text your PIN (digits only)").await;
        silent(&town, "three").await;
        // A crash does not make anybody believed.
        let town = town.crash().await;
        assert_eq!(town.words().await, ["one"]);
        town.texts(ANNA, PIN).await;
        town.until_posts(3).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["one", "two", "three"], "in order, and no PIN among them");
        let town = town.after_days(61).await;
        told(&town, &format!("{PIN} four"), "Posted").await;
        told(&town, "five", "Posted").await;
        assert!(!all_shown(&town).await.contains(PIN));
    });
}

/// Somebody else sends texts under Anna's number. She, who begins hers with the PIN, lets none of them go.
#[test]
fn a_pin_before_a_text_lets_no_other_text_go() {
    run_seeded(async {
        for pin in [PinPolicy::Required, PinPolicy::Optional] {
            let town = town(218, pin).await;
            told(&town, &format!("/PIN {PIN}"), "PIN set").await;
            told_on(&town, OTHER_LINE, "not by anna", "our PIN").await;
            told(&town, &format!("{PIN} mine"), "1 text from before still held").await;
            let heard = town.heard(ANNA).await.len();
            town.texts(ANNA, &format!("{PIN} mine as well")).await;
            town.until_posts(2).await;
            town.wait_seconds(60).await;
            assert_eq!(town.heard(ANNA).await.len(), heard + 1, "told once, and a receipt");
            assert_eq!(town.words().await, ["mine", "mine as well"]);
        }
    });
}

#[test]
fn a_silence_is_nothing_where_the_operator_says_so() {
    run_seeded(async {
        let town = town(202, PinPolicy::Off).await.restart(|c| c.policy.quiet_days = 0).await;
        let town = town.after_days(1000).await;
        town.texts(ANNA, "back again").await;
        town.until_posts(1).await;
    });
}

#[test]
fn whoever_has_the_number_next_gets_nothing_of_the_one_before() {
    run_seeded(async {
        let town = town(203, PinPolicy::Optional).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "said by anna", "Posted").await;
        let town = town.after_days(61).await;
        told(&town, "said by the next", "text your PIN").await;
        town.texts(ANNA, "/UNDO").await;
        relink(&town, "next").await;
        town.until_heard(ANNA, "Connected as @next (before: @anna)").await;
        assert!(!who(&town).await.pin, "the PIN of the one before is gone");
        town.wait_seconds(600).await;
        assert_eq!(town.words().await, ["said by anna"]);
        town.texts(ANNA, "/YES").await;
        town.until_posts(2).await;
        town.until_done().await;
        town.wait_seconds(60).await;
        let expected = [("@anna", "said by anna"), ("@next", "said by the next")];
        assert_eq!(town.timeline().await, expected.map(|(a, t)| (a.to_owned(), t.to_owned())));
    });
}

#[test]
fn whoever_has_the_number_next_cannot_set_a_pin_to_be_believed() {
    run_seeded(async {
        let town = town(204, PinPolicy::Optional).await.after_days(61).await;
        told(&town, &format!("/PIN {PIN}"), "after you connect X again").await;
        assert!(!who(&town).await.pin);
        told(&town, &format!("{PIN} hello"), "Is it still you?").await;
        connect(&town, ANNA, "anna").await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        assert!(who(&town).await.pin);
    });
}

#[test]
fn on_a_new_line_the_pin_is_asked_for_once() {
    run_seeded(async {
        let town = town(205, PinPolicy::Optional).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told_on(&town, OTHER_LINE, "elsewhere", "text your PIN (digits only)").await;
        told(&town, "here", "Posted").await;
        town.wait_seconds(600).await;
        assert_eq!(town.words().await, ["here"], "a text on a known line proves nothing");
        told_on(&town, OTHER_LINE, PIN, "Right PIN. Your text goes on").await;
        town.until_posts(2).await;
        told_on(&town, OTHER_LINE, "again", "Posted").await;
        assert_eq!(town.words().await, ["here", "elsewhere", "again"]);
    });
}

#[test]
fn without_a_pin_a_new_line_is_nothing_special() {
    run_seeded(async {
        let town = town(206, PinPolicy::Optional).await;
        town.text_to(OTHER_LINE, ANNA, "elsewhere").await.unwrap();
        town.until_posts(1).await;
    });
}

#[test]
fn where_pins_are_off_one_from_before_is_cut_and_proves_nothing() {
    run_seeded(async {
        let town = town(212, PinPolicy::Optional).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        let town = town.restart(|config| config.policy.pin = PinPolicy::Off).await;
        told(&town, &format!("{PIN} one"), "Posted").await;
        told(&town, PIN, "PINs are not used here").await;
        told(&town, &format!("/PIN {PIN} 99999"), "PINs are not used here").await;
        told_on(&town, OTHER_LINE, "two", "Posted").await;
        let town = town.after_days(61).await;
        told(&town, &format!("{PIN} three"), "Connect X again").await;
        connect(&town, ANNA, "anna").await;
        town.until_posts(3).await;
        assert_eq!(town.words().await, ["one", "two", "three"]);
    });
}

#[test]
fn digits_behind_the_command_are_kept_nowhere_whatever_comes_of_it() {
    run_seeded(async {
        let town = Town::new(213).await;
        told(&town, &format!("/PIN {PIN}"), "/link/").await;
        join(&town, ANNA, "anna").await;
        for (text, part) in [
            (format!("/PIN {PIN} 99999"), "Nothing was changed"),
            (format!("/PIN {PIN}x"), "Nothing was changed"),
            ("/PIN".to_owned(), "Nothing was changed"),
            (format!("pin: {PIN}"), "PIN set"),
            (format!("\\PIN{PIN}"), "PIN set"),
            (format!("/PIN {PIN} {PIN} {PIN}"), "Nothing was changed"),
        ] {
            told(&town, &text, part).await;
        }
        town.texts(ANNA, "STOP").await;
        town.until("she has left", || async { !who(&town).await.pin }).await;
        silent(&town, &format!("/PIN {PIN}")).await;
        town.bridge.block(&ANNA.into(), true).await.unwrap();
        silent(&town, &format!("/PIN {PIN}")).await;
        assert!(town.words().await.is_empty());
        assert!(!all_shown(&town).await.contains(PIN));
    });
}

#[test]
fn leaving_needs_no_pin_and_erases_it() {
    run_seeded(async {
        let town = town(214, PinPolicy::Required).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "one", "begin each text").await;
        told(&town, "/HELP", "/STATUS").await;
        told(&town, "/STOP", "you are out").await;
        assert!(!who(&town).await.pin);
        town.until_done().await;
        told(&town, "START", "/link/").await;
        connect(&town, ANNA, "anna").await;
        told(&town, &format!("{PIN} the old PIN"), "set a PIN first").await;
        town.wait_seconds(600).await;
        assert!(town.words().await.is_empty());
        // The operator's way to the same.
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        town.bridge.unlink(&ANNA.into(), None).await.unwrap();
        assert!(!who(&town).await.pin);
    });
}

#[test]
fn with_another_account_the_yes_needs_a_new_pin() {
    run_seeded(async {
        let town = town(215, PinPolicy::Required).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "one", "begin each text").await;
        relink(&town, "other").await;
        town.until_heard(ANNA, "/YES posts it as @other").await;
        told(&town, "/YES", "set a PIN first").await;
        assert!(town.words().await.is_empty());
        told(&town, "/PIN 99999", "PIN set").await;
        town.until_posts(1).await;
        assert_eq!(town.timeline().await, [("@other".to_owned(), "one".to_owned())]);
    });
}

#[test]
fn what_nobody_proves_in_time_is_not_posted_and_nobody_is_told_twice_a_day() {
    run_seeded(async {
        let town = town(216, PinPolicy::Required).await;
        let town = town.restart(|config| config.policy.keep_waiting_hours = 14).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "one", "begin each text").await;
        silent(&town, "two").await;
        // Noon was the beginning: it is the next day now.
        town.wait_seconds(13 * 3600).await;
        told(&town, "three", "begin each text").await;
        silent(&town, "four").await;
        town.wait_seconds(5400).await;
        told(&town, PIN, "Right PIN. Your 2 texts go on").await;
        town.until_posts(2).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["three", "four"]);
    });
}

#[test]
fn the_operator_sees_that_there_is_a_pin_and_a_lock() {
    run_seeded(async {
        let town = town(217, PinPolicy::Required).await;
        let shown = |who: &Identity| serde_json::to_value(who).unwrap();
        assert_eq!(shown(&who(&town).await)["pin"], false);
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        for _ in 0..5 {
            town.texts(ANNA, "00000 a").await;
        }
        town.until_heard(ANNA, "Too many wrong PINs").await;
        let shown = shown(&who(&town).await);
        assert_eq!(shown["pin"], true);
        assert!(shown["locked_until"].as_i64().unwrap() > town.bridge.now().0);
        assert!(shown.get("pin_wrong").is_none() && shown.get("lines").is_none());
    });
}
