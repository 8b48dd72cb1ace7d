//! The durable state of one instance and what went out with it, in memory.

use super::{FakeHost, lock};
use cordboard_plugin::{
    Commit, Expected, Host, HostReply, Incoming, Put, StateError, StatusUpdate, Stored, Timer,
    Timestamp,
};
use std::collections::BTreeMap;

const KEY_BYTES_MAX: usize = 255;
const VALUE_BYTES_MAX: usize = 64 * 1024;
const ROWS_MAX: u16 = 1000;

#[derive(Default)]
pub(super) struct State {
    rows: BTreeMap<String, Row>,
    messages: Vec<Incoming>,
    statuses: Vec<StatusUpdate>,
    replies: Vec<HostReply>,
    timers: Vec<Timer>,
    failure: Option<StateError>,
}

struct Row {
    stored: Stored,
    expires_at: Option<Timestamp>,
}

impl FakeHost {
    /// Lets the next `get`, `scan` or `commit` fail with `error`; the one after works again.
    pub fn fail_state(&self, error: StateError) {
        lock(&self.state).failure = Some(error);
    }

    /// The messages emitted so far, each key once, in order.
    pub fn messages(&self) -> Vec<Incoming> {
        lock(&self.state).messages.clone()
    }

    /// The status updates emitted so far, in order.
    pub fn statuses(&self) -> Vec<StatusUpdate> {
        lock(&self.state).statuses.clone()
    }

    /// The replies emitted so far, each key once, in order.
    pub fn replies(&self) -> Vec<HostReply> {
        lock(&self.state).replies.clone()
    }

    /// The timers that are set, in the order of their times.
    pub fn timers(&self) -> Vec<Timer> {
        lock(&self.state).timers.clone()
    }

    /// Takes the timers that are due by now, in the order of their times; hand each to `woke`.
    pub fn due_timers(&self) -> Vec<Timer> {
        let now = self.now();
        let timers = &mut lock(&self.state).timers;
        let later = timers.partition_point(|timer| timer.at <= now);
        timers.drain(..later).collect()
    }
}

impl State {
    pub(super) fn get(&mut self, key: &str, now: Timestamp) -> Result<Option<Stored>, StateError> {
        self.answers()?;
        Ok(self.row(key, now).cloned())
    }

    pub(super) fn scan(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
        now: Timestamp,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        self.answers()?;
        let found = self
            .rows
            .iter()
            .filter(|(key, row)| key.starts_with(prefix) && row.lives(now))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(usize::from(rows_max.min(ROWS_MAX)))
            .map(|(key, row)| (key.clone(), row.stored.clone()));
        Ok(found.collect())
    }

    pub(super) fn commit(&mut self, commit: Commit, now: Timestamp) -> Result<(), StateError> {
        self.answers()?;
        check_sizes(&commit)?;
        let puts = commit.puts.iter().map(|put| (&put.key, put.expected));
        let deletes = commit.deletes.iter().map(|delete| (&delete.key, delete.expected));
        for (key, expected) in puts.chain(deletes) {
            let version = self.row(key, now).map(|stored| stored.version);
            let holds = match expected {
                Expected::Any => true,
                Expected::Absent => version.is_none(),
                Expected::Version(expected) => version == Some(expected),
            };
            if !holds {
                return Err(StateError::Conflict);
            }
        }
        for put in commit.puts {
            self.put(put, now);
        }
        for delete in commit.deletes {
            self.rows.remove(&delete.key);
        }
        self.emit(commit.messages, commit.statuses, commit.replies, commit.timers);
        Ok(())
    }

    fn answers(&mut self) -> Result<(), StateError> {
        self.failure.take().map_or(Ok(()), Err)
    }

    fn row(&self, key: &str, now: Timestamp) -> Option<&Stored> {
        self.rows.get(key).filter(|row| row.lives(now)).map(|row| &row.stored)
    }

    fn put(&mut self, put: Put, now: Timestamp) {
        let version = self.row(&put.key, now).map_or(1, |stored| stored.version + 1);
        let stored = Stored { value: put.value, version };
        self.rows.insert(put.key, Row { stored, expires_at: put.expires_at });
    }

    fn emit(
        &mut self,
        messages: Vec<Incoming>,
        statuses: Vec<StatusUpdate>,
        replies: Vec<HostReply>,
        timers: Vec<Timer>,
    ) {
        for message in messages {
            if !self.messages.iter().any(|known| known.key == message.key) {
                self.messages.push(message);
            }
        }
        self.statuses.extend(statuses);
        for reply in replies {
            if !self.replies.iter().any(|known| known.key == reply.key) {
                self.replies.push(reply);
            }
        }
        for timer in timers {
            self.timers.retain(|known| known.key != timer.key);
            self.timers.push(timer);
        }
        self.timers.sort_by_key(|timer| timer.at);
    }
}

impl Row {
    fn lives(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

fn check_sizes(commit: &Commit) -> Result<(), StateError> {
    let keys = commit.puts.iter().map(|put| &put.key);
    let keys = keys.chain(commit.deletes.iter().map(|delete| &delete.key));
    let keys = keys.chain(commit.timers.iter().map(|timer| &timer.key));
    let mut keys = keys.chain(commit.replies.iter().map(|reply| &reply.key));
    let too_large = keys.any(|key| key.len() > KEY_BYTES_MAX)
        || commit.puts.iter().any(|put| put.value.0.len() > VALUE_BYTES_MAX);
    if too_large { Err(StateError::TooLarge) } else { Ok(()) }
}
