//! The store's door: what the rest of the bridge calls.

use crate::domain::*;
use crate::error::{OpenError, Out, StoreError};
use crate::job::{self, job};
use crate::key::SealKey;
use crate::lite::Conn;
use crate::open;
use crate::queries::Queries;
use crate::readers::Readers;
use crate::seal::Seal;
use crate::shelf::{self, Shelf};
use crate::writer::Writer;
use cordboard_plugin::{Address, Commit, StatusUpdate, Timestamp};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

const READERS: usize = 2;

/// Which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// An SQLite file; made if missing.
    Sqlite(PathBuf),
    /// Nothing on disk, for tests; always [`StoreOptions::inline`].
    Memory,
}

impl StoreUrl {
    /// Whether there is nothing yet that could have been sealed with a key.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Memory => true,
            Self::Sqlite(path) => std::fs::metadata(path).map_or(true, |meta| meta.len() == 0),
        }
    }
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Which database.
    pub url: StoreUrl,
    /// The bridge's folder; made (0700) if missing.
    pub data_dir: PathBuf,
    /// What credentials are sealed with.
    pub key: SealKey,
    /// Runs every call on the caller's thread, one transaction each, so that a seed replays exactly.
    pub inline: bool,
    /// This program's version, noted in the database.
    pub version: &'static str,
}

/// The store. Clones share one.
///
/// Every method is one transaction. What is written has been fsynced when it returns; after an error
/// nothing of it is there. See [`StoreError`] for what each error asks of the caller.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) seal: Seal,
    pub(crate) shelf: Arc<Shelf>,
    /// Where its files are; none in memory.
    folder: Option<PathBuf>,
    hands: Hands,
    observer: OnceLock<Observer>,
}

/// Told of every committed write.
type Observer = Arc<dyn Fn() + Send + Sync>;

enum Hands {
    Inline(Mutex<Conn>),
    Threads { writer: Writer, readers: Readers },
}

impl Store {
    /// Opens a store and brings it up to date; blocks.
    ///
    /// # Errors
    /// [`OpenError`] says the way out; whatever it is, nothing has been destroyed.
    pub fn open(options: StoreOptions, now: Timestamp) -> Result<Self, OpenError> {
        let StoreOptions { url, data_dir, key, inline, version } = options;
        let in_memory = url == StoreUrl::Memory;
        if !in_memory {
            use std::os::unix::fs::DirBuilderExt as _;
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&data_dir).map_err(
                |e| OpenError::NotWritable { path: data_dir.clone(), reason: e.to_string() },
            )?;
        }
        let seal = Seal::new(&key);
        let conn = open::open(&url, &seal, version, now)?;
        let hands = if inline || in_memory {
            Hands::Inline(Mutex::new(conn))
        } else {
            let connect = move || open::connect(&url).map_err(StoreError::Backend);
            let readers = (0..READERS).map(|_| connect()).collect::<Out<Vec<_>>>()?;
            let readers = Readers::start(readers)?;
            Hands::Threads { writer: Writer::start(conn, connect)?, readers }
        };
        let folder = (!in_memory).then_some(data_dir);
        let shelf = Arc::new(Shelf::new(folder.as_deref()));
        let inner = Inner { seal, shelf, folder, hands, observer: OnceLock::new() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A door for tests: with [`StoreOptions::inline`], `observer` is called after each write, while
    /// nobody else can use the database, so that it can copy the files as a crash would leave them.
    /// It must not call the store. Only the first one counts.
    pub fn observe_writes(&self, observer: Arc<dyn Fn() + Send + Sync>) {
        self.inner.observer.get_or_init(|| observer);
    }

    /// Room left on the disk for our files, in bytes; `None` in memory, or when the system does not say.
    pub fn disk_free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(self.inner.folder.as_deref()?).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Ends: lets the readers finish, commits what waits, moves the log into the file. Calls from now
    /// on fail.
    ///
    /// # Errors
    /// See [`StoreError`]; everything committed is safe all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        match &self.inner.hands {
            Hands::Inline(conn) => {
                job::checkpoint(&mut conn.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Hands::Threads { writer, readers } => {
                // Readers first: an open read would keep the log from being cut.
                readers.stop().into_iter().for_each(join);
                writer.stop().map_or(Ok(()), |thread| {
                    thread.join().unwrap_or_else(|_| {
                        Err(StoreError::Backend("the writer ended in a panic".into()))
                    })
                })
            }
        }
    }

    /// Moves the write-ahead log into the file and cuts it to nothing; after erasures, so that what was
    /// erased is not on the disk any more.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when a read kept it from being cut: try again.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        match &self.inner.hands {
            Hands::Inline(conn) => {
                job::checkpoint(&mut conn.lock().unwrap_or_else(PoisonError::into_inner))
            }
            Hands::Threads { writer, .. } => writer.checkpoint().await,
        }
    }

    /// Does work that waits for the disk, on a thread of its own.
    pub(crate) async fn beside<T, F>(&self, work: F) -> Out<T>
    where
        T: Send + 'static,
        F: FnOnce(&Inner) -> Out<T> + Send + 'static,
    {
        if matches!(self.inner.hands, Hands::Inline(_)) {
            return work(&self.inner);
        }
        let inner = Arc::clone(&self.inner);
        let (back, answer) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("store-shelf".into())
            .spawn(move || {
                if back.send(work(&inner)).is_err() {
                    tracing::debug!("nobody waits for this work on the shelf any more");
                }
            })
            .map_err(StoreError::backend)?;
        answer.await.map_err(|_| StoreError::Backend("the work on the shelf broke off".into()))?
    }

    pub(crate) async fn write<T, F>(&self, work: F) -> Out<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Queries, &Seal) -> Out<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let (job, answer) = job(move |queries| work(queries, &inner.seal));
        match &self.inner.hands {
            Hands::Inline(conn) => {
                let mut conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                job::write_all(&mut conn, vec![job]);
                if let Some(observer) = self.inner.observer.get() {
                    observer();
                }
            }
            Hands::Threads { writer, .. } => writer.write(job).await?,
        }
        answer.await.map_err(|_| StoreError::Backend("the job broke off".into()))?
    }

    pub(crate) async fn read<T, F>(&self, work: F) -> Out<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Queries, &Seal) -> Out<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let (job, answer) = job(move |queries| work(queries, &inner.seal));
        match &self.inner.hands {
            Hands::Inline(conn) => {
                job::read_one(&mut conn.lock().unwrap_or_else(PoisonError::into_inner), job);
            }
            Hands::Threads { readers, .. } => readers.read(job).await?,
        }
        answer.await.map_err(|_| StoreError::Backend("the job broke off".into()))?
    }
}

fn join(thread: std::thread::JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the store ended in a panic");
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// Key of the lane in which a sender's posts at a sink go out.
pub fn delivering_key(sender: &Address, sink: &str) -> String {
    format!("{}|{sink}", sender.reveal())
}

/// Key of the lane in which our texts to one recipient on one line go out.
pub fn replying_key(transport: &str, line: &Address, to: &Address) -> String {
    format!("{transport}|{}|{}", line.reveal(), to.reveal())
}

impl Store {
    /// Voids what dead processes held: lanes, refreshes, timers. Replies whose call was under way become
    /// unclear and are never repeated; open attempts stay for their lane to find. Files of pictures that no
    /// row knows are removed; kept pictures without their file are wanted again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn start_up(&self, owner: &str) -> Result<(), StoreError> {
        let owner = owner.to_owned();
        self.write(move |q, _| q.start_up(&owner)).await?;
        self.want_missing_pictures().await?;
        self.sweep_shelf().await.map(|_| ())
    }

    /// Takes in messages and news about replies. A message whose (account, provider id) is known is left
    /// out. With `claim`, reading lanes of senders with new messages are taken if they are free.
    ///
    /// # Errors
    /// See [`StoreError`]; then the provider must not get its acknowledgement.
    pub async fn take_in(
        &self,
        messages: Vec<NewMessage>,
        statuses: Vec<(String, StatusUpdate)>,
        claim: Option<Claim>,
        now: Timestamp,
    ) -> Result<TakenIn, StoreError> {
        self.write(move |q, _| q.take_in(&messages, &statuses, claim.as_ref(), now)).await
    }

    /// Writes all of `changes`, or nothing.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when `guard` is not ours any more. [`StoreError::Conflict`] when something was
    /// not as expected.
    pub async fn commit(
        &self,
        guard: Option<&Hold>,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        let guard = guard.cloned();
        let offered = shelf::offer(&changes);
        let done = self
            .write(move |q, seal| {
                let applied = q.commit(seal, guard.as_ref(), &changes, now)?;
                Ok((applied, q.unshelve()?))
            })
            .await;
        shelf::take_back(&offered, &done);
        let (applied, gone) = done?;
        // A crash before this leaves files that no row knows: the next start removes them.
        self.remove_files(gone).await;
        Ok(applied)
    }

    /// Commits a plugin instance's state, and what goes out with it. Its messages, statuses and replies go
    /// by `carrier` (by default the instance itself, at no price); a reply's key becomes
    /// `<instance>/<key>`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an expected version does not hold. [`StoreError::TooLarge`] for keys
    /// over 255 bytes or values over 65 536.
    pub async fn state_commit(
        &self,
        instance: &str,
        carrier: Option<Carrier>,
        commit: Commit,
        claim: Option<Claim>,
        now: Timestamp,
    ) -> Result<TakenIn, StoreError> {
        let instance = instance.to_owned();
        self.write(move |q, _| {
            q.state_commit(&instance, carrier.as_ref(), &commit, claim.as_ref(), now)
        })
        .await
    }

    /// Claims up to `rows_max` free lanes that are due, those due longest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim_lanes(
        &self,
        kind: LaneKind,
        claim: Claim,
        rows_max: i64,
        now: Timestamp,
    ) -> Result<Vec<Hold>, StoreError> {
        self.write(move |q, _| q.claim_lanes(kind, &claim, rows_max, now)).await
    }

    /// Prolongs a lease.
    ///
    /// # Errors
    /// [`StoreError::Lost`] when the lane is not ours any more.
    pub async fn renew(&self, hold: &Hold, until: Timestamp) -> Result<(), StoreError> {
        let hold = hold.clone();
        self.write(move |q, _| q.renew(&hold, until)).await
    }

    /// Claims up to `rows_max` timers that are due: instance, key and the time they were set to.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim_timers(
        &self,
        claim: Claim,
        rows_max: i64,
        now: Timestamp,
    ) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
        self.write(move |q, _| q.claim_timers(&claim, rows_max, now)).await
    }

    /// Deletes a timer that has been run, unless it was set to another time meanwhile.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn finish_timer(
        &self,
        instance: &str,
        key: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (instance, key) = (instance.to_owned(), key.to_owned());
        self.write(move |q, _| q.finish_timer(&instance, &key, at)).await
    }

    /// Erases what is older than `limits`; message rows and their keys stay. Files of pictures that no row
    /// knows are removed. [`Store::checkpoint`]
    /// afterwards takes it off the disk.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sweep(&self, limits: SweepLimits, now: Timestamp) -> Result<Swept, StoreError> {
        let swept = self.write(move |q, _| q.sweep(&limits, now)).await?;
        Ok(Swept { files: self.sweep_shelf().await?, ..swept })
    }

    /// Marks accounts at `sink` for relinking whose credential belongs to none of `realms`; counts them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn mark_foreign_realms(
        &self,
        sink: &str,
        realms: &[cordboard_plugin::CredentialKind],
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let (sink, realms) = (sink.to_owned(), realms.to_vec());
        self.write(move |q, _| q.mark_foreign_realms(&sink, &realms, now)).await
    }
}
