//! Both migration folders make the same tables.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use std::path::{Path, PathBuf};

/// Table, column, may be null; in order.
type Columns = Vec<(String, String, bool)>;

fn migrations(database: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut folders: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// Reads `CREATE TABLE` and `ALTER TABLE` statements written one column to a line, as ours are.
fn columns_in(database: &str) -> Columns {
    let mut columns = Columns::new();
    for folder in migrations(database) {
        let sql = std::fs::read_to_string(folder.join("up.sql")).unwrap();
        let mut table = None;
        for line in sql.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = Some(rest.trim_end_matches(" (").to_owned());
            } else if line.starts_with(')') {
                table = None;
            } else if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
                // SQLite puts an added column behind the others of its table; so do we in the code.
                let (table, column) = rest.split_once(" ADD COLUMN ").unwrap();
                let last = columns.iter().rposition(|(of, ..)| of == table).unwrap();
                columns.insert(last + 1, column_in(table, column));
            } else if let Some(table) = &table
                && !line.trim().starts_with("UNIQUE")
            {
                columns.push(column_in(table, line));
            }
        }
    }
    columns
}

fn column_in(table: &str, line: &str) -> (String, String, bool) {
    let (name, set) = line.trim().split_once(' ').unwrap();
    let nullable = !set.contains("NOT NULL") && !set.contains("PRIMARY KEY");
    (table.to_owned(), name.trim_matches('"').to_owned(), nullable)
}

/// Reads the `table!` invocations.
fn columns_of_diesel() -> Columns {
    let mut columns = Vec::new();
    let mut table = String::new();
    for line in include_str!("../../src/schema.rs").lines() {
        let line = line.trim();
        if let Some((name, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            columns.push((table.clone(), name.to_owned(), kind.starts_with("Nullable")));
        } else if line.ends_with(") {") && !line.contains('!') {
            table = line.split(' ').next().unwrap().to_owned();
        }
    }
    columns
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    nullable: i32,
}

/// Applies SQLite's migrations and asks the database itself.
fn columns_of_sqlite() -> Columns {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    for folder in migrations("sqlite") {
        let sql = std::fs::read_to_string(folder.join("up.sql")).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut conn, &sql).unwrap();
    }
    let rows: Vec<Column> = diesel::sql_query(
        "SELECT m.name AS table_name, c.name AS name, (c.\"notnull\" = 0 AND c.pk = 0) AS nullable
         FROM sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.rowid, c.cid",
    )
    .load(&mut conn)
    .unwrap();
    rows.into_iter().map(|c| (c.table_name, c.name, c.nullable != 0)).collect()
}

#[test]
fn both_databases_and_the_code_have_the_same_columns() {
    let diesel = columns_of_diesel();
    assert!(diesel.len() > 100, "the tables were not read: {}", diesel.len());
    assert_eq!(columns_of_sqlite(), diesel);
    assert_eq!(columns_in("sqlite"), diesel);
    assert_eq!(columns_in("postgres"), diesel);
}

#[test]
fn both_databases_have_the_same_keys_and_indexes() {
    let lines = |database| -> Vec<String> {
        let mut lines = Vec::new();
        for folder in migrations(database) {
            let sql = std::fs::read_to_string(folder.join("up.sql")).unwrap();
            let same = |line: &&str| {
                let line = line.trim();
                line.starts_with("UNIQUE")
                    || line.starts_with("CREATE")
                    || line.starts_with("INSERT")
            };
            lines.extend(sql.lines().filter(same).map(str::to_owned));
        }
        lines
    };
    assert_eq!(lines("sqlite"), lines("postgres"));
}

#[test]
fn ids_of_sqlite_number_themselves_and_are_never_used_again() {
    for folder in migrations("sqlite") {
        let sql = std::fs::read_to_string(folder.join("up.sql")).unwrap();
        for line in sql.lines().filter(|line| line.trim().starts_with("id INTEGER")) {
            assert!(line.contains("INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"), "{line}");
        }
    }
}
