//! The line on real pseudo-terminals, in real time.

use crate::bench::{arriving, outgoing, settings};
use cordboard_modem::Modem;
use cordboard_modem::sim::machine::{Card, Fault, Machine};
use cordboard_modem::sim::pty::Handle;
use cordboard_plugin::{Address, Create as _, Host as _, Transport as _};
use cordboard_testkit::{FakeHost, START};
use futures_util::future::{Either, select};
use serde_json::json;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::pin::pin;

/// A modem on a pseudo-terminal and a bridge beside it.
struct World {
    host: FakeHost,
    handle: Handle,
    folder: tempfile::TempDir,
}

impl World {
    fn new(card: Card) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for nth in 0..3 {
            drives(folder.path(), &format!("ttyUSB{nth}")).unwrap();
        }
        let machine = Machine::new("plain", card).unwrap();
        let dev = folder.path().join("dev");
        std::fs::create_dir(&dev).unwrap();
        let handle = Handle::new(machine, &dev, START).unwrap();
        Self { host: FakeHost::in_real_time(), handle, folder }
    }

    fn modem(&self) -> Modem {
        Modem::create_in(&settings("auto", &json!({})), self.folder.path()).unwrap()
    }

    /// A text comes over the air, its parts in this order.
    fn texted(&self, text: &str, reference: u16) {
        self.handle.with(|machine, now| machine.deliver(now, arriving(text, now, reference)));
    }
}

/// Says in the tree below `root` that the driver of modems has this port.
fn drives(root: &Path, name: &str) -> std::io::Result<()> {
    let (class, device) = (root.join("sys/class/tty").join(name), root.join("sys/port").join(name));
    std::fs::create_dir_all(&class)?;
    std::fs::create_dir_all(&device)?;
    symlink(root.join("sys/drivers/option1"), device.join("driver"))?;
    symlink(device, class.join("device"))
}

/// Lets `modem` live until `scenario` is over.
fn lives<T>(host: &FakeHost, modem: &Modem, scenario: impl Future<Output = T>) -> T {
    host.drive(async {
        match select(pin!(modem.run(host)), pin!(scenario)).await {
            Either::Left((ended, _)) => panic!("the line ended: {ended:?}"),
            Either::Right((result, _)) => result,
        }
    })
}

/// Waits until `is`. The limit only tells a failed test from an endless one.
async fn until(host: &FakeHost, is: impl Fn() -> bool) {
    let limit = host.now().plus_seconds(30);
    while !is() {
        assert!(host.now() < limit, "it never became so: {:#?}", host.log_lines());
        host.sleep_until(host.now().plus_millis(50)).await;
    }
}

fn is_ready(host: &FakeHost) -> bool {
    host.gauge_value("modem_ready") == Some(1)
}

fn texts(host: &FakeHost) -> Vec<String> {
    host.messages().into_iter().map(|message| message.text).collect()
}

#[test]
fn a_modem_that_hangs_and_comes_back_as_another_terminal_serves_again() {
    let mut world = World::new(Card::default());
    let (host, modem) = (world.host.clone(), world.modem());
    lives(&host, &modem, async {
        until(&host, || is_ready(&host)).await;
        world.texted("Before", 1);
        until(&host, || texts(&host).len() == 1).await;
        let before = world.handle.path().to_owned();
        world.handle.with(|machine, now| machine.order(now, Fault::new("now", "hang")));
        // Somebody pulls it and plugs it in again.
        world.handle.unplug();
        until(&host, || !is_ready(&host)).await;
        let after = world.handle.replug().unwrap();
        assert_ne!(before, after);
        until(&host, || is_ready(&host)).await;
        world.texted("After", 2);
        until(&host, || texts(&host).len() == 2).await;
        let sent = modem.send(&host, &outgoing("1", "Here I am")).await;
        assert!(sent.is_ok(), "{sent:?}");
    });
    assert_eq!(texts(&host), ["Before", "After"]);
    let shown = world.handle.with(|machine, _| machine.take_shown());
    assert_eq!(shown[0].text, "Here I am");
}

#[test]
fn forty_messages_in_a_full_card_are_handed_on_in_order() {
    let world = World::new(Card { slots: 40, ..Card::default() });
    let (host, modem) = (world.host.clone(), world.modem());
    let expected: Vec<String> = (0..40).map(|nth| format!("Message number {nth}")).collect();
    world.handle.with(|machine, now| {
        for (nth, text) in (0..).zip(&expected) {
            let at = now.plus_seconds(i64::from(nth) - 100);
            machine.deliver(now, arriving(text, at, nth));
        }
    });
    lives(&host, &modem, until(&host, || texts(&host).len() == 40));
    assert_eq!(texts(&host), expected);
}

#[test]
fn a_text_of_ten_parts_comes_and_goes_whole() {
    let world = World::new(Card::default());
    let (host, modem) = (world.host.clone(), world.modem());
    let text = "🦀 ten parts of crabs 👩‍👩‍👧‍👦 ".repeat(19);
    let text = text.trim();
    let parts = arriving(text, START, 9);
    assert_eq!(parts.len(), 10);
    lives(&host, &modem, async {
        until(&host, || is_ready(&host)).await;
        // In no order at all.
        world.handle.with(|machine, now| {
            machine.deliver(now, [7, 0, 3, 9, 1, 8, 2, 6, 4, 5].map(|at| parts[at].clone()));
        });
        until(&host, || !texts(&host).is_empty()).await;
        let receipt = modem.send(&host, &outgoing("1", text)).await.unwrap();
        assert_eq!(receipt.segments, Some(10));
    });
    assert_eq!(texts(&host), [text]);
    assert_eq!(host.messages()[0].from, Address::new(crate::bench::THEIRS));
    let shown = world.handle.with(|machine, _| machine.take_shown());
    assert_eq!(shown.iter().map(|shown| shown.text.as_str()).collect::<Vec<_>>(), [text]);
}

#[test]
fn a_port_that_is_held_is_told_from_one_that_is_not_there() {
    let world = World::new(Card::default());
    let host = world.host.clone();
    let (first, second) = (world.modem(), world.modem());
    lives(&host, &first, async {
        until(&host, || is_ready(&host)).await;
        let findings = second.diagnose(&host).await;
        let held = findings.iter().any(|finding| finding.line.contains("held"));
        assert!(held, "{findings:?}");
    });
    let elsewhere = world.folder.path().join("dev/ttyUSB9").display().to_string();
    let modem = Modem::create(&settings(&elsewhere, &json!({}))).unwrap();
    let findings = host.drive(modem.diagnose(&host));
    assert!(findings.iter().any(|finding| finding.line.contains("not there")), "{findings:?}");
    // Once it is free, it can be asked.
    let findings = host.drive(second.diagnose(&host));
    assert!(findings.iter().all(|finding| finding.ok), "{findings:?}");
}
