//! Lines that only receive, and lines that cannot send yet: posting goes on, and links are passed on by hand.

use crate::browser::{at_provider, connect, join, press};
use crate::town::{ANNA, BERT, LINE, Town};
use cordboard_engine::store::{MessageState, PersonView};
use cordboard_engine::{LinkPage, LinkTrouble};
use cordboard_testkit::run_seeded;
use serde_json::json;

const OPERATOR: &str = "+15550109999";
const HOUR_MS: i64 = 3_600_000;

async fn person(town: &Town, phone: &str) -> Option<PersonView> {
    town.bridge
        .people(100)
        .await
        .unwrap()
        .into_iter()
        .find(|who| who.identity.sender == phone.into())
}

/// The token of the link that the operator is shown.
async fn link_of(town: &Town, phone: &str) -> Option<String> {
    let link = person(town, phone).await?.link?;
    Some(link.reveal().rsplit('/').next().unwrap().to_owned())
}

async fn connect_by_hand(town: &Town, phone: &str, handle: &str) {
    let token = link_of(town, phone).await.expect("a link to pass on");
    let leaving = press(town, &token).await;
    let query = at_provider(town, &leaving.authorize_url, handle, "authorize").await;
    let page = town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
    assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
}

/// So many texts of ours are taken and dropped afterwards.
async fn unregistered(town: &Town, times: usize) {
    let faults = vec![json!({ "on": "send", "kind": "registration" }); times];
    town.faults("twilio", json!(faults)).await;
}

#[test]
fn a_stranger_on_a_receive_only_line_is_listed_with_a_link_and_texted_nothing() {
    run_seeded(async {
        let town = Town::with(160, |config| {
            config.transports[0].replies = false;
            config.policy.keep_waiting_hours = 5;
        })
        .await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        let who = person(&town, ANNA).await.unwrap();
        assert_eq!(who.messages, 1);
        // It is passed on by hand, and lasts as long as that may take.
        let until = who.link_until.unwrap();
        assert!(until.millis_since(town.bridge.now()) > 4 * HOUR_MS);
        let life = town.bridge.message(1).await.unwrap();
        assert!(life.replies.is_empty(), "{:?}", life.replies);
        assert!(life.message.outcome.contains("passed on"), "{}", life.message.outcome);
        town.wait_seconds(3 * 3600).await;
        connect_by_hand(&town, ANNA, "anna").await;
        assert!(link_of(&town, ANNA).await.is_none(), "used, and so erased");
        town.texts(ANNA, "posted all the same").await;
        town.until_posts(1).await;
        assert!(town.heard(ANNA).await.is_empty());
    });
}

#[test]
fn a_link_to_pass_on_is_erased_when_it_is_void_or_expired() {
    run_seeded(async {
        let town = Town::with(161, |config| {
            config.transports[0].replies = false;
            config.policy.keep_waiting_hours = 2;
        })
        .await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        let first = link_of(&town, ANNA).await.unwrap();
        town.texts(ANNA, "hello again").await;
        town.until("there is a newer one", || async {
            link_of(&town, ANNA).await != Some(first.clone())
        })
        .await;
        let page = town.bridge.link_page(&first).await;
        assert_eq!(page, LinkPage::Trouble(LinkTrouble::Replaced));
        town.texts(BERT, "hello").await;
        town.until("he is listed", || async { link_of(&town, BERT).await.is_some() }).await;
        town.texts(BERT, "STOP").await;
        town.until("his is void", || async { link_of(&town, BERT).await.is_none() }).await;
        town.wait_seconds(2 * 3600 + 60).await;
        assert!(link_of(&town, ANNA).await.is_none());
        assert!(person(&town, ANNA).await.is_some());
    });
}

#[test]
fn an_invitation_that_the_carrier_drops_is_replaced_by_one_to_pass_on() {
    run_seeded(async {
        let town = Town::with(162, |config| config.alert_numbers = vec![OPERATOR.into()]).await;
        unregistered(&town, 1).await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        assert!(town.bridge.lines().await[0].trouble.is_some());
        assert_eq!(town.bridge.health().await.status, "degraded");
        connect_by_hand(&town, ANNA, "anna").await;
        town.texts(ANNA, "posted").await;
        town.until_posts(1).await;
    });
}

#[test]
fn a_line_known_to_be_unable_keeps_each_link_tells_the_operator_once_and_works_again_by_itself() {
    run_seeded(async {
        let town = Town::with(163, |config| config.alert_numbers = vec![OPERATOR.into()]).await;
        join(&town, BERT, "bert").await;
        // Two phones of strangers, receipts for Bert, and the alert itself: all are dropped.
        unregistered(&town, 8).await;
        town.texts(BERT, "one").await;
        town.until("it is noticed", || async { town.bridge.lines().await[0].trouble.is_some() })
            .await;
        town.wait_seconds(60).await;
        let heard = town.heard(OPERATOR).await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        town.wait_seconds(60).await;
        assert!(link_of(&town, ANNA).await.is_some(), "its own text failed, and it stays the same");
        for n in 0..4 {
            town.texts(BERT, &format!("text {n}")).await;
            town.wait_seconds(60).await;
        }
        assert_eq!(town.words().await.len(), 5, "posting goes on");
        // Some text of ours gets through: the line is well, and says so.
        for n in 0..6 {
            town.texts(BERT, &format!("later {n}")).await;
            town.wait_seconds(60).await;
        }
        town.until("it works again", || async { town.bridge.lines().await[0].trouble.is_none() })
            .await;
        assert_eq!(town.bridge.health().await.status, "ok");
        let told = town.heard(OPERATOR).await;
        let cannot = told.iter().filter(|text| text.contains("cannot send yet")).count();
        assert!(cannot <= 1, "{told:?}");
        assert!(
            told.iter().any(|text| text.contains("works: it can send now")),
            "{told:?} {heard:?}"
        );
    });
}

#[test]
fn a_link_that_gets_through_after_all_is_not_shown_any_more() {
    run_seeded(async {
        let town = Town::new(164).await;
        join(&town, BERT, "bert").await;
        unregistered(&town, 1).await;
        town.texts(BERT, "one").await;
        town.until("it is noticed", || async { town.bridge.lines().await[0].trouble.is_some() })
            .await;
        town.texts(ANNA, "hello").await;
        town.until_heard(ANNA, "/link/").await;
        town.until("it works again", || async { town.bridge.lines().await[0].trouble.is_none() })
            .await;
        assert!(link_of(&town, ANNA).await.is_none());
        let page = connect(&town, ANNA, "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
    });
}

#[test]
fn a_trial_account_is_told_at_the_first_refusal() {
    run_seeded(async {
        let town = Town::new(165).await;
        town.faults("twilio", json!([{ "on": "send", "kind": "trial" }])).await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        let trouble = town.bridge.lines().await[0].trouble.clone().unwrap();
        assert!(trouble.contains("verified numbers only"), "{trouble}");
        let token = link_of(&town, ANNA).await.unwrap();
        let life = serde_json::to_string(&town.bridge.message(1).await.unwrap()).unwrap();
        assert!(!life.contains("/link/") && !life.contains(&token), "{life}");
    });
}

#[test]
fn a_dead_connection_on_a_receive_only_line_brings_a_link_to_pass_on() {
    run_seeded(async {
        let town = Town::with(166, |config| config.transports[0].replies = false).await;
        town.texts(ANNA, "hello").await;
        town.until("she is listed", || async { link_of(&town, ANNA).await.is_some() }).await;
        connect_by_hand(&town, ANNA, "anna").await;
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        town.texts(ANNA, "first").await;
        town.texts(ANNA, "second").await;
        town.until("there is a relink", || async { link_of(&town, ANNA).await.is_some() }).await;
        town.wait_seconds(600).await;
        assert!(person(&town, ANNA).await.unwrap().accounts[0].relink);
        connect_by_hand(&town, ANNA, "anna").await;
        town.until_posts(2).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["first", "second"]);
        assert!(town.heard(ANNA).await.is_empty());
    });
}

#[test]
fn the_operators_own_link_says_whether_it_was_texted() {
    run_seeded(async {
        let town = Town::with(167, |config| config.transports[0].replies = false).await;
        let made = town.bridge.make_link(&ANNA.into(), true).await.unwrap();
        assert!(!made.texted);
        assert!(made.expires_at.millis_since(town.bridge.now()) > 71 * HOUR_MS);
        let shown = link_of(&town, ANNA).await.unwrap();
        assert!(made.url.ends_with(&shown), "{LINE}");
        town.texts(ANNA, "hello").await;
        town.until_done().await;
        assert_eq!(town.states().await, [MessageState::Answered]);
    });
}
