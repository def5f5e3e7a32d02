//! Who is calling, once a credential has been recognised.

use std::sync::Arc;

use super::{AccessToken, DeployToken, Job, Timestamp, User};
use crate::error::{Error, Result};
use crate::storage::db::session_tokens::Behind;
use crate::storage::db::{Connection, access_tokens, deploy_tokens, jobs, users};

#[derive(Clone, Debug)]
pub enum Actor {
    Anonymous,
    /// By a personal, project or group access token.
    User(Arc<UserActor>),
    /// By the token of a running job; acts as the user who made the job.
    Job(Arc<JobActor>),
    /// Itself, not a user.
    DeployToken(Arc<DeployToken>),
}

#[derive(Clone, Debug)]
pub struct UserActor {
    pub user: User,
    pub token_id: i64,
    pub scopes: Vec<String>,
}

impl UserActor {
    /// Whose token this is.
    pub(super) fn of(conn: &Connection, token: &AccessToken) -> Result<Option<UserActor>> {
        let user = users::find(conn, token.user_id)?;
        Ok(user.map(|user| UserActor {
            user,
            token_id: token.id,
            scopes: token.scopes.clone(),
        }))
    }
}

#[derive(Clone, Debug)]
pub struct JobActor {
    pub user: User,
    pub job: Job,
}

/// Which caller, in what memory keys hold: the credential, not only the user behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Anonymous,
    AccessToken(i64),
    Job(i64),
    DeployToken(i64),
}

impl Actor {
    pub(super) fn identity(&self) -> Identity {
        match self {
            Actor::Anonymous => Identity::Anonymous,
            Actor::User(actor) => Identity::AccessToken(actor.token_id),
            Actor::Job(actor) => Identity::Job(actor.job.id),
            Actor::DeployToken(token) => Identity::DeployToken(token.id),
        }
    }

    /// The caller whose credential a session token stands for; [`Actor::is_alive`] tells whether it is still good.
    pub(super) fn behind(conn: &Connection, behind: Behind) -> Result<Option<Actor>> {
        Ok(match behind {
            Behind::AccessToken(id) => match access_tokens::find(conn, id)? {
                Some(token) => {
                    UserActor::of(conn, &token)?.map(|actor| Actor::User(Arc::new(actor)))
                }
                None => None,
            },
            Behind::DeployToken(id) => deploy_tokens::find_by_id(conn, id)?
                .map(|token| Actor::DeployToken(Arc::new(token))),
            Behind::Job(id) => match jobs::find_by_id(conn, id)? {
                Some(job) => users::find(conn, job.user_id)?
                    .map(|user| Actor::Job(Arc::new(JobActor { user, job }))),
                None => None,
            },
        })
    }

    /// Whether the credential behind this actor is still good.
    pub(super) fn is_alive(&self, conn: &Connection, now: Timestamp) -> Result<bool> {
        let not_blocked = |user: &User| {
            Ok::<_, Error>(users::find(conn, user.id)?.is_some_and(|user| !user.blocked))
        };
        Ok(match self {
            Actor::Anonymous => true,
            Actor::User(actor) => {
                let token = access_tokens::find(conn, actor.token_id)?;
                token.is_some_and(|token| token.is_active(&now)) && not_blocked(&actor.user)?
            }
            Actor::Job(actor) => {
                let job = jobs::find(conn, actor.job.project_id, actor.job.id)?;
                job.is_some_and(|job| job.status == "running" && job.expires_at > now)
                    && not_blocked(&actor.user)?
            }
            Actor::DeployToken(token) => {
                let token = deploy_tokens::find(conn, token.source, token.id)?;
                token.is_some_and(|token| !token.revoked && !token.is_expired(now))
            }
        })
    }

    pub fn is_anonymous(&self) -> bool {
        matches!(self, Actor::Anonymous)
    }

    /// The user whose rights count: none for anonymous callers and deploy tokens.
    pub fn user(&self) -> Option<&User> {
        match self {
            Actor::User(actor) => Some(&actor.user),
            Actor::Job(actor) => Some(&actor.user),
            Actor::Anonymous | Actor::DeployToken(_) => None,
        }
    }

    pub fn is_admin(&self) -> bool {
        self.user().is_some_and(|user| user.admin)
    }

    /// `creator_id` of what is published: the user of an access token; nobody for jobs and deploy tokens (GitLab docs).
    pub fn creator_id(&self) -> Option<i64> {
        match self {
            Actor::User(actor) => Some(actor.user.id),
            _ => None,
        }
    }

    /// Who has done something, to be recognised later: the user, whatever the token, or the deploy token. `None` for nobody.
    pub(super) fn stamp(&self) -> Option<String> {
        match self {
            Actor::DeployToken(token) => Some(format!("deploy-token:{}", token.id)),
            other => other.user().map(|user| format!("user:{}", user.id)),
        }
    }

    /// For log lines: the user name or the kind of caller, never a secret.
    pub fn label(&self) -> &str {
        match self {
            Actor::Anonymous => "-",
            Actor::User(actor) => &actor.user.username,
            Actor::Job(actor) => &actor.user.username,
            Actor::DeployToken(token) => &token.username,
        }
    }
}
