//! Linking: who may finish a link, and what the others see.

use crate::browser::{at_provider, connect, join, newest_token, press};
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::{LinkPage, LinkTrouble};
use cordboard_testkit::run_seeded;
use serde_json::json;

async fn invited(seed: u64) -> Town {
    let town = Town::new(seed).await;
    town.texts(ANNA, "hello").await;
    town.until_heard(ANNA, "/link/").await;
    town
}

fn trouble(page: &LinkPage) -> Option<LinkTrouble> {
    match page {
        LinkPage::Trouble(trouble) => Some(*trouble),
        _ => None,
    }
}

#[test]
fn looking_at_a_link_changes_nothing() {
    run_seeded(async {
        let town = invited(50).await;
        let token = newest_token(&town, ANNA).await;
        for typed in [token.clone(), token.to_uppercase(), token.replace('-', "")] {
            let page = town.bridge.link_page(&typed).await;
            assert!(
                matches!(&page, LinkPage::Confirm { last_two, .. } if last_two == "42"),
                "{page:?}"
            );
        }
        let page = connect(&town, ANNA, "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }));
    });
}

#[test]
fn a_link_works_once() {
    run_seeded(async {
        let town = invited(51).await;
        let token = newest_token(&town, ANNA).await;
        let leaving = press(&town, &token).await;
        let query = at_provider(&town, &leaving.authorize_url, "anna", "authorize").await;
        let page = town.bridge.link_return("x", query.clone(), Some(&leaving.cookie)).await;
        assert!(matches!(page, LinkPage::Linked { .. }));
        let again = town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
        assert_eq!(trouble(&again), Some(LinkTrouble::Used));
        assert_eq!(trouble(&town.bridge.link_page(&token).await), Some(LinkTrouble::Used));
        assert_eq!(trouble(&town.bridge.link_press(&token).await), Some(LinkTrouble::Used));
    });
}

#[test]
fn a_link_that_is_old_replaced_or_unknown_says_so() {
    run_seeded(async {
        let town = invited(52).await;
        let first = newest_token(&town, ANNA).await;
        town.texts(ANNA, "hello again").await;
        town.until("a second link came", || async { newest_token(&town, ANNA).await != first })
            .await;
        assert_eq!(trouble(&town.bridge.link_page(&first).await), Some(LinkTrouble::Replaced));
        let second = newest_token(&town, ANNA).await;
        let leaving = press(&town, &second).await;
        let query = at_provider(&town, &leaving.authorize_url, "anna", "authorize").await;
        town.wait_seconds(3601).await;
        assert_eq!(trouble(&town.bridge.link_page(&second).await), Some(LinkTrouble::Expired));
        let late = town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
        assert_eq!(trouble(&late), Some(LinkTrouble::Expired));
        for unknown in ["abcd-efgh-jkmn", "x", "../../etc/passwd", ""] {
            assert_eq!(trouble(&town.bridge.link_page(unknown).await), Some(LinkTrouble::Unknown));
        }
        let stray = vec![("state".to_owned(), "nothing".to_owned())];
        let page = town.bridge.link_return("x", stray, None).await;
        assert_eq!(trouble(&page), Some(LinkTrouble::Unknown));
        assert_eq!(
            trouble(&town.bridge.link_return("x", vec![], None).await),
            Some(LinkTrouble::Unknown)
        );
    });
}

#[test]
fn a_person_who_declines_is_told_and_may_try_again() {
    run_seeded(async {
        let town = invited(53).await;
        let token = newest_token(&town, ANNA).await;
        let leaving = press(&town, &token).await;
        let query = at_provider(&town, &leaving.authorize_url, "anna", "cancel").await;
        let page = town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
        assert_eq!(trouble(&page), Some(LinkTrouble::Declined));
        town.until_heard(ANNA, "did not work").await;
        join(&town, ANNA, "anna").await;
    });
}

/// Somebody sends a victim the provider's own address of their own link. The victim authorises, in a
/// browser that never pressed the button.
#[test]
fn somebody_elses_authorise_address_cannot_complete_the_link() {
    run_seeded(async {
        let town = invited(54).await;
        let token = newest_token(&town, ANNA).await;
        let attacker = press(&town, &token).await;
        let query = at_provider(&town, &attacker.authorize_url, "victim", "authorize").await;
        let page = town.bridge.link_return("x", query, None).await;
        let LinkPage::AskCode { cookie, .. } = page else { panic!("{page:?}") };
        town.until_heard(ANNA, "is your code").await;
        // The attacker has the phone and so the code, but not the browser that was asked.
        let code = newest_code(&town).await;
        for (cookie, field) in [
            (None, ""),
            (Some(attacker.cookie.as_str()), attacker.cookie.as_str()),
            (Some(attacker.cookie.as_str()), cookie.as_str()),
        ] {
            let page = town.bridge.link_code("x", cookie, field, &code).await;
            assert!(trouble(&page).is_some(), "{page:?}");
        }
        // The victim has the browser, but not the code.
        for wrong in 1..3 {
            let page = town.bridge.link_code("x", Some(&cookie), &cookie, "000000x").await;
            assert!(matches!(page, LinkPage::AskCode { wrong: n, .. } if n == wrong), "{page:?}");
        }
        let page = town.bridge.link_code("x", Some(&cookie), &cookie, "").await;
        assert_eq!(trouble(&page), Some(LinkTrouble::TooMany));
        let page = town.bridge.link_code("x", Some(&cookie), &cookie, &code).await;
        assert!(trouble(&page).is_some(), "{page:?}");
        assert!(town.bridge.people(10).await.unwrap().iter().all(|who| who.accounts.is_empty()));
        // What the victim granted has been given back.
        let answer = town.simulator("x", "/_expire", json!({ "handle": "victim" })).await;
        assert_eq!(String::from_utf8_lossy(&answer.body.0), r#"{"ended":0}"#);
    });
}

#[test]
fn another_browser_of_the_same_person_finishes_with_the_code() {
    run_seeded(async {
        let town = invited(55).await;
        let token = newest_token(&town, ANNA).await;
        let leaving = press(&town, &token).await;
        let query = at_provider(&town, &leaving.authorize_url, "anna", "authorize").await;
        let page = town.bridge.link_return("x", query, Some("another cookie")).await;
        let LinkPage::AskCode { cookie, .. } = page else { panic!("{page:?}") };
        town.until_heard(ANNA, "is your code").await;
        let code = newest_code(&town).await;
        let typed = format!(" {} {} ", &code[..3], &code[3..]);
        let page = town.bridge.link_code("x", Some(&cookie), &cookie, &typed).await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        town.texts(ANNA, "it worked").await;
        town.until_posts(1).await;
    });
}

#[test]
fn what_was_granted_is_given_back_when_nobody_types_the_code() {
    run_seeded(async {
        let town = invited(61).await;
        let token = newest_token(&town, ANNA).await;
        let leaving = press(&town, &token).await;
        let query = at_provider(&town, &leaving.authorize_url, "victim", "authorize").await;
        let page = town.bridge.link_return("x", query, None).await;
        assert!(matches!(page, LinkPage::AskCode { .. }), "{page:?}");
        town.wait_seconds(3700).await;
        let answer = town.simulator("x", "/_expire", json!({ "handle": "victim" })).await;
        assert_eq!(String::from_utf8_lossy(&answer.body.0), r#"{"ended":0}"#);
    });
}

#[test]
fn codes_tried_all_at_once_are_as_many_tries() {
    run_seeded(async {
        let town = invited(59).await;
        let token = newest_token(&town, ANNA).await;
        let leaving = press(&town, &token).await;
        let query = at_provider(&town, &leaving.authorize_url, "anna", "authorize").await;
        let page = town.bridge.link_return("x", query, None).await;
        let LinkPage::AskCode { cookie, .. } = page else { panic!("{page:?}") };
        let codes: Vec<String> = (0..20).map(|n| format!("00000{n}")).collect();
        let tries =
            codes.iter().map(|code| town.bridge.link_code("x", Some(&cookie), &cookie, code));
        let asked_again = futures_util::future::join_all(tries)
            .await
            .into_iter()
            .filter(|page| matches!(page, LinkPage::AskCode { .. }))
            .count();
        assert!(asked_again < 3, "{asked_again}");
    });
}

async fn newest_code(town: &Town) -> String {
    let heard = town.heard(ANNA).await;
    let text = heard.iter().rev().find(|text| text.contains("is your code")).unwrap();
    text.split(' ').next().unwrap().to_owned()
}

#[test]
fn two_phones_may_share_an_account_and_one_may_leave() {
    run_seeded(async {
        let town = Town::new(56).await;
        join(&town, ANNA, "shared").await;
        join(&town, BERT, "shared").await;
        town.texts(ANNA, "/STOP").await;
        town.until_heard(ANNA, "you are out").await;
        town.wait_seconds(600).await;
        town.texts(BERT, "still here").await;
        town.until_posts(1).await;
    });
}

#[test]
fn a_link_is_kept_nowhere_once_it_has_been_texted() {
    run_seeded(async {
        let town = invited(60).await;
        town.wait_seconds(60).await;
        let token = newest_token(&town, ANNA).await;
        let life = town.bridge.message(1).await.unwrap();
        assert_eq!(life.replies.len(), 1);
        let kept = serde_json::to_string(&life).unwrap();
        assert!(!kept.contains(&token), "{kept}");
    });
}

#[test]
fn guessing_links_is_limited() {
    run_seeded(async {
        let town = Town::new(57).await;
        let mut last = None;
        for _ in 0..70 {
            last = trouble(&town.bridge.link_page("abcd-efgh-jkmn").await);
        }
        assert_eq!(last, Some(LinkTrouble::TooMany));
    });
}

#[test]
fn operators_keys_refused_while_linking_is_the_operators_trouble() {
    run_seeded(async {
        let town = invited(58).await;
        town.faults("x", json!([{ "on": "token", "kind": "401" }])).await;
        let page = connect(&town, ANNA, "anna").await;
        assert!(trouble(&page).is_some(), "{page:?}");
        town.until_heard(ANNA, "did not work").await;
        join(&town, ANNA, "anna").await;
    });
}
