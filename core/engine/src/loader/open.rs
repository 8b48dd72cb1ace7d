//! Opens a plugin file, once and for good, and makes a [`PluginDef`] of it.

use super::describe::{Kinds, Manifest, kept};
use super::instance::{Instance, PluginFile};
use super::sink::LoadedSink;
use super::transport::LoadedTransport;
use super::{LoadError, file, hosting};
use crate::world::World;
use cordboard_plugin::abi::bytes::{copied, lent, nothing, taken};
use cordboard_plugin::abi::raw::{MAGIC, MAJOR, MINOR, PluginTable, Prefix, SYMBOL, Slice, status};
use cordboard_plugin::{
    PluginDef, Settings, SettingsError, Sink, SinkKind, Transport, TransportKind,
};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Longest manifest.
const MANIFEST_BYTES_MAX: usize = 64 << 10;
/// Longest answer of `describe`.
const DESCRIPTION_BYTES_MAX: usize = 1 << 20;
/// Longest error of `create`.
const PROBLEM_BYTES_MAX: usize = 64 << 10;

/// A plugin file at work.
#[derive(Clone)]
pub struct Loaded {
    /// Where it is.
    pub path: PathBuf,
    /// What it offers, as a linked plugin would.
    pub plugin: &'static PluginDef,
    /// The language it says it was written in; empty when it does not say.
    pub lang: String,
    /// The version of the boundary it was built for, as `1.0`.
    pub abi: String,
}

/// What became of a file whose table lies at `address`: a file is started once in the life of a process,
/// however often, and under however many names, it is asked for.
struct Opened {
    address: usize,
    outcome: Result<Loaded, String>,
    /// What was accepted of it, when it got ready.
    file: Option<&'static PluginFile>,
}

static OPENED: Mutex<Vec<Opened>> = Mutex::new(Vec::new());

/// Loads a plugin file. It is never unloaded: threads and destructors of its own may live on. A file
/// that was loaded before is the same plugin again.
///
/// `path` must hold a slash, so that the system's folders are not searched. `sha256` is what its hash
/// must be, in hexadecimal. What it asks of the host outside any call is answered by `world`.
///
/// # Errors
/// Why it is not used; the process goes on without it.
pub fn load(path: &Path, sha256: Option<&str>, world: &World) -> Result<Loaded, LoadError> {
    let refuse = |problem: String| LoadError { path: path.to_owned(), problem };
    let real = file::check(path, sha256)?;
    // Held to the end: two who name the same file at once must not both start it. No plugin calls `load`.
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = symbol_of(&real).map_err(refuse)?;
    let address = found.addr();
    if let Some(known) = opened.iter().find(|known| known.address == address) {
        let again = known.outcome.clone().map_err(refuse)?;
        return Ok(Loaded { path: path.to_owned(), ..again });
    }
    let (outcome, file) = match accept(found) {
        Ok((file, manifest)) => (start(path, file, &manifest, world), Some(file)),
        Err(problem) => (Err(problem), None),
    };
    let file = file.filter(|_| outcome.is_ok());
    opened.push(Opened { address, outcome: outcome.clone(), file });
    outcome.map_err(refuse)
}

/// Tells every loaded file, once, that the process ends within `deadline_ms`, and waits at most so long
/// until they have ended what they do. No call is taken any more. Blocks this thread.
pub fn shutdown(deadline_ms: u32) {
    let stops: Vec<_> = {
        let opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        let running = opened.iter().filter_map(|opened| opened.file);
        let first = running.filter(|file| !file.stopping.swap(true, Ordering::SeqCst));
        first.filter_map(|file| file.table.shutdown).collect()
    };
    let until = Instant::now() + Duration::from_millis(u64::from(deadline_ms));
    let (done, ended) = mpsc::channel();
    for stop in stops {
        let done = done.clone();
        // Each has a thread of its own: one that does not keep to the deadline keeps nobody up.
        let thread = std::thread::Builder::new().name("plugin stop".to_owned());
        let started = thread.spawn(move || {
            // SAFETY: called once, for a file that is loaded and stays.
            unsafe { stop(deadline_ms) };
            // Nobody listens any more when it took too long.
            let _ = done.send(());
        });
        if let Err(error) = started {
            tracing::warn!("a plugin was not told to stop: {error}");
        }
    }
    drop(done);
    loop {
        match ended.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return tracing::warn!("a plugin did not stop within {deadline_ms} ms");
            }
        }
    }
}

/// Opens the file and finds its one symbol.
fn symbol_of(real: &Path) -> Result<*const PluginTable, String> {
    // SAFETY: the file runs code of its own when it is opened. It was checked that nobody but us and
    // root could write it: it is trusted as the bridge itself is.
    let library = unsafe { Library::open(Some(real), RTLD_NOW | RTLD_LOCAL) };
    let library = library.map_err(|error| {
        let error =
            std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
        let hint = match error.contains("GLIBC") {
            true => "; it was built on a newer system than this one: build it on an older one",
            false => "",
        };
        format!("cannot be opened: {error}{hint}")
    })?;
    // SAFETY: nothing is read there yet.
    let symbol = unsafe { library.get::<*const PluginTable>(SYMBOL) };
    let table = symbol.map(|symbol| symbol.as_raw_ptr().cast::<PluginTable>().cast_const());
    // It stays open for ever, whatever it is: destructors of its threads may still be there.
    std::mem::forget(library);
    match table {
        Ok(table) if table.is_null() => Err("its symbol leads nowhere".to_owned()),
        Ok(table) => Ok(table),
        Err(_) => Err("it has no symbol CORDBOARD_PLUGIN: build it with feature `export`, as a \
            cdylib"
            .to_owned()),
    }
}

/// Accepts what is in the table, its frozen first 16 bytes first; a copy of as much of it as both know.
fn accept(found: *const PluginTable) -> Result<(&'static PluginFile, Manifest), String> {
    // SAFETY: the symbol is there, so its first 16 bytes are; a C compiler may have aligned it anyhow.
    let prefix = unsafe { found.cast::<Prefix>().read_unaligned() };
    if prefix.magic != MAGIC {
        return Err("it is no Cordboard plugin".to_owned());
    }
    let (major, minor) = (prefix.abi_major, prefix.abi_minor);
    if major != MAJOR {
        return Err(format!(
            "it was built for version {major}.{minor} of the boundary, and this bridge speaks \
            {MAJOR}.{MINOR}: build it anew"
        ));
    }
    let size = prefix.struct_size as usize;
    if size < PluginTable::BYTES_MIN {
        return Err(format!("its table is cut off ({size} bytes)"));
    }
    // SAFETY: it is a table of this major version, and says how long it is.
    let table = unsafe { PluginTable::copied(found, size) };
    if table.manifest.len > MANIFEST_BYTES_MAX {
        return Err("its manifest is too long".to_owned());
    }
    // SAFETY: static bytes of a library that stays.
    let manifest = Manifest::read(&unsafe { copied(table.manifest) })?;
    let logs_panics = manifest.lang != "rust";
    let file = PluginFile { table, logs_panics, stopping: AtomicBool::new(false) };
    Ok((Box::leak(Box::new(file)), manifest))
}

fn start(
    path: &Path,
    file: &'static PluginFile,
    manifest: &Manifest,
    world: &World,
) -> Result<Loaded, String> {
    let init = file.table.init.ok_or("it has no `init`")?;
    // SAFETY: called once, with a table that lives for ever.
    match unsafe { init(hosting::table(world)) } {
        status::OK => {}
        code => return Err(format!("it could not start (status {code})")),
    }
    let plugin = define(file, manifest)?;
    let abi = format!("{}.{}", file.table.abi_major, file.table.abi_minor);
    Ok(Loaded { path: path.to_owned(), plugin, lang: manifest.lang.clone(), abi })
}

fn define(file: &'static PluginFile, manifest: &Manifest) -> Result<&'static PluginDef, String> {
    let describe = file.table.describe.ok_or("it has no `describe`")?;
    let mut answer = nothing();
    // SAFETY: there is room for one buffer, and it is ours.
    let (code, json) =
        unsafe { (describe(&raw mut answer), taken(&answer, DESCRIPTION_BYTES_MAX)) };
    if code != status::OK {
        return Err(format!("it does not say what it offers (status {code})"));
    }
    let kinds = Kinds::read(&json?)?;
    let transports = kinds.transports.into_iter().map(|found| {
        let kind = kept(found.kind.clone());
        TransportKind {
            kind,
            settings: found.settings(),
            create: Box::leak(Box::new(move |settings: &Settings| transport(file, kind, settings))),
            unconfigured: Box::leak(Box::new(move || {
                let made = make(file, kind, None).ok()?;
                let made = LoadedTransport::new(made).ok()?;
                Some(Box::new(made) as Box<dyn Transport>)
            })),
        }
    });
    let transports: Vec<TransportKind> = transports.collect();
    let sinks = kinds.sinks.into_iter().map(|found| {
        let kind = kept(found.kind.clone());
        SinkKind {
            kind,
            settings: found.settings(),
            create: Box::leak(Box::new(move |settings: &Settings| sink(file, kind, settings))),
        }
    });
    let sinks: Vec<SinkKind> = sinks.collect();
    Ok(Box::leak(Box::new(PluginDef {
        name: kept(manifest.name.clone()),
        version: kept(manifest.version.clone()),
        transports: Box::leak(transports.into_boxed_slice()),
        sinks: Box::leak(sinks.into_boxed_slice()),
        simulator: None,
    })))
}

fn transport(
    file: &'static PluginFile,
    kind: &str,
    settings: &Settings,
) -> Result<Box<dyn Transport>, SettingsError> {
    let made = LoadedTransport::new(make(file, kind, Some(settings))?);
    Ok(Box::new(made.map_err(|problem| SettingsError::new("kind", problem))?))
}

fn sink(
    file: &'static PluginFile,
    kind: &str,
    settings: &Settings,
) -> Result<Box<dyn Sink>, SettingsError> {
    let made = LoadedSink::new(make(file, kind, Some(settings))?);
    Ok(Box::new(made.map_err(|problem| SettingsError::new("kind", problem))?))
}

/// Has the plugin make an instance; without settings, one to probe with.
fn make(
    file: &'static PluginFile,
    kind: &str,
    settings: Option<&Settings>,
) -> Result<Instance, SettingsError> {
    let wrong = |problem: String| SettingsError::new("kind", problem);
    let create =
        file.table.create.ok_or_else(|| wrong("its plugin makes no instances".to_owned()))?;
    let json = settings.map(serde_json::to_vec).transpose();
    let json = json.map_err(|error| wrong(error.to_string()))?;
    let absent = Slice { ptr: std::ptr::null(), len: 0 };
    let (mut pointer, mut error) = (std::ptr::null_mut(), nothing());
    // SAFETY: the words live until the call returns, and there is room for the pointer and for one
    // buffer, which is ours.
    let (code, told) = unsafe {
        let settings = json.as_deref().map_or(absent, lent);
        let code = create(lent(kind.as_bytes()), settings, &raw mut pointer, &raw mut error);
        (code, taken(&error, PROBLEM_BYTES_MAX).unwrap_or_else(String::into_bytes))
    };
    match code {
        status::OK if !pointer.is_null() => {
            Ok(Instance::new(file, pointer, settings.map_or(kind, |settings| &settings.name)))
        }
        status::ERROR => Err(serde_json::from_slice(&told)
            .unwrap_or_else(|_| wrong(String::from_utf8_lossy(&told).into_owned()))),
        status::PANIC => {
            Err(wrong(format!("its plugin panicked: {}", String::from_utf8_lossy(&told))))
        }
        code => Err(wrong(format!("its plugin makes no such instance (status {code})"))),
    }
}
