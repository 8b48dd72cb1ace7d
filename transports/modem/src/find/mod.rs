//! Which serial ports there are, what is behind them, and who holds them (Linux: sysfs and procfs).
//!
//! Everything here reads small files of the kernel by `std::fs`, which blocks, but for less than a
//! millisecond each: they are answered from memory. Nothing is opened that a modem would notice.
//!
//! Not everything that is wrong has a port to ask: a stick that still shows itself as a CD drive, or
//! that is a router of its own, has none. [`advice`] names those;
//! [`why`] and [`silent`] say why a port does not open or does not answer.

mod access;
mod candidates;
mod device;
mod holder;
mod interface;
mod node;
mod trouble;
mod vendors;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use candidates::{Candidate, candidates};
pub(crate) use device::{Device, State, devices};
pub(crate) use interface::{Interface, Usb};
pub(crate) use trouble::{Problem, advice, silent, why};

use std::path::{Path, PathBuf};

/// Where the kernel shows its devices and processes. Tests put small trees of their own here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roots {
    /// Device nodes and the names that udev gave them.
    pub(crate) dev: PathBuf,
    /// Devices, their drivers and their places on the bus.
    pub(crate) sys: PathBuf,
    /// Processes and their open files.
    pub(crate) proc: PathBuf,
    /// The file with the names of groups.
    pub(crate) groups: PathBuf,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            dev: "/dev".into(),
            sys: "/sys".into(),
            proc: "/proc".into(),
            groups: "/etc/group".into(),
        }
    }
}

/// One serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PortInfo {
    /// The kernel's name, `ttyUSB2`. It may be another one after the next reset.
    pub(crate) name: String,
    /// Its node, `/dev/ttyUSB2`.
    pub(crate) path: String,
    /// Further names of the node, below `/dev`: those by id, by place and of udev rules.
    pub(crate) links: Vec<String>,
    /// The driver, `option1`, `cdc_acm`; empty when the kernel names none.
    pub(crate) driver: String,
    /// Where its device sits, `1-1.4` or `fe201000.serial`; ports of one stick share it.
    pub(crate) place: String,
    /// The stick, when it is one.
    pub(crate) usb: Option<Usb>,
    /// The interface of the stick that this port is.
    pub(crate) interface: Option<Interface>,
    /// What it is likely to be.
    pub(crate) kind: Kind,
    /// Whether the node is there. A service with `PrivateDevices=` and a container see the device in
    /// `/sys` but are not given its node.
    pub(crate) shown: bool,
    /// Whether the kernel writes its messages there, and a login waits there.
    pub(crate) console: bool,
}

/// What a port is likely to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A port of a modem: the maker makes modems, or the driver is one for modems.
    Modem,
    /// A cable or board with a serial chip: what is behind it cannot be seen from here.
    Adapter,
    /// The machine's own serial line: a HAT, or a console.
    Board,
}

impl PortInfo {
    /// The name to put into the configuration: one that stays the same over resets and restarts, if
    /// there is one. `ambiguous` names are those that a second stick of the same kind would take too.
    pub(crate) fn stable_name(&self, ambiguous: bool) -> &str {
        let by = |folder: &str| self.links.iter().find(|link| link.contains(folder));
        let own = self.links.iter().find(|link| !link.contains("/serial/by-"));
        let id = by("/serial/by-id/").filter(|_| !ambiguous);
        own.or(id).or_else(|| by("/serial/by-path/")).map_or(&self.path, String::as_str)
    }
}

/// Every serial port that can be a modem, by name.
pub(crate) fn ports(roots: &Roots) -> Vec<PortInfo> {
    node::ports(roots)
}

/// The end of a path, as text.
fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What a file of the kernel says, without the line end; empty when it is not there.
fn said(path: &Path) -> String {
    // Manufacturers put anything into their strings, so what is not UTF-8 is replaced.
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// The name of what a link of the kernel points to, such as a driver; empty when there is none.
fn pointed_to(link: &Path) -> String {
    std::fs::read_link(link).map(|target| name_of(&target)).unwrap_or_default()
}

/// The names in a folder, in an order in which `ttyUSB2` stands before `ttyUSB10`.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| name_of(&entry.path())).collect();
    names.sort_by_key(|name| natural(name));
    names
}

/// A name as its letters and the number at its end.
fn natural(name: &str) -> (String, u32) {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (letters.to_owned(), name[letters.len()..].parse().unwrap_or(0))
}
