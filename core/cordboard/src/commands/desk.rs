//! `health`, `link` and `resume`: small things an operator does by hand.

use super::{ask, moment, rows, text};
use crate::cli::Link;
use crate::failure::Failure;
use crate::operator::{Ask, Desk, Operator};
use crate::talk;
use std::process::{Command, Stdio};

/// Also what a container engine asks, whose image has no other program to ask with.
pub(super) async fn health(desk: &Desk, json: bool) -> Result<(), Failure> {
    let health = Operator::running(desk)?.ask(Ask::Health).await?;
    if json {
        talk::json(&health)?;
    } else {
        talk::data(text(&health, "status"))?;
        for trouble in rows(&health["troubles"]) {
            talk::data(trouble.as_str().unwrap_or_default())?;
        }
    }
    if health["ready"] == true {
        return Ok(());
    }
    Err(Failure::failed("the bridge takes no texts", "it is starting, stopping, or has no room"))
}

pub(super) async fn link(desk: &Desk, link: &Link) -> Result<(), Failure> {
    let operator = Operator::find(desk)?;
    let made = operator.ask(Ask::Link(link.number.clone(), link.text)).await;
    let running = operator.is_running();
    operator.close().await?;
    let made = made?;
    talk::data(text(&made, "url"))?;
    talk::say(&format!("works until {}, once", moment(&made, "expires_at")));
    match (made["texted"] == true, running) {
        (true, true) => talk::say("it is also texted"),
        (true, false) => talk::say("it is also texted, when the bridge runs"),
        (false, _) if link.text => talk::say("it was not texted: its line is receive-only"),
        (false, true) => {}
        (false, false) => talk::say("it opens when the bridge runs"),
    }
    if link.open { open(text(&made, "url")) } else { Ok(()) }
}

pub(super) async fn resume(desk: &Desk, sink: &str) -> Result<(), Failure> {
    ask(desk, Ask::Resume(sink.to_owned())).await?;
    talk::say(&format!("sink `{sink}` goes on"));
    Ok(())
}

fn open(url: &str) -> Result<(), Failure> {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started =
        Command::new(program).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match started {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::failed(format!("`{program}` ended with {status}"), BY_HAND)),
        Err(error) => Err(Failure::failed(format!("cannot start `{program}`: {error}"), BY_HAND)),
    }
}

const BY_HAND: &str = "open the address above by hand";
