//! The systemd unit: what systemd itself says about it, and how secrets reach the configuration.

use crate::dockerfile::root;
use cordboard::builtin;
use cordboard::config;
use std::path::Path;
use std::process::{Command, Output};

/// Highest exposure that `systemd-analyze security` may find, in tenths.
const EXPOSURE_MAX: &str = "15";

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join("deploy").join(path)).unwrap()
}

/// The unit and its drop-in in a folder of their own, starting the binary that was just built.
pub(crate) fn installed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = read("cordboard.service");
    let start = "ExecStart=/usr/bin/cordboard run --config /etc/cordboard/plugins.toml\n";
    assert!(text.contains(start), "{text}");
    let text = text.replace("/usr/bin/cordboard", env!("CARGO_BIN_EXE_cordboard"));
    std::fs::write(folder.path().join("cordboard.service"), text).unwrap();
    let drop_in = folder.path().join("cordboard.service.d");
    std::fs::create_dir(&drop_in).unwrap();
    let credentials = read("cordboard.service.d/credentials.conf");
    std::fs::write(drop_in.join("credentials.conf"), credentials).unwrap();
    folder
}

/// Nothing but this unit: what else a machine has is not ours.
pub(crate) const VERIFY: [&str; 2] = ["verify", "--recursive-errors=no"];

/// `systemd-analyze`; `None`, loudly, where there is none or only an old one (before 250).
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn analyze(folder: &Path, args: &[&str]) -> Option<Output> {
    let unit = folder.join("cordboard.service");
    let output = Command::new("systemd-analyze").args(args).arg(unit).output().ok();
    if let Some(output) = output.filter(|output| !said(output).contains("unrecognized option")) {
        return Some(output);
    }
    let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
    assert!(!required.contains("systemd"), "systemd-analyze is required and missing");
    eprintln!("SKIPPED: no systemd-analyze of 250 or newer here; the unit was not looked at");
    None
}

pub(crate) fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let folder = installed();
    let Some(output) = analyze(folder.path(), &VERIFY) else { return };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "");
}

#[test]
fn systemd_finds_a_mistake_when_there_is_one() {
    let folder = installed();
    let unit = folder.path().join("cordboard.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    std::fs::write(&unit, text.replace("DynamicUser=", "DynamikUser=")).unwrap();
    let Some(output) = analyze(folder.path(), &VERIFY) else { return };
    assert!(said(&output).contains("DynamikUser"), "{}", said(&output));
}

#[test]
fn the_service_is_closed_where_it_can_be() {
    let folder = installed();
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let args = ["security", "--no-pager", "--offline=true", &threshold];
    let Some(output) = analyze(folder.path(), &args) else { return };
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn stopping_takes_longer_than_the_bridge_needs_and_a_wrong_configuration_is_not_repeated() {
    let unit = read("cordboard.service");
    let value = |key: &str| {
        unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or("")
    };
    let seconds: u32 = value("TimeoutStopSec").parse().unwrap();
    let policy = cordboard_engine::Policy::default();
    assert!(seconds >= policy.shutdown_seconds + 5, "{seconds} s");
    assert_eq!(value("Restart"), "always");
    assert_eq!(value("RestartPreventExitStatus"), "2 243");
    assert!(value("After").split(' ').any(|target| target == "time-sync.target"));
    assert_eq!(format!("/var/lib/{}", value("StateDirectory")), value("WorkingDirectory"));
}

/// What the drop-in loads: names, and the files they come from.
fn credentials() -> Vec<(String, String)> {
    let text = read("cordboard.service.d/credentials.conf");
    let lines = text.lines().filter_map(|line| line.strip_prefix("LoadCredential="));
    lines.filter_map(|line| line.split_once(':')).map(|(n, f)| (n.into(), f.into())).collect()
}

#[test]
fn the_configuration_of_the_service_takes_its_secrets_from_systemd() {
    let run = "/run/credentials/cordboard.service";
    let readme = read("README.md");
    let block = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let credentials = credentials();
    assert_eq!(credentials.len(), 2);
    for (name, file) in &credentials {
        assert!(block.contains(&format!("\"file:{run}/{name}\"")), "{name} is not used");
        assert_eq!(file, &format!("/etc/cordboard/secrets/{name}"));
        assert!(readme.contains(file.as_str()), "{file} is not explained");
        std::fs::write(folder.path().join(name), format!("secret of {name}\n")).unwrap();
    }
    let text = block.replace(run, folder.path().to_str().unwrap());
    let file = Path::new("/etc/cordboard/plugins.toml");
    let loaded = config::parse(file, &text, &builtin::plugins(), &[("A", "b")]);
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
    let settings = &loaded.engine.transports[0].settings;
    assert_eq!(settings["auth_token"], "secret of twilio_auth_token");
    assert_eq!(loaded.data_dir, Path::new("/var/lib/cordboard"));
    assert_eq!(loaded.warnings, Vec::<String>::new());
}
