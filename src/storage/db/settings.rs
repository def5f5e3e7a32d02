//! Settings that were set: of groups and personal namespaces, and of the whole instance. Values are JSON.

use rusqlite::Connection;
use serde_json::Value;

use super::{all, one, run};
use crate::error::Result;

/// The value that the nearest namespace on the path sets, from `namespace_id` upwards.
pub fn nearest(conn: &Connection, namespace_id: i64, name: &str) -> Result<Option<Value>> {
    let text: Option<String> = one(
        conn,
        "SELECT value
           FROM namespace_ancestors
          CROSS JOIN package_settings ON package_settings.namespace_id = ancestor_id AND name = ?2
          WHERE namespace_ancestors.namespace_id = ?1
          ORDER BY distance
          LIMIT 1",
        (namespace_id, name),
        |row| row.get(0),
    )?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// What each namespace on the path sets, with its distance, the nearest first.
pub fn on_path(conn: &Connection, namespace_id: i64, name: &str) -> Result<Vec<(i64, Value)>> {
    let rows: Vec<(i64, String)> = all(
        conn,
        "SELECT distance, value
           FROM namespace_ancestors
          CROSS JOIN package_settings ON package_settings.namespace_id = ancestor_id AND name = ?2
          WHERE namespace_ancestors.namespace_id = ?1
          ORDER BY distance",
        (namespace_id, name),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    rows.into_iter()
        .map(|(distance, text)| Ok((distance, serde_json::from_str(&text)?)))
        .collect()
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

/// Leaves the setting to the namespaces above.
pub fn unset(conn: &Connection, namespace_id: i64, name: &str) -> Result<()> {
    run(
        conn,
        "DELETE FROM package_settings WHERE namespace_id = ?1 AND name = ?2",
        (namespace_id, name),
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
