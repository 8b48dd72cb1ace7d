//! Counters, troubles, sweeping.

use crate::set_up::*;
use cordboard_plugin::Address;
use cordboard_store::*;

fn counter(key: &str, by: i64, max: i64) -> Counter {
    Counter { key: key.into(), window: NOW.day(), by, max }
}

#[tokio::test]
async fn counters_are_added_all_or_none() {
    let store = store();
    let count = async |wanted: Vec<Counter>| commit(&store, vec![Change::Count(wanted)]).await.over;
    let n = async |key: &str| store.counter(key, NOW.day()).await.unwrap();
    assert_eq!(count(vec![counter("a", 2, 3), counter("b", 1, 3)]).await, None);
    assert_eq!(count(vec![counter("b", 1, 3), counter("a", 2, 3)]).await.as_deref(), Some("a"));
    assert_eq!((n("a").await, n("b").await), (2, 1));
    assert_eq!(count(vec![counter("a", 1, 3)]).await, None, "the limit itself is allowed");
    assert_eq!(count(vec![counter("a", 1, 3)]).await.as_deref(), Some("a"));
    assert_eq!(count(vec![counter("a", -2, 3)]).await, None, "giving back always works");
    let twice = vec![counter("a", 1, 3), counter("a", 2, 3)];
    assert_eq!(count(twice).await.as_deref(), Some("a"), "the same counter twice adds up");
    assert_eq!(n("a").await, 1);
    assert_eq!(store.counter("a", NOW.day() + 1).await.unwrap(), 0);
}

#[tokio::test]
async fn what_counters_do_not_pay_for_does_not_happen() {
    let store = store();
    let fact = |value: &str| Change::SetFact { key: "paid".into(), value: value.into() };
    let paid = vec![Change::Count(vec![counter("a", 1, 1)]), fact("once")];
    assert_eq!(commit(&store, paid).await.over, None);
    let unpaid = vec![Change::Count(vec![counter("a", 1, 1)]), fact("twice")];
    assert_eq!(commit(&store, unpaid).await.over.as_deref(), Some("a"));
    assert_eq!(store.fact("paid").await.unwrap().as_deref(), Some("once"));
    // And what does not happen is not paid for.
    let in_vain = vec![Change::Count(vec![counter("b", 1, 1)]), open_attempt(404)];
    assert!(store.commit(None, in_vain, NOW).await.is_err());
    assert_eq!(store.counter("b", NOW.day()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_line_that_cannot_send_says_why_until_it_can() {
    let store = store();
    let line = Address::new(LINE);
    let set = |detail: Option<&str>| Change::LineCannotSend {
        transport: "carrier".into(),
        line: line.clone(),
        detail: detail.map(str::to_owned),
    };
    commit(&store, vec![set(Some("not registered"))]).await;
    let why = store.line_trouble("carrier", &line).await.unwrap();
    assert_eq!(why.as_deref(), Some("not registered"));
    assert_eq!(store.line_troubles().await.unwrap()[0].since, NOW);
    commit(&store, vec![set(None)]).await;
    assert_eq!(store.line_trouble("carrier", &line).await.unwrap(), None);
}

#[tokio::test]
async fn a_sweep_blanks_old_words_and_keeps_keys() {
    let store = store();
    let done = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    post_all(&store, done).await;
    let open = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
    let answer = Change::AddReply(reply("sent", ReplyClass::Answer));
    let queued = Change::AddReply(reply("queued", ReplyClass::Answer));
    let sent = Change::CloseReply {
        reply_id: 1,
        state: ReplyState::Sent,
        provider_id: None,
        due_at: None,
        detail: String::new(),
    };
    commit(&store, vec![answer, queued, Change::SendingReply { reply_id: 1 }, sent]).await;
    commit(&store, vec![Change::Count(vec![counter("old", 1, 9)])]).await;
    let limits = |seconds| SweepLimits {
        bodies_before: at(seconds),
        links_before: at(seconds),
        counters_before: at(seconds),
        rows_max: 100,
    };
    assert_eq!(store.sweep(limits(0), at(1)).await.unwrap().rows(), 0, "nothing is old yet");
    let swept = store.sweep(limits(2 * 86_400), at(2 * 86_400)).await.unwrap();
    assert_eq!((swept.messages, swept.replies, swept.counters), (1, 1, 1));
    let detail = store.message_detail(done).await.unwrap().unwrap();
    assert_eq!((detail.message.text.as_str(), detail.message.state), ("", MessageState::Posted));
    assert_eq!(detail.posts[0].part.text, "");
    assert_eq!(detail.posts[0].part.price.0, 15_000, "what it cost is no secret");
    let kept = store.message_detail(open).await.unwrap().unwrap();
    assert_ne!(kept.message.text, "");
    assert_ne!(kept.posts[0].part.text, "");
    assert_ne!(store.reply(2).await.unwrap().unwrap().text, "", "still to be sent");
    let again = store.take_in(vec![text(ANN, "1")], vec![], None, at(9)).await.unwrap();
    assert!(again.new.is_empty(), "a late repeat is still known");
    assert!(!commit(&store, vec![Change::Retry { message_id: done }]).await.taken);
    assert_eq!(store.sweep(limits(2 * 86_400), at(9)).await.unwrap().messages, 0);
}

#[tokio::test]
async fn a_sweep_deletes_expired_links_state_and_idle_lanes_within_its_limit() {
    use cordboard_plugin::{Commit, Expected, Put};
    let store = store();
    let puts = (0..3).map(|n| Put {
        key: n.to_string(),
        value: "v".into(),
        expected: Expected::Any,
        expires_at: Some(at(n)),
    });
    let commit = Commit { puts: puts.collect(), ..Commit::default() };
    store.state_commit("plug", None, commit, None, at(-9)).await.unwrap();
    let limits = |rows_max| SweepLimits {
        bodies_before: NOW,
        links_before: NOW,
        counters_before: NOW,
        rows_max,
    };
    assert_eq!(store.sweep(limits(1), at(1)).await.unwrap().states, 1);
    assert_eq!(store.sweep(limits(9), at(1)).await.unwrap().states, 1, "the third has time left");
    let key: String = "idle|s".into();
    let kind = LaneKind::Delivering;
    let touch = Change::TouchLane { kind, key: key.clone(), at: NOW };
    crate::set_up::commit(&store, vec![touch]).await;
    assert_eq!(store.sweep(limits(9), NOW).await.unwrap().lanes, 0, "due");
    let hold = store.claim_lanes(kind, claim("me", 9), 9, NOW).await.unwrap().remove(0);
    crate::set_up::commit(&store, vec![Change::ReleaseLane(hold.clone())]).await;
    assert_eq!(store.sweep(limits(9), NOW).await.unwrap().lanes, 1);
    let take = Change::TakeLane { kind, key, claim: claim("other", 9) };
    assert!(crate::set_up::commit(&store, vec![take]).await.taken);
    assert_eq!(store.renew(&hold, at(99)).await, Err(StoreError::Lost), "the row is a new one");
}
