//! A few connections that only read, beside the writer.

use crate::error::{Out, StoreError};
use crate::job::{self, Work};
use crate::lite::Conn;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// Reads that may wait; more callers than that wait to be let in.
const QUEUE_JOBS_MAX: usize = 1024;

type Inbox = Arc<Mutex<mpsc::Receiver<Box<dyn Work>>>>;

/// The readers' threads and the door to them.
pub(crate) struct Readers {
    inbox: Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts a thread for each connection; whichever is free takes the next job.
    pub(crate) fn start(conns: Vec<Conn>) -> Out<Self> {
        let (inbox, jobs) = mpsc::channel(QUEUE_JOBS_MAX);
        let jobs: Inbox = Arc::new(Mutex::new(jobs));
        let threads = conns
            .into_iter()
            .map(|conn| {
                let jobs = Arc::clone(&jobs);
                std::thread::Builder::new()
                    .name("store-reader".into())
                    .spawn(move || run(conn, &jobs))
                    .map_err(StoreError::backend)
            })
            .collect::<Out<Vec<_>>>()?;
        Ok(Self { inbox: Mutex::new(Some(inbox)), threads: Mutex::new(threads) })
    }

    pub(crate) async fn read(&self, work: Box<dyn Work>) -> Out<()> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let inbox = inbox.ok_or_else(|| StoreError::Backend("the store is closed".into()))?;
        inbox.send(work).await.map_err(|_| StoreError::Backend("the readers stopped".into()))
    }

    /// Takes no more jobs; the threads end after those they have.
    pub(crate) fn stop(&self) -> Vec<JoinHandle<()>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn run(mut conn: Conn, jobs: &Inbox) {
    loop {
        // The guard is dropped before the job runs, so that the other reader can take the next.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(work) = next else { return };
        job::read_one(&mut conn, work);
    }
}
