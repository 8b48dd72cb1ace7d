//! Many calls at once.

use crate::support::{alone, counts, credential, measured, own_c_sink, own_rust_sink, part, until};
use cordboard_plugin::{Published, Sink};
use cordboard_testkit::FakeHost;
use futures_util::future::join_all;
use std::time::Duration;

#[test]
fn of_a_thousand_calls_those_that_run_out_of_time_end_and_the_others_are_answered() {
    let _alone = alone();
    let (_folder, sink) = own_rust_sink("rust-thousand");
    let host = FakeHost::in_real_time();
    let bad = || measured("cordboard_plugin_bad_completions_total", "");
    let before = bad();
    let call = |nth: u32| {
        let (sink, host) = (&*sink, &host);
        async move {
            let waits = nth % 2 == 1;
            let part = part(&if waits { "wait".to_owned() } else { nth.to_string() });
            let credential = credential("");
            let call = sink.publish(host, &credential, &part, None);
            if waits {
                // All have begun before any runs out of time: they are polled one after the other.
                return tokio::time::timeout(Duration::from_millis(50), call).await.is_err();
            }
            call.await.map(|published| published.id) == Ok(nth.to_string())
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let right = runtime.block_on(async { join_all((0..1000).map(call)).await });
    assert_eq!(right.iter().filter(|right| **right).count(), 1000);
    until("nothing is owed", || {
        measured("cordboard_plugin_abandoned_calls", "rust-thousand") == 0.0
    });
    assert!(counts(&*sink).contains("drops 500 "), "{}", counts(&*sink));
    assert_eq!(bad() - before, 0.0);
}

/// Calls from several threads, some of them dropped: every one is answered by its own answer.
fn hammered(sink: &dyn Sink, answered: impl Fn(&str) -> String + Sync) {
    let host = FakeHost::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (host, answered) = (host.clone(), &answered);
            scope.spawn(move || {
                for nth in 0..250 {
                    let text = format!("{thread} {nth}");
                    let (credential, part) = (credential(""), part(&text));
                    let call = sink.publish(&host, &credential, &part, None);
                    if nth % 5 == 0 {
                        // Dropped at any moment of its life.
                        let _ = cordboard_testkit::poll_once(call);
                        continue;
                    }
                    let id = cordboard_testkit::block_on(call).map(|Published { id, .. }| id);
                    assert_eq!(id, Ok(answered(&text)));
                }
            });
        }
    });
}

#[test]
fn calls_from_many_threads_do_not_get_in_each_others_way() {
    let _alone = alone();
    let bad = || measured("cordboard_plugin_bad_completions_total", "");
    let before = bad();
    let (_one, rust) = own_rust_sink("rust-hammered");
    hammered(&*rust, str::to_owned);
    until("nothing is owed", || {
        measured("cordboard_plugin_abandoned_calls", "rust-hammered") == 0.0
    });
    let (_other, c) = own_c_sink("c-hammered");
    hammered(&*c, |_| "c-1".to_owned());
    assert_eq!(bad() - before, 0.0);
}
