//! Linking by code: no browser comes back, the person texts what the provider shows.

use crate::browser::agree_for_code;
use crate::town::{ANNA, Town};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_engine::{Config, InstanceConfig, LinkPage};
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

pub(crate) fn by_code(config: &mut Config) {
    let settings = json!({ "auth": "oauth1", "link": "code", "upload_api": "v2" });
    let media = InstanceConfig {
        name: "x-media".to_owned(),
        kind: "x-media".to_owned(),
        simulate: true,
        replies: true,
        settings,
        prices: Value::Null,
    };
    config.sinks[0].settings = json!({ "auth": "oauth1", "link": "code" });
    config.sinks.push(media);
    config.routes[0].media = Some("x-media".to_owned());
}

/// The provider's address in the newest text that has one.
pub(crate) async fn way_in(town: &Town) -> String {
    town.until_heard(ANNA, "/oauth/authorize?").await;
    let heard = town.heard(ANNA).await;
    let text = heard.iter().rev().find(|text| text.contains("/oauth/authorize?")).unwrap();
    assert!(text.ends_with("X shows a code: text it here."), "{text}");
    text.split_whitespace().find(|word| word.contains("/oauth/authorize?")).unwrap().to_owned()
}

async fn invited(seed: u64) -> Town {
    let town = Town::with(seed, by_code).await;
    town.texts(ANNA, "hello").await;
    town
}

/// A code that is not `code`.
fn wrong(code: &str) -> String {
    let last = code.as_bytes()[code.len() - 1];
    format!("{}{}", &code[..code.len() - 1], if last == b'0' { '1' } else { '0' })
}

#[test]
fn the_texted_code_connects_words_and_pictures() {
    run_seeded(async {
        let town = invited(720).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        town.texts(ANNA, &format!(" {} {} ", &code[..3], &code[3..])).await;
        town.until_heard(ANNA, "Connected as @anna").await;
        let person = town.bridge.person(&ANNA.into()).await.unwrap();
        assert_eq!(person.accounts.len(), 2, "one credential serves both");
        town.texts(ANNA, "words").await;
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["words"], "the code is not posted");
        let all = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 9 };
        let kept = serde_json::to_string(&town.bridge.messages(all).await.unwrap()).unwrap();
        assert!(kept.contains("(a code)") && !kept.contains(&code[3..]), "nor kept: {kept}");
    });
}

#[test]
fn where_our_page_is_reachable_it_leads_on_to_the_provider() {
    run_seeded(async {
        let town = Town::with(721, |config| {
            by_code(config);
            config.bridge.public_url = "https://sms.example.com".to_owned();
        })
        .await;
        town.texts(ANNA, "hello").await;
        town.until_heard(ANNA, "X shows a code: text it here.").await;
        let token = crate::browser::newest_token(&town, ANNA).await;
        let page = town.bridge.link_page(&token).await;
        assert!(matches!(page, LinkPage::Confirm { code_to: Some(_), .. }), "{page:?}");
        // A code before the page was opened is none.
        town.texts(ANNA, "1234567").await;
        town.until_heard(ANNA, "Open the link we sent").await;
        let leaving = crate::browser::press(&town, &token).await;
        let code = agree_for_code(&town, &leaving.authorize_url, "anna").await;
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "Connected as @anna").await;
        assert!(town.words().await.is_empty());
    });
}

#[test]
fn the_third_wrong_code_ends_the_link_and_nothing_is_posted() {
    run_seeded(async {
        let town = invited(722).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        for told in ["2 tries left", "1 try left", "the link is void"] {
            town.texts(ANNA, &wrong(&code)).await;
            town.until_heard(ANNA, told).await;
        }
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "we wait for none now").await;
        assert!(town.words().await.is_empty());
        assert!(town.bridge.people(9).await.unwrap().iter().all(|who| who.accounts.is_empty()));
        // A new link starts anew.
        let before = way_in(&town).await;
        town.texts(ANNA, "/LINK").await;
        town.until("another address came", || async { way_in(&town).await != before }).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "Connected as @anna").await;
    });
}

#[test]
fn two_wrong_codes_leave_one_more_try() {
    run_seeded(async {
        let town = invited(723).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        for told in ["2 tries left", "1 try left"] {
            town.texts(ANNA, &wrong(&code)).await;
            town.until_heard(ANNA, told).await;
        }
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "Connected as @anna").await;
    });
}

#[test]
fn digits_are_no_post_for_a_day_after_and_one_again_later() {
    run_seeded(async {
        let town = invited(724).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "Connected as @anna").await;
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "we wait for none now").await;
        town.texts(ANNA, "1234567 is my number").await;
        town.until_posts(1).await;
        town.wait_seconds(26 * 3600).await;
        town.texts(ANNA, "20261121").await;
        town.until_posts(2).await;
        assert_eq!(town.words().await, ["1234567 is my number", "20261121"]);
    });
}

#[test]
fn a_code_survives_a_crash_while_it_is_tried() {
    run_seeded(async {
        let town = invited(725).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        town.texts(ANNA, &code).await;
        town.until("the code was read", || async {
            town.states().await.get(1) == Some(&MessageState::Answered)
        })
        .await;
        let town = town.crash().await;
        town.until_heard(ANNA, "Connected as @anna").await;
    });
}

#[test]
fn an_invitation_waits_until_the_provider_can_be_asked() {
    run_seeded(async {
        let town = Town::with(726, by_code).await;
        let down = json!([{ "on": "request_token", "kind": "503", "times": 2 }]);
        town.faults("x", down).await;
        town.texts(ANNA, "hello").await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        town.texts(ANNA, &code).await;
        town.until_heard(ANNA, "Connected as @anna").await;
        assert_eq!(town.heard(ANNA).await.iter().filter(|t| t.contains("authorize?")).count(), 1);
    });
}

#[test]
fn reading_goes_on_while_a_code_is_tried() {
    run_seeded(async {
        let town = invited(727).await;
        let code = agree_for_code(&town, &way_in(&town).await, "anna").await;
        let slow = json!([{ "on": "access_token", "kind": "timeout_after_accept" }]);
        town.faults("x", slow).await;
        town.texts(ANNA, &code).await;
        town.texts(ANNA, "/HELP").await;
        town.until_heard(ANNA, "/UNDO").await;
        // The answer was lost and the code is spent: said plainly, with the way out.
        town.until_heard(ANNA, "did not work").await;
        assert!(town.words().await.is_empty());
    });
}
