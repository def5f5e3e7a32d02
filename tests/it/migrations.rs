//! The schema of a new database is that of an old one after every step.

use rusqlite::Connection;

use crate::support::TestApp;

/// Steps that have been released so far; version 1 is the schema without any.
const STEPS: i64 = 0;

/// Everything that SQLite knows of the schema, and its version.
fn shape(conn: &Connection) -> (i64, Vec<(String, String, Option<String>)>) {
    let version = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    let mut stmt = conn
        .prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        .unwrap();
    let rows = stmt.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    (version, rows.unwrap().collect::<Result<_, _>>().unwrap())
}

#[test]
fn a_new_database_has_the_schema_of_schema_sql_and_the_newest_version() {
    let app = TestApp::start();
    let (version, schema) = shape(&app.database());
    let by_hand = Connection::open_in_memory().unwrap();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql"));
    by_hand.execute_batch(&text.unwrap()).unwrap();
    assert_eq!(version, 1 + STEPS);
    assert!(schema.len() > 40, "{schema:?}");
    assert_eq!(schema, shape(&by_hand).1);
}

#[test]
fn a_second_start_changes_neither_schema_nor_rows() {
    let app = TestApp::start();
    let rows = |conn: &Connection| -> (i64, i64, i64) {
        conn.query_row(
            "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM projects), (SELECT count(*) FROM access_tokens)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap()
    };
    let before = (shape(&app.database()), rows(&app.database()));
    let app = TestApp::start_in(app.stop(), |_| {});
    assert_eq!((shape(&app.database()), rows(&app.database())), before);
    assert_eq!(before.1, (1, 1, 1));
}
