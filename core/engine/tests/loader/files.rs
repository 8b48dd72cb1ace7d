//! Files that are no plugins, or not for us: each is refused with its reason, and the process goes on.

use crate::support::{
    counts, folder, folder_of_mode, odd_c, odd_rust, opened, problem, settings, sink_of, world,
};
use cordboard_engine::loader::load;
use sha2::{Digest as _, Sha256};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

fn hash_of(file: &Path) -> String {
    let hash = Sha256::digest(std::fs::read(file).unwrap());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mode(file: &Path, mode: u32) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_is_none_is_refused() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    assert!(problem(&at("missing.so")).contains("No such file"));
    assert!(problem(folder.path()).contains("not a file"));
    std::fs::write(at("text.so"), "#!/bin/sh\n").unwrap();
    mode(&at("text.so"), 0o644);
    assert!(problem(&at("text.so")).contains("no shared object"));
    std::fs::write(at("empty.so"), "").unwrap();
    mode(&at("empty.so"), 0o644);
    assert!(problem(&at("empty.so")).contains("no shared object"));
}

#[test]
fn a_file_that_was_cut_off_is_refused_wherever_it_was_cut() {
    let folder = folder();
    let whole = std::fs::read(odd_c(&folder, &[])).unwrap();
    let cut = folder.path().join("cut.so");
    // What lies behind the last loaded segment (names, debug information) is not needed.
    for len in [5, 20, 63, 64, 100, 1000, 4096, 8192] {
        std::fs::write(&cut, &whole[..len]).unwrap();
        mode(&cut, 0o644);
        let problem = problem(&cut);
        assert!(
            problem.contains("cut off") || problem.contains("another sort"),
            "{len}: {problem}"
        );
    }
}

#[test]
fn a_file_for_another_processor_is_refused() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    let mut bytes = std::fs::read(&file).unwrap();
    // `e_machine`: the SPARC of 1992.
    bytes[18] = 2;
    std::fs::write(&file, bytes).unwrap();
    assert!(problem(&file).contains("another processor"));
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    for open in [0o775, 0o757, 0o777] {
        mode(&file, open);
        assert!(problem(&file).contains("can be written by others"), "{open:o}");
    }
    mode(&file, 0o755);
    for (open, good) in [(0o775, false), (0o777, false), (0o1777, true), (0o755, true)] {
        let place = folder_of_mode(&folder, open);
        let copy = place.join("plugin.so");
        std::fs::copy(&file, &copy).unwrap();
        let found = opened(&copy).map(drop).map_err(|error| error.problem);
        assert_eq!(found.is_ok(), good, "{open:o}: {found:?}");
        if let Err(problem) = found {
            assert!(problem.contains("its folder can be written"), "{problem}");
        }
    }
}

#[test]
fn a_file_of_another_user_is_refused() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    // Only root can give a file away.
    if std::os::unix::fs::chown(&file, Some(54_321), None).is_err() {
        return;
    }
    assert!(problem(&file).contains("belongs to user 54321"));
}

#[test]
fn a_link_is_followed_and_what_it_leads_to_is_checked() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    let link = folder.path().join("link.so");
    symlink(&file, &link).unwrap();
    assert!(opened(&link).is_ok());
    mode(&file, 0o777);
    assert!(problem(&link).contains("it can be written by others"));
}

#[test]
fn a_file_with_another_hash_is_refused() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    let right = hash_of(&file);
    let refused = load(&file, Some(&"0".repeat(64)), &world()).err().unwrap();
    assert!(refused.problem.contains(&right) && refused.problem.contains("is expected"));
    assert!(load(&file, Some(&right.to_uppercase()), &world()).is_ok());
}

#[test]
fn what_is_no_plugin_of_this_bridge_is_refused_before_any_of_it_runs() {
    // With INIT it would end the test, were it called.
    for (defines, expected) in [
        (&["SYMBOL=ANOTHER"] as &[&str], "no symbol CORDBOARD_PLUGIN"),
        (&["THE_MAGIC=7"], "no Cordboard plugin"),
        (&["MAJOR=2", "INIT=(abort(),1)"], "built for version 2.0 of the boundary"),
        (&["MAJOR=0"], "built for version 0.0"),
        (&["SIZE=24", "INIT=(abort(),1)"], "cut off (24 bytes)"),
        (&["MANIFEST=\"not JSON\"", "INIT=(abort(),1)"], "its manifest cannot be read"),
        (
            &[
                "MANIFEST=\"{\\\"name\\\":\\\"a\\\",\\\"lang\\\":\\\"rust\\\",\\\"panic\\\":\\\"abort\\\"}\"",
            ],
            "a panic in it would end the bridge",
        ),
        (
            &["MANIFEST=\"{\\\"name\\\":\\\"a\\\",\\\"lang\\\":\\\"rust\\\"}\""],
            "a panic in it would end the bridge",
        ),
        (&["UNRESOLVED"], "a_function_that_nobody_has"),
        (&["INIT=3"], "could not start (status 3)"),
        (&["KINDS=\"{}\""], "neither a transport nor a sink"),
        (&["KINDS=\"[\""], "what it offers cannot be read"),
        (&["KINDS=\"{\\\"sinks\\\":[{\\\"kind\\\":\\\"\\\"}]}\""], "has no name"),
    ] {
        let folder = folder();
        let file = odd_c(&folder, defines);
        let found = problem(&file);
        assert!(found.contains(expected), "{defines:?}: {found}");
        // Asked again, it is still refused, and not started a second time.
        assert_eq!(problem(&file), found);
    }
}

#[test]
fn a_newer_minor_version_with_a_longer_table_is_taken() {
    let folder = folder();
    let loaded = opened(&odd_c(&folder, &["LONGER", "MINOR=9"])).unwrap();
    assert_eq!((loaded.abi.as_str(), loaded.lang.as_str()), ("1.9", "c"));
    assert!(counts(&*sink_of(&loaded, "longer")).contains("inits 1 "));
}

#[test]
fn functions_that_may_be_absent_are_not_missed() {
    let folder = folder();
    let sink = sink_of(&opened(&odd_c(&folder, &["NULLS"])).unwrap(), "nulls");
    let host = cordboard_testkit::FakeHost::new();
    assert_eq!(crate::support::published(&*sink, &host, "post").as_deref(), Ok("c-1"));
    let (credential, part) = (crate::support::credential(""), crate::support::part("do keep"));
    // Dropped before its end: there is nobody to tell.
    assert!(cordboard_testkit::poll_once(sink.publish(&host, &credential, &part, None)).is_none());
}

#[test]
fn a_file_that_is_named_twice_is_one_plugin_and_started_once() {
    let folder = folder();
    let file = odd_c(&folder, &[]);
    let link = folder.path().join("other-name.so");
    symlink(&file, &link).unwrap();
    let first = opened(&file).unwrap();
    let both = std::thread::scope(|scope| {
        let threads = [&file, &link, &file].map(|name| scope.spawn(|| opened(name).unwrap()));
        threads.map(|thread| thread.join().unwrap())
    });
    for again in &both {
        assert!(std::ptr::eq(first.plugin, again.plugin));
    }
    assert_eq!(both[1].path, link);
    assert!(counts(&*sink_of(&first, "twice")).contains("inits 1 "));
}

#[test]
fn two_files_work_at_once() {
    let (one, other) = (folder(), folder());
    let (c, rust) = (opened(&odd_c(&one, &[])).unwrap(), opened(&odd_rust(&other)).unwrap());
    let (c, rust) = (sink_of(&c, "two-c"), sink_of(&rust, "two-rust"));
    let host = cordboard_testkit::FakeHost::new();
    for _ in 0..3 {
        assert_eq!(crate::support::published(&*c, &host, "post").as_deref(), Ok("c-1"));
        assert_eq!(crate::support::published(&*rust, &host, "words").as_deref(), Ok("words"));
    }
}

#[test]
fn what_cannot_be_made_is_an_error_with_its_key() {
    let (one, other) = (folder(), folder());
    let c = opened(&odd_c(&one, &[])).unwrap().plugin.sinks[0].create;
    let rust = opened(&odd_rust(&other)).unwrap().plugin.sinks[0].create;
    for (create, make, key, expected) in [
        (c, "text", "kind", "not today"),
        (c, "nothing", "kind", "makes no such instance"),
        (rust, "wrong", "make", "must not be wrong"),
        (rust, "panic", "kind", "panicked: made badly"),
    ] {
        let error = create(&settings("unmade", make)).err().unwrap();
        assert_eq!(error.key, key, "{make}");
        assert!(error.problem.contains(expected), "{make}: {error}");
    }
    assert!(rust(&settings("made", "")).is_ok());
}

#[test]
fn a_transport_without_settings_is_there_to_probe_with() {
    let folder = folder();
    let loaded = opened(&odd_rust(&folder)).unwrap();
    let found = (loaded.plugin.transports[0].unconfigured)().unwrap();
    assert_eq!(found.capabilities().numbers, ["+15550100001"]);
}

#[test]
fn the_fixture_needs_nothing_that_the_workspace_does_not() {
    let packages = |lock: &str| -> Vec<String> {
        let lock = std::fs::read_to_string(crate::support::root().join(lock)).unwrap();
        let packages = lock.split("[[package]]").skip(1);
        packages.map(|package| package.lines().skip(1).take(2).collect()).collect()
    };
    let known = packages("Cargo.lock");
    for package in packages("core/engine/tests/loader/fixture/Cargo.lock") {
        let fetched = known.contains(&package) || package.contains("odd-plugin");
        assert!(fetched, "start its lock file from a copy of the workspace's: {package}");
    }
}
