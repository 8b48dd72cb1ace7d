//! `plugins test`, to plugins that are right.

use crate::made::{Made, cordboard, sink, stderr, stdout, transport};
use std::path::Path;

/// Asks the file of a crate, as its author does in its folder.
fn asked(made: &Made, args: &[&str]) -> std::process::Output {
    let file = made.file();
    let order = ["plugins", "test", file.to_str().unwrap()];
    cordboard(&made.folder, &[&order, args].concat())
}

#[test]
fn the_file_of_a_new_transport_passes_every_question() {
    let output = asked(transport(), &[]);
    let said = stdout(&output);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    assert_eq!(said.lines().count(), 24, "{said}");
    let line = "acme-sms: a forged webhook is rejected and leaves nothing ... passed\n";
    assert!(said.contains(line), "{said}");
    assert!(said.ends_with("\n23 passed, 0 failed, 0 skipped\n"), "{said}");
}

#[test]
fn the_file_of_a_new_sink_passes_every_question() {
    let output = asked(sink(), &[]);
    let said = stdout(&output);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    assert!(said.contains("pin-wall: no word is lost ... passed\n"), "{said}");
    assert!(said.ends_with("\n16 passed, 0 failed, 0 skipped\n"), "{said}");
}

/// Lays out a case whose fixtures were recorded: nothing can be filled in or signed.
fn recorded(folder: &Path, made: &Made) {
    let case = "[[transport]]\nkind = \"acme-sms\"\nwords = \"Hello\"\n\
        [transport.settings]\napi_token = \"x\"\nnumbers = [\"+15550100001\"]\n\
        webhook_secret = \"0123456789abcdef0123456789abcdef\"\n";
    std::fs::write(folder.join("conformance.toml"), case).unwrap();
    let fixtures = folder.join("fixtures");
    std::fs::create_dir_all(&fixtures).unwrap();
    for (from, to) in
        [("text", "genuine_1"), ("forged_other_words", "forged_1"), ("forged_status", "forged_2")]
    {
        let from = made.folder.join(format!("fixtures/{from}.http"));
        std::fs::copy(from, fixtures.join(format!("{to}.http"))).unwrap();
    }
}

#[test]
fn what_the_case_does_not_say_is_not_asked_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    recorded(folder.path(), transport());
    let output = asked(transport(), &["--case", folder.path().to_str().unwrap()]);
    let said = stdout(&output);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    for line in [
        "a genuine webhook brings the words as they were sent ... passed",
        "a forged webhook is rejected and leaves nothing ... passed",
        "another message has another key ... not asked: no fixture genuine.http, nor genuine_2.http",
        "random bodies never panic ... not asked: no fixture genuine.http with {{id}} and {{text}}",
        "a repeated report says the same ... not asked: no fixture report.http",
        "an accepted text has an id ... not asked: no [transport.answers]",
    ] {
        assert!(said.contains(&format!("acme-sms: {line}\n")), "{line} is not in\n{said}");
    }
    assert!(said.ends_with("\n5 passed, 0 failed, 18 skipped\n"), "{said}");
}

#[test]
fn a_case_that_is_wrong_is_told_and_nothing_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("conformance.toml");
    let usual = std::fs::read_to_string(transport().folder.join("conformance.toml")).unwrap();
    for (from, to, said) in [
        ("kind = \"acme-sms\"", "kind = \"acme\"", "the plugin has no transport `acme`"),
        ("api_token", "api_tokn", "`acme-sms` has no setting `api_tokn`"),
        ("api_token = \"0123456789abcdef\"", "", "`acme-sms` needs the setting `api_token`"),
        ("[\"+15550100001\"]", "[]", "`numbers`: must name at least one number"),
        ("hmac-sha256", "md5", "unknown variant `md5`"),
        ("fixtures = ", "fixture = ", "unknown field `fixture`"),
    ] {
        assert!(usual.contains(from), "{from}");
        std::fs::write(&case, usual.replacen(from, to, 1)).unwrap();
        let output = asked(transport(), &["--case", case.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{to}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{to}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{to}");
    }
}

#[test]
fn without_a_case_or_a_plugin_it_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = cordboard(folder.path(), &["plugins", "test", "nothing.so"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("there is no conformance.toml") && said.contains("hint: "), "{said}");
    let case = transport().folder.join("conformance.toml");
    let order = ["plugins", "test", "nothing.so", "--case", case.to_str().unwrap()];
    let output = cordboard(folder.path(), &order);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nothing.so"), "{}", stderr(&output));
}
