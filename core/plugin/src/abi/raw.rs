//! The structs and numbers of `cordboard_plugin.h`, one to one; a test compares every offset.

#![expect(unsafe_code, reason = "tables of C functions are shared between threads")]

use std::ffi::c_void;
use std::mem::offset_of;

/// `CB_MAGIC`: the bytes `CRDBRD`, 0, 1 as a little-endian number.
pub const MAGIC: u64 = 0x0100_4452_4244_5243;
/// The major version that is spoken here: another one is refused.
pub const MAJOR: u16 = 1;
/// The minor version: more fields at the end, more operations.
pub const MINOR: u16 = 0;
/// The one symbol of a plugin.
pub const SYMBOL: &[u8] = b"CORDBOARD_PLUGIN\0";

/// Borrowed bytes: good until the called function returns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// First byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

/// Bytes that are handed over: whoever gets them calls `release` once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buf {
    /// First byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
    /// For `release`.
    pub owner: *mut c_void,
    /// Gives the bytes back; `None`: they are static.
    pub release: Option<unsafe extern "C" fn(owner: *mut c_void)>,
}

/// What became of a call: `CB_OK` and its kin.
pub mod status {
    /// The payload is the answer.
    pub const OK: i32 = 0;
    /// The payload is the error of the trait's method.
    pub const ERROR: i32 = 1;
    /// Cancelled, or the other side is stopping.
    pub const CANCELLED: i32 = 2;
    /// The payload is what the panic said.
    pub const PANIC: i32 = 3;
    /// No such operation: the trait's default applies.
    pub const UNSUPPORTED: i32 = 4;
    /// The payload could not be read; it says why.
    pub const BAD_PAYLOAD: i32 = 5;
}

/// Operations: `CB_WOKE` and its kin.
pub mod op {
    #![expect(missing_docs, reason = "each is the trait's method of the same name")]
    pub const WOKE: u32 = 1;
    pub const DIAGNOSE: u32 = 2;
    pub const PAGE: u32 = 3;
    pub const ACT: u32 = 4;
    pub const PROBE: u32 = 5;
    pub const RECEIVE: u32 = 16;
    pub const CONFIRM: u32 = 17;
    pub const SEND: u32 = 18;
    pub const FETCH: u32 = 19;
    pub const RUN: u32 = 20;
    pub const BEGIN_LINK: u32 = 32;
    pub const COMPLETE_LINK: u32 = 33;
    pub const REFRESH: u32 = 34;
    pub const REVOKE: u32 = 35;
    pub const CHECK: u32 = 36;
    pub const UPLOAD: u32 = 37;
    pub const DESCRIBE: u32 = 38;
    pub const PUBLISH: u32 = 39;
    pub const SETTLE: u32 = 40;
    pub const RETRACT: u32 = 41;
    pub const SERVE: u32 = 42;
    pub const CAPABILITIES: u32 = 64;
    pub const SET_UP: u32 = 65;
    pub const PLAN: u32 = 66;
    pub const LINK_STATE: u32 = 67;
    pub const FINGERPRINT: u32 = 68;
    pub const HOST_HTTP: u32 = 128;
    pub const HOST_GET: u32 = 129;
    pub const HOST_SCAN: u32 = 130;
    pub const HOST_COMMIT: u32 = 131;
    pub const HOST_SLEEP_UNTIL: u32 = 132;
}

/// `CB_COUNTER`.
pub const COUNTER: i32 = 0;
/// `CB_GAUGE`.
pub const GAUGE: i32 = 1;

/// `cb_done`: called exactly once for each host call that was taken.
pub type Done =
    unsafe extern "C" fn(user: *mut c_void, status: i32, payload: Slice, bufs: *mut Buf, n: usize);

/// `cb_host`: the host, as a plugin sees it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HostTable {
    /// Size of this struct as its maker knows it.
    pub struct_size: u32,
    /// Its major version.
    pub abi_major: u16,
    /// Its minor version.
    pub abi_minor: u16,
    /// A call is done.
    pub complete: Option<
        unsafe extern "C" fn(call: u64, status: i32, payload: Slice, bufs: *mut Buf, n: usize),
    >,
    /// Asks the host; 0: not taken.
    pub host_call: Option<
        unsafe extern "C" fn(
            call: u64,
            op: u32,
            payload: Slice,
            bufs: *mut Buf,
            n: usize,
            done: Option<Done>,
            user: *mut c_void,
        ) -> u64,
    >,
    /// Nobody waits for this host call any more.
    pub host_cancel: Option<unsafe extern "C" fn(call: u64, number: u64)>,
    /// The time, in milliseconds since 1970.
    pub now: Option<unsafe extern "C" fn(call: u64) -> i64>,
    /// Random bytes.
    pub random: Option<unsafe extern "C" fn(call: u64, into: *mut u8, len: usize)>,
    /// A line for the log.
    pub log: Option<unsafe extern "C" fn(call: u64, level: i32, line: Slice)>,
    /// Adds to a counter, or sets a gauge.
    pub metric: Option<unsafe extern "C" fn(call: u64, kind: i32, name: Slice, value: i64)>,
    /// A person must act; `ptr` null: it is over.
    pub trouble: Option<unsafe extern "C" fn(call: u64, why: Slice)>,
}

/// `cb_plugin`: the one exported symbol.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PluginTable {
    /// [`MAGIC`].
    pub magic: u64,
    /// Major version it was built for.
    pub abi_major: u16,
    /// Minor version it was built for.
    pub abi_minor: u16,
    /// Size of this struct as its maker knows it.
    pub struct_size: u32,
    /// Static JSON: who it is.
    pub manifest: Slice,
    /// Called once, before anything else.
    pub init: Option<unsafe extern "C" fn(host: *const HostTable) -> i32>,
    /// Its kinds and their settings tables.
    pub describe: Option<unsafe extern "C" fn(answer: *mut Buf) -> i32>,
    /// Makes an instance.
    pub create: Option<
        unsafe extern "C" fn(
            kind: Slice,
            settings: Slice,
            instance: *mut *mut c_void,
            error: *mut Buf,
        ) -> i32,
    >,
    /// A pure question.
    pub ask: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            op: u32,
            payload: Slice,
            answer: *mut Buf,
        ) -> i32,
    >,
    /// Begins a call.
    pub call: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            op: u32,
            call: u64,
            payload: Slice,
            bufs: *mut Buf,
            n: usize,
        ) -> i32,
    >,
    /// Nobody waits for this call any more.
    pub cancel: Option<unsafe extern "C" fn(instance: *mut c_void, call: u64)>,
    /// No call is under way, and none follows.
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// The process ends soon.
    pub shutdown: Option<unsafe extern "C" fn(deadline_ms: u32)>,
}

/// The first 16 bytes of a [`PluginTable`], which never change; nothing else is read before they are
/// accepted.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Prefix {
    /// [`MAGIC`].
    pub magic: u64,
    /// Major version it was built for.
    pub abi_major: u16,
    /// Minor version it was built for.
    pub abi_minor: u16,
    /// Size of the whole table as its maker knows it.
    pub struct_size: u32,
}

/// The first 8 bytes of a [`HostTable`], which never change.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HostPrefix {
    /// Size of the whole table as its maker knows it.
    pub struct_size: u32,
    /// Its major version.
    pub abi_major: u16,
    /// Its minor version.
    pub abi_minor: u16,
}

impl PluginTable {
    /// Size of the table of minor version 0: none is shorter. It stays when fields are added.
    pub const BYTES_MIN: usize = offset_of!(PluginTable, shutdown) + size_of::<usize>();

    const NOTHING: Self = Self {
        magic: 0,
        abi_major: 0,
        abi_minor: 0,
        struct_size: 0,
        manifest: Slice { ptr: std::ptr::null(), len: 0 },
        init: None,
        describe: None,
        create: None,
        ask: None,
        call: None,
        cancel: None,
        destroy: None,
        shutdown: None,
    };

    /// Copies a table of which its maker knows `struct_size` bytes: what lies behind them is absent, and
    /// what it has more than we know is left.
    ///
    /// # Safety
    /// `struct_size` bytes can be read at `table`, and are such a table.
    pub unsafe fn copied(table: *const Self, struct_size: usize) -> Self {
        let mut copy = Self::NOTHING;
        // SAFETY: both have room for so many bytes; zeroes behind them are absent functions.
        unsafe { copy_start(table.cast(), (&raw mut copy).cast(), whole::<Self>(struct_size)) };
        copy
    }
}

impl HostTable {
    /// Size of the table of minor version 0: none is shorter. It stays when fields are added.
    pub const BYTES_MIN: usize = offset_of!(HostTable, trouble) + size_of::<usize>();

    const NOTHING: Self = Self {
        struct_size: 0,
        abi_major: 0,
        abi_minor: 0,
        complete: None,
        host_call: None,
        host_cancel: None,
        now: None,
        random: None,
        log: None,
        metric: None,
        trouble: None,
    };

    /// The same as [`PluginTable::copied`].
    ///
    /// # Safety
    /// `struct_size` bytes can be read at `table`, and are such a table.
    pub unsafe fn copied(table: *const Self, struct_size: usize) -> Self {
        let mut copy = Self::NOTHING;
        // SAFETY: both have room for so many bytes; zeroes behind them are absent functions.
        unsafe { copy_start(table.cast(), (&raw mut copy).cast(), whole::<Self>(struct_size)) };
        copy
    }
}

/// How much of a table is taken: whole fields only, and none that we do not know.
fn whole<T>(struct_size: usize) -> usize {
    let known = struct_size.min(size_of::<T>());
    known - known % size_of::<usize>()
}

/// # Safety
/// `len` bytes can be read at `from` and written at `to`.
unsafe fn copy_start(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: as above, and the two are not the same table.
    unsafe { std::ptr::copy_nonoverlapping(from, to, len) };
}

// SAFETY: the tables hold nothing but numbers, functions and static bytes.
unsafe impl Sync for PluginTable {}
// SAFETY: as above.
unsafe impl Send for PluginTable {}
// SAFETY: as above.
unsafe impl Send for HostTable {}
// SAFETY: as above.
unsafe impl Sync for HostTable {}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn stop(_deadline_ms: u32) {}

    #[test]
    fn what_lies_behind_the_makers_size_is_absent() {
        let table = PluginTable { shutdown: Some(stop), ..PluginTable::NOTHING };
        let whole = size_of::<PluginTable>();
        for (size, there) in [(whole, true), (whole + 64, true), (whole - 1, false), (16, false)] {
            let room = [table, table];
            // SAFETY: there are two of them, so more bytes than are asked for.
            let copy = unsafe { PluginTable::copied(room.as_ptr(), size) };
            assert_eq!(copy.shutdown.is_some(), there, "{size} bytes");
        }
    }
}
