//! The modem on a real pseudo-terminal.

use crate::bench::START;
use cordboard_modem::sim::machine::{Card, Machine};
use cordboard_modem::sim::pty::Handle;
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
