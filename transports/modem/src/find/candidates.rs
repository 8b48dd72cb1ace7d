//! Which port to try first. A stick has two to seven; one or two of them answer AT, the others are for
//! measuring, positions or data, and are silent or busy.

use super::{Device, Interface, Kind, PortInfo, Roots, devices};

/// A port that is worth asking, and why in this place of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The port.
    pub(crate) port: PortInfo,
    /// Whether another stick has the same names, so that only its place tells it apart.
    pub(crate) has_twin: bool,
    /// Why it stands where it stands.
    pub(crate) why: &'static str,
}

/// Every port that may be asked without harm, best first within each device: ports of modems and the
/// board's own lines, but no consoles, and no cables with anything else behind them.
pub(crate) fn candidates(roots: &Roots) -> Vec<Candidate> {
    devices(roots).iter().flat_map(Device::candidates).collect()
}

impl Device {
    /// Its ports that may be asked, best first.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let may = |port: &&PortInfo| port.kind != Kind::Adapter && !port.console;
        let mut ranked: Vec<((u8, u8), Candidate)> = self
            .ports
            .iter()
            .filter(may)
            .map(|port| {
                let (rank, why) = rank(self, port);
                let number = port.interface.as_ref().map_or(0, |interface| interface.number);
                ((rank, number), Candidate { port: port.clone(), has_twin: self.has_twin, why })
            })
            .collect();
        // A stable sort: what is equal stays in the order of its names.
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, candidate)| candidate).collect()
    }
}

const COMMANDS: (u8, &str) = (0, "the command port of this maker");
const DATA: (u8, &str) = (1, "the data port, which answers commands while there is no call");
const OTHER: (u8, &str) = (2, "in the order of its interfaces");
const FIRST: (u8, &str) = (3, "the first interface is often for data or measuring");
const NOT_AT: (u8, &str) = (4, "for measuring or positions on this maker's sticks");

fn rank(device: &Device, port: &PortInfo) -> (u8, &'static str) {
    let (Some(usb), Some(interface)) = (&port.usb, &port.interface) else {
        return (0, "the only port");
    };
    if device.ports.len() == 1 {
        return (0, "the only port");
    }
    match (usb.vendor, usb.product) {
        (0x12d1, _) => huawei(interface),
        // Quectel: measuring, positions, commands, data. SIMCom SIM7xxx: the same numbers.
        (0x2c7c, _) | (0x1e0e, 0x9001) => match interface.number {
            2 => COMMANDS,
            3 => DATA,
            0 | 1 => NOT_AT,
            _ => OTHER,
        },
        (0x1199, _) => match interface.number {
            3 => COMMANDS,
            0 | 2 => NOT_AT,
            _ => OTHER,
        },
        _ if port.driver == "cdc_acm" => OTHER,
        _ if interface.number == lowest(device) => FIRST,
        _ => OTHER,
    }
}

/// Huawei says in the interface's protocol what it is for; its numbers differ from stick to stick.
fn huawei(interface: &Interface) -> (u8, &'static str) {
    match interface.class {
        (0xff, 1..=3, 0x02 | 0x12) => COMMANDS,
        (0xff, 1..=3, 0x01 | 0x10) => DATA,
        (0xff, 1..=3, 0x03 | 0x13 | 0x05 | 0x14) => NOT_AT,
        // Old sticks say ff/ff/ff everywhere: their first interface carries data.
        _ if interface.number == 0 => FIRST,
        _ => OTHER,
    }
}

fn lowest(device: &Device) -> u8 {
    let numbers = device.ports.iter().filter_map(|port| port.interface.as_ref());
    numbers.map(|interface| interface.number).min().unwrap_or(0)
}
