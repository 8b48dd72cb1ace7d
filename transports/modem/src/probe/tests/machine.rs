//! Probing a whole machine.

use super::{Behind, Bench};
use crate::find::tests::tree::{Machine, Shape, drive, huawei, router, twins};
use crate::port::PortError;
use cordboard_plugin::{Page, Table};

fn rows<'p>(page: &'p Page, title: &str) -> &'p [Vec<String>] {
    let table: Option<&Table> = page.tables.iter().find(|table| table.title == title);
    table.map_or(&[], |table| &table.rows)
}

/// The last column of the ports' table, by port.
fn ports(bench: &Bench, page: &Page) -> Vec<(String, String)> {
    let rows = rows(page, "ports").iter();
    rows.map(|row| (bench.machine.short(&row[0]), row.last().unwrap().clone())).collect()
}

fn to_do(bench: &Bench, page: &Page) -> Vec<String> {
    rows(page, "to do").iter().map(|row| bench.machine.short(&row[0])).collect()
}

#[test]
fn the_right_port_of_a_stick_is_asked_and_the_others_are_left_alone() {
    let machine = Machine::new();
    huawei(&machine);
    let bench = Bench::new(machine, &[("ttyUSB2", Behind::Modem("huawei_e3372_stick"))]);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(bench.opened(), ["/dev/ttyUSB2"]);
    assert_eq!(page.facts[0], ("serial ports".to_owned(), "3".to_owned()));
    assert_eq!(page.facts[1], ("modems that answer".to_owned(), "1".to_owned()));
    let other = "another port of the same modem".to_owned();
    let expected = [
        ("/dev/ttyUSB2".to_owned(), "a modem answers".to_owned()),
        ("/dev/ttyUSB0".to_owned(), other.clone()),
        ("/dev/ttyUSB1".to_owned(), other),
    ];
    assert_eq!(ports(&bench, &page), expected);
    let refused = rows(&page, "what was refused");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0][1..], ["AT+CGSMS?", "ERROR"]);
    assert_eq!(to_do(&bench, &page), Vec::<String>::new());
    let text = bench.shown(&page);
    for part in ["huawei E3372", "-75 dBm", "home, Example Mobile, LTE", "3 of 20 in SM", "…01"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_silent_port_is_passed_over_and_is_no_trouble_when_another_answers() {
    let machine = Machine::new();
    huawei(&machine);
    let behind = [("ttyUSB2", Behind::Silence), ("ttyUSB0", Behind::Modem("huawei_e3372_stick"))];
    let bench = Bench::new(machine, &behind);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(bench.opened(), ["/dev/ttyUSB2", "/dev/ttyUSB0"]);
    assert_eq!(ports(&bench, &page)[0].1, "silent");
    assert_eq!(to_do(&bench, &page), Vec::<String>::new());
}

#[test]
fn a_stick_that_is_all_silent_is_trouble() {
    let machine = Machine::new();
    huawei(&machine);
    let silence = ["ttyUSB0", "ttyUSB1", "ttyUSB2"].map(|name| (name, Behind::Silence));
    let bench = Bench::new(machine, &silence);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(page.facts[1].1, "0");
    assert_eq!(to_do(&bench, &page).len(), 3);
}

#[test]
fn a_held_port_names_its_holder_and_a_refused_one_its_group() {
    let machine = Machine::new();
    huawei(&machine);
    machine.process(712, "ModemManager", "ttyUSB2");
    let busy = PortError::Busy("EBUSY".to_owned());
    let refused = PortError::Refused("EACCES".to_owned());
    let behind = [
        ("ttyUSB2", Behind::Error(busy)),
        ("ttyUSB0", Behind::Error(refused)),
        ("ttyUSB1", Behind::Error(PortError::Gone("EIO".to_owned()))),
    ];
    let bench = Bench::new(machine, &behind);
    let page = bench.probe(&[]).unwrap();
    let states: Vec<String> = ports(&bench, &page).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["held by ModemManager", "may not be opened", "cannot be used"]);
    let to_do = to_do(&bench, &page);
    assert_eq!(to_do[0], "/dev/ttyUSB2 is held by ModemManager (process 712)");
    assert_eq!(to_do[2], "/dev/ttyUSB1 went away while it was asked");
}

#[test]
fn two_sticks_are_asked_one_after_the_other() {
    let machine = Machine::new();
    twins(&machine);
    let modem = || Behind::Modem("simcom_sim7600");
    let bench = Bench::new(machine, &[("ttyUSB2", modem()), ("ttyUSB11", modem())]);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(bench.opened(), ["/dev/ttyUSB2", "/dev/ttyUSB11"]);
    assert_eq!(rows(&page, "modems").len(), 2);
    let names: Vec<String> =
        rows(&page, "ports").iter().map(|row| bench.machine.short(&row[5])).collect();
    assert_eq!(names[0], "/dev/serial/by-path/platform-usb-0:1-1.2:1.2-port0");
    assert_eq!(names[3], "/dev/serial/by-path/platform-usb-0:1-1.3:1.2-port0");
}

#[test]
fn sticks_without_ports_and_consoles_are_shown_but_not_opened() {
    let machine = Machine::new();
    router(&machine);
    machine.board("ttyAMA0", "fe201000.serial", "uart-pl011");
    machine.write("sys/class/tty/console/active", "ttyAMA0\n");
    let bench = Bench::new(machine, &[]);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(bench.opened(), Vec::<String>::new());
    let states: Vec<String> = ports(&bench, &page).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["a router: no AT port", "console of this machine, not asked"]);
    assert_eq!(to_do(&bench, &page).len(), 2);
}

#[test]
fn a_cable_is_asked_only_by_name() {
    let machine = Machine::new();
    let shape = Shape { class: (0x02, 0x02, 0x01), driver: "cdc_acm", becomes: "ttyACM0" };
    machine.stick("1-1", "2341:0043", ["Arduino", "Uno", ""], &[shape]);
    let bench = Bench::new(machine, &[("ttyACM0", Behind::Modem("sim800_hat_wants_pin"))]);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(bench.opened(), Vec::<String>::new());
    assert_eq!(ports(&bench, &page)[0].1, "a cable, not asked: name it to ask");
    let page = bench.probe(&["ttyACM0"]).unwrap();
    assert!(bench.shown(&page).contains("SIMCOM_SIM800L"));
}

#[test]
fn an_empty_machine_gets_advice() {
    let bench = Bench::new(Machine::new(), &[]);
    let page = bench.probe(&[]).unwrap();
    assert_eq!(page.facts[0].1, "0");
    assert_eq!(to_do(&bench, &page), ["no serial port was found"]);
}

#[test]
fn a_stick_in_storage_mode_gets_advice() {
    let machine = Machine::new();
    drive(&machine);
    let bench = Bench::new(machine, &[]);
    let page = bench.probe(&[]).unwrap();
    let expected = ["ZTE ZTE WCDMA (19d2:2000) shows itself as a drive, not as a modem"];
    assert_eq!(to_do(&bench, &page), expected);
}
