//! Pictures: wanted, kept, uploaded, gone at the final state, fetched again on a retry.

use crate::set_up::*;
use cordboard_plugin::{MediaHandle, MediaRef};
use cordboard_store::*;

pub(crate) fn references(count: usize) -> Vec<MediaRef> {
    let reference = |n| MediaRef {
        place: format!("https://carrier.example/media/{n}"),
        claimed_type: "image/jpeg".into(),
    };
    (0..count).map(reference).collect()
}

pub(crate) const ROOMY: ShelfLimits = ShelfLimits {
    picture_bytes_max: 1 << 30,
    message_bytes_max: 1 << 30,
    shelf_bytes_max: 1 << 30,
    pictures_max: 1000,
};

pub(crate) fn add(message_id: i64, count: usize) -> Change {
    Change::Picture(PictureChange::Add { message_id, references: references(count) })
}

/// A message whose post waits for so many pictures, not fetched yet.
pub(crate) async fn with_pictures(store: &Store, id: &str, count: usize) -> (i64, Vec<Picture>) {
    let waiting = waiting_post(SINK, WaitReason::Pictures);
    let message_id = posts(store, ANN, id, vec![waiting]).await;
    commit(store, vec![add(message_id, count)]).await;
    (message_id, store.pictures_of(message_id).await.unwrap())
}

pub(crate) fn kept(file: &Shelved) -> Change {
    let media_type = "image/png".into();
    Change::Picture(PictureChange::Kept { file: file.clone(), media_type })
}

/// Puts bytes on the shelf and gives them to the picture.
pub(crate) async fn keep(store: &Store, picture_id: i64, bytes: &[u8]) {
    let file = store.shelve(picture_id, bytes.to_vec(), ROOMY).await.unwrap();
    commit(store, vec![kept(&file)]).await;
}

fn upload(id: &str) -> Upload {
    let handle = MediaHandle { id: id.into(), expires_at: Some(at(86_400)), described: false };
    Upload { remote_id: "r1".into(), handle }
}

fn put_upload(picture_id: i64, id: &str) -> Change {
    let sink = SINK.into();
    Change::Picture(PictureChange::PutUpload { picture_id, sink, upload: upload(id) })
}

fn refused(picture_id: i64) -> Change {
    Change::Picture(PictureChange::Refused { picture_id, outcome: "it is no picture".into() })
}

fn later(picture_id: i64, seconds: i64) -> Change {
    let outcome = "not there yet".into();
    Change::Picture(PictureChange::Later { picture_id, at: at(seconds), outcome })
}

async fn states(store: &Store, message_id: i64) -> Vec<PictureState> {
    store.pictures_of(message_id).await.unwrap().into_iter().map(|p| p.state).collect()
}

#[tokio::test]
async fn a_picture_is_wanted_then_kept_and_says_what_it_is() {
    let store = store();
    let (message_id, pictures) = with_pictures(&store, "1", 2).await;
    assert_eq!(pictures[1].reference, references(2)[1]);
    assert_eq!((pictures[1].position, pictures[1].state), (1, PictureState::Wanted));
    assert_eq!(store.picture_bytes(pictures[0].id).await.unwrap(), None, "not fetched yet");
    keep(&store, pictures[0].id, b"bytes").await;
    let alt = Some("a cat".to_owned());
    commit(
        &store,
        vec![Change::Picture(PictureChange::SetAlt {
            picture_id: pictures[0].id,
            alt: alt.clone(),
        })],
    )
    .await;
    let first = store.picture(pictures[0].id).await.unwrap().unwrap();
    assert_eq!(first.state, PictureState::Kept);
    assert_eq!((first.media_type.as_deref(), first.bytes), (Some("image/png"), 5));
    assert_eq!(first.alt, alt);
    assert_eq!(store.picture_bytes(first.id).await.unwrap().unwrap(), b"bytes");
    // Told of them a second time, nothing changes.
    commit(&store, vec![add(message_id, 2)]).await;
    assert_eq!(states(&store, message_id).await, [PictureState::Kept, PictureState::Wanted]);
}

#[tokio::test]
async fn a_fetching_lane_is_due_while_a_picture_is_wanted() {
    let store = store();
    let (message_id, pictures) = with_pictures(&store, "1", 2).await;
    let (first, second) = (pictures[0].id, pictures[1].id);
    let steps = [
        ("nothing done: at once", vec![], Some(NOW)),
        ("one later: the other at once", vec![later(first, 60)], Some(NOW)),
        ("both later: the earlier", vec![later(second, 90)], Some(at(60))),
        ("one refused: the other", vec![refused(first)], Some(at(90))),
        ("none wanted: nothing", vec![refused(second)], None),
    ];
    for (what, mut changes, expected) in steps {
        let take = Change::TakeLane {
            kind: LaneKind::Fetching,
            key: message_id.to_string(),
            claim: claim("me", 10),
        };
        let hold = commit(&store, vec![take]).await.holds.remove(0);
        changes.push(Change::ReleaseLane(hold));
        commit(&store, changes).await;
        assert_eq!(store.next_due(LaneKind::Fetching).await.unwrap(), expected, "{what}");
    }
    let picture = store.picture(second).await.unwrap().unwrap();
    assert_eq!((picture.tries, picture.state), (1, PictureState::Refused));
}

#[tokio::test]
async fn an_upload_is_remembered_and_forgotten() {
    let store = store();
    let (_, pictures) = with_pictures(&store, "1", 1).await;
    let id = pictures[0].id;
    let early = store.commit(None, vec![put_upload(id, "m1")], NOW).await;
    assert_eq!(early.unwrap_err(), StoreError::Conflict, "only what is kept was uploaded");
    keep(&store, id, b"bytes").await;
    commit(&store, vec![put_upload(id, "m1"), put_upload(id, "m2")]).await;
    assert_eq!(store.upload_of(id, SINK).await.unwrap(), Some(upload("m2")));
    assert_eq!(store.upload_of(id, "elsewhere").await.unwrap(), None);
    let dropped = Change::Picture(PictureChange::DropUploads { picture_id: id });
    commit(&store, vec![dropped]).await;
    assert_eq!(store.upload_of(id, SINK).await.unwrap(), None);
}

#[tokio::test]
async fn pictures_go_at_every_final_state_and_stay_at_every_other() {
    type Ending = (&'static str, Vec<Change>, bool);
    let attempt =
        |post_id, state| vec![open_attempt(post_id), Change::CloseAttempt(close(post_id, state))];
    let leave = Change::Leave { sender: ann(), standing: Standing::Left };
    let endings = |message_id, post_id| -> Vec<Ending> {
        vec![
            ("an open attempt", vec![open_attempt(post_id)], false),
            ("unclear", attempt(post_id, PostState::Unclear), false),
            ("queued again", attempt(post_id, PostState::Queued), false),
            ("waiting", attempt(post_id, PostState::Waiting), false),
            ("posted", attempt(post_id, PostState::Posted), true),
            ("refused", attempt(post_id, PostState::Refused), true),
            ("failed", attempt(post_id, PostState::Failed), true),
            ("left", vec![leave.clone()], true),
            ("taken back", vec![Change::UndoNewest { sender: ann() }], true),
            (
                "answered instead",
                vec![
                    Change::ReplacePosts { message_id, posts: vec![] },
                    read(message_id, MessageState::Answered, WaitReason::Nothing),
                ],
                true,
            ),
        ]
    };
    for n in 0..endings(0, 0).len() {
        let store = store();
        let (message_id, pictures) = with_pictures(&store, "1", 2).await;
        keep(&store, pictures[0].id, b"bytes").await;
        commit(&store, vec![put_upload(pictures[0].id, "m1")]).await;
        let post_id = store.posts_of(message_id).await.unwrap()[0].id;
        let (what, changes, ends) = endings(message_id, post_id).remove(n);
        commit(&store, changes).await;
        let expected =
            if ends { [PictureState::Gone; 2] } else { [PictureState::Kept, PictureState::Wanted] };
        assert_eq!(states(&store, message_id).await, expected, "{what}");
        let bytes = store.picture_bytes(pictures[0].id).await.unwrap();
        assert_eq!(bytes.is_none(), ends, "{what}");
        let upload = store.upload_of(pictures[0].id, SINK).await.unwrap();
        assert_eq!(
            upload.is_none(),
            ends && what != "posted",
            "{what}: what is out can be described"
        );
    }
}

#[tokio::test]
async fn a_picture_that_arrives_after_the_end_is_not_kept() {
    let store = store();
    let (message_id, pictures) = with_pictures(&store, "1", 1).await;
    let id = pictures[0].id;
    let file = store.shelve(id, b"bytes".to_vec(), ROOMY).await.unwrap();
    commit(&store, vec![Change::UndoNewest { sender: ann() }]).await;
    for change in [kept(&file), later(id, 9), refused(id), put_upload(id, "m1")] {
        let late = store.commit(None, vec![change.clone()], NOW).await;
        assert_eq!(late.unwrap_err(), StoreError::Conflict, "{change:?}");
    }
    assert_eq!(store.shelve(id, vec![], ROOMY).await.unwrap_err(), StoreError::Conflict);
    assert_eq!(states(&store, message_id).await, [PictureState::Gone]);
}

#[tokio::test]
async fn a_retry_fetches_the_pictures_again_and_its_posts_wait_for_them() {
    let store = store();
    let (message_id, pictures) = with_pictures(&store, "1", 2).await;
    let (first, second) = (pictures[0].id, pictures[1].id);
    keep(&store, first, b"bytes").await;
    commit(&store, vec![refused(second)]).await;
    let post_id = store.posts_of(message_id).await.unwrap()[0].id;
    let failed = Change::CloseAttempt(close(post_id, PostState::Failed));
    commit(&store, vec![open_attempt(post_id), failed]).await;
    assert_eq!(states(&store, message_id).await, [PictureState::Gone, PictureState::Refused]);

    assert!(commit(&store, vec![Change::Retry { message_id }]).await.taken);
    assert_eq!(states(&store, message_id).await, [PictureState::Wanted; 2]);
    let waits = (MessageState::Waiting, WaitReason::Pictures);
    assert_eq!(state_of(&store, message_id).await, waits);
    let lane = store.claim_lanes(LaneKind::Fetching, claim("me", 9), 9, NOW).await.unwrap();
    assert_eq!(lane[0].key, message_id.to_string());

    // Begun with its pictures, it goes on when the last one is settled.
    keep(&store, first, b"bytes").await;
    assert_eq!(state_of(&store, message_id).await, waits);
    commit(&store, vec![refused(second)]).await;
    let goes_on = (MessageState::Queued, WaitReason::Nothing);
    assert_eq!(state_of(&store, message_id).await, goes_on);
    assert_eq!(store.next_due(LaneKind::Delivering).await.unwrap(), Some(NOW));
}

#[tokio::test]
async fn a_retry_of_a_message_without_posts_fetches_its_pictures_again() {
    let store = store();
    let message_id = take(&store, ANN, "1").await;
    let failed = read(message_id, MessageState::Failed, WaitReason::Nothing);
    commit(&store, vec![add(message_id, 1), failed]).await;
    assert_eq!(states(&store, message_id).await, [PictureState::Gone]);
    assert!(commit(&store, vec![Change::Retry { message_id }]).await.taken);
    assert_eq!(states(&store, message_id).await, [PictureState::Wanted]);
}

#[tokio::test]
async fn posts_are_replaced_until_one_was_attempted_or_has_ended() {
    let store = store();
    let (message_id, pictures) = with_pictures(&store, "1", 1).await;
    let replace = |posts| Change::ReplacePosts { message_id, posts };
    // Fetched: the posts never begun stay, until they are planned anew.
    keep(&store, pictures[0].id, b"bytes").await;
    let waits = (MessageState::Waiting, WaitReason::Pictures);
    assert_eq!(state_of(&store, message_id).await, waits);
    commit(&store, vec![replace(vec![new_post(SINK, 0, 2), new_post(SINK, 1, 2)])]).await;
    let planned = store.posts_of(message_id).await.unwrap();
    assert_eq!(planned.len(), 2);
    assert_eq!(state_of(&store, message_id).await, (MessageState::Queued, WaitReason::Nothing));
    commit(&store, vec![open_attempt(planned[0].id)]).await;
    let late = store.commit(None, vec![replace(vec![new_post(SINK, 0, 1)])], NOW).await;
    assert_eq!(late.unwrap_err(), StoreError::Conflict);

    let (message_id, _) = with_pictures(&store, "2", 1).await;
    commit(&store, vec![Change::UndoNewest { sender: ann() }]).await;
    let undone = Change::ReplacePosts { message_id, posts: vec![new_post(SINK, 0, 1)] };
    let late = store.commit(None, vec![undone], NOW).await;
    assert_eq!(late.unwrap_err(), StoreError::Conflict, "what was taken back stays so");
}

#[tokio::test]
async fn what_is_known_of_pictures_is_erased_with_the_words() {
    let store = store();
    let (message_id, _) = with_pictures(&store, "1", 2).await;
    let limits =
        SweepLimits { bodies_before: at(1), links_before: NOW, counters_before: NOW, rows_max: 9 };
    store.sweep(limits.clone(), at(1)).await.unwrap();
    assert_eq!(states(&store, message_id).await.len(), 2, "not ended yet");
    commit(&store, vec![Change::UndoNewest { sender: ann() }]).await;
    store.sweep(limits, at(1)).await.unwrap();
    assert!(states(&store, message_id).await.is_empty());
}
