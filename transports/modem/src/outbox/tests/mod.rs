//! The outbox over a fake host, which may be killed at any touch of the state.

mod answers;
mod references;
mod reports;

use super::{Leaving, Outbox};
use crate::inbox::step::Step;
use crate::inbox::tests::{ANN, CARD, Kill, LINE, Mortal};
use crate::pdu::{self, Pdu, Report, Reporting};
use cordboard_plugin::{Address, Host, OutgoingText, StateError, StatusUpdate, Timestamp};
use cordboard_testkit::{FakeHost, block_on};

/// The state, and the outbox of the process that runs now.
struct Desk {
    host: Mortal,
    outbox: Outbox,
}

impl Desk {
    fn new() -> Self {
        Self { host: Mortal::new(FakeHost::new()), outbox: Outbox::new() }
    }

    fn advance(&self, millis: i64) {
        self.host.inner.advance_millis(millis);
    }

    fn now(&self) -> Timestamp {
        self.host.now()
    }

    fn begin(&self, text: &OutgoingText, parts: usize) -> Leaving {
        block_on(self.outbox.begin(&self.host, CARD, text, parts)).unwrap()
    }

    fn sent(&self, leaving: &Leaving, part: usize, mr: u8) {
        block_on(self.outbox.part_sent(&self.host, leaving, part, mr)).unwrap();
    }

    fn unclear(&self, leaving: &Leaving, part: usize) {
        block_on(self.outbox.part_unclear(&self.host, leaving, part)).unwrap();
    }

    fn done(&self, leaving: &Leaving) {
        block_on(self.outbox.done(&self.host, leaving)).unwrap();
    }

    /// A text of one part that leaves as it should.
    fn leave(&self, text: &OutgoingText, mr: u8) -> Leaving {
        let leaving = self.begin(text, 1);
        self.sent(&leaving, 0, mr);
        self.done(&leaving);
        leaving
    }

    fn report(&self, to: &str, mr: u8, status: u8) {
        block_on(self.settle(CARD, &report(to, mr, status, self.now()))).unwrap();
    }

    /// A report that came by a card, alone.
    async fn settle(&self, card: &str, report: &Report) -> Result<(), StateError> {
        let mut step = Step::default();
        self.outbox.settle(&self.host, card, report, &mut step).await?;
        step.take(&self.host).await
    }

    /// The news so far: the text's key, what is said, and the code.
    fn news(&self) -> Vec<(String, String, String)> {
        self.host.inner.statuses().into_iter().map(said).collect()
    }
}

fn said(news: StatusUpdate) -> (String, String, String) {
    assert_eq!(news.error, None);
    let state = format!("{:?}", news.state);
    (news.reply_key.unwrap_or_default(), state, news.code.unwrap_or_default())
}

fn says(key: &str, state: &str, code: &str) -> (String, String, String) {
    (key.to_owned(), state.to_owned(), code.to_owned())
}

fn report(to: &str, reference: u8, status: u8, at: Timestamp) -> Report {
    let reporting =
        Reporting { reference, to, sent_at: at, done_at: at, status, ..Reporting::default() };
    match pdu::read(&pdu::report(&reporting).unwrap()).unwrap() {
        Pdu::Report(report) => report,
        Pdu::Deliver(_) => panic!("a message"),
    }
}

fn text(key: &str, to: &str) -> OutgoingText {
    OutgoingText {
        key: key.to_owned(),
        from: Address::new(LINE),
        to: Address::new(to),
        text: "Posted.".to_owned(),
        status_url: None,
    }
}

/// Runs `story` once for every touch at which it can be killed, in both ways, and once more after it.
fn killed_anywhere(
    make: impl Fn() -> Desk,
    story: impl Fn(&Desk) -> Result<(), StateError>,
    check: impl Fn(&Desk),
) {
    for how in [Kill::Before, Kill::After] {
        for touches in 0.. {
            let mut desk = make();
            desk.host.kill_after(touches, how);
            let first = story(&desk);
            desk.outbox = Outbox::new();
            let died = desk.host.revive();
            assert_eq!(first.is_err(), died, "a kill is noticed");
            if died {
                story(&desk).unwrap();
            }
            check(&desk);
            if !died {
                assert!(touches > 0, "nothing was killed");
                break;
            }
        }
    }
}

#[test]
fn a_text_leaves_once_wherever_the_process_dies_between_its_parts() {
    let story = |desk: &Desk| {
        block_on(async {
            let (host, outbox) = (&desk.host, &desk.outbox);
            let leaving = outbox.begin(host, CARD, &text("r1", ANN), 3).await?;
            for part in 0..3_u8 {
                if leaving.left[usize::from(part)].is_none() {
                    outbox.part_sent(host, &leaving, usize::from(part), 10 + part).await?;
                }
            }
            outbox.done(host, &leaving).await?;
            for part in 0..3 {
                desk.settle(CARD, &report(ANN, 10 + part, 0, desk.now())).await?;
            }
            Ok(())
        })
    };
    killed_anywhere(Desk::new, story, |desk| {
        assert_eq!(desk.news(), [says("r1", "Delivered", "")]);
    });
}
