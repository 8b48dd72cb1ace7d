//! No bridge is running: this process opens the store and answers itself. Nothing is started.

use super::Ask;
use crate::config::Loaded;
use crate::failure::Failure;
use crate::opening;
use cordboard_engine::{Bridge, DeskError, World};
use cordboard_store::{DataLock, Store};
use serde::Serialize;
use serde_json::Value;

/// The store, opened by this process.
pub struct Here {
    bridge: Bridge,
    store: Store,
    /// Held until the command is done.
    _lock: DataLock,
}

impl Here {
    pub(super) fn open(loaded: &Loaded, lock: DataLock) -> Result<Self, Failure> {
        let world = World::real();
        let store = opening::open_store(loaded, world.now())?;
        let (engine, plugins) = (loaded.engine.clone(), loaded.plugins.clone());
        let bridge = Bridge::open(engine, plugins, store.clone(), world)
            .map_err(|error| Failure::usage(error.to_string(), ""))?;
        Ok(Self { bridge, store, _lock: lock })
    }

    pub(super) async fn ask(&self, ask: Ask) -> Result<Value, Failure> {
        let bridge = &self.bridge;
        match ask {
            Ask::People(rows_max) => shown(bridge.people(rows_max).await),
            Ask::Person(number) => shown(bridge.person(&number).await),
            Ask::Unlink(number, sink) => {
                let done = shown(bridge.unlink(&number, sink.as_deref()).await);
                bridge.settled().await;
                done
            }
            Ask::Block(number, on) => {
                let done = shown(bridge.block(&number, on).await);
                bridge.settled().await;
                done
            }
            Ask::Messages(filter) => shown(bridge.messages(filter).await),
            Ask::Message(id) => shown(bridge.message(id).await),
            Ask::Retry(id) => shown(bridge.retry(id).await),
            Ask::Sums => shown(bridge.sums().await),
            Ask::Money(days) => shown(bridge.money(days).await),
            Ask::Link(number, text) => shown(bridge.make_link(&number, text).await),
            Ask::Health => shown(Ok(bridge.health().await)),
            Ask::Resume(sink) => shown(bridge.resume(&sink).await),
        }
    }

    pub(super) async fn close(self) -> Result<(), Failure> {
        self.store.close().await.map_err(|error| Failure::told(&error))
    }
}

fn shown<T: Serialize>(answer: Result<T, DeskError>) -> Result<Value, Failure> {
    let value = answer.map_err(|error| Failure::failed(error.to_string(), ""))?;
    serde_json::to_value(value).map_err(|error| Failure::failed(error.to_string(), ""))
}
