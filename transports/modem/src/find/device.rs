//! Devices: a stick with all its ports, or one line of the board.

use super::interface::{self, Interface, Usb};
use super::{PortInfo, Roots, name_of, names_in, ports};

/// Something that may be a modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// Where it sits: `1-1.4` on USB, else the name of the serial chip.
    pub(crate) place: String,
    /// Who made it, when it is on USB.
    pub(crate) usb: Option<Usb>,
    /// All its interfaces, those that became no port too.
    pub(crate) interfaces: Vec<Interface>,
    /// Its serial ports, by name.
    pub(crate) ports: Vec<PortInfo>,
    /// Whether there is another device that cannot be told from this one but by its place.
    pub(crate) has_twin: bool,
}

/// In what shape a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It has serial ports.
    Ports,
    /// It still shows itself as a drive with its Windows driver on it.
    Storage,
    /// It is a router with a network card; nothing in it speaks AT to us (Huawei calls that HiLink).
    Router,
    /// It has only a control port for MBIM or QMI.
    Control,
    /// It has interfaces of its own kind that no driver took.
    Driverless,
    /// None of these.
    Unknown,
}

impl Device {
    /// In what shape it is.
    pub(crate) fn state(&self) -> State {
        let any = |is: fn(&Interface) -> bool| self.interfaces.iter().any(is);
        if !self.ports.is_empty() {
            State::Ports
        } else if any(|interface| !interface.controls.is_empty()) {
            State::Control
        } else if any(|interface| !interface.nets.is_empty()) {
            State::Router
        } else if any(Interface::is_unclaimed) {
            State::Driverless
        } else if any(Interface::is_storage) {
            State::Storage
        } else {
            State::Unknown
        }
    }

    /// Words for people.
    pub(crate) fn words(&self) -> String {
        let board = || format!("serial line of this machine ({})", self.place);
        self.usb.as_ref().map_or_else(board, Usb::words)
    }
}

/// All devices: those with serial ports, and those of makers of modems that have none.
pub(crate) fn devices(roots: &Roots) -> Vec<Device> {
    let mut found = sticks(roots);
    for port in ports(roots) {
        match found.iter_mut().find(|device| device.place == port.place) {
            Some(device) => device.ports.push(port),
            None => found.push(Device {
                place: port.place.clone(),
                usb: port.usb.clone(),
                interfaces: port.interface.clone().into_iter().collect(),
                ports: vec![port],
                has_twin: false,
            }),
        }
    }
    found.retain(|device| !device.ports.is_empty() || device.state() != State::Unknown);
    let usbs: Vec<Option<Usb>> = found.iter().map(|device| device.usb.clone()).collect();
    for device in &mut found {
        let same = usbs.iter().filter(|usb| usb.is_some() && **usb == device.usb);
        device.has_twin = same.count() > 1;
    }
    found
}

/// USB devices of makers of modems, with no ports yet.
fn sticks(roots: &Roots) -> Vec<Device> {
    let bus = roots.sys.join("bus/usb/devices");
    let folders = names_in(&bus).into_iter().filter(|name| !name.contains(':'));
    let folders = folders.filter_map(|name| std::fs::canonicalize(bus.join(name)).ok());
    let sticks = folders.filter_map(|folder| {
        let usb = Usb::read(&folder).filter(|usb| usb.maker().is_some())?;
        Some(Device {
            place: name_of(&folder),
            usb: Some(usb),
            interfaces: interface::interfaces(&folder),
            ports: Vec::new(),
            has_twin: false,
        })
    });
    sticks.collect()
}
