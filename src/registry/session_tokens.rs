//! Session tokens: opaque values that stand for a credential for a while, where a client wants a token that the
//! registry has made. Conan logs in once and sends what it got; Terraform fetches an archive without its own token;
//! the page must not keep one.
//!
//! A session token has no rights of its own. Every use looks at the credential behind it: a token that is revoked, a job
//! that has ended, a user who was blocked take their sessions with them.

use std::time::Duration;

use super::tokens::{SESSION_TOKEN_PREFIX as PREFIX, digest, not_blocked};
use super::{Actor, Registry, Secret, SecretKind, Timestamp};
use crate::error::Result;
use crate::storage::db::Connection;
use crate::storage::db::session_tokens::{self, Behind, SessionToken};

impl Registry {
    /// A value that stands for the caller's credential, for one purpose and not longer than `lifetime`; `None` for a
    /// caller without one.
    pub async fn create_session_token(
        &self,
        actor: &Actor,
        purpose: &str,
        lifetime: Duration,
    ) -> Result<Option<Secret>> {
        let behind = match actor {
            Actor::Anonymous => return Ok(None),
            Actor::User(actor) => Behind::AccessToken(actor.token_id),
            Actor::DeployToken(token) => Behind::DeployToken(token.id),
            Actor::Job(actor) => Behind::Job(actor.job.id),
        };
        let secret = Secret::random(SecretKind::SessionToken)?;
        let (sha256, purpose) = (secret.sha256(), purpose.to_owned());
        self.db
            .write(move |tx| {
                session_tokens::delete_expired(tx, tx.now)?;
                let token = SessionToken {
                    purpose,
                    behind,
                    expires_at: end_of(tx.now, lifetime),
                };
                session_tokens::insert(tx, &sha256, &token)
            })
            .await?;
        Ok(Some(secret))
    }

    /// The caller for whom a session token of this purpose stands; `None` if it is unknown, over, for another purpose, or its
    /// credential is dead.
    pub fn recognise_session_token(&self, purpose: &str, secret: &str) -> Result<Option<Actor>> {
        if !secret.starts_with(PREFIX) {
            return Ok(None); // a token of another kind, on a route that takes those too
        }
        let now = Timestamp::now();
        // What lives depends on the time; everything else that can end a session is a commit.
        let key = SessionKey(digest(secret), now.as_millis() / 1000);
        let find = |conn: &Connection| {
            let Some(token) = session_tokens::find(conn, &digest(secret))? else {
                return Ok(None);
            };
            let Some(actor) = Actor::behind(conn, token.behind)? else {
                return Ok(None);
            };
            if let Some(user) = actor.user() {
                not_blocked(user)?;
            }
            Ok(actor.is_alive(conn, now)?.then_some((token, actor)))
        };
        let found = self.db.look(|db| db.remember(key, find))?;
        let Some((_, actor)) =
            found.filter(|(token, _)| token.purpose == purpose && token.expires_at > now)
        else {
            return Ok(None);
        };
        if let Actor::User(actor) = &actor {
            self.count_token_use(actor.token_id);
        }
        Ok(Some(actor))
    }

    /// Lets a session token that is in use live for another `lifetime` from now, if `worth` of it is over; answers whether.
    /// Not at every use: this is a write.
    pub async fn keep_session_alive(
        &self,
        secret: &str,
        lifetime: Duration,
        worth: Duration,
    ) -> Result<bool> {
        let sha256 = digest(secret);
        let token = self.db.look(|conn| session_tokens::find(conn, &sha256))?;
        let early = end_of(Timestamp::now(), lifetime.saturating_sub(worth));
        if token.is_none_or(|token| token.expires_at > early) {
            return Ok(false);
        }
        self.extend_session_token(secret, lifetime).await?;
        Ok(true)
    }

    /// Lets a session token live for another `lifetime` from now.
    pub async fn extend_session_token(&self, secret: &str, lifetime: Duration) -> Result<()> {
        let sha256 = digest(secret);
        self.db
            .write(move |tx| session_tokens::set_expiry(tx, &sha256, end_of(tx.now, lifetime)))
            .await
    }

    /// Ends a session.
    pub async fn delete_session_token(&self, secret: &str) -> Result<()> {
        let sha256 = digest(secret);
        self.db
            .write(move |tx| session_tokens::delete(tx, &sha256))
            .await
    }
}

/// A session token in one second.
#[derive(PartialEq, Eq, Hash)]
struct SessionKey(String, i64);

fn end_of(now: Timestamp, lifetime: Duration) -> Timestamp {
    now.plus_secs(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX))
}
