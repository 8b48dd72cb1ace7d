//! People with more than one sink: words and pictures.

use crate::set_up::*;
use cordboard_plugin::{Address, CredentialKind, RemoteAccount};
use cordboard_store::*;

const PICTURES: &str = "pictures";

fn media() -> CredentialKind {
    CredentialKind { kind: "oauth1".into(), realm: "https://wall.example|k1".into() }
}

fn pictures(sender: &str, sinks: &[&str], remote: &str) -> Change {
    Change::PutAccount(NewAccount {
        sender: Address::new(sender),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
        credential: fresh(&media(), "token-m"),
        remote: RemoteAccount { id: remote.into(), handle: format!("@{remote}") },
        line: ("carrier".into(), Address::new(LINE)),
    })
}

async fn of_kind(store: &Store, sender: &str, kind: CredentialKind) -> Option<HeldCredential> {
    let identity = store.identity(&Address::new(sender)).await.unwrap().unwrap();
    store.credential(identity.id, &[kind]).await.unwrap()
}

fn leave_pictures() -> Change {
    Change::LeaveSink { sender: ann(), sink: PICTURES.into() }
}

async fn to_revoke(store: &Store) -> usize {
    store.claim_lanes(LaneKind::Revoking, claim("me", 9), 9, NOW).await.unwrap().len()
}

#[tokio::test]
async fn leaving_one_sink_ends_its_account_credential_and_posts_only() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    let there = posts(&store, ANN, "1", vec![new_post(PICTURES, 0, 1)]).await;
    let words = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
    commit(&store, vec![leave_pictures()]).await;
    assert!(store.account(&ann(), PICTURES).await.unwrap().is_none());
    assert!(store.account(&ann(), SINK).await.unwrap().is_some());
    assert!(of_kind(&store, ANN, media()).await.is_none());
    assert!(held(&store, ANN).await.is_some());
    assert_eq!(to_revoke(&store).await, 1);
    assert_eq!(state_of(&store, there).await.0, MessageState::Refused);
    assert_eq!(state_of(&store, words).await.0, MessageState::Queued);
}

#[tokio::test]
async fn a_credential_that_serves_another_sink_stays() {
    let store = store();
    commit(&store, vec![pictures(ANN, &[SINK, PICTURES], "r1")]).await;
    commit(&store, vec![leave_pictures()]).await;
    assert!(of_kind(&store, ANN, media()).await.is_some());
    assert_eq!(to_revoke(&store).await, 0);
    commit(&store, vec![Change::LeaveSink { sender: ann(), sink: SINK.into() }]).await;
    assert!(of_kind(&store, ANN, media()).await.is_none());
    assert_eq!(to_revoke(&store).await, 1);
}

#[tokio::test]
async fn where_somebody_else_uses_the_account_nothing_is_revoked() {
    let store = store();
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    commit(&store, vec![pictures(BEN, &[PICTURES], "r1")]).await;
    commit(&store, vec![leave_pictures()]).await;
    assert!(of_kind(&store, ANN, media()).await.is_none());
    assert_eq!(to_revoke(&store).await, 0);
}

#[tokio::test]
async fn one_credential_for_all_replaces_those_of_other_kinds() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    commit(&store, vec![pictures(ANN, &[SINK, PICTURES], "r2")]).await;
    assert!(held(&store, ANN).await.is_none(), "it was another account's");
    assert_eq!(store.account(&ann(), SINK).await.unwrap().unwrap().remote.id, "r2");
}

async fn refuse(store: &Store, held: &HeldCredential) {
    let refused = Change::CredentialRefused {
        credential_id: held.id,
        version: held.version,
        detail: "401".into(),
        fingerprint: Some("f00d".into()),
        wait_until: at(500),
    };
    commit(store, vec![refused]).await;
}

#[tokio::test]
async fn texts_without_posts_wait_until_no_connection_to_the_account_is_dead() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    refuse(&store, &held(&store, ANN).await.unwrap()).await;
    refuse(&store, &of_kind(&store, ANN, media()).await.unwrap()).await;
    let unposted = take(&store, ANN, "1").await;
    commit(&store, vec![read(unposted, MessageState::Waiting, WaitReason::Relink)]).await;
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    assert_eq!(state_of(&store, unposted).await.0, MessageState::Waiting, "the words lack theirs");
    link_account(&store, ANN, "r1").await;
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, unposted);
}

#[tokio::test]
async fn pictures_connected_again_wake_what_waited_for_them() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    refuse(&store, &of_kind(&store, ANN, media()).await.unwrap()).await;
    assert!(!store.account(&ann(), SINK).await.unwrap().unwrap().relink, "words go on");
    let unposted = take(&store, ANN, "1").await;
    commit(&store, vec![read(unposted, MessageState::Waiting, WaitReason::Relink)]).await;
    commit(&store, vec![pictures(ANN, &[PICTURES], "r1")]).await;
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, unposted);
}

#[tokio::test]
async fn a_refused_grant_is_known_again_by_its_fingerprint() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r2").await;
    refuse(&store, &held(&store, ANN).await.unwrap()).await;
    assert!(store.was_refused(&ann(), "f00d").await.unwrap());
    assert!(!store.was_refused(&ann(), "beef").await.unwrap());
    assert!(!store.was_refused(&Address::new(BEN), "f00d").await.unwrap(), "not theirs");
}
