//! PINs, lines, and texts that wait for proof.

use crate::set_up::*;
use cordboard_plugin::{Address, Secret};
use cordboard_store::*;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use std::path::Path;

const PIN: &str = "48213907";
const DAY: i64 = 86_400;

async fn who(store: &Store) -> Identity {
    store.identity(&ann()).await.unwrap().unwrap()
}

async fn pin(store: &Store) -> Option<Secret> {
    let identity_id = who(store).await.id;
    store.pin(identity_id).await.unwrap()
}

fn set_pin() -> Change {
    Change::SetPin { sender: ann(), pin: Secret::new(PIN) }
}

fn believe(seconds: i64, line: &str, proves: Proves) -> Change {
    Change::Believe(Proof {
        sender: ann(),
        at: at(seconds),
        transport: "carrier".into(),
        line: Address::new(line),
        proves,
    })
}

fn wrong() -> Change {
    Change::WrongPin { sender: ann(), tries_max: 3, locked_until: at(DAY) }
}

fn held(message_id: i64) -> Change {
    read(message_id, MessageState::Waiting, WaitReason::Proof)
}

/// Ann, linked, with a PIN and one text that waits for proof; brings that text's id.
async fn waiting_ann() -> (Store, i64) {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let message_id = take(&store, ANN, "1").await;
    commit(&store, vec![set_pin(), held(message_id)]).await;
    (store, message_id)
}

fn on_disk(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[tokio::test]
async fn a_pin_opens_for_its_person_only_and_is_never_on_the_disk_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(options(folder.path(), true), NOW).unwrap();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r2").await;
    let mut new = text(ANN, "1");
    new.incoming.text = format!("{PIN} hello");
    let message_id = store.take_in(vec![new], vec![], None, NOW).await.unwrap().new[0];
    assert!(on_disk(folder.path(), PIN.as_bytes()), "a text is clear until it is read");
    let cut = Change::SetText { message_id, text: "hello".into() };
    commit(&store, vec![set_pin(), cut, believe(1, LINE, Proves::Waiting)]).await;
    assert_eq!(pin(&store).await.unwrap().reveal(), PIN);
    assert!(who(&store).await.pin);
    store.checkpoint().await.unwrap();
    assert!(!on_disk(folder.path(), PIN.as_bytes()));
    let mut raw =
        SqliteConnection::establish(folder.path().join("cordboard.db").to_str().unwrap()).unwrap();
    raw.batch_execute("UPDATE identities SET pin = (SELECT pin FROM identities WHERE id = 1)")
        .unwrap();
    let ben = store.identity(&Address::new(BEN)).await.unwrap().unwrap();
    let moved = store.pin(ben.id).await;
    assert!(matches!(moved, Err(StoreError::Key(_))), "{moved:?}");
}

#[tokio::test]
async fn nothing_shown_of_a_person_holds_the_pin() {
    let (store, _) = waiting_ann().await;
    let view = store.person(&ann()).await.unwrap().unwrap();
    assert!(view.identity.pin);
    for shown in [serde_json::to_string(&view).unwrap(), format!("{view:?} {:?}", set_pin())] {
        assert!(!shown.contains(PIN), "{shown}");
    }
}

#[tokio::test]
async fn so_many_wrong_pins_lock_and_a_right_one_forgets_the_count() {
    let (store, _) = waiting_ann().await;
    commit(&store, vec![wrong(), wrong()]).await;
    assert_eq!(who(&store).await.pin_wrong, 2);
    assert!(!who(&store).await.locked(NOW));
    commit(&store, vec![believe(1, LINE, Proves::Waiting), wrong(), wrong()]).await;
    assert!(!who(&store).await.locked(NOW));
    commit(&store, vec![wrong()]).await;
    let locked = who(&store).await;
    assert!(locked.locked(NOW) && !locked.locked(at(DAY)));
    assert_eq!(locked.pin_wrong, 0, "the count begins anew");
    link_account(&store, ANN, "r1").await;
    assert!(!who(&store).await.locked(NOW), "linking unlocks");
    assert!(pin(&store).await.is_some(), "and the PIN stays");
}

#[tokio::test]
async fn proof_lets_waiting_texts_be_read_again_in_order_and_refuses_those_too_late() {
    let (store, first) = waiting_ann().await;
    let second = take(&store, ANN, "2").await;
    let late = take(&store, ANN, "3").await;
    let gone = Change::Read {
        message_id: late,
        state: MessageState::Waiting,
        wait: WaitReason::Proof,
        wait_until: Some(NOW),
        outcome: "held".into(),
    };
    commit(&store, vec![held(second), gone]).await;
    commit(&store, vec![believe(-DAY, LINE, Proves::Nothing)]).await;
    assert_eq!(state_of(&store, first).await.1, WaitReason::Proof, "a text alone proves nothing");
    let with_words = take(&store, ANN, "4").await;
    commit(&store, vec![believe(0, LINE, Proves::Message(with_words))]).await;
    assert_eq!(state_of(&store, first).await.1, WaitReason::Proof, "nor one with its PIN");
    assert!(store.message(with_words).await.unwrap().unwrap().proven);
    commit(&store, vec![believe(-DAY, "+15550100098", Proves::Waiting)]).await;
    let next = store.next_unread(&ann()).await.unwrap().unwrap();
    assert_eq!((next.id, next.approved, next.proven), (first, false, true));
    assert_eq!(state_of(&store, second).await, (MessageState::Queued, WaitReason::Nothing));
    assert_eq!(state_of(&store, late).await.0, MessageState::Refused);
    let ann = who(&store).await;
    assert!(ann.believed_at >= NOW);
    assert!(ann.known_on("carrier", &Address::new("+15550100098")));
    assert!(ann.known_on("carrier", &Address::new(LINE)));
    assert!(!ann.known_on("other", &Address::new(LINE)));
    assert!(store.sums().await.unwrap().holds());
}

#[tokio::test]
async fn the_same_account_again_is_proof() {
    let (store, message_id) = waiting_ann().await;
    let applied = link_account(&store, ANN, "r1").await;
    assert_eq!(applied.waiting, 1);
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, message_id);
    let ann = who(&store).await;
    assert!(ann.pin && ann.believed_at >= NOW && ann.known_on("carrier", &Address::new(LINE)));
}

#[tokio::test]
async fn another_account_erases_the_pin_and_what_waits_wants_a_yes() {
    let (store, message_id) = waiting_ann().await;
    commit(&store, vec![believe(1, "+15550100098", Proves::Nothing), wrong(), wrong(), wrong()])
        .await;
    let applied = link_account(&store, ANN, "r2").await;
    assert_eq!(applied.waiting, 1);
    assert_eq!(
        state_of(&store, message_id).await,
        (MessageState::Waiting, WaitReason::OtherAccount)
    );
    let ann = who(&store).await;
    assert!(!ann.pin && !ann.locked(NOW));
    assert_eq!(ann.lines, [format!("carrier|{LINE}")]);
}

#[tokio::test]
async fn a_first_account_elsewhere_proves_nothing_about_those_there_are() {
    let (store, message_id) = waiting_ann().await;
    let before = who(&store).await.believed_at;
    let elsewhere = account(ANN, &["other wall"], "r9", "token-9");
    store.commit(None, vec![Change::PutAccount(elsewhere)], at(DAY)).await.unwrap();
    assert_eq!(state_of(&store, message_id).await.1, WaitReason::Proof);
    let ann = who(&store).await;
    assert!(ann.pin);
    assert_eq!(ann.believed_at, before);
}

#[tokio::test]
async fn leaving_erases_pin_lines_and_lock() {
    let (store, message_id) = waiting_ann().await;
    commit(&store, vec![wrong(), wrong(), wrong(), wrong()]).await;
    let leave = Change::Leave { sender: ann(), standing: Standing::Known };
    commit(&store, vec![leave]).await;
    let ann = who(&store).await;
    assert!(!ann.pin && ann.lines.is_empty() && ann.locked_until.is_none());
    assert_eq!(ann.pin_wrong, 0);
    assert_eq!(pin(&store).await, None);
    assert_eq!(state_of(&store, message_id).await.0, MessageState::Refused);
}

#[tokio::test]
async fn the_lines_of_a_person_are_bounded() {
    let (store, _) = waiting_ann().await;
    for n in 0..120 {
        commit(&store, vec![believe(n, &format!("+1555010{n:04}"), Proves::Nothing)]).await;
    }
    let ann = who(&store).await;
    assert_eq!(ann.lines.len(), 50);
    assert!(ann.known_on("carrier", &Address::new("+15550100119")));
}

#[tokio::test]
async fn people_known_before_there_were_pins_are_believed_up_to_their_last_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cordboard.db");
    let mut raw = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    raw.batch_execute(include_str!("../../migrations/sqlite/0001_start/up.sql")).unwrap();
    raw.batch_execute(&format!(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations (version) VALUES ('0001');
         INSERT INTO identities (sender, standing, quiet, created_at, seen_at)
             VALUES ('{ANN}', 0, 0, 5, 77);"
    ))
    .unwrap();
    drop(raw);
    let store = Store::open(options(folder.path(), true), NOW).unwrap();
    let ann = who(&store).await;
    assert_eq!((ann.believed_at, ann.seen_at), (ann.seen_at, cordboard_plugin::Timestamp(77)));
    assert!(!ann.pin && ann.lines.is_empty() && ann.locked_until.is_none());
    assert!(folder.path().join("cordboard.db.before-0002").exists(), "copied before");
}
