//! Who is calling, once a credential has been recognised.

use std::sync::Arc;

use super::{DeployToken, Job, User};

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

#[derive(Clone, Debug)]
pub struct JobActor {
    pub user: User,
    pub job: Job,
}

impl Actor {
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
