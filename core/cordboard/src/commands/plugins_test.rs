//! `plugins test FILE`: the questions that every plugin is asked, to a finished file.

use crate::cli::TestPlugin;
use crate::failure::Failure;
use crate::talk;
use cordboard_engine::{World, loader};
use cordboard_testkit::case::{Asking, Verdict, questions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Where the case is looked for: beside the plugin, then in the present folder.
const CASE: &str = "conformance.toml";

/// Asks everything, a line each, and then says how it went.
pub(super) fn test(order: &TestPlugin) -> Result<(), Failure> {
    let case = case(order)?;
    // A bare name would have the system's folders searched.
    let file = std::path::absolute(&order.file)
        .map_err(|error| Failure::usage(format!("{}: {error}", order.file.display()), ""))?;
    let loaded = loader::load(&file, None, &World::real())
        .map_err(|error| Failure::failed(error.to_string(), ""))?;
    let asked = questions(&case, loaded.plugin)
        .map_err(|problem| Failure::usage(format!("{}: {problem}", case.display()), ""))?;
    // What panics is told in the line of its question.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let sum = ask_all(&asked, Duration::from_secs(order.patience_seconds));
    std::panic::set_hook(hook);
    let Sum { passed, failed, skipped } = sum?;
    talk::data(&format!("{passed} passed, {failed} failed, {skipped} skipped"))?;
    match failed {
        0 if passed == 0 => Err(Failure::failed("nothing could be asked", "")),
        0 => Ok(()),
        _ => Err(Failure::failed(format!("{failed} of {} questions failed", passed + failed), "")),
    }
}

fn case(order: &TestPlugin) -> Result<PathBuf, Failure> {
    let beside = order.file.with_file_name(CASE);
    let tried = match &order.case {
        Some(path) if path.is_dir() => vec![path.join(CASE)],
        Some(path) => vec![path.clone()],
        None => vec![beside, PathBuf::from(CASE)],
    };
    let found = tried.iter().find(|path| path.is_file()).cloned();
    found.ok_or_else(|| {
        let tried: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
        Failure::usage(
            format!("there is no {}", tried.join(", nor ")),
            "it says how the provider talks; CONTRIBUTING.md tells what stands in it",
        )
    })
}

#[derive(Default)]
struct Sum {
    passed: usize,
    failed: usize,
    skipped: usize,
}

fn ask_all(asked: &[Asking], patience: Duration) -> Result<Sum, Failure> {
    let mut sum = Sum::default();
    let mut stuck = false;
    for asking in asked {
        // Said before it is asked: what brings the process down is seen at the end.
        begin(&format!("{}: {} ... ", asking.of, asking.question))?;
        let verdict = match stuck {
            true => Verdict::NotAsked("the plugin is still at the one before".to_owned()),
            false => ask(asking, patience).unwrap_or_else(|| {
                stuck = true;
                Verdict::Failed(format!("no end of it within {} s", patience.as_secs()))
            }),
        };
        match verdict {
            Verdict::Passed => {
                sum.passed += 1;
                talk::data("passed")?;
            }
            Verdict::Failed(why) => {
                sum.failed += 1;
                talk::data("FAILED")?;
                for line in why.lines() {
                    talk::data(&format!("    {line}"))?;
                }
            }
            Verdict::NotAsked(missing) => {
                sum.skipped += 1;
                talk::data(&format!("not asked: {missing}"))?;
            }
        }
    }
    Ok(sum)
}

fn begin(words: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(words.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Failure::failed(format!("cannot write to stdout: {error}"), ""))
}

/// Asks on a thread of its own; `None` when that does not come back. It is left behind then.
fn ask(asking: &Asking, patience: Duration) -> Option<Verdict> {
    let (done, waiting) = channel();
    let asking = asking.clone();
    // Nobody waits any more when it was too slow.
    std::thread::spawn(move || drop(done.send(asking.ask())));
    match waiting.recv_timeout(patience) {
        Ok(verdict) => Some(verdict),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => {
            Some(Verdict::Failed("what was asked is gone without a word".to_owned()))
        }
    }
}
