//! `KIND probe`: a plugin looks at the outside world, before anything is configured.

use crate::builtin;
use crate::cli::Cli;
use crate::config::{self, ProcessEnvironment, near};
use crate::failure::Failure;
use crate::lone::LoneHost;
use crate::talk;
use clap::CommandFactory as _;
use cordboard_engine::World;
use cordboard_plugin::{Page, PluginDef, Transport};
use serde_json::Value;
use std::path::Path;

/// `words` are those behind `cordboard`: the kind, `probe`, and what else the plugin takes. `--json`
/// among them is ours. Kinds from files are known as far as the configuration can be read.
pub(super) async fn probe(words: &[String], config: &Path) -> Result<(), Failure> {
    let (word, rest) = words.split_first().map_or(("", words), |(word, rest)| (word, rest));
    let linked = builtin::plugins();
    let known = config::load_plugins(config, &linked, &ProcessEnvironment);
    let plugins: Vec<_> = known.map_or(linked, |known| known.all().collect());
    let Some(instance) = unconfigured(&plugins, word) else {
        return Err(unknown(&plugins, word));
    };
    let Some(args) = rest.strip_prefix(&["probe".to_owned()]) else {
        return Err(Failure::usage(
            format!("`{word}` is a kind, and there is one thing to do with it here"),
            format!("`cordboard {word} probe`"),
        ));
    };
    let as_json = |word: &&String| *word == "--json";
    let json = args.iter().any(|word| as_json(&word));
    let args: Vec<String> = args.iter().filter(|word| !as_json(word)).cloned().collect();
    let host = LoneHost::of_plugin(World::real(), instance.capabilities().bases);
    let page = instance.probe(&host, &args).await;
    let page = page.map_err(|error| Failure::failed(error.to_string(), ""))?;
    if json {
        return talk::json(&serde_json::to_value(&page).unwrap_or(Value::Null));
    }
    show(&page)
}

/// An instance of the kind to look around with; `None` when there is no such kind, or nothing to see.
fn unconfigured(plugins: &[&'static PluginDef], kind: &str) -> Option<Box<dyn Transport>> {
    let kinds = plugins.iter().flat_map(|plugin| plugin.transports);
    kinds.into_iter().find(|found| found.kind == kind).and_then(|found| (found.unconfigured)())
}

fn unknown(plugins: &[&'static PluginDef], word: &str) -> Failure {
    let kinds: Vec<_> = plugins.iter().flat_map(|plugin| plugin.transports).collect();
    if kinds.iter().any(|found| found.kind == word) {
        return Failure::usage(
            format!("the kind `{word}` has nothing to probe before it is configured"),
            "configure an instance of it, then `cordboard check`",
        );
    }
    let command = Cli::command();
    let probed = kinds.iter().filter(|found| (found.unconfigured)().is_some());
    let known = command.get_subcommands().map(clap::Command::get_name);
    let hint = near::hint(word, known.chain(probed.map(|found| found.kind)));
    Failure::usage(format!("there is no command `{word}`"), hint)
}

fn show(page: &Page) -> Result<(), Failure> {
    let width = page.facts.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in &page.facts {
        talk::data(format!("{label:<width$}  {value}").trim_end())?;
    }
    for table in &page.tables {
        talk::data("")?;
        talk::data(&table.title)?;
        let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        talk::table(&columns, &table.rows, "none")?;
    }
    Ok(())
}
