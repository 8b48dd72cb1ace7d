//! A modem in service: waits for news, for texts to send and for time, and hands each to its room.

use super::Line;
use super::door::Job;
use super::start::{CardState, Session, Steps};
use crate::at::{AtError, Channel, Event};
use crate::inbox::Found;
use crate::outbox::Leaving;
use crate::port::PortError;
use cordboard_plugin::{Host, Level, StateError, Timestamp};
use futures_channel::mpsc;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use std::pin::pin;

/// From one look at the store to the next, in seconds.
const LOOK_SECONDS: i64 = 30;
/// Commands in a row that were not answered before the modem counts as dead.
const SILENCES_MAX: u32 = 3;
/// Messages that were routed to us and could not be written down yet.
const ROUTED_MAX: usize = 4096;

/// Why a service ended.
#[derive(Debug)]
pub(super) enum End {
    /// It must be started up again; why.
    Again(String),
    /// Its card could not be used a minute ago and is worth another look.
    LookAgain,
    /// It does not answer.
    Dead,
    /// The port is gone.
    Gone(PortError),
}

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The modem.
    At(AtError),
    /// Our own store: nothing may be deleted, and it is tried again.
    State(StateError),
}

impl From<AtError> for Stop {
    fn from(error: AtError) -> Self {
        Self::At(error)
    }
}

impl From<PortError> for Stop {
    fn from(error: PortError) -> Self {
        Self::At(AtError::Port(error))
    }
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// One service: from a start-up to its end.
pub(super) struct Serving<'s, 'h> {
    pub(super) line: &'s Line,
    pub(super) host: &'s dyn Host,
    pub(super) channel: &'s mut Channel<'h>,
    pub(super) session: Session,
    /// The memory that is read and deleted from at the moment.
    pub(super) selected: String,
    /// Messages that lie nowhere but here until they are written down.
    pub(super) routed: Vec<Found>,
    /// All stores must be listed: it is the beginning, or something was missed.
    pub(super) look_everywhere: bool,
    /// Slots in use after the last listing; another count is news.
    pub(super) counted: Option<u16>,
    /// Looks so far.
    pub(super) looks: u64,
    /// The part whose answer we no longer waited for.
    pub(super) late: Option<(Leaving, usize)>,
    /// Whether the centre is asked to forget a text after a day; some centres refuse that.
    pub(super) limits_validity: bool,
    /// Whether the modem may keep its link to the network between parts.
    pub(super) keeps_link: bool,
    /// Keys of texts that were refused once for a reason that may pass.
    pub(super) second_chances: Vec<String>,
    /// Errors in a row that say nothing.
    pub(super) vague: u32,
    /// Refusals by a busy network in a row.
    pub(super) busy: u32,
    /// Set when a room finds that the service must end.
    pub(super) end: Option<End>,
    pub(super) settings_looked_at: Timestamp,
    silences: u32,
    noise: u64,
}

/// What woke it.
enum News {
    Event(Result<Event, PortError>),
    Job(Job),
    Time,
}

impl<'s, 'h> Serving<'s, 'h> {
    /// Serves a modem after its start-up.
    pub(super) fn new(
        line: &'s Line,
        host: &'s dyn Host,
        channel: &'s mut Channel<'h>,
        session: Session,
    ) -> Self {
        Self {
            selected: session.memories.names.first().cloned().unwrap_or_default(),
            line,
            host,
            channel,
            session,
            routed: Vec::new(),
            look_everywhere: true,
            counted: None,
            looks: 0,
            late: None,
            limits_validity: true,
            keeps_link: true,
            second_chances: Vec::new(),
            vague: 0,
            busy: 0,
            end: None,
            settings_looked_at: host.now(),
            silences: 0,
            noise: 0,
        }
    }

    /// Serves until it must end.
    pub(super) async fn serve(mut self, jobs: &mut mpsc::Receiver<Job>) -> End {
        if self.session.card_state != CardState::Ready {
            return self.wait_for_card().await;
        }
        let first = self.look().await;
        self.settle(first);
        let mut next_look = self.host.now().plus_seconds(LOOK_SECONDS);
        loop {
            if let Some(end) = self.end.take() {
                self.count_noise();
                return end;
            }
            let done = match self.wait(jobs, next_look).await {
                News::Event(Ok(event)) => self.heed(event).await,
                News::Event(Err(error)) => Err(error.into()),
                News::Job(job) => self.send(job).await,
                News::Time => {
                    next_look = self.host.now().plus_seconds(LOOK_SECONDS);
                    self.look().await
                }
            };
            self.settle(done);
        }
    }

    async fn wait(&mut self, jobs: &mut mpsc::Receiver<Job>, until: Timestamp) -> News {
        let host = self.host;
        let listen = pin!(self.channel.listen());
        let sleep = pin!(host.sleep_until(until));
        // In this order, so that a modem that talks all the time holds up neither texts nor looks.
        match select(select(jobs.next(), sleep), listen).await {
            Either::Left((Either::Left((Some(job), _)), _)) => News::Job(job),
            // The door outlives the service, so texts never end.
            Either::Left(_) => News::Time,
            Either::Right((event, _)) => News::Event(event),
        }
    }

    /// Deals with something said unasked.
    async fn heed(&mut self, event: Event) -> Result<(), Stop> {
        match event {
            Event::Stored { memory, index } => self.stored(&memory, index).await,
            Event::Routed(line) => {
                self.take_routed(line);
                self.keep_routed().await
            }
            Event::StoreFull => {
                self.look_everywhere = true;
                self.look().await
            }
            Event::Restarted(said) => {
                self.end = Some(End::Again(format!("it said {said}")));
                Ok(())
            }
            Event::MayHaveRestarted => self.look_at_settings_soon().await,
            Event::Registration => self.look_at_network().await,
            Event::LateSent(reference) => self.late_answer(reference).await,
        }
    }

    /// Remembers a message that lies nowhere else.
    pub(super) fn take_routed(&mut self, line: String) {
        if self.routed.len() < ROUTED_MAX {
            self.routed.push(Found { slot: None, line });
        } else {
            self.host.metric("modem_events_dropped_total", 1);
        }
    }

    /// Says what is to be said of something that was not done, and whether it ends the service.
    fn settle(&mut self, done: Result<(), Stop>) {
        match done {
            Ok(()) => self.silences = 0,
            Err(Stop::State(error)) => {
                self.look_everywhere = true;
                let words =
                    format!("the store does not answer, messages stay in the modem: {error}");
                self.line.desk.trouble(self.host, Level::Warn, words);
            }
            Err(Stop::At(AtError::Port(error))) => self.end = Some(End::Gone(error)),
            Err(Stop::At(AtError::Dead)) => self.end = Some(End::Dead),
            Err(Stop::At(error)) => {
                self.look_everywhere = true;
                if matches!(error, AtError::Silent(_)) {
                    self.silences += 1;
                }
                if self.silences >= SILENCES_MAX {
                    self.end = Some(End::Dead);
                }
                self.line.desk.trouble(self.host, Level::Warn, format!("the modem: {error}"));
            }
        }
        self.count_noise();
    }

    /// A card that cannot be used: waits a minute, or for news of it.
    async fn wait_for_card(&mut self) -> End {
        let until = self.host.now().plus_seconds(60);
        let host = self.host;
        loop {
            let heard =
                match select(pin!(self.channel.listen()), pin!(host.sleep_until(until))).await {
                    Either::Left((heard, _)) => heard,
                    Either::Right(_) => return End::LookAgain,
                };
            match heard {
                Err(error) => return End::Gone(error),
                Ok(Event::Restarted(said)) => return End::Again(format!("it said {said}")),
                Ok(_) => {}
            }
        }
    }

    /// Commands of which each may be refused.
    pub(super) fn steps(&mut self) -> Steps<'_, 'h> {
        Steps { channel: self.channel, refused: &mut self.session.refused }
    }

    /// Shows the desk what has changed.
    pub(super) fn show(&self) {
        self.line.desk.session(self.host, &self.session);
    }

    fn count_noise(&mut self) {
        let noise = self.channel.noise();
        if noise > self.noise {
            self.host.metric("modem_noise_total", noise - self.noise);
            self.noise = noise;
        }
    }
}
