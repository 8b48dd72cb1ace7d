//! Texts out: each outcome is what it is, and nothing leaves twice.

use super::bench::{World, kind, outgoing};
use crate::line::Line;
use crate::port::scripted::said;
use cordboard_plugin::{CallError, DeliveryState, Receipt};
use std::sync::{Arc, Mutex};

/// Lets the modem take messages; `says` answers the `nth` PDU.
fn takes(world: &World, mut says: impl FnMut(usize, &str) -> String + Send + 'static) -> Sent {
    let sent = Sent::default();
    let log = sent.clone();
    world.modem.handles(move |command| {
        if command.starts_with("AT+CMGS=") {
            return Some(said(">"));
        }
        if command.starts_with("AT") {
            return None;
        }
        let mut log = log.0.lock().unwrap();
        let answer = says(log.len(), command);
        log.push((command.to_owned(), answer.contains("+CMGS:")));
        Some(said(&answer))
    });
    sent
}

/// The PDUs that were given, and whether the modem took them.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<(String, bool)>>>);

impl Sent {
    fn given(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn pdus(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(pdu, _)| pdu.clone()).collect()
    }
}

async fn send(world: &World, line: &Line, key: &str, words: &str) -> Result<Receipt, CallError> {
    world.ready().await;
    line.send(&world.host, &outgoing(key, words)).await
}

/// Sends one text while the modem answers its PDUs so, in order; yields the outcome and how many were given.
#[track_caller]
fn check(answers: &'static [&'static str], expected: &str, given: usize) {
    let world = World::new();
    let sent = takes(&world, |nth, _| answers[nth.min(answers.len() - 1)].to_owned());
    let outcome = world.lives(async |line| send(&world, line, "1", "Hello").await);
    assert_eq!(kind(&outcome), expected, "{answers:?}: {outcome:?}");
    assert_eq!(sent.given(), given, "{answers:?}: {outcome:?}");
}

#[test]
fn a_text_that_was_taken_is_sent() {
    let world = World::new();
    takes(&world, |_, _| "+CMGS: 5\nOK".to_owned());
    let receipt = world.lives(async |line| send(&world, line, "1", "Hello").await).unwrap();
    assert_eq!((receipt.state, receipt.segments), (DeliveryState::Sent, Some(1)));
    assert!(!receipt.id.is_empty());
}

#[test]
fn each_error_is_what_it_is() {
    check(&["@60000 +CMGS: 5\nOK"], "sent", 1);
    check(&["+CMGS: 5\nOK\nOK"], "sent", 1);
    check(&["+CMS ERROR: 197"], "sent", 1);
    check(&["+CMS ERROR: 28"], "refused", 1);
    check(&["+CMS ERROR: 42"], "later", 1);
    check(&["+CMS ERROR: 331"], "later", 1);
    check(&["+CMS ERROR: 500"], "later", 1);
    check(&["ERROR"], "later", 1);
    check(&["+CMS ERROR: 332"], "unclear", 1);
    check(&["+CMS ERROR: 330"], "operator", 1);
    check(&["+CMS ERROR: SMSC address unknown"], "operator", 1);
    check(&[""], "unclear", 1);
    // What may be repeated at once is.
    check(&["+CMS ERROR: 199", "+CMGS: 5\nOK"], "sent", 2);
    check(&["+CMS ERROR: 512", "+CMS ERROR: 515", "+CMGS: 5\nOK"], "sent", 3);
    check(&["+CMS ERROR: 515"], "later", 6);
}

#[test]
fn without_a_prompt_nothing_was_sent_and_it_may_be_tried_again() {
    let world = World::new();
    let sent = takes(&world, |_, _| "+CMGS: 5\nOK".to_owned());
    world.lives(async |line| {
        world.ready().await;
        world.modem.handles(|command| command.starts_with("AT+CMGS").then(Vec::new));
        let outcome = line.send(&world.host, &outgoing("1", "Hello")).await;
        assert_eq!(kind(&outcome), "later", "{outcome:?}");
        assert_eq!(sent.given(), 0);
        let sent = takes(&world, |_, _| "+CMGS: 5\nOK".to_owned());
        let outcome = line.send(&world.host, &outgoing("1", "Hello")).await;
        assert_eq!((kind(&outcome), sent.given()), ("sent", 1), "{outcome:?}");
    });
}

#[test]
fn a_late_answer_counts() {
    let world = World::new();
    takes(&world, |_, _| "@165000 +CMGS: 5\nOK".to_owned());
    let outcome = world.lives(async |line| send(&world, line, "1", "Hello").await);
    assert_eq!(kind(&outcome), "sent", "{outcome:?}");
}

#[test]
fn a_very_late_answer_settles_a_text_that_was_unclear() {
    let world = World::new();
    takes(&world, |_, _| "@400000 +CMGS: 5\nOK".to_owned());
    world.lives(async |line| {
        let outcome = send(&world, line, "1", "Hello").await;
        assert_eq!(kind(&outcome), "unclear", "{outcome:?}");
        world.until(|| !world.host.statuses().is_empty()).await;
    });
    let settled = world.host.statuses();
    assert_eq!(settled[0].reply_key.as_deref(), Some("1"), "{settled:?}");
    assert_eq!(settled[0].state, DeliveryState::Sent);
}

#[test]
fn what_may_have_left_never_leaves_again() {
    let world = World::new();
    let sent = takes(&world, |nth, _| if nth == 0 { "" } else { "+CMGS: 5\nOK" }.to_owned());
    world.lives(async |line| {
        assert_eq!(kind(&send(&world, line, "1", "Hello").await), "unclear");
        assert_eq!(kind(&send(&world, line, "1", "Hello").await), "unclear");
    });
    world.lives(async |line| assert_eq!(kind(&send(&world, line, "1", "Hello").await), "unclear"));
    assert_eq!(sent.given(), 1);
}

#[test]
fn a_bridge_that_stops_while_sending_never_sends_again() {
    let world = World::new();
    let sent = takes(&world, |nth, _| if nth == 0 { "" } else { "+CMGS: 5\nOK" }.to_owned());
    world.lives(async |line| {
        world.ready().await;
        let text = outgoing("1", "Hello");
        let sending = std::pin::pin!(line.send(&world.host, &text));
        let given = std::pin::pin!(world.until(|| sent.given() == 1));
        futures_util::future::select(sending, given).await;
    });
    // The core takes a call that it lost for unclear and does not repeat it; if it did:
    assert_eq!(sent.given(), 1);
}

#[test]
fn a_failed_part_is_sent_again_alone_and_with_the_same_reference() {
    let world = World::new();
    let sent = takes(&world, |nth, _| {
        if nth == 1 { "+CMS ERROR: 42".to_owned() } else { format!("+CMGS: {nth}\nOK") }
    });
    let words = "word ".repeat(80);
    world.lives(async |line| {
        let outcome = send(&world, line, "1", words.trim()).await;
        assert_eq!(kind(&outcome), "later", "{outcome:?}");
        let outcome = send(&world, line, "1", words.trim()).await;
        assert_eq!(kind(&outcome), "sent", "{outcome:?}");
        assert_eq!(outcome.unwrap().segments, Some(3));
    });
    let pdus = sent.pdus();
    assert_eq!(pdus.len(), 4);
    assert_eq!(pdus[1], pdus[2], "another reference, or another part");
    assert_ne!(pdus[0], pdus[2]);
    assert_eq!(world.modem.count("AT+CMMS=1"), 2);
}

#[test]
fn a_modem_that_keeps_no_link_is_asked_for_it_once() {
    let world = World::new();
    takes(&world, |_, _| "+CMGS: 5\nOK".to_owned());
    world.modem.answers("AT+CMMS=1", "ERROR");
    let words = "word ".repeat(80);
    world.lives(async |line| {
        assert_eq!(kind(&send(&world, line, "1", &words).await), "sent");
        assert_eq!(kind(&send(&world, line, "2", &words).await), "sent");
    });
    assert_eq!(world.modem.count("AT+CMMS=1"), 1);
}

#[test]
fn parts_go_on_after_a_restart_where_they_stopped() {
    let world = World::new();
    let sent = takes(&world, |nth, _| {
        if nth == 1 { "+CMS ERROR: 42".to_owned() } else { format!("+CMGS: {nth}\nOK") }
    });
    let words = "word ".repeat(80);
    world.lives(async |line| assert_eq!(kind(&send(&world, line, "1", &words).await), "later"));
    world.lives(async |line| assert_eq!(kind(&send(&world, line, "1", &words).await), "sent"));
    let pdus = sent.pdus();
    assert_eq!(pdus.len(), 4);
    assert_eq!(pdus[1], pdus[2]);
}

#[test]
fn a_bad_number_blocks_nobody() {
    let world = World::new();
    takes(&world, |nth, _| if nth == 0 { "+CMS ERROR: 1" } else { "+CMGS: 5\nOK" }.to_owned());
    world.lives(async |line| {
        // Confused modems say so too: one more try is fair.
        assert_eq!(kind(&send(&world, line, "1", "Hello").await), "later");
        assert_eq!(kind(&send(&world, line, "2", "Hello").await), "sent");
    });
    let world = World::new();
    takes(&world, |_, _| "+CMS ERROR: 21".to_owned());
    world.lives(async |line| {
        assert_eq!(kind(&send(&world, line, "1", "Hello").await), "later");
        assert_eq!(kind(&send(&world, line, "1", "Hello").await), "refused");
        assert_eq!(kind(&send(&world, line, "2", "Hello").await), "later");
    });
}

#[test]
fn a_text_whose_caller_is_gone_is_not_sent() {
    let world = World::new();
    let sent = takes(&world, |_, _| "+CMGS: 5\nOK".to_owned());
    world.lives(async |line| {
        world.ready().await;
        // The modem is busy with something else when the text is handed in.
        world.modem.answers("AT+CPMS?", "@4000 +CPMS: \"SM\",0,20,\"SM\",0,20,\"SM\",0,20\nOK");
        world.until(|| world.modem.count("AT+CPMS?") >= 3).await;
        let text = outgoing("1", "Hello");
        let sending = Box::pin(line.send(&world.host, &text));
        let gone = std::pin::pin!(world.pass(1));
        let first = futures_util::future::select(sending, gone).await;
        assert!(matches!(first, futures_util::future::Either::Right(_)), "it was not busy");
        // The caller is dropped with what it waits for.
        drop(first);
        world.pass(120).await;
    });
    assert_eq!(sent.given(), 0);
}

#[test]
fn without_modem_or_network_a_text_waits() {
    let world = World::new();
    world.bench.unplug(super::bench::PORT);
    world.lives(async |line| {
        world.pass(10).await;
        let outcome = line.send(&world.host, &outgoing("1", "Hello")).await;
        assert_eq!(kind(&outcome), "later", "{outcome:?}");
    });
    let world = World::new();
    world.modem.answers("AT+CREG?", "+CREG: 0,2\nOK");
    world.lives(async |line| {
        world.pass(20).await;
        let outcome = line.send(&world.host, &outgoing("1", "Hello")).await;
        assert_eq!(kind(&outcome), "later", "{outcome:?}");
    });
    let world = World::new();
    world.modem.answers("AT+CREG?", "+CREG: 0,3\nOK");
    world.lives(async |line| {
        world.pass(20).await;
        let outcome = line.send(&world.host, &outgoing("1", "Hello")).await;
        assert_eq!(kind(&outcome), "operator", "{outcome:?}");
    });
}

#[test]
fn a_modem_that_goes_while_sending_leaves_it_unclear() {
    let world = World::new();
    takes(&world, |_, _| String::new());
    world.lives(async |line| {
        world.ready().await;
        let goes = async {
            world.pass(20).await;
            world.bench.unplug(super::bench::PORT);
        };
        let text = outgoing("1", "Hello");
        let (outcome, ()) = futures_util::future::join(line.send(&world.host, &text), goes).await;
        assert_eq!(kind(&outcome), "unclear", "{outcome:?}");
    });
}

#[test]
fn errors_that_say_nothing_start_the_modem_up_again() {
    let world = World::new();
    takes(&world, |_, _| "+CMS ERROR: 500".to_owned());
    world.lives(async |line| {
        for key in ["1", "2", "3"] {
            assert_eq!(kind(&send(&world, line, key, "Hello").await), "later");
        }
        world.until(|| world.host.metric_count("modem_restarts_total") == 1).await;
    });
}
