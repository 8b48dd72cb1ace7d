//! The modem in memory and its line over HTTP. What the modem says is heard only when what it
//! remembers is durable: a slot whose delete was answered does not come back with a restart.

use super::bell::Bell;
use super::machine::{Durable, Machine};
use super::{keep, phone};
use cordboard_plugin::{Commit, Host, Level, Put, SimPlace, StateError, Timestamp};
use futures_channel::mpsc::UnboundedSender;
use futures_util::future::select;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What nobody reads is kept up to here; then the cable's buffer is full.
const UNREAD_BYTES_MAX: usize = 1 << 20;

/// The modem of one simulator.
#[derive(Default)]
pub(super) struct Cable {
    state: Mutex<Option<State>>,
    saving: futures_util::lock::Mutex<()>,
    bell: Bell,
}

struct State {
    machine: Machine,
    /// The memory as it is in the host's state, and in how many pieces.
    saved: Option<Durable>,
    pieces: usize,
    /// Lines on phones that are not yet in the host's state.
    rows: Vec<Put>,
    /// Said, but not to be heard before the memory is durable.
    unheard: Vec<u8>,
    /// Heard, and not yet forgotten; the first byte has this number.
    first: u64,
    heard: Vec<u8>,
    /// Hears everything too.
    tap: Option<UnboundedSender<Vec<u8>>>,
}

/// What a reader gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// These bytes, at least one.
    Bytes(Vec<u8>),
    /// Nothing in that time.
    Nothing,
    /// The port is gone, or was opened anew by somebody else.
    Gone,
}

impl State {
    fn new(machine: Machine) -> Self {
        Self {
            machine,
            saved: None,
            pieces: 0,
            rows: Vec::new(),
            unheard: Vec::new(),
            first: 0,
            heard: Vec::new(),
            tap: None,
        }
    }

    fn end(&self) -> u64 {
        self.first + u64::try_from(self.heard.len()).unwrap_or(u64::MAX)
    }

    /// Forgets what was said; whoever reads from before is told that the port is gone.
    fn cut(&mut self) {
        self.first = self.end() + 1;
        self.heard.clear();
        self.unheard.clear();
    }

    /// The first bytes of what was said become heard.
    fn hear(&mut self, count: usize) {
        let rest = self.unheard.split_off(count.min(self.unheard.len()));
        let said = std::mem::replace(&mut self.unheard, rest);
        if let Some(tap) = &self.tap {
            // Nobody may be there any more to hear it.
            let _ = tap.unbounded_send(said.clone());
        }
        let room = UNREAD_BYTES_MAX.saturating_sub(self.heard.len());
        self.heard.extend(said.into_iter().take(room));
    }

    /// From this byte on, if that is still or already there.
    fn from(&mut self, after: u64) -> Option<&[u8]> {
        let skip = usize::try_from(after.checked_sub(self.first)?).ok()?;
        if skip > self.heard.len() {
            return None;
        }
        self.heard.drain(..skip);
        self.first = after;
        Some(&self.heard)
    }
}

impl Cable {
    /// Lets the modem do something, at the present moment, and makes what it remembers durable.
    ///
    /// # Errors
    /// When the host's state does not take it; the modem has done it nevertheless, and it is saved with the
    /// next call.
    pub(super) async fn with<T: Send>(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        act: impl FnOnce(&mut Machine, Timestamp) -> T + Send,
    ) -> Result<T, StateError> {
        self.with_row(host, place, None, act).await
    }

    /// The same, together with a line on a phone.
    pub(super) async fn with_row<T: Send>(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        row: Option<Put>,
        act: impl FnOnce(&mut Machine, Timestamp) -> T + Send,
    ) -> Result<T, StateError> {
        self.load(host, place).await?;
        let done = self.on_state(|state| {
            state.rows.extend(row);
            act(&mut state.machine, host.now())
        })?;
        self.save(host, place).await?;
        Ok(done)
    }

    /// Puts another modem in its place, which is as if this one had been pulled out.
    pub(super) async fn replace(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        machine: Machine,
    ) -> Result<(), StateError> {
        self.load(host, place).await?;
        self.on_state(|state| {
            state.machine = machine;
            state.cut();
        })?;
        self.save(host, place).await?;
        // Whoever waits is told that their port is gone.
        self.bell.ring();
        Ok(())
    }

    /// Pulls the modem out or plugs it in.
    pub(super) async fn plug(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        plugged: bool,
    ) -> Result<(), StateError> {
        self.load(host, place).await?;
        self.on_state(|state| {
            if state.machine.is_plugged() != plugged {
                state.machine.plug(host.now(), plugged);
                state.cut();
            }
        })?;
        self.save(host, place).await?;
        self.bell.ring();
        Ok(())
    }

    /// Opens the port: the number of the next byte. `None` while it is unplugged.
    pub(super) async fn open(
        &self,
        host: &dyn Host,
        place: &SimPlace,
    ) -> Result<Option<u64>, StateError> {
        self.with(host, place, |_, _| ()).await?;
        self.on_state(|state| {
            if !state.machine.is_plugged() {
                return None;
            }
            state.first = state.end();
            state.heard.clear();
            Some(state.first)
        })
    }

    /// Writes to the port: `false` while it is unplugged.
    pub(super) async fn write(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        bytes: &[u8],
    ) -> Result<bool, StateError> {
        self.with(host, place, |machine, now| {
            let plugged = machine.is_plugged();
            machine.write(now, bytes);
            plugged
        })
        .await
    }

    /// Reads from byte `after` on; waits until `until` when there is none.
    pub(super) async fn read(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        after: u64,
        until: Timestamp,
    ) -> Result<Heard, StateError> {
        loop {
            let seen = self.bell.rung();
            self.with(host, place, |_, _| ()).await?;
            let (heard, next) = self.on_state(|state| {
                let plugged = state.machine.is_plugged();
                let heard = match state.from(after).filter(|_| plugged) {
                    None => Heard::Gone,
                    Some([]) => Heard::Nothing,
                    Some(bytes) => Heard::Bytes(bytes.to_vec()),
                };
                (heard, state.machine.next_at())
            })?;
            let now = host.now();
            if heard != Heard::Nothing || now >= until {
                return Ok(heard);
            }
            // What is due already was not there a moment ago: it is not ours to wait for.
            let next = next.filter(|next| *next > now).unwrap_or(until).min(until);
            self.rest(host, Some(next), seen).await;
        }
    }

    /// Lets `tap` hear everything from now on.
    pub(super) fn tap(&self, tap: UnboundedSender<Vec<u8>>) -> Result<(), StateError> {
        self.on_state(|state| state.tap = Some(tap))
    }

    /// Waits until the modem has something to say by itself, or another call made it say something.
    pub(super) async fn rest(&self, host: &dyn Host, next: Option<Timestamp>, seen: u64) {
        let bell = self.bell.wait(seen);
        match next {
            Some(next) => drop(select(pin!(host.sleep_until(next)), bell).await),
            None => bell.await,
        }
    }

    /// How often something was said so far.
    pub(super) fn rung(&self) -> u64 {
        self.bell.rung()
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        // A panic elsewhere has failed its own call; the modem is as it was left.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> Result<T, StateError> {
        let mut state = self.lock();
        let state = state
            .as_mut()
            .ok_or_else(|| StateError::Unavailable("the modem is not loaded".to_owned()))?;
        Ok(act(state))
    }

    /// Takes the modem from the host's state, once; a new one when there is none.
    async fn load(&self, host: &dyn Host, place: &SimPlace) -> Result<(), StateError> {
        if self.lock().is_some() {
            return Ok(());
        }
        let _saving = self.saving.lock().await;
        if self.lock().is_some() {
            return Ok(());
        }
        let (durable, pieces) = keep::load(host, place).await?;
        let restored = durable.clone().and_then(Machine::restore);
        if restored.is_none() && pieces > 0 {
            host.log(Level::Warn, "the simulated modem's memory cannot be read; it is a new one");
        }
        let mut state = State::new(restored.unwrap_or_else(|| Machine::plain(keep::card(place))));
        state.saved = durable;
        state.pieces = pieces;
        *self.lock() = Some(state);
        Ok(())
    }

    /// Makes durable what has changed; then what was said until now is heard.
    async fn save(&self, host: &dyn Host, place: &SimPlace) -> Result<(), StateError> {
        let _saving = self.saving.lock().await;
        let mut step = self.on_state(|state| Step::of(state, place, host.now()))??;
        if let Some(durable) = step.durable {
            let rows = step.rows.len();
            let mut commit = Commit { puts: std::mem::take(&mut step.rows), ..Commit::default() };
            let pieces = keep::pieces(place, &durable, step.pieces, &mut commit)?;
            host.commit(commit).await?;
            self.on_state(|state| {
                state.saved = Some(durable);
                state.pieces = pieces;
                state.rows.drain(..rows.min(state.rows.len()));
            })?;
        }
        let news = self.on_state(|state| {
            state.hear(step.said);
            // One that pulled itself out is news too.
            step.said > 0 || !state.machine.is_plugged()
        })?;
        if news {
            self.bell.ring();
        }
        Ok(())
    }
}

/// What is to be made durable, and how much of what was said may be heard then.
struct Step {
    durable: Option<Durable>,
    pieces: usize,
    rows: Vec<Put>,
    said: usize,
}

impl Step {
    fn of(state: &mut State, place: &SimPlace, now: Timestamp) -> Result<Self, StateError> {
        let said = state.machine.read(now);
        state.unheard.extend(said);
        for text in state.machine.take_shown() {
            state.rows.push(phone::row_of(keep::mount(place), &text)?);
        }
        let is_new = state.saved.as_ref() != Some(state.machine.durable());
        let is_new = is_new || !state.rows.is_empty();
        Ok(Self {
            durable: is_new.then(|| state.machine.durable().clone()),
            pieces: state.pieces,
            rows: state.rows.clone(),
            said: state.unheard.len(),
        })
    }
}
