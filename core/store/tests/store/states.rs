//! A message's state follows from its posts, and the sum always holds.

use crate::set_up::*;
use cordboard_store::*;
use proptest::prelude::*;

/// The rule in words, written a second time: first present of unclear, working, waiting, queued
/// (working beside others), failed, refused, posted.
fn expected(states: &[PostState]) -> MessageState {
    let has = |state| states.contains(&state);
    if has(PostState::Unclear) {
        MessageState::Unclear
    } else if has(PostState::Working) {
        MessageState::Working
    } else if has(PostState::Waiting) {
        MessageState::Waiting
    } else if states.iter().all(|s| *s == PostState::Queued) {
        MessageState::Queued
    } else if has(PostState::Queued) {
        MessageState::Working
    } else if has(PostState::Failed) {
        MessageState::Failed
    } else if has(PostState::Refused) {
        MessageState::Refused
    } else {
        MessageState::Posted
    }
}

async fn reached(states: &[PostState]) -> MessageState {
    let store = store();
    let count = i32::try_from(states.len()).unwrap();
    let new = (0..count).map(|index| new_post(SINK, index, count)).collect();
    let message_id = posts(&store, ANN, "1", new).await;
    for (post, state) in store.posts_of(message_id).await.unwrap().iter().zip(states) {
        let mut changes = vec![open_attempt(post.id)];
        if *state != PostState::Working {
            changes.push(Change::CloseAttempt(close(post.id, *state)));
        }
        commit(&store, changes).await;
    }
    assert!(store.sums().await.unwrap().holds());
    state_of(&store, message_id).await.0
}

#[tokio::test]
async fn every_pair_of_post_states_gives_the_right_message_state() {
    for a in PostState::ALL {
        for b in PostState::ALL {
            assert_eq!(reached(&[*a, *b]).await, expected(&[*a, *b]), "{a} and {b}");
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Text(u8),
    Posts(u8, i32),
    Open(u8),
    Close(u8, usize, bool),
    Read(u8, usize),
    Undo,
    Retry(u8),
    Approve(bool),
    Leave,
    Link(bool),
    Refuse,
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..12u8).prop_map(Step::Text),
        4 => (0..12u8, 1..4i32).prop_map(|(m, n)| Step::Posts(m, n)),
        6 => (0..20u8).prop_map(Step::Open),
        6 => (0..20u8, 0..PostState::ALL.len(), any::<bool>()).prop_map(|(p, s, l)| Step::Close(p, s, l)),
        2 => (0..12u8, 0..MessageState::ALL.len()).prop_map(|(m, s)| Step::Read(m, s)),
        1 => Just(Step::Undo),
        1 => (0..12u8).prop_map(Step::Retry),
        1 => any::<bool>().prop_map(Step::Approve),
        1 => Just(Step::Leave),
        2 => any::<bool>().prop_map(Step::Link),
        1 => Just(Step::Refuse),
        1 => Just(Step::Resume),
    ]
}

async fn change_of(store: &Store, step: &Step) -> Option<Change> {
    Some(match step {
        Step::Text(n) => {
            let new = vec![text(ANN, &n.to_string())];
            store.take_in(new, vec![], None, NOW).await.unwrap();
            return None;
        }
        Step::Posts(m, count) => Change::AddPosts {
            message_id: i64::from(*m),
            posts: (0..*count).map(|index| new_post(SINK, index, *count)).collect(),
        },
        Step::Open(p) => open_attempt(i64::from(*p)),
        Step::Close(p, state, look) => {
            let close = close(i64::from(*p), PostState::ALL[*state]);
            Change::CloseAttempt(CloseAttempt { look: *look, ..close })
        }
        Step::Read(m, state) => {
            read(i64::from(*m), MessageState::ALL[*state], WaitReason::Approval)
        }
        Step::Undo => Change::UndoNewest { sender: ann() },
        Step::Retry(m) => Change::Retry { message_id: i64::from(*m) },
        Step::Approve(yes) => Change::Approve { sender: ann(), yes: *yes },
        Step::Leave => Change::Leave { sender: ann(), standing: Standing::Left },
        Step::Link(first) => {
            let remote = if *first { "r1" } else { "r2" };
            Change::PutAccount(account(ANN, &[SINK], remote, "token"))
        }
        Step::Refuse => Change::CredentialRefused {
            credential_id: 1,
            version: 1,
            detail: "401".into(),
            fingerprint: None,
            wait_until: at(999),
        },
        Step::Resume => Change::ResumeSink { sink: SINK.into() },
    })
}

async fn sum_holds_after(steps: &[Step]) {
    let store = store();
    for step in steps {
        if let Some(change) = change_of(&store, step).await {
            // Steps that make no sense here are refused whole, which is fine.
            let result = store.commit(None, vec![change], NOW).await;
            assert!(!matches!(result, Err(StoreError::Busy | StoreError::Lost)), "{result:?}");
        }
        assert!(store.sums().await.unwrap().holds(), "after {step:?}");
        for m in 1..=12 {
            let states: Vec<_> =
                store.posts_of(m).await.unwrap().iter().map(|post| post.state).collect();
            if !states.is_empty() {
                assert_eq!(state_of(&store, m).await.0, expected(&states), "after {step:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_posts_give_the_right_message_state(codes in prop::collection::vec(0..PostState::ALL.len(), 1..6)) {
        let states: Vec<_> = codes.into_iter().map(|n| PostState::ALL[n]).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert_eq!(runtime.block_on(reached(&states)), expected(&states));
    }

    #[test]
    fn the_sum_holds_after_any_changes(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(sum_holds_after(&steps));
    }
}

#[tokio::test]
async fn only_messages_without_posts_that_wait_for_the_operator_are_read_again_oldest_first() {
    let store = store();
    let mut ids = Vec::new();
    for (n, wait) in
        [WaitReason::Operator, WaitReason::Relink, WaitReason::Operator].iter().enumerate()
    {
        let id = take(&store, ANN, &n.to_string()).await;
        let waiting = Change::Read {
            message_id: id,
            state: MessageState::Waiting,
            wait: *wait,
            wait_until: Some(at(60)),
            outcome: "waits".into(),
        };
        commit(&store, vec![waiting]).await;
        ids.push(id);
    }
    let post = posts(&store, ANN, "posts", vec![waiting_post(SINK, WaitReason::Operator)]).await;
    let again = |rows_max| vec![Change::EndOperatorWaits { rows_max }];
    assert_eq!(store.commit(None, again(1), at(1)).await.unwrap().waiting, 1);
    let next = store.next_unread(&ANN.into()).await.unwrap().unwrap();
    assert_eq!((next.id, next.state, next.wait_until), (ids[0], MessageState::Queued, None));
    assert_eq!(store.commit(None, again(5), at(1)).await.unwrap().waiting, 1);
    assert_eq!(store.commit(None, again(5), at(1)).await.unwrap().waiting, 0);
    for (id, state) in [
        (ids[1], MessageState::Waiting),
        (ids[2], MessageState::Queued),
        (post, MessageState::Waiting),
    ] {
        assert_eq!(state_of(&store, id).await.0, state);
    }
    assert!(store.sums().await.unwrap().holds());
}

#[tokio::test]
async fn a_message_that_waits_without_posts_is_ended_when_its_time_is_over() {
    let store = store();
    let waiting = |message_id: i64, wait: WaitReason, until: i64| Change::Read {
        message_id,
        state: MessageState::Waiting,
        wait,
        wait_until: Some(at(until)),
        outcome: "asked".into(),
    };
    let mut ids = Vec::new();
    let waits = WaitReason::ALL.iter().filter(|wait| **wait != WaitReason::Nothing);
    for (n, wait) in waits.enumerate() {
        let id = take(&store, ANN, &n.to_string()).await;
        commit(&store, vec![waiting(id, *wait, 60)]).await;
        // What waited for the operator is nobody's no: it may be tried again.
        let end = match wait {
            WaitReason::Operator => MessageState::Failed,
            _ => MessageState::Refused,
        };
        ids.push((id, end));
    }
    let longer = take(&store, ANN, "longer").await;
    commit(&store, vec![waiting(longer, WaitReason::Approval, 61)]).await;
    let with_posts =
        posts(&store, ANN, "posts", vec![waiting_post(SINK, WaitReason::Relink)]).await;
    let end = || vec![Change::EndWaits { rows_max: 100 }];
    assert_eq!(store.commit(None, end(), at(59)).await.unwrap().cancelled, 0);
    let ended = store.commit(None, end(), at(60)).await.unwrap().cancelled;
    assert_eq!(ended, i64::try_from(ids.len()).unwrap());
    for (id, end) in ids {
        assert_eq!(state_of(&store, id).await, (end, WaitReason::Nothing));
    }
    for id in [longer, with_posts] {
        assert_eq!(state_of(&store, id).await.0, MessageState::Waiting);
    }
    let message = store.message(1).await.unwrap().unwrap();
    assert!(message.outcome.contains("in time"), "{}", message.outcome);
    assert!(store.sums().await.unwrap().holds());
}
