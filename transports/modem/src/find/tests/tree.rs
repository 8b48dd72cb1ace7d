//! A machine made of folders: what the kernel would show of a few sticks.

use crate::find::Roots;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A machine in a temporary folder.
pub(crate) struct Machine {
    folder: TempDir,
}

/// How an interface of a stick looks.
pub(crate) struct Shape {
    pub(crate) class: (u8, u8, u8),
    /// The driver of the interface; empty for none.
    pub(crate) driver: &'static str,
    /// `ttyUSB0`, `ttyACM0`, `wwan0`, `cdc-wdm0`; empty for nothing.
    pub(crate) becomes: &'static str,
}

/// A serial port of a maker's own kind.
pub(crate) fn serial(protocol: u8, tty: &'static str) -> Shape {
    Shape { class: (0xff, 0x02, protocol), driver: "option", becomes: tty }
}

impl Machine {
    pub(crate) fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["sys/class/tty", "sys/bus/usb/devices", "dev", "proc"] {
            std::fs::create_dir_all(machine.at(folder)).unwrap();
        }
        machine.write("group", "root:x:0:\ndialout:x:20:somebody\n");
        machine
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots {
            dev: self.at("dev"),
            sys: self.at("sys"),
            proc: self.at("proc"),
            groups: self.at("group"),
        }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The path of a node, as text.
    pub(crate) fn node(&self, name: &str) -> String {
        self.at("dev").join(name).display().to_string()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A link at `path` that points to `target`, both below the folder.
    pub(crate) fn link(&self, path: &str, target: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(self.at(target), path).unwrap();
    }

    /// Plugs a stick in at a place of the bus. `ids` is `12d1:1506`; `strings` are the maker's, the
    /// product's and the serial number, empty for none.
    pub(crate) fn stick(&self, place: &str, ids: &str, strings: [&str; 3], shapes: &[Shape]) {
        let folder = format!("sys/devices/usb1/{place}");
        let (vendor, product) = ids.split_once(':').unwrap();
        self.write(&format!("{folder}/idVendor"), &format!("{vendor}\n"));
        self.write(&format!("{folder}/idProduct"), &format!("{product}\n"));
        for (name, value) in ["manufacturer", "product", "serial"].iter().zip(strings) {
            if !value.is_empty() {
                self.write(&format!("{folder}/{name}"), &format!("{value}\n"));
            }
        }
        self.link(&format!("sys/bus/usb/devices/{place}"), &folder);
        for (number, shape) in shapes.iter().enumerate() {
            self.interface(&folder, place, number, shape);
        }
    }

    fn interface(&self, folder: &str, place: &str, number: usize, shape: &Shape) {
        let name = format!("{place}:1.{number}");
        let folder = format!("{folder}/{name}");
        let (class, subclass, protocol) = shape.class;
        self.write(&format!("{folder}/bInterfaceNumber"), &format!("{number:02x}\n"));
        self.write(&format!("{folder}/bInterfaceClass"), &format!("{class:02x}\n"));
        self.write(&format!("{folder}/bInterfaceSubClass"), &format!("{subclass:02x}\n"));
        self.write(&format!("{folder}/bInterfaceProtocol"), &format!("{protocol:02x}\n"));
        self.link(&format!("sys/bus/usb/devices/{name}"), &folder);
        if !shape.driver.is_empty() {
            self.link(
                &format!("{folder}/driver"),
                &format!("sys/bus/usb/drivers/{}", shape.driver),
            );
        }
        let becomes = shape.becomes;
        if becomes.starts_with("ttyUSB") {
            // As usb-serial does: a device of its own below the interface.
            let port = format!("{folder}/{becomes}");
            self.write(&format!("{port}/port_number"), "0\n");
            self.link(&format!("{port}/driver"), "sys/bus/usb-serial/drivers/option1");
            self.tty(becomes, &port);
        } else if becomes.starts_with("ttyACM") {
            self.tty(becomes, &folder);
        } else if becomes.starts_with("cdc-wdm") {
            self.write(&format!("{folder}/usbmisc/{becomes}/dev"), "180:0\n");
        } else if !becomes.is_empty() {
            self.write(&format!("{folder}/net/{becomes}/address"), "00:00:5e:00:53:01\n");
        }
    }

    /// A tty whose device is the folder `device`, with its node.
    fn tty(&self, name: &str, device: &str) {
        std::fs::create_dir_all(self.at(&format!("{device}/tty/{name}"))).unwrap();
        self.link(&format!("{device}/tty/{name}/device"), device);
        self.link(&format!("sys/class/tty/{name}"), &format!("{device}/tty/{name}"));
        self.write(&format!("dev/{name}"), "");
    }

    /// A line of the board.
    pub(crate) fn board(&self, name: &str, chip: &str, driver: &str) {
        let device = format!("sys/devices/platform/{chip}");
        std::fs::create_dir_all(self.at(&device)).unwrap();
        self.link(&format!("{device}/driver"), &format!("sys/bus/amba/drivers/{driver}"));
        self.tty(name, &device);
    }

    /// A process that has a node open.
    pub(crate) fn process(&self, pid: u32, name: &str, opens: &str) {
        self.write(&format!("proc/{pid}/comm"), &format!("{name}\n"));
        self.link(&format!("proc/{pid}/fd/0"), "dev/null");
        let node = std::fs::canonicalize(self.at("dev").join(opens)).unwrap();
        symlink(node, self.at(&format!("proc/{pid}/fd/7"))).unwrap();
    }

    /// Sets the mode of a node.
    pub(crate) fn mode(&self, name: &str, mode: u32) {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.at("dev").join(name), permissions).unwrap();
    }

    /// `text` with the machine's folder cut off.
    pub(crate) fn short(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "")
    }
}

/// A Huawei stick with three ports, named as udev names them.
pub(crate) fn huawei(machine: &Machine) {
    machine.stick(
        "1-1.4",
        "12d1:1506",
        ["HUAWEI Technology", "HUAWEI Mobile", ""],
        &[
            serial(0x01, "ttyUSB0"),
            serial(0x03, "ttyUSB1"),
            serial(0x02, "ttyUSB2"),
            Shape { class: (0x08, 0x06, 0x50), driver: "usb-storage", becomes: "" },
        ],
    );
    let id = "usb-HUAWEI_Technology_HUAWEI_Mobile";
    for number in 0..3 {
        let by_id = format!("dev/serial/by-id/{id}-if0{number}-port0");
        machine.link(&by_id, &format!("dev/ttyUSB{number}"));
        let place = format!("platform-fd500000.pcie-usb-0:1.4:1.{number}-port0");
        machine.link(&format!("dev/serial/by-path/{place}"), &format!("dev/ttyUSB{number}"));
    }
}

/// Two SIMCom sticks of the same kind; neither has a serial number.
pub(crate) fn twins(machine: &Machine) {
    let strings = ["SimTech, Incorporated", "SimTech SIM7600", ""];
    let [first, second] = [["ttyUSB0", "ttyUSB1", "ttyUSB2"], ["ttyUSB3", "ttyUSB10", "ttyUSB11"]];
    for (place, ttys) in [("1-1.2", first), ("1-1.3", second)] {
        let shapes: Vec<Shape> = ttys.map(|tty| serial(0xff, tty)).into();
        machine.stick(place, "1e0e:9001", strings, &shapes);
        for (number, tty) in ttys.iter().enumerate() {
            let by_path = format!("dev/serial/by-path/platform-usb-0:{place}:1.{number}-port0");
            machine.link(&by_path, &format!("dev/{tty}"));
        }
    }
    // Both want the same name; udev gives it to the one that came last.
    let by_id = "dev/serial/by-id/usb-SimTech__Incorporated_SimTech_SIM7600-if02-port0";
    machine.link(by_id, "dev/ttyUSB11");
}

/// A stick that is a router.
pub(crate) fn router(machine: &Machine) {
    machine.stick(
        "1-1.1",
        "12d1:14dc",
        ["HUAWEI", "HUAWEI Mobile", ""],
        &[
            Shape { class: (0x02, 0x06, 0x00), driver: "cdc_ether", becomes: "eth1" },
            Shape { class: (0x0a, 0x06, 0x00), driver: "cdc_ether", becomes: "" },
            Shape { class: (0x08, 0x06, 0x50), driver: "usb-storage", becomes: "" },
        ],
    );
}

/// A stick that has not been switched yet.
pub(crate) fn drive(machine: &Machine) {
    let shape = || Shape { class: (0x08, 0x06, 0x50), driver: "usb-storage", becomes: "" };
    machine.stick("1-1.1", "19d2:2000", ["ZTE", "ZTE WCDMA", ""], &[shape(), shape()]);
}

/// Where a path of the kernel is not a folder, nothing may be found and nothing may go wrong.
pub(crate) fn nowhere() -> Roots {
    let path = |name: &str| Path::new("/nonexistent").join(name);
    Roots { dev: path("dev"), sys: path("sys"), proc: path("proc"), groups: path("group") }
}
