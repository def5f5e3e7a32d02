//! The one decision: may this actor do this here? (contract, sections 2.3, 2.4, 3.2 and 3.6)
//!
//! Here is who asks what, and the answer in the words of the route's family; the rules are in [`verdict`], groups in
//! [`group`]. Nothing above this folder decides about rows or bytes, and what it hands out, [`ProjectAccess`] and
//! [`GroupAccess`], cannot be made anywhere else: whoever holds one has been let in.

mod group;
mod names;
mod verdict;

use std::sync::Arc;

use super::{AccessLevel, Actor, Project, Registry, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, Look, WriteTx, members, pipelines, projects};

pub use group::GroupAccess;
pub(super) use names::{find_namespace, find_project};
use verdict::{Verdict, judge, reads_pipelines};
pub(super) use verdict::{may_read_packages, shows_itself};

/// What a caller may be allowed to do in a project or group, in GitLab's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    ReadProject,
    ReadPackage,
    /// Read package, and the project shows its pipelines to this caller.
    ReadPipeline,
    CreatePackage,
    DestroyPackage,
    /// Protection rules and package settings.
    AdminPackage,
    /// Maintainer: tokens, members, settings.
    AdminProject,
    OwnProject,
    ReadGroup,
    /// Maintainer of the group.
    AdminGroup,
    OwnGroup,
}

/// Through which kind of route the caller came: they differ in what they say to those they refuse (section 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// GitLab's Packages API and its neighbours that answer without sign-in: what you may not see is not there.
    Core,
    /// Routes that want a signed-in caller before anything else.
    SignedIn,
    /// Package clients, which send their credentials only when challenged.
    Format,
}

/// A project, once the caller is known to hold the ability that the route names.
#[derive(Clone, Debug)]
pub struct ProjectAccess {
    pub project: Arc<Project>,
    pub actor: Actor,
    /// The caller's level here: `Admin` for instance administrators, `None` for guests of the public.
    pub level: Option<AccessLevel>,
    /// What uploads are linked to: the pipeline of the job, or of the header `X-Package-Pipeline`.
    pub pipeline_id: Option<i64>,
    /// The size of the file that comes, where the request says it before the body does.
    pub body_size: Option<u64>,
    /// What was asked for and how, to be asked again; `None` for commands. Private: nobody else makes one of these.
    question: Option<Question>,
}

/// What a route asks of the decision.
#[derive(Clone, Copy, Debug)]
struct Question {
    ability: Ability,
    door: Door,
    guests_can_pull: bool,
}

/// What the caller may do with the packages of one project, for the answers that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageAccess {
    pub destroy: bool,
    pub read_pipelines: bool,
}

impl Registry {
    /// The project named by `id` (a number or a full path), for a caller that holds `ability` there.
    pub fn project_access(
        &self,
        id: &str,
        actor: Actor,
        ability: Ability,
        door: Door,
    ) -> Result<ProjectAccess> {
        self.db.look(|conn| {
            let project = conn.remember(ProjectKey(id.to_owned()), |conn| {
                Ok(find_project(conn, id)?.map(Arc::new))
            })?;
            let Some(project) = project else {
                return Err(missing("Project", &actor, door));
            };
            let level = level_in(conn, &actor, &project)?;
            let question = Question {
                ability,
                door,
                guests_can_pull: self.config.guests_can_pull,
            };
            let pipeline_id = match &actor {
                Actor::Job(job) if job.job.project_id == project.id => Some(job.job.pipeline_id),
                _ => None,
            };
            decide(conn, &project, &actor, level, question)?;
            Ok(ProjectAccess {
                project,
                actor,
                level,
                pipeline_id,
                body_size: None,
                question: Some(question),
            })
        })
    }

    /// Follows `X-Package-Pipeline`: uploads by access and deploy tokens are linked to that pipeline.
    pub fn link_to_pipeline(&self, access: &mut ProjectAccess, header: &str) -> Result<()> {
        if matches!(access.actor, Actor::Job(_)) {
            return Ok(()); // a job's own pipeline counts
        }
        let id = header.trim().parse().ok();
        let pipeline = match id {
            Some(id) => self
                .db
                .look(|conn| pipelines::find(conn, access.project.id, id))?,
            None => None,
        };
        let pipeline =
            pipeline.ok_or_else(|| Error::bad_request("X-Package-Pipeline is invalid"))?;
        access.pipeline_id = Some(pipeline.id);
        Ok(())
    }
}

impl ProjectAccess {
    /// Whether the caller holds at least this role here.
    pub fn is_at_least(&self, level: AccessLevel) -> bool {
        self.level >= Some(level)
    }

    /// The one project, where a group would be several.
    pub fn projects(&self) -> [i64; 1] {
        [self.project.id]
    }

    pub fn packages(&self) -> PackageAccess {
        package_access(&self.project, self.level, &self.actor)
    }

    /// For commands, which work on the data directory itself and need no leave.
    pub(super) fn of_operator(project: Project) -> ProjectAccess {
        ProjectAccess {
            project: Arc::new(project),
            actor: Actor::Anonymous,
            level: Some(AccessLevel::Admin),
            pipeline_id: None,
            body_size: None,
            question: None,
        }
    }

    /// The same access as things stand inside this transaction. An upload may take an hour: a token revoked, a member
    /// removed or a project closed in the meantime must not publish any more.
    pub(super) fn renew(&self, tx: &WriteTx<'_>) -> Result<ProjectAccess> {
        let Some(question) = self.question else {
            return Ok(self.clone());
        };
        if !self.actor.is_alive(tx, tx.now)? {
            return Err(Error::Unauthorized);
        }
        let Some(project) = projects::find(tx, self.project.id)? else {
            return Err(missing("Project", &self.actor, question.door));
        };
        let level = match self.actor.user() {
            None => None,
            Some(user) if user.admin => Some(AccessLevel::Admin),
            Some(user) => members::level_in_project(tx, user.id, project.id, &tx.now.date())?,
        };
        decide(tx, &project, &self.actor, level, question)?;
        // The pipeline may be gone; what it built may come all the same.
        let pipeline = self
            .pipeline_id
            .map(|id| pipelines::find(tx, project.id, id))
            .transpose()?
            .flatten();
        let pipeline_id = pipeline.map(|pipeline| pipeline.id);
        Ok(ProjectAccess {
            project: Arc::new(project),
            actor: self.actor.clone(),
            level,
            pipeline_id,
            body_size: self.body_size,
            question: Some(question),
        })
    }
}

/// What `delete_api_path` and the `pipeline` keys depend on.
pub(in crate::registry) fn package_access(
    project: &Project,
    level: Option<AccessLevel>,
    actor: &Actor,
) -> PackageAccess {
    PackageAccess {
        destroy: level >= Some(AccessLevel::Maintainer),
        read_pipelines: reads_pipelines(project, level, actor),
    }
}

/// The answer for what is not there, which is also the answer for what the caller may not see.
fn missing(thing: &'static str, actor: &Actor, door: Door) -> Error {
    match door {
        Door::Format if actor.is_anonymous() => Error::Challenge,
        Door::SignedIn if actor.is_anonymous() => Error::Unauthorized,
        _ => Error::not_found(thing),
    }
}

fn refuse(why: Error, actor: &Actor, door: Door) -> Error {
    match door {
        Door::Format if actor.is_anonymous() => Error::Challenge,
        Door::SignedIn if actor.is_anonymous() => Error::Unauthorized,
        _ => why,
    }
}

/// What a path calls a project.
#[derive(PartialEq, Eq, Hash)]
struct ProjectKey(String);

/// A user in a project on a day: memberships end with their day.
#[derive(PartialEq, Eq, Hash)]
struct LevelKey {
    user_id: i64,
    project_id: i64,
    day: i64,
}

/// The caller's level, which readers of public projects have as well: links in the answer depend on it.
fn level_in(db: &Look<'_>, actor: &Actor, project: &Project) -> Result<Option<AccessLevel>> {
    match actor.user() {
        None => Ok(None),
        Some(user) if user.admin => Ok(Some(AccessLevel::Admin)),
        Some(user) => {
            let now = Timestamp::now();
            let (user_id, project_id) = (user.id, project.id);
            db.remember(
                LevelKey {
                    user_id,
                    project_id,
                    day: now.day(),
                },
                |conn| members::level_in_project(conn, user_id, project_id, &now.date()),
            )
        }
    }
}

/// The decision, in the words of the route's family.
fn decide(
    conn: &Connection,
    project: &Project,
    actor: &Actor,
    level: Option<AccessLevel>,
    question: Question,
) -> Result<()> {
    match judge(conn, project, actor, level, question)? {
        Verdict::Allowed => Ok(()),
        Verdict::Invisible => Err(missing("Project", actor, question.door)),
        Verdict::Refused(why) => Err(refuse(why, actor, question.door)),
        Verdict::SwitchedOff => Err(Error::Forbidden),
    }
}
