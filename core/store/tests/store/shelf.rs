//! The shelf: sealed, durable before its row, empty after the end.

use crate::pictures::*;
use crate::set_up::*;
use cordboard_store::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const FRAME: usize = 64 * 1024;
const SEALED_FRAME: usize = FRAME + 49;

/// Bytes that look like no others, and nowhere like themselves.
fn picture(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ bytes as u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("media")) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Whether 32 bytes of the middle of the picture stand in any file of the bridge.
fn in_clear(folder: &Path, bytes: &[u8]) -> bool {
    let middle = &bytes[bytes.len() / 2..][..32];
    let found = |entry: fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() {
            return in_clear(&path, bytes);
        }
        fs::read(path).unwrap().windows(middle.len()).any(|window| window == middle)
    };
    fs::read_dir(folder).unwrap().any(|entry| found(entry.unwrap()))
}

fn open(folder: &Path, inline: bool) -> Store {
    Store::open(options(folder, inline), NOW).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_every_size_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let stores =
        [store(), open(&folder.path().join("a"), true), open(&folder.path().join("b"), false)];
    for store in stores {
        let sizes = [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 300_000];
        let (_, pictures) = with_pictures(&store, "1", sizes.len()).await;
        for (wanted, size) in pictures.iter().zip(sizes) {
            let bytes = picture(size);
            keep(&store, wanted.id, &bytes).await;
            assert_eq!(store.picture_bytes(wanted.id).await.unwrap().unwrap(), bytes);
            let frames = store.picture_frames(wanted.id).await.unwrap().unwrap();
            assert_eq!(frames.bytes_left(), size as u64);
            let frames: Vec<_> = frames.map(Result::unwrap).collect();
            assert!(frames.iter().all(|frame| frame.len() <= FRAME), "{size}");
            assert_eq!(frames.concat(), bytes, "{size}");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_picture_rests_sealed_at_every_stage_and_leaves_nothing_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), false);
    let (message_id, pictures) = with_pictures(&store, "1", 1).await;
    let bytes = picture(200_000);
    assert!(!in_clear(folder.path(), &bytes));
    fs::write(folder.path().join("canary"), &bytes).unwrap();
    assert!(in_clear(folder.path(), &bytes), "the search finds what is in clear");
    fs::remove_file(folder.path().join("canary")).unwrap();

    let file = store.shelve(pictures[0].id, bytes.clone(), ROOMY).await.unwrap();
    assert!(!in_clear(folder.path(), &bytes), "written");
    let on_disk = files(folder.path());
    assert_eq!(on_disk.len(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&on_disk[0]), 0o600);
    assert_eq!(mode(&folder.path().join("media")), 0o700);

    commit(&store, vec![kept(&file)]).await;
    drop(file);
    assert!(!in_clear(folder.path(), &bytes), "kept");
    assert_eq!(files(folder.path()), on_disk);
    assert_eq!(store.picture_bytes(pictures[0].id).await.unwrap().unwrap(), bytes);
    assert!(!in_clear(folder.path(), &bytes), "read");

    let post_id = store.posts_of(message_id).await.unwrap()[0].id;
    commit(&store, vec![open_attempt(post_id)]).await;
    assert_eq!(files(folder.path()), on_disk, "while it is being posted");
    let posted = Change::CloseAttempt(close(post_id, PostState::Posted));
    commit(&store, vec![posted]).await;
    assert!(files(folder.path()).is_empty(), "posted");
    assert!(!in_clear(folder.path(), &bytes));
    store.close().await.unwrap();
}

/// Changes the one file of a kept picture of `size` bytes and brings what reading it says.
async fn read_changed(size: usize, change: impl FnOnce(&mut Vec<u8>)) -> StoreError {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), true);
    let (_, pictures) = with_pictures(&store, "1", 1).await;
    keep(&store, pictures[0].id, &picture(size)).await;
    let path = files(folder.path()).remove(0);
    let mut sealed = fs::read(&path).unwrap();
    change(&mut sealed);
    fs::write(&path, sealed).unwrap();
    store.picture_bytes(pictures[0].id).await.unwrap_err()
}

#[tokio::test]
async fn a_file_that_was_changed_does_not_open() {
    let size = 2 * FRAME + 1000;
    let is_key_error = |error: StoreError| matches!(error, StoreError::Key(_));
    for at in [0, 5, 40, 100, SEALED_FRAME - 1, SEALED_FRAME, 2 * SEALED_FRAME + 60] {
        let error = read_changed(size, |sealed| sealed[at] ^= 1).await;
        assert!(is_key_error(error), "a bit of byte {at}");
    }
    for length in [0, 10, SEALED_FRAME, 2 * SEALED_FRAME, 2 * SEALED_FRAME + 1048] {
        let error = read_changed(size, |sealed| sealed.truncate(length)).await;
        assert!(is_key_error(error), "cut to {length}");
    }
    let swapped = read_changed(size, |sealed| {
        let (first, rest) = sealed.split_at_mut(SEALED_FRAME);
        first.swap_with_slice(&mut rest[..SEALED_FRAME]);
    });
    assert!(is_key_error(swapped.await), "two frames swapped");
    let without = read_changed(size, |sealed| drop(sealed.drain(SEALED_FRAME..2 * SEALED_FRAME)));
    assert!(is_key_error(without.await), "a frame left out");
    let twice = read_changed(FRAME, |sealed| sealed.extend_from_within(..));
    assert!(is_key_error(twice.await), "a frame added");
}

#[tokio::test]
async fn a_file_of_another_picture_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), true);
    let (_, pictures) = with_pictures(&store, "1", 2).await;
    keep(&store, pictures[0].id, b"one").await;
    keep(&store, pictures[1].id, b"two").await;
    let [a, b] = files(folder.path()).try_into().unwrap();
    fs::copy(&a, &b).unwrap();
    let mut opened = 0;
    for picture in &pictures {
        opened += usize::from(store.picture_bytes(picture.id).await.is_ok());
    }
    assert_eq!(opened, 1, "the one that was not copied over");
}

#[tokio::test]
async fn each_limit_is_kept_and_named() {
    let store = store();
    let (_, one) = with_pictures(&store, "1", 2).await;
    let (_, other) = with_pictures(&store, "2", 2).await;
    let limits = ShelfLimits {
        picture_bytes_max: 10,
        message_bytes_max: 15,
        shelf_bytes_max: 20,
        pictures_max: 2,
    };
    let shelve = |id, bytes: usize, limits| store.shelve(id, vec![1; bytes], limits);
    let no_room = |limit| StoreError::NoRoom(limit);
    let refused = shelve(one[0].id, 11, limits).await.unwrap_err();
    assert_eq!(refused, no_room(ShelfLimit::PictureBytes));
    let first = shelve(one[0].id, 10, limits).await.unwrap();
    // It counts before it has a row, while it has both, and after.
    for step in 0..3 {
        if step == 1 {
            commit(&store, vec![kept(&first)]).await;
        }
        if step == 2 {
            break;
        }
        let refused = shelve(one[1].id, 6, limits).await.unwrap_err();
        assert_eq!(refused, no_room(ShelfLimit::MessageBytes), "step {step}");
    }
    drop(first);
    let more_each = ShelfLimits { picture_bytes_max: 11, ..limits };
    let refused = shelve(other[0].id, 11, more_each).await.unwrap_err();
    assert_eq!(refused, no_room(ShelfLimit::ShelfBytes));
    let second = shelve(other[0].id, 5, limits).await.unwrap();
    let refused = shelve(other[1].id, 1, limits).await.unwrap_err();
    assert_eq!(refused, no_room(ShelfLimit::Pictures));
    // One that nobody took is no longer counted.
    drop(second);
    shelve(other[1].id, 1, limits).await.unwrap();
}

#[tokio::test]
async fn what_was_written_and_not_taken_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), true);
    let (message_id, pictures) = with_pictures(&store, "1", 1).await;
    let id = pictures[0].id;
    drop(store.shelve(id, picture(9), ROOMY).await.unwrap());
    assert!(files(folder.path()).is_empty(), "dropped");
    let file = store.shelve(id, picture(9), ROOMY).await.unwrap();
    let unknown = Change::SendingReply { reply_id: 404 };
    store.commit(None, vec![kept(&file), unknown], NOW).await.unwrap_err();
    assert_eq!(files(folder.path()).len(), 1, "it can still be committed");
    commit(&store, vec![kept(&file)]).await;
    drop(file);
    assert_eq!(files(folder.path()).len(), 1);
    let refused = PictureChange::Refused { picture_id: id, outcome: "too large".into() };
    commit(&store, vec![Change::Picture(refused)]).await;
    assert!(files(folder.path()).is_empty(), "refused");
    assert_eq!(store.pictures_of(message_id).await.unwrap()[0].bytes, 0);
}

/// Copies the bridge's folder as a crash would leave it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn after_a_crash_at_any_commit_every_kept_picture_has_its_file_and_no_file_is_alone() {
    let folder = tempfile::tempdir().unwrap();
    let live = folder.path().join("live");
    let store = open(&live, true);
    let copies = Arc::new(Mutex::new(Vec::new()));
    let (seen, from, below) = (Arc::clone(&copies), live.clone(), folder.path().to_owned());
    store.observe_writes(Arc::new(move || {
        let mut copies = seen.lock().unwrap();
        let to = below.join(copies.len().to_string());
        copy(&from, &to);
        copies.push(to);
    }));
    let (message_id, pictures) = with_pictures(&store, "1", 2).await;
    let bytes = picture(FRAME + 10);
    // Written, and the process dies before its row.
    let early = store.shelve(pictures[1].id, bytes.clone(), ROOMY).await.unwrap();
    commit(&store, vec![Change::SetFact { key: "k".into(), value: "v".into() }]).await;
    keep(&store, pictures[0].id, &bytes).await;
    commit(&store, vec![kept(&early)]).await;
    drop(early);
    post_all(&store, message_id).await;
    drop(store);
    let (mut with_orphans, mut with_kept) = (0, 0);
    let copies = copies.lock().unwrap().clone();
    for copy in &copies {
        let store = open(copy, true);
        let before = files(copy).len();
        store.start_up("alive").await.unwrap();
        let mut kept = 0;
        for picture in store.pictures_of(message_id).await.unwrap() {
            let read = store.picture_bytes(picture.id).await.unwrap();
            assert_eq!(read.is_some(), picture.state == PictureState::Kept, "{copy:?}");
            assert!(read.is_none_or(|read| read == bytes));
            kept += usize::from(picture.state == PictureState::Kept);
        }
        assert_eq!(files(copy).len(), kept, "{copy:?}");
        with_orphans += usize::from(before > kept);
        with_kept += usize::from(kept > 0);
    }
    // Alone: before any row, before the second one's, and between the last commit and the removal.
    assert_eq!((with_orphans, with_kept), (3, 2), "of {} crashes", copies.len());
}

#[tokio::test]
async fn sweeping_removes_what_no_row_knows_and_spares_what_is_being_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), false);
    let (_, pictures) = with_pictures(&store, "1", 2).await;
    keep(&store, pictures[0].id, b"kept").await;
    let being_kept = store.shelve(pictures[1].id, b"new".to_vec(), ROOMY).await.unwrap();
    fs::write(folder.path().join("media/0123"), b"left over").unwrap();
    let limits =
        SweepLimits { bodies_before: NOW, links_before: NOW, counters_before: NOW, rows_max: 9 };
    let swept = store.sweep(limits.clone(), NOW).await.unwrap();
    assert_eq!((swept.files, swept.rows()), (1, 1));
    assert_eq!(files(folder.path()).len(), 2);
    commit(&store, vec![kept(&being_kept)]).await;
    drop(being_kept);
    assert_eq!(store.sweep(limits, NOW).await.unwrap().files, 0);
    assert_eq!(store.picture_bytes(pictures[1].id).await.unwrap().unwrap(), b"new");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_kept_picture_whose_file_a_backup_did_not_bring_is_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), true);
    let (message_id, pictures) = with_pictures(&store, "1", 1).await;
    keep(&store, pictures[0].id, b"kept").await;
    fs::remove_dir_all(folder.path().join("media")).unwrap();
    assert!(matches!(store.picture_bytes(pictures[0].id).await, Err(StoreError::Key(_))));
    store.start_up("alive").await.unwrap();
    let again = store.pictures_of(message_id).await.unwrap().remove(0);
    assert_eq!((again.state, again.due_at), (PictureState::Wanted, NOW));
    assert_eq!(store.next_due(LaneKind::Fetching).await.unwrap(), Some(NOW));
    keep(&store, again.id, b"kept").await;
    assert_eq!(store.picture_bytes(again.id).await.unwrap().unwrap(), b"kept");
}
