//! From any released schema to the present one.
//!
//! `PRAGMA user_version` holds the version: 1 plus the number of steps. A new database runs
//! `schema.sql` and is at the newest version at once; an older one runs the steps it lacks, all in one
//! transaction. A step that was released never changes; a test builds the database both ways and compares.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, Result};

const SCHEMA: &str = include_str!("../../../schema.sql");

/// Append only. The first released schema is version 1, so the first step leads to version 2.
const MIGRATIONS: &[&str] = &[];

pub const VERSION: i64 = 1 + MIGRATIONS.len() as i64;

pub(super) fn run(conn: &mut Connection) -> Result<()> {
    // Immediate: of two processes that start on a new directory, one creates and the other finds it created.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        VERSION => return Ok(()),
        0 => tx.execute_batch(SCHEMA)?,
        1.. if version < VERSION => {
            let done = usize::try_from(version - 1).expect("a version above zero");
            MIGRATIONS[done..]
                .iter()
                .try_for_each(|step| tx.execute_batch(step))?;
        }
        _ => return Err(Error::for_a_person(newer(version))),
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

fn newer(version: i64) -> String {
    format!(
        "the database has schema version {version}, and this program knows versions up to {VERSION}\n\
         hint: it was written by a newer release of packhouse; start that one, or restore a backup made before the upgrade"
    )
}
