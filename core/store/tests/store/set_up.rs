//! What most tests begin with.

use cordboard_plugin::*;
use cordboard_store::*;
use std::path::Path;

pub(crate) const NOW: Timestamp = Timestamp(1_760_000_000_000);
pub(crate) const ANN: &str = "+15550100001";
pub(crate) const BEN: &str = "+15550100002";
pub(crate) const LINE: &str = "+15550100099";
pub(crate) const SINK: &str = "wall";

pub(crate) fn at(seconds: i64) -> Timestamp {
    NOW.plus_seconds(seconds)
}

pub(crate) fn ann() -> Address {
    Address::new(ANN)
}

pub(crate) fn options(folder: &Path, inline: bool) -> StoreOptions {
    StoreOptions {
        url: StoreUrl::Sqlite(folder.join("cordboard.db")),
        data_dir: folder.to_owned(),
        key: SealKey::new([7; 32]),
        inline,
        version: "0.0.0-test",
    }
}

/// A store without a file, run inline.
pub(crate) fn store() -> Store {
    let url = StoreUrl::Memory;
    Store::open(StoreOptions { url, ..options(Path::new("/nowhere"), true) }, NOW).unwrap()
}

pub(crate) fn claim(owner: &str, seconds: i64) -> Claim {
    Claim { owner: owner.into(), until: at(seconds) }
}

pub(crate) fn text(sender: &str, id: &str) -> NewMessage {
    NewMessage {
        transport: "carrier".into(),
        price: MicroUsd(0),
        incoming: Incoming {
            key: MessageKey { account: "carrier:AC0001".into(), id: id.into() },
            from: Address::new(sender),
            to: Address::new(LINE),
            text: format!("words of {id}"),
            media: Vec::new(),
            keyword: None,
            segments: 1,
        },
        unconfirmed: false,
    }
}

/// Takes in one new text and brings its id.
pub(crate) async fn take(store: &Store, sender: &str, id: &str) -> i64 {
    store.take_in(vec![text(sender, id)], vec![], None, NOW).await.unwrap().new[0]
}

pub(crate) async fn commit(store: &Store, changes: Vec<Change>) -> Applied {
    store.commit(None, changes, NOW).await.unwrap()
}

pub(crate) fn read(message_id: i64, state: MessageState, wait: WaitReason) -> Change {
    let wait_until = (state == MessageState::Waiting).then(|| at(3600));
    Change::Read { message_id, state, wait, wait_until, outcome: "read".into() }
}

pub(crate) fn part(words: &str) -> Part {
    Part {
        text: words.into(),
        media: vec![],
        handles: vec![],
        price: MicroUsd(15_000),
        has_link: false,
    }
}

pub(crate) fn new_post(sink: &str, index: i32, count: i32) -> NewPost {
    NewPost {
        sink: sink.into(),
        part_index: index,
        part_count: count,
        part: part(&format!("part {index}")),
        state: PostState::Queued,
        wait: WaitReason::Nothing,
        due_at: NOW,
    }
}

pub(crate) fn waiting_post(sink: &str, wait: WaitReason) -> NewPost {
    NewPost { state: PostState::Waiting, wait, due_at: at(86_400), ..new_post(sink, 0, 1) }
}

/// Takes in a text and gives it these posts; brings the message's id.
pub(crate) async fn posts(store: &Store, sender: &str, id: &str, posts: Vec<NewPost>) -> i64 {
    let message_id = take(store, sender, id).await;
    let read = read(message_id, MessageState::Queued, WaitReason::Nothing);
    commit(store, vec![read, Change::AddPosts { message_id, posts }]).await;
    message_id
}

pub(crate) fn open_attempt(post_id: i64) -> Change {
    Change::OpenAttempt { post_id, deadline_at: at(20) }
}

pub(crate) fn close(post_id: i64, state: PostState) -> CloseAttempt {
    let published =
        (state == PostState::Posted).then(|| Published { id: format!("p{post_id}"), url: None });
    CloseAttempt {
        post_id,
        state,
        wait: if state == PostState::Waiting { WaitReason::Time } else { WaitReason::Nothing },
        due_at: Some(at(60)),
        published,
        look: false,
        outcome: format!("it is {state}"),
        detail: "seen".into(),
    }
}

/// Brings every post of a message out.
pub(crate) async fn post_all(store: &Store, message_id: i64) {
    for post in store.posts_of(message_id).await.unwrap() {
        let closed = Change::CloseAttempt(close(post.id, PostState::Posted));
        commit(store, vec![open_attempt(post.id), closed]).await;
    }
}

pub(crate) fn realm() -> CredentialKind {
    CredentialKind { kind: "oauth2".into(), realm: "https://wall.example|f1".into() }
}

pub(crate) fn fresh(kind: &CredentialKind, secret: &str) -> FreshCredential {
    FreshCredential {
        kind: kind.kind.clone(),
        realm: kind.realm.clone(),
        secret: Secret::new(secret),
        refresh_at: Some(at(7200)),
    }
}

pub(crate) fn account(sender: &str, sinks: &[&str], remote: &str, secret: &str) -> NewAccount {
    NewAccount {
        sender: Address::new(sender),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
        credential: fresh(&realm(), secret),
        remote: RemoteAccount { id: remote.into(), handle: format!("@{remote}") },
        line: ("carrier".into(), Address::new(LINE)),
    }
}

pub(crate) async fn link_account(store: &Store, sender: &str, remote: &str) -> Applied {
    commit(store, vec![Change::PutAccount(account(sender, &[SINK], remote, "token-1"))]).await
}

pub(crate) async fn state_of(store: &Store, message_id: i64) -> (MessageState, WaitReason) {
    let message = store.message(message_id).await.unwrap().unwrap();
    (message.state, message.wait)
}

pub(crate) async fn held(store: &Store, sender: &str) -> Option<HeldCredential> {
    let identity = store.identity(&Address::new(sender)).await.unwrap().unwrap();
    store.credential(identity.id, &[realm()]).await.unwrap()
}

pub(crate) fn reply(key: &str, class: ReplyClass) -> NewReply {
    NewReply {
        key: key.into(),
        transport: "carrier".into(),
        line: Address::new(LINE),
        to: ann(),
        text: format!("reply {key}"),
        class,
        message_id: None,
        always: false,
        secret: false,
    }
}
