//! What is on the disk: durable, private, sealed, erased.

use crate::set_up::*;
use cordboard_plugin::{Secret, Timestamp};
use cordboard_store::*;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn raw(folder: &Path) -> SqliteConnection {
    let path = folder.join("cordboard.db");
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

fn files_with(folder: &Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if bytes.windows(words.len()).any(|window| window == words.as_bytes()) {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_at_once_are_all_durable() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    let calls: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let new = vec![text(&format!("+1555010{n:04}"), &n.to_string())];
                store.take_in(new, vec![], Some(claim("me", 60)), NOW).await.unwrap().new.len()
            })
        })
        .collect();
    let mut taken = 0;
    for call in calls {
        taken += call.await.unwrap();
    }
    assert_eq!(taken, 200);
    // Another connection sees them without the first having been closed.
    let seen: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "(SELECT count(*) FROM messages)",
    ))
    .get_result(&mut raw(folder.path()))
    .unwrap();
    assert_eq!(seen, 200);
    store.close().await.unwrap();
    let again = Store::open(options(folder.path(), false), NOW).unwrap();
    let sums = again.sums().await.unwrap();
    assert_eq!(sums.total, 200);
    assert!(sums.holds());
    again.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_call_does_not_spoil_those_committed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let store = store.clone();
            let fact = Change::SetFact { key: format!("k{n}"), value: "v".into() };
            let bad = Change::SendingReply { reply_id: 404 };
            let changes = if n % 3 == 0 { vec![fact, bad] } else { vec![fact] };
            tokio::spawn(async move { store.commit(None, changes, NOW).await.map(|_| ()) })
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        let expected = if n % 3 == 0 { Err(StoreError::Conflict) } else { Ok(()) };
        assert_eq!(call.await.unwrap(), expected, "call {n}");
        let fact = store.fact(&format!("k{n}")).await.unwrap();
        assert_eq!(fact.is_some(), n % 3 != 0, "call {n}");
    }
    store.close().await.unwrap();
    assert!(store.fact("k1").await.is_err(), "closed");
}

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    take(&store, ANN, "1").await;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn secrets_are_never_on_the_disk_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    let linked = account(ANN, &[SINK], "r1", "SECRET-OF-A-CREDENTIAL");
    let link = NewLink {
        token_hash: "t".into(),
        sender: ann(),
        transport: "carrier".into(),
        line: ann(),
        sinks: vec![SINK.into()],
        copy: Some(Secret::new("SECRET-OF-AN-ADDRESS")),
        reason: LinkReason::Asked,
        created_at: NOW,
        expires_at: at(9),
    };
    let link_id = commit(&store, vec![Change::PutAccount(linked), Change::AddLink(link)])
        .await
        .link_id
        .unwrap();
    let step = LinkStep {
        secret: Some(Secret::new("SECRET-OF-A-LINK")),
        held_return: Some(Secret::new("SECRET-OF-A-RETURN")),
        ..LinkStep::to(link_id, LinkState::Open, LinkState::Pressed)
    };
    commit(&store, vec![Change::StepLink(step)]).await;
    take(&store, ANN, "canary").await;
    for checkpointed in [false, true] {
        if checkpointed {
            store.checkpoint().await.unwrap();
        }
        assert!(!files_with(folder.path(), "words of canary").is_empty(), "texts are clear");
        assert!(files_with(folder.path(), "SECRET-OF-A").is_empty());
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_is_erased_is_gone_from_the_disk_after_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    let message_id = take(&store, ANN, "canary").await;
    commit(&store, vec![read(message_id, MessageState::Answered, WaitReason::Nothing)]).await;
    link_account(&store, ANN, "r1").await;
    let credential_id = held(&store, ANN).await.unwrap().id;
    store.checkpoint().await.unwrap();
    let sealed = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(
        "(SELECT hex(sealed) FROM credentials)",
    ))
    .get_result::<String>(&mut raw(folder.path()))
    .unwrap();
    let sealed: Vec<u8> = (0..sealed.len() / 2)
        .map(|n| u8::from_str_radix(&sealed[n * 2..n * 2 + 2], 16).unwrap())
        .collect();
    let on_disk = || {
        fs::read_dir(folder.path()).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(sealed.len()).any(|window| window == sealed)
        })
    };
    assert!(on_disk());
    let erase = Change::EraseCredential { credential_id, detail: "revoked".into() };
    commit(&store, vec![erase]).await;
    let limits =
        SweepLimits { bodies_before: at(1), links_before: NOW, counters_before: NOW, rows_max: 9 };
    assert_eq!(store.sweep(limits, at(1)).await.unwrap().messages, 1);
    store.checkpoint().await.unwrap();
    assert!(!on_disk());
    assert!(files_with(folder.path(), "words of canary").is_empty());
    store.close().await.unwrap();
}

#[tokio::test]
async fn another_key_opens_nothing_and_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), false), NOW).unwrap();
    link_account(&store, ANN, "r1").await;
    store.close().await.unwrap();
    drop(store);
    let before = fs::read(folder.path().join("cordboard.db")).unwrap();
    let other = StoreOptions { key: SealKey::new([8; 32]), ..options(folder.path(), false) };
    let refused = Store::open(other, NOW).unwrap_err();
    assert!(matches!(refused, OpenError::OtherKey { .. }), "{refused}");
    assert_eq!(fs::read(folder.path().join("cordboard.db")).unwrap(), before);
    let store = Store::open(options(folder.path(), true), NOW).unwrap();
    assert_eq!(held(&store, ANN).await.unwrap().credential.secret.reveal(), "token-1");
}

#[tokio::test]
async fn a_credential_moved_to_another_person_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), true), NOW).unwrap();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r2").await;
    let swap = "UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE id = 1)";
    raw(folder.path()).batch_execute(swap).unwrap();
    assert!(held(&store, ANN).await.is_some());
    let ben = store.identity(&cordboard_plugin::Address::new(BEN)).await.unwrap().unwrap();
    let opened = store.credential(ben.id, &[realm()]).await;
    assert!(matches!(opened, Err(StoreError::Key(_))), "{opened:?}");
}

#[tokio::test]
async fn a_newer_database_is_refused_unless_it_says_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(options(folder.path(), true), NOW).unwrap().close().await.unwrap();
    let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    raw(folder.path()).batch_execute(later).unwrap();
    Store::open(options(folder.path(), true), NOW).unwrap();
    let newer = "UPDATE facts SET value = '99' WHERE key = 'schema.oldest_reader'";
    raw(folder.path()).batch_execute(newer).unwrap();
    let refused = Store::open(options(folder.path(), true), NOW).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 99, .. }), "{refused}");
}

#[tokio::test]
async fn a_database_is_copied_before_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("cordboard.db.before-0001");
    // A database that knows none of our migrations yet.
    raw(folder.path()).batch_execute("CREATE TABLE old (n); INSERT INTO old VALUES (7);").unwrap();
    Store::open(options(folder.path(), true), NOW).unwrap().close().await.unwrap();
    let kept: i64 =
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>("(SELECT n FROM old)"))
            .get_result(&mut SqliteConnection::establish(copy.to_str().unwrap()).unwrap())
            .unwrap();
    assert_eq!(kept, 7);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(&copy).unwrap();
    Store::open(options(folder.path(), true), NOW).unwrap();
    assert!(!copy.exists(), "up to date, so nothing to copy for");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cordboard.db");
    let words = "this is no database at all, ".repeat(100);
    fs::write(&path, &words).unwrap();
    let refused = Store::open(options(folder.path(), true), NOW).unwrap_err();
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), words);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let refused = Store::open(options(folder.path(), true), NOW).unwrap_err();
    assert!(matches!(refused, OpenError::NotWritable { .. }), "{refused}");
}

#[tokio::test]
async fn a_new_store_is_empty_and_a_used_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let url = options(folder.path(), true).url;
    assert!(url.is_empty());
    Store::open(options(folder.path(), true), Timestamp(0)).unwrap();
    assert!(!url.is_empty());
    assert!(StoreUrl::Memory.is_empty());
}
