//! The way back to a plugin that has asked the host something.

use super::calls::Answer;
use cordboard_plugin::abi::bytes::{apart, lent};
use cordboard_plugin::abi::codec::Packed;
use cordboard_plugin::abi::raw::{Done, status};
use std::ffi::c_void;

/// Where the host's answer goes. Given exactly once: at the latest when it is dropped.
pub(super) struct Reply {
    done: Done,
    user: *mut c_void,
    given: bool,
}

// SAFETY: `done` may be called from any thread, with its `user`, says the header.
unsafe impl Send for Reply {}

impl Reply {
    pub(super) fn new(done: Done, user: *mut c_void) -> Self {
        Self { done, user, given: false }
    }

    pub(super) fn give(mut self, answer: Answer) {
        self.hand_over(answer);
    }

    /// It was never taken: nothing is to be said to anybody.
    pub(super) fn forget(mut self) {
        self.given = true;
    }

    fn hand_over(&mut self, (code, packed): Answer) {
        self.given = true;
        let (json, mut bufs) = apart(packed);
        // SAFETY: called once for this question; the JSON lives until the call returns, and the buffers
        // are handed over.
        unsafe { (self.done)(self.user, code, lent(&json), bufs.as_mut_ptr(), bufs.len()) };
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.given {
            self.hand_over((status::CANCELLED, Packed::default()));
        }
    }
}
