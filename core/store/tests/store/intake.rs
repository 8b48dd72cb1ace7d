//! What arrives is stored once.

use crate::set_up::*;
use cordboard_plugin::Timestamp;
use cordboard_store::*;

#[tokio::test]
async fn a_message_is_stored_once() {
    let store = store();
    let first = store.take_in(vec![text(ANN, "1"), text(ANN, "2")], vec![], None, NOW).await;
    assert_eq!(first.unwrap().new.len(), 2);
    let again = store.take_in(vec![text(ANN, "2"), text(ANN, "3")], vec![], None, NOW).await;
    assert_eq!(again.unwrap().new.len(), 1);
    assert_eq!(store.sums().await.unwrap().total, 3);
    assert_eq!(store.open_messages().await.unwrap(), 3);
}

#[tokio::test]
async fn the_key_is_the_providers_account_and_not_our_instance() {
    let store = store();
    take(&store, ANN, "1").await;
    let mut by_other_instance = text(ANN, "1");
    by_other_instance.transport = "carrier-2".into();
    let mut of_other_account = text(ANN, "1");
    of_other_account.incoming.key.account = "carrier:AC0002".into();
    let taken = store.take_in(vec![by_other_instance], vec![], None, NOW).await.unwrap();
    assert!(taken.new.is_empty());
    let taken = store.take_in(vec![of_other_account], vec![], None, NOW).await.unwrap();
    assert_eq!(taken.new.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_callers_with_the_same_message_store_it_once() {
    let folder = tempfile::tempdir().unwrap();
    for inline in [false, true] {
        let folder = folder.path().join(inline.to_string());
        let store = Store::open(options(&folder, inline), NOW).unwrap();
        let calls = (0..5).map(|n| {
            let store = store.clone();
            let claim = claim(&format!("caller-{n}"), 60);
            tokio::spawn(async move {
                store.take_in(vec![text(ANN, "1")], vec![], Some(claim), NOW).await.unwrap()
            })
        });
        let calls: Vec<_> = calls.collect();
        let (mut new, mut holds) = (0, 0);
        for call in calls {
            let taken = call.await.unwrap();
            new += taken.new.len();
            holds += taken.holds.len();
        }
        assert_eq!((new, holds), (1, 1), "inline: {inline}");
        assert_eq!(store.sums().await.unwrap().total, 1);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_free_lane_is_taken_along_and_a_held_one_is_touched() {
    let store = store();
    let taken =
        store.take_in(vec![text(ANN, "1")], vec![], Some(claim("a", 60)), NOW).await.unwrap();
    let hold = taken.holds[0].clone();
    assert_eq!((hold.kind, hold.key.as_str()), (LaneKind::Reading, ANN));
    let second =
        store.take_in(vec![text(ANN, "2")], vec![], Some(claim("b", 60)), NOW).await.unwrap();
    assert_eq!((second.new.len(), second.holds.len()), (1, 0));
    let done = |id| read(id, MessageState::Answered, WaitReason::Nothing);
    let changes = vec![done(taken.new[0]), Change::ReleaseLane(hold.clone())];
    store.commit(Some(&hold), changes, NOW).await.unwrap();
    // The second text is still unread, so the lane is due at once.
    assert_eq!(store.next_due(LaneKind::Reading).await.unwrap(), Some(NOW));
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, second.new[0]);
}

#[tokio::test]
async fn messages_are_read_oldest_first_and_a_known_person_is_seen() {
    let store = store();
    let standing = Standing::Known;
    commit(&store, vec![Change::SetStanding { sender: ann(), standing }]).await;
    let first = take(&store, ANN, "1").await;
    store.take_in(vec![text(ANN, "2")], vec![], None, at(9)).await.unwrap();
    assert_eq!(store.identity(&ann()).await.unwrap().unwrap().seen_at, at(9));
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, first);
    commit(&store, vec![read(first, MessageState::Answered, WaitReason::Nothing)]).await;
    assert_ne!(store.next_unread(&ann()).await.unwrap().unwrap().id, first);
    assert_eq!(store.newest_time().await.unwrap(), at(9));
}

#[tokio::test]
async fn an_unconfirmed_message_waits_in_a_lane_of_its_own_and_is_not_overtaken() {
    let store = store();
    let message = NewMessage { unconfirmed: true, ..text(ANN, "1") };
    let taken = store.take_in(vec![message], vec![], Some(claim("a", 60)), NOW).await.unwrap();
    let (message_id, hold) = (taken.new[0], taken.holds[0].clone());
    assert_eq!(hold.kind, LaneKind::Confirming);
    assert_eq!(store.next_unconfirmed(&ann()).await.unwrap().unwrap().id, message_id);
    let later = Change::ConfirmLater { message_id, at: at(30) };
    commit(&store, vec![later, Change::ReleaseLane(hold)]).await;
    assert_eq!(store.next_due(LaneKind::Confirming).await.unwrap(), Some(at(30)));
    assert_eq!(store.next_due(LaneKind::Reading).await.unwrap(), None);
    // One that needs no confirmation came meanwhile: it is read after the first.
    let second = store.take_in(vec![text(ANN, "2")], vec![], Some(claim("a", 60)), NOW).await;
    let reading = second.unwrap().holds.remove(0);
    commit(&store, vec![Change::ReleaseLane(reading)]).await;
    assert_eq!(store.next_due(LaneKind::Reading).await.unwrap(), None);
    let (kind, key) = (LaneKind::Reading, ANN.to_owned());
    let touch = Change::TouchLane { kind, key, at: at(31) };
    commit(&store, vec![Change::Confirmed { message_id }, touch]).await;
    assert_eq!(store.next_due(LaneKind::Reading).await.unwrap(), Some(at(31)));
    assert_eq!(store.next_unconfirmed(&ann()).await.unwrap().map(|message| message.id), None);
    let message = store.next_unread(&ann()).await.unwrap().unwrap();
    assert_eq!((message.id, message.unconfirmed), (message_id, false));
    assert_eq!(message.wait_until, None);
}

#[tokio::test]
async fn messages_are_listed_newest_first_by_state_and_sender() {
    let store = store();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(take(&store, if n % 2 == 0 { ANN } else { BEN }, &n.to_string()).await);
    }
    commit(&store, vec![read(ids[0], MessageState::Waiting, WaitReason::Approval)]).await;
    let list = async |filter: MessageFilter| -> Vec<i64> {
        store.messages(filter).await.unwrap().into_iter().map(|m| m.id).collect()
    };
    let all = MessageFilter { rows_max: 2, ..MessageFilter::default() };
    assert_eq!(list(all.clone()).await, [ids[4], ids[3]]);
    assert_eq!(list(MessageFilter { before: Some(ids[3]), ..all.clone() }).await, [ids[2], ids[1]]);
    let of_ann = MessageFilter { sender: Some(ann()), rows_max: 9, ..all.clone() };
    assert_eq!(list(of_ann).await, [ids[4], ids[2], ids[0]]);
    let waiting = MessageFilter { states: vec![MessageState::Waiting], ..all };
    assert_eq!(list(waiting).await, [ids[0]]);
    let waiting: Vec<i64> = store.waiting_of(&ann()).await.unwrap().iter().map(|m| m.id).collect();
    assert_eq!(waiting, [ids[0]]);
}

#[tokio::test]
async fn an_empty_store_knows_no_time() {
    assert_eq!(store().newest_time().await.unwrap(), Timestamp(0));
}
