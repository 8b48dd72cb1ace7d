//! The real program, run in a folder of its own with an environment of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

/// The program, told to work in `folder` and to see no variables but those given.
pub(crate) fn cordboard(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordboard"));
    command.current_dir(folder).args(args).env_clear().envs(variables.iter().copied());
    // Nothing here needs the system's root certificates, so nothing may ask for them.
    command.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn ran(folder: &Path, args: &[&str]) -> Output {
    cordboard(folder, args, &[]).output().unwrap()
}

/// What a command wrote to stderr.
pub(crate) fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes a configuration where everything is simulated and every port is free.
pub(crate) fn write_config(folder: &Path) {
    let text = include_str!("../../../../plugins.toml")
        .replace("127.0.0.1:8080\"", "127.0.0.1:0\"")
        .replace("127.0.0.1:8081\"", "127.0.0.1:0\"");
    std::fs::write(folder.join("plugins.toml"), text).unwrap();
}

/// A bridge that runs until it is dropped.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// What it said while it started.
    pub(crate) said: String,
}

impl Running {
    /// Starts a bridge in `folder` and waits until it has said that it is up.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = cordboard(folder, &["run"], &[])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, stderr, said: String::new() };
        while !running.said.contains("the most a day can cost") {
            let mut line = String::new();
            let read = running.stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "the bridge ended while starting:\n{}", running.said);
            running.said += &line;
        }
        running
    }

    /// The rest of a start line that begins with `label`.
    #[track_caller]
    pub(crate) fn said_of(&self, label: &str) -> String {
        let found = self.said.lines().find_map(|line| line.strip_prefix(label));
        found.unwrap_or_else(|| panic!("no `{label}` in:\n{}", self.said)).trim().to_owned()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Asks it to stop and waits; its exit code and what it said meanwhile.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
