//! Settings that were set: of groups and personal namespaces, and of the whole instance. Values are JSON.

use rusqlite::Connection;
use serde_json::Value;

use super::{all, one, run};
use crate::error::Result;

/// The value that the nearest namespace on the path sets, from `namespace_id` upwards.
pub fn nearest(conn: &Connection, namespace_id: i64, name: &str) -> Result<Option<Value>> {
    let text: Option<String> = one(
        conn,
        "WITH RECURSIVE above (id, distance) AS (
             VALUES (?1, 0)
             UNION ALL
             SELECT namespaces.parent_id, distance + 1
               FROM namespaces JOIN above ON namespaces.id = above.id
              WHERE parent_id IS NOT NULL
         )
         SELECT value
           FROM package_settings JOIN above ON package_settings.namespace_id = above.id
          WHERE name = ?2
          ORDER BY distance
          LIMIT 1",
        (namespace_id, name),
        |row| row.get(0),
    )?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub fn set(conn: &Connection, namespace_id: i64, name: &str, value: &Value) -> Result<()> {
    run(
        conn,
        "INSERT INTO package_settings (namespace_id, name, value) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET value = excluded.value",
        (namespace_id, name, value.to_string()),
    )?;
    Ok(())
}

/// Everything that was set for the whole instance.
pub fn application(conn: &Connection) -> Result<Vec<(String, Value)>> {
    let rows: Vec<(String, String)> = all(
        conn,
        "SELECT name, value FROM application_settings",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    rows.into_iter()
        .map(|(name, text)| Ok((name, serde_json::from_str(&text)?)))
        .collect()
}

pub fn set_application(conn: &Connection, name: &str, value: &Value) -> Result<()> {
    run(
        conn,
        "INSERT INTO application_settings (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        (name, value.to_string()),
    )?;
    Ok(())
}
