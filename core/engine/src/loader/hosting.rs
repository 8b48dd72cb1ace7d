//! The functions that a plugin file may call. Each catches panics: none may leave a C function.

use super::calls::{Call, Reply, calls};
use crate::world::World;
use cordboard_plugin::abi::bytes::{copied, packed};
use cordboard_plugin::abi::raw::{Buf, COUNTER, Done, GAUGE, HostTable, MAJOR, MINOR, Slice};
use cordboard_plugin::{Host, Level};
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Names of measures that files may bring along; each is kept for ever.
const NAMES_MAX: usize = 1_000;
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
        calls().complete(call, (status, unsafe { packed(payload, bufs, n) }));
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
    caught(0, || {
        // SAFETY: as above. They are taken over whatever comes of it.
        let packed = unsafe { packed(payload, bufs, n) };
        match (calls().find(call), done) {
            (Some(call), Some(done)) => call.ask(op, packed, Reply::new(done, user)),
            _ => 0,
        }
    })
}

unsafe extern "C" fn host_cancel(call: u64, number: u64) {
    caught((), || {
        if let Some(call) = calls().find(call) {
            call.drop_asked(number);
        }
    });
}

unsafe extern "C" fn now(call: u64) -> i64 {
    caught(0, || match calls().find(call) {
        Some(call) => call.host.now().0,
        None => WORLD.get().map_or(0, |world| world.now().0),
    })
}

unsafe extern "C" fn random(call: u64, into: *mut u8, len: usize) {
    caught((), || {
        if into.is_null() || len == 0 {
            return;
        }
        // SAFETY: the plugin vouches for room for `len` bytes until we return.
        let into = unsafe { std::slice::from_raw_parts_mut(into, len) };
        let call = calls().find(call);
        for piece in into.chunks_mut(RANDOM_BYTES_MAX) {
            match (&call, WORLD.get()) {
                (Some(call), _) => piece.copy_from_slice(&call.host.random(piece.len())),
                (None, Some(world)) => world.chance.fill(piece),
                (None, None) => {}
            }
        }
    });
}

unsafe extern "C" fn log(call: u64, level: i32, line: Slice) {
    caught((), || {
        // SAFETY: borrowed until we return.
        let line = unsafe { copied(Slice { len: line.len.min(LINE_BYTES_MAX), ..line }) };
        let line = String::from_utf8_lossy(&line).replace(char::is_control, " ");
        let level = match level {
            0 => Level::Debug,
            1 => Level::Info,
            2 => Level::Warn,
            _ => Level::Error,
        };
        match calls().find(call) {
            Some(call) => within(&call, |host| host.log(level, &line)),
            None if level == Level::Error => tracing::error!("a plugin file says: {line}"),
            None => tracing::info!("a plugin file says: {line}"),
        }
    });
}

unsafe extern "C" fn metric(call: u64, kind: i32, name: Slice, value: i64) {
    caught((), || {
        // SAFETY: borrowed until we return.
        let name = unsafe { copied(Slice { len: name.len.min(64), ..name }) };
        let (Some(call), Some(name)) = (calls().find(call), interned(&name)) else { return };
        match kind {
            COUNTER => call.host.metric(name, value.unsigned_abs()),
            GAUGE => call.host.gauge(name, value),
            _ => {}
        }
    });
}

unsafe extern "C" fn trouble(call: u64, why: Slice) {
    caught((), || {
        let Some(call) = calls().find(call) else { return };
        if why.ptr.is_null() {
            return call.host.trouble(None);
        }
        // SAFETY: borrowed until we return.
        let why = unsafe { copied(Slice { len: why.len.min(LINE_BYTES_MAX), ..why }) };
        call.host.trouble(Some(&String::from_utf8_lossy(&why).replace(char::is_control, " ")));
    });
}

/// Speaks as the call does: its log lines bear the message it is about.
fn within(call: &Call, speak: impl FnOnce(&Arc<dyn Host>)) {
    call.span.in_scope(|| speak(&call.host));
}

/// The name of a measure, kept for ever; `None` when it is no name, or there are too many.
fn interned(name: &[u8]) -> Option<&'static str> {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let name = std::str::from_utf8(name).ok()?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(fits) {
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
