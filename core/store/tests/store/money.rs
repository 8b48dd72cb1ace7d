//! Money: what arrives is paid for at once, and the ledger adds up by day.

use crate::set_up::*;
use cordboard_plugin::{Commit, MicroUsd};
use cordboard_store::*;

fn line(on: SpentOn, n: i64, price: i64) -> Spending {
    let instance = "wall".to_owned();
    Spending { day: NOW.day(), on, instance, n, price: MicroUsd(price) }
}

#[tokio::test]
async fn what_arrives_is_paid_for_once_however_often_it_is_brought() {
    let store = store();
    let mut long = text(ANN, "1");
    long.incoming.segments = 3;
    long.price = MicroUsd(24_900);
    for _ in 0..3 {
        store.take_in(vec![long.clone()], vec![], None, NOW).await.unwrap();
    }
    store.take_in(vec![text(BEN, "2")], vec![], None, NOW).await.unwrap();
    for (person, spent) in [(None, 24_900), (Some(ann()), 24_900)] {
        let key = spent_key(person.as_ref());
        assert_eq!(store.counter(&key, NOW.day()).await.unwrap(), spent, "{key}");
    }
    let ledger = store.spent(NOW.day()).await.unwrap();
    let carrier = "carrier".to_owned();
    let arrived = Spending { instance: carrier, ..line(SpentOn::TextIn, 4, 24_900) };
    assert_eq!(ledger, [arrived]);
}

#[tokio::test]
async fn a_message_that_a_plugin_brings_costs_what_its_carrier_charges() {
    let store = store();
    let carrier = Carrier { transport: "modem".into(), price_segment: MicroUsd(8_300) };
    let mut incoming = text(ANN, "1").incoming;
    incoming.segments = 2;
    let commit = Commit { messages: vec![incoming], ..Commit::default() };
    store.state_commit("plug", Some(carrier), commit, None, NOW).await.unwrap();
    let ledger = store.spent(NOW.day()).await.unwrap();
    let instance = "modem".to_owned();
    assert_eq!(ledger, [Spending { instance, ..line(SpentOn::TextIn, 2, 16_600) }]);
}

#[tokio::test]
async fn the_ledger_adds_up_by_day_and_gives_back() {
    let store = store();
    let yesterday = Spending { day: NOW.day() - 1, ..line(SpentOn::Post, 1, 15_000) };
    for spending in [
        line(SpentOn::Post, 1, 15_000),
        line(SpentOn::Post, 1, 200_000),
        line(SpentOn::Post, -1, -200_000),
        line(SpentOn::Call, 1, 25_000),
        yesterday.clone(),
    ] {
        commit(&store, vec![Change::Spend(spending)]).await;
    }
    let today = [line(SpentOn::Post, 1, 15_000), line(SpentOn::Call, 1, 25_000)];
    assert_eq!(store.spent(NOW.day()).await.unwrap(), today);
    assert_eq!(store.spent(0).await.unwrap(), [&[yesterday][..], &today].concat());
}

#[tokio::test]
async fn what_a_limit_forbids_is_not_in_the_ledger() {
    let store = store();
    let limit = Counter { key: spent_key(None), window: NOW.day(), by: 2, max: 1 };
    let spend = Change::Spend(line(SpentOn::Post, 1, 2));
    let over = commit(&store, vec![Change::Count(vec![limit]), spend]).await.over;
    assert_eq!(over, Some(spent_key(None)));
    assert_eq!(store.spent(0).await.unwrap(), []);
}
