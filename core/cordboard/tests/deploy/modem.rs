//! What lies in `deploy/` for a modem: the udev rules, the service's way to its ports, the page.

use crate::dockerfile::root;
use crate::unit::{VERIFY, analyze, installed, read, said};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const RULES: &str = "60-cordboard-modem.rules";

/// A part of a rule: `ATTRS{idVendor}=="12d1"`.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    key: String,
    operator: String,
    value: String,
}

/// Keys that only match.
const MATCHES: &[&str] = &[
    "ACTION",
    "SUBSYSTEM",
    "SUBSYSTEMS",
    "KERNEL",
    "KERNELS",
    "DRIVERS",
    "ATTR",
    "ATTRS",
    "ENV",
    "TEST",
];
/// Keys that set something.
const SETS: &[&str] = &["ATTR", "ENV", "GROUP", "MODE", "SYMLINK", "LABEL", "GOTO"];
/// Keys that want a name in braces.
const NAMED: &[&str] = &["ATTR", "ATTRS", "ENV"];

/// Reads one rule.
fn rule(line: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (head, after) = rest.split_once('"').ok_or_else(|| format!("no value: {rest}"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("open quote: {rest}"))?;
        let at = head.find(['=', '!', '+']).ok_or_else(|| format!("no operator: {head}"))?;
        let (key, operator) = head.split_at(at);
        check_part(key, operator)?;
        parts.push(Part { key: key.into(), operator: operator.into(), value: value.into() });
        rest = match after.strip_prefix(',') {
            Some(next) if !next.trim().is_empty() => next.trim_start(),
            None if after.is_empty() => "",
            _ => return Err(format!("not a comma and a further part: {after}")),
        };
    }
    Ok(parts)
}

fn check_part(key: &str, operator: &str) -> Result<(), String> {
    let (name, attribute) = key.split_once('{').unwrap_or((key, ""));
    let has_attribute = attribute.ends_with('}') && attribute.len() > 1;
    if NAMED.contains(&name) != has_attribute {
        return Err(format!("braces: {key}"));
    }
    let known = match operator {
        "==" | "!=" => MATCHES,
        "=" | "+=" => SETS,
        _ => return Err(format!("operator: {key}{operator}")),
    };
    if known.contains(&name) { Ok(()) } else { Err(format!("key: {key}{operator}")) }
}

/// The rules of a file, those that are commented out as examples too.
fn rules(text: &str) -> Result<Vec<Vec<Part>>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines = lines.filter(|line| !line.starts_with('#') || line.starts_with("#SUBSYSTEM"));
    let lines = lines.map(|line| line.trim_start_matches('#'));
    let rules: Vec<Vec<Part>> = lines.map(rule).collect::<Result<_, _>>()?;
    let labels: Vec<(usize, &str)> = values(&rules, "LABEL").collect();
    for (at, goal) in values(&rules, "GOTO") {
        if !labels.iter().any(|(label_at, label)| *label_at > at && *label == goal) {
            return Err(format!("GOTO=\"{goal}\" leads nowhere further down"));
        }
    }
    Ok(rules)
}

/// The values of a key, each with the number of its rule.
fn values<'r>(rules: &'r [Vec<Part>], key: &'r str) -> impl Iterator<Item = (usize, &'r str)> {
    let parts = rules.iter().enumerate().flat_map(|(at, rule)| rule.iter().map(move |p| (at, p)));
    parts.filter(move |(_, part)| part.key == key).map(|(at, part)| (at, part.value.as_str()))
}

#[test]
fn the_rules_are_well_formed() {
    let text = read(RULES);
    assert!(text.is_ascii(), "curly quotes would make udev skip a line");
    let rules = rules(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(values(&rules, "ENV{ID_MM_DEVICE_IGNORE}").count(), 1);
    assert_eq!(values(&rules, "GROUP").map(|(_, value)| value).collect::<Vec<_>>(), ["dialout"]);
    assert_eq!(values(&rules, "MODE").map(|(_, value)| value).collect::<Vec<_>>(), ["0660"]);
    let vendors: BTreeSet<&str> =
        values(&rules, "ATTRS{idVendor}").map(|(_, value)| value).collect();
    assert_eq!(vendors.len(), values(&rules, "ATTRS{idVendor}").count(), "one is there twice");
    for vendor in vendors {
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        assert!(vendor.len() == 4 && vendor.chars().all(is_hex), "{vendor}");
    }
}

#[test]
fn a_rule_that_is_not_well_formed_is_found() {
    for (bad, why) in [
        ("ATTRS{idVendor}=\"12d1\", GOTO=\"end\"\nLABEL=\"end\"", "key: ATTRS{idVendor}="),
        ("ATTRS==\"12d1\"", "braces: ATTRS"),
        ("KERNEL==\"a\" MODE=\"0660\"", "not a comma"),
        ("KERNEL==\"a\", ", "not a comma and a further part"),
        ("KERNEL==\"a", "open quote"),
        ("KERNELL==\"a\"", "key: KERNELL"),
        ("GOTO=\"end\"", "leads nowhere"),
        ("LABEL=\"end\"\nGOTO=\"end\"", "leads nowhere"),
        ("MODE==\"0660\"", "key: MODE=="),
    ] {
        let error = rules(bad).expect_err(bad);
        assert!(error.contains(why), "{bad}: {error}");
    }
}

/// ModemManager reads before 80 what is set; rules that come later come too late.
#[test]
fn the_rules_come_before_those_of_modem_manager() {
    let entries = std::fs::read_dir(root().join("deploy")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let rules: Vec<String> = names.filter(|name| name.ends_with(".rules")).collect();
    assert_eq!(rules, [RULES]);
    let number: u32 = RULES.split('-').next().unwrap().parse().unwrap();
    // Behind 50-udev-default.rules, which sets the group of ttys.
    assert!(number > 50 && number < 77, "{number}");
}

/// `udevadm verify` is there from systemd 254 on.
#[test]
fn udev_itself_finds_nothing_wrong_with_the_rules() {
    let file = root().join("deploy").join(RULES);
    let verify = |file: &Path| Command::new("udevadm").arg("verify").arg(file).output().ok();
    let Some(output) = verify(&file).filter(|output| !said(output).contains("Unknown command"))
    else {
        eprintln!("SKIPPED: no `udevadm verify` here; only our own check looked at the rules");
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join(RULES);
    std::fs::write(&broken, read(RULES).replace("GROUP=\"dialout\"", "GROUPP=\"dialout\""))
        .unwrap();
    assert!(!verify(&broken).unwrap().status.success(), "udevadm lets a mistake pass");
}

/// The unit with the drop-in for a modem too.
fn with_modem() -> tempfile::TempDir {
    let folder = installed();
    let drop_in = folder.path().join("cordboard.service.d/modem.conf");
    std::fs::write(drop_in, read("cordboard.service.d/modem.conf")).unwrap();
    folder
}

#[test]
fn systemd_finds_nothing_wrong_with_the_drop_in_for_a_modem() {
    let folder = with_modem();
    let Some(output) = analyze(folder.path(), &VERIFY) else { return };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "");
}

#[test]
fn a_mistake_in_the_drop_in_is_found() {
    let folder = with_modem();
    let drop_in = folder.path().join("cordboard.service.d/modem.conf");
    let text = std::fs::read_to_string(&drop_in).unwrap();
    std::fs::write(&drop_in, text.replace("DevicePolicy=closed", "DevicePolicy=ajar")).unwrap();
    let Some(output) = analyze(folder.path(), &VERIFY) else { return };
    assert!(said(&output).contains("ajar"), "{}", said(&output));
}

/// Highest exposure with a modem, in tenths: serial ports and a group are open, nothing else.
const EXPOSURE_MAX: &str = "17";

#[test]
fn with_a_modem_the_service_is_hardly_more_open() {
    let folder = with_modem();
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let args = ["security", "--no-pager", "--offline=true", &threshold];
    let Some(output) = analyze(folder.path(), &args) else { return };
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("char-ttyUSB:rw"),
        "the drop-in was not read: {}",
        said(&output)
    );
}

#[test]
fn every_kind_of_port_is_allowed_and_its_driver_loaded_first() {
    let text = read("cordboard.service.d/modem.conf");
    let lines = |key: &str| -> Vec<String> {
        let values = text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        values.map(str::to_owned).collect()
    };
    for port in ["char-ttyUSB", "char-ttyACM", "char-ttyAMA", "/dev/ttyS0"] {
        assert!(lines("DeviceAllow").contains(&format!("{port} rw")), "{port}");
    }
    // Not the class of ttyS0: the consoles are in it.
    assert!(!text.contains("char-ttyS "));
    assert_eq!(lines("PrivateDevices"), ["no"]);
    assert_eq!(lines("SupplementaryGroups"), ["dialout"]);
    assert_eq!(lines("Wants"), lines("After"));
    assert_eq!(lines("Wants"), ["modprobe@usbserial.service modprobe@cdc_acm.service"]);
}

/// The page's block of a language, without the indent of the list it stands in.
fn block(page: &str, language: &str) -> String {
    let mut lines = page.lines().skip_while(|line| line.trim() != format!("```{language}"));
    let fence = lines.next().unwrap();
    let indent = &fence[..fence.len() - fence.trim_start().len()];
    let lines = lines.take_while(|line| line.trim() != "```");
    lines.map(|line| line.strip_prefix(indent).unwrap_or(line).to_owned() + "\n").collect()
}

#[test]
fn the_page_shows_the_example_as_it_is() {
    let page = read("modem-on-a-pi.md");
    assert!(page.starts_with("# A modem on a Pi\n"));
    let example = std::fs::read_to_string(root().join("examples/modem-on-a-pi.toml")).unwrap();
    let from = example.find("[bridge]").unwrap();
    assert_eq!(block(&page, "toml"), example[from..]);
}

#[test]
fn the_page_and_the_readme_name_files_that_are_there() {
    let page = read("modem-on-a-pi.md");
    let readme = read("README.md");
    for file in [RULES, "cordboard.service.d/modem.conf"] {
        assert!(page.contains(&format!("deploy/{file}")), "{file} is not in the page");
        assert!(readme.contains(file), "{file} is not in the README");
        assert!(root().join("deploy").join(file).is_file(), "{file}");
    }
    assert!(readme.contains("](modem-on-a-pi.md)"));
    assert!(page.contains("](README.md)"));
}
