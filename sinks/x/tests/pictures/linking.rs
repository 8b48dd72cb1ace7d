//! By web, by code, by one consent for words and pictures.

use crate::town::{Town, place};
use cordboard_plugin::{CallError, LinkError, LinkReturn, SimPlace, Simulator as _, Trouble};
use cordboard_testkit::{FakeHost, block_on};
use cordboard_x::PLUGIN;
use cordboard_x::sim::SimulatedX;
use serde_json::json;
use std::sync::Arc;

#[test]
fn simulated_instances_share_a_realm_wherever_they_are_mounted() {
    let credentials = |nth: usize, name: &str| {
        let kind = &PLUGIN.sinks[nth];
        let base_url = format!("http://127.0.0.1:8080/sandbox/{name}");
        let place = SimPlace { base_url: base_url.clone(), hook_url: String::new() };
        let mut values = SimulatedX.settings(kind.kind, &place);
        values["auth"] = "oauth1".into();
        let settings = cordboard_plugin::Settings {
            name: name.to_owned(),
            values,
            prices: json!(null),
            public: false,
            catch_up_hours: 24,
        };
        let can = (kind.create)(&settings).unwrap().capabilities();
        assert!(can.bases.iter().all(|base| base.url == base_url), "{:?}", can.bases);
        can.credentials
    };
    assert_eq!(credentials(0, "x"), credentials(1, "pictures"));
}

#[test]
fn one_link_by_web_serves_both_sinks() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    assert_eq!((who.kind.as_str(), who.account.handle.as_str()), ("oauth1", "@ada"));
    for sink in [&town.x, &town.media] {
        let accepted = &sink.capabilities().credentials[0];
        assert_eq!((&accepted.kind, &accepted.realm), (&who.kind, &who.realm));
        let checked = block_on(sink.check(&town.host, &who)).unwrap();
        assert!(checked.may_write && checked.account == who.account);
        assert!(!sink.capabilities().link_by_code);
    }
    town.post(&who, "words alone", &[]).unwrap();
    assert_eq!(town.timeline()[0].author, "@ada");
    // Nothing to refresh, and nothing changes.
    let fresh = block_on(town.media.refresh(&town.host, &who)).unwrap();
    assert_eq!((fresh.secret, fresh.refresh_at), (who.secret, None));
}

#[test]
fn the_state_of_a_link_is_in_every_return_address() {
    let town = Town::new("oauth1", &json!({}));
    let start = town.begin(&*town.media).unwrap();
    assert!(start.authorize_url.contains("/oauth/authorize?oauth_token="));
    assert!(start.state.len() >= 32 && !start.by_code);
    assert!(!start.authorize_url.contains("secret"));
    let answer = town.decide(&start, "cancel", "ada");
    let back = town.back(&start, &answer);
    assert_eq!(back.query, [("denied".to_owned(), start.state.clone())]);
    assert_eq!(town.media.link_state(&back.query), Some(start.state));
    assert_eq!(town.complete(&back).unwrap_err(), LinkError::Declined);
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    assert_eq!(town.media.link_state(&town.back(&start, &answer).query), Some(start.state));
    assert_eq!(town.media.link_state(&[]), None);
}

#[test]
fn a_verifier_works_once_and_for_its_own_link() {
    let town = Town::new("oauth1", &json!({}));
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    let back = town.back(&start, &answer);
    let other = town.begin(&*town.media).unwrap();
    let mixed = LinkReturn { secret: other.secret, ..back.clone() };
    assert!(matches!(town.complete(&mixed), Err(LinkError::Failed(_))));
    town.complete(&back).unwrap();
    assert!(matches!(town.complete(&back), Err(LinkError::Expired(_))));
    let without = LinkReturn { query: Vec::new(), ..back };
    assert!(matches!(town.complete(&without), Err(LinkError::Failed(_))));
}

#[test]
fn a_late_return_has_expired() {
    let town = Town::new("oauth1", &json!({}));
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    town.host.advance_millis(3_600_000);
    let error = town.complete(&town.back(&start, &answer)).unwrap_err();
    assert!(matches!(error, LinkError::Expired(_)), "{error:?}");
}

#[test]
fn a_code_is_typed_with_spaces_and_may_be_mistyped() {
    let town = Town::new("oauth1", &json!({ "link": "code" }));
    assert!(town.x.capabilities().link_by_code && town.media.capabilities().link_by_code);
    let start = town.begin(&*town.media).unwrap();
    assert!(start.by_code);
    let answer = town.decide(&start, "authorize", "ada");
    let right = town.back(&start, &answer);
    let wrong = LinkReturn {
        query: vec![("oauth_verifier".to_owned(), "12345678".to_owned())],
        ..right.clone()
    };
    assert!(matches!(town.complete(&wrong), Err(LinkError::WrongCode(_))));
    let who = town.complete(&right).unwrap();
    assert_eq!(who.account.handle, "@ada");
    town.post(&who, "by code", &[]).unwrap();
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "cancel", "ada");
    assert_eq!(answer.status, 200, "nobody is sent anywhere");
}

#[test]
fn one_consent_of_oauth2_serves_both_sinks() {
    let town = Town::new("oauth2", &json!({}));
    let start = town.begin(&*town.media).unwrap();
    assert!(start.authorize_url.contains("media.write"));
    assert!(!town.begin(&*town.x).unwrap().authorize_url.contains("media.write"));
    let who = town.link("ada");
    assert_eq!(who.kind, "oauth2-media");
    let takes = town.x.capabilities().credentials;
    assert!(takes.iter().any(|kind| kind.kind == who.kind && kind.realm == who.realm));
    // Whoever refreshes it, it stays what it is.
    let fresh = block_on(town.x.refresh(&town.host, &who)).unwrap();
    assert_eq!((&fresh.kind, &fresh.realm), (&who.kind, &who.realm));
    let who = cordboard_plugin::Credential { secret: fresh.secret, ..who };
    assert!(block_on(town.media.check(&town.host, &who)).unwrap().may_write);
    assert_eq!(town.media.fingerprint(&who), None);
}

#[test]
fn a_consent_from_before_pictures_is_asked_for_again() {
    let town = Town::new("oauth2", &json!({}));
    let start = town.begin(&*town.x).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    let error = town.complete(&town.back(&start, &answer)).unwrap_err();
    let LinkError::TooLittle(words) = error else { panic!("{error:?}") };
    assert!(words.contains("pictures"));
}

#[test]
fn a_read_only_token_is_not_kept_and_says_what_to_change() {
    let town = Town::new("oauth1", &json!({}));
    town.order("/_app", &json!({ "access": "read" }));
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    let error = town.complete(&town.back(&start, &answer)).unwrap_err();
    let LinkError::TooLittle(words) = error else { panic!("{error:?}") };
    assert!(words.contains("`Read and write`") && words.contains("User authentication settings"));
    town.order("/_app", &json!({ "access": "read-write" }));
    let who = town.link("ada");
    assert!(block_on(town.media.check(&town.host, &who)).unwrap().may_write);
}

#[test]
fn the_same_token_comes_back_until_it_is_revoked_at_x() {
    let town = Town::new("oauth1", &json!({}));
    let (first, second) = (town.link("ada"), town.link("Ada"));
    assert_eq!(first.secret, second.secret);
    let fingerprint = town.media.fingerprint(&first).unwrap();
    assert_eq!(town.x.fingerprint(&second).unwrap(), fingerprint);
    assert_eq!(fingerprint.len(), 16);
    assert!(!first.secret.reveal().contains(&fingerprint));
    block_on(town.media.revoke(&town.host, &first)).unwrap();
    // Whoever shares the account loses it as well.
    assert!(matches!(block_on(town.x.check(&town.host, &second)), Err(CallError::Relink { .. })));
    block_on(town.media.revoke(&town.host, &second)).unwrap();
    let third = town.link("ada");
    assert_ne!(town.media.fingerprint(&third).unwrap(), fingerprint);
    assert_ne!(town.media.fingerprint(&town.link("bob")), town.media.fingerprint(&third));
}

#[test]
fn a_callback_that_is_not_registered_is_the_operators_trouble() {
    let town = Town::new("oauth1", &json!({}));
    town.order("/_app", &json!({ "callbacks": ["https://elsewhere.example/"] }));
    let error = town.begin(&*town.media).unwrap_err();
    let CallError::Operator { trouble, .. } = error else { panic!("{error:?}") };
    assert_eq!(trouble, Trouble::Setting);
    let by_code = Town::new("oauth1", &json!({ "link": "code" }));
    by_code.order("/_app", &json!({ "callbacks": [] }));
    by_code.begin(&*by_code.media).unwrap();
}

#[test]
fn wrong_keys_and_clocks_are_the_operators_trouble() {
    for (settings, skew_ms, wanted) in [
        (json!({ "consumer_key": "client" }), 0, Trouble::Keys),
        (json!({ "consumer_secret": "other" }), 0, Trouble::Keys),
        (json!({}), 301_000, Trouble::Clock),
    ] {
        let mut town = Town::new("oauth1", &settings);
        // The simulator's own clock, which stands.
        let sim = FakeHost::new();
        town.host = FakeHost::new().with_bases(town.media.capabilities().bases);
        town.host.mount_simulator(&place().base_url, Arc::new(SimulatedX), place(), sim);
        town.host.advance_millis(skew_ms);
        let error = town.begin(&*town.media).unwrap_err();
        let CallError::Operator { trouble, .. } = error else { panic!("{error:?}") };
        assert_eq!(trouble, wanted, "{settings}");
    }
}

#[test]
fn a_link_that_x_cannot_finish_now_says_so() {
    let town = Town::new("oauth1", &json!({}));
    town.fault("request_token", "503");
    assert!(matches!(town.begin(&*town.media), Err(CallError::Unclear { .. })));
    town.fault("request_token", "401");
    assert!(matches!(town.begin(&*town.media), Err(CallError::Operator { .. })));
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    town.fault("access_token", "reset_after_accept");
    let error = town.complete(&town.back(&start, &answer)).unwrap_err();
    assert!(matches!(error, LinkError::Failed(CallError::Unclear { .. })), "{error:?}");
    // The token is there already when X cannot say whose it is: it is kept.
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    town.fault("me", "503");
    assert_eq!(town.complete(&town.back(&start, &answer)).unwrap().account.handle, "@ada");
}

#[test]
fn a_disconnected_app_is_noticed() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    town.order("/_revoke", &json!({ "handle": "ada" }));
    let error = town.post(&who, "hello", &[]).unwrap_err();
    assert!(matches!(error, CallError::Relink { .. }), "{error:?}");
}
