//! The audit log: every publish, deletion, change of a status, token, membership or setting, and every refusal by a
//! protection rule.
//!
//! An event is written by the change that it tells of, in the same transaction: there is no change without it, and no
//! event of a change that did not happen. Who and from where come with the transaction ([`Origin`]). Names of events and
//! entities are GitLab's where it has one (GitLab docs, "Audit event types"); `details` names everything by the name it
//! had, because it may be gone when somebody asks.

mod file;
mod list;

use serde_json::{Map, Value, json};

use super::{Actor, Namespace, Package, Project, Registry, Source, User};
use crate::error::{Protected, Result};
use crate::storage::db::{Origin, WriteTx, audit_events, namespaces, projects};

pub use list::{AUDITED_ENTITIES, AuditScope};

/// What happened, to whom or where.
pub(super) struct Event {
    name: &'static str,
    entity_type: &'static str,
    entity_id: i64,
    details: Map<String, Value>,
}

impl Event {
    fn new(name: &'static str, entity_type: &'static str, entity_id: i64, path: &str) -> Event {
        let mut details = Map::new();
        details.insert("event_name".into(), json!(name));
        details.insert("entity_path".into(), json!(path));
        Event {
            name,
            entity_type,
            entity_id,
            details,
        }
        .about(entity_type, entity_id, path)
    }

    pub(super) fn in_project(name: &'static str, project: &Project) -> Event {
        Event::new(name, "Project", project.id, &project.full_path)
    }

    pub(super) fn in_group(name: &'static str, group: &Namespace) -> Event {
        Event::new(name, "Group", group.id, &group.full_path)
    }

    pub(super) fn of_user(name: &'static str, user: &User) -> Event {
        Event::new(name, "User", user.id, &user.username)
    }

    /// Of the whole instance, in GitLab's words.
    pub(super) fn of_instance(name: &'static str) -> Event {
        Event::new(name, "Gitlab::Audit::InstanceScope", 1, "gitlab_instance")
    }

    /// In a project or group that is there.
    pub(super) fn in_source(tx: &WriteTx<'_>, name: &'static str, source: Source) -> Result<Event> {
        Ok(match source {
            Source::Project(id) => match projects::find(tx, id)? {
                Some(project) => Event::in_project(name, &project),
                None => Event::new(name, "Project", id, ""),
            },
            Source::Group(id) => match namespaces::find(tx, id)? {
                Some(group) => Event::in_group(name, &group),
                None => Event::new(name, "Group", id, ""),
            },
        })
    }

    /// What was changed, if that is not the entity itself.
    pub(super) fn about(self, target_type: &str, id: i64, target: &str) -> Event {
        self.with("target_type", target_type)
            .with("target_id", id)
            .with("target_details", target)
    }

    pub(super) fn about_package(self, package: &Package) -> Event {
        let version = package.version.as_deref().unwrap_or_default();
        let target = format!("{} {version}", package.name);
        self.about("Packages::Package", package.id, target.trim_end())
            .with("package_type", package.package_type)
    }

    /// One more detail; never a secret.
    pub(super) fn with(mut self, key: &str, value: impl serde::Serialize) -> Event {
        self.details.insert(key.into(), json!(value));
        self
    }

    /// The sentence that people read.
    pub(super) fn saying(self, sentence: impl Into<String>) -> Event {
        let sentence: String = sentence.into();
        self.with("custom_message", sentence)
    }

    /// Writes it down, with who stands behind the change.
    pub(super) fn record(mut self, tx: &WriteTx<'_>) -> Result<()> {
        let origin = &tx.origin;
        let mut detail = |key: &str, value: Value| self.details.insert(key.into(), value);
        detail("author_name", json!(origin.author_name));
        detail("author_class", json!(origin.author_class));
        detail("ip_address", json!(origin.address));
        if let Some(credential) = &origin.credential {
            detail("credential", json!(credential));
        }
        let row = audit_events::AuditEvent {
            id: 0,
            author_id: origin.author_id,
            entity_id: self.entity_id,
            entity_type: self.entity_type.to_owned(),
            event_name: self.name.to_owned(),
            details: Value::Object(self.details).to_string(),
            created_at: tx.now,
        };
        audit_events::insert(tx, &row)
    }
}

/// The words for each kind of access token and of deploy token.
pub(super) fn token_event(source: Option<Source>, what: &'static str) -> &'static str {
    match (source, what) {
        (None, "created") => "personal_access_token_issued",
        (None, "rotated") => "personal_access_token_rotated",
        (None, _) => "personal_access_token_revoked",
        (Some(Source::Project(_)), "created") => "project_access_token_created",
        (Some(Source::Project(_)), "rotated") => "project_access_token_rotated",
        (Some(Source::Project(_)), _) => "project_access_token_revoked",
        (Some(Source::Group(_)), "created") => "group_access_token_created",
        (Some(Source::Group(_)), "rotated") => "group_access_token_rotated",
        (Some(Source::Group(_)), _) => "group_access_token_revoked",
    }
}

/// GitLab's number for an author that is a deploy token.
const DEPLOY_TOKEN_AUTHOR: i64 = -2;

impl Actor {
    /// This caller, from this address, as the one behind what is changed.
    pub fn origin(&self, address: Option<std::net::IpAddr>) -> Origin {
        let nobody = Origin::nobody(address);
        let user = |user: &User, credential: String| Origin {
            author_id: user.id,
            author_name: user.username.clone().into(),
            author_class: "User",
            credential: Some(credential),
            address,
        };
        match self {
            Actor::Anonymous => nobody,
            Actor::User(actor) => user(&actor.user, format!("access token {}", actor.token_id)),
            Actor::Job(actor) => user(&actor.user, format!("job {}", actor.job.id)),
            Actor::DeployToken(token) => Origin {
                author_id: DEPLOY_TOKEN_AUTHOR,
                author_name: token.username.clone().into(),
                author_class: "DeployToken",
                credential: Some(format!("deploy token {}", token.id)),
                address,
            },
        }
    }
}

impl Registry {
    /// Writes down that a protection rule has refused somebody. The change itself was taken back, so this one is its own.
    pub fn record_refusal(&self, origin: Origin, refused: &Protected) {
        let refused = refused.clone();
        let write = move || {
            self.db.write_soon(move |tx| {
                let kind = refused.package_type;
                let source = Source::Project(refused.project_id);
                Event::in_source(tx, "package_protection_rule_refused", source)?
                    .about("Packages::Protection::Rule", refused.rule_id, &refused.name)
                    .with("package_type", kind)
                    .with("package_name_pattern", &refused.pattern)
                    .saying(format!(
                        "Refused to {} the {kind} package {}: the rule `{}` asks for {} at least",
                        refused.action.verb(),
                        refused.name,
                        refused.pattern,
                        refused.minimum
                    ))
                    .record(tx)
            });
        };
        origin.behind_sync(write);
    }
}
