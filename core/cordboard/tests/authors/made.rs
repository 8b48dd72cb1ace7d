//! Crates made by `plugins new`, and files built from them; each once, however many tests use it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The top folder of the source.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// `cordboard` with these words, in `folder`.
pub(crate) fn cordboard(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordboard"));
    command.current_dir(folder).args(args).env_remove("CORDBOARD_CONFIG");
    command.env("CORDBOARD_LOG", "off").output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder that is there before any test and goes with the target directory.
fn workshop() -> &'static Path {
    static WORKSHOP: OnceLock<PathBuf> = OnceLock::new();
    WORKSHOP.get_or_init(|| {
        // Wherever it is: nobody but us may write where plugin files are loaded from.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authors");
        std::fs::create_dir_all(&folder).unwrap();
        private(&folder);
        folder
    })
}

/// Takes away everybody else's right to write.
pub(crate) fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & !0o022)).unwrap();
}

/// A crate as `plugins new` makes it, made anew in each run.
pub(crate) struct Made {
    pub(crate) folder: PathBuf,
    /// Its crate as code writes it.
    snake: String,
}

pub(crate) fn made(sort: &str, name: &str) -> Made {
    let folder = workshop().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    let (source, to) = (root(), folder.to_str().unwrap());
    let from = source.to_str().unwrap();
    let order = ["plugins", "new", sort, name, "--path", to, "--cordboard", from];
    let output = cordboard(workshop(), &order);
    assert!(output.status.success(), "{}", stderr(&output));
    Made { folder, snake: format!("cordboard_{}", name.replace('-', "_")) }
}

/// The transport that several tests use.
pub(crate) fn transport() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| made("transport", "acme-sms"))
}

/// The sink that several tests use.
pub(crate) fn sink() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| made("sink", "pin-wall"))
}

impl Made {
    /// Runs cargo in the crate, without a network, and with the lock file as it is.
    ///
    /// All crates share one target directory, one after the other: they build the same dependencies.
    pub(crate) fn cargo(&self, args: &[&str]) -> Output {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (command, rest) = args.split_first().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.folder).args([command, "--offline", "--locked"]).args(rest);
        cargo.env("CARGO_TARGET_DIR", workshop().join("target"));
        // What the outer cargo has set for this very test is not meant for another crate.
        for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(variable);
        }
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
        cargo.output().unwrap()
    }

    /// Builds the crate's file; in the profile of tests, which says nothing about its size.
    pub(crate) fn file(&self) -> PathBuf {
        let built =
            self.cargo(&["rustc", "--lib", "--crate-type", "cdylib", "--features", "export"]);
        assert!(built.status.success(), "{}", stderr(&built));
        let folder = workshop().join("target/debug");
        let file = folder.join(format!("lib{}.so", self.snake));
        private(&folder);
        private(&file);
        file
    }
}
