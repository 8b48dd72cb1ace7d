//! Who makes modems.

/// USB vendor ids that stand for modems, and the names they go by. From the tables of the kernel's
/// modem drivers (`option`, `qcserial`, `sierra`), without makers whose phones and cables share the id.
pub(super) const VENDORS: &[(u16, &str)] = &[
    (0x05c6, "Qualcomm"),
    (0x0af0, "Option"),
    (0x1199, "Sierra Wireless"),
    (0x12d1, "Huawei"),
    (0x1410, "Novatel"),
    (0x1435, "Wistron NeWeb"),
    (0x1546, "u-blox"),
    (0x16d8, "CMOTECH"),
    (0x19d2, "ZTE"),
    (0x1bbb, "Alcatel"),
    (0x1bc7, "Telit"),
    (0x1c9e, "Longcheer"),
    (0x1e0e, "SIMCom"),
    (0x1e2d, "Cinterion"),
    (0x2949, "Neoway"),
    (0x2c7c, "Quectel"),
    (0x2cb7, "Fibocom"),
    (0x2dee, "MeiG"),
];

/// Positioning receivers of u-blox, which have the same vendor id and never answer AT.
const UBLOX_RECEIVERS: std::ops::RangeInclusive<u16> = 0x01a0..=0x01af;

/// The maker's name when it makes modems and this is no other product of it.
pub(super) fn maker(vendor: u16, product: u16) -> Option<&'static str> {
    if vendor == 0x1546 && UBLOX_RECEIVERS.contains(&product) {
        return None;
    }
    VENDORS.iter().find(|(id, _)| *id == vendor).map(|(_, name)| *name)
}

/// Whether a serial driver is one for modems.
pub(super) fn is_modem_driver(driver: &str) -> bool {
    // `option1` is what the driver `option` calls itself on the bus usb-serial.
    ["option", "option1", "qcserial", "sierra", "hso"].contains(&driver)
}
