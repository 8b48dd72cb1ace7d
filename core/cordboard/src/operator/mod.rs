//! What the operator asks for on the command line, answered by the running bridge or by ourselves.
//!
//! Beside a running bridge everything goes through its admin API, so that one process owns the
//! store. When nobody holds the data folder's lock, the command takes it and opens the store itself.
//! Both answer in the same JSON, so each command is written once.

mod beside;
mod here;

use crate::config::{ConfigError, Loaded};
use crate::failure::Failure;
use crate::opening;
use beside::Beside;
use cordboard_plugin::Address;
use cordboard_store::{DataLock, LockError, MessageFilter};
use here::Here;
use serde_json::Value;

/// The configuration as the commands of this module need it.
pub struct Desk {
    /// The configuration.
    pub loaded: Loaded,
    /// The first secret that is not here; of no matter beside a running bridge.
    pub unresolved: Option<ConfigError>,
}

/// One thing to ask.
#[derive(Clone, Debug)]
pub enum Ask {
    /// The people, at most so many.
    People(i64),
    /// One person.
    Person(Address),
    /// Disconnect a person, at one sink or everywhere.
    Unlink(Address, Option<String>),
    /// Block a number, or lift the block.
    Block(Address, bool),
    /// Messages, newest first.
    Messages(MessageFilter),
    /// One message's life.
    Message(i64),
    /// Try a message again.
    Retry(i64),
    /// How many messages are in which state.
    Sums,
    /// What the last days have cost.
    Money(u32),
    /// Make an invitation, and text it too.
    Link(Address, bool),
    /// Let a paused sink go on.
    Resume(String),
    /// Whether the bridge works.
    Health,
}

/// Who answers.
pub enum Operator {
    /// This process: the bridge is not running.
    Here(Box<Here>),
    /// The running bridge.
    Beside(Beside),
}

impl Operator {
    /// Finds out whether a bridge runs on this configuration's data, and gets hold of it or of the
    /// store. A running bridge has its secrets; only without one they must be here too.
    ///
    /// # Errors
    /// When neither can be had: there is no store yet, or the running bridge cannot be reached.
    pub fn find(desk: &Desk) -> Result<Self, Failure> {
        let loaded = &desk.loaded;
        if !loaded.store_path.exists() || !loaded.data_dir.exists() {
            let message = format!("there is no store at `{}` yet", loaded.store_path.display());
            return Err(Failure::failed(message, "start the bridge once: `cordboard run`"));
        }
        match DataLock::take(&loaded.data_dir) {
            Err(LockError::Held { note, .. }) => {
                Ok(Self::Beside(Beside::reach(loaded, note.as_deref())?))
            }
            lock => {
                let lock = lock.map_err(|error| opening::lock_failure(loaded, &error))?;
                if let Some(unresolved) = &desk.unresolved {
                    return Err(unresolved.clone().into());
                }
                Ok(Self::Here(Box::new(Here::open(loaded, lock)?)))
            }
        }
    }

    /// Gets hold of the running bridge; opens nothing when none runs.
    ///
    /// # Errors
    /// When no bridge runs on this configuration's data, or it cannot be reached.
    pub fn running(desk: &Desk) -> Result<Self, Failure> {
        let loaded = &desk.loaded;
        let none = || {
            let message = format!("no bridge runs on `{}`", loaded.data_dir.display());
            Failure::failed(message, "start it: `cordboard run`")
        };
        if !loaded.data_dir.exists() {
            return Err(none());
        }
        match DataLock::take(&loaded.data_dir) {
            Err(LockError::Held { note, .. }) => {
                Ok(Self::Beside(Beside::reach(loaded, note.as_deref())?))
            }
            Err(error) => Err(opening::lock_failure(loaded, &error)),
            Ok(_) => Err(none()),
        }
    }

    /// Asks for one thing. What was done and has no value answers with `null` or an object.
    ///
    /// # Errors
    /// What the bridge said, in its words.
    pub async fn ask(&self, ask: Ask) -> Result<Value, Failure> {
        match self {
            Self::Here(here) => here.ask(ask).await,
            Self::Beside(beside) => beside.ask(ask).await,
        }
    }

    /// Whether texts leave at once: only a running bridge sends.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Beside(_))
    }

    /// Lets go of the store.
    ///
    /// # Errors
    /// When the last writes did not reach the disk.
    pub async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Here(here) => here.close().await,
            Self::Beside(_) => Ok(()),
        }
    }
}
