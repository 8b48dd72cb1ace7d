//! `cordboard`: people text a number, and their words are posted under their own account.

use clap::Parser as _;
use cordboard::cli::Cli;
use cordboard::config::ProcessEnvironment;
use cordboard::failure::Failure;
use cordboard::{commands, logging, talk};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(&ProcessEnvironment.log_filter());
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            talk::say(&failure.to_string());
            failure.code()
        }
    }
}

fn start(cli: Cli) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}"), ""))?;
    let done = runtime.block_on(commands::obey(cli));
    // Whatever still runs (a second signal came) is not waited for.
    runtime.shutdown_background();
    done
}
