//! Calls to a plugin in C that does what it should, and to one that does not.

use crate::support::{alone, counts, credential, measured, own_c_sink, part, published};
use cordboard_plugin::{
    Addresses, Blob, CallError, Draft, Host as _, HttpCall, HttpError, Page, Reason, Sink,
};
use cordboard_testkit::{FakeHost, block_on, poll_once};

/// Drops a call to it after it has begun.
fn abandon(sink: &dyn Sink, host: &FakeHost, text: &str) {
    let (credential, part) = (credential(""), part(text));
    assert!(poll_once(sink.publish(host, &credential, &part, None)).is_none(), "it ended: {text}");
}

fn owed(instance: &str) -> f64 {
    measured("cordboard_plugin_abandoned_calls", instance)
}

#[test]
fn what_cannot_be_read_or_is_not_known_is_unclear() {
    let (_folder, sink) = own_c_sink("c-unclear");
    let host = FakeHost::new();
    for (text, expected) in [
        ("do unknown", "error is not known"),
        ("do unreadable", "error is not known"),
        ("do garbage", "answer cannot be read"),
        ("do no buffer", "answer cannot be read"),
        ("do nonsense", "status 99"),
        ("do end", "has ended the call"),
        ("do huge", "too many"),
        ("do misread", "status 5"),
        ("do unsupported", "publishes nothing"),
    ] {
        match published(&*sink, &host, text) {
            Err(CallError::Unclear { detail }) => {
                assert!(detail.contains(expected), "{text}: {detail}");
            }
            other => panic!("{text}: it may have taken effect, so this must be unclear: {other:?}"),
        }
    }
    assert_eq!(published(&*sink, &host, "post").as_deref(), Ok("c-1"));
}

#[test]
fn what_is_beside_an_answer_that_is_too_large_is_given_back() {
    let (_folder, sink) = own_c_sink("c-huge");
    let released = || {
        let counts = counts(&*sink);
        counts.rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let before = released();
    assert!(published(&*sink, &FakeHost::new(), "do huge").is_err());
    // That buffer, and the one that the count itself came in.
    assert_eq!(released(), before + 2);
}

#[test]
fn an_error_keeps_the_wait_it_asks_for() {
    let (_folder, sink) = own_c_sink("c-throttled");
    let found = published(&*sink, &FakeHost::new(), "do throttled");
    assert_eq!(found, Err(CallError::retry_after(Some(1234), "slow")));
}

#[test]
fn a_call_that_was_not_begun_is_tried_again() {
    let (_folder, sink) = own_c_sink("c-refuses");
    let found = published(&*sink, &FakeHost::new(), "do refuse");
    assert!(matches!(found, Err(CallError::RetryAfter { wait_ms: None, .. })), "{found:?}");
}

#[test]
fn a_panic_unwinds_as_that_of_a_linked_plugin_does() {
    let (_folder, sink) = own_c_sink("c-panics");
    let host = FakeHost::new();
    let call = std::panic::AssertUnwindSafe(|| published(&*sink, &host, "do panic"));
    let said = std::panic::catch_unwind(call).unwrap_err();
    assert_eq!(said.downcast_ref::<String>().map(String::as_str), Some("it broke in C"));
    assert_eq!(published(&*sink, &host, "post").as_deref(), Ok("c-1"));
}

#[test]
fn what_a_plugin_does_not_have_is_what_the_trait_does() {
    let (_folder, sink) = own_c_sink("c-bare");
    let host = FakeHost::new();
    let credential = credential("kept");
    assert_eq!(sink.set_up(&Addresses::default()), []);
    assert_eq!(sink.link_state(&[]), None);
    let fresh = block_on(sink.refresh(&host, &credential)).unwrap();
    assert_eq!((fresh.secret, fresh.refresh_at), (credential.secret.clone(), None));
    assert_eq!(block_on(sink.revoke(&host, &credential)), Ok(()));
    assert_eq!(block_on(sink.diagnose(&host)), []);
    assert_eq!(block_on(sink.page(&host)), Page::default());
    block_on(sink.woke(&host, "timer"));
    assert!(matches!(block_on(sink.check(&host, &credential)), Err(CallError::Unclear { .. })));
}

#[test]
fn a_plan_that_makes_no_sense_is_refused() {
    let (_folder, sink) = own_c_sink("c-plans");
    let draft = |text: &str| Draft { text: text.to_owned(), media_types: vec![], thread: true };
    let refused = sink.plan(&draft("refuse me")).unwrap_err();
    assert_eq!((refused.reason, refused.words.as_str()), (Reason::Content, "not these words"));
    let senseless = sink.plan(&draft("anything")).unwrap_err();
    assert_eq!(senseless.reason, Reason::Other);
    assert!(!senseless.words.is_empty());
}

#[test]
fn a_second_a_late_and_an_invented_completion_are_counted_and_ignored() {
    let _alone = alone();
    let bad = || measured("cordboard_plugin_bad_completions_total", "");
    let (_folder, sink) = own_c_sink("c-completes");
    let host = FakeHost::new();
    let before = bad();
    assert_eq!(published(&*sink, &host, "do twice").as_deref(), Ok("c-1"));
    assert_eq!(bad() - before, 1.0, "the second");
    assert_eq!(published(&*sink, &host, "do invent").as_deref(), Ok("c-1"));
    assert_eq!(bad() - before, 2.0, "the invented");
    abandon(&*sink, &host, "do keep");
    assert_eq!(owed("c-completes"), 1.0);
    // Late, but owed: this one is no mistake.
    assert_eq!(published(&*sink, &host, "do flush").as_deref(), Ok("c-1"));
    assert_eq!((bad() - before, owed("c-completes")), (2.0, 0.0));
}

#[test]
fn what_is_done_after_the_end_of_a_call_has_no_effect() {
    let (_folder, sink) = own_c_sink("c-goes-on");
    let host = FakeHost::new();
    assert_eq!(published(&*sink, &host, "do more").as_deref(), Ok("c-1"));
    assert!(host.requests().is_empty() && host.log_lines().is_empty());
    assert_eq!(host.metric_count("odd_late_total"), 0);
    // It asked with a call that was over, and with none; what it handed over was given back.
    assert!(counts(&*sink).contains("not_taken 2 released 4"), "{}", counts(&*sink));
}

#[test]
fn the_host_is_asked_with_bytes_and_answers_with_bytes() {
    let (_folder, sink) = own_c_sink("c-asks");
    let host = FakeHost::new().with_bases(sink.capabilities().bases);
    host.answer(203, &[], "an answer");
    assert_eq!(published(&*sink, &host, "do ask").as_deref(), Ok("status 0, 1 buffers"));
    assert_eq!(host.requests()[0].body, Blob::from("a body"));
    host.fail(HttpError::Unreachable("no route".to_owned()));
    assert_eq!(published(&*sink, &host, "do ask").as_deref(), Ok("status 1, 0 buffers"));
    assert_eq!(published(&*sink, &host, "do misask").as_deref(), Ok("status 5, 0 buffers"));
    assert_eq!(published(&*sink, &host, "do oddask").as_deref(), Ok("status 4, 0 buffers"));
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn a_host_call_that_is_taken_back_ends() {
    let (_folder, sink) = own_c_sink("c-takes-back");
    let host = FakeHost::leaping();
    let (credential, part) = (credential(""), part("do wake"));
    let found = host.drive(sink.publish(&host, &credential, &part, None));
    assert!(matches!(found, Err(CallError::Unclear { .. })), "{found:?}");
    // It was taken back before it was begun: nobody slept.
    assert_eq!((host.sleeps(), host.now()), (vec![], cordboard_testkit::START));
    assert!(counts(&*sink).contains("dropped 1"));
}

#[test]
fn a_call_that_is_dropped_takes_its_host_calls_along() {
    let (_folder, sink) = own_c_sink("c-dropped");
    let host = FakeHost::leaping();
    abandon(&*sink, &host, "do sleep");
    assert_eq!(host.sleeps().len(), 1);
    // The end of its host call is the end of the call: nothing is owed, and nobody had to be told.
    assert!(counts(&*sink).contains("cancels 1 answered 0 dropped 1"), "{}", counts(&*sink));
    assert_eq!(owed("c-dropped"), 0.0);
}

#[test]
fn an_instance_is_destroyed_once_and_not_while_it_owes_an_answer() {
    let (folder, sink) = own_c_sink("c-destroyed");
    let loaded = crate::support::opened(&folder.path().join("plugin.so")).unwrap();
    let other = crate::support::sink_of(&loaded, "c-watches");
    let host = FakeHost::new();
    abandon(&*sink, &host, "do keep");
    drop(sink);
    assert!(counts(&*other).contains("destroyed 0"), "an answer is owed");
    assert_eq!(published(&*other, &host, "do flush").as_deref(), Ok("c-1"));
    assert!(counts(&*other).contains("destroyed 1"), "{}", counts(&*other));
    drop(crate::support::sink_of(&loaded, "c-third"));
    assert!(counts(&*other).contains("created 3 destroyed 2"), "{}", counts(&*other));
}

#[test]
fn an_instance_that_never_ends_its_calls_gets_no_more_and_the_operator_is_told_once() {
    let _alone = alone();
    let (_folder, sink) = own_c_sink("c-hangs");
    let host = FakeHost::new();
    for _ in 0..64 {
        abandon(&*sink, &host, "do keep");
    }
    assert_eq!(owed("c-hangs"), 64.0);
    let refused = || {
        let found = published(&*sink, &host, "post");
        assert!(matches!(found, Err(CallError::RetryAfter { .. })), "{found:?}");
        host.present_trouble().unwrap_or_default()
    };
    // Many may run out of time at once, and be ended the moment after: nobody is called for that.
    assert_eq!(refused(), "");
    host.advance_millis(1_000);
    assert!(refused().contains("has not ended 64 calls"));
    host.trouble(None);
    host.advance_millis(60_000);
    assert_eq!(refused(), "", "told a second time");
    let findings = block_on(sink.diagnose(&host));
    assert!(!findings[0].ok && findings[0].line.contains("hangs"), "{findings:?}");
    assert_eq!(measured("cordboard_plugin_abandoned_calls_total", "c-hangs"), 64.0);
}

#[test]
fn an_instance_that_has_ended_its_calls_is_well_again() {
    let _alone = alone();
    let (folder, sink) = own_c_sink("c-recovers");
    let loaded = crate::support::opened(&folder.path().join("plugin.so")).unwrap();
    let other = crate::support::sink_of(&loaded, "c-recovers-too");
    let host = FakeHost::new();
    (0..64).for_each(|_| abandon(&*sink, &host, "do keep"));
    assert!(published(&*sink, &host, "post").is_err());
    host.advance_millis(1_000);
    assert!(published(&*sink, &host, "post").is_err());
    assert!(host.present_trouble().is_some());
    // Another instance of the file is no worse for it.
    let elsewhere = FakeHost::new();
    assert_eq!(published(&*other, &elsewhere, "do flush").as_deref(), Ok("c-1"));
    assert_eq!(owed("c-recovers"), 0.0);
    assert_eq!(published(&*sink, &host, "post").as_deref(), Ok("c-1"));
    assert_eq!((host.present_trouble(), elsewhere.present_trouble()), (None, None));
}

#[test]
fn a_buffer_may_be_handed_back_as_it_came() {
    let (_folder, sink) = own_c_sink("c-echoes");
    let body: Vec<u8> = (0..1 << 20).map(|nth: u32| (nth % 253) as u8).collect();
    let call = HttpCall {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:8081/sinks/odd".to_owned(),
        path: String::new(),
        query: String::new(),
        headers: Vec::new(),
        body: Blob(body.clone()),
    };
    let answer = block_on(sink.serve(&FakeHost::new(), call));
    assert_eq!(answer.status, 200);
    assert!(answer.body.0 == body, "the bytes changed on their way");
}

#[test]
fn what_a_plugin_says_arrives_at_its_host_in_order_and_within_limits() {
    let (_folder, sink) = own_c_sink("c-talks");
    let host = FakeHost::new();
    assert_eq!(published(&*sink, &host, "do talk").as_deref(), Ok("c-1"));
    let lines = host.log_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].line, "a line of \u{fffd} words");
    assert_eq!((host.metric_count("odd_total"), host.gauge_value("odd_level")), (3, Some(-4)));
    assert_eq!(host.present_trouble().as_deref(), Some("somebody must look"));
}
