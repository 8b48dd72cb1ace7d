//! Links go forward, one step at a time.

use crate::set_up::*;
use cordboard_plugin::{Address, Secret};
use cordboard_store::*;

fn new_link(token: &str) -> NewLink {
    NewLink {
        token_hash: token.into(),
        sender: ann(),
        transport: "carrier".into(),
        line: Address::new(LINE),
        sinks: vec![SINK.into(), "pictures".into()],
        copy: None,
        reason: LinkReason::Invite,
        created_at: NOW,
        expires_at: at(600),
    }
}

async fn add(store: &Store, token: &str) -> i64 {
    commit(store, vec![Change::AddLink(new_link(token))]).await.link_id.unwrap()
}

#[tokio::test]
async fn a_link_is_walked_once() {
    let store = store();
    let id = add(&store, "t1").await;
    let press = LinkStep {
        cookie_hash: Some("c1".into()),
        state_hash: Some("s1".into()),
        secret: Some(Secret::new("verifier")),
        ..LinkStep::to(id, LinkState::Open, LinkState::Pressed)
    };
    commit(&store, vec![Change::StepLink(press.clone())]).await;
    let twice = store.commit(None, vec![Change::StepLink(press)], NOW).await;
    assert_eq!(twice.unwrap_err(), StoreError::Conflict);
    let link = store.link_by_state("s1").await.unwrap().unwrap();
    assert_eq!((link.id, link.state), (id, LinkState::Pressed));
    assert_eq!(link.secret.unwrap().reveal(), "verifier");
    assert_eq!(store.link_by_cookie("c1").await.unwrap().unwrap().id, id);
    let back = LinkStep {
        held_return: Some(Secret::new("code=1")),
        code_hash: Some("h".into()),
        ..LinkStep::to(id, LinkState::Pressed, LinkState::Returned)
    };
    let first = LinkStep {
        code_try: Some(0),
        ..LinkStep::to(id, LinkState::Returned, LinkState::Returned)
    };
    commit(&store, vec![Change::StepLink(back), Change::StepLink(first.clone())]).await;
    let at_once = store.commit(None, vec![Change::StepLink(first)], NOW).await;
    assert_eq!(at_once.unwrap_err(), StoreError::Conflict, "the first try is used up");
    let link = store.link_by_token("t1").await.unwrap().unwrap();
    assert_eq!(link.code_tries, 1);
    assert_eq!(link.held_return.unwrap().reveal(), "code=1");
    assert_eq!(link.sinks, [SINK, "pictures"]);
    let done =
        LinkStep { sink_index: Some(1), ..LinkStep::to(id, LinkState::Returned, LinkState::Done) };
    commit(&store, vec![Change::StepLink(done)]).await;
    let link = store.link_by_token("t1").await.unwrap().unwrap();
    assert_eq!((link.state, link.sink_index), (LinkState::Done, 1));
    assert!(link.secret.is_none() && link.held_return.is_none(), "what is done keeps no secrets");
    assert!(store.open_link(&ann(), NOW).await.unwrap().is_none());
    assert_eq!(store.recent_link(&ann(), at(600)).await.unwrap().unwrap().id, id);
    assert!(store.recent_link(&ann(), at(601)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_newer_link_and_leaving_void_open_ones() {
    let store = store();
    let first = add(&store, "t1").await;
    let second = add(&store, "t2").await;
    assert_eq!(store.link_by_token("t1").await.unwrap().unwrap().state, LinkState::Void);
    let step = LinkStep::to(first, LinkState::Open, LinkState::Pressed);
    let late = store.commit(None, vec![Change::StepLink(step)], NOW).await;
    assert_eq!(late.unwrap_err(), StoreError::Conflict);
    assert_eq!(store.open_link(&ann(), at(599)).await.unwrap().unwrap().id, second);
    assert!(store.open_link(&ann(), at(600)).await.unwrap().is_none(), "expired");
    commit(&store, vec![Change::Leave { sender: ann(), standing: Standing::Left }]).await;
    assert!(store.open_link(&ann(), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_is_never_given_out_twice_and_nothing_else_of_the_commit_is_written() {
    let store = store();
    add(&store, "t1").await;
    let changes = vec![
        Change::SetFact { key: "k".into(), value: "v".into() },
        Change::AddLink(new_link("t1")),
    ];
    assert_eq!(store.commit(None, changes, NOW).await.unwrap_err(), StoreError::Conflict);
    assert_eq!(store.fact("k").await.unwrap(), None);
    assert!(store.open_link(&ann(), NOW).await.unwrap().is_some(), "the first is still open");
}

async fn copy_of(store: &Store) -> Option<String> {
    let person = store.person(&ann()).await.unwrap()?;
    person.link.map(|link| link.reveal().to_owned())
}

#[tokio::test]
async fn a_link_to_pass_on_lists_its_person_until_it_is_used_void_texted_or_expired() {
    let token = |name: &str| {
        Change::AddLink(NewLink {
            copy: Some(Secret::new(format!("https://bridge.example/link/{name}"))),
            ..new_link(name)
        })
    };
    for end in ["used", "void", "left", "texted", "expired"] {
        let store = store();
        assert!(store.person(&ann()).await.unwrap().is_none());
        let link_id = commit(&store, vec![token("t1")]).await.link_id.unwrap();
        assert_eq!(copy_of(&store).await.as_deref(), Some("https://bridge.example/link/t1"));
        let open = store.open_link(&ann(), NOW).await.unwrap().unwrap();
        assert!(open.by_hand);
        let press = LinkStep::to(link_id, LinkState::Open, LinkState::Pressed);
        commit(&store, vec![Change::StepLink(press)]).await;
        assert!(copy_of(&store).await.is_some(), "it can be opened again");
        let changes = match end {
            "used" => vec![Change::StepLink(LinkStep::to(
                link_id,
                LinkState::Pressed,
                LinkState::Returned,
            ))],
            "void" => vec![Change::AddLink(new_link("t2"))],
            "left" => vec![Change::Leave { sender: ann(), standing: Standing::Left }],
            "texted" => vec![Change::EraseLinkCopies { sender: ann() }],
            _ => Vec::new(),
        };
        commit(&store, changes).await;
        let limits = SweepLimits {
            bodies_before: NOW,
            links_before: NOW,
            counters_before: NOW,
            rows_max: 10,
        };
        if end == "expired" {
            store.sweep(limits, at(600)).await.unwrap();
        }
        assert_eq!(copy_of(&store).await, None, "{end}");
    }
}

#[tokio::test]
async fn a_link_to_pass_on_changes_nobodys_standing() {
    let store = store();
    let blocked = Change::SetStanding { sender: ann(), standing: Standing::Blocked };
    let link = NewLink { copy: Some(Secret::new("u")), ..new_link("t1") };
    commit(&store, vec![blocked, Change::AddLink(link)]).await;
    let person = store.person(&ann()).await.unwrap().unwrap();
    assert_eq!(person.identity.standing, Standing::Blocked);
}
