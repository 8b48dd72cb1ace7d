//! A plugin instance's state: versions, expiry, limits, and timers.

use crate::set_up::*;
use cordboard_plugin::*;
use cordboard_store::*;

fn put(key: &str, value: &str, expected: Expected) -> Put {
    Put { key: key.into(), value: value.into(), expected, expires_at: None }
}

async fn put_all(store: &Store, puts: Vec<Put>) -> Result<TakenIn, StoreError> {
    let commit = Commit { puts, ..Commit::default() };
    store.state_commit("plug", None, commit, None, NOW).await
}

async fn get(store: &Store, key: &str) -> Option<(String, i64)> {
    let stored = store.state_get("plug", key, NOW).await.unwrap()?;
    Some((String::from_utf8(stored.value.0).unwrap(), stored.version))
}

#[tokio::test]
async fn versions_count_up_and_guard_writes() {
    let store = store();
    put_all(&store, vec![put("k", "a", Expected::Absent)]).await.unwrap();
    put_all(&store, vec![put("k", "b", Expected::Version(1))]).await.unwrap();
    put_all(&store, vec![put("k", "c", Expected::Any)]).await.unwrap();
    assert_eq!(get(&store, "k").await, Some(("c".into(), 3)));
    for expected in [Expected::Absent, Expected::Version(2), Expected::Version(0)] {
        let puts = vec![put("other", "x", Expected::Any), put("k", "d", expected)];
        assert_eq!(put_all(&store, puts).await.unwrap_err(), StoreError::Conflict);
    }
    assert_eq!(get(&store, "k").await, Some(("c".into(), 3)));
    assert_eq!(get(&store, "other").await, None, "all or nothing");
    let deletes = vec![Delete { key: "k".into(), expected: Expected::Version(3) }];
    let commit = Commit { deletes, ..Commit::default() };
    store.state_commit("plug", None, commit, None, NOW).await.unwrap();
    assert_eq!(get(&store, "k").await, None);
    assert!(store.state_get("another", "k", NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn an_expired_value_is_not_there() {
    let store = store();
    let short = Put { expires_at: Some(at(10)), ..put("k", "a", Expected::Absent) };
    put_all(&store, vec![short]).await.unwrap();
    let at_time = |now| store.state_get("plug", "k", now);
    assert!(at_time(at(9)).await.unwrap().is_some());
    assert!(at_time(at(10)).await.unwrap().is_none());
    let commit = Commit { puts: vec![put("k", "b", Expected::Absent)], ..Commit::default() };
    store.state_commit("plug", None, commit, None, at(10)).await.unwrap();
    assert_eq!(at_time(at(99)).await.unwrap().unwrap().version, 1);
}

#[tokio::test]
async fn keys_and_values_have_limits() {
    let store = store();
    let long_key = "k".repeat(255);
    put_all(&store, vec![put(&long_key, &"v".repeat(65_536), Expected::Any)]).await.unwrap();
    for puts in [
        vec![put(&"k".repeat(256), "v", Expected::Any)],
        vec![put("k", &"v".repeat(65_537), Expected::Any)],
    ] {
        assert_eq!(put_all(&store, puts).await.unwrap_err(), StoreError::TooLarge);
    }
}

#[tokio::test]
async fn a_scan_goes_by_prefix_in_key_order() {
    let store = store();
    let puts = ["a/2", "a/1", "a", "b/1", "a/3", "A/9"].map(|key| put(key, key, Expected::Any));
    put_all(&store, puts.to_vec()).await.unwrap();
    let scan = async |prefix: &str, after: Option<&str>, rows: i64| -> Vec<String> {
        let found = store.state_scan("plug", prefix, after, rows, NOW).await.unwrap();
        found.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(scan("a/", None, 9).await, ["a/1", "a/2", "a/3"]);
    assert_eq!(scan("a/", Some("a/1"), 1).await, ["a/2"]);
    assert_eq!(scan("", None, 2).await, ["A/9", "a"]);
    assert!(scan("c", None, 9).await.is_empty());
}

#[tokio::test]
async fn messages_replies_and_timers_go_with_the_state_or_not_at_all() {
    let store = store();
    let whole = |expected| Commit {
        puts: vec![put("seen", "1", expected)],
        messages: vec![text(ANN, "1").incoming],
        replies: vec![HostReply {
            key: "hello".into(),
            transport: None,
            from: Address::new(LINE),
            to: ann(),
            text: "hello".into(),
        }],
        timers: vec![Timer { key: "tick".into(), at: at(5) }],
        ..Commit::default()
    };
    let modem = Carrier { transport: "modem".into(), price_segment: MicroUsd(0) };
    let refused = store
        .state_commit("plug", Some(modem.clone()), whole(Expected::Version(7)), None, NOW)
        .await;
    assert_eq!(refused.unwrap_err(), StoreError::Conflict);
    assert_eq!(store.sums().await.unwrap().total, 0);
    assert_eq!(store.next_timer().await.unwrap(), None);
    let claim = Some(claim("me", 9));
    let taken =
        store.state_commit("plug", Some(modem.clone()), whole(Expected::Any), claim, NOW).await;
    let taken = taken.unwrap();
    assert_eq!((taken.new.len(), taken.holds.len()), (1, 1));
    let message = store.message(taken.new[0]).await.unwrap().unwrap();
    assert_eq!(message.transport, "modem");
    let reply = store.reply(1).await.unwrap().unwrap();
    assert_eq!((reply.key.as_str(), reply.transport.as_str()), ("plug/hello", "modem"));
    assert_eq!(reply.class, ReplyClass::Answer);
    assert_eq!(store.next_timer().await.unwrap(), Some(at(5)));
}

#[tokio::test]
async fn a_timer_wakes_one_process_and_may_be_set_again_meanwhile() {
    let store = store();
    let set = async |seconds: i64| {
        let timers = vec![Timer { key: "t".into(), at: at(seconds) }];
        let commit = Commit { timers, ..Commit::default() };
        store.state_commit("plug", None, commit, None, NOW).await.unwrap();
    };
    let due = async |owner: &str, seconds: i64| {
        let claim = Claim { owner: owner.into(), until: at(seconds + 30) };
        store.claim_timers(claim, 9, at(seconds)).await.unwrap()
    };
    set(5).await;
    assert!(due("a", 4).await.is_empty());
    assert_eq!(due("a", 5).await, [("plug".to_owned(), "t".to_owned(), at(5))]);
    assert!(due("b", 6).await.is_empty(), "leased");
    assert_eq!(store.next_timer().await.unwrap(), Some(at(35)), "if its holder dies");
    assert_eq!(due("b", 35).await.len(), 1);
    set(50).await;
    store.finish_timer("plug", "t", at(5)).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), Some(at(50)), "set again, so it stays");
    assert_eq!(due("a", 50).await.len(), 1);
    store.finish_timer("plug", "t", at(50)).await.unwrap();
    assert_eq!(store.next_timer().await.unwrap(), None);
}
