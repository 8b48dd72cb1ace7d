//! The end of the process, told to all files. It is told to every file of a process, so this runs in one
//! of its own.

use crate::support::{
    counts, credential, folder, measured, odd_c, odd_rust, opened, part, published, sink_of, until,
};
use cordboard_engine::loader::shutdown;
use cordboard_plugin::CallError;
use cordboard_testkit::FakeHost;
use std::process::Command;
use std::task::{Context, Waker};

/// Runs one ignored test in a process of its own.
#[track_caller]
fn in_its_own_process(test: &str) {
    let own = std::env::current_exe().unwrap();
    let output = Command::new(own).args([test, "--exact", "--ignored"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_file_that_is_told_to_stop_ends_its_calls_and_takes_no_more() {
    in_its_own_process("stopping::ends_its_calls_and_takes_no_more");
}

#[test]
fn a_file_that_does_not_stop_keeps_nobody_up() {
    in_its_own_process("stopping::keeps_nobody_up");
}

#[test]
#[ignore = "run in a process of its own by another test"]
fn ends_its_calls_and_takes_no_more() {
    let (one, other) = (folder(), folder());
    let sink = sink_of(&opened(&odd_rust(&one)).unwrap(), "stops");
    // One without the function has nothing to be told, and gets no more calls either.
    let bare = sink_of(&opened(&odd_c(&other, &[])).unwrap(), "bare");
    let host = FakeHost::in_real_time();
    let (nobody, wait) = (credential(""), part("wait"));
    let mut waiting = sink.publish(&host, &nobody, &wait, None);
    host.drive(std::future::poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending());
        match host.sleeps().len() {
            0 => std::task::Poll::Pending,
            _ => std::task::Poll::Ready(()),
        }
    }));
    shutdown(60_000);
    assert!(counts(&*sink).starts_with("drops 1 "), "it waited for the end of the call");
    let ended = host.drive(waiting);
    assert!(matches!(ended, Err(CallError::Unclear { .. })), "{ended:?}");
    for (sink, text) in [(&sink, "words"), (&bare, "post")] {
        let refused = published(&**sink, &host, text);
        assert!(matches!(refused, Err(CallError::RetryAfter { .. })), "{refused:?}");
    }
    // Once is enough.
    shutdown(60_000);
}

#[test]
#[ignore = "run in a process of its own by another test"]
fn keeps_nobody_up() {
    let folder = folder();
    let sink = sink_of(&opened(&odd_rust(&folder)).unwrap(), "hangs");
    let host = FakeHost::new();
    let (nobody, block) = (credential(""), part("block"));
    let mut blocked = sink.publish(&host, &nobody, &block, None);
    assert!(blocked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    until("its thread stands still", || counts(&*sink).contains("blocked 1"));
    drop(blocked);
    assert_eq!(measured("cordboard_plugin_abandoned_calls", "hangs"), 1.0);
    // It comes back at all: the thread of the file never will.
    shutdown(10);
    let refused = published(&*sink, &host, "words");
    assert!(matches!(refused, Err(CallError::RetryAfter { .. })), "{refused:?}");
}
