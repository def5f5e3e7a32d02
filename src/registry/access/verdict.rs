//! The rules behind the decision: roles (contract 3.2), deploy tokens (2.3), jobs (2.4).

use std::sync::Arc;

use super::Question;
use crate::error::{Error, Result};
use crate::registry::{
    Ability, AccessLevel, Actor, Door, Feature, JobActor, Project, Source, Visibility,
};
use crate::storage::db::{Connection, job_token_allowlist, namespaces, projects};

/// What was found out about a caller and a project, short of the answer.
pub(super) enum Verdict {
    Allowed,
    /// The caller may not even know that the project exists.
    Invisible,
    /// Visible, but not allowed; a caller that is anonymous may be asked to sign in.
    Refused(Error),
    /// Refused whoever asks.
    SwitchedOff,
}

pub(super) fn judge(
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
pub(in crate::registry) fn may_read_packages(
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

/// What visibility alone shows: public to anyone, internal to every signed-in user who is not external.
pub(in crate::registry) fn shows_itself(visibility: Visibility, actor: &Actor) -> bool {
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

pub(super) fn reads_pipelines(
    project: &Project,
    level: Option<AccessLevel>,
    actor: &Actor,
) -> bool {
    let by_feature = match project.builds_access_level {
        Feature::Disabled => false,
        Feature::Private => level.is_some(),
        Feature::Enabled | Feature::Public => {
            level.is_some() || shows_itself(project.visibility, actor)
        }
    };
    by_feature && (project.public_jobs || level >= Some(AccessLevel::Reporter))
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
