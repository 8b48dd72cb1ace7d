//! Texts that we send, and the news about them.

use crate::set_up::*;
use cordboard_plugin::{Address, DeliveryState, StatusUpdate};
use cordboard_store::*;

fn news(id: &str, key: Option<&str>, state: DeliveryState) -> Vec<(String, StatusUpdate)> {
    let reply_key = key.map(str::to_owned);
    let update = StatusUpdate { id: id.into(), reply_key, state, code: None, error: None };
    vec![("carrier".into(), update)]
}

fn sent(reply_id: i64, state: ReplyState, provider_id: Option<&str>) -> Change {
    Change::CloseReply {
        reply_id,
        state,
        provider_id: provider_id.map(str::to_owned),
        due_at: None,
        detail: String::new(),
    }
}

async fn state(store: &Store, id: i64) -> ReplyState {
    store.reply(id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn answers_go_before_receipts_and_a_known_key_is_left_out() {
    let store = store();
    let add = |key, class| Change::AddReply(reply(key, class));
    let changes = vec![
        add("r1", ReplyClass::Receipt),
        add("a1", ReplyClass::Answer),
        add("r2", ReplyClass::Receipt),
        add("a1", ReplyClass::Receipt),
    ];
    commit(&store, changes).await;
    let line = Address::new(LINE);
    let next = store.next_reply("carrier", &line, &ann(), NOW).await.unwrap();
    assert_eq!(next.iter().map(|r| r.key.as_str()).collect::<Vec<_>>(), ["a1", "r1", "r2"]);
    let early = store.next_reply("carrier", &line, &ann(), at(-1)).await.unwrap();
    assert!(early.is_empty(), "not due yet");
    let other = store.next_reply("carrier", &line, &Address::new(BEN), NOW).await.unwrap();
    assert!(other.is_empty());
}

#[tokio::test]
async fn news_only_goes_forward() {
    use DeliveryState::*;
    let cases: Vec<(&[DeliveryState], ReplyState)> = vec![
        (&[Accepted], ReplyState::Sent),
        (&[Delivered, Sent], ReplyState::Delivered),
        (&[Delivered, Undelivered, Failed], ReplyState::Delivered),
        (&[Undelivered, Sent], ReplyState::Undelivered),
        (&[Undelivered, Failed], ReplyState::Failed),
        (&[Failed, Undelivered], ReplyState::Failed),
    ];
    for (states, expected) in cases {
        let store = store();
        commit(&store, vec![Change::AddReply(reply("a", ReplyClass::Answer))]).await;
        let sending = Change::SendingReply { reply_id: 1 };
        commit(&store, vec![sending, sent(1, ReplyState::Sent, Some("SM1"))]).await;
        for state in states {
            let taken = store.take_in(vec![], news("SM1", None, *state), None, NOW).await.unwrap();
            assert_eq!(taken.statuses_matched, 1);
        }
        assert_eq!(state(&store, 1).await, expected, "{states:?}");
    }
}

#[tokio::test]
async fn news_with_our_key_settles_a_text_whose_answer_was_lost() {
    let store = store();
    commit(&store, vec![Change::AddReply(reply("a", ReplyClass::Answer))]).await;
    let sending = Change::SendingReply { reply_id: 1 };
    commit(&store, vec![sending, sent(1, ReplyState::Unclear, None)]).await;
    let unknown = news("SM1", None, DeliveryState::Sent);
    assert_eq!(store.take_in(vec![], unknown, None, NOW).await.unwrap().statuses_matched, 0);
    let ours = news("SM1", Some("a"), DeliveryState::Sent);
    assert_eq!(store.take_in(vec![], ours.clone(), None, NOW).await.unwrap().statuses_matched, 1);
    let reply = store.reply(1).await.unwrap().unwrap();
    assert_eq!((reply.state, reply.provider_id.as_deref()), (ReplyState::Sent, Some("SM1")));
    let found = store.reply_for_status("carrier", &ours[0].1).await.unwrap();
    assert_eq!(found.unwrap().id, 1);
    assert!(store.reply_for_status("other", &ours[0].1).await.unwrap().is_none());
}

#[tokio::test]
async fn news_that_overtakes_the_answer_is_kept() {
    let store = store();
    commit(&store, vec![Change::AddReply(reply("a", ReplyClass::Answer))]).await;
    commit(&store, vec![Change::SendingReply { reply_id: 1 }]).await;
    let again = store.commit(None, vec![Change::SendingReply { reply_id: 1 }], NOW).await;
    assert_eq!(again.unwrap_err(), StoreError::Conflict, "never two calls for one reply");
    let delivered = news("SM1", Some("a"), DeliveryState::Delivered);
    store.take_in(vec![], delivered, None, NOW).await.unwrap();
    commit(&store, vec![sent(1, ReplyState::Sent, Some("SM1"))]).await;
    assert_eq!(state(&store, 1).await, ReplyState::Delivered);
}

#[tokio::test]
async fn a_link_or_code_is_erased_as_soon_as_it_has_left() {
    for (state, kept) in [
        (ReplyState::Queued, true),
        (ReplyState::Sent, false),
        (ReplyState::Failed, false),
        (ReplyState::Unclear, false),
        (ReplyState::Suppressed, false),
    ] {
        let store = store();
        let secret = reply("invite", ReplyClass::Answer).secret();
        let close = Change::CloseReply {
            reply_id: 1,
            state,
            provider_id: None,
            due_at: None,
            detail: String::new(),
        };
        let sending = Change::SendingReply { reply_id: 1 };
        commit(&store, vec![Change::AddReply(secret), sending, close]).await;
        let text = store.reply(1).await.unwrap().unwrap().text;
        assert_eq!(!text.is_empty(), kept, "{state}");
    }
}

#[tokio::test]
async fn a_link_that_was_being_sent_when_the_bridge_died_is_erased() {
    let store = store();
    let secret = reply("invite", ReplyClass::Answer).secret();
    let plain = reply("receipt", ReplyClass::Receipt);
    commit(&store, vec![Change::AddReply(secret), Change::AddReply(plain)]).await;
    let sending = [1, 2].map(|reply_id| Change::SendingReply { reply_id });
    commit(&store, sending.into()).await;
    store.start_up("another life").await.unwrap();
    for (id, text) in [(1, ""), (2, "reply receipt")] {
        let reply = store.reply(id).await.unwrap().unwrap();
        assert_eq!((reply.state, &*reply.text), (ReplyState::Unclear, text));
    }
}

#[tokio::test]
async fn texts_that_left_for_a_number_are_told_by_when_they_were_due() {
    let store = store();
    for (n, state) in ReplyState::ALL.iter().enumerate() {
        let id = i64::try_from(n).unwrap() + 1;
        let new = Change::AddReply(reply(&format!("r{n}"), ReplyClass::Answer));
        let close = Change::CloseReply {
            reply_id: id,
            state: *state,
            provider_id: None,
            due_at: Some(at(id)),
            detail: String::new(),
        };
        commit(&store, vec![new, close]).await;
    }
    let left = store.sent_to(&ann(), NOW, 100).await.unwrap();
    let never = [ReplyState::Queued, ReplyState::Failed, ReplyState::Suppressed];
    let mut expected: Vec<_> = ReplyState::ALL
        .iter()
        .enumerate()
        .filter(|(_, state)| !never.contains(state))
        .map(|(n, _)| at(i64::try_from(n).unwrap() + 1))
        .collect();
    expected.reverse();
    assert_eq!(left, expected);
    assert_eq!(store.sent_to(&ann(), at(5), 1).await.unwrap().len(), 1);
    assert!(store.sent_to(&cordboard_plugin::Address::new(BEN), NOW, 9).await.unwrap().is_empty());
}
