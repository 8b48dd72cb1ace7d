//! The life of one modem: found, started, listened to, watched, brought back.
//!
//! # States, and who may do what
//!
//! ```text
//!            ┌───────────── away ◀───────────────┐
//!  seek: find and open it, ask who it is         │ the port is gone, or nothing helped
//!            ▼                                   │
//!        starting ── start: the start-up ──▶ dead: asked anew, then reset (life)
//!            │                                   ▲
//!            ├── the card cannot be used ──▶ locked ── a minute later, or news ──▶ starting
//!            ▼                                   │
//!         serving ── serve: listens, looks, keeps, deletes, sends, watches
//!            └── it has lost its settings ──▶ starting
//! ```
//!
//! One task, that of `Transport::run`, owns the port and goes round these states for ever; nobody else
//! writes to the modem. `Transport::send` only hands a text in at the `door` and waits; the `desk` is
//! where the task leaves what the operator's page, the doctor and `send` want to know.
//!
//! | module | what it does | what it may not do |
//! |---|---|---|
//! | `life` | the round of states, the ladder of recovery | talk to the modem itself |
//! | `ports`, `seek` | which ports there are, which of them is our modem | go on with a stranger |
//! | `start` | the start-up | read or delete messages |
//! | `serve` | waits for news, texts and time, and hands each to one of the following | |
//! | `receive` | what arrived: keeps, then deletes | delete what is not durable; decode |
//! | `slots` | selects a memory, lists it, reads a slot | delete |
//! | `send`, `verdict` | parts of a text out, what an error means for the core | repeat what may have left |
//! | `watch` | whether the settings are still there; registration, signal, store | |
//! | `door` | texts handed in, each taken once or withdrawn | |
//! | `desk`, `doctor` | what is shown | |
//!
//! All time is the host's. Whatever is awaited ends by itself, except waiting for news.

mod desk;
mod doctor;
mod door;
mod life;
mod ports;
mod receive;
mod seek;
mod send;
mod serve;
mod slots;
mod start;
#[cfg(test)]
mod tests;
mod verdict;
mod watch;

#[cfg(test)]
pub(crate) use ports::Spot;
pub(crate) use ports::{Ports, RealPorts};
pub(crate) use start::{Session, start_up};

use crate::config::Config;
use crate::inbox::{Inbox, Rules};
use crate::outbox::Outbox;
use cordboard_plugin::{CallError, Host, OutgoingText, Receipt};
use desk::Desk;
use door::Door;

/// One line: a number, its card, and the modem it is in.
pub(crate) struct Line {
    config: Config,
    ports: Box<dyn Ports>,
    inbox: Inbox,
    outbox: Outbox,
    door: Door,
    desk: Desk,
}

impl Line {
    /// The line of these settings, whose modem is at one of these ports. No I/O.
    pub(crate) fn new(config: Config, ports: Box<dyn Ports>) -> Self {
        let inbox = Inbox::new(Rules {
            line: config.number.clone(),
            part_wait_minutes: config.part_wait_minutes,
            catch_up_hours: config.catch_up_hours,
        });
        let (outbox, door, desk) = (Outbox::new(), Door::default(), Desk::default());
        Self { config, ports, inbox, outbox, door, desk }
    }

    /// The settings.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Lives with the modem, for ever: whatever happens to it is dealt with here, or waited out.
    pub(crate) async fn run(&self, host: &dyn Host) -> Result<(), CallError> {
        life::live(self, host).await
    }

    /// Hands a text to the task of [`Line::run`] and waits for what becomes of it.
    ///
    /// # Errors
    /// [`CallError::RetryAfter`] while there is no modem or no network: nothing was sent.
    pub(crate) async fn send(
        &self,
        host: &dyn Host,
        text: &OutgoingText,
    ) -> Result<Receipt, CallError> {
        self.desk.may_send(host.now())?;
        self.door.hand_in(host, text).await
    }
}
