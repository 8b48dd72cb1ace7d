//! Ports, devices and the order in which to try them.

use super::tree::{Machine, Shape, drive, huawei, nowhere, router, serial, twins};
use crate::find::{Kind, State, candidates, devices, ports};

fn order(machine: &Machine) -> Vec<(String, &'static str)> {
    candidates(&machine.roots()).into_iter().map(|c| (c.port.name, c.why)).collect()
}

#[test]
fn a_stick_with_three_ports_is_one_device() {
    let machine = Machine::new();
    huawei(&machine);
    let found = devices(&machine.roots());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].place, "1-1.4");
    assert_eq!(found[0].words(), "Huawei HUAWEI Mobile (12d1:1506)");
    assert_eq!(found[0].state(), State::Ports, "its drive is beside its ports");
    let names: Vec<&str> = found[0].ports.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["ttyUSB0", "ttyUSB1", "ttyUSB2"]);
    assert_eq!(found[0].interfaces.len(), 4);
}

#[test]
fn a_port_says_all_that_the_kernel_knows_of_it() {
    let machine = Machine::new();
    huawei(&machine);
    let port = ports(&machine.roots()).pop().unwrap();
    assert_eq!(port.path, machine.node("ttyUSB2"));
    assert_eq!((port.driver.as_str(), port.kind), ("option1", Kind::Modem));
    let usb = port.usb.clone().unwrap();
    assert_eq!((usb.vendor, usb.product, usb.serial), (0x12d1, 0x1506, None));
    let interface = port.interface.clone().unwrap();
    assert_eq!((interface.number, interface.class), (2, (0xff, 2, 2)));
    assert_eq!(interface.driver, "option");
    assert!(port.shown && !port.console);
    let id = machine.node("serial/by-id/usb-HUAWEI_Technology_HUAWEI_Mobile-if02-port0");
    assert_eq!(port.stable_name(false), id);
    let place = machine.node("serial/by-path/platform-fd500000.pcie-usb-0:1.4:1.2-port0");
    assert_eq!(port.stable_name(true), place);
}

#[test]
fn a_name_that_the_operator_gave_is_the_best_one() {
    let machine = Machine::new();
    huawei(&machine);
    machine.link("dev/modem0", "dev/ttyUSB2");
    let port = ports(&machine.roots()).pop().unwrap();
    assert_eq!(port.stable_name(false), machine.node("modem0"));
}

#[test]
fn huawei_says_by_protocol_which_port_takes_commands() {
    let machine = Machine::new();
    huawei(&machine);
    let expected = [
        ("ttyUSB2", "the command port of this maker"),
        ("ttyUSB0", "the data port, which answers commands while there is no call"),
        ("ttyUSB1", "for measuring or positions on this maker's sticks"),
    ];
    assert_eq!(order(&machine), expected.map(|(name, why)| (name.to_owned(), why)));
}

#[test]
fn an_old_stick_that_says_nothing_is_tried_from_its_second_port() {
    let machine = Machine::new();
    let shape = |tty| Shape { class: (0xff, 0xff, 0xff), driver: "option", becomes: tty };
    let shapes = [shape("ttyUSB0"), shape("ttyUSB1"), shape("ttyUSB2")];
    machine.stick("1-1", "19d2:0031", ["ZTE", "ZTE WCDMA", "1234567890ABCDEF"], &shapes);
    let names: Vec<String> = order(&machine).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["ttyUSB1", "ttyUSB2", "ttyUSB0"]);
}

#[test]
fn two_sticks_of_a_kind_are_told_apart_by_their_places() {
    let machine = Machine::new();
    twins(&machine);
    let found = candidates(&machine.roots());
    let names: Vec<&str> = found.iter().map(|candidate| candidate.port.name.as_str()).collect();
    assert_eq!(names, ["ttyUSB2", "ttyUSB0", "ttyUSB1", "ttyUSB11", "ttyUSB3", "ttyUSB10"]);
    assert!(found.iter().all(|candidate| candidate.has_twin));
    let second = &found[3];
    let by_path = machine.node("serial/by-path/platform-usb-0:1-1.3:1.2-port0");
    assert_eq!(second.port.stable_name(second.has_twin), by_path);
}

#[test]
fn sticks_with_serial_numbers_are_no_twins() {
    let machine = Machine::new();
    for (place, serial_number, tty) in [("1-1", "A1", "ttyUSB0"), ("1-2", "A2", "ttyUSB1")] {
        let strings = ["Quectel", "EC25", serial_number];
        machine.stick(place, "2c7c:0125", strings, &[serial(0xff, tty)]);
    }
    assert!(devices(&machine.roots()).iter().all(|device| !device.has_twin));
}

#[test]
fn a_hat_on_the_boards_own_line_is_a_candidate() {
    let machine = Machine::new();
    machine.board("ttyAMA0", "fe201000.serial", "uart-pl011");
    machine.link("dev/serial0", "dev/ttyAMA0");
    let found = candidates(&machine.roots());
    assert_eq!(found.len(), 1);
    let port = &found[0].port;
    assert_eq!((port.kind, port.driver.as_str()), (Kind::Board, "uart-pl011"));
    assert_eq!(port.stable_name(false), machine.node("serial0"));
    assert_eq!(port.place, "fe201000.serial");
}

#[test]
fn a_console_is_listed_but_never_asked() {
    let machine = Machine::new();
    machine.board("ttyS0", "fe215040.serial", "bcm2835-aux-uart");
    machine.write("sys/class/tty/console/active", "tty1 ttyS0\n");
    assert!(ports(&machine.roots())[0].console);
    assert_eq!(candidates(&machine.roots()), []);
}

#[test]
fn a_line_without_a_chip_is_no_port() {
    let machine = Machine::new();
    machine.board("ttyS0", "serial8250", "serial8250");
    machine.write("sys/devices/platform/serial8250/tty/ttyS0/type", "0\n");
    machine.board("ttyS1", "serial8251", "serial8250");
    machine.write("sys/devices/platform/serial8251/tty/ttyS1/type", "4\n");
    let names: Vec<String> = ports(&machine.roots()).into_iter().map(|port| port.name).collect();
    assert_eq!(names, ["ttyS1"]);
}

#[test]
fn a_cable_with_something_unknown_behind_it_is_listed_but_not_asked() {
    let machine = Machine::new();
    let shape = Shape { class: (0xff, 1, 2), driver: "ch341", becomes: "ttyUSB0" };
    machine.stick("1-1", "1a86:7523", ["", "USB Serial", ""], &[shape]);
    // The tree's serial driver is the modems'; this one is not.
    let driver = machine.at("sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/driver");
    std::fs::remove_file(driver).unwrap();
    let link = "sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/driver";
    machine.link(link, "sys/bus/usb-serial/drivers/ch341-uart");
    assert_eq!(ports(&machine.roots())[0].kind, Kind::Adapter);
    assert_eq!(candidates(&machine.roots()), []);
}

#[test]
fn a_receiver_of_positions_is_no_modem() {
    let machine = Machine::new();
    let shape = || Shape { class: (0x02, 0x02, 0x01), driver: "cdc_acm", becomes: "ttyACM0" };
    machine.stick("1-1", "1546:01a8", ["u-blox AG", "u-blox 8", ""], &[shape()]);
    assert_eq!(ports(&machine.roots())[0].kind, Kind::Adapter);
}

#[test]
fn a_modem_by_cdc_acm_is_tried_in_the_order_of_its_interfaces() {
    let machine = Machine::new();
    let shape = |tty| Shape { class: (0x02, 0x02, 0x01), driver: "cdc_acm", becomes: tty };
    let shapes = [shape("ttyACM0"), shape("ttyACM1")];
    machine.stick("1-1", "1546:1141", ["u-blox AG", "TOBY", ""], &shapes);
    let found = candidates(&machine.roots());
    assert_eq!(found[0].port.name, "ttyACM0");
    assert_eq!((found[0].port.driver.as_str(), found[0].port.kind), ("cdc_acm", Kind::Modem));
}

#[test]
fn sticks_without_ports_have_a_state() {
    for (stick, state) in
        [(router as fn(&Machine), State::Router), (drive as fn(&Machine), State::Storage)]
    {
        let machine = Machine::new();
        stick(&machine);
        let found = devices(&machine.roots());
        assert_eq!(found.iter().map(|device| device.state()).collect::<Vec<_>>(), [state]);
        assert_eq!(candidates(&machine.roots()), []);
    }
}

#[test]
fn a_stick_with_only_a_control_port_and_one_without_a_driver_are_told_apart() {
    let machine = Machine::new();
    let control = Shape { class: (0x02, 0x0e, 0x00), driver: "cdc_mbim", becomes: "cdc-wdm0" };
    machine.stick("1-1", "1199:9071", ["Sierra Wireless", "MC7455", ""], &[control]);
    let bare = Shape { class: (0xff, 0x02, 0x12), driver: "", becomes: "" };
    machine.stick("1-2", "12d1:1506", ["HUAWEI", "HUAWEI Mobile", ""], &[bare]);
    let states: Vec<State> = devices(&machine.roots()).iter().map(|d| d.state()).collect();
    assert_eq!(states, [State::Control, State::Driverless]);
}

#[test]
fn other_usb_devices_are_nothing_to_us() {
    let machine = Machine::new();
    let hub = Shape { class: (0x09, 0x00, 0x00), driver: "hub", becomes: "" };
    machine.stick("1-1", "2109:3431", ["", "USB2.0 Hub", ""], &[hub]);
    let card = Shape { class: (0x02, 0x06, 0x00), driver: "cdc_ether", becomes: "eth1" };
    machine.stick("1-2", "0bda:8153", ["Realtek", "USB LAN", ""], &[card]);
    assert_eq!(devices(&machine.roots()), []);
}

#[test]
fn a_port_without_its_node_is_hidden_and_one_without_the_kernels_word_is_still_a_port() {
    let machine = Machine::new();
    huawei(&machine);
    std::fs::remove_file(machine.at("dev/ttyUSB1")).unwrap();
    machine.write("dev/ttyACM3", "");
    let found = ports(&machine.roots());
    let shown: Vec<_> = found.iter().map(|port| (port.name.as_str(), port.shown)).collect();
    let expected = [("ttyACM3", true), ("ttyUSB0", true), ("ttyUSB1", false), ("ttyUSB2", true)];
    assert_eq!(shown, expected);
    assert_eq!(found[0].kind, Kind::Adapter);
}

#[test]
fn where_the_kernel_shows_nothing_nothing_is_found() {
    assert_eq!(ports(&nowhere()), []);
    assert_eq!(devices(&nowhere()), []);
}
