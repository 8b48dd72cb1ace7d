//! `Cargo.toml` and `Cargo.lock` of the new crate: one of its own, or a member of Cordboard's workspace.

use std::path::PathBuf;

/// How paths in the templates lead to the top folder of the source.
const TEMPLATE_TO_SOURCE: &str = "../../..";

/// What members of the workspace share.
const SHARED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// Where the crate goes.
pub(super) struct Place {
    /// Its folder, absolute.
    pub(super) folder: PathBuf,
    /// The top folder of Cordboard's source, absolute and without detours.
    source: PathBuf,
}

impl Place {
    pub(super) fn new(folder: PathBuf, source: PathBuf) -> Self {
        // A folder that is not there yet has no other name than this; the one it goes into may.
        let real = folder.parent().and_then(|parent| parent.canonicalize().ok());
        let folder = match (real, folder.file_name()) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => folder,
        };
        Self { folder, source }
    }

    /// Whether it is a member of Cordboard's own workspace: those are all crates in these two folders.
    pub(super) fn is_in_tree(&self) -> bool {
        let members = ["transports", "sinks"].map(|folder| self.source.join(folder));
        members.iter().any(|folder| self.folder.parent() == Some(folder))
    }

    /// The way from the crate to the source: relative as long as the crate is below it.
    fn to_source(&self) -> String {
        match self.folder.strip_prefix(&self.source) {
            Ok(below) => below.components().map(|_| "..").collect::<PathBuf>(),
            Err(_) => self.source.clone(),
        }
        .display()
        .to_string()
    }
}

/// The manifest for `place`, from the template's.
pub(super) fn manifest(template: &str, place: &Place) -> String {
    if place.is_in_tree() {
        return member(template);
    }
    let source = toml_text(&place.to_source());
    template.replace(&format!("path = \"{TEMPLATE_TO_SOURCE}/"), &format!("path = \"{source}/"))
}

/// What stands between the quotes of a TOML string.
fn toml_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The manifest of a member: what is shared comes from the workspace, and what only a workspace of its
/// own has is left out.
fn member(template: &str) -> String {
    let mut kept = String::new();
    for section in sections(template) {
        let head = section.lines().find(|line| line.starts_with('[')).unwrap_or_default();
        match head {
            "[workspace]" | "[profile.release]" => {}
            "[package]" => {
                kept += &lines(section, |key| SHARED.contains(&key));
                kept += "[lints]\nworkspace = true\n\n";
            }
            "[dependencies]" | "[dev-dependencies]" => kept += &lines(section, |_| true),
            _ => kept += section,
        }
    }
    kept.trim_end().to_owned() + "\n"
}

/// The tables of a manifest, each with the comment above it.
fn sections(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut blank_ends = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') && at > 0 {
            starts.push(blank_ends.unwrap_or(at));
        }
        at += line.len();
        if line.trim().is_empty() {
            blank_ends = Some(at);
        }
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// A section in which the values of some keys come from the workspace; features stay.
fn lines(section: &str, shared: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    for line in section.split_inclusive('\n') {
        match line.split_once(" = ") {
            Some((key, value)) if !line.starts_with('#') && shared(key) => {
                let features = value.split_once("features = ").map(|(_, features)| features);
                // What the workspace has switched on already need not be written again.
                let features = features.filter(|_| key == "cordboard-testkit");
                kept += &match features.and_then(|features| features.split_once(" }")) {
                    Some((features, _)) => {
                        format!("{key} = {{ workspace = true, features = {features} }}\n")
                    }
                    None => format!("{key}.workspace = true\n"),
                };
            }
            // Where the source is, is no question in the tree.
            _ if line.starts_with("# Outside the repository") => {}
            _ => kept += line,
        }
    }
    kept
}

/// A lock file whose packages stand in the order that cargo gives them, after one was renamed.
pub(super) fn sorted_lock(lock: &str) -> String {
    let mut pieces = lock.split("\n[[package]]\n");
    let head = pieces.next().unwrap_or_default().to_owned();
    let mut packages: Vec<&str> = pieces.map(|package| package.trim_end()).collect();
    packages.sort_by_key(|package| package.lines().next().unwrap_or_default().to_owned());
    let packages = packages.iter().map(|package| format!("\n[[package]]\n{package}\n"));
    head + &packages.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n\n[features]\n# No.\nsim = []\n\n\
        [dependencies]\n# Outside the repository: x.\ncordboard-plugin = { path = \"../../../core/plugin\" }\n\
        serde = { version = \"1\", features = [\"derive\"] }\n\n[dev-dependencies]\n\
        cordboard-testkit = { path = \"../../../core/testkit\", features = [\"case\"] }\n\n\
        [[test]]\nname = \"t\"\n\n# A workspace.\n[workspace]\n\n# A panic.\n[profile.release]\nstrip = true\n";

    fn place(folder: &str) -> Place {
        Place { folder: PathBuf::from(folder), source: PathBuf::from("/src/cordboard") }
    }

    #[test]
    fn a_crate_of_its_own_finds_the_source() {
        for (folder, way) in [
            ("/src/cordboard/examples/plugins/a", "../../.."),
            ("/src/cordboard/a", ".."),
            ("/home/me/a", "/src/cordboard"),
        ] {
            let place = place(folder);
            assert!(!place.is_in_tree(), "{folder}");
            let made = manifest(TEMPLATE, &place);
            assert!(made.contains(&format!("path = \"{way}/core/plugin\"")), "{made}");
            assert!(made.contains("\n[workspace]\n"), "{made}");
        }
    }

    #[test]
    fn a_member_shares_what_the_workspace_has() {
        let place = place("/src/cordboard/transports/a");
        assert!(place.is_in_tree());
        assert_eq!(
            manifest(TEMPLATE, &place),
            "[package]\nname = \"a\"\nversion.workspace = true\n\n[lints]\nworkspace = true\n\n\
            [features]\n# No.\nsim = []\n\n[dependencies]\ncordboard-plugin.workspace = true\n\
            serde.workspace = true\n\n[dev-dependencies]\n\
            cordboard-testkit = { workspace = true, features = [\"case\"] }\n\n[[test]]\nname = \"t\"\n"
        );
    }

    #[test]
    fn a_lock_is_in_order() {
        let lock = "# By cargo.\nversion = 4\n\n[[package]]\nname = \"b\"\n\n[[package]]\nname = \"a\"\nx = 1\n";
        let sorted = "# By cargo.\nversion = 4\n\n[[package]]\nname = \"a\"\nx = 1\n\n[[package]]\nname = \"b\"\n";
        assert_eq!(sorted_lock(lock), sorted);
    }
}
