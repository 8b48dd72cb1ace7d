//! Refreshing, refusal, other realms.

use crate::set_up::*;
use cordboard_plugin::{CredentialKind, RemoteAccount};
use cordboard_store::*;

fn take_refresh(held: &HeldCredential, owner: &str) -> Change {
    Change::TakeRefresh { credential_id: held.id, version: held.version, claim: claim(owner, 30) }
}

#[tokio::test]
async fn one_process_refreshes_at_a_time_and_an_old_version_never_wins() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let held_before = held(&store, ANN).await.unwrap();
    assert!(commit(&store, vec![take_refresh(&held_before, "a")]).await.taken);
    assert!(!commit(&store, vec![take_refresh(&held_before, "b")]).await.taken);
    let drop =
        |owner: &str| Change::DropRefresh { credential_id: held_before.id, owner: owner.into() };
    commit(&store, vec![drop("b")]).await;
    assert!(!commit(&store, vec![take_refresh(&held_before, "b")]).await.taken, "not b's to give");
    let put = || Change::PutCredential {
        credential_id: held_before.id,
        version: held_before.version,
        fresh: fresh(&realm(), "token-2"),
    };
    commit(&store, vec![put()]).await;
    let after = held(&store, ANN).await.unwrap();
    assert_eq!((after.version, after.credential.secret.reveal()), (2, "token-2"));
    assert_eq!(store.commit(None, vec![put()], NOW).await.unwrap_err(), StoreError::Conflict);
    assert!(!commit(&store, vec![take_refresh(&held_before, "b")]).await.taken, "old version");
    assert!(commit(&store, vec![take_refresh(&after, "b")]).await.taken, "put gave it back");
    commit(&store, vec![drop("b")]).await;
    assert!(commit(&store, vec![take_refresh(&after, "c")]).await.taken);
    let late = store.commit(None, vec![take_refresh(&after, "d")], at(30)).await.unwrap();
    assert!(late.taken, "the lease has ended");
}

#[tokio::test]
async fn a_refused_credential_is_erased_and_its_posts_wait_for_a_relink() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let credential_id = held(&store, ANN).await.unwrap().id;
    let queued = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let working = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
    let asks = posts(&store, ANN, "3", vec![waiting_post(SINK, WaitReason::OtherAccount)]).await;
    let open = store.posts_of(working).await.unwrap()[0].id;
    let refused = |version| Change::CredentialRefused {
        credential_id,
        version,
        detail: "401".into(),
        fingerprint: None,
        wait_until: at(500),
    };
    commit(&store, vec![open_attempt(open), refused(2)]).await;
    assert!(held(&store, ANN).await.is_some(), "another version was refused, not this one");
    commit(&store, vec![refused(1)]).await;
    let account = store.account(&ann(), SINK).await.unwrap().unwrap();
    assert_eq!((account.relink, account.relink_since), (true, Some(NOW)));
    assert!(held(&store, ANN).await.is_none());
    let message = store.message(queued).await.unwrap().unwrap();
    assert_eq!((message.state, message.wait), (MessageState::Waiting, WaitReason::Relink));
    assert_eq!(message.wait_until, Some(at(500)));
    assert_eq!(state_of(&store, working).await.0, MessageState::Working);
    assert_eq!(state_of(&store, asks).await.1, WaitReason::OtherAccount, "still wants its YES");
    let events = store.credential_events(account.identity_id).await.unwrap();
    assert_eq!(events.last().map(|e| e.event.as_str()), Some("refused"));
}

#[tokio::test]
async fn a_sink_that_another_credential_serves_needs_no_relink() {
    let store = store();
    let media = CredentialKind { kind: "oauth1".into(), realm: "https://wall.example|k1".into() };
    link_account(&store, ANN, "r1").await;
    let both = NewAccount {
        sender: ann(),
        sinks: vec![SINK.into(), "pictures".into()],
        credential: fresh(&media, "token-m"),
        remote: RemoteAccount { id: "r1".into(), handle: "@r1".into() },
        line: ("carrier".into(), cordboard_plugin::Address::new(LINE)),
    };
    commit(&store, vec![Change::PutAccount(both)]).await;
    let identity_id = store.identity(&ann()).await.unwrap().unwrap().id;
    let kinds = [realm(), media.clone()];
    let first = store.credential(identity_id, &kinds).await.unwrap().unwrap();
    assert_eq!(first.credential.kind, "oauth2", "the preferred kind comes first");
    let refuse = |credential_id| {
        vec![Change::CredentialRefused {
            credential_id,
            version: 1,
            detail: "401".into(),
            fingerprint: None,
            wait_until: at(9),
        }]
    };
    commit(&store, refuse(first.id)).await;
    assert!(!store.account(&ann(), SINK).await.unwrap().unwrap().relink);
    let second = store.credential(identity_id, &kinds).await.unwrap().unwrap();
    assert_eq!(second.credential.kind, "oauth1");
    commit(&store, refuse(second.id)).await;
    for sink in [SINK, "pictures"] {
        assert!(store.account(&ann(), sink).await.unwrap().unwrap().relink, "{sink}");
    }
}

#[tokio::test]
async fn accounts_of_another_realm_are_counted_and_marked_once() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r2").await;
    let same = [realm()];
    let changed = [CredentialKind { realm: "https://wall.example|f9".into(), ..realm() }];
    assert_eq!(store.foreign_realm_accounts(SINK, &same).await.unwrap(), 0);
    assert_eq!(store.foreign_realm_accounts(SINK, &[]).await.unwrap(), 0);
    assert_eq!(store.foreign_realm_accounts(SINK, &changed).await.unwrap(), 2);
    assert_eq!(store.mark_foreign_realms(SINK, &changed, NOW).await.unwrap(), 2);
    assert_eq!(store.mark_foreign_realms(SINK, &changed, NOW).await.unwrap(), 0);
    assert!(store.account(&ann(), SINK).await.unwrap().unwrap().relink);
}

#[tokio::test]
async fn credentials_not_looked_at_for_long_are_found() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let credential_id = held(&store, ANN).await.unwrap().id;
    assert!(store.stale_credentials(NOW, 9).await.unwrap().is_empty());
    let stale = store.stale_credentials(at(1), 9).await.unwrap();
    assert_eq!(stale.iter().map(|held| held.id).collect::<Vec<_>>(), [credential_id]);
    let checked = vec![Change::CredentialChecked { credential_id }];
    store.commit(None, checked, at(5)).await.unwrap();
    assert!(store.stale_credentials(at(1), 9).await.unwrap().is_empty());
}
