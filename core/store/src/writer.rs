//! The one writer: whatever queued up during the last fsync is committed with the next one.

use crate::error::{Out, StoreError};
use crate::job::{self, Work};
use crate::lite::Conn;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs committed together at most.
const BATCH_JOBS_MAX: usize = 128;
/// Jobs that may wait; more callers than that wait to be let in.
const QUEUE_JOBS_MAX: usize = 1024;

enum Order {
    Write(Box<dyn Work>),
    Checkpoint(oneshot::Sender<Out<()>>),
}

/// The writer's thread and the door to it.
pub(crate) struct Writer {
    inbox: Mutex<Option<mpsc::Sender<Order>>>,
    thread: Mutex<Option<JoinHandle<Out<()>>>>,
}

impl Writer {
    /// Starts the thread. `reopen` makes another connection when one is spoilt (a full disk).
    pub(crate) fn start<R>(conn: Conn, reopen: R) -> Out<Self>
    where
        R: Fn() -> Out<Conn> + Send + 'static,
    {
        let (inbox, orders) = mpsc::channel(QUEUE_JOBS_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(conn, &reopen, orders))
            .map_err(StoreError::backend)?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), thread: Mutex::new(Some(thread)) })
    }

    pub(crate) async fn write(&self, work: Box<dyn Work>) -> Out<()> {
        self.send(Order::Write(work)).await
    }

    pub(crate) async fn checkpoint(&self) -> Out<()> {
        let (back, answer) = oneshot::channel();
        self.send(Order::Checkpoint(back)).await?;
        answer.await.map_err(|_| StoreError::Backend("the writer stopped".into()))?
    }

    async fn send(&self, order: Order) -> Out<()> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let inbox = inbox.ok_or_else(|| StoreError::Backend("the store is closed".into()))?;
        inbox.send(order).await.map_err(|_| StoreError::Backend("the writer stopped".into()))
    }

    /// Takes no more orders; the thread ends after those it has, and a last checkpoint.
    pub(crate) fn stop(&self) -> Option<JoinHandle<Out<()>>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn run(
    mut conn: Conn,
    reopen: &dyn Fn() -> Out<Conn>,
    mut orders: mpsc::Receiver<Order>,
) -> Out<()> {
    let mut batch = Vec::with_capacity(BATCH_JOBS_MAX);
    while orders.blocking_recv_many(&mut batch, BATCH_JOBS_MAX) > 0 {
        let mut jobs = Vec::with_capacity(batch.len());
        let mut checkpoints = Vec::new();
        for order in batch.drain(..) {
            match order {
                Order::Write(work) => jobs.push(work),
                Order::Checkpoint(back) => checkpoints.push(back),
            }
        }
        if !jobs.is_empty() && !job::write_all(&mut conn, jobs) {
            match reopen() {
                Ok(fresh) => conn = fresh,
                // The old one is tried again with the next batch.
                Err(error) => tracing::error!(error = %error, "the database cannot be reopened"),
            }
        }
        for back in checkpoints {
            if back.send(job::checkpoint(&mut conn)).is_err() {
                tracing::debug!("nobody waits for this checkpoint any more");
            }
        }
    }
    job::checkpoint(&mut conn)
}
