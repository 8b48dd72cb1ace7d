//! What the operator's page shows of the inbox.

use super::moment;
use super::parts::{self, OpenRow};
use super::shelf::{BAD, Bad, NOTES, Note, OLD, Shelf};
use super::state::{self, Row};
use super::{Rules, Slot};
use cordboard_plugin::{Host, StateError, Table, Timestamp};
use serde::de::DeserializeOwned;

/// Rows of a table.
const ROWS_MAX: u16 = 200;

pub(super) async fn tables(rules: &Rules, host: &dyn Host) -> Result<Vec<Table>, StateError> {
    let mut tables = vec![open(host).await?, bad(host).await?];
    let hours = rules.catch_up_hours;
    let title = format!("Found on the card, older than {hours} hours: not acted on");
    tables.push(notes(host, &OLD, title).await?);
    tables.push(notes(host, &NOTES, "Not handed on, because they are no texts".to_owned()).await?);
    tables.retain(|table| !table.rows.is_empty());
    Ok(tables)
}

async fn open(host: &dyn Host) -> Result<Table, StateError> {
    let rows = host.scan("open/", None, ROWS_MAX).await?;
    let rows = rows.into_iter().filter_map(|(key, stored)| parts::open_row(key, &stored));
    let row = |OpenRow { open, .. }: OpenRow| {
        let what = if open.push { "WAP push" } else { "text" };
        vec![
            open.from.to_string(),
            what.to_owned(),
            format!("{} of {}", open.parts.len(), open.total),
            moment::shown(open.last_at),
            open.asked_at.map(moment::shown).unwrap_or_default(),
        ]
    };
    let columns = ["from", "what", "parts", "last one came", "sender asked"];
    Ok(table("Parts are missing".to_owned(), &columns, rows.map(row).collect()))
}

async fn bad(host: &dyn Host) -> Result<Table, StateError> {
    let row = |bad: Bad| vec![moment::shown(bad.at), place(bad.slot.as_ref()), bad.why, bad.line];
    let rows = shelf::<Bad>(host, &BAD).await?.into_iter().map(row).collect();
    Ok(table("Cannot be read".to_owned(), &["kept", "slot", "why", "PDU"], rows))
}

async fn notes(host: &dyn Host, shelf_of: &Shelf, title: String) -> Result<Table, StateError> {
    let sent = |at: Option<Timestamp>| at.map_or_else(|| "unknown".to_owned(), moment::shown);
    let row = |note: Note| vec![moment::shown(note.at), sent(note.sent_at), note.from, note.what];
    let rows = shelf::<Note>(host, shelf_of).await?.into_iter().map(row).collect();
    Ok(table(title, &["kept", "sent", "from", "what"], rows))
}

async fn shelf<T: DeserializeOwned>(host: &dyn Host, shelf: &Shelf) -> Result<Vec<T>, StateError> {
    let rows = host.scan(shelf.prefix, None, ROWS_MAX).await?;
    let row = |(_, stored): (String, _)| state::read(&stored).map(|Row { value, .. }| value);
    let mut rows: Vec<T> = rows.into_iter().filter_map(row).collect();
    // The newest first.
    rows.reverse();
    Ok(rows)
}

fn place(slot: Option<&Slot>) -> String {
    slot.map_or_else(|| "routed".to_owned(), |slot| format!("{} {}", slot.memory, slot.index))
}

fn table(title: String, columns: &[&str], rows: Vec<Vec<String>>) -> Table {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Table { title, columns, rows }
}
