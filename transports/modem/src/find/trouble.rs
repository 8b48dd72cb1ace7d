//! What is wrong, in words, and what to do about it.

use super::access::{self, Access};
use super::holder::{Holder, holder};
use super::{Device, Kind, PortInfo, Roots, State, devices, ports};
use crate::port::PortError;
use cordboard_plugin::Finding;
use std::path::Path;

/// Something that keeps a modem from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A stick that has no port we could use.
    Unusable {
        /// What it calls itself.
        device: String,
        /// Vendor and product, `12d1:1f01`.
        ids: String,
        /// Why.
        state: State,
    },
    /// The kernel writes its messages to this line.
    Console {
        /// The port.
        path: String,
    },
    /// We may not open the port.
    Refused {
        /// The port.
        path: String,
        /// Who may; `None` when even that cannot be seen.
        access: Option<Access>,
    },
    /// Somebody else has it.
    Held {
        /// The port.
        path: String,
        /// Who; `None` when that cannot be seen.
        by: Option<Holder>,
        /// Vendor of the stick, `12d1`.
        vendor: Option<String>,
    },
    /// The kernel has the port, but this process is not shown it.
    Hidden {
        /// The port.
        path: String,
    },
    /// There is no such port.
    Missing {
        /// The port.
        path: String,
        /// The ports there are.
        there: Vec<String>,
    },
    /// It opens, and nothing answers.
    Silent {
        /// The port.
        path: String,
        /// Whether it is the board's own line and not on USB.
        board: bool,
    },
    /// It was open and went away.
    Gone {
        /// The port.
        path: String,
    },
    /// What is there is no serial line.
    NotSerial {
        /// The path.
        path: String,
    },
    /// There is not one serial port.
    Nothing,
}

/// Why a port could not be opened, or was lost.
pub(crate) fn why(roots: &Roots, path: &str, error: &PortError) -> Problem {
    match error {
        PortError::Busy(_) => held(roots, path),
        PortError::Refused(_) => refused(roots, path),
        PortError::Missing(_) => missing(roots, path),
        PortError::Gone(_) => Problem::Gone { path: path.to_owned() },
    }
}

/// What is wrong with this machine's devices, without opening any of them. What is wrong with the
/// board's own lines is said only where no stick could be used instead: most of them are meant for
/// something else.
pub(crate) fn advice(roots: &Roots) -> Vec<Problem> {
    let devices = devices(roots);
    let shown = devices.iter().flat_map(|device| &device.ports).filter(|port| port.shown);
    let has_stick = shown.clone().any(|port| port.kind == Kind::Modem);
    let has_port = shown.clone().any(|port| !port.console);
    let mut found: Vec<Problem> = devices.iter().filter_map(unusable).collect();
    found.extend(devices.iter().filter_map(|device| hidden(device, has_port)));
    if !has_stick {
        let consoles = shown.filter(|port| port.console);
        found.extend(consoles.map(|port| Problem::Console { path: port.path.clone() }));
    }
    if devices.iter().all(|device| device.ports.is_empty()) && found.is_empty() {
        found.push(Problem::Nothing);
    }
    found
}

/// A device of which this process is shown no port.
fn hidden(device: &Device, has_port: bool) -> Option<Problem> {
    let first = device.candidates().into_iter().next()?.port;
    let matters = first.kind == Kind::Modem || !has_port;
    let is_hidden = matters && device.ports.iter().all(|port| !port.shown);
    is_hidden.then_some(Problem::Hidden { path: first.path })
}

fn unusable(device: &Device) -> Option<Problem> {
    let state = device.state();
    let usb = device.usb.as_ref().filter(|_| state != State::Ports)?;
    Some(Problem::Unusable { device: device.words(), ids: usb.ids(), state })
}

/// Why a port was refused: by its permissions.
pub(super) fn refused(roots: &Roots, path: &str) -> Problem {
    Problem::Refused { path: path.to_owned(), access: access::access(roots, Path::new(path)) }
}

/// Why a port is busy: by who has it open.
pub(super) fn held(roots: &Roots, path: &str) -> Problem {
    let port = port_at(roots, path);
    let vendor = port.and_then(|port| port.usb).map(|usb| format!("{:04x}", usb.vendor));
    Problem::Held { path: path.to_owned(), by: holder(roots, path), vendor }
}

/// Why a port is not there: it is hidden from this process, or there are only others.
pub(super) fn missing(roots: &Roots, path: &str) -> Problem {
    let ports = ports(roots);
    if ports.iter().any(|port| port.path == path && !port.shown) {
        return Problem::Hidden { path: path.to_owned() };
    }
    if Path::new(path).exists() {
        return Problem::NotSerial { path: path.to_owned() };
    }
    let there = ports.into_iter().filter(|port| port.shown).map(|port| port.path).collect();
    Problem::Missing { path: path.to_owned(), there }
}

/// A port that opens and says nothing.
pub(crate) fn silent(roots: &Roots, path: &str) -> Problem {
    let board = port_at(roots, path).is_some_and(|port| port.usb.is_none());
    Problem::Silent { path: path.to_owned(), board }
}

/// The port that is called `path` by any of its names.
fn port_at(roots: &Roots, path: &str) -> Option<PortInfo> {
    let is = |port: &PortInfo| port.path == path || port.links.iter().any(|link| link == path);
    ports(roots).into_iter().find(is)
}

impl From<&Problem> for Finding {
    fn from(problem: &Problem) -> Self {
        Self { ok: false, line: problem.line(), hint: problem.hint() }
    }
}

impl Problem {
    /// What is wrong.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Unusable { device, state, .. } => format!("{device} {}", shape(*state)),
            Self::Console { path } => {
                format!("{path} is this machine's serial console, not a line to a modem")
            }
            Self::Refused { path, .. } => format!("{path} may not be opened by this user"),
            Self::Held { path, by: Some(by), .. } => {
                format!("{path} is held by {} (process {})", by.name, by.pid)
            }
            Self::Held { path, by: None, .. } => format!("{path} is held by another process"),
            Self::Hidden { path } => {
                format!("{path}: the kernel has it, but this process is not shown it")
            }
            Self::Missing { path, there } if there.is_empty() => {
                format!("{path} is not there, and no other serial port is")
            }
            Self::Missing { path, there } => {
                format!("{path} is not there; there are {}", there.join(", "))
            }
            Self::Silent { path, .. } => format!("{path} opens, but nothing answers AT"),
            Self::Gone { path } => format!("{path} went away while it was asked"),
            Self::NotSerial { path } => format!("{path} is no serial port"),
            Self::Nothing => "no serial port was found".to_owned(),
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Unusable { ids, state, .. } => change_shape(*state, ids),
            Self::Console { .. } => {
                "turn the console off and leave the line on: `sudo raspi-config`, Interface Options, \
                 Serial Port; then restart"
                    .to_owned()
            }
            Self::Refused { access, .. } => let_in(access.as_ref()),
            Self::Held { by, vendor, .. } => send_away(by.as_ref(), vendor.as_deref()),
            Self::Hidden { .. } => {
                "for the service install deploy/cordboard.service.d/modem.conf and restart it; for a \
                 container pass the port under `devices:`"
                    .to_owned()
            }
            Self::Missing { there, .. } if !there.is_empty() => {
                "`cordboard modem probe` shows which of them answers; use its name below \
                 /dev/serial, which stays the same"
                    .to_owned()
            }
            Self::Missing { .. } | Self::Nothing => {
                "plug the modem in and look at `lsusb` and `dmesg`; a stick needs its power, and some \
                 need half a minute"
                    .to_owned()
            }
            Self::Silent { board, .. } => wake_up(*board),
            Self::Gone { .. } => "it lost its power or was pulled out: give it a powered hub, and look \
                                  at `dmesg`"
                .to_owned(),
            Self::NotSerial { .. } => "`cordboard modem probe` lists the ports there are".to_owned(),
        }
    }
}

/// What shape an unusable stick is in.
fn shape(state: State) -> &'static str {
    match state {
        State::Storage => "shows itself as a drive, not as a modem",
        State::Router => "is a router with a network card (HiLink and the like): it has no AT port",
        State::Control => "speaks only MBIM or QMI: it has no AT port",
        State::Driverless => "has no serial driver",
        State::Ports | State::Unknown => "cannot be used as it is",
    }
}

fn change_shape(state: State, ids: &str) -> String {
    match state {
        State::Storage => "install usb-modeswitch (`sudo apt install usb-modeswitch`), unplug the \
                           stick and plug it in again"
            .to_owned(),
        State::Router => "it never works as it is: it needs firmware of the stick kind from its \
                          maker or carrier, or take another stick"
            .to_owned(),
        State::Control => {
            "switch it to a composition with an AT port by its maker's tool or command, \
                           or take another stick"
                .to_owned()
        }
        _ => {
            let ids = ids.replace(':', " ");
            format!(
                "load the driver and tell it of this stick: `sudo modprobe option`, then `echo {ids} \
                 | sudo tee /sys/bus/usb-serial/drivers/option1/new_id`"
            )
        }
    }
}

fn let_in(access: Option<&Access>) -> String {
    match access {
        Some(Access { group, group_may: true, member: false }) => format!(
            "for the service install deploy/cordboard.service.d/modem.conf; for yourself `sudo \
             usermod -aG {group} $USER` and sign in again"
        ),
        Some(Access { group_may: false, .. }) | None => {
            "install deploy/60-cordboard-modem.rules in /etc/udev/rules.d and plug the modem in again"
                .to_owned()
        }
        // The permissions are right: what refuses is a list of allowed devices.
        Some(Access { member: true, .. }) => {
            "the permissions are right, so a list of allowed devices is in the way: for the service \
             see DeviceAllow= in deploy/cordboard.service.d/modem.conf, for a container `devices:`"
                .to_owned()
        }
    }
}

/// How to get a port back from those who are known for taking it.
fn send_away(by: Option<&Holder>, vendor: Option<&str>) -> String {
    let Some(by) = by else {
        return "`sudo fuser -v` on the port says who; mostly it is ModemManager, which \
                deploy/60-cordboard-modem.rules keeps away"
            .to_owned();
    };
    match by.name.as_str() {
        "ModemManager" => {
            let matching = vendor.map(|vendor| format!("ATTRS{{idVendor}}==\"{vendor}\", "));
            format!(
                "make it keep away by a udev rule: `{}ENV{{ID_MM_DEVICE_IGNORE}}=\"1\"` in a file \
                 that sorts before 80- (deploy/60-cordboard-modem.rules has it); then `sudo udevadm \
                 control --reload`, plug the modem in again, `sudo systemctl restart ModemManager`",
                matching.unwrap_or_default()
            )
        }
        "brltty" => {
            "it takes serial chips for Braille displays: `sudo apt remove brltty` unless you \
                     use one"
                .to_owned()
        }
        "agetty" | "login" => "a login waits there: turn the serial console off (`sudo \
                               raspi-config`, Interface Options, Serial Port) and restart"
            .to_owned(),
        "hciattach" | "btattach" => "Bluetooth uses this line: `dtoverlay=disable-bt` in \
                                     /boot/firmware/config.txt, then restart"
            .to_owned(),
        "cordboard" => {
            "the bridge has it: its desk says how the modem is; stop the bridge to probe \
                        the port"
                .to_owned()
        }
        name => format!("stop {name}, or give one of the two another port"),
    }
}

fn wake_up(board: bool) -> String {
    if board {
        "is it powered on (many boards have a power key), are TX and RX crossed, is the speed right \
         (`baud`), and is the console off this line?"
            .to_owned()
    } else {
        "try the stick's other ports; if all are silent, unplug it for ten seconds, and give it a \
         powered hub"
            .to_owned()
    }
}
