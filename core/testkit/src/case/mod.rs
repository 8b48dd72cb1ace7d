//! Cases written down in a TOML file, for plugins of which there is nothing but a file.
//!
//! An author describes the provider once, in `conformance.toml` and fixtures beside it. The crate's own
//! tests ask the linked plugin with it ([`transport`], [`sink`]), and `cordboard plugins test` asks the
//! finished file ([`questions`]). What may stand in the file is told in CONTRIBUTING.md.

mod file;
mod fixture;
mod signature;
mod sink;
mod transport;

pub use sink::SinkFile;
pub use transport::TransportFile;

use crate::conformance::{self, Question, said};
use cordboard_plugin::PluginDef;
use file::CaseFile;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The answer was right.
    Passed,
    /// It was not, and why.
    Failed(String),
    /// The case does not say what is needed to ask; what is missing.
    NotAsked(String),
}

/// One question to one case.
#[derive(Clone)]
pub struct Asking {
    /// Whom: the kind, or the case's own name.
    pub of: String,
    /// The question: a sentence.
    pub question: String,
    ask: Arc<dyn Fn() + Send + Sync>,
}

impl Asking {
    /// Asks. A panic, the plugin's too, is a wrong answer.
    pub fn ask(&self) -> Verdict {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.ask)())) else {
            return Verdict::Passed;
        };
        match panic.downcast_ref::<NotAsked>() {
            Some(NotAsked(missing)) => Verdict::NotAsked(missing.clone()),
            None => Verdict::Failed(said(&*panic).unwrap_or_else(|| "it panicked".to_owned())),
        }
    }

    fn missing(of: &str, question: &str, what: String) -> Self {
        let ask = Arc::new(move || not_asked(what.clone()));
        Self { of: of.to_owned(), question: question.to_owned(), ask }
    }
}

/// Thrown by a case that cannot make what a question needs.
struct NotAsked(String);

/// Leaves the question that is being asked; it is no answer.
fn not_asked(missing: impl Into<String>) -> ! {
    resume_unwind(Box::new(NotAsked(missing.into())))
}

/// The case of a transport kind, for a test of its crate. What the case does not say fails the tests
/// that need it.
///
/// # Panics
/// When there is no such case in the file, with what is wrong.
#[track_caller]
pub fn transport(path: &str, plugin: &'static PluginDef, kind: &str) -> TransportFile {
    read(path, |file| {
        let table = file.transport.iter().find(|table| table.kind == kind);
        let table = table.ok_or_else(|| format!("it has no transport of the kind `{kind}`"))?;
        TransportFile::new(table.clone(), file.folder(), plugin)
    })
}

/// The case of a sink kind, for a test of its crate.
///
/// # Panics
/// As [`transport`].
#[track_caller]
pub fn sink(path: &str, plugin: &'static PluginDef, kind: &str) -> SinkFile {
    read(path, |file| {
        let table = file.sink.iter().find(|table| table.kind == kind);
        let table = table.ok_or_else(|| format!("it has no sink of the kind `{kind}`"))?;
        SinkFile::new(table.clone(), file.folder(), plugin)
    })
}

#[track_caller]
#[expect(clippy::panic, reason = "a case that cannot be read must fail its test")]
fn read<T>(path: &str, make: impl FnOnce(&CaseFile) -> Result<T, String>) -> T {
    match CaseFile::read(Path::new(path)).and_then(|file| make(&file)) {
        Ok(case) => case,
        Err(problem) => panic!("{path}: {problem}"),
    }
}

/// All questions to the kinds of `plugin`, as the file at `path` describes them.
///
/// # Errors
/// What is wrong with the file.
pub fn questions(path: &Path, plugin: &'static PluginDef) -> Result<Vec<Asking>, String> {
    let file = CaseFile::read(path)?;
    let mut all = Vec::new();
    for table in &file.transport {
        let case = Arc::new(TransportFile::new(table.clone(), file.folder(), plugin)?);
        all.extend(of_transport(table.name.as_ref().unwrap_or(&table.kind), &case));
    }
    for table in &file.sink {
        let case = Arc::new(SinkFile::new(table.clone(), file.folder(), plugin)?);
        all.extend(of_sink(table.name.as_ref().unwrap_or(&table.kind), &case));
    }
    let transports = plugin.transports.iter().map(|kind| ("transport", kind.kind));
    let sinks = plugin.sinks.iter().map(|kind| ("sink", kind.kind));
    for (what, kind) in transports.chain(sinks) {
        if !file.kinds().any(|described| described == (what, kind)) {
            let missing = format!("no [[{what}]] of the kind `{kind}` in {}", path.display());
            all.push(Asking::missing(kind, "anything", missing));
        }
    }
    Ok(all)
}

fn of_transport(of: &str, case: &Arc<TransportFile>) -> Vec<Asking> {
    use conformance::{
        DeviceCase, ReportCase, TransportCase, device_questions, receive_questions,
        report_questions, send_questions,
    };
    let mut all = Vec::new();
    if case.instance().capabilities().webhook {
        all.extend(asked(of, case, receive_questions(), |case| case as &dyn TransportCase));
        all.extend(asked(of, case, report_questions(), |case| case as &dyn ReportCase));
    } else {
        all.extend(asked(of, case, device_questions(), |case| case as &dyn DeviceCase));
    }
    all.extend(asked(of, case, send_questions(), |case| case as &dyn TransportCase));
    all
}

fn of_sink(of: &str, case: &Arc<SinkFile>) -> Vec<Asking> {
    use conformance::{SinkCase, plan_questions, publish_questions, upload_questions};
    let mut rooms = vec![plan_questions(), publish_questions()];
    if !case.instance().capabilities().media_types.is_empty() {
        rooms.push(upload_questions());
    }
    let rooms = rooms.into_iter();
    rooms.flat_map(|room| asked(of, case, room, |case| case as &dyn SinkCase)).collect()
}

/// The questions of a room, each with the case it is asked of.
fn asked<F: Send + Sync + 'static, C: ?Sized + 'static>(
    of: &str,
    case: &Arc<F>,
    room: Vec<Question<C>>,
    as_case: for<'a> fn(&'a F) -> &'a C,
) -> Vec<Asking> {
    let one = |Question { name, ask }: Question<C>| {
        let case = case.clone();
        let ask = Arc::new(move || ask(as_case(&case)));
        Asking { of: of.to_owned(), question: name.replace('_', " "), ask }
    };
    room.into_iter().map(one).collect()
}
