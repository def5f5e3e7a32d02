//! Access tokens: how a secret is made, recognised, rotated and revoked.
//!
//! A secret is 256 random bits behind GitLab's prefix; what is kept is its SHA-256. So recognising one is a
//! look-up by digest: nothing compares secrets byte by byte, and a copy of the database lets nobody in.

use std::sync::Arc;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use super::audit::{Event, token_event};
use super::members::Membership;
use super::{AccessToken, Actor, JobActor, Registry, Source, Timestamp, User, UserActor};
use crate::error::{Error, Result, TokenProblem};
use crate::storage::db::{Connection, WriteTx, access_tokens, deploy_tokens, jobs, members, users};

/// What a personal access token may be good for here; GitLab's other scopes are accepted and mean nothing.
pub const ACCESS_TOKEN_SCOPES: &[&str] = &[
    "api",
    "read_api",
    "read_user",
    "self_rotate",
    "sudo",
    "admin_mode",
    "k8s_proxy",
    "create_runner",
    "manage_runner",
    "ai_features",
    "read_repository",
    "write_repository",
    "read_registry",
    "write_registry",
    "read_virtual_registry",
    "write_virtual_registry",
    "read_observability",
    "write_observability",
    "read_service_ping",
];

/// The same for project and group access tokens: a bot is nobody's administrator and has no profile.
pub const BOT_TOKEN_SCOPES: &[&str] = &[
    "api",
    "read_api",
    "self_rotate",
    "k8s_proxy",
    "create_runner",
    "manage_runner",
    "ai_features",
    "read_repository",
    "write_repository",
    "read_registry",
    "write_registry",
    "read_virtual_registry",
    "write_virtual_registry",
    "read_observability",
    "write_observability",
];

/// What anybody may make for themselves through the API (GitLab docs, "Create a personal access token").
pub const OWN_TOKEN_SCOPES: &[&str] = &["k8s_proxy", "self_rotate"];

/// Longest life of an access token, and its life if nothing is said.
pub const ACCESS_TOKEN_DAYS: i64 = 365;

/// Life of a rotated token if nothing is said.
pub const ROTATED_TOKEN_DAYS: i64 = 7;

/// Ours: GitLab has no such tokens. None of its kinds begins like that.
pub(super) const SESSION_TOKEN_PREFIX: &str = "phst-";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    AccessToken,
    DeployToken,
    JobToken,
    SessionToken,
}

/// A token's value, shown once to whoever asked for it. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn random(kind: SecretKind) -> Result<Secret> {
        let prefix = match kind {
            SecretKind::AccessToken => "glpat-",
            SecretKind::DeployToken => "gldt-",
            SecretKind::JobToken => "glcbt-",
            SecretKind::SessionToken => SESSION_TOKEN_PREFIX,
        };
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Secret(format!(
            "{prefix}{}",
            BASE64URL_NOPAD.encode(&bytes)
        )))
    }

    /// A value that an operator chose: printable, without blanks, and not so short that it can be guessed by hand.
    pub fn chosen(value: &str) -> Result<Secret> {
        let printable = value.bytes().all(|byte| byte.is_ascii_graphic());
        if value.len() < 8 || !printable {
            return Err(Error::for_a_person(
                "the token needs at least 8 printable characters without blanks\n\
                 hint: leave it out to get a random one",
            ));
        }
        Ok(Secret(value.to_owned()))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn sha256(&self) -> String {
        digest(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub(super) fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret))
}

pub struct NewAccessToken {
    pub user_id: i64,
    /// For project and group access tokens.
    pub source: Option<Source>,
    pub name: String,
    pub description: Option<String>,
    pub scopes: Vec<String>,
    /// A date, `YYYY-MM-DD`.
    pub expires_at: Option<String>,
}

impl Registry {
    /// The caller behind an access token, `None` if nobody knows it.
    ///
    /// Fails with GitLab's two texts for expired and revoked tokens, and with 403 for a blocked user.
    pub fn recognise_access_token(&self, secret: &str) -> Result<Option<Actor>> {
        let found = self.db.look(|db| {
            db.remember(TokenKey(digest(secret)), |conn| {
                known_token(conn, &digest(secret))
            })
        })?;
        let Some(Known { token, actor }) = found else {
            return Ok(None);
        };
        if token.revoked {
            self.revoke_family_of(token.id);
            return Err(Error::InvalidToken(TokenProblem::Revoked));
        }
        if token.is_expired(&Timestamp::now()) {
            return Err(Error::InvalidToken(TokenProblem::Expired));
        }
        not_blocked(&actor.user)?;
        self.count_token_use(token.id);
        Ok(Some(Actor::User(actor)))
    }

    /// A revoked token that is used again was stolen, or its successor was: the newest of its family goes too.
    fn revoke_family_of(&self, id: i64) {
        self.db.write_soon(move |tx| {
            let newest = access_tokens::newest_of_family(tx, id)?;
            match newest == id {
                true => Ok(()),
                false => revoke(
                    tx,
                    newest,
                    "The token it was rotated from was used again: revoked",
                ),
            }
        });
    }

    /// The caller behind the token of a running job, `None` if there is no such job or it has ended.
    pub fn recognise_job_token(&self, secret: &str) -> Result<Option<Actor>> {
        let found = self.db.look(|conn| {
            let Some(job) = jobs::find_running(conn, &digest(secret), Timestamp::now())? else {
                return Ok(None);
            };
            let user = users::find(conn, job.user_id)?;
            Ok(user.map(|user| (job, user)))
        })?;
        let Some((job, user)) = found else {
            return Ok(None);
        };
        not_blocked(&user)?;
        Ok(Some(Actor::Job(Arc::new(JobActor { user, job }))))
    }

    /// The deploy token of this value; with a user name (Basic), only if it is the token's own.
    pub fn recognise_deploy_token(
        &self,
        username: Option<&str>,
        secret: &str,
    ) -> Result<Option<Actor>> {
        let token = self
            .db
            .look(|conn| deploy_tokens::find_by_sha256(conn, &digest(secret)))?;
        let Some(token) = token.filter(|token| username.is_none_or(|name| name == token.username))
        else {
            return Ok(None);
        };
        if token.revoked {
            return Ok(None); // deletion is final: nobody knows it any more
        }
        if token.is_expired(Timestamp::now()) {
            return Err(Error::InvalidToken(TokenProblem::Expired));
        }
        Ok(Some(Actor::DeployToken(Arc::new(token))))
    }

    pub async fn create_access_token(&self, new: NewAccessToken) -> Result<(AccessToken, Secret)> {
        let secret = Secret::random(SecretKind::AccessToken)?;
        let sha256 = secret.sha256();
        let token = self
            .db
            .write(move |tx| insert(tx, &new, &sha256, None))
            .await?;
        Ok((token, secret))
    }

    /// The same for commands.
    pub fn create_access_token_blocking(
        &self,
        new: NewAccessToken,
        secret: Secret,
    ) -> Result<(AccessToken, Secret)> {
        let sha256 = secret.sha256();
        let token = self
            .db
            .write_blocking(move |tx| insert(tx, &new, &sha256, None))?;
        Ok((token, secret))
    }

    /// Every token of one user, or of everybody, by id.
    pub async fn access_tokens(&self, user_id: Option<i64>) -> Result<Vec<AccessToken>> {
        self.db
            .read(move |conn| access_tokens::list(conn, user_id))
            .await
    }

    pub async fn access_tokens_of(&self, source: Source) -> Result<Vec<AccessToken>> {
        self.db
            .read(move |conn| access_tokens::of_source(conn, source))
            .await
    }

    pub fn access_token(&self, id: i64) -> Result<Option<AccessToken>> {
        self.db.look(|conn| access_tokens::find(conn, id))
    }

    /// Final. The bot of a project or group access token loses its membership with it.
    pub async fn revoke_access_token(&self, id: i64) -> Result<()> {
        self.db.write(move |tx| revoke(tx, id, "Revoked")).await
    }

    pub fn revoke_access_token_blocking(&self, id: i64) -> Result<()> {
        self.db.write_blocking(move |tx| revoke(tx, id, "Revoked"))
    }

    /// Revokes a token and puts a new one in its place, with the same name, scopes and owner.
    pub async fn rotate_access_token(
        &self,
        id: i64,
        expires_at: String,
    ) -> Result<(AccessToken, Secret)> {
        let secret = Secret::random(SecretKind::AccessToken)?;
        let sha256 = secret.sha256();
        let token = self
            .db
            .write(move |tx| {
                let old = access_tokens::find(tx, id)?.ok_or(Error::Missing)?;
                if old.revoked {
                    return Err(Error::bad_request("token already revoked"));
                }
                access_tokens::revoke(tx, id)?;
                if let Some(source) = old.source {
                    // The bot must not leave before its new token does.
                    members::set_expiry(tx, source, old.user_id, &expires_at)?;
                }
                let new = NewAccessToken {
                    user_id: old.user_id,
                    source: old.source,
                    name: old.name,
                    description: old.description,
                    scopes: old.scopes,
                    expires_at: Some(expires_at),
                };
                insert(tx, &new, &sha256, Some(id))
            })
            .await?;
        Ok((token, secret))
    }
}

pub(super) fn insert(
    tx: &WriteTx<'_>,
    new: &NewAccessToken,
    sha256: &str,
    rotated_from: Option<i64>,
) -> Result<AccessToken> {
    let row = access_tokens::NewAccessToken {
        user_id: new.user_id,
        source: new.source,
        sha256,
        name: &new.name,
        description: new.description.as_deref(),
        scopes: &new.scopes,
        expires_at: new.expires_at.as_deref(),
        rotated_from,
    };
    let id = access_tokens::insert(tx, &row, tx.now)?;
    let token = find_again(tx, id)?;
    let (what, done) = match rotated_from {
        Some(old) => ("rotated", format!("In the place of token {old} made")),
        None => ("created", "Made".to_owned()),
    };
    record(tx, what, &token, &done)?;
    Ok(token)
}

/// Of a project or group: there; personal ones: of their user.
fn record(tx: &WriteTx<'_>, what: &'static str, token: &AccessToken, done: &str) -> Result<()> {
    let name = token_event(token.source, what);
    let user = users::find(tx, token.user_id)?;
    let event = match (token.source, &user) {
        (Some(source), _) => Event::in_source(tx, name, source)?,
        (None, Some(user)) => Event::of_user(name, user),
        (None, None) => return Ok(()), // it goes with its user, whose event says so
    };
    let whose = user.map_or_else(|| "-".to_owned(), |user| user.username);
    event
        .about("PersonalAccessToken", token.id, &token.name)
        .with("scopes", &token.scopes)
        .with("expires_at", &token.expires_at)
        .saying(format!(
            "{done} access token {} (`{}`) of {whose}",
            token.id, token.name
        ))
        .record(tx)
}

/// A token that was rotated away shares its bot with its successor, so revoking it again changes nothing.
fn revoke(tx: &WriteTx<'_>, id: i64, done: &str) -> Result<()> {
    let Some(token) = access_tokens::find(tx, id)?.filter(|token| !token.revoked) else {
        return Ok(());
    };
    if let Some(source) = token.source {
        let today = tx.now.date();
        if let Some(known) = members::find(tx, source, token.user_id, &today)? {
            Membership::new(token.user_id, known.access_level, &known.expires_at).record(
                tx,
                "member_destroyed",
                source,
                None,
            )?;
        }
        members::delete(tx, source, token.user_id)?;
    }
    access_tokens::revoke(tx, token.id)?;
    record(tx, "revoked", &token, done)
}

fn find_again(conn: &Connection, id: i64) -> Result<AccessToken> {
    access_tokens::find(conn, id)?
        .ok_or_else(|| Error::internal("a token is gone that was just made"))
}

/// By the SHA-256 of its value.
#[derive(PartialEq, Eq, Hash)]
struct TokenKey(String);

#[derive(Clone)]
struct Known {
    token: Arc<AccessToken>,
    actor: Arc<UserActor>,
}

fn known_token(conn: &Connection, sha256: &str) -> Result<Option<Known>> {
    let Some(token) = access_tokens::find_by_sha256(conn, sha256)? else {
        return Ok(None);
    };
    let actor = UserActor::of(conn, &token)?;
    Ok(actor.map(|actor| Known {
        token: Arc::new(token),
        actor: Arc::new(actor),
    }))
}

pub(super) fn not_blocked(user: &User) -> Result<()> {
    if user.blocked {
        Err(Error::refused("Your account has been blocked."))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        let secret =
            Secret::random(SecretKind::AccessToken).expect("the system gives random bytes");
        assert!(secret.reveal().starts_with("glpat-"));
        assert_eq!(secret.reveal().len(), "glpat-".len() + 43);
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }

    #[test]
    fn a_chosen_secret_is_neither_empty_nor_blank() {
        for refused in ["", "        ", "short", "has blank in it", "tab\there-in"] {
            assert!(Secret::chosen(refused).is_err(), "{refused:?}");
        }
        assert!(Secret::chosen("root-token-of-ci").is_ok());
    }
}
