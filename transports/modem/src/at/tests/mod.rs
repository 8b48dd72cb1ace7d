//! One command at a time, whatever the modem says in between.

mod asking;
mod sending;

use super::Channel;
use crate::port::scripted::Scripted;
use cordboard_testkit::FakeHost;

/// A modem of no particular kind, and its world.
fn modem() -> (FakeHost, Scripted) {
    let host = FakeHost::leaping();
    let modem = Scripted::new(&host);
    (host, modem)
}

/// A channel that is in order.
async fn in_order<'h>(host: &'h FakeHost, modem: &Scripted) -> Channel<'h> {
    let mut channel = Channel::new(modem.port(), host);
    channel.sync(5_000).await.unwrap();
    channel
}
