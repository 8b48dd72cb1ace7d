//! The functions of the one exported table. Each catches panics: none may leave a C function.

use super::dispatch::{Answer, ask_transport, bad_payload, transport};
use super::dispatch_sink::{ask_sink, sink};
use super::executor::{caught, executor, working_on};
use super::remote;
use crate::abi::bytes;
use crate::abi::codec::{Packed, pack};
use crate::abi::raw::{
    Buf, HostPrefix, HostTable, MAGIC, MAJOR, MINOR, PluginTable, Slice, status,
};
use crate::error::SettingsError;
use crate::export::PluginDef;
use crate::host::Level;
use crate::settings::Settings;
use crate::{Sink, Transport};
use std::ffi::c_void;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

static HOST: OnceLock<HostTable> = OnceLock::new();
static PLUGIN: OnceLock<&'static PluginDef> = OnceLock::new();

/// The bridge; `None` before `init`.
pub(super) fn host() -> Option<&'static HostTable> {
    HOST.get()
}

/// An instance, as the bridge holds it.
enum Instance {
    Transport(Arc<dyn Transport>),
    Sink(Arc<dyn Sink>),
}

/// The table of a plugin file. `init` is made by `export_plugin!`, since it alone knows the plugin.
pub const fn table(
    manifest: &'static str,
    init: unsafe extern "C" fn(*const HostTable) -> i32,
) -> PluginTable {
    PluginTable {
        magic: MAGIC,
        abi_major: MAJOR,
        abi_minor: MINOR,
        struct_size: size_of::<PluginTable>() as u32,
        manifest: Slice { ptr: manifest.as_ptr(), len: manifest.len() },
        init: Some(init),
        describe: Some(describe),
        create: Some(create),
        ask: Some(ask),
        call: Some(call),
        cancel: Some(cancel),
        destroy: Some(destroy),
        shutdown: Some(shutdown),
    }
}

/// Gets ready: keeps the bridge's table, starts the executor, sends panics to the bridge's log.
///
/// # Safety
/// `table` is the bridge's, and lives for ever.
pub unsafe fn init(table: *const HostTable, plugin: &'static PluginDef) -> i32 {
    let (code, _) = caught(0, || {
        // SAFETY: as above.
        let Some(host) = (unsafe { accepted(table) }) else {
            return (status::UNSUPPORTED, Packed::default());
        };
        let first = HOST.set(host).is_ok() && PLUGIN.set(plugin).is_ok();
        if first {
            // The standard library is this file's own copy, and so is its hook.
            std::panic::set_hook(Box::new(|panic| {
                let name = PLUGIN.get().map_or("", |plugin| plugin.name);
                remote::log(
                    working_on(),
                    Level::Error,
                    &format!("plugin {name} panicked: {panic}"),
                );
            }));
            if executor().start(plugin.name).is_err() {
                return (status::ERROR, Packed::default());
            }
        }
        (status::OK, Packed::default())
    });
    code
}

/// The bridge's table, as far as it reaches; `None` when it is of another major version.
///
/// # Safety
/// `table` is null, or as many bytes as its `struct_size` says.
unsafe fn accepted(table: *const HostTable) -> Option<HostTable> {
    // SAFETY: if it is there, its first 8 bytes are.
    let prefix = unsafe { table.cast::<HostPrefix>().as_ref() }?;
    let size = prefix.struct_size as usize;
    if prefix.abi_major != MAJOR || size < HostTable::BYTES_MIN {
        return None;
    }
    // SAFETY: the bridge says how long it is.
    Some(unsafe { HostTable::copied(table, size) })
}

/// Puts an answer's JSON where the bridge takes it.
fn put(into: *mut Buf, (code, packed): Answer) -> i32 {
    if !into.is_null() {
        // SAFETY: the bridge vouches for room for one buffer; what is there is not a buffer yet.
        unsafe { into.write(bytes::handed(packed.json)) };
    }
    code
}

unsafe extern "C" fn describe(answer: *mut Buf) -> i32 {
    let described = caught(0, || {
        let Some(plugin) = PLUGIN.get() else { return (status::CANCELLED, Packed::default()) };
        let transports: Vec<_> = plugin
            .transports
            .iter()
            .map(|kind| serde_json::json!({ "kind": kind.kind, "settings": kind.settings }))
            .collect();
        let sinks: Vec<_> = plugin
            .sinks
            .iter()
            .map(|kind| serde_json::json!({ "kind": kind.kind, "settings": kind.settings }))
            .collect();
        let all = serde_json::json!({ "transports": transports, "sinks": sinks });
        (status::OK, Packed { json: all.to_string().into_bytes(), buffers: Vec::new() })
    });
    put(answer, described)
}

unsafe extern "C" fn create(
    kind: Slice,
    settings: Slice,
    instance: *mut *mut c_void,
    error: *mut Buf,
) -> i32 {
    let mut made = None;
    let answer = caught(0, || {
        // SAFETY: both are readable until we return.
        let (kind, json) = unsafe { (bytes::copied(kind), bytes::copied(settings)) };
        let kind = String::from_utf8_lossy(&kind).into_owned();
        let settings = if settings.ptr.is_null() {
            None
        } else {
            match serde_json::from_slice::<Settings>(&json) {
                Ok(settings) => Some(settings),
                Err(problem) => return bad_payload(problem.to_string()),
            }
        };
        match make(&kind, settings.as_ref()) {
            Some(Ok(instance)) => {
                made = Some(instance);
                (status::OK, Packed::default())
            }
            Some(Err(error)) => (status::ERROR, pack(&error).unwrap_or_default()),
            None => (status::UNSUPPORTED, Packed::default()),
        }
    });
    match made {
        Some(made) if !instance.is_null() => {
            // SAFETY: the bridge vouches for room for one pointer.
            unsafe { instance.write(Box::into_raw(Box::new(made)).cast()) };
            status::OK
        }
        _ => put(error, answer),
    }
}

/// An instance of a kind; `None` when the kind is not ours, or has nothing to probe with.
fn make(kind: &str, settings: Option<&Settings>) -> Option<Result<Instance, SettingsError>> {
    let plugin = PLUGIN.get()?;
    if let Some(found) = plugin.transports.iter().find(|found| found.kind == kind) {
        let instance = |made: Box<dyn Transport>| Instance::Transport(Arc::from(made));
        return match settings {
            Some(settings) => Some((found.create)(settings).map(instance)),
            None => (found.unconfigured)().map(instance).map(Ok),
        };
    }
    let found = plugin.sinks.iter().find(|found| found.kind == kind)?;
    let made = (found.create)(settings?);
    Some(made.map(|made| Instance::Sink(Arc::from(made))))
}

/// The instance behind the bridge's pointer.
///
/// # Safety
/// `instance` comes from `create` and was not destroyed.
unsafe fn behind<'a>(instance: *mut c_void) -> Option<&'a Instance> {
    // SAFETY: as above.
    unsafe { instance.cast::<Instance>().as_ref() }
}

unsafe extern "C" fn ask(
    instance: *mut c_void,
    question: u32,
    payload: Slice,
    answer: *mut Buf,
) -> i32 {
    let answered = caught(0, || {
        // SAFETY: the payload is readable until we return, and the instance is alive.
        let (json, instance) = unsafe { (bytes::copied(payload), behind(instance)) };
        let packed = Packed { json, buffers: Vec::new() };
        match instance {
            Some(Instance::Transport(plugin)) => ask_transport(&**plugin, question, packed),
            Some(Instance::Sink(plugin)) => ask_sink(&**plugin, question, packed),
            None => (status::BAD_PAYLOAD, Packed::default()),
        }
    });
    put(answer, answered)
}

unsafe extern "C" fn call(
    instance: *mut c_void,
    operation: u32,
    token: u64,
    payload: Slice,
    bufs: *mut Buf,
    n: usize,
) -> i32 {
    let (code, _) = caught(token, || {
        // SAFETY: the payload is readable until we return, the buffers are ours, the instance is alive.
        let (packed, instance) = unsafe { (bytes::packed(payload, bufs, n), behind(instance)) };
        let packed = match packed {
            Ok(packed) => packed,
            Err(problem) => return bad_payload(problem),
        };
        let host = remote::RemoteHost { call: token };
        let work = match instance {
            Some(Instance::Transport(plugin)) => transport(plugin.clone(), operation, host, packed),
            Some(Instance::Sink(plugin)) => sink(plugin.clone(), operation, host, packed),
            None => Err((status::BAD_PAYLOAD, Packed::default())),
        };
        match work {
            Ok(work) => match executor().take(token, work) {
                true => (status::OK, Packed::default()),
                false => (status::CANCELLED, Packed::default()),
            },
            Err(refused) => refused,
        }
    });
    code
}

unsafe extern "C" fn cancel(_instance: *mut c_void, token: u64) {
    let _ = caught(0, || {
        executor().cancel(token);
        (status::OK, Packed::default())
    });
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    if instance.is_null() {
        return;
    }
    let _ = caught(0, || {
        // SAFETY: it comes from `create`, and is given back once; calls hold the plugin themselves.
        drop(unsafe { Box::from_raw(instance.cast::<Instance>()) });
        (status::OK, Packed::default())
    });
}

unsafe extern "C" fn shutdown(deadline_ms: u32) {
    let _ = caught(0, || {
        executor().stop(Duration::from_millis(u64::from(deadline_ms)));
        (status::OK, Packed::default())
    });
}
