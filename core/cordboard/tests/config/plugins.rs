//! `[[plugin]]`: files are loaded before instances are looked at, and whatever is wrong is told.

use crate::files::{Offer, allow, make};
use crate::made_up::PLUGIN;
use cordboard::config::{self, ConfigError, Loaded};
use std::path::Path;
use tempfile::TempDir;

/// A transport and a sink from a file, beside the ones that are built in here.
const GOOD: &str = r#"
[[plugin]]
path = "libpigeon.so"

[[transport]]
name = "loft"
kind = "pigeon"
[transport.settings]
numbers = ["+15550100001"]

[[sink]]
name = "wall"
kind = "tiles"

[[route]]
post = ["wall"]
"#;

/// A folder with a configuration's plugins.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("dist/plugins");
    std::fs::create_dir_all(&plugins).unwrap();
    allow(&plugins, 0o755);
    let pigeon = Offer { name: "pigeon-post", transport: Some("pigeon"), sink: Some("tiles") };
    make(&plugins, "libpigeon.so", pigeon);
    folder
}

fn load(folder: &Path, text: &str) -> Result<Loaded, ConfigError> {
    config::parse(&folder.join("plugins.toml"), text, &[&PLUGIN], &[("A", "b")])
}

/// What is told of `GOOD` with one piece replaced; the folder is shown as nothing.
fn told(folder: &Path, old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old}");
    let error = load(folder, &GOOD.replacen(old, new, 1)).unwrap_err();
    error.to_string().replace(&format!("{}/", folder.display()), "")
}

#[test]
fn a_kind_from_a_file_is_used_like_a_built_in_one() {
    let folder = folder();
    let loaded = load(folder.path(), GOOD).unwrap();
    assert_eq!(loaded.plugins.loaded.len(), 1);
    assert!(loaded.plugins.broken.is_empty() && loaded.plugins.left_out.is_empty());
    // Its own defaults are filled in.
    assert_eq!(loaded.engine.transports[0].settings["loft"], "dry");
    assert_eq!(loaded.engine.sinks[0].kind, "tiles");
    let views = loaded.plugins.views();
    assert_eq!((views[0].name.as_str(), views[0].path.as_ref()), ("made-up", None));
    assert_eq!((views[1].name.as_str(), views[1].version.as_str()), ("pigeon-post", "0.3.1"));
    assert!(views[1].path.as_ref().unwrap().ends_with("dist/plugins/libpigeon.so"));
    assert_eq!((views[1].transports[0].as_str(), views[1].sinks[0].as_str()), ("pigeon", "tiles"));
}

#[test]
fn each_slip_is_told_with_its_place_and_a_hint() {
    let folder = folder();
    let plugins = folder.path().join("dist/plugins");
    let offer = |transport, sink| Offer { name: "other", transport, sink };
    make(&plugins, "libcarrier.so", offer(Some("carrier"), None));
    make(&plugins, "libboard.so", offer(None, Some("board")));
    make(&plugins, "libtiles.so", offer(None, Some("tiles")));
    let path = "path = \"libpigeon.so\"";
    for (old, new, expected) in [
        (
            path,
            "pth = \"libpigeon.so\"",
            "`pth` is not a key of `[[plugin]]` (plugins.toml:3:1)\nhint: did you mean `path`?\nand 2 more problems in this file",
        ),
        (
            path,
            "",
            "`path` of plugin 1 is missing (plugins.toml:2:1)\nhint: add `path = \"…\"`\nand 2 more problems in this file",
        ),
        (
            path,
            "path = 7",
            "`path` of plugin 1 must be a string, not a whole number (plugins.toml:3:8)\nhint: put it in double quotes\nand 2 more problems in this file",
        ),
        (
            path,
            "path = \"\"",
            "`path` of plugin 1 names no file (plugins.toml:3:8)\nhint: write it as \"libmy_carrier.so\"\nand 2 more problems in this file",
        ),
        (
            path,
            "path = \"a/../../libpigeon.so\"",
            "`path` of plugin 1 leads out of `bridge.plugin_dir` (plugins.toml:3:8)\nhint: put the file below that folder, or write its path from `/` on\nand 2 more problems in this file",
        ),
        (
            path,
            "path = \"libpigeon.so\"\nsha256 = \"abc\"",
            "`sha256` of plugin 1 must be 64 hexadecimal digits (plugins.toml:4:10)\nhint: `cordboard plugins check FILE` prints them\nand 2 more problems in this file",
        ),
        (
            path,
            "path = \"libpigeon.so\"\noverride = \"yes\"",
            "`override` of plugin 1 must be `true` or `false`, not a string (plugins.toml:4:12)\nhint: leave out the quotes",
        ),
        (
            "[[plugin]]",
            "[plugin]",
            "`plugin` may stand several times and takes double brackets (plugins.toml:2:2)\nhint: write `[[plugin]]`\nand 2 more problems in this file",
        ),
        (
            path,
            "path = \"libpigeon.so\"\n[[plugin]]\npath = \"./libpigeon.so\"",
            "plugins 1 and 2 are the same file (plugins.toml:5:8)\nhint: remove one of the two tables",
        ),
        (
            path,
            "path = \"libpigeon.so\"\n[[plugin]]\npath = \"libcarrier.so\"",
            "`libcarrier.so` offers the kind of transport `carrier`, which is built in (plugins.toml:5:8)\nhint: `override = true` lets the file take its place; or remove this table",
        ),
        (
            path,
            "path = \"libpigeon.so\"\n[[plugin]]\npath = \"libboard.so\"",
            "`libboard.so` offers the kind of sink `board`, which is built in (plugins.toml:5:8)\nhint: `override = true` lets the file take its place; or remove this table",
        ),
        (
            path,
            "path = \"libpigeon.so\"\n[[plugin]]\npath = \"libtiles.so\"\noverride = true",
            "`libtiles.so` offers the kind of sink `tiles`, and so does `libpigeon.so` (plugins.toml:5:8)\nhint: a kind comes from one file: remove one of the two",
        ),
        (
            "numbers = [",
            "nmbers = [",
            "`nmbers` is not a setting of transport `loft` (plugins.toml:9:1)\nhint: did you mean `numbers`?",
        ),
        (
            "numbers = [\"+15550100001\"]",
            "",
            "`numbers` of transport `loft` is missing (plugins.toml:8:1)\nhint: add `numbers = [\"+15550100001\"]`",
        ),
        (
            "numbers = [",
            "loft = \"wet\"\nnumbers = [",
            "`loft` of transport `loft`: must be dry (plugins.toml:9:8)",
        ),
        (
            "kind = \"pigeon\"",
            "kind = \"pigeon\"\nsimulate = true",
            "transport `loft` cannot be simulated: its plugin comes from a file, and files bring no simulator (plugins.toml:8:12)\nhint: remove `simulate`; a binary that has the kind built in can simulate",
        ),
        (
            "kind = \"pigeon\"",
            "kind = \"pigoen\"",
            "`pigoen` is not a kind of transport (plugins.toml:7:8)\nhint: did you mean `pigeon`?",
        ),
        // What lies in the folder is known to be there.
        (
            "[[plugin]]\npath = \"libpigeon.so\"\n",
            "",
            "`pigeon` is not a kind of transport (plugins.toml:5:8)\nhint: `libpigeon.so` in `dist/plugins` offers it: add `[[plugin]]` with `path = \"libpigeon.so\"`\nand 1 more problem in this file",
        ),
        (
            "[[plugin]]\npath = \"libpigeon.so\"\n",
            "[bridge]\nplugin_dir = \"dist\"\n",
            "`pigeon` is not a kind of transport (plugins.toml:7:8)\nhint: known here: `carrier`\nand 1 more problem in this file",
        ),
    ] {
        assert_eq!(told(folder.path(), old, new), expected, "{new}");
    }
}

#[test]
fn several_files_that_offer_a_kind_are_all_named() {
    let folder = folder();
    let tiles = Offer { name: "other", transport: None, sink: Some("tiles") };
    make(&folder.path().join("dist/plugins"), "libtiles.so", tiles);
    let without = GOOD.replacen("[[plugin]]\npath = \"libpigeon.so\"\n", "", 1);
    let line = without.replace("kind = \"pigeon\"", "kind = \"carrier\"");
    let error = load(folder.path(), &line.replace("numbers", "auth_token = \"env:A\"\nnumbers"));
    let hint = error.unwrap_err().hint;
    assert!(hint.starts_with("`libpigeon.so`, `libtiles.so` in `"), "{hint}");
    assert!(hint.ends_with("offer it: add `[[plugin]]` with `path = \"libpigeon.so\"`"), "{hint}");
}

#[test]
fn a_file_takes_the_place_of_a_built_in_kind_when_it_is_told_to() {
    let folder = folder();
    let other = folder.path().join("elsewhere");
    std::fs::create_dir(&other).unwrap();
    allow(&other, 0o755);
    let carrier = Offer { name: "other", transport: Some("carrier"), sink: None };
    let file = make(&other, "libcarrier.so", carrier);
    let table = format!("[[plugin]]\npath = \"{}\"\noverride = true\n", file.display());
    let text = format!("{table}{}", GOOD.replace("\"pigeon\"", "\"carrier\""));
    let loaded = load(folder.path(), &text).unwrap();
    // Its own settings, not those of the built-in one.
    assert_eq!(loaded.engine.transports[0].settings["loft"], "dry");
    let views = loaded.plugins.views();
    assert!(views[0].transports.is_empty(), "{views:?}");
    assert_eq!(views[1].transports, ["carrier"]);
}

#[test]
fn a_hash_is_held_against_the_file() {
    let folder = folder();
    let file = folder.path().join("dist/plugins/libpigeon.so");
    let found = cordboard_engine::loader::inspect(&file).unwrap().sha256;
    let with = |hash: &str| {
        let path = "path = \"libpigeon.so\"";
        load(folder.path(), &GOOD.replacen(path, &format!("{path}\nsha256 = \"{hash}\""), 1))
            .unwrap()
    };
    assert_eq!(with(&found).plugins.loaded.len(), 1);
    assert_eq!(with(&found.to_uppercase()).plugins.loaded.len(), 1);
    let other = with(&"0".repeat(64));
    assert!(other.plugins.broken[0].problem.contains(&found), "{:?}", other.plugins);
}

#[test]
fn a_file_that_cannot_be_loaded_leaves_out_what_may_be_made_by_it_and_nothing_else() {
    let folder = folder();
    let plugins = folder.path().join("dist/plugins");
    let whole = std::fs::read(plugins.join("libpigeon.so")).unwrap();
    std::fs::write(plugins.join("libtorn.so"), &whole[..whole.len() / 3]).unwrap();
    std::fs::write(plugins.join("libtext.so"), "not a plugin").unwrap();
    std::fs::copy(plugins.join("libpigeon.so"), plugins.join("libopen.so")).unwrap();
    allow(&plugins.join("libopen.so"), 0o777);
    for (file, problem) in [
        ("libtorn.so", "it is cut off"),
        ("libtext.so", "it is no shared object"),
        ("libopen.so", "it can be written by others: `chmod go-w`"),
        ("libnone.so", "cannot be read: No such file or directory (os error 2)"),
    ] {
        let text = GOOD.replace("libpigeon.so", file).replace("\"tiles\"", "\"board\"");
        let loaded = load(folder.path(), &text).unwrap();
        assert_eq!(loaded.plugins.broken[0].problem, problem);
        assert!(loaded.engine.transports.is_empty());
        assert_eq!(loaded.engine.sinks[0].name, "wall", "what is built in is not left out");
        let missing = &loaded.plugins.left_out;
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert_eq!((missing[0].family, missing[0].name.as_str()), ("transport", "loft"));
        let view = loaded.plugins.views().pop().unwrap();
        assert_eq!((view.name.as_str(), view.trouble.as_deref()), (file, Some(problem)));
    }
}

#[test]
fn the_plugins_are_known_even_when_the_rest_of_the_file_is_wrong() {
    let folder = folder();
    let file = folder.path().join("plugins.toml");
    std::fs::write(&file, GOOD.replace("numbers", "nmbers")).unwrap();
    let plugins = config::load_plugins(&file, &[&PLUGIN], &[("A", "b")]).unwrap();
    assert_eq!(plugins.loaded.len(), 1);
    std::fs::write(&file, GOOD.replace("path", "pth")).unwrap();
    let error = config::load_plugins(&file, &[&PLUGIN], &[("A", "b")]).unwrap_err();
    assert!(error.message.contains("`pth` is not a key"), "{error}");
}
