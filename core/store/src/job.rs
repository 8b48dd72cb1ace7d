//! A piece of work for a connection, and the way its answer goes back.

use crate::error::{Out, StoreError};
use crate::lite::Conn;
use crate::queries::Queries;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// Work that can be run once, or be told that it will not be.
pub(crate) trait Work: Send {
    fn run(self: Box<Self>, queries: &mut dyn Queries) -> Ran;
    fn fail(self: Box<Self>, error: StoreError);
}

/// Hands the answer to whoever waits; an error from the commit takes its place.
pub(crate) type Answer = Box<dyn FnOnce(Option<&StoreError>) + Send>;

/// What running came to.
pub(crate) enum Ran {
    /// Commit what it wrote, then answer.
    Keep(Answer),
    /// Roll back what it wrote, then answer.
    Undo(Answer),
}

struct Job<F, T> {
    work: F,
    back: oneshot::Sender<Out<T>>,
}

/// Makes a job, and the end at which its answer arrives.
pub(crate) fn job<T, F>(work: F) -> (Box<dyn Work>, oneshot::Receiver<Out<T>>)
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Queries) -> Out<T> + Send + 'static,
{
    let (back, answer) = oneshot::channel();
    (Box::new(Job { work, back }), answer)
}

impl<F, T> Work for Job<F, T>
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Queries) -> Out<T> + Send + 'static,
{
    fn run(self: Box<Self>, queries: &mut dyn Queries) -> Ran {
        let Self { work, back } = *self;
        match work(queries) {
            Ok(value) => Ran::Keep(Box::new(move |failed| {
                answer(back, failed.map_or(Ok(value), |error| Err(error.clone())));
            })),
            Err(error) => Ran::Undo(Box::new(move |_| answer(back, Err(error)))),
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        answer(self.back, Err(error));
    }
}

fn answer<T>(back: oneshot::Sender<Out<T>>, result: Out<T>) {
    if back.send(result).is_err() {
        // The caller stopped waiting; what was committed stays committed.
        tracing::debug!("nobody waits for this answer any more");
    }
}

/// Why a savepoint was left.
enum Left {
    Undone,
    Broken(StoreError),
}

impl From<diesel::result::Error> for Left {
    fn from(error: diesel::result::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Runs jobs in one transaction, each in a savepoint of its own, and answers after the commit.
/// Returns whether the connection can be used further.
pub(crate) fn write_all(conn: &mut Conn, jobs: Vec<Box<dyn Work>>) -> bool {
    let mut waiting = jobs.into_iter();
    let mut answers = Vec::new();
    let committed = conn.immediate_transaction(|conn| {
        for job in waiting.by_ref() {
            write_one(conn, job, &mut answers)?;
        }
        Ok::<(), StoreError>(())
    });
    let failed = committed.err();
    if let Some(error) = &failed {
        tracing::error!(error = %error, "a batch was not committed");
    }
    for answer in answers {
        answer(failed.as_ref());
    }
    let Some(error) = failed else { return true };
    for job in waiting {
        job.fail(error.clone());
    }
    // A lock held by somebody else leaves the connection sound; anything else may not.
    error == StoreError::Busy
}

fn write_one(conn: &mut Conn, job: Box<dyn Work>, answers: &mut Vec<Answer>) -> Out<()> {
    let left = conn.transaction(|conn| match catch_unwind(AssertUnwindSafe(|| job.run(conn))) {
        Ok(Ran::Keep(answer)) => {
            answers.push(answer);
            Ok(())
        }
        Ok(Ran::Undo(answer)) => {
            answers.push(answer);
            Err(Left::Undone)
        }
        Err(_) => {
            // Its caller learns of it because the other end of the answer is gone.
            tracing::error!("a job of the store panicked; what it wrote is rolled back");
            Err(Left::Undone)
        }
    });
    match left {
        Ok(()) | Err(Left::Undone) => Ok(()),
        Err(Left::Broken(error)) => Err(error),
    }
}

/// Runs a job that only reads, on one snapshot.
pub(crate) fn read_one(conn: &mut Conn, job: Box<dyn Work>) {
    let mut job = Some(job);
    let mut answers = Vec::new();
    let done = conn
        .transaction(|conn| job.take().map_or(Ok(()), |job| write_one(conn, job, &mut answers)));
    let failed: Option<StoreError> = done.err();
    for answer in answers {
        answer(failed.as_ref());
    }
    if let (Some(job), Some(error)) = (job, failed) {
        job.fail(error);
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// Moves the write-ahead log into the database file and cuts it to nothing.
pub(crate) fn checkpoint(conn: &mut Conn) -> Out<()> {
    let row: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
    if row.busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
}

/// Sets what every connection needs. What SQLite keeps for the length of a statement stays in memory:
/// nobody's words go into a file outside the data folder, and there may be no folder for such files.
pub(crate) fn set_pragmas(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SealKey;
    use crate::seal::Seal;
    use crate::store::StoreUrl;
    use cordboard_plugin::Timestamp;

    fn conn() -> Conn {
        let seal = Seal::new(&SealKey::new([7; 32]));
        crate::open::open(&StoreUrl::Memory, &seal, "0", Timestamp(0)).unwrap()
    }

    #[test]
    fn a_panicking_job_is_rolled_back_and_its_neighbours_are_committed() {
        let mut conn = conn();
        let (first, mut first_answer) = job(|q| q.set_fact("first", "1"));
        let (broken, mut broken_answer) = job(|q| -> Out<()> {
            q.set_fact("broken", "1")?;
            panic!("on purpose");
        });
        let (last, mut last_answer) = job(|q| q.set_fact("last", "1"));
        assert!(write_all(&mut conn, vec![first, broken, last]));
        assert_eq!(first_answer.try_recv(), Ok(Ok(())));
        assert!(broken_answer.try_recv().is_err());
        assert_eq!(last_answer.try_recv(), Ok(Ok(())));
        assert_eq!(conn.fact("broken"), Ok(None));
        assert_eq!(conn.fact("last"), Ok(Some("1".into())));
    }

    #[test]
    fn a_read_that_panics_leaves_the_connection_usable() {
        let mut conn = conn();
        let (broken, mut broken_answer) = job(|_| -> Out<()> { panic!("on purpose") });
        read_one(&mut conn, broken);
        assert!(broken_answer.try_recv().is_err());
        let (good, mut answer) = job(|q| q.fact("opened.by"));
        read_one(&mut conn, good);
        assert_eq!(answer.try_recv(), Ok(Ok(Some("0".into()))));
    }
    #[test]
    fn a_full_disk_is_named_and_only_those_stored_are_told_so() {
        let mut conn = conn();
        #[derive(QueryableByName)]
        struct Pages {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            page_count: i32,
        }
        let pages: Pages = diesel::sql_query("PRAGMA page_count").get_result(&mut conn).unwrap();
        let limit = |conn: &mut Conn, pages: i32| {
            conn.batch_execute(&format!("PRAGMA max_page_count = {pages}")).unwrap();
        };
        limit(&mut conn, pages.page_count + 2);
        let (small, mut small_answer) = job(|q| q.set_fact("small", "1"));
        let (large, mut large_answer) = job(|q| q.set_fact("large", &"x".repeat(100_000)));
        write_all(&mut conn, vec![small, large]);
        assert_eq!(large_answer.try_recv(), Ok(Err(StoreError::Full)));
        let told = small_answer.try_recv().unwrap();
        let there = conn.fact("small").unwrap().is_some();
        assert_eq!(told.is_ok(), there, "whoever was told so is stored, and nobody else");
        assert_eq!(conn.fact("large"), Ok(None));
        limit(&mut conn, 1_000_000);
        let (again, mut answer) = job(|q| q.set_fact("again", "1"));
        assert!(write_all(&mut conn, vec![again]));
        assert_eq!(answer.try_recv(), Ok(Ok(())));
    }

    #[test]
    fn every_connection_is_durable_and_erases_what_it_deletes() {
        #[derive(QueryableByName)]
        struct Set {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            value: i32,
        }
        let mut conn = conn();
        // synchronous 2 is FULL, temp_store 2 is MEMORY.
        for (name, expected) in [
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("secure_delete", 1),
            ("temp_store", 2),
            ("busy_timeout", 5000),
        ] {
            let column = if name == "busy_timeout" { "timeout" } else { name };
            let sql = format!("SELECT {column} AS value FROM pragma_{name}");
            let set: Set = diesel::sql_query(sql).get_result(&mut conn).unwrap();
            assert_eq!(set.value, expected, "{name}");
        }
    }
}
