//! Linking, relinking, leaving.

use crate::set_up::*;
use cordboard_plugin::Address;
use cordboard_store::*;

#[tokio::test]
async fn the_same_account_again_lets_waiting_texts_go_on() {
    let store = store();
    let first = link_account(&store, ANN, "r1").await;
    assert!(first.previous.is_none());
    let message_id = posts(&store, ANN, "1", vec![waiting_post(SINK, WaitReason::Relink)]).await;
    let unposted = take(&store, ANN, "2").await;
    commit(&store, vec![read(unposted, MessageState::Waiting, WaitReason::Relink)]).await;
    let again = link_account(&store, ANN, "r1").await;
    assert_eq!(again.previous.unwrap().id, "r1");
    assert_eq!(again.waiting, 2);
    assert_eq!(state_of(&store, message_id).await, (MessageState::Queued, WaitReason::Nothing));
    assert_eq!(store.next_unread(&ann()).await.unwrap().unwrap().id, unposted);
    let lanes = store.claim_lanes(LaneKind::Delivering, claim("me", 9), 9, NOW).await.unwrap();
    assert_eq!(lanes.len(), 1);
}

#[tokio::test]
async fn another_account_holds_waiting_texts_for_a_yes() {
    for yes in [true, false] {
        let store = store();
        link_account(&store, ANN, "r1").await;
        let waited = posts(&store, ANN, "1", vec![waiting_post(SINK, WaitReason::Relink)]).await;
        let queued = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
        let elsewhere = posts(&store, ANN, "3", vec![new_post("b", 0, 1)]).await;
        let applied = link_account(&store, ANN, "r2").await;
        assert_eq!(applied.previous.unwrap().id, "r1");
        assert_eq!(applied.waiting, 1);
        for id in [waited, queued] {
            assert_eq!(
                state_of(&store, id).await,
                (MessageState::Waiting, WaitReason::OtherAccount)
            );
        }
        let kept = store.message(waited).await.unwrap().unwrap().wait_until;
        assert_eq!(kept, Some(at(86_400)), "its own limit stays");
        assert_eq!(state_of(&store, elsewhere).await.0, MessageState::Queued);
        let answered = commit(&store, vec![Change::Approve { sender: ann(), yes }]).await;
        assert_eq!(answered.approved, Some(queued));
        let after = if yes { MessageState::Queued } else { MessageState::Refused };
        for id in [waited, queued] {
            assert_eq!(state_of(&store, id).await.0, after);
        }
    }
}

#[tokio::test]
async fn relinking_replaces_the_credential_and_drops_those_of_other_realms() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let old = held(&store, ANN).await.unwrap();
    let again = account(ANN, &[SINK], "r1", "token-2");
    commit(&store, vec![Change::PutAccount(again)]).await;
    let new = held(&store, ANN).await.unwrap();
    assert_eq!(new.credential.secret.reveal(), "token-2");
    assert!(new.version > old.version);
    let mut moved = account(ANN, &[SINK], "r1", "token-3");
    moved.credential.realm = "https://wall.example|f2".into();
    commit(&store, vec![Change::PutAccount(moved)]).await;
    assert!(held(&store, ANN).await.is_none());
    let events = store.credential_events(new.identity_id).await.unwrap();
    let events: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(events, ["made", "replaced", "erased", "made"]);
}

#[tokio::test]
async fn leaving_erases_the_account_and_refuses_what_waits() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    let credential = held(&store, ANN).await.unwrap();
    let queued = posts(&store, ANN, "1", vec![new_post(SINK, 0, 1)]).await;
    let working = posts(&store, ANN, "2", vec![new_post(SINK, 0, 1)]).await;
    let asks = take(&store, ANN, "3").await;
    let open = store.posts_of(working).await.unwrap()[0].id;
    let wait = read(asks, MessageState::Waiting, WaitReason::Approval);
    let receipt = Change::AddReply(reply("r", ReplyClass::Receipt));
    let answer = Change::AddReply(reply("a", ReplyClass::Answer));
    commit(&store, vec![open_attempt(open), wait, receipt, answer]).await;
    let applied =
        commit(&store, vec![Change::Leave { sender: ann(), standing: Standing::Left }]).await;
    assert!(applied.had_account);
    assert_eq!(applied.cancelled, 2);
    assert_eq!(state_of(&store, queued).await.0, MessageState::Refused);
    assert_eq!(state_of(&store, asks).await.0, MessageState::Refused);
    assert_eq!(state_of(&store, working).await.0, MessageState::Working, "cannot be stopped");
    assert!(store.accounts(&ann()).await.unwrap().is_empty());
    assert_eq!(store.identity(&ann()).await.unwrap().unwrap().standing, Standing::Left);
    assert!(held(&store, ANN).await.is_none(), "not to be used any more");
    let waiting = store.credential_by_id(credential.id).await.unwrap().unwrap();
    assert_eq!(waiting.credential.secret.reveal(), "token-1", "kept until it is revoked");
    let line = Address::new(LINE);
    let replies = store.next_reply("carrier", &line, &ann(), NOW).await.unwrap();
    assert_eq!(replies.iter().map(|r| r.key.as_str()).collect::<Vec<_>>(), ["a"]);
    let again =
        commit(&store, vec![Change::Leave { sender: ann(), standing: Standing::Left }]).await;
    assert!(!again.had_account);
    assert_eq!(again.cancelled, 0);
}

#[tokio::test]
async fn a_shared_account_is_not_revoked_when_one_of_two_leaves() {
    let store = store();
    link_account(&store, ANN, "r1").await;
    link_account(&store, BEN, "r1").await;
    assert_eq!(store.same_remote("r1", SINK).await.unwrap(), 2);
    let credential = held(&store, ANN).await.unwrap();
    commit(&store, vec![Change::Leave { sender: ann(), standing: Standing::Left }]).await;
    assert!(store.credential_by_id(credential.id).await.unwrap().is_none());
    assert_eq!(store.next_due(LaneKind::Revoking).await.unwrap(), None);
    assert!(held(&store, BEN).await.is_some());
    let events = store.credential_events(credential.identity_id).await.unwrap();
    assert_eq!(events.last().unwrap().event, "erased");
}

#[tokio::test]
async fn people_are_listed_with_what_they_have() {
    let store = store();
    link_account(&store, BEN, "r2").await;
    link_account(&store, ANN, "r1").await;
    posts(&store, ANN, "1", vec![waiting_post(SINK, WaitReason::Relink)]).await;
    take(&store, ANN, "2").await;
    let people = store.people(10, None).await.unwrap();
    let senders: Vec<_> = people.iter().map(|p| p.identity.sender.reveal()).collect();
    assert_eq!(senders, [ANN, BEN]);
    assert_eq!((people[0].messages, people[0].waiting), (2, 1));
    assert_eq!(people[1].accounts[0].remote.handle, "@r2");
    assert_eq!(store.people(10, Some(ann())).await.unwrap().len(), 1);
    let view = store.person(&ann()).await.unwrap().unwrap();
    assert_eq!(view.accounts.len(), 1);
    let found = store.account_of(view.identity.id, SINK).await.unwrap().unwrap();
    assert_eq!(found.remote.id, "r1");
    assert_eq!(store.identity_by_id(view.identity.id).await.unwrap().unwrap().sender, ann());
    assert!(store.person(&Address::new("+15550100077")).await.unwrap().is_none());
}

#[tokio::test]
async fn an_opt_out_holds_for_one_line_until_it_is_lifted() {
    let store = store();
    let (line, other) = (Address::new(LINE), Address::new("+15550100098"));
    let set =
        |on| Change::OptOut { transport: "carrier".into(), line: line.clone(), sender: ann(), on };
    commit(&store, vec![set(true), set(true)]).await;
    assert!(store.opted_out("carrier", &line, &ann()).await.unwrap());
    assert!(!store.opted_out("carrier", &other, &ann()).await.unwrap());
    commit(&store, vec![set(false)]).await;
    assert!(!store.opted_out("carrier", &line, &ann()).await.unwrap());
}

#[tokio::test]
async fn a_person_can_be_quiet_or_blocked() {
    let store = store();
    let standing = Standing::Blocked;
    let changes = vec![
        Change::SetStanding { sender: ann(), standing },
        Change::SetQuiet { sender: ann(), quiet: true },
    ];
    commit(&store, changes).await;
    let identity = store.identity(&ann()).await.unwrap().unwrap();
    assert_eq!((identity.standing, identity.quiet), (Standing::Blocked, true));
}
