//! Opens a plugin file, once and for good, and makes a [`PluginDef`] of it.

use super::adapter::Instance;
use super::describe::{Kinds, Manifest, kept};
use super::sink::LoadedSink;
use super::transport::LoadedTransport;
use super::{LoadError, file, hosting};
use crate::world::World;
use cordboard_plugin::abi::bytes::{copied, lent, nothing, taken};
use cordboard_plugin::abi::raw::{MAGIC, MAJOR, MINOR, PluginTable, SYMBOL, status};
use cordboard_plugin::{
    PluginDef, Settings, SettingsError, Sink, SinkKind, Transport, TransportKind,
};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::path::{Path, PathBuf};

/// Size of the table of this major version's first minor: no table is shorter.
const TABLE_BYTES_MIN: usize = size_of::<PluginTable>();
/// Longest manifest.
const MANIFEST_BYTES_MAX: usize = 64 << 10;

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

/// Loads a plugin file. It is never unloaded: threads and destructors of its own may live on.
///
/// `path` must hold a slash, so that the system's folders are not searched. `sha256` is what its hash
/// must be, in hexadecimal. What it asks of the host outside any call is answered by `world`.
///
/// # Errors
/// Why it is not used; the process goes on without it.
pub fn load(path: &Path, sha256: Option<&str>, world: &World) -> Result<Loaded, LoadError> {
    let refuse = |problem: String| LoadError { path: path.to_owned(), problem };
    file::check(path, sha256)?;
    let table = table_of(path).map_err(refuse)?;
    let manifest = accept(table).map_err(refuse)?;
    start(table, world).map_err(refuse)?;
    let plugin = define(table, &manifest).map_err(refuse)?;
    let abi = format!("{}.{}", table.abi_major, table.abi_minor);
    Ok(Loaded { path: path.to_owned(), plugin, lang: manifest.lang, abi })
}

/// Opens the file and finds its one symbol.
fn table_of(path: &Path) -> Result<&'static PluginTable, String> {
    let full = path.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    // SAFETY: the file runs code of its own when it is opened. It was checked that nobody but us and
    // root could write it: it is trusted as the bridge itself is.
    let library = unsafe { Library::open(Some(&full), RTLD_NOW | RTLD_LOCAL) };
    let library = library.map_err(|error| {
        let error =
            std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
        let hint = match error.contains("GLIBC") {
            true => "; it was built on a newer system than this one: build it on an older one",
            false => "",
        };
        format!("cannot be opened: {error}{hint}")
    })?;
    // SAFETY: if it is there it is the header's table; its first 16 bytes are looked at before the rest.
    let symbol = unsafe { library.get::<*const PluginTable>(SYMBOL) };
    let table = symbol.map(|symbol| symbol.as_raw_ptr().cast::<PluginTable>().cast_const());
    // It stays open for ever, whatever it is: destructors of its threads may still be there.
    std::mem::forget(library);
    let table = table.map_err(|_| {
        "it has no symbol CORDBOARD_PLUGIN: build it with feature `export`, as a cdylib".to_owned()
    })?;
    // SAFETY: the library stays, so what it exports lives for ever.
    unsafe { table.as_ref() }.ok_or_else(|| "its symbol leads nowhere".to_owned())
}

/// Accepts what is in the table, its frozen first 16 bytes first.
fn accept(table: &'static PluginTable) -> Result<Manifest, String> {
    if table.magic != MAGIC {
        return Err("it is no Cordboard plugin".to_owned());
    }
    let (major, minor) = (table.abi_major, table.abi_minor);
    if major != MAJOR {
        return Err(format!(
            "it was built for version {major}.{minor} of the boundary, and this bridge speaks \
            {MAJOR}.{MINOR}: build it anew"
        ));
    }
    if (table.struct_size as usize) < TABLE_BYTES_MIN {
        return Err(format!("its table is cut off ({} bytes)", table.struct_size));
    }
    if table.manifest.len > MANIFEST_BYTES_MAX {
        return Err("its manifest is too long".to_owned());
    }
    // SAFETY: static bytes of a library that stays.
    Manifest::read(&unsafe { copied(table.manifest) })
}

fn start(table: &'static PluginTable, world: &World) -> Result<(), String> {
    let init = table.init.ok_or("it has no `init`")?;
    // SAFETY: called with a table that lives for ever. A file that is loaded twice is the same library,
    // and takes a second `init` for nothing.
    match unsafe { init(hosting::table(world)) } {
        status::OK => Ok(()),
        code => Err(format!("it could not start (status {code})")),
    }
}

fn define(table: &'static PluginTable, manifest: &Manifest) -> Result<&'static PluginDef, String> {
    let describe = table.describe.ok_or("it has no `describe`")?;
    let mut answer = nothing();
    // SAFETY: there is room for one buffer, and it is ours.
    let (code, json) = unsafe { (describe(&raw mut answer), taken(&answer)) };
    if code != status::OK {
        return Err(format!("it does not say what it offers (status {code})"));
    }
    let kinds: Kinds = serde_json::from_slice(&json)
        .map_err(|error| format!("what it offers cannot be read: {error}"))?;
    if kinds.transports.is_empty() && kinds.sinks.is_empty() {
        return Err("it offers neither a transport nor a sink".to_owned());
    }
    let transports = kinds.transports.into_iter().map(|found| {
        let kind = kept(found.kind.clone());
        TransportKind {
            kind,
            settings: found.settings(),
            create: Box::leak(Box::new(move |settings: &Settings| {
                transport(table, kind, settings)
            })),
            unconfigured: Box::leak(Box::new(move || {
                let made = make(table, kind, None).ok()?;
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
            create: Box::leak(Box::new(move |settings: &Settings| sink(table, kind, settings))),
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
    table: &'static PluginTable,
    kind: &str,
    settings: &Settings,
) -> Result<Box<dyn Transport>, SettingsError> {
    let made = LoadedTransport::new(make(table, kind, Some(settings))?);
    Ok(Box::new(made.map_err(|problem| SettingsError::new("kind", problem))?))
}

fn sink(
    table: &'static PluginTable,
    kind: &str,
    settings: &Settings,
) -> Result<Box<dyn Sink>, SettingsError> {
    let made = LoadedSink::new(make(table, kind, Some(settings))?);
    Ok(Box::new(made.map_err(|problem| SettingsError::new("kind", problem))?))
}

/// Has the plugin make an instance; without settings, one to probe with.
fn make(
    table: &'static PluginTable,
    kind: &str,
    settings: Option<&Settings>,
) -> Result<Instance, SettingsError> {
    let wrong = |problem: String| SettingsError::new("kind", problem);
    let create = table.create.ok_or_else(|| wrong("its plugin makes no instances".to_owned()))?;
    let json = settings.map(serde_json::to_vec).transpose();
    let json = json.map_err(|error| wrong(error.to_string()))?;
    let absent = cordboard_plugin::abi::raw::Slice { ptr: std::ptr::null(), len: 0 };
    let (mut pointer, mut error) = (std::ptr::null_mut(), nothing());
    // SAFETY: the words live until the call returns, and there is room for the pointer and for one
    // buffer, which is ours.
    let (code, told) = unsafe {
        let settings = json.as_deref().map_or(absent, lent);
        let code = create(lent(kind.as_bytes()), settings, &raw mut pointer, &raw mut error);
        (code, taken(&error))
    };
    match code {
        status::OK if !pointer.is_null() => Ok(Instance { table, pointer }),
        status::ERROR => Err(serde_json::from_slice(&told)
            .unwrap_or_else(|_| wrong(String::from_utf8_lossy(&told).into_owned()))),
        status::PANIC => {
            Err(wrong(format!("its plugin panicked: {}", String::from_utf8_lossy(&told))))
        }
        code => Err(wrong(format!("its plugin makes no such instance (status {code})"))),
    }
}
