//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use cordboard_plugin::Address;
use std::net::SocketAddr;
use std::path::PathBuf;

/// People text a number, and their words are posted under their own account.
#[derive(Debug, Parser)]
#[command(name = "cordboard", version, about, max_term_width = 100)]
pub struct Cli {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        env = "CORDBOARD_CONFIG",
        default_value = "plugins.toml",
        value_name = "PATH"
    )]
    pub config: PathBuf,
    /// What to do; `run` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the bridge until it is told to stop (the default).
    Run(Run),
    /// Read the configuration without starting anything, and print what to set up at the
    /// providers.
    Check(Json),
    /// Ask the running bridge how it is; fails when none runs, or when it takes no texts.
    Health(Json),
    /// What the bridge is made of: the plugins that are built in, and those from files.
    #[command(subcommand)]
    Plugins(Plugins),
    /// Who uses the bridge.
    #[command(subcommand)]
    People(People),
    /// What has arrived, and what became of it.
    #[command(subcommand)]
    Messages(Messages),
    /// Make an invitation for a number and print its address.
    Link(Link),
    /// Let a paused sink go on.
    Resume {
        /// The sink's name.
        sink: String,
    },
    /// Run the simulated provider of a kind as a process of its own.
    Sim(Sim),
    /// `KIND probe [ARG…]`: let a plugin look at the outside world, before anything is configured.
    #[command(external_subcommand)]
    Kind(Vec<String>),
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct Json {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How to run.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Run {
    /// Do not start when the file of a plugin cannot be loaded.
    #[arg(long)]
    pub strict_plugins: bool,
}

/// What the bridge is made of.
#[derive(Debug, Subcommand)]
pub enum Plugins {
    /// The plugins of this configuration, and what each offers.
    List(Json),
    /// Look at a plugin's file and load it: what it is, what it needs, what it offers.
    Check {
        /// The file.
        file: PathBuf,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
    /// Make a crate to begin a plugin from; it builds and passes its tests as it stands.
    New(NewPlugin),
    /// Ask a plugin's file what every plugin is asked; fails when an answer is wrong.
    Test(TestPlugin),
}

/// Who uses the bridge.
#[derive(Debug, Subcommand)]
pub enum People {
    /// Everybody we know.
    List {
        /// At most this many.
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
    /// One person.
    Show {
        /// Their number, as +15550100001.
        #[arg(value_parser = number)]
        number: Address,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
    /// Disconnect a person's accounts and erase the credentials.
    Unlink {
        /// Their number.
        #[arg(value_parser = number)]
        number: Address,
        /// Only the account at this sink, for example that for pictures.
        #[arg(long, value_name = "NAME")]
        sink: Option<String>,
    },
    /// Read and answer nothing from a number any more.
    Block {
        /// Their number.
        #[arg(value_parser = number)]
        number: Address,
    },
    /// Lift a block.
    Unblock {
        /// Their number.
        #[arg(value_parser = number)]
        number: Address,
    },
}

/// What has arrived.
#[derive(Debug, Subcommand)]
pub enum Messages {
    /// Messages, newest first.
    List {
        /// Only these states: queued, working, posted, answered, refused, failed, waiting, unclear.
        #[arg(long, value_delimiter = ',')]
        state: Vec<String>,
        /// Only this sender.
        #[arg(long, value_parser = number)]
        sender: Option<Address>,
        /// Only messages with a smaller id.
        #[arg(long)]
        before: Option<i64>,
        /// At most this many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
    /// One message's life, step by step.
    Show {
        /// Its id.
        id: i64,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
    /// Try messages again that were given up.
    Retry {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<i64>,
    },
    /// How many messages are in which state; the sum always holds.
    Sum {
        /// What was spent instead, by UTC day.
        #[arg(long)]
        money: bool,
        /// How many days of it, today included.
        #[arg(long, default_value_t = 1, requires = "money", value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
        /// How it is shown.
        #[command(flatten)]
        json: Json,
    },
}

/// An invitation.
#[derive(Debug, Args)]
pub struct Link {
    /// For whom, as +15550100001.
    #[arg(value_parser = number)]
    pub number: Address,
    /// Text it, too.
    #[arg(long)]
    pub text: bool,
    /// Open it in a browser here.
    #[arg(long)]
    pub open: bool,
}

/// A new plugin.
#[derive(Debug, Args)]
pub struct NewPlugin {
    /// What it is.
    pub sort: PluginSort,
    /// Its kind, as in `kind = "NAME"`: a-z, 0-9 and `-`.
    pub name: String,
    /// The folder of the crate; NAME when left out.
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,
    /// Where Cordboard's source is; found by itself from within.
    #[arg(long, value_name = "PATH")]
    pub cordboard: Option<PathBuf>,
}

/// What a plugin is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PluginSort {
    /// It carries texts between people's phones and us.
    Transport,
    /// It is where people's words go.
    Sink,
}

/// A plugin's file to be asked.
#[derive(Debug, Args)]
pub struct TestPlugin {
    /// The file.
    pub file: PathBuf,
    /// How its provider talks: a file, or a folder with a `conformance.toml`. When left out, the one
    /// beside FILE, or in the present folder.
    #[arg(long, value_name = "PATH")]
    pub case: Option<PathBuf>,
    /// How long one question may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub patience_seconds: u64,
}

/// A simulated provider.
#[derive(Debug, Args)]
pub struct Sim {
    /// The kind whose provider is simulated.
    pub kind: String,
    /// Where it listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where it delivers texts to: `http://127.0.0.1:8080/hooks/NAME`.
    #[arg(long, value_name = "URL", default_value = "")]
    pub hook: String,
}

fn number(text: &str) -> Result<Address, String> {
    let address = Address::new(text);
    if address.is_e164() {
        Ok(address)
    } else {
        Err("write the full number: plus, country code, number, no spaces".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_must_be_full() {
        for (text, taken) in [("+15550100001", true), ("5550100001", false), ("+1 555", false)] {
            let parsed = Cli::try_parse_from(["cordboard", "people", "show", text]);
            assert_eq!(parsed.is_ok(), taken, "{text}");
        }
    }
}
