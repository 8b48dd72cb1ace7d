//! Calls to a plugin in Rust: it is written as any plugin, and may panic, block and hang.

use crate::support::{
    counts, credential, folder, measured, odd_rust, opened, own_rust_sink, part, published,
    sink_of, transport_of, until,
};
use cordboard_plugin::{
    Attempt, Blob, CallError, Draft, HttpAnswer, HttpCall, HttpError, HttpResponse, Media,
    MediaRef, Published, Reason, Settled, Trouble,
};
use cordboard_testkit::{FakeHost, START, block_on, poll_once};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

/// What a call panics about.
#[track_caller]
fn panic_of<T: std::fmt::Debug>(call: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_panic_ends_the_call_and_nothing_else() {
    let (_folder, sink) = own_rust_sink("rust-panics");
    let host = FakeHost::new();
    for (text, said) in [
        ("panic", "in the middle of it"),
        ("panic later", "after it slept"),
        ("panic with a value", "it said nothing"),
    ] {
        assert_eq!(panic_of(|| published(&*sink, &host, text)), said);
        assert_eq!(published(&*sink, &host, "words").as_deref(), Ok("words"), "after: {text}");
    }
    let draft = Draft { text: "panic".to_owned(), media_types: vec![], thread: true };
    assert_eq!(panic_of(|| sink.plan(&draft)), "no plan for this");
    assert_eq!(published(&*sink, &host, "panic in a thread").as_deref(), Ok("true"));
}

#[test]
fn every_error_arrives_as_it_is() {
    let (_folder, sink) = own_rust_sink("rust-errors");
    for error in [
        CallError::retry_after(Some(98_765), "slow down"),
        CallError::retry_after(None, ""),
        CallError::Unreachable { detail: "no route".to_owned() },
        CallError::unclear("lost"),
        CallError::relink("withdrawn"),
        CallError::refused(Reason::Duplicate, "187", "it is there already"),
        CallError::operator(Trouble::Credit, "used up"),
    ] {
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(published(&*sink, &FakeHost::new(), &text), Err(error));
    }
    let published = Published { id: "7".to_owned(), url: None };
    let retracted = block_on(sink.retract(&FakeHost::new(), &credential(""), &published));
    assert_eq!(retracted, Err(CallError::retry_after(Some(4321), "7")));
}

#[test]
fn the_host_is_there_in_full() {
    let (_folder, sink) = own_rust_sink("rust-host");
    let host = FakeHost::new();
    let told = published(&*sink, &host, "talk").unwrap();
    assert_eq!(told, format!("{} true", START.0));
    let line = host.log_lines().remove(0);
    assert_eq!(line.line, "a line of the plugin's");
    assert_eq!((host.metric_count("odd_total"), host.gauge_value("odd_level")), (2, Some(-7)));
    assert_eq!(host.present_trouble().as_deref(), Some("somebody must look"));
    assert_eq!(
        published(&*sink, &host, "state").unwrap(),
        "Ok(()) Err(Conflict) Some(Stored { value: Blob(1 bytes), version: 1 }) Ok(None) 1"
    );
}

#[test]
fn what_the_host_answers_to_a_request_is_what_the_plugin_gets() {
    let (_folder, sink) = own_rust_sink("rust-http");
    let host = FakeHost::new();
    host.answer(204, &[("x", "y")], "");
    assert_eq!(published(&*sink, &host, "http").as_deref(), Ok("204"));
    for (error, expected) in [
        (HttpError::Unreachable("a".into()), CallError::Unreachable { detail: "a".into() }),
        (HttpError::Unclear("b".into()), CallError::unclear("b")),
        (HttpError::Forbidden("c".into()), CallError::operator(Trouble::Setting, "c")),
    ] {
        host.fail(error);
        assert_eq!(published(&*sink, &host, "http"), Err(expected));
    }
}

#[test]
fn a_call_that_is_dropped_drops_its_future_and_its_host_calls() {
    let (_folder, sink) = own_rust_sink("rust-dropped");
    let host = FakeHost::in_real_time();
    let (credential, part) = (credential(""), part("wait"));
    {
        let mut call = sink.publish(&host, &credential, &part, None);
        // It has asked the host to sleep, and waits.
        host.drive(std::future::poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            match host.sleeps().len() {
                0 => std::task::Poll::Pending,
                _ => std::task::Poll::Ready(()),
            }
        }));
        assert!(counts(&*sink).starts_with("drops 0 "));
    }
    until("its future is dropped", || counts(&*sink).starts_with("drops 1 "));
    until("nothing is owed", || {
        measured("cordboard_plugin_abandoned_calls", "rust-dropped") == 0.0
    });
    // The plugin goes on, and its host call is gone: the fake host has nobody to wake.
    assert_eq!(published(&*sink, &host, "words").as_deref(), Ok("words"));
}

/// A request that is under way at the host.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn a_request_of_a_call_that_is_dropped_is_dropped_with_it() {
    let (_folder, sink) = own_rust_sink("rust-requests");
    let host = FakeHost::in_real_time();
    let open = Arc::new(AtomicUsize::new(0));
    let counted = open.clone();
    host.on_url("https://example.com", move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        let open = Open(counted.clone());
        async move {
            let _open = open;
            std::future::pending().await
        }
    });
    let (nobody, http) = (credential(""), part("http"));
    let mut call = sink.publish(&host, &nobody, &http, None);
    host.drive(std::future::poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        match open.load(Ordering::SeqCst) {
            0 => std::task::Poll::Pending,
            _ => std::task::Poll::Ready(()),
        }
    }));
    drop(call);
    // At once, whether the plugin has noticed or not.
    assert_eq!((open.load(Ordering::SeqCst), host.requests().len()), (0, 1));
    until("nothing is owed", || {
        measured("cordboard_plugin_abandoned_calls", "rust-requests") == 0.0
    });
}

#[test]
fn a_plugin_that_gives_up_on_the_host_goes_on() {
    let (_folder, sink) = own_rust_sink("rust-gives-up");
    let host = FakeHost::in_real_time();
    let (credential, part) = (credential(""), part("give up"));
    let found = host.drive(sink.publish(&host, &credential, &part, None));
    assert_eq!(found.map(|published| published.id).as_deref(), Ok("gave up"));
}

#[test]
fn a_plugin_that_blocks_its_thread_keeps_nobody_up() {
    let (_folder, sink) = own_rust_sink("rust-blocks");
    let host = FakeHost::new();
    let owed = || measured("cordboard_plugin_abandoned_calls", "rust-blocks");
    let (nobody, block, words) = (credential(""), part("block"), part("words"));
    let mut blocked = sink.publish(&host, &nobody, &block, None);
    assert!(blocked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    until("its thread stands still", || counts(&*sink).contains("blocked 1"));
    // Each is given up, as by a deadline, and that takes no time.
    drop(blocked);
    for _ in 0..2 {
        assert!(poll_once(sink.publish(&host, &nobody, &words, None)).is_none());
    }
    assert_eq!(owed(), 3.0);
    sink.fingerprint(&credential("open"));
    until("all of them have ended", || owed() == 0.0);
    assert_eq!(published(&*sink, &host, "words").as_deref(), Ok("words"));
}

#[test]
fn a_host_that_was_kept_is_of_no_use_after_the_call() {
    let (_folder, sink) = own_rust_sink("rust-keeps");
    let host = FakeHost::new();
    assert_eq!(published(&*sink, &host, "keep").as_deref(), Ok("kept"));
    let found = published(&*sink, &host, "use what was kept").unwrap();
    assert!(found.starts_with("Err(Unavailable("), "{found}");
}

#[test]
fn a_megabyte_arrives_as_it_left_both_ways() {
    let folder = folder();
    let loaded = opened(&odd_rust(&folder)).unwrap();
    let (sink, carrier) = (sink_of(&loaded, "rust-in"), transport_of(&loaded, "rust-out"));
    let host = FakeHost::new();
    let bytes: Vec<u8> = (0..1 << 20).map(|nth: u32| (nth % 249) as u8).collect();
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    let media = Media { media_type: "image/jpeg".to_owned(), bytes: Blob(bytes), alt: None };
    let handle = block_on(sink.upload(&host, &credential(""), &media)).unwrap();
    assert_eq!(handle.id, format!("{} {sum}", 1 << 20));
    let place = MediaRef { place: "a".to_owned(), claimed_type: "image/png".to_owned() };
    let fetched = block_on(carrier.fetch(&host, &place, 1 << 20)).unwrap();
    let expected: Vec<u8> = (0..1 << 20).map(|nth: u32| (nth % 251) as u8).collect();
    assert!(fetched.bytes.0 == expected, "the bytes changed on their way");
}

#[test]
fn a_webhook_is_read_or_rejected() {
    let folder = folder();
    let carrier = transport_of(&opened(&odd_rust(&folder)).unwrap(), "rust-webhook");
    let call = |signature: &str, body: &[u8]| HttpCall {
        method: "POST".to_owned(),
        url: "https://bridge.example.com/hooks/odd".to_owned(),
        path: String::new(),
        query: String::new(),
        headers: vec![("signature".to_owned(), signature.to_owned())],
        body: Blob(body.to_vec()),
    };
    let host = FakeHost::new();
    let received = block_on(carrier.receive(&host, call("genuine", "Grüße".as_bytes()))).unwrap();
    assert_eq!(received.messages[0].text, "Grüße");
    assert_eq!(received.answer, HttpAnswer::empty(204));
    for (signature, body, status) in [("forged", b"x" as &[u8], 403), ("genuine", b"\xff", 400)] {
        let rejected = block_on(carrier.receive(&host, call(signature, body))).unwrap_err();
        assert_eq!(rejected.status, status);
    }
    // What the trait says by default is said here as well.
    let addresses = cordboard_plugin::Addresses {
        hook_url: "https://bridge.example.com/hooks/odd".to_owned(),
        status_url: "https://bridge.example.com/hooks/odd/status".to_owned(),
        ..cordboard_plugin::Addresses::default()
    };
    let steps = carrier.set_up(&addresses);
    assert_eq!(steps[0].value, addresses.hook_url);
    assert_eq!(steps.len(), 2);
}

#[test]
fn what_is_absent_and_what_is_there_arrive_as_such() {
    let (_folder, sink) = own_rust_sink("rust-settles");
    let of = |previous| Attempt { part: part("a"), previous, started_at: START };
    let there = Published { id: "9".to_owned(), url: Some("https://example.com/9".to_owned()) };
    let host = FakeHost::new();
    let settled = |attempt| block_on(sink.settle(&host, &credential(""), &attempt));
    assert_eq!(settled(of(Some(there.clone()))), Ok(Settled::Yes(there)));
    assert_eq!(settled(of(None)), Ok(Settled::No));
}

#[test]
fn a_run_lives_until_it_is_dropped() {
    let folder = folder();
    let carrier = transport_of(&opened(&odd_rust(&folder)).unwrap(), "rust-runs");
    let host = FakeHost::in_real_time();
    {
        let mut run = carrier.run(&host);
        host.drive(std::future::poll_fn(|context| {
            assert!(run.as_mut().poll(context).is_pending());
            match host.sleeps().len() {
                0 => std::task::Poll::Pending,
                _ => std::task::Poll::Ready(()),
            }
        }));
    }
    assert_eq!(host.gauge_value("odd_running"), Some(1));
}

#[test]
fn an_answer_of_many_rows_and_bytes_arrives() {
    let (_folder, sink) = own_rust_sink("rust-big-answer");
    let host = FakeHost::new();
    let response = HttpResponse {
        status: 200,
        headers: vec![("name".to_owned(), "v".repeat(2000)); 500],
        body: Blob(vec![7; 1 << 20]),
        at: START,
    };
    host.on_http(move |_| Ok(response.clone()));
    assert_eq!(published(&*sink, &host, "http").as_deref(), Ok("200"));
}
