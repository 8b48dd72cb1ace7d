//! Who has a port open.

use super::{Roots, name_of, names_in, said};
use std::path::{Path, PathBuf};

/// A process that has a port open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its name, at most 15 letters (the kernel cuts it).
    pub(crate) name: String,
    /// Its number.
    pub(crate) pid: u32,
}

/// A process that has the port at `path` open; `path` may be one of its further names. `None` when none
/// is to be seen, which for processes of others needs root.
pub(crate) fn holder(roots: &Roots, path: &str) -> Option<Holder> {
    let node = std::fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    let pids = names_in(&roots.proc).into_iter().filter_map(|name| name.parse::<u32>().ok());
    let holds = |pid: &u32| {
        let files = roots.proc.join(pid.to_string()).join("fd");
        names_in(&files).into_iter().any(|file| is_open(&files.join(file), &node))
    };
    let pid = pids.into_iter().find(holds)?;
    Some(Holder { name: name(roots, pid), pid })
}

fn is_open(file: &Path, node: &Path) -> bool {
    std::fs::read_link(file).is_ok_and(|target| target == node)
}

fn name(roots: &Roots, pid: u32) -> String {
    let folder = roots.proc.join(pid.to_string());
    let comm = said(&folder.join("comm"));
    // `comm` is cut at 15 letters; the path of the program is whole where it can be read.
    let program = std::fs::read_link(folder.join("exe")).map(|exe| name_of(&exe));
    program.ok().filter(|program| !comm.is_empty() && program.starts_with(&comm)).unwrap_or(comm)
}
