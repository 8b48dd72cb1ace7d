//! An instance in a plugin file, and how many answers it owes.

use super::answers::{Outcome, bad_payload};
use super::calling::Calling;
use cordboard_plugin::Host;
use cordboard_plugin::abi::bytes::{JSON_BYTES_MAX, lent, nothing, taken};
use cordboard_plugin::abi::codec::{Packed, pack, unpack};
use cordboard_plugin::abi::raw::{PluginTable, op, status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

/// Calls that nobody waits for and that the plugin has not ended, at which no new one is made.
const OWED_MAX: usize = 64;
/// So few of them, and the instance is well again.
const OWED_WELL: usize = OWED_MAX / 2;
/// Calls are refused for so long before the operator is told: many may run out of time at once, and be
/// ended the moment after.
const TOLD_AFTER_MS: i64 = 1_000;

/// An opened file.
pub(super) struct PluginFile {
    /// Its functions.
    pub(super) table: PluginTable,
    /// Whether it is ours to log what a panic said: a file in Rust does that itself, and says where.
    pub(super) logs_panics: bool,
    /// It was told that the process ends, and gets no more calls.
    pub(super) stopping: AtomicBool,
}

/// An instance; destroyed when nobody uses it any more, a call that the plugin owes an answer to included.
pub(super) struct Instance {
    pub(super) file: &'static PluginFile,
    pub(super) pointer: *mut c_void,
    pub(super) owed: Owed,
    name: String,
}

// SAFETY: the functions of a plugin may be called from any thread, also at the same time, says the header.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(destroy) = self.file.table.destroy {
            // SAFETY: made by `create`, destroyed once, and no call holds it any more.
            unsafe { destroy(self.pointer) };
        }
    }
}

impl Instance {
    /// What `create` has made. `name` is the instance's in the configuration.
    pub(super) fn new(file: &'static PluginFile, pointer: *mut c_void, name: &str) -> Self {
        Self { file, pointer, owed: Owed::default(), name: name.to_owned() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A pure question, answered at once.
    pub(super) fn ask(&self, question: u32, payload: &impl Serialize) -> Outcome {
        let Some(ask) = self.file.table.ask else {
            return self.answered((status::UNSUPPORTED, Packed::default()));
        };
        let json = match pack(payload) {
            Ok(packed) => packed.json,
            Err(problem) => return self.answered(bad_payload(problem)),
        };
        let mut answer = nothing();
        // SAFETY: the payload lives until the call returns, there is room for one buffer, and it is ours.
        let (code, json) = unsafe {
            let code = ask(self.pointer, question, lent(&json), &raw mut answer);
            (code, taken(&answer, JSON_BYTES_MAX))
        };
        self.answered(match json {
            Ok(json) => (code, Packed { json, buffers: Vec::new() }),
            Err(problem) => bad_payload(problem),
        })
    }

    /// What it can do and what it costs.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn capabilities<T: DeserializeOwned>(&self) -> Result<T, String> {
        match self.ask(op::CAPABILITIES, &()) {
            Outcome::Answered((status::OK, packed)) => unpack(packed)
                .map_err(|problem| format!("what it can do cannot be read: {problem}")),
            Outcome::Answered((code, packed)) => {
                let said = String::from_utf8_lossy(&packed.json);
                Err(format!("it does not say what it can do (status {code}) {said}"))
            }
            Outcome::NotTaken(why) => Err(why),
        }
    }

    /// Makes a call, and lends the host meanwhile.
    pub(super) async fn call(
        self: &Arc<Self>,
        host: &dyn Host,
        operation: u32,
        payload: &impl Serialize,
    ) -> Outcome {
        if self.file.stopping.load(Ordering::SeqCst) {
            return Outcome::NotTaken("the bridge is stopping".to_owned());
        }
        if let Err(why) = self.owed.admit(host) {
            return Outcome::NotTaken(why);
        }
        let packed = match pack(payload) {
            Ok(packed) => packed,
            Err(problem) => return self.answered(bad_payload(problem)),
        };
        match Calling::begin(self.clone(), host.share(), operation, packed) {
            Ok(calling) => self.answered(calling.await),
            Err(status::CANCELLED) => {
                Outcome::NotTaken("the plugin takes no more calls".to_owned())
            }
            Err(code) => self.answered((code, Packed::default())),
        }
    }

    /// An answer of this instance; what a panic said is logged once.
    fn answered(&self, answer: super::calls::Answer) -> Outcome {
        if answer.0 == status::PANIC && self.file.logs_panics {
            let said = String::from_utf8_lossy(&answer.1.json);
            tracing::error!(plugin = %self.name, "panicked: {}", said.replace(char::is_control, " "));
        }
        Outcome::Answered(answer)
    }
}

/// Answers that nobody waits for any more, and that the plugin still owes.
#[derive(Default)]
pub(super) struct Owed {
    count: AtomicUsize,
    /// When the first call was refused, by the host's clock; 0: none is.
    refused_at: AtomicI64,
    /// The operator has been told that they are too many.
    told: AtomicBool,
}

impl Owed {
    /// One more: a call was dropped or ran out of time.
    pub(super) fn more(&self, instance: &str) {
        self.count.fetch_add(1, Ordering::SeqCst);
        let name = || instance.to_owned();
        metrics::counter!("cordboard_plugin_abandoned_calls_total", "instance" => name())
            .increment(1);
        metrics::gauge!("cordboard_plugin_abandoned_calls", "instance" => name()).increment(1.0);
    }

    /// One less: it has ended after all.
    pub(super) fn less(&self, instance: &str) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        metrics::gauge!("cordboard_plugin_abandoned_calls", "instance" => instance.to_owned())
            .decrement(1.0);
    }

    /// Whether one more call may be made. The operator is told once when it may not, and once when that
    /// is over.
    fn admit(&self, host: &dyn Host) -> Result<(), String> {
        let count = self.count.load(Ordering::SeqCst);
        if count >= OWED_MAX {
            let why =
                format!("the plugin hangs: it has not ended {count} calls; restart the bridge");
            let now = host.now().0;
            let first =
                self.refused_at.compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst);
            let long = first.is_err_and(|since| now.saturating_sub(since) >= TOLD_AFTER_MS);
            if long && !self.told.swap(true, Ordering::SeqCst) {
                host.trouble(Some(&why));
            }
            return Err(why);
        }
        if count <= OWED_WELL {
            self.refused_at.store(0, Ordering::SeqCst);
            if self.told.swap(false, Ordering::SeqCst) {
                host.trouble(None);
            }
        }
        Ok(())
    }
}
