//! The modem on a real pseudo-terminal.

use crate::bench::{OURS, START, THEIRS};
use cordboard_modem::sim::SimulatedModem;
use cordboard_modem::sim::machine::{Card, Fault, Machine};
use cordboard_modem::sim::pty::Handle;
use cordboard_plugin::{Address, Level, PhoneText, SimPlace, Simulator as _};
use cordboard_testkit::FakeHost;
use futures_util::future::{Either, select};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// Reads until the text ends so.
fn read_until(port: &mut File, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let mut bytes = [0; 256];
        let count = port.read(&mut bytes).unwrap();
        assert!(count > 0, "the port is gone");
        read.extend_from_slice(&bytes[..count]);
    }
    String::from_utf8(read).unwrap()
}

#[test]
fn a_command_goes_round() {
    let folder = tempfile::tempdir().unwrap();
    let handle = Handle::new(Machine::plain(Card::default()), folder.path(), START).unwrap();
    let mut port = open(handle.path());
    port.write_all(b"ATE0\r").unwrap();
    assert_eq!(read_until(&mut port, "OK\r\n"), "ATE0\r\r\nOK\r\n");
    port.write_all(b"AT+CNMI=2,1\r").unwrap();
    read_until(&mut port, "OK\r\n");
    handle.with(|machine, now| machine.deliver(now, crate::bench::pdus("hello")));
    assert_eq!(read_until(&mut port, "\n+CMTI: \"SM\",1\r\n"), "\r\n+CMTI: \"SM\",1\r\n");
}

#[test]
fn who_has_an_unplugged_port_open_sees_a_hang_up_and_it_comes_back_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut handle = Handle::new(Machine::plain(Card::default()), folder.path(), START).unwrap();
    let before = handle.path().to_owned();
    let mut port = open(&before);
    handle.unplug();
    assert!(!before.exists());
    let mut bytes = [0; 16];
    let gone = port.read(&mut bytes);
    assert!(matches!(gone, Ok(0)) || gone.unwrap_err().raw_os_error() == Some(5));
    let after = handle.replug().unwrap();
    assert_ne!(after, before);
    assert!(after.exists());
    drop(handle);
    assert!(!after.exists());
}

#[test]
fn a_port_that_nobody_reads_ends_promptly_too() {
    let folder = tempfile::tempdir().unwrap();
    let handle = Handle::new(Machine::plain(Card::default()), folder.path(), START).unwrap();
    let mut port = open(handle.path());
    for _ in 0..200 {
        port.write_all(b"ATI\r").unwrap();
    }
    drop(handle);
}

#[test]
fn a_modem_that_stands_in_pulls_itself_out_on_order() {
    let folder = tempfile::tempdir().unwrap();
    let handle = Handle::new(Machine::plain(Card::default()), folder.path(), START).unwrap();
    let mut port = open(handle.path());
    handle.with(|machine, now| machine.order(now, Fault::new("csq", "unplug")));
    port.write_all(b"AT+CSQ\r").unwrap();
    let mut bytes = Vec::new();
    let end = port.read_to_end(&mut bytes);
    assert!(end.is_ok() || end.unwrap_err().raw_os_error() == Some(5));
}

#[test]
fn the_simulators_modem_has_a_port_beside_its_line() {
    let (modem, host) = (SimulatedModem::default(), FakeHost::in_real_time());
    let place = SimPlace { base_url: "http://127.0.0.1:9000".to_owned(), hook_url: String::new() };
    let talk = async {
        // It is driven first, and waits for nothing before it says where it is.
        let lines = host.log_lines();
        let said = lines.iter().find(|line| line.level == Level::Info).unwrap();
        let path = said.line.split(" on ").nth(1).unwrap().to_owned();
        let (told, answer) = futures_channel::oneshot::channel();
        std::thread::spawn(move || {
            let mut port = open(Path::new(&path));
            port.write_all(b"ATE0;+CNMI=2,1\r").unwrap();
            let first = read_until(&mut port, "OK\r\n");
            told.send((first, port)).unwrap();
        });
        let (first, mut port) = answer.await.unwrap();
        let text = PhoneText {
            from: Address::new(THEIRS),
            to: Address::new(OURS),
            body: "hello".to_owned(),
            pictures: Vec::new(),
        };
        modem.texted(&host, &place, &text).await.unwrap();
        let (told, answer) = futures_channel::oneshot::channel();
        std::thread::spawn(move || told.send(read_until(&mut port, "1\r\n")).unwrap());
        (first, answer.await.unwrap())
    };
    let running = modem.run(&host, &place);
    let Either::Right(((first, second), _)) = host.drive(select(running, std::pin::pin!(talk)))
    else {
        unreachable!("it runs until nobody drives it")
    };
    assert_eq!(first, "ATE0;+CNMI=2,1\r\r\nOK\r\n");
    assert_eq!(second, "\r\n+CMTI: \"SM\",1\r\n");
}
