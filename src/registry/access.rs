//! The one decision: may this actor do this here? (contract, sections 2.3, 2.4, 3.2 and 3.6)
//!
//! Nothing above this file decides about rows or bytes, and what it hands out, [`ProjectAccess`] and
//! [`GroupAccess`], cannot be made anywhere else: whoever holds one has been let in.

use std::sync::Arc;

use super::{
    AccessLevel, Actor, DeployToken, Feature, JobActor, Namespace, Project, Registry, Source,
    Timestamp, Visibility,
};
use crate::error::{Error, Result};
use crate::storage::db::{
    Connection, Look, WriteTx, job_token_allowlist, members, namespaces, pipelines, projects,
};

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

/// A group, once the caller is known to hold the ability that the route names.
#[derive(Clone, Debug)]
#[expect(
    clippy::manual_non_exhaustive,
    reason = "nothing outside this file may make one, this crate included"
)]
pub struct GroupAccess {
    pub group: Namespace,
    pub actor: Actor,
    pub level: Option<AccessLevel>,
    _made_here: (),
}

/// What was found out about a caller and a project, short of the answer.
enum Verdict {
    Allowed,
    /// The caller may not even know that the project exists.
    Invisible,
    /// Visible, but not allowed; a caller that is anonymous may be asked to sign in.
    Refused(Error),
    /// Refused whoever asks.
    SwitchedOff,
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
                question: Some(question),
            })
        })
    }

    /// The group named by `id`, for a caller that holds `ability` there.
    pub fn group_access(
        &self,
        id: &str,
        actor: Actor,
        ability: Ability,
        door: Door,
    ) -> Result<GroupAccess> {
        self.db.look(|conn| {
            let group = find_namespace(conn, id)?.filter(Namespace::is_group);
            let Some(group) = group else {
                return Err(missing("Group", &actor, door));
            };
            let level = level_in_group(conn, &actor, &group)?;
            if !sees_group(conn, &group, &actor, level)? {
                return Err(missing("Group", &actor, door));
            }
            let needed = match ability {
                Ability::OwnGroup => Some(AccessLevel::Owner),
                Ability::AdminGroup => Some(AccessLevel::Maintainer),
                _ => None,
            };
            if level < needed {
                return Err(refuse(Error::Forbidden, &actor, door));
            }
            Ok(GroupAccess {
                group,
                actor,
                level,
                _made_here: (),
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
            question: Some(question),
        })
    }
}

impl GroupAccess {
    /// Whether the caller holds at least this role here.
    pub fn is_at_least(&self, level: AccessLevel) -> bool {
        self.level >= Some(level)
    }
}

/// What `delete_api_path` and the `pipeline` keys depend on.
pub(super) fn package_access(
    project: &Project,
    level: Option<AccessLevel>,
    actor: &Actor,
) -> PackageAccess {
    PackageAccess {
        destroy: level >= Some(AccessLevel::Maintainer),
        read_pipelines: reads_pipelines(project, level, actor),
    }
}

/// A name in a path: digits are an id and nothing else, anything else a full path.
pub(super) enum Name<'a> {
    Id(i64),
    Path(&'a str),
}

impl Name<'_> {
    pub(super) fn parse(text: &str) -> Name<'_> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Name::Id(text.parse().unwrap_or(0)) // beyond 64 bits: an id that nothing has
        } else {
            Name::Path(text)
        }
    }
}

pub(super) fn find_project(conn: &Connection, id: &str) -> Result<Option<Project>> {
    match Name::parse(id) {
        Name::Id(id) => projects::find(conn, id),
        Name::Path(path) => projects::find_by_path(conn, path),
    }
}

pub(super) fn find_namespace(conn: &Connection, id: &str) -> Result<Option<Namespace>> {
    match Name::parse(id) {
        Name::Id(id) => namespaces::find(conn, id),
        Name::Path(path) => namespaces::find_by_path(conn, path),
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

fn level_in_group(
    conn: &Connection,
    actor: &Actor,
    group: &Namespace,
) -> Result<Option<AccessLevel>> {
    match actor.user() {
        None => Ok(None),
        Some(user) if user.admin => Ok(Some(AccessLevel::Admin)),
        Some(user) => {
            members::level_in_namespace(conn, user.id, group.id, &Timestamp::now().date())
        }
    }
}

fn sees_group(
    conn: &Connection,
    group: &Namespace,
    actor: &Actor,
    level: Option<AccessLevel>,
) -> Result<bool> {
    if level.is_some() || shows_itself(group.visibility, actor) {
        return Ok(true);
    }
    if let Actor::DeployToken(token) = actor {
        return deploy_token_sees_group(conn, token, group);
    }
    // A member of something below may know that the group above exists (section 3.5).
    match actor.user() {
        Some(user) => members::has_project_below(conn, user.id, group.id, &Timestamp::now().date()),
        None => Ok(false),
    }
}

/// A deploy token sees the group that it covers, what lies below that, and what lies above its own project.
fn deploy_token_sees_group(
    conn: &Connection,
    token: &DeployToken,
    group: &Namespace,
) -> Result<bool> {
    let is_at_or_above = |of: i64, wanted: i64| {
        Ok::<_, Error>(
            namespaces::with_ancestors(conn, of)?
                .iter()
                .any(|namespace| namespace.id == wanted),
        )
    };
    match token.source {
        Source::Group(covered) => is_at_or_above(group.id, covered),
        Source::Project(id) => match projects::find(conn, id)? {
            Some(project) => is_at_or_above(project.namespace_id, group.id),
            None => Ok(false),
        },
    }
}

/// What visibility alone shows: public to anyone, internal to every signed-in user who is not external.
pub(super) fn shows_itself(visibility: Visibility, actor: &Actor) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Internal => actor.user().is_some_and(|user| !user.external),
        Visibility::Private => false,
    }
}

/// Whether the packages of a project can be read, for callers with an account and without.
fn reads_packages(
    project: &Project,
    actor: &Actor,
    level: Option<AccessLevel>,
    guests_can_pull: bool,
) -> bool {
    let as_member = level
        >= Some(if guests_can_pull {
            AccessLevel::Guest
        } else {
            AccessLevel::Reporter
        });
    match project.package_registry_access_level {
        Feature::Disabled => false,
        Feature::Private => as_member,
        Feature::Enabled | Feature::Public => as_member || shows_itself(project.visibility, actor),
    }
}

fn reads_pipelines(project: &Project, level: Option<AccessLevel>, actor: &Actor) -> bool {
    let by_feature = match project.builds_access_level {
        Feature::Disabled => false,
        Feature::Private => level.is_some(),
        Feature::Enabled | Feature::Public => {
            level.is_some() || shows_itself(project.visibility, actor)
        }
    };
    by_feature && (project.public_jobs || level >= Some(AccessLevel::Reporter))
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

fn judge(
    conn: &Connection,
    project: &Project,
    actor: &Actor,
    level: Option<AccessLevel>,
    question: Question,
) -> Result<Verdict> {
    let Question {
        ability,
        door,
        guests_can_pull,
    } = question;
    let by_role = || verdict(project, actor, level, ability, door, guests_can_pull);
    Ok(match actor {
        Actor::DeployToken(_) => deploy_token_verdict(conn, actor, project, ability)?,
        Actor::Job(job) => match job_verdict(conn, job, project, level, ability, door)? {
            Verdict::Allowed => by_role(),
            refused => refused,
        },
        Actor::Anonymous | Actor::User(_) => by_role(),
    })
}

/// Whether the packages of one project among many are for this caller: the same decision, asked for a list.
pub(super) fn may_read_packages(
    conn: &Connection,
    project: &Project,
    actor: &Actor,
    level: Option<AccessLevel>,
    door: Door,
    guests_can_pull: bool,
) -> Result<bool> {
    let question = Question {
        ability: Ability::ReadPackage,
        door,
        guests_can_pull,
    };
    Ok(matches!(
        judge(conn, project, actor, level, question)?,
        Verdict::Allowed
    ))
}

/// Sections 3.2 and 3.3 for anonymous callers and users.
fn verdict(
    project: &Project,
    actor: &Actor,
    level: Option<AccessLevel>,
    ability: Ability,
    door: Door,
    guests_can_pull: bool,
) -> Verdict {
    let open_registry = project.package_registry_access_level == Feature::Public;
    let visible = level.is_some() || shows_itself(project.visibility, actor);
    if !visible {
        // "Everyone can pull": the format routes alone show the packages of a private project.
        let pulls = open_registry && door == Door::Format && ability == Ability::ReadPackage;
        return if pulls {
            Verdict::Allowed
        } else {
            Verdict::Invisible
        };
    }
    let concerns_packages = matches!(
        ability,
        Ability::ReadPackage
            | Ability::ReadPipeline
            | Ability::CreatePackage
            | Ability::DestroyPackage
            | Ability::AdminPackage
    );
    if concerns_packages && project.package_registry_access_level == Feature::Disabled {
        return Verdict::SwitchedOff;
    }
    let reads = || {
        reads_packages(project, actor, level, guests_can_pull)
            || (open_registry && door == Door::Format)
    };
    let allowed = match ability {
        Ability::ReadProject => true,
        Ability::ReadPackage => reads(),
        Ability::ReadPipeline => reads() && reads_pipelines(project, level, actor),
        Ability::CreatePackage => level >= Some(AccessLevel::Developer),
        Ability::DestroyPackage | Ability::AdminPackage | Ability::AdminProject => {
            level >= Some(AccessLevel::Maintainer)
        }
        Ability::OwnProject => level >= Some(AccessLevel::Owner),
        Ability::ReadGroup | Ability::AdminGroup | Ability::OwnGroup => false,
    };
    if allowed {
        Verdict::Allowed
    } else {
        Verdict::Refused(Error::Forbidden)
    }
}

/// Sections 2.3 and 14: a deploy token is a caller of its own, good for packages of what it covers.
fn deploy_token_verdict(
    conn: &Connection,
    actor: &Actor,
    project: &Project,
    ability: Ability,
) -> Result<Verdict> {
    let Actor::DeployToken(token) = actor else {
        return Ok(Verdict::Invisible);
    };
    let has = |scope: &str| token.scopes.iter().any(|own| own == scope);
    let (writes, reads) = (
        has("write_package_registry"),
        has("read_package_registry") || has("write_package_registry"),
    );
    let covers = match token.source {
        Source::Project(id) => id == project.id,
        Source::Group(id) => namespaces::with_ancestors(conn, project.namespace_id)?
            .iter()
            .any(|namespace| namespace.id == id),
    };
    let public = project.visibility == Visibility::Public
        || project.package_registry_access_level == Feature::Public;
    let visible = public || (covers && reads);
    Ok(match ability {
        _ if !visible => Verdict::Invisible,
        _ if project.package_registry_access_level == Feature::Disabled => Verdict::SwitchedOff,
        Ability::ReadPackage if covers && reads => Verdict::Allowed,
        Ability::ReadPackage if project.package_registry_access_level != Feature::Private => {
            Verdict::Allowed
        }
        Ability::CreatePackage | Ability::DestroyPackage if covers && writes => Verdict::Allowed,
        Ability::CreatePackage | Ability::DestroyPackage
            if !covers && project.visibility != Visibility::Public =>
        {
            Verdict::Invisible
        }
        _ => Verdict::Refused(Error::Forbidden),
    })
}

/// Section 2.4: what a job token may reach beyond its own project. `Allowed` leaves the rest to the user's role.
fn job_verdict(
    conn: &Connection,
    actor: &JobActor,
    project: &Project,
    level: Option<AccessLevel>,
    ability: Ability,
    door: Door,
) -> Result<Verdict> {
    let own = actor.job.project_id == project.id;
    let visible =
        level.is_some() || shows_itself(project.visibility, &Actor::Job(Arc::new(actor.clone())));
    if !visible {
        // The one place where a refusal tells that the project exists (GitLab's specs); generic packages say 404.
        let source = projects::find(conn, actor.job.project_id)?;
        return Ok(match (door, source) {
            (Door::Core, Some(source)) => Verdict::Refused(not_allowed_from(&source, project)),
            _ => Verdict::Invisible,
        });
    }
    let reads_in_the_open = project.visibility != Visibility::Private
        && matches!(
            ability,
            Ability::ReadProject | Ability::ReadPackage | Ability::ReadPipeline
        );
    if own || reads_in_the_open || !project.inbound_job_token_scope {
        return Ok(Verdict::Allowed);
    }
    if job_token_allowlist::allows(conn, project.id, actor.job.project_id)? {
        return Ok(Verdict::Allowed);
    }
    let source = projects::find(conn, actor.job.project_id)?;
    Ok(Verdict::Refused(
        source.map_or(Error::Forbidden, |source| {
            not_allowed_from(&source, project)
        }),
    ))
}

fn not_allowed_from(source: &Project, target: &Project) -> Error {
    Error::refused(format!(
        "Authentication by CI/CD job token not allowed from {} to {}.",
        source.path, target.path
    ))
}
