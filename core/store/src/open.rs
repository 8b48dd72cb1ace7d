//! Opening: is it ours, is the key right, is it up to date?

use crate::error::{OpenError, Out, StoreError};
use crate::job::set_pragmas;
use crate::lite::{Conn, MIGRATIONS};
use crate::queries::Queries as _;
use crate::seal::Seal;
use crate::store::StoreUrl;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Secret, Timestamp};
use diesel::migration::Migration;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness as _;
use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The newest schema that this program knows; a migration that older programs cannot read raises it,
/// and writes it into the fact `schema.oldest_reader`.
const SCHEMA: i64 = 1;
const OLDEST_READER: &str = "schema.oldest_reader";
const KEY_CHECK: &str = "key.check";
const KEY_ID: &str = "key.id";
const KEY_PLACE: &str = "key check";
const KEY_WORDS: &str = "cordboard";

/// Opens a database for writing and brings it up to date.
pub(crate) fn open(
    url: &StoreUrl,
    seal: &Seal,
    version: &str,
    now: Timestamp,
) -> Result<Conn, OpenError> {
    if let StoreUrl::Sqlite(path) = url {
        make_private(path)?;
    }
    let mut conn = connect(url).map_err(|reason| sort_out(url, &reason))?;
    let words = |error: StoreError| sort_out(url, &error.to_string());
    let old = has_tables(&mut conn).map_err(words)?;
    if old {
        refuse_newer(&mut conn)?;
        refuse_other_key(&mut conn, seal)?;
    }
    migrate(&mut conn, url, old)?;
    write_facts(&mut conn, seal, version, now)?;
    Ok(conn)
}

/// Connects and sets what every connection needs; the error is in SQLite's words.
pub(crate) fn connect(url: &StoreUrl) -> Result<Conn, String> {
    let place = match url {
        StoreUrl::Memory => ":memory:".into(),
        StoreUrl::Sqlite(path) => path.to_string_lossy(),
    };
    let mut conn = Conn::establish(&place).map_err(|e| e.to_string())?;
    set_pragmas(&mut conn).map_err(|e| e.to_string())?;
    Ok(conn)
}

/// The file is readable by its owner only, from the first moment.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let refused =
        |e: std::io::Error| OpenError::NotWritable { path: path.to_owned(), reason: e.to_string() };
    // SQLite gives its log and index files the same mode.
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| file.set_permissions(Permissions::from_mode(0o600)))
        .map_err(refused)
}

/// Sorts SQLite's words into errors that say what to do.
fn sort_out(url: &StoreUrl, reason: &str) -> OpenError {
    let path = match url {
        StoreUrl::Memory => PathBuf::from(":memory:"),
        StoreUrl::Sqlite(path) => path.clone(),
    };
    let reason = reason.to_owned();
    if reason.contains("not a database") || reason.contains("malformed") {
        OpenError::Corrupt { path, reason }
    } else if reason.contains("readonly") || reason.contains("unable to open") {
        OpenError::NotWritable { path, reason }
    } else {
        OpenError::Store(StoreError::Backend(reason))
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn count(conn: &mut Conn, sql: &str) -> Out<i64> {
    Ok(diesel::sql_query(sql).get_result::<Count>(conn)?.n)
}

fn has_tables(conn: &mut Conn) -> Out<bool> {
    Ok(count(conn, "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'")? > 0)
}

fn fact(conn: &mut Conn, key: &str) -> Out<Option<String>> {
    let facts = "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'facts'";
    if count(conn, facts)? == 0 { Ok(None) } else { conn.fact(key) }
}

fn refuse_newer(conn: &mut Conn) -> Result<(), OpenError> {
    let oldest = fact(conn, OLDEST_READER)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    if oldest > SCHEMA {
        return Err(OpenError::Newer { found: oldest, known: SCHEMA });
    }
    Ok(())
}

fn refuse_other_key(conn: &mut Conn, seal: &Seal) -> Result<(), OpenError> {
    let Some(check) = fact(conn, KEY_CHECK)? else { return Ok(()) };
    let opened = STANDARD.decode(check).ok().and_then(|sealed| seal.open(KEY_PLACE, &sealed).ok());
    if opened.is_some_and(|words| words.reveal() == KEY_WORDS) {
        return Ok(());
    }
    let found = fact(conn, KEY_ID)?.unwrap_or_default();
    Err(OpenError::OtherKey { found, given: seal.key_id() })
}

fn migrate(conn: &mut Conn, url: &StoreUrl, old: bool) -> Result<(), OpenError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| OpenError::Migration(e.to_string());
    let pending: Vec<Box<dyn Migration<Sqlite>>> =
        conn.pending_migrations(MIGRATIONS).map_err(failed)?;
    let Some(first) = pending.first() else { return Ok(()) };
    if let (StoreUrl::Sqlite(path), true) = (url, old) {
        copy_before(conn, path, &first.name().version().to_string())?;
    }
    conn.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    Ok(())
}

/// Copies the whole database beside itself, so that the older program can be brought back.
fn copy_before(conn: &mut Conn, path: &Path, version: &str) -> Result<(), OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{version}"));
    let copy = PathBuf::from(name);
    let refused = |reason: String| OpenError::NotWritable { path: copy.clone(), reason };
    // A copy left by an attempt that failed is of the same schema and older than this one.
    if copy.exists() {
        fs::remove_file(&copy).map_err(|e| refused(e.to_string()))?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&copy)
        .map_err(|e| refused(e.to_string()))?;
    diesel::sql_query("VACUUM INTO ?")
        .bind::<diesel::sql_types::Text, _>(copy.to_string_lossy())
        .execute(conn)
        .map_err(|e| refused(e.to_string()))?;
    Ok(())
}

fn write_facts(conn: &mut Conn, seal: &Seal, version: &str, now: Timestamp) -> Out<()> {
    conn.immediate_transaction(|conn| {
        if conn.fact(KEY_CHECK)?.is_none() {
            let sealed = seal.seal(KEY_PLACE, &Secret::new(KEY_WORDS))?;
            conn.set_fact(KEY_CHECK, &STANDARD.encode(sealed))?;
            conn.set_fact(KEY_ID, &seal.key_id())?;
        }
        conn.set_fact("opened.by", version)?;
        conn.set_fact("opened.at", &now.0.to_string())
    })
}
