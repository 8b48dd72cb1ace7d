//! What is wrong, in words.

use super::tree::{Machine, Shape, drive, huawei, nowhere, router};
use crate::find::holder::holder;
use crate::find::trouble::{held, missing, refused};
use crate::find::{Problem, Roots, advice, silent};
use cordboard_plugin::Finding;

/// The words of all problems, line and hint.
fn words(machine: &Machine, problems: &[Problem]) -> Vec<(String, String)> {
    let short = |text: String| machine.short(&text);
    problems
        .iter()
        .map(Finding::from)
        .inspect(|finding| assert!(!finding.ok && !finding.hint.is_empty(), "{finding:?}"))
        .map(|finding| (short(finding.line), short(finding.hint)))
        .collect()
}

#[track_caller]
fn check(machine: &Machine, problem: &Problem, line: &str, in_hint: &[&str]) {
    let (said, hint) = words(machine, std::slice::from_ref(problem)).remove(0);
    assert_eq!(said, line);
    for part in in_hint {
        assert!(hint.contains(part), "{part} is not in: {hint}");
    }
}

#[track_caller]
fn check_only(machine: &Machine, line: &str, in_hint: &[&str]) {
    let found = advice(&machine.roots());
    assert_eq!(found.len(), 1, "{found:?}");
    check(machine, &found[0], line, in_hint);
}

#[test]
fn a_good_stick_needs_no_advice() {
    let machine = Machine::new();
    huawei(&machine);
    assert_eq!(advice(&machine.roots()), []);
}

#[test]
fn a_stick_in_storage_mode_wants_to_be_switched() {
    let machine = Machine::new();
    drive(&machine);
    let line = "ZTE ZTE WCDMA (19d2:2000) shows itself as a drive, not as a modem";
    check_only(&machine, line, &["apt install usb-modeswitch"]);
}

#[test]
fn a_router_never_works_as_it_is() {
    let machine = Machine::new();
    router(&machine);
    let line = "Huawei HUAWEI Mobile (12d1:14dc) is a router with a network card (HiLink and the \
                like): it has no AT port";
    check_only(&machine, line, &["never works as it is", "firmware"]);
}

#[test]
fn a_stick_without_a_driver_gets_the_line_that_gives_it_one() {
    let machine = Machine::new();
    let bare = Shape { class: (0xff, 0x02, 0x12), driver: "", becomes: "" };
    machine.stick("1-2", "12d1:1506", ["", "HUAWEI Mobile", ""], &[bare]);
    let line = "Huawei HUAWEI Mobile (12d1:1506) has no serial driver";
    check_only(&machine, line, &["modprobe option", "echo 12d1 1506 | sudo tee"]);
}

#[test]
fn a_stick_with_only_mbim_says_so() {
    let machine = Machine::new();
    let control = Shape { class: (0x02, 0x0e, 0x00), driver: "cdc_mbim", becomes: "cdc-wdm0" };
    machine.stick("1-1", "1199:9071", ["Sierra Wireless", "MC7455", ""], &[control]);
    let line = "Sierra Wireless MC7455 (1199:9071) speaks only MBIM or QMI: it has no AT port";
    check_only(&machine, line, &["composition"]);
}

#[test]
fn a_console_on_the_line_is_named() {
    let machine = Machine::new();
    machine.board("ttyAMA0", "fe201000.serial", "uart-pl011");
    machine.write("sys/class/tty/console/active", "tty1 ttyAMA0\n");
    let line = "/dev/ttyAMA0 is this machine's serial console, not a line to a modem";
    check_only(&machine, line, &["raspi-config"]);
}

#[test]
fn a_machine_without_any_port_is_told_to_be_given_one() {
    let machine = Machine::new();
    check_only(&machine, "no serial port was found", &["lsusb"]);
    assert_eq!(advice(&nowhere()), [Problem::Nothing]);
}

fn holder_name(roots: &Roots, path: &str) -> Option<String> {
    holder(roots, path).map(|holder| holder.name)
}

#[test]
fn a_port_that_is_held_names_its_holder() {
    let machine = Machine::new();
    huawei(&machine);
    machine.process(4, "sh", "ttyUSB0");
    machine.process(712, "ModemManager", "ttyUSB2");
    let roots = machine.roots();
    assert_eq!(holder_name(&roots, &machine.node("ttyUSB2")).as_deref(), Some("ModemManager"));
    // By another of its names too.
    let by_id = machine.node("serial/by-id/usb-HUAWEI_Technology_HUAWEI_Mobile-if02-port0");
    assert_eq!(holder_name(&roots, &by_id).as_deref(), Some("ModemManager"));
    assert_eq!(holder_name(&roots, &machine.node("ttyUSB1")), None);
    let line = "/dev/ttyUSB2 is held by ModemManager (process 712)";
    let rule = "`ATTRS{idVendor}==\"12d1\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"`";
    check(&machine, &held(&roots, &machine.node("ttyUSB2")), line, &[rule, "before 80-"]);
}

#[test]
fn the_usual_suspects_each_have_their_remedy() {
    for (name, remedy) in [
        ("brltty", "apt remove brltty"),
        ("agetty", "raspi-config"),
        ("hciattach", "disable-bt"),
        ("cordboard", "desk"),
        ("gammu-smsd", "stop gammu-smsd"),
    ] {
        let machine = Machine::new();
        huawei(&machine);
        machine.process(9, name, "ttyUSB2");
        let problem = held(&machine.roots(), &machine.node("ttyUSB2"));
        check(
            &machine,
            &problem,
            &format!("/dev/ttyUSB2 is held by {name} (process 9)"),
            &[remedy],
        );
    }
}

#[test]
fn a_long_name_is_taken_from_the_program() {
    let machine = Machine::new();
    huawei(&machine);
    machine.process(9, "a-very-long-nam", "ttyUSB2");
    machine.link("proc/9/exe", "usr/bin/a-very-long-name-indeed");
    let name = holder_name(&machine.roots(), &machine.node("ttyUSB2"));
    assert_eq!(name.as_deref(), Some("a-very-long-name-indeed"));
}

#[test]
fn a_holder_that_cannot_be_seen_is_another_process() {
    let machine = Machine::new();
    huawei(&machine);
    let problem = held(&machine.roots(), &machine.node("ttyUSB2"));
    check(&machine, &problem, "/dev/ttyUSB2 is held by another process", &["fuser"]);
}

/// The group of the files that this test makes, and a line of its own in the groups' file.
fn our_group(machine: &Machine, name: &str) -> u32 {
    use std::os::unix::fs::MetadataExt;
    let gid = std::fs::metadata(machine.at("dev/ttyUSB2")).unwrap().gid();
    machine.write("group", &format!("other:x:{}:\n{name}:x:{gid}:\n", gid + 1));
    gid
}

#[test]
fn a_refused_port_names_the_group_that_may() {
    let machine = Machine::new();
    huawei(&machine);
    let gid = our_group(&machine, "uucp");
    machine.mode("ttyUSB2", 0o660);
    machine.write("proc/self/status", &format!("Gid:\t{0}\t{0}\nGroups:\t\n", gid + 7));
    let problem = refused(&machine.roots(), &machine.node("ttyUSB2"));
    let line = "/dev/ttyUSB2 may not be opened by this user";
    check(&machine, &problem, line, &["usermod -aG uucp $USER", "modem.conf"]);
}

#[test]
fn a_refused_port_of_our_own_group_has_another_reason() {
    let machine = Machine::new();
    huawei(&machine);
    let gid = our_group(&machine, "dialout");
    machine.mode("ttyUSB2", 0o660);
    machine.write("proc/self/status", &format!("Gid:\t4711\t4711\nGroups:\t5 {gid} \n"));
    let problem = refused(&machine.roots(), &machine.node("ttyUSB2"));
    let line = "/dev/ttyUSB2 may not be opened by this user";
    check(&machine, &problem, line, &["DeviceAllow=", "devices:"]);
}

#[test]
fn a_port_for_root_alone_wants_a_rule() {
    let machine = Machine::new();
    huawei(&machine);
    machine.mode("ttyUSB2", 0o600);
    let problem = refused(&machine.roots(), &machine.node("ttyUSB2"));
    let line = "/dev/ttyUSB2 may not be opened by this user";
    check(&machine, &problem, line, &["60-cordboard-modem.rules"]);
}

#[test]
fn a_port_that_is_not_there_lists_those_that_are() {
    let machine = Machine::new();
    huawei(&machine);
    let problem = missing(&machine.roots(), &machine.node("ttyUSB9"));
    let line = "/dev/ttyUSB9 is not there; there are /dev/ttyUSB0, /dev/ttyUSB1, /dev/ttyUSB2";
    check(&machine, &problem, line, &["/dev/serial"]);
    let empty = Machine::new();
    let problem = missing(&empty.roots(), "/dev/ttyUSB9");
    let line = "/dev/ttyUSB9 is not there, and no other serial port is";
    check(&empty, &problem, line, &["dmesg"]);
}

#[test]
fn a_port_that_a_service_or_container_is_not_given_is_hidden_and_not_missing() {
    let machine = Machine::new();
    huawei(&machine);
    std::fs::remove_file(machine.at("dev/ttyUSB2")).unwrap();
    let line = "/dev/ttyUSB2: the kernel has it, but this process is not shown it";
    let problem = missing(&machine.roots(), &machine.node("ttyUSB2"));
    check(&machine, &problem, line, &["modem.conf", "devices:"]);
    // One port of a stick is enough.
    assert_eq!(advice(&machine.roots()), []);
    for name in ["ttyUSB0", "ttyUSB1"] {
        std::fs::remove_file(machine.at("dev").join(name)).unwrap();
    }
    check_only(&machine, line, &["modem.conf", "devices:"]);
}

#[test]
fn silence_has_other_reasons_on_a_board_than_on_usb() {
    let machine = Machine::new();
    huawei(&machine);
    machine.board("ttyAMA0", "fe201000.serial", "uart-pl011");
    machine.link("dev/serial0", "dev/ttyAMA0");
    let line = "/dev/serial0 opens, but nothing answers AT";
    let problem = silent(&machine.roots(), &machine.node("serial0"));
    check(&machine, &problem, line, &["TX and RX"]);
    let line = "/dev/ttyUSB1 opens, but nothing answers AT";
    let problem = silent(&machine.roots(), &machine.node("ttyUSB1"));
    check(&machine, &problem, line, &["other ports"]);
}

#[test]
fn the_boards_own_lines_are_no_trouble_beside_a_stick() {
    let machine = Machine::new();
    huawei(&machine);
    machine.board("ttyS0", "serial8250", "serial8250");
    machine.board("ttyS1", "serial8251", "serial8250");
    machine.write("sys/class/tty/console/active", "ttyS0\n");
    std::fs::remove_file(machine.at("dev/ttyS1")).unwrap();
    assert_eq!(advice(&machine.roots()), []);
}

#[test]
fn a_board_that_a_service_is_not_given_is_told_where_there_is_nothing_else() {
    let machine = Machine::new();
    machine.board("ttyAMA0", "fe201000.serial", "uart-pl011");
    std::fs::remove_file(machine.at("dev/ttyAMA0")).unwrap();
    let line = "/dev/ttyAMA0: the kernel has it, but this process is not shown it";
    check_only(&machine, line, &["modem.conf"]);
}
