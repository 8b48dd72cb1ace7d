//! Linking words and pictures: two agreements or one, and what holds when the second fails.

use crate::browser::{at_provider, newest_token, press};
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::{Config, InstanceConfig, LinkPage, LinkTrouble};
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

/// Words by OAuth 2.0, pictures by OAuth 1.0a, as most bridges have it.
pub(crate) fn pictures(config: &mut Config) {
    with(config, "oauth2", "oauth1");
}

fn with(config: &mut Config, words: &str, pictures: &str) {
    config.sinks[0].settings = json!({ "auth": words });
    let media = InstanceConfig {
        name: "x-media".to_owned(),
        kind: "x-media".to_owned(),
        simulate: true,
        replies: true,
        settings: json!({ "auth": pictures, "upload_api": "v2" }),
        prices: Value::Null,
    };
    config.sinks.push(media);
    config.routes[0].media = Some("x-media".to_owned());
}

/// Presses the newest link and agrees (or not) at the first sink it leads to; the page that follows.
async fn first_step(town: &Town, sink: &str, handle: &str) -> (LinkPage, String) {
    let token = newest_token(town, ANNA).await;
    let leaving = press(town, &token).await;
    assert!(
        leaving.authorize_url.contains(&format!("/sandbox/{sink}/")),
        "{}",
        leaving.authorize_url
    );
    let query = at_provider(town, &leaving.authorize_url, handle, "authorize").await;
    (town.bridge.link_return(sink, query, Some(&leaving.cookie)).await, leaving.cookie)
}

/// The step after that, in the same browser.
async fn second_step(town: &Town, page: LinkPage, handle: &str, decision: &str) -> LinkPage {
    let LinkPage::GoTo { url, cookie, .. } = page else { panic!("{page:?}") };
    assert!(url.contains("/sandbox/x-media/"), "{url}");
    let query = at_provider(town, &url, handle, decision).await;
    town.bridge.link_return("x-media", query, Some(&cookie)).await
}

async fn invited(town: &Town) {
    town.texts(ANNA, "hello").await;
    town.until_heard(ANNA, "/link/").await;
}

/// Asks for a new link and waits for it.
async fn asks(town: &Town) {
    let before = links(town).await;
    town.texts(ANNA, "/LINK").await;
    town.until("a link came", || async { links(town).await > before }).await;
}

async fn links(town: &Town) -> usize {
    town.heard(ANNA).await.iter().filter(|text| text.contains("/link/")).count()
}

async fn joined(town: &Town, handle: &str) {
    invited(town).await;
    let (page, _) = first_step(town, "x", handle).await;
    let page = second_step(town, page, handle, "authorize").await;
    assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
}

/// Sink and account of everything that works, in order.
async fn accounts(town: &Town, phone: &str) -> Vec<String> {
    let person = town.bridge.person(&phone.into()).await.unwrap();
    let alive = person.accounts.iter().filter(|account| !account.relink);
    alive.map(|account| format!("{} {}", account.sink, account.remote.handle)).collect()
}

fn why(page: &LinkPage) -> Option<LinkTrouble> {
    match page {
        LinkPage::Trouble(trouble) | LinkPage::NotConnected { trouble, .. } => Some(*trouble),
        _ => None,
    }
}

#[test]
fn two_agreements_one_after_the_other() {
    run_seeded(async {
        let town = Town::with(700, pictures).await;
        invited(&town).await;
        let token = newest_token(&town, ANNA).await;
        let page = town.bridge.link_page(&token).await;
        assert!(matches!(page, LinkPage::Confirm { twice: true, .. }), "{page:?}");
        let (page, _) = first_step(&town, "x", "anna").await;
        town.until_heard(ANNA, "Connected as @anna").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        let page = second_step(&town, page, "anna", "authorize").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        assert_eq!(accounts(&town, ANNA).await, ["x @anna", "x-media @anna"]);
        town.wait_seconds(600).await;
        let heard = town.heard(ANNA).await;
        assert_eq!(
            heard.iter().filter(|text| text.contains("Connected as")).count(),
            1,
            "{heard:?}"
        );
        town.texts(ANNA, "words").await;
        town.until_posts(1).await;
    });
}

#[test]
fn one_agreement_where_one_credential_serves_both() {
    for (words, media, first) in [("oauth1", "oauth1", "x"), ("oauth2", "oauth2", "x-media")] {
        run_seeded(async move {
            let town = Town::with(701, |config| with(config, words, media)).await;
            invited(&town).await;
            let token = newest_token(&town, ANNA).await;
            let page = town.bridge.link_page(&token).await;
            assert!(matches!(page, LinkPage::Confirm { twice: false, .. }), "{page:?}");
            let (page, _) = first_step(&town, first, "anna").await;
            assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
            assert_eq!(accounts(&town, ANNA).await, ["x @anna", "x-media @anna"]);
            town.texts(ANNA, "words").await;
            town.until_posts(1).await;
        });
    }
}

#[test]
fn declining_pictures_leaves_the_words() {
    run_seeded(async {
        let town = Town::with(702, pictures).await;
        invited(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        let page = second_step(&town, page, "anna", "cancel").await;
        let LinkPage::NotConnected { trouble: LinkTrouble::Declined, words_of, .. } = page else {
            panic!("{page:?}")
        };
        assert_eq!(words_of.as_deref(), Some("@anna"));
        town.until_heard(ANNA, "pictures are not connected").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        town.texts(ANNA, "words").await;
        town.until_posts(1).await;
        // Only what is missing is asked for later.
        asks(&town).await;
        let (page, _) = first_step(&town, "x-media", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        town.until_heard(ANNA, "pictures too").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @anna", "x-media @anna"]);
    });
}

#[test]
fn pictures_of_another_account_are_not_kept() {
    run_seeded(async {
        let town = Town::with(703, pictures).await;
        invited(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        let page = second_step(&town, page, "other", "authorize").await;
        let LinkPage::NotConnected { trouble: LinkTrouble::OtherAccount, detail, words_of } = page
        else {
            panic!("{page:?}")
        };
        assert_eq!((detail.as_deref(), words_of.as_deref()), (Some("@anna"), Some("@anna")));
        town.until_heard(ANNA, "Pictures must go where your words go, to @anna").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        let answer = town.simulator("x", "/_revoke", json!({ "handle": "other" })).await;
        let ended: Value = serde_json::from_slice(&answer.body.0).unwrap();
        // The simulated X remembers which token was theirs, not the token.
        assert_eq!(ended["ended"], 1, "it was given back");
    });
}

/// X may end all that was granted to us there, and somebody else lives by it.
#[test]
fn what_is_not_kept_is_not_revoked_where_somebody_else_is_connected() {
    run_seeded(async {
        let town = Town::with(711, pictures).await;
        town.texts(BERT, "hello").await;
        town.until_heard(BERT, "/link/").await;
        let leaving = press(&town, &newest_token(&town, BERT).await).await;
        let query = at_provider(&town, &leaving.authorize_url, "bert", "authorize").await;
        let page = town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
        second_step(&town, page, "bert", "authorize").await;
        invited(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        let page = second_step(&town, page, "bert", "authorize").await;
        assert_eq!(why(&page), Some(LinkTrouble::OtherAccount), "{page:?}");
        town.wait_seconds(600).await;
        assert_eq!(accounts(&town, BERT).await, ["x @bert", "x-media @bert"]);
        // His access and refresh tokens, the token for pictures, and the note of it.
        let answer = town.simulator("x", "/_revoke", json!({ "handle": "bert" })).await;
        let ended: Value = serde_json::from_slice(&answer.body.0).unwrap();
        assert_eq!(ended["ended"], 4);
    });
}

#[test]
fn another_account_for_words_takes_the_pictures_along() {
    run_seeded(async {
        let town = Town::with(704, pictures).await;
        joined(&town, "anna").await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x", "other").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @other"], "never words and pictures of two");
        let page = second_step(&town, page, "other", "authorize").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        assert_eq!(accounts(&town, ANNA).await, ["x @other", "x-media @other"]);
    });
}

#[test]
fn connecting_the_same_account_again_asks_once() {
    run_seeded(async {
        let town = Town::with(705, pictures).await;
        joined(&town, "anna").await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        assert_eq!(accounts(&town, ANNA).await, ["x @anna", "x-media @anna"]);
    });
}

#[test]
fn read_only_access_is_not_kept_and_both_are_told_what_to_change() {
    run_seeded(async {
        let town = Town::with(706, |config| {
            pictures(config);
            config.alert_numbers = vec![BERT.into()];
        })
        .await;
        town.simulator("x", "/_app", json!({ "access": "read" })).await;
        invited(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        let page = second_step(&town, page, "anna", "authorize").await;
        let LinkPage::NotConnected { trouble: LinkTrouble::TooLittle, detail, .. } = page else {
            panic!("{page:?}")
        };
        assert!(detail.unwrap().contains("Read and write"));
        town.until_heard(ANNA, "pictures are not connected").await;
        town.until_heard(BERT, "not granted").await;
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        town.simulator("x", "/_app", json!({ "access": "read-write" })).await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x-media", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
    });
}

#[test]
fn the_operator_ends_one_sink_and_the_words_go_on() {
    run_seeded(async {
        let town = Town::with(707, pictures).await;
        joined(&town, "anna").await;
        let number = ANNA.into();
        let unknown = town.bridge.unlink(&number, Some("y")).await.unwrap_err();
        assert!(unknown.to_string().contains("no account at sink `y`"), "{unknown}");
        town.bridge.unlink(&number, Some("x-media")).await.unwrap();
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        town.texts(ANNA, "words").await;
        town.until_posts(1).await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x-media", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        town.bridge.unlink(&number, None).await.unwrap();
        assert!(accounts(&town, ANNA).await.is_empty());
    });
}

#[test]
fn a_shared_credential_stays_for_the_other_sink() {
    run_seeded(async {
        let town = Town::with(708, |config| with(config, "oauth1", "oauth1")).await;
        invited(&town).await;
        first_step(&town, "x", "anna").await;
        town.bridge.unlink(&ANNA.into(), Some("x-media")).await.unwrap();
        town.wait_seconds(600).await;
        town.texts(ANNA, "still here").await;
        town.until_posts(1).await;
    });
}

#[test]
fn a_changed_key_for_pictures_asks_for_those_only_and_pauses_nothing() {
    run_seeded(async {
        let town = Town::with(709, pictures).await;
        joined(&town, "anna").await;
        // Another way to link pictures is another kind of credential: as with other keys, theirs is none.
        let town = town.restart(|config| config.sinks[1].settings["auth"] = json!("oauth2")).await;
        assert_eq!(town.bridge.health().await.status, "ok", "nothing pauses");
        assert_eq!(accounts(&town, ANNA).await, ["x @anna"]);
        town.texts(ANNA, "words go on").await;
        town.until_posts(1).await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x-media", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        assert_eq!(accounts(&town, ANNA).await, ["x @anna", "x-media @anna"]);
    });
}

/// The token works nowhere, and X gives the same one again as long as the grant stands.
#[test]
fn a_refused_grant_that_comes_back_is_not_kept() {
    run_seeded(async {
        let town = Town::with(710, |config| with(config, "oauth1", "oauth1")).await;
        invited(&town).await;
        first_step(&town, "x", "anna").await;
        town.faults("x", json!([{ "on": "publish", "kind": "401" }])).await;
        town.texts(ANNA, "held").await;
        town.until_heard(ANNA, "connection ended").await;
        let (page, _) = first_step(&town, "x", "anna").await;
        assert_eq!(why(&page), Some(LinkTrouble::SameGrant), "{page:?}");
        town.until_heard(ANNA, "Remove Cordboard from the connected apps").await;
        assert!(accounts(&town, ANNA).await.is_empty());
        // The person withdraws it at X, and the next one is another.
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        asks(&town).await;
        let (page, _) = first_step(&town, "x", "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        town.until_posts(1).await;
    });
}
