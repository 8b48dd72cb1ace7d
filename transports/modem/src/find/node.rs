//! The serial ports, one by one.

use super::interface::{Interface, Usb};
use super::{Kind, PortInfo, Roots, name_of, names_in, natural, pointed_to, said, vendors};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How the ports are called that may have a modem behind them.
const NAMES: &[&str] =
    &["ttyUSB", "ttyACM", "ttyHS", "ttyAMA", "ttyS", "ttySC", "ttyO", "ttymxc", "ttyTHS", "ttyMSM"];

/// Folders below `/dev` with names that udev gives; the last is `/dev` itself: udev rules of the
/// operator, and `serial0` of a Raspberry Pi.
const LINKS: &[&str] = &["serial/by-id", "serial/by-path", ""];

pub(super) fn ports(roots: &Roots) -> Vec<PortInfo> {
    let class = roots.sys.join("class/tty");
    let links = links(roots);
    let consoles = said(&class.join("console/active"));
    let mut names: Vec<String> = names_in(&class);
    // Where /sys is not to be seen, the nodes are all there is to go by.
    names.extend(names_in(&roots.dev).into_iter().filter(|name| !name.starts_with("ttyS")));
    names.retain(|name| is_serial(name));
    names.sort_by_key(|name| natural(name));
    names.dedup();
    names
        .into_iter()
        .filter(|name| is_real(&class.join(name)))
        .map(|name| PortInfo {
            console: consoles.split_whitespace().any(|console| console == name),
            links: links.get(&name).cloned().unwrap_or_default(),
            ..read(roots, name)
        })
        .collect()
}

/// Whether a name is one of a port: known letters and then a number.
fn is_serial(name: &str) -> bool {
    NAMES.iter().any(|known| {
        name.strip_prefix(known)
            .is_some_and(|number| !number.is_empty() && number.parse::<u16>().is_ok())
    })
}

/// Whether there is a chip behind a port. PCs have `ttyS` nodes without one; the kernel calls those
/// type 0. Other drivers have no such file.
fn is_real(folder: &Path) -> bool {
    said(&folder.join("type")) != "0"
}

fn read(roots: &Roots, name: String) -> PortInfo {
    let link = roots.sys.join("class/tty").join(&name).join("device");
    let device = std::fs::canonicalize(link).unwrap_or_default();
    let parents: Vec<&Path> = device.ancestors().collect();
    let interface = parents.iter().find_map(|folder| Interface::read(folder));
    let usb = parents.iter().find_map(|folder| Some((Usb::read(folder)?, name_of(folder))));
    let node = roots.dev.join(&name);
    // A port of a serial chip has a driver of its own; one of cdc_acm is the interface itself.
    let driver = pointed_to(&device.join("driver"));
    let (usb, place) = usb.map_or((None, name_of(&device)), |(usb, place)| (Some(usb), place));
    PortInfo {
        kind: kind(&name, &driver, usb.as_ref()),
        path: node.display().to_string(),
        shown: node.exists(),
        place: if place.is_empty() { name.clone() } else { place },
        links: Vec::new(),
        console: false,
        name,
        driver,
        usb,
        interface,
    }
}

fn kind(name: &str, driver: &str, usb: Option<&Usb>) -> Kind {
    let by_name = name.starts_with("ttyHS");
    match usb {
        Some(usb) if usb.maker().is_some() => Kind::Modem,
        _ if by_name || vendors::is_modem_driver(driver) => Kind::Modem,
        Some(_) => Kind::Adapter,
        None if name.starts_with("ttyUSB") || name.starts_with("ttyACM") => Kind::Adapter,
        None => Kind::Board,
    }
}

/// The further names of each port, by its kernel's name.
fn links(roots: &Roots) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in LINKS {
        let folder: PathBuf = roots.dev.join(folder);
        for name in names_in(&folder) {
            let link = folder.join(name);
            let target = pointed_to(&link);
            if is_serial(&target) {
                found.entry(target).or_default().push(link.display().to_string());
            }
        }
    }
    found
}
