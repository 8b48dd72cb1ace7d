//! Probing machines made of folders, with modems that answer from transcripts.

mod machine;
mod one;
mod played;

use crate::find::Roots;
use crate::find::tests::tree::Machine;
use crate::port::{Port, PortError};
use crate::probe::replay::{Replay, Unknown};
use crate::probe::transcript::Transcript;
use cordboard_plugin::{CallError, Page};
use cordboard_testkit::FakeHost;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The folder of the recorded sessions.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts")
}

/// A session by its name.
fn transcript(name: &str) -> Transcript {
    let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    Transcript::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What is behind a port.
#[derive(Clone)]
enum Behind {
    /// A modem that answers from the transcript of this name.
    Modem(&'static str),
    /// A line that says nothing.
    Silence,
    /// A port that does not open.
    Error(PortError),
}

/// A line that takes everything and says nothing.
struct Silent;

#[async_trait::async_trait]
impl Port for Silent {
    async fn write(&mut self, _: &[u8]) -> Result<(), PortError> {
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        std::future::pending().await
    }
}

/// What was opened, in order, and at which speed.
type Opened = Arc<Mutex<Vec<(String, u32)>>>;

/// A machine, and what is behind its ports.
struct Bench {
    machine: Machine,
    behind: BTreeMap<String, Behind>,
    opened: Opened,
    unknown: Arc<Mutex<Vec<Unknown>>>,
}

impl Bench {
    fn new(machine: Machine, behind: &[(&str, Behind)]) -> Self {
        let behind = behind.iter().map(|(name, behind)| (machine.node(name), behind.clone()));
        let behind = behind.collect();
        Self { machine, behind, opened: Opened::default(), unknown: Arc::default() }
    }

    fn roots(&self) -> Roots {
        self.machine.roots()
    }

    fn probe(&self, args: &[&str]) -> Result<Page, CallError> {
        let (behind, opened, unknown) =
            (self.behind.clone(), self.opened.clone(), self.unknown.clone());
        let open = move |path: &str, baud| -> Result<Box<dyn Port>, PortError> {
            opened.lock().unwrap().push((path.to_owned(), baud));
            match behind.get(path) {
                Some(Behind::Modem(name)) => {
                    let replay = Replay::new(&transcript(name));
                    unknown.lock().unwrap().push(replay.unknown());
                    Ok(Box::new(replay))
                }
                Some(Behind::Silence) => Ok(Box::new(Silent)),
                Some(Behind::Error(error)) => Err(error.clone()),
                None => Err(PortError::Missing(path.to_owned())),
            }
        };
        let host = FakeHost::leaping();
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        host.drive(crate::probe::probe_at(&host, &self.roots(), &open, &args))
    }

    /// The commands that a transcript did not know.
    fn unknown(&self) -> Vec<String> {
        let unknown = self.unknown.lock().unwrap();
        unknown.iter().flat_map(|one| one.lock().unwrap().clone()).collect()
    }

    /// The names of the ports that were opened, in order.
    fn opened(&self) -> Vec<String> {
        let opened = self.opened.lock().unwrap();
        opened.iter().map(|(path, _)| self.machine.short(path)).collect()
    }

    /// The page as text, without the machine's folder.
    fn shown(&self, page: &Page) -> String {
        self.machine.short(&shown(page))
    }
}

/// A page as text.
fn shown(page: &Page) -> String {
    let facts = page.facts.iter().map(|(label, value)| format!("{label}: {value}\n"));
    let tables = page.tables.iter().map(|table| {
        let rows = table.rows.iter().inspect(|row| assert_eq!(row.len(), table.columns.len()));
        let rows: String = rows.map(|row| row.join(" | ") + "\n").collect();
        format!("\n## {}\n{}\n{rows}", table.title, table.columns.join(" | "))
    });
    facts.chain(tables).collect()
}

/// Compares with a file beside the transcripts. With `CORDBOARD_TEST_BLESS` set, writes it.
#[track_caller]
fn same_as(name: &str, actual: &str) {
    let path = folder().join(format!("{name}.page"));
    if std::env::var_os("CORDBOARD_TEST_BLESS").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{}:\n{actual}", path.display());
}
