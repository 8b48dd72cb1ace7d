//! Processes and what stands between them.

use std::io::{BufRead as _, BufReader, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

/// How long a slow machine may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A process and what it says; killed when dropped.
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts it and waits for what follows `label` on a line that it says.
    pub(crate) fn start(command: &mut Command, label: &'static str) -> (Self, String) {
        let mut child = command
            .env_remove("SSH_CONNECTION")
            .env_remove("CORDBOARD_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (found, wanted) = mpsc::channel();
        let copy = said.clone();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once(label) {
                    // Only the first is waited for.
                    found.send(rest.trim().to_owned()).ok();
                }
                copy.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let rest = wanted.recv_timeout(PATIENCE);
        let rest = rest.unwrap_or_else(|_| panic!("it did not start:\n{}", said.lock().unwrap()));
        (Self { child, said }, rest)
    }

    /// Everything it has said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGTERM, and waits for the end; brings whether it ended well.
    pub(crate) fn terminate(&mut self) -> bool {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An address that is known before the server behind it: each of two processes needs the other's.
pub(crate) struct StandIn {
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    server: Arc<OnceLock<String>>,
}

impl StandIn {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server: Arc<OnceLock<String>> = Arc::default();
        let behind = server.clone();
        thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                let address = behind.wait().clone();
                thread::spawn(move || {
                    if let Ok(server) = TcpStream::connect(address) {
                        join(caller, server);
                    }
                });
            }
        });
        Self { url, server }
    }

    /// Says where the server is: `http://127.0.0.1:…`.
    pub(crate) fn leads_to(&self, url: &str) {
        self.server.set(url.trim_start_matches("http://").to_owned()).unwrap();
    }
}

/// Carries bytes both ways until both have ended.
fn join(one: TcpStream, other: TcpStream) {
    let (mut from, mut to) = (one.try_clone().unwrap(), other.try_clone().unwrap());
    let there = thread::spawn(move || {
        copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Write).ok();
    });
    let (mut from, mut to) = (other, one);
    copy(&mut from, &mut to).ok();
    to.shutdown(Shutdown::Write).ok();
    there.join().ok();
}
