//! The commands as people are told of them: in the answer to HELP and in the printed guide.

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandHelp {
    /// Its word, without the slash.
    pub word: &'static str,
    /// How it is texted.
    pub usage: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether the answer to HELP names it: the others are named where they are needed.
    in_short: bool,
}

const fn command(
    word: &'static str,
    usage: &'static str,
    meaning: &'static str,
    in_short: bool,
) -> CommandHelp {
    CommandHelp { word, usage, meaning, in_short }
}

/// Every command, in the order in which people meet them. `reading/parse.rs` knows the same words.
#[rustfmt::skip]
pub const COMMANDS: &[CommandHelp] = &[
    command("HELP", "/HELP or ?", "says in short what this is", false),
    command("STATUS", "/STATUS", "tells which account you post as, what waits and what today has cost", true),
    command("UNDO", "/UNDO", "takes your newest post back, once more the one before", true),
    command("CHECK", "/CHECK", "looks again whether an unclear text is posted", true),
    command("RETRY", "/RETRY", "posts your newest failed or unclear text after all", true),
    command("YES", "/YES", "does what we asked you about", false),
    command("NO", "/NO", "drops what we asked you about", false),
    command("LINK", "/LINK", "sends a link to connect, or to change the account", true),
    command("PIN", "/PIN 1234", "sets a PIN: then text 1234 your words; /PIN old new changes it", true),
    command("ALT", "/ALT words", "describes your newest picture for people who do not see it", false),
    command("QUIET", "/QUIET", "no more receipts; we text only when something fails", true),
    command("LOUD", "/LOUD", "a receipt for every post again", true),
    command("STOP", "STOP", "ends everything: see below", false),
];

/// The commands in the answer to HELP.
pub(crate) fn in_short() -> String {
    let named = COMMANDS.iter().filter(|command| command.in_short);
    named.map(|command| format!("/{}", command.word)).collect::<Vec<_>>().join(" ")
}
