//! Creating, changing and deleting groups.

use actix_web::{HttpResponse, web};

use super::views;
use crate::auth::Caller;
use crate::error::{Error, Result};
use crate::http::describe::{Field, Shape::*};
use crate::http::{Check, Params, answer};
use crate::registry::{
    Ability, AccessLevel, Actor, Door, GroupAccess, GroupChanges, Namespace, NewGroup, Registry,
    Visibility,
};

/// `POST /groups`: 201, the group, whose owner is the caller; below `parent_id` if that is given.
pub(super) async fn create(
    Caller(actor): Caller,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let name = check.required("name");
    let path = check.required("path");
    let parent_id = check.integer("parent_id");
    let mut changes = changes(&mut check);
    check.done()?;
    let user = actor.user().ok_or(Error::Unauthorized)?;
    let creator_id = Some(user.id);
    match parent_id {
        Some(id) => allow_below(&registry, id, &actor)?,
        None if registry.may_create_group(user) => {}
        None => return Err(Error::Forbidden),
    }
    let new = NewGroup {
        name,
        path,
        parent_id,
        description: changes.description.take().unwrap_or_default(),
        visibility: changes.visibility.take().unwrap_or(Visibility::Private),
        creator_id,
    };
    changes.name = None;
    let group = registry.create_group(new, changes).await?;
    answer::created(&view(&registry, group)?)
}

/// Below a group, its own rule decides: its maintainers, or its owners alone.
fn allow_below(registry: &Registry, id: i64, actor: &Actor) -> Result<()> {
    let id = id.to_string();
    let parent = registry.group_access(&id, actor.clone(), Ability::ReadGroup, Door::SignedIn)?;
    let needed = match parent.group.subgroup_creation_level.as_str() {
        "owner" => AccessLevel::Owner,
        _ => AccessLevel::Maintainer,
    };
    match parent.is_at_least(needed) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}

/// `PUT /groups/:id`: 200, the group.
pub(super) async fn update(
    access: GroupAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let path = check.text("path");
    let changes = changes(&mut check);
    check.done()?;
    if path.is_some_and(|path| path != access.group.path) {
        let text = "cannot be changed: this registry does not rename groups";
        return Err(Error::invalid_field("path", text));
    }
    let group = registry.update_group(&access, changes).await?;
    answer::ok(&view(&registry, group)?)
}

/// `DELETE /groups/:id`: 202 `{"message":"202 Accepted"}`; its subgroups, projects and packages go with it.
pub(super) async fn remove(
    access: GroupAccess,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.delete_group(&access).await?;
    Ok(answer::accepted())
}

fn view(registry: &Registry, group: Namespace) -> Result<serde_json::Value> {
    let item = registry.group_item(group)?;
    Ok(views::group_detail(&item, None, &registry.config().url()))
}

const MAY_CREATE_PROJECTS: &[&str] = &["noone", "owner", "maintainer", "developer"];

/// What `POST` and `PUT` take beside the names.
pub(super) const KEYS: &[Field] = &[
    ("description?", Text),
    ("visibility?", Words(Visibility::WORDS)),
    ("project_creation_level?", Words(MAY_CREATE_PROJECTS)),
    ("subgroup_creation_level?", Words(&["owner", "maintainer"])),
];

fn changes(check: &mut Check<'_>) -> GroupChanges {
    GroupChanges {
        name: check.text("name"),
        description: check.text_or_empty("description"),
        visibility: check
            .choice("visibility", Visibility::WORDS)
            .and_then(Visibility::parse),
        project_creation_level: check
            .choice("project_creation_level", MAY_CREATE_PROJECTS)
            .map(str::to_owned),
        subgroup_creation_level: check
            .choice("subgroup_creation_level", &["owner", "maintainer"])
            .map(str::to_owned),
    }
}
