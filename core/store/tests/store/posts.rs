//! Attempts, order, second thoughts.

use crate::set_up::*;
use cordboard_plugin::Published;
use cordboard_store::*;

#[tokio::test]
async fn an_attempt_is_written_down_before_and_after() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let message_id = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let post = store.head(&ann(), SINK).await.unwrap().unwrap();
    commit(&store, vec![open_attempt(post.id)]).await;
    let again = store.commit(None, vec![open_attempt(post.id)], NOW).await;
    assert_eq!(again.unwrap_err(), StoreError::Conflict, "beside an open attempt");
    let open = store.post(post.id).await.unwrap().unwrap();
    assert_eq!((open.state, open.tries), (PostState::Working, 1));
    assert_eq!((open.attempt_started_at, open.attempt_deadline_at), (Some(NOW), Some(at(20))));
    commit(&store, vec![Change::CloseAttempt(close(post.id, PostState::Unclear))]).await;
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Unclear);
    let published =
        Some(Published { id: "77".into(), url: Some("https://wall.example/77".into()) });
    let look = CloseAttempt { look: true, published, ..close(post.id, PostState::Posted) };
    commit(&store, vec![Change::CloseAttempt(look)]).await;
    let detail = store.message_detail(message_id).await.unwrap().unwrap();
    assert_eq!(detail.message.state, MessageState::Posted);
    assert_eq!(detail.posts[0].looks, 1);
    assert_eq!(detail.posts[0].published.as_ref().unwrap().id, "77");
    assert_eq!(detail.attempts.len(), 1);
    assert_eq!(detail.attempts[0].outcome, "posted");
    assert_eq!(detail.attempts[0].detail, "seen; seen");
    let after = store.commit(None, vec![open_attempt(post.id)], NOW).await;
    assert_eq!(after.unwrap_err(), StoreError::Conflict, "a posted part is never tried again");
}

#[tokio::test]
async fn the_head_is_the_oldest_part_and_never_passes_a_broken_thread() {
    let store = store();
    let thread = (0..3).map(|index| new_post(SINK, index, 3)).collect();
    let first = posts(&store, ANN, "1", thread).await;
    let second = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
    let parts = store.posts_of(first).await.unwrap();
    assert_eq!(store.head(&ann(), SINK).await.unwrap().unwrap().id, parts[0].id);
    assert_eq!(store.previous_part(parts[1].id).await.unwrap().unwrap().id, parts[0].id);
    assert!(store.previous_part(parts[0].id).await.unwrap().is_none());
    commit(&store, vec![Change::CloseAttempt(close(parts[0].id, PostState::Failed))]).await;
    assert_eq!(store.head(&ann(), SINK).await.unwrap().unwrap().message_id, second);
    assert!(store.head(&ann(), "other").await.unwrap().is_none());
}

#[tokio::test]
async fn a_post_that_waits_for_a_yes_or_is_parked_holds_its_own_message_only() {
    let store = store();
    let asks = posts(&store, ANN, "1", vec![waiting_post(SINK, WaitReason::Approval)]).await;
    let unclear = posts(&store, ANN, "2", vec![new_post(SINK, 0, 2), new_post(SINK, 1, 2)]).await;
    let parked = store.posts_of(unclear).await.unwrap()[0].id;
    let park = CloseAttempt {
        due_at: Some(cordboard_plugin::Timestamp(i64::MAX)),
        ..close(parked, PostState::Unclear)
    };
    commit(&store, vec![open_attempt(parked), Change::CloseAttempt(park)]).await;
    let free = posts(&store, ANN, "3", vec![new_post(SINK, 0, 1)]).await;
    assert_eq!(store.head(&ann(), SINK).await.unwrap().unwrap().message_id, free);
    post_all(&store, free).await;
    assert_eq!(store.head(&ann(), SINK).await.unwrap().unwrap().message_id, asks);
}

#[tokio::test]
async fn the_same_words_of_the_same_account_are_noticed() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r1").await;
    let first = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let second = posts(&store, BEN, "2", vec![new_post(SINK, 0, 1)]).await;
    let post = store.posts_of(second).await.unwrap().remove(0);
    let ben = cordboard_plugin::Address::new(BEN);
    let same = async || store.same_hash_posted(&ben, SINK, &post.text_hash, post.id).await.unwrap();
    assert!(!same().await, "not attempted yet");
    post_all(&store, first).await;
    assert!(same().await, "two numbers share one account");
    link_account(&store, BEN, "r2").await;
    assert!(!same().await, "another account");
}

#[tokio::test]
async fn undo_drops_what_is_not_out_and_asks_for_the_rest() {
    let store = store();
    let old = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    post_all(&store, old).await;
    let newest =
        posts(&store, ANN, "2", (0..3).map(|index| new_post(SINK, index, 3)).collect()).await;
    let parts = store.posts_of(newest).await.unwrap();
    let posted = Change::CloseAttempt(close(parts[0].id, PostState::Posted));
    commit(&store, vec![open_attempt(parts[0].id), posted, open_attempt(parts[1].id)]).await;
    let undo = || vec![Change::UndoNewest { sender: ann() }];
    let undone = commit(&store, undo()).await.undone.unwrap();
    assert_eq!((undone.message_id, undone.dropped, undone.asked), (newest, 1, 2));
    assert_eq!(undone.price.0, 45_000);
    let next = async || store.next_retraction(&ann(), SINK).await.unwrap().map(|post| post.id);
    assert_eq!(next().await, None, "a part is still under way");
    commit(&store, vec![Change::CloseAttempt(close(parts[1].id, PostState::Posted))]).await;
    assert_eq!(next().await, Some(parts[1].id), "newest part first");
    commit(&store, vec![Change::Retracted { post_id: parts[1].id }]).await;
    let no = Change::NotRetracted { post_id: parts[0].id, outcome: "too old".into() };
    commit(&store, vec![no]).await;
    assert_eq!(next().await, None);
    // What could not be taken back may be asked for again, and only then the older one.
    assert_eq!(commit(&store, undo()).await.undone.unwrap().message_id, newest);
    assert_eq!(commit(&store, undo()).await.undone.unwrap().message_id, old);
    assert_eq!(commit(&store, undo()).await.undone, None);
}

#[tokio::test]
async fn an_attempt_that_fails_after_an_undo_is_dropped() {
    let store = store();
    let message_id = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let id = store.posts_of(message_id).await.unwrap()[0].id;
    commit(&store, vec![open_attempt(id), Change::UndoNewest { sender: ann() }]).await;
    commit(&store, vec![Change::CloseAttempt(close(id, PostState::Waiting))]).await;
    let post = store.post(id).await.unwrap().unwrap();
    assert_eq!((post.state, post.retracted_at), (PostState::Refused, Some(NOW)));
    assert_eq!(store.next_retraction(&ann(), SINK).await.unwrap().map(|post| post.id), None);
}

#[tokio::test]
async fn retry_makes_due_again_what_was_given_up_and_what_followed_it() {
    let store = store();
    let message_id =
        posts(&store, ANN, "1", (0..3).map(|index| new_post(SINK, index, 3)).collect()).await;
    let parts = store.posts_of(message_id).await.unwrap();
    let closed = |n: usize, state| Change::CloseAttempt(close(parts[n].id, state));
    commit(&store, vec![open_attempt(parts[0].id), closed(0, PostState::Posted)]).await;
    commit(&store, vec![open_attempt(parts[1].id), closed(1, PostState::Failed)]).await;
    commit(&store, vec![closed(2, PostState::Refused)]).await;
    let retry = || vec![Change::Retry { message_id }];
    assert!(commit(&store, retry()).await.taken);
    let states: Vec<_> =
        store.posts_of(message_id).await.unwrap().into_iter().map(|post| post.state).collect();
    assert_eq!(states, [PostState::Posted, PostState::Queued, PostState::Queued]);
    assert!(!commit(&store, retry()).await.taken, "nothing is given up any more");
    commit(&store, vec![open_attempt(parts[1].id), closed(1, PostState::Unclear)]).await;
    assert!(commit(&store, retry()).await.taken);
    let unclear = store.post(parts[1].id).await.unwrap().unwrap();
    assert_eq!(
        (unclear.state, unclear.due_at),
        (PostState::Unclear, at(50)),
        "looked at, not repeated, and not before the call is over"
    );
}

#[tokio::test]
async fn a_look_that_was_asked_for_is_due_once_the_call_is_over() {
    let store = store();
    let message_id = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let id = store.posts_of(message_id).await.unwrap()[0].id;
    let recheck = || vec![Change::Recheck { message_id }];
    assert!(!commit(&store, recheck()).await.taken, "nothing is unclear");
    let park = CloseAttempt {
        due_at: Some(cordboard_plugin::Timestamp(i64::MAX)),
        ..close(id, PostState::Unclear)
    };
    commit(&store, vec![open_attempt(id), Change::CloseAttempt(park)]).await;
    assert!(commit(&store, recheck()).await.taken);
    let post = store.post(id).await.unwrap().unwrap();
    assert_eq!((post.wait, post.due_at), (WaitReason::Check, at(50)));
    assert_eq!(store.next_due(LaneKind::Delivering).await.unwrap(), Some(NOW));
    let late = store.commit(None, recheck(), at(900)).await.unwrap();
    assert!(late.taken);
    assert_eq!(store.post(id).await.unwrap().unwrap().due_at, at(900));
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Unclear);
}

#[tokio::test]
async fn retry_reads_a_message_without_posts_again() {
    let store = store();
    let message_id = take(&store, ANN, "1").await;
    let retry = || vec![Change::Retry { message_id }];
    commit(&store, vec![read(message_id, MessageState::Answered, WaitReason::Nothing)]).await;
    assert!(!commit(&store, retry()).await.taken);
    commit(&store, vec![read(message_id, MessageState::Failed, WaitReason::Nothing)]).await;
    assert!(commit(&store, retry()).await.taken);
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, message_id);
}

#[tokio::test]
async fn a_yes_lets_the_newest_question_go_on_and_a_no_ends_it() {
    let store = store();
    let mut ids = Vec::new();
    for n in 0..3 {
        let id = take(&store, ANN, &n.to_string()).await;
        commit(&store, vec![read(id, MessageState::Waiting, WaitReason::Approval)]).await;
        ids.push(id);
    }
    let answer = |yes| vec![Change::Approve { sender: ann(), yes }];
    assert_eq!(commit(&store, answer(true)).await.approved, Some(ids[2]));
    let message = store.next_unread(&ann()).await.unwrap().unwrap();
    assert_eq!((message.id, message.approved), (ids[2], true));
    assert_eq!(commit(&store, answer(false)).await.approved, Some(ids[1]));
    let refused = store.message(ids[1]).await.unwrap().unwrap();
    assert_eq!(refused.state, MessageState::Refused);
    assert_eq!(refused.outcome, "you said no");
    assert_eq!(commit(&store, answer(true)).await.approved, Some(ids[0]));
    assert_eq!(commit(&store, answer(true)).await.approved, None);
}

#[tokio::test]
async fn a_resumed_sink_lets_its_posts_go_on() {
    let store = store();
    let message_id = posts(&store, ANN, "1", vec![waiting_post(SINK, WaitReason::Operator)]).await;
    let elsewhere = posts(&store, ANN, "2", vec![waiting_post("b", WaitReason::Operator)]).await;
    let pause = |sink: &str| Change::PauseSink {
        sink: sink.into(),
        detail: "402".into(),
        probe_at: at(60),
    };
    commit(&store, vec![pause(SINK), pause("b")]).await;
    let probe = || vec![Change::TakeProbe { sink: SINK.into(), next_at: at(120) }];
    assert!(!commit(&store, probe()).await.taken, "not yet");
    assert!(store.commit(None, probe(), at(60)).await.unwrap().taken);
    assert!(!store.commit(None, probe(), at(61)).await.unwrap().taken, "one at a time");
    assert_eq!(store.paused(SINK).await.unwrap().unwrap().since, NOW);
    commit(&store, vec![Change::ResumeSink { sink: SINK.into() }]).await;
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Queued);
    assert_eq!(state_of(&store, elsewhere).await, (MessageState::Waiting, WaitReason::Operator));
    let paused = store.paused_all().await.unwrap();
    assert_eq!(paused.iter().map(|(sink, _)| sink.as_str()).collect::<Vec<_>>(), ["b"]);
}
