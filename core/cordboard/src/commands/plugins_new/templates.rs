//! The templates: the very crates in `examples/plugins`, as they are when this binary is built.

/// A crate to copy.
pub(super) struct Template {
    /// The kind that stands in it; its other spellings are made from this one.
    pub(super) word: &'static str,
    /// Paths and texts. A test compares the list with the folder.
    pub(super) files: &'static [(&'static str, &'static str)],
}

macro_rules! template {
    ($folder:literal, $word:literal, [$($file:literal),* $(,)?]) => {
        Template {
            word: $word,
            files: &[$((
                $file,
                include_str!(concat!("../../../../../examples/plugins/", $folder, "/", $file)),
            )),*],
        }
    };
}

pub(super) static TRANSPORT: Template = template!(
    "transport-template",
    "carrier",
    [
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "conformance.toml",
        "example.toml",
        "fixtures/by_get.http",
        "fixtures/forged_cut_signature.http",
        "fixtures/forged_empty_signature.http",
        "fixtures/forged_no_signature.http",
        "fixtures/forged_other_scheme.http",
        "fixtures/forged_other_words.http",
        "fixtures/forged_status.http",
        "fixtures/genuine.http",
        "fixtures/not_json.http",
        "fixtures/report.http",
        "fixtures/status_delivered.http",
        "fixtures/status_failed.http",
        "fixtures/status_unknown_word.http",
        "fixtures/status_without_reference.http",
        "fixtures/text.http",
        "fixtures/text_accents.http",
        "fixtures/text_without_id.http",
        "fixtures/text_without_segments.http",
        "fixtures/text_without_sender.http",
        "fixtures/unknown_event.http",
        "src/config.rs",
        "src/inbound.rs",
        "src/lib.rs",
        "src/outbound.rs",
        "src/sim.rs",
        "tests/common/mod.rs",
        "tests/conformance.rs",
        "tests/inbound.rs",
        "tests/outbound.rs",
        "tests/round_trip.rs",
        "tests/settings.rs",
    ]
);

pub(super) static SINK: Template = template!(
    "sink-template",
    "bulletin",
    [
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "conformance.toml",
        "example.toml",
        "src/config.rs",
        "src/lib.rs",
        "src/outbound.rs",
        "src/sim.rs",
        "tests/common/mod.rs",
        "tests/conformance.rs",
        "tests/outbound.rs",
        "tests/round_trip.rs",
        "tests/settings.rs",
    ]
);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn below(folder: &Path, name: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let path = if name.is_empty() { file.clone() } else { format!("{name}/{file}") };
            match folder.join(&path).is_dir() {
                true if file == "target" => {}
                true => below(folder, &path, found),
                false => drop(found.insert(path)),
            }
        }
    }

    #[test]
    fn no_file_of_a_template_is_left_out() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plugins");
        for (folder, template) in [("transport-template", &TRANSPORT), ("sink-template", &SINK)] {
            let mut found = BTreeSet::new();
            below(&examples.join(folder), "", &mut found);
            let listed = template.files.iter().map(|(path, _)| (*path).to_owned());
            assert_eq!(listed.collect::<BTreeSet<_>>(), found, "{folder}");
        }
    }
}
