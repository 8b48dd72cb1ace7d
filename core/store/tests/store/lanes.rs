//! Lanes: one holder at a time, and an older holder writes nothing.

use crate::set_up::*;
use cordboard_plugin::Timestamp;
use cordboard_store::*;

async fn touch(store: &Store, key: &str, at: Timestamp) {
    let kind = LaneKind::Delivering;
    commit(store, vec![Change::TouchLane { kind, key: key.into(), at }]).await;
}

async fn claim_at(store: &Store, owner: &str, now: Timestamp) -> Vec<Hold> {
    let claim = Claim { owner: owner.into(), until: now.plus_seconds(60) };
    store.claim_lanes(LaneKind::Delivering, claim, 10, now).await.unwrap()
}

async fn due(store: &Store) -> Option<Timestamp> {
    store.next_due(LaneKind::Delivering).await.unwrap()
}

#[tokio::test]
async fn due_lanes_are_claimed_once_those_due_longest_first() {
    let store = store();
    for (key, seconds) in [("c|s", -1), ("a|s", -3), ("later|s", 5), ("b|s", -2)] {
        touch(&store, key, at(seconds)).await;
    }
    let keys: Vec<_> = claim_at(&store, "me", NOW).await.into_iter().map(|h| h.key).collect();
    assert_eq!(keys, ["a|s", "b|s", "c|s"]);
    assert!(claim_at(&store, "other", NOW).await.is_empty());
    assert_eq!(due(&store).await, Some(at(5)));
    let reading = store.claim_lanes(LaneKind::Reading, claim("me", 9), 10, at(99)).await.unwrap();
    assert!(reading.is_empty());
}

#[tokio::test]
async fn an_older_holder_writes_nothing() {
    let store = store();
    let message_id = take(&store, ANN, "1").await;
    touch(&store, "a|s", NOW).await;
    let old = claim_at(&store, "old", NOW).await.remove(0);
    // The lease ends, somebody else takes the lane.
    let new = claim_at(&store, "new", at(61)).await.remove(0);
    assert!(new.fence > old.fence);
    let changes = || vec![read(message_id, MessageState::Answered, WaitReason::Nothing)];
    let lost = store.commit(Some(&old), changes(), at(62)).await;
    assert_eq!(lost.unwrap_err(), StoreError::Lost);
    assert_eq!(store.renew(&old, at(200)).await, Err(StoreError::Lost));
    let release =
        vec![read(message_id, MessageState::Failed, WaitReason::Nothing), Change::ReleaseLane(old)];
    assert_eq!(store.commit(None, release, at(62)).await.unwrap_err(), StoreError::Lost);
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Queued);
    store.commit(Some(&new), changes(), at(62)).await.unwrap();
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Answered);
    store.renew(&new, at(500)).await.unwrap();
    assert!(claim_at(&store, "third", at(400)).await.is_empty());
    // Given back is given back.
    commit(&store, vec![Change::ReleaseLane(new.clone())]).await;
    assert_eq!(store.commit(Some(&new), vec![], NOW).await.unwrap_err(), StoreError::Lost);
}

#[tokio::test]
async fn a_touch_during_the_hold_makes_the_lane_due_at_release() {
    let store = store();
    touch(&store, "a|s", NOW).await;
    let hold = claim_at(&store, "me", NOW).await.remove(0);
    commit(&store, vec![Change::ReleaseLane(hold)]).await;
    assert_eq!(due(&store).await, None, "nothing is left in the lane");
    for seconds in [0, 90] {
        touch(&store, "a|s", NOW).await;
        let hold = claim_at(&store, "me", NOW).await.remove(0);
        touch(&store, "a|s", at(seconds)).await;
        commit(&store, vec![Change::ReleaseLane(hold)]).await;
        assert_eq!(due(&store).await, Some(at(seconds)));
    }
}

#[tokio::test]
async fn release_finds_out_what_is_due_next() {
    let store = store();
    let key = delivering_key(&ann(), SINK);
    let message_id = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let id = store.posts_of(message_id).await.unwrap()[0].id;
    let waits = Change::CloseAttempt(close(id, PostState::Waiting));
    let posted = Change::CloseAttempt(close(id, PostState::Posted));
    let undo = Change::UndoNewest { sender: ann() };
    let steps: Vec<(&str, Change, Option<Timestamp>)> = vec![
        ("working: after its deadline", open_attempt(id), Some(at(50))),
        ("waiting: when it says", waits, Some(at(60))),
        ("working again", open_attempt(id), Some(at(50))),
        ("posted: nothing", posted, None),
        ("to be taken back: at once", undo, Some(NOW)),
        ("taken back: nothing", Change::Retracted { post_id: id }, None),
    ];
    for (what, change, expected) in steps {
        let kind = LaneKind::Delivering;
        let take = Change::TakeLane { kind, key: key.clone(), claim: claim("me", 10) };
        let hold = commit(&store, vec![take]).await.holds.remove(0);
        commit(&store, vec![change, Change::ReleaseLane(hold)]).await;
        assert_eq!(due(&store).await, expected, "{what}");
    }
}

#[tokio::test]
async fn replying_and_revoking_lanes_know_their_next_time() {
    let store = store();
    commit(&store, vec![Change::AddReply(reply("a", ReplyClass::Answer))]).await;
    let lane = store.claim_lanes(LaneKind::Replying, claim("me", 9), 9, NOW).await.unwrap();
    let line = cordboard_plugin::Address::new(LINE);
    assert_eq!(lane[0].key, replying_key("carrier", &line, &ann()));
    let id = store.next_reply("carrier", &line, &ann(), NOW).await.unwrap()[0].id;
    let state = ReplyState::Queued;
    let again = Change::CloseReply {
        reply_id: id,
        state,
        provider_id: None,
        due_at: Some(at(40)),
        detail: "not reached".into(),
    };
    let changes =
        vec![Change::SendingReply { reply_id: id }, again, Change::ReleaseLane(lane[0].clone())];
    commit(&store, changes).await;
    assert_eq!(store.next_due(LaneKind::Replying).await.unwrap(), Some(at(40)));

    link_account(&store, ANN, "r1").await;
    let credential_id = held(&store, ANN).await.unwrap().id;
    commit(&store, vec![Change::Leave { sender: ann(), standing: Standing::Left }]).await;
    let lane = store.claim_lanes(LaneKind::Revoking, claim("me", 9), 9, NOW).await.unwrap();
    assert_eq!(lane[0].key, credential_id.to_string());
    commit(&store, vec![Change::ReleaseLane(lane[0].clone())]).await;
    assert_eq!(store.next_due(LaneKind::Revoking).await.unwrap(), Some(at(600)));
    let lane = store.claim_lanes(LaneKind::Revoking, claim("me", 9), 9, at(600)).await.unwrap();
    let erase = Change::EraseCredential { credential_id, detail: "revoked".into() };
    commit(&store, vec![erase, Change::ReleaseLane(lane[0].clone())]).await;
    assert_eq!(store.next_due(LaneKind::Revoking).await.unwrap(), None);
}

#[tokio::test]
async fn a_lane_is_taken_only_while_it_is_free() {
    let store = store();
    let take = |owner| Change::TakeLane {
        kind: LaneKind::Reading,
        key: ANN.into(),
        claim: claim(owner, 10),
    };
    assert!(commit(&store, vec![take("me")]).await.taken);
    let refused = commit(&store, vec![take("other")]).await;
    assert!(!refused.taken && refused.holds.is_empty());
    assert!(store.commit(None, vec![take("other")], at(10)).await.unwrap().taken);
}

#[tokio::test]
async fn a_start_voids_what_dead_processes_held() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let credential = held(&store, ANN).await.unwrap();
    touch(&store, "a|s", NOW).await;
    let hold = claim_at(&store, "dead", NOW).await.remove(0);
    let refresh = |owner| Change::TakeRefresh {
        credential_id: credential.id,
        version: credential.version,
        claim: claim(owner, 600),
    };
    let answer = Change::AddReply(reply("a", ReplyClass::Answer));
    commit(&store, vec![refresh("dead"), answer, Change::SendingReply { reply_id: 1 }]).await;
    store.start_up("alive").await.unwrap();
    assert_eq!(store.renew(&hold, at(99)).await, Err(StoreError::Lost));
    assert_eq!(claim_at(&store, "alive", NOW).await.len(), 1);
    assert!(commit(&store, vec![refresh("alive")]).await.taken);
    assert_eq!(store.reply(1).await.unwrap().unwrap().state, ReplyState::Unclear);
}
