//! PINs on every text, wrong ones, and forgotten ones.

use crate::browser::connect;
use crate::proof::{PIN, all_shown, newest, relink, silent, told, town, who};
use crate::town::ANNA;
use cordboard_engine::PinPolicy;
use cordboard_engine::store::MessageState;
use cordboard_testkit::run_seeded;

#[test]
fn where_pins_are_required_each_text_carries_one() {
    run_seeded(async {
        let town = town(207, PinPolicy::Required).await;
        town.until_heard(ANNA, "Set it now").await;
        told(&town, "one", "set a PIN first").await;
        told(&town, &format!("/PIN {PIN}"), "begin each text with it").await;
        town.until_posts(1).await;
        told(&town, &format!("{PIN} two"), "Posted").await;
        told(&town, "three", "begin each text with your PIN").await;
        silent(&town, "four").await;
        assert_eq!(town.words().await, ["one", "two"]);
        told(&town, PIN, "Your 2 texts go on").await;
        town.until_posts(4).await;
        told(&town, "/STATUS", "Connected as").await;
        told(&town, &format!("{PIN}, /UNDO"), "Taken back: \"four\"").await;
        told(&town, "/UNDO", "begin each text with your PIN").await;
        told(&town, PIN, "Taken back: \"three\"").await;
        assert_eq!(town.words().await, ["one", "two"]);
        told(&town, &format!("{PIN} see example.com"), "/YES posts it").await;
        told(&town, "YES", "begin each text with your PIN").await;
        told(&town, PIN, "Right PIN").await;
        town.until_posts(3).await;
        assert_eq!(town.words().await, ["one", "two", "see example.com"]);
        assert!(!all_shown(&town).await.contains(PIN));
    });
}

#[test]
fn a_required_pin_is_set_only_by_somebody_who_has_just_connected() {
    run_seeded(async {
        let town = town(208, PinPolicy::Required).await;
        town.wait_seconds(3700).await;
        told(&town, "one", "Each text needs a PIN").await;
        told(&town, &format!("/PIN {PIN}"), "after you connect X again").await;
        assert!(!who(&town).await.pin);
        connect(&town, ANNA, "anna").await;
        town.until_posts(1).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, &format!("{PIN} two"), "Posted").await;
    });
}

#[test]
fn five_wrong_pins_lock_until_a_day_is_over() {
    run_seeded(async {
        let town = town(209, PinPolicy::Required).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "waits", "begin each text").await;
        for (wrong, left) in [("00000 a", "4 tries left"), ("2024 was great", "3 tries left")] {
            told(&town, wrong, left).await;
            assert_eq!(newest(&town).await.0, MessageState::Refused);
        }
        told(&town, "/PIN 11111 22222", "2 tries left").await;
        told(&town, "4821", "1 try left").await;
        told(&town, "48214 b", "Too many wrong PINs").await;
        assert!(who(&town).await.locked_until.is_some());
        // A right one does not count now, and they have been told.
        silent(&town, &format!("{PIN} c")).await;
        silent(&town, PIN).await;
        silent(&town, "00000 d").await;
        told(&town, &format!("/PIN {PIN} 22222"), "Too many wrong PINs").await;
        assert!(town.words().await.is_empty());
        let shown = all_shown(&town).await;
        for digits in [PIN, "00000", "2024", "11111", "22222", "4821"] {
            assert!(!shown.contains(&format!("\"text\":\"{digits}")), "{digits}: {shown}");
        }
        town.wait_seconds(24 * 3600).await;
        told(&town, "00000 e", "4 tries left").await;
        told(&town, &format!("{PIN} f"), "Posted").await;
        town.texts(ANNA, PIN).await;
        town.until_posts(2).await;
        assert_eq!(town.words().await, ["f", "waits"]);
        told(&town, "00000 g", "4 tries left").await;
    });
}

#[test]
fn connecting_again_unlocks_and_is_the_way_out_of_a_forgotten_pin() {
    run_seeded(async {
        let town = town(210, PinPolicy::Required).await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        town.wait_seconds(3700).await;
        for part in ["4 tries", "3 tries", "2 tries", "1 try", "Too many"] {
            told(&town, "00000 a", part).await;
        }
        relink(&town, "anna").await;
        assert!(who(&town).await.locked_until.is_none());
        told(&town, &format!("{PIN} the same PIN as before"), "Posted").await;
        told(&town, "/PIN 99999", "PIN set").await;
        told(&town, &format!("{PIN} the old one"), "4 tries left").await;
        told(&town, "99999 the new one", "Posted").await;
        told(&town, "/PIN 99999 88888", "PIN set").await;
        told(&town, "88888 changed", "Posted").await;
        town.wait_seconds(3700).await;
        told(&town, "/PIN 77777", "You have a PIN: /PIN old new").await;
        told(&town, "88888 still mine", "Posted").await;
        let words = ["the same PIN as before", "the new one", "changed", "still mine"];
        assert_eq!(town.words().await, words);
    });
}

#[test]
fn digits_alone_are_never_posted_by_somebody_who_has_a_pin() {
    run_seeded(async {
        let town = town(211, PinPolicy::Optional).await;
        told(&town, "2023 was great", "Posted").await;
        told(&town, "90210", "Posted").await;
        told(&town, &format!("/PIN {PIN}"), "PIN set").await;
        told(&town, "2024 was great", "Posted").await;
        told(&town, PIN, "It was not posted").await;
        told(&town, &format!("{PIN}. hello"), "Posted").await;
        told(&town, "48214", "it looks like a PIN").await;
        let posted = ["2023 was great", "90210", "2024 was great", "hello"];
        assert_eq!(town.words().await, posted);
        told(&town, "/YES", "Posted").await;
        assert_eq!(town.words().await.last().map(String::as_str), Some("48214"));
    });
}
