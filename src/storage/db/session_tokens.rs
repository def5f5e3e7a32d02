//! Session tokens, known by the SHA-256 of their value; each stands for one credential.

use rusqlite::{Connection, named_params};

use super::{Timestamp, one, run};
use crate::error::Result;

/// The credential behind a session token: its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    AccessToken(i64),
    DeployToken(i64),
    Job(i64),
}

#[derive(Clone, Debug)]
pub struct SessionToken {
    pub purpose: String,
    pub behind: Behind,
    pub expires_at: Timestamp,
}

pub fn find(conn: &Connection, sha256: &str) -> Result<Option<SessionToken>> {
    one(
        conn,
        "SELECT purpose, access_token_id, deploy_token_id, job_id, expires_at FROM session_tokens WHERE sha256 = ?1",
        [sha256],
        |row| {
            let access_token = row.get::<_, Option<i64>>(1)?.map(Behind::AccessToken);
            let deploy_token = row.get::<_, Option<i64>>(2)?.map(Behind::DeployToken);
            Ok(SessionToken {
                purpose: row.get(0)?,
                behind: match access_token.or(deploy_token) {
                    Some(behind) => behind,
                    None => Behind::Job(row.get(3)?),
                },
                expires_at: row.get(4)?,
            })
        },
    )
}

pub fn insert(conn: &Connection, sha256: &str, token: &SessionToken) -> Result<()> {
    let (mut access_token, mut deploy_token, mut job) = (None, None, None);
    match token.behind {
        Behind::AccessToken(id) => access_token = Some(id),
        Behind::DeployToken(id) => deploy_token = Some(id),
        Behind::Job(id) => job = Some(id),
    }
    run(
        conn,
        "INSERT INTO session_tokens (sha256, purpose, access_token_id, deploy_token_id, job_id, expires_at)
         VALUES (:sha256, :purpose, :access_token, :deploy_token, :job, :expires_at)",
        named_params! {
            ":sha256": sha256, ":purpose": token.purpose, ":access_token": access_token,
            ":deploy_token": deploy_token, ":job": job, ":expires_at": token.expires_at,
        },
    )?;
    Ok(())
}

pub fn set_expiry(conn: &Connection, sha256: &str, expires_at: Timestamp) -> Result<()> {
    run(
        conn,
        "UPDATE session_tokens SET expires_at = ?2 WHERE sha256 = ?1",
        (sha256, expires_at),
    )?;
    Ok(())
}

pub fn delete(conn: &Connection, sha256: &str) -> Result<()> {
    run(
        conn,
        "DELETE FROM session_tokens WHERE sha256 = ?1",
        [sha256],
    )?;
    Ok(())
}

pub fn delete_expired(conn: &Connection, now: Timestamp) -> Result<()> {
    run(
        conn,
        "DELETE FROM session_tokens WHERE expires_at <= ?1",
        [now],
    )?;
    Ok(())
}
