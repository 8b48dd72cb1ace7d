//! `cordboard modem probe`: what is plugged in, and what it can do.
//!
//! ```text
//! cordboard modem probe                       every port that may be asked without harm
//! cordboard modem probe PORT                  one port in detail, whatever is behind it
//! cordboard modem probe PORT --baud 9600      at another speed than 115200
//! cordboard modem probe PORT --record FILE    the session too, blanked, as a transcript
//! cordboard modem probe --replay FILE         what a transcript says, as if its modem were here
//! ```
//!
//! Each port is opened for itself alone, asked for at most [`PORT_MS_MAX`], and closed again. Nothing is
//! changed that would stay; see `ask`. Only a recording goes on and does what the bridge does at its
//! start, without a PIN, so that the transcript can be played back to a bridge.

mod arguments;
mod ask;
mod mask;
mod meaning;
mod page;
mod record;
mod replay;
mod transcript;

#[cfg(test)]
mod tests;

use crate::at::{AtError, Channel};
use crate::find::{self, Candidate, Problem, Roots};
use crate::line::start_up;
use crate::port::{Port, PortError, SerialPort};
use arguments::Arguments;
use ask::Said;
use cordboard_plugin::{CallError, Host, Page, Trouble};
use futures_util::future::select;
use record::{Record, Recording};
use replay::Replay;
use std::io::{Read, Write};
use std::path::Path;
use std::pin::pin;
use std::sync::PoisonError;
use transcript::Transcript;

/// How long one port may be asked, in milliseconds.
pub(crate) const PORT_MS_MAX: i64 = 20_000;

/// Opens a port by its path, at a speed.
pub(crate) type Open = dyn Fn(&str, u32) -> Result<Box<dyn Port>, PortError> + Send + Sync;

/// What came of asking one port.
enum Outcome {
    /// A modem answered.
    Modem(Said),
    /// None did, for this reason.
    Problem(Problem),
}

/// Looks at this machine, or at the one port that `args` name.
///
/// # Errors
/// [`CallError::Operator`] when the arguments make no sense or the transcript cannot be written.
pub(crate) async fn probe(host: &dyn Host, args: &[String]) -> Result<Page, CallError> {
    let open = |path: &str, baud| -> Result<Box<dyn Port>, PortError> {
        Ok(Box::new(SerialPort::open(path, baud)?))
    };
    probe_at(host, &Roots::default(), &open, args).await
}

/// The same, on a machine that is given.
async fn probe_at(
    host: &dyn Host,
    roots: &Roots,
    open: &Open,
    args: &[String],
) -> Result<Page, CallError> {
    let arguments = Arguments::read(args).map_err(wrong)?;
    if let Some(file) = &arguments.replay {
        return played(host, roots, file).await;
    }
    match &arguments.port {
        Some(port) => one(host, roots, open, &arguments, &in_dev(roots, port)).await,
        None => Ok(all(host, roots, open, arguments.baud).await),
    }
}

fn wrong(what: String) -> CallError {
    CallError::operator(Trouble::Setting, what)
}

/// A path as it was given, or the node of a bare name.
fn in_dev(roots: &Roots, port: &str) -> String {
    if port.contains('/') { port.to_owned() } else { roots.dev.join(port).display().to_string() }
}

/// Every port that may be asked; within a stick only until one answers, since the others are the same
/// modem.
async fn all(host: &dyn Host, roots: &Roots, open: &Open, baud: u32) -> Page {
    let mut asked: Vec<(Candidate, Outcome)> = Vec::new();
    for candidate in find::candidates(roots) {
        let place = &candidate.port.place;
        let answered = asked.iter().any(|(before, outcome)| {
            before.port.place == *place && matches!(outcome, Outcome::Modem(_))
        });
        if answered || !candidate.port.shown {
            continue;
        }
        let outcome = ask_port(host, roots, open, &candidate.port.path, baud, None).await;
        asked.push((candidate, outcome));
    }
    page::of_machine(roots, &asked)
}

/// One port, whatever is behind it.
async fn one(
    host: &dyn Host,
    roots: &Roots,
    open: &Open,
    arguments: &Arguments,
    path: &str,
) -> Result<Page, CallError> {
    let record = arguments.record.as_ref().map(|_| Record::default());
    let outcome = ask_port(host, roots, open, path, arguments.baud, record.clone()).await;
    let mut page = page::of_port(roots, path, &outcome);
    if let (Some(file), Some(record)) = (&arguments.record, record) {
        let transcript = record.transcript(comments(path, &outcome)).to_string();
        write_new(Path::new(file), &transcript)
            .map_err(|error| wrong(format!("{file} cannot be written: {error}")))?;
        page.facts
            .push(("transcript".to_owned(), format!("{file}, blanked; look before you share")));
    }
    Ok(page)
}

/// What a transcript says. No port is opened.
async fn played(host: &dyn Host, roots: &Roots, file: &str) -> Result<Page, CallError> {
    let text = read_bounded(Path::new(file))
        .map_err(|error| wrong(format!("{file} cannot be read: {error}")))?;
    let transcript = Transcript::parse(&text).map_err(|error| wrong(format!("{file}: {error}")))?;
    let replay = Replay::new(&transcript);
    let unknown = replay.unknown();
    let outcome = ask_open(host, roots, file, Box::new(replay), false).await;
    let mut page = page::of_port(roots, file, &outcome);
    let comments = transcript.comments.iter().map(|comment| ("says".to_owned(), comment.clone()));
    page.facts.extend(comments.filter(|(_, comment)| !comment.is_empty()));
    let unknown = unknown.lock().unwrap_or_else(PoisonError::into_inner).join(", ");
    if !unknown.is_empty() {
        page.facts.push(("not in the transcript".to_owned(), unknown));
    }
    Ok(page)
}

/// Longest transcript that is read, in bytes.
const TRANSCRIPT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Reads a text file that is not too long.
fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(TRANSCRIPT_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// What a transcript says about itself.
fn comments(path: &str, outcome: &Outcome) -> Vec<String> {
    let what = match outcome {
        Outcome::Modem(said) => meaning::modem(said).name,
        Outcome::Problem(problem) => problem.line(),
    };
    vec![
        format!("cordboard modem probe {path}: {what}"),
        "Digits of numbers and identities but the last two are 0; names and texts are x."
            .to_owned(),
    ]
}

/// Writes a file that must not be there yet.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

async fn ask_port(
    host: &dyn Host,
    roots: &Roots,
    open: &Open,
    path: &str,
    baud: u32,
    record: Option<Record>,
) -> Outcome {
    let port: Box<dyn Port + '_> = match open(path, baud) {
        Ok(port) => port,
        Err(error) => return Outcome::Problem(find::why(roots, path, &error)),
    };
    let recorded = record.is_some();
    let port = match record {
        Some(record) => Box::new(Recording::new(port, host, record)),
        None => port,
    };
    ask_open(host, roots, path, port, recorded).await
}

/// Asks the modem behind an open port; when it is recorded, starts it up too.
async fn ask_open<'h>(
    host: &'h dyn Host,
    roots: &Roots,
    path: &str,
    port: Box<dyn Port + 'h>,
    recorded: bool,
) -> Outcome {
    let mut channel = Channel::new(port, host);
    let mut said = Said::default();
    within(host, ask::ask(&mut channel, &mut said)).await;
    if said.is_modem() {
        if recorded {
            // What came of it is in the record.
            within(host, start_up(&mut channel, host, ask::SYNC_MS, None)).await;
        }
        return Outcome::Modem(said);
    }
    Outcome::Problem(match said.ended {
        Some(AtError::Port(error)) => find::why(roots, path, &error),
        _ => find::silent(roots, path),
    })
}

/// Does `work` for as long as one port may take; what is not done by then is dropped.
async fn within<T>(host: &dyn Host, work: impl Future<Output = T>) {
    let until = host.now().plus_millis(PORT_MS_MAX);
    select(pin!(work), pin!(host.sleep_until(until))).await;
}
