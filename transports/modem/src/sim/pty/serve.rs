//! The simulator's own modem on a port, beside its line over HTTP.

use super::shuttle::{End, Knocker, Shuttle};
use crate::sim::cable::Cable;
use cordboard_plugin::{Host, Level, SimPlace};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt as _;
use futures_util::future::try_join3;
use std::time::Duration;

/// Opens a port, logs where it is, and carries bytes for as long as it is driven. The port is there
/// whether or not the modem is plugged in; what is written meanwhile is lost.
pub(in crate::sim) async fn serve(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    cable.with(host, place, |_, _| ()).await.map_err(|error| words(&error))?;
    let (written, mut to_modem) = unbounded();
    let (from_modem, said) = unbounded();
    let (heard, mut to_say) = unbounded::<Vec<u8>>();
    let port = Shuttle::open(Ends { written, said }, None).map_err(|error| words(&error))?;
    let knocker: Knocker = port.knocker().map_err(|error| words(&error))?;
    cable.tap(heard).map_err(|error| words(&error))?;
    host.log(Level::Info, &format!("a modem answers on {}", port.path().display()));
    let writing = async {
        while let Some(bytes) = to_modem.next().await {
            cable.write(host, place, &bytes).await.map_err(|error| words(&error))?;
        }
        Err::<(), _>("its thread ended".to_owned())
    };
    let saying = async {
        while let Some(bytes) = to_say.next().await {
            if from_modem.unbounded_send(bytes).is_err() {
                break;
            }
            knocker.knock();
        }
        Ok(())
    };
    let living = async {
        loop {
            let seen = cable.rung();
            let next = cable.with(host, place, |machine, _| machine.next_at()).await;
            let next = next.map_err(|error| words(&error))?;
            let soon = host.now().plus_millis(1);
            cable.rest(host, next.map(|next| next.max(soon)), seen).await;
        }
    };
    let ended: Result<((), (), ()), String> = try_join3(writing, saying, living).await;
    ended.map(|_| ())
}

/// The thread's end of both channels.
struct Ends {
    written: UnboundedSender<Vec<u8>>,
    said: UnboundedReceiver<Vec<u8>>,
}

impl End for Ends {
    fn came(&mut self, bytes: &[u8]) {
        // Nobody is there any more when the simulator ends.
        let _ = self.written.unbounded_send(bytes.to_vec());
    }

    fn piece(&mut self) -> Option<Vec<u8>> {
        self.said.try_recv().ok()
    }

    fn wait(&self) -> Option<Duration> {
        None
    }

    fn is_there(&self) -> bool {
        !self.written.is_closed()
    }
}
