//! The commands, each in a file of its own.

mod check;
mod desk;
mod messages;
mod money;
mod people;
mod plugins;
mod plugins_new;
mod plugins_test;
mod probe;
mod run;
mod sim;

use crate::cli::{Cli, Command, Run};
use crate::config::{self, Loaded, ProcessEnvironment};
use crate::failure::Failure;
use crate::operator::{Ask, Desk, Operator};
use crate::{builtin, talk};
use serde_json::Value;

/// Does what the command line says.
///
/// # Errors
/// Why it was not done, with its exit code.
pub async fn obey(cli: Cli) -> Result<(), Failure> {
    let command = cli.command.unwrap_or(Command::Run(Run::default()));
    match command {
        Command::Sim(sim) => return sim::run(sim).await,
        Command::Kind(words) => return probe::probe(&words, &cli.config).await,
        Command::Plugins(plugins) => return plugins::plugins(plugins, &cli.config),
        _ => {}
    }
    let (plugins, environment) = (builtin::plugins(), &ProcessEnvironment);
    let (loaded, unresolved) = config::load_for_desk(&cli.config, &plugins, environment)?;
    let desk = Desk { loaded, unresolved };
    match command {
        Command::Run(how) => run::run(complete(desk)?, how.strict_plugins).await,
        Command::Check(how) => check::check(&complete(desk)?, how.json).await,
        Command::Health(how) => desk::health(&desk, how.json).await,
        Command::People(people) => people::people(&desk, people).await,
        Command::Messages(messages) => messages::messages(&desk, messages).await,
        Command::Link(link) => desk::link(&desk, &link).await,
        Command::Resume { sink } => desk::resume(&desk, &sink).await,
        Command::Sim(_) | Command::Kind(_) | Command::Plugins(_) => Ok(()),
    }
}

/// The configuration with all its secrets, for commands that cannot do without; its warnings are told.
fn complete(desk: Desk) -> Result<Loaded, Failure> {
    if let Some(unresolved) = desk.unresolved {
        return Err(unresolved.into());
    }
    for warning in &desk.loaded.warnings {
        talk::say(&format!("warning: {warning}"));
    }
    Ok(desk.loaded)
}

/// Asks for one thing and lets go again.
async fn ask(desk: &Desk, ask: Ask) -> Result<Value, Failure> {
    let operator = Operator::find(desk)?;
    let answer = operator.ask(ask).await;
    operator.close().await?;
    answer
}

/// A string in an answer, empty when it is not there.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// A number in an answer as text, `-` when it is not there.
fn number(value: &Value, key: &str) -> String {
    value[key].as_i64().map_or_else(|| "-".to_owned(), |number| number.to_string())
}

/// A moment in an answer.
fn moment(value: &Value, key: &str) -> String {
    talk::moment(value[key].as_i64())
}

/// The rows of an answer that is a list.
fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
