//! Makes plugin files and instances of them.

use cordboard_engine::World;
use cordboard_engine::loader::{LoadError, Loaded, load};
use cordboard_plugin::{
    CallError, Credential, MicroUsd, Part, Published, RemoteAccount, Secret, Settings, Sink,
    Transport,
};
use cordboard_testkit::{FakeHost, block_on};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something that must come may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A folder that only we may write: others would be refused, whatever the mask of this user is.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("loader").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

fn only_ours(file: &Path) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Compiles C source into a plugin file of its own.
pub(crate) fn compiled(folder: &TempDir, source: &Path, defines: &[&str]) -> PathBuf {
    let file = folder.path().join("plugin.so");
    let defines = defines.iter().map(|define| format!("-D{define}"));
    let output = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-shared", "-fPIC"])
        .args(defines)
        .arg("-I")
        .arg(root().join("core/plugin/include"))
        .arg(source)
        .arg("-o")
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    only_ours(&file);
    file
}

/// The plugin of `plugin.c`, with these switches.
pub(crate) fn odd_c(folder: &TempDir, defines: &[&str]) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loader/plugin.c");
    compiled(folder, &source, defines)
}

/// Builds the plugin of `fixture/` once, however many tests and test programs ask for it.
fn fixture() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixture");
        let output = Command::new(env!("CARGO"))
            .args(["rustc", "--offline", "--locked", "--lib", "--crate-type", "cdylib"])
            .args(["--features", "export", "--target-dir"])
            .arg(&target)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loader/fixture"))
            // What this very build was told is not for that one.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target.join("debug/libodd_plugin.so")
    })
}

/// A copy of it, which is another plugin to the bridge.
pub(crate) fn odd_rust(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("libodd_plugin.so");
    std::fs::copy(fixture(), &file).unwrap();
    only_ours(&file);
    file
}

pub(crate) fn world() -> World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::real).clone()
}

pub(crate) fn opened(file: &Path) -> Result<Loaded, LoadError> {
    // What it counts is measured from the beginning.
    metrics();
    load(file, None, &world())
}

/// What is wrong with a file.
#[track_caller]
pub(crate) fn problem(file: &Path) -> String {
    let Err(error) = opened(file) else { panic!("it was loaded") };
    assert_eq!(error.path, file);
    error.problem
}

pub(crate) fn settings(name: &str, make: &str) -> Settings {
    Settings {
        name: name.to_owned(),
        values: json!({ "make": make }),
        prices: serde_json::Value::Null,
        public: false,
        catch_up_hours: 1,
    }
}

/// The file's one sink, as an instance of this name.
pub(crate) fn sink_of(loaded: &Loaded, name: &str) -> Box<dyn Sink> {
    (loaded.plugin.sinks[0].create)(&settings(name, "")).unwrap()
}

/// The file's one transport.
pub(crate) fn transport_of(loaded: &Loaded, name: &str) -> Box<dyn Transport> {
    (loaded.plugin.transports[0].create)(&settings(name, "")).unwrap()
}

/// A sink of a plugin in C of its own, so that what it counts is what this test does.
pub(crate) fn own_c_sink(name: &str) -> (TempDir, Box<dyn Sink>) {
    let folder = folder();
    let sink = sink_of(&opened(&odd_c(&folder, &[])).unwrap(), name);
    (folder, sink)
}

/// The same in Rust.
pub(crate) fn own_rust_sink(name: &str) -> (TempDir, Box<dyn Sink>) {
    let folder = folder();
    let sink = sink_of(&opened(&odd_rust(&folder)).unwrap(), name);
    (folder, sink)
}

pub(crate) fn credential(secret: &str) -> Credential {
    Credential {
        kind: "key".to_owned(),
        realm: "odd".to_owned(),
        secret: Secret::new(secret),
        account: RemoteAccount { id: "1".to_owned(), handle: "@someone".to_owned() },
    }
}

pub(crate) fn part(text: &str) -> Part {
    Part {
        text: text.to_owned(),
        media: Vec::new(),
        handles: Vec::new(),
        price: MicroUsd(0),
        has_link: false,
    }
}

/// What the plugin has counted.
pub(crate) fn counts(sink: &dyn Sink) -> String {
    sink.fingerprint(&credential("")).unwrap()
}

/// Has it do what `text` says; the id of what came of it.
pub(crate) fn published(sink: &dyn Sink, host: &FakeHost, text: &str) -> Result<String, CallError> {
    let (credential, part) = (credential(""), part(text));
    let done: Result<Published, CallError> = block_on(sink.publish(host, &credential, &part, None));
    done.map(|published| published.id)
}

/// Waits until something is so that another thread brings about.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never came: {what}");
        std::thread::yield_now();
    }
}

fn metrics() -> &'static PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap())
}

/// Where a measure of the loader stands, for one instance or (empty) for all; 0 when there is none yet.
pub(crate) fn measured(name: &str, instance: &str) -> f64 {
    let of =
        if instance.is_empty() { String::new() } else { format!("{{instance=\"{instance}\"}}") };
    let start = format!("{name}{of} ");
    let shown = metrics().render();
    let line = shown.lines().find_map(|line| line.strip_prefix(start.as_str()));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// For those tests that count what the whole process counts.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a part of these tests that needs more than a C compiler can run here. One that is required
/// (`CORDBOARD_TEST_REQUIRE`) fails instead.
pub(crate) fn can_run(what: &str, program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
    let required = required.split(',').any(|part| part.trim() == what);
    assert!(there || !required, "{what} is required, and there is no {program}");
    if !there {
        eprintln!("SKIPPED: there is no {program}; CORDBOARD_TEST_REQUIRE={what} makes this fail");
    }
    there
}

/// Makes a folder of this mode.
pub(crate) fn folder_of_mode(parent: &TempDir, mode: u32) -> PathBuf {
    let path = parent.path().join(format!("{mode:o}"));
    std::fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}
