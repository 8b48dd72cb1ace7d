//! The functions that a plugin file may call. Each catches panics: none may leave a C function.

use super::answers::bad_payload;
use super::calls::{Call, calls};
use super::reply::Reply;
use crate::world::World;
use cordboard_plugin::Level;
use cordboard_plugin::abi::bytes::{copied, packed};
use cordboard_plugin::abi::raw::{Buf, COUNTER, Done, GAUGE, HostTable, MAJOR, MINOR, Slice};
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names of measures that files may bring along; each is kept for ever.
const NAMES_MAX: usize = 1_000;
/// Longest of these names, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Longest line that a plugin may write into the log, in bytes; the rest is cut off.
const LINE_BYTES_MAX: usize = 4 << 10;
/// Most random bytes at once.
const RANDOM_BYTES_MAX: usize = 64 << 10;

static WORLD: OnceLock<World> = OnceLock::new();

/// The table that plugin files get. `world` serves calls that belong to no instance.
pub(super) fn table(world: &World) -> &'static HostTable {
    let _ = WORLD.set(world.clone());
    &TABLE
}

static TABLE: HostTable = HostTable {
    struct_size: size_of::<HostTable>() as u32,
    abi_major: MAJOR,
    abi_minor: MINOR,
    complete: Some(complete),
    host_call: Some(host_call),
    host_cancel: Some(host_cancel),
    now: Some(now),
    random: Some(random),
    log: Some(log),
    metric: Some(metric),
    trouble: Some(trouble),
};

/// Does `work`; what it panics about stays here.
fn caught<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

unsafe extern "C" fn complete(call: u64, status: i32, payload: Slice, bufs: *mut Buf, n: usize) {
    caught((), || {
        // SAFETY: the payload is borrowed and the buffers are ours, says the header.
        let packed = unsafe { packed(payload, bufs, n) };
        calls().complete(call, packed.map_or_else(bad_payload, |packed| (status, packed)));
    });
}

unsafe extern "C" fn host_call(
    call: u64,
    op: u32,
    payload: Slice,
    bufs: *mut Buf,
    n: usize,
    done: Option<Done>,
    user: *mut c_void,
) -> u64 {
    let (number, waker) = caught((0, None), || {
        // SAFETY: as above. They are taken over whatever comes of it.
        let packed = unsafe { packed(payload, bufs, n) };
        match (packed, calls().find(call), done) {
            (Ok(packed), Some(call), Some(done)) => call.ask(op, packed, Reply::new(done, user)),
            _ => (0, None),
        }
    });
    // Apart from the rest: whatever a waker does, what was taken stays taken.
    caught((), || waker.into_iter().for_each(std::task::Waker::wake));
    number
}

unsafe extern "C" fn host_cancel(call: u64, number: u64) {
    caught((), || {
        if let Some(call) = calls().find(call) {
            call.drop_asked(number);
        }
    });
}

unsafe extern "C" fn now(call: u64) -> i64 {
    caught(0, || match calls().find(call).and_then(|call| call.host()) {
        Some(host) => host.now().0,
        None => WORLD.get().map_or(0, |world| world.now().0),
    })
}

unsafe extern "C" fn random(call: u64, into: *mut u8, len: usize) {
    caught((), || {
        if into.is_null() {
            return;
        }
        let host = calls().find(call).and_then(|call| call.host());
        let mut at = 0;
        while at < len {
            let count = (len - at).min(RANDOM_BYTES_MAX);
            let bytes = match (&host, WORLD.get()) {
                (Some(host), _) => host.random(count),
                (None, Some(world)) => {
                    let mut bytes = vec![0; count];
                    world.chance.fill(&mut bytes);
                    bytes
                }
                (None, None) => return,
            };
            let count = count.min(bytes.len());
            if count == 0 {
                return;
            }
            // SAFETY: the plugin vouches for room for `len` bytes until we return; what is there now is
            // not read, since it may never have been written.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), into.add(at), count) };
            at += count;
        }
    });
}

unsafe extern "C" fn log(call: u64, level: i32, line: Slice) {
    caught((), || {
        let level = match level {
            0 => Level::Debug,
            1 => Level::Info,
            2 => Level::Warn,
            _ => Level::Error,
        };
        // SAFETY: borrowed until we return.
        let line = unsafe { words(line) };
        match calls().find(call) {
            Some(call) => say(&call, level, &line),
            None => tell("", level, &line),
        }
    });
}

/// A line of words, cut to what a log takes.
///
/// # Safety
/// `line` is as the header says.
unsafe fn words(line: Slice) -> String {
    // SAFETY: as above.
    let line = unsafe { copied(Slice { len: line.len.min(LINE_BYTES_MAX), ..line }) };
    String::from_utf8_lossy(&line).replace(char::is_control, " ")
}

/// Speaks where the call was made: its log lines bear the message it is about, also when nobody waits
/// for it any more.
fn say(call: &Call, level: Level, line: &str) {
    call.span.in_scope(|| match call.host() {
        Some(host) => host.log(level, line),
        None => tell(call.instance.name(), level, line),
    });
}

/// A line that no host takes.
fn tell(instance: &str, level: Level, line: &str) {
    match level {
        Level::Debug => tracing::debug!(plugin = instance, "{line}"),
        Level::Info => tracing::info!(plugin = instance, "{line}"),
        Level::Warn => tracing::warn!(plugin = instance, "{line}"),
        Level::Error => tracing::error!(plugin = instance, "{line}"),
    }
}

unsafe extern "C" fn metric(call: u64, kind: i32, name: Slice, value: i64) {
    caught((), || {
        // SAFETY: borrowed until we return.
        let name = unsafe { copied(Slice { len: name.len.min(NAME_BYTES_MAX + 1), ..name }) };
        let host = calls().find(call).and_then(|call| call.host());
        let (Some(host), Some(name)) = (host, interned(&name)) else { return };
        match (kind, u64::try_from(value)) {
            (COUNTER, Ok(by)) => host.metric(name, by),
            (GAUGE, _) => host.gauge(name, value),
            _ => {}
        }
    });
}

unsafe extern "C" fn trouble(call: u64, why: Slice) {
    caught((), || {
        let Some(call) = calls().find(call) else { return };
        let Some(host) = call.host() else { return };
        // SAFETY: borrowed until we return.
        let words = (!why.ptr.is_null()).then(|| unsafe { words(why) });
        call.span.in_scope(|| host.trouble(words.as_deref()));
    });
}

/// The name of a measure, kept for ever; `None` when it is no name, or there are too many.
fn interned(name: &[u8]) -> Option<&'static str> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = std::str::from_utf8(name).ok()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(fits) {
        return None;
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= NAMES_MAX {
        return None;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    Some(kept)
}
