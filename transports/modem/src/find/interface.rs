//! A USB device and its interfaces, as sysfs shows them.

use super::{name_of, names_in, pointed_to, said, vendors};
use std::path::Path;

/// Who made a USB device and what it calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usb {
    /// Vendor id.
    pub(crate) vendor: u16,
    /// Product id.
    pub(crate) product: u16,
    /// The manufacturer's name for itself; often empty or wrong.
    pub(crate) manufacturer: String,
    /// The product's name for itself; often empty or of the whole family.
    pub(crate) name: String,
    /// Its serial number. Some makers give all their sticks the same, and some put the IMEI there.
    pub(crate) serial: Option<String>,
}

impl Usb {
    /// Reads the folder of a USB device; `None` when it is no such folder.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        Some(Self {
            vendor: hex16(&folder.join("idVendor"))?,
            product: hex16(&folder.join("idProduct"))?,
            manufacturer: said(&folder.join("manufacturer")),
            name: said(&folder.join("product")),
            serial: Some(said(&folder.join("serial"))).filter(|serial| !serial.is_empty()),
        })
    }

    /// Vendor and product as `lsusb` writes them: `12d1:1506`.
    pub(crate) fn ids(&self) -> String {
        format!("{:04x}:{:04x}", self.vendor, self.product)
    }

    /// The maker, when it makes modems.
    pub(crate) fn maker(&self) -> Option<&'static str> {
        vendors::maker(self.vendor, self.product)
    }

    /// Words for people: `Huawei HUAWEI Mobile (12d1:1506)`.
    pub(crate) fn words(&self) -> String {
        let maker = self.maker().unwrap_or(&self.manufacturer);
        let parts = [maker, &self.name, &format!("({})", self.ids())];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }
}

/// One interface of a USB device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    /// `bInterfaceNumber`.
    pub(crate) number: u8,
    /// Class, subclass and protocol.
    pub(crate) class: (u8, u8, u8),
    /// The driver that took it; empty when none did.
    pub(crate) driver: String,
    /// Network interfaces that it became.
    pub(crate) nets: Vec<String>,
    /// Control nodes that it became: `cdc-wdm0`.
    pub(crate) controls: Vec<String>,
}

/// USB class of storage.
const STORAGE: u8 = 0x08;
/// USB class that says nothing: how a maker's own serial ports look.
const OWN: u8 = 0xff;

impl Interface {
    /// Reads the folder of an interface; `None` when it is no such folder.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let octet = |name: &str| u8::from_str_radix(&said(&folder.join(name)), 16).ok();
        Some(Self {
            number: octet("bInterfaceNumber")?,
            class: (
                octet("bInterfaceClass").unwrap_or(0),
                octet("bInterfaceSubClass").unwrap_or(0),
                octet("bInterfaceProtocol").unwrap_or(0),
            ),
            driver: pointed_to(&folder.join("driver")),
            nets: names_in(&folder.join("net")),
            controls: names_in(&folder.join("usbmisc")),
        })
    }

    /// Whether it is a drive.
    pub(super) fn is_storage(&self) -> bool {
        self.class.0 == STORAGE
    }

    /// Whether it may be a serial port that no driver took.
    pub(super) fn is_unclaimed(&self) -> bool {
        self.class.0 == OWN && self.driver.is_empty()
    }
}

/// The interfaces of the USB device in `folder`, by number.
pub(super) fn interfaces(folder: &Path) -> Vec<Interface> {
    let own = format!("{}:", name_of(folder));
    let names = names_in(folder).into_iter().filter(|name| name.starts_with(&own));
    let mut found: Vec<_> = names.filter_map(|name| Interface::read(&folder.join(name))).collect();
    found.sort_by_key(|interface| interface.number);
    found
}

fn hex16(path: &Path) -> Option<u16> {
    u16::from_str_radix(&said(path), 16).ok()
}
