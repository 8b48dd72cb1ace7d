//! Texts handed in to the task that owns the modem. Each is taken once, or withdrawn; never both.

use cordboard_plugin::{CallError, Host, OutgoingText, Receipt};
use futures_channel::{mpsc, oneshot};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Texts that may wait. The core hands in one at a time.
const WAITING_MAX: usize = 4;
/// How long a text may wait to be taken, in milliseconds: a full store is listed meanwhile.
const TAKEN_MS_MAX: i64 = 60_000;
/// How long the core is asked to wait when it was not.
const AGAIN_MS: i64 = 20_000;

/// Where texts are handed in.
#[derive(Default)]
pub(super) struct Door {
    way_in: Mutex<Option<mpsc::Sender<Job>>>,
}

/// A text that waits to be taken.
pub(super) struct Job {
    text: OutgoingText,
    claim: Arc<Claim>,
    answer: oneshot::Sender<Result<Receipt, CallError>>,
}

/// A text that was taken: it must be answered, and its outcome is the taker's word.
pub(super) struct Taken {
    pub(super) text: OutgoingText,
    answer: oneshot::Sender<Result<Receipt, CallError>>,
}

impl Door {
    /// Opens the door; whoever had it open before gets nothing more.
    pub(super) fn open(&self) -> mpsc::Receiver<Job> {
        let (way_in, jobs) = mpsc::channel(WAITING_MAX);
        *self.way_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(way_in);
        jobs
    }

    /// Whether anybody listens.
    pub(super) fn is_open(&self) -> bool {
        let way_in = self.way_in.lock().unwrap_or_else(PoisonError::into_inner);
        way_in.as_ref().is_some_and(|way_in| !way_in.is_closed())
    }

    /// Hands `text` in and waits for its outcome. When this is dropped, the text is withdrawn unless it
    /// was taken.
    pub(super) async fn hand_in(
        &self,
        host: &dyn Host,
        text: &OutgoingText,
    ) -> Result<Receipt, CallError> {
        let claim = Arc::new(Claim::default());
        let (answer, answered) = oneshot::channel();
        let job = Job { text: text.clone(), claim: claim.clone(), answer };
        let way_in = self.way_in.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let handed = way_in.is_some_and(|mut way_in| way_in.try_send(job).is_ok());
        if !handed {
            return Err(not_taken("nobody takes texts at the moment"));
        }
        let withdraw = Withdraw(claim);
        let taken_by = host.now().plus_millis(TAKEN_MS_MAX);
        let outcome = match select(answered, pin!(host.sleep_until(taken_by))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((_, answered)) => {
                if withdraw.0.withdraw() {
                    return Err(not_taken("the modem was busy for too long"));
                }
                answered.await
            }
        };
        outcome.unwrap_or_else(|_| {
            if withdraw.0.withdraw() {
                Err(not_taken("the modem's task ended"))
            } else {
                Err(CallError::unclear("the modem's task ended while it was sending"))
            }
        })
    }
}

fn not_taken(why: &str) -> CallError {
    CallError::retry_after(Some(AGAIN_MS), why)
}

impl Job {
    /// Takes the text, unless whoever handed it in is gone.
    pub(super) fn take(self) -> Option<Taken> {
        if self.answer.is_canceled() || !self.claim.take() {
            return None;
        }
        Some(Taken { text: self.text, answer: self.answer })
    }
}

impl Taken {
    /// Says what became of the text. Nobody may be left to hear it.
    pub(super) fn answer(self, outcome: Result<Receipt, CallError>) {
        let _ = self.answer.send(outcome);
    }
}

/// Who has a text: nobody yet, the modem's task, or again the one who handed it in.
#[derive(Default)]
struct Claim(AtomicU8);

const FREE: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl Claim {
    fn take(&self) -> bool {
        self.becomes(TAKEN)
    }

    fn withdraw(&self) -> bool {
        self.becomes(WITHDRAWN)
    }

    fn becomes(&self, what: u8) -> bool {
        self.0.compare_exchange(FREE, what, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

struct Withdraw(Arc<Claim>);

impl Drop for Withdraw {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}
