//! `plugins test`, to plugins that are wrong in one way each.

use crate::made::{Made, cordboard, made, stderr, stdout};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The template's transport, but for what is wrong with it: the last word of its token.
fn wrong() -> &'static (Made, PathBuf) {
    static WRONG: OnceLock<(Made, PathBuf)> = OnceLock::new();
    WRONG.get_or_init(|| {
        let made = made("transport", "wrong");
        let library = made.folder.join("src/lib.rs");
        let mut text = std::fs::read_to_string(&library).unwrap();
        for (from, to) in [
            ("        inbound::verify(&self.config, &call)?;\n", include_str!("wrong/receive.in")),
            (
                "        let answer = host.http(outbound::call(&self.config, text)).await?;\n",
                include_str!("wrong/send.in"),
            ),
            ("async fn receive(&self, _host", "async fn receive(&self, host"),
        ] {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(&library, text).unwrap();
        let file = made.file();
        (made, file)
    })
}

/// What is said about a plugin that is wrong in this way.
fn told(flaw: &str, args: &[&str]) -> String {
    let (made, file) = wrong();
    let folder = tempfile::tempdir().unwrap();
    let case = std::fs::read_to_string(made.folder.join("conformance.toml")).unwrap();
    let fixtures = format!("fixtures = \"{}\"", made.folder.join("fixtures").display());
    let case = case.replace("\"0123456789abcdef\"", &format!("\"{flaw}\""));
    let case = case.replace("fixtures = \"fixtures\"", &fixtures);
    assert!(case.contains(flaw) && case.contains(&fixtures), "{case}");
    let path = folder.path().join("conformance.toml");
    std::fs::write(&path, case).unwrap();
    let order = ["plugins", "test", file.to_str().unwrap(), "--case", path.to_str().unwrap()];
    let output = cordboard(folder.path(), &[&order, args].concat());
    let said = stdout(&output);
    let code = i32::from(flaw != "none");
    assert_eq!(output.status.code(), Some(code), "{flaw}: {said}{}", stderr(&output));
    said
}

#[test]
fn each_wrong_plugin_fails_its_question_and_is_told_why() {
    assert!(told("none", &[]).ends_with("\n23 passed, 0 failed, 0 skipped\n"));
    for (flaw, question, why) in [
        ("believes-everyone", "a forged webhook is rejected and leaves nothing", "was believed"),
        (
            "writes-first",
            "a forged webhook is rejected and leaves nothing",
            "left something behind",
        ),
        (
            "panics-on-odd-bytes",
            "a body that is not utf8 is answered",
            "odd bytes, said the plugin",
        ),
        ("panics-on-odd-bytes", "random bodies never panic", "on the random bytes of seed"),
        (
            "cuts-words",
            "a text of a hundred thousand characters is answered",
            "a long text was cut",
        ),
        ("repeats", "a lost answer leaves the outcome unclear", "repeated blindly"),
        ("gives-up", "a throttled text is left for later", "throttled, but: "),
        ("answers-unasked", "an accepted text has an id", "the provider was not asked at all"),
    ] {
        let said = told(flaw, &[]);
        let line = format!("wrong: {question} ... FAILED\n");
        let (_, after) = said.split_once(&line).unwrap_or_else(|| panic!("{flaw}: {said}"));
        let explained: String = after.lines().take_while(|line| line.starts_with("    ")).collect();
        assert!(explained.contains(why), "{flaw}: {explained}");
        let asked = said.lines().filter(|line| line.starts_with("wrong: ")).count();
        assert_eq!(asked, 23, "{flaw}: the others are asked all the same: {said}");
        assert!(!said.contains("... not asked"), "{flaw}: {said}");
    }
}

#[test]
fn a_plugin_that_never_comes_back_does_not_keep_the_others_waiting() {
    let said = told("blocks", &["--patience-seconds", "5"]);
    let line = "wrong: an accepted text has an id ... FAILED\n    no end of it within 5 s\n";
    assert!(said.contains(line), "{said}");
    let rest =
        "an unexpected answer is no success ... not asked: the plugin is still at the one before";
    assert!(said.contains(rest), "{said}");
    assert!(said.ends_with("\n14 passed, 1 failed, 8 skipped\n"), "{said}");
}
