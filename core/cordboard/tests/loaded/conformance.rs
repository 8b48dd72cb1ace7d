//! The questions that every plugin of ours is asked, asked again of the plugins in files. The cases are
//! those of the plugins' own tests; here they are asked of linked plugins, and in a process of its own,
//! told where the files are, of these.

use crate::built::built;
use std::process::Command;

#[path = "../../../../transports/flowroute/tests/conformance.rs"]
mod flowroute;
#[path = "../../../../transports/modem/tests/conformance.rs"]
mod modem;
#[path = "../../../../transports/twilio/tests/conformance.rs"]
mod twilio;
#[path = "../../../../sinks/x/tests/conformance.rs"]
mod x;

/// Questions altogether, of plugins of ours: none may get lost on the way.
const QUESTIONS_MIN: usize = 100;

#[test]
fn plugins_from_files_answer_as_linked_ones_do() {
    let Some(built) = built() else { return };
    let ask = |more: &[&str]| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(more).env("CORDBOARD_TEST_PLUGIN_DIR", &built.plugins);
        // All but this one, which would ask itself.
        command.args(["conformance::", "--skip", "plugins_from_files"]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said)
    };
    let (_, list) = ask(&["--list"]);
    let questions = list.lines().filter(|line| line.ends_with(": test")).count();
    assert!(questions >= QUESTIONS_MIN, "{list}");
    let (well, said) = ask(&[]);
    assert!(well && said.contains(&format!("{questions} passed")), "{said}");
}

#[test]
fn a_folder_without_the_files_is_noticed() {
    // Otherwise the test above would be one of linked plugins.
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["conformance::twilio", "an_accepted_text_has_an_id"]);
    command.env("CORDBOARD_TEST_PLUGIN_DIR", folder.path());
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(said.contains("libcordboard_twilio.so") && said.contains("FAILED"), "{said}");
}
