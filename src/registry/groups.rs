//! Groups and namespaces (contract 11.3).

use super::audit::Event;
use super::members::Membership;
use super::paths;
use super::{AccessLevel, GroupAccess, Member, Namespace, Registry, Source, Visibility};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, members, namespaces, projects};

pub struct NewGroup {
    pub name: String,
    pub path: String,
    pub parent_id: Option<i64>,
    pub description: String,
    pub visibility: Visibility,
    /// Becomes its owner, unless it lies in a group that the user owns already.
    pub creator_id: Option<i64>,
}

/// What `PUT /groups/:id` may change; absent stays.
#[derive(Default)]
pub struct GroupChanges {
    pub name: Option<String>,
    pub description: Option<String>,
    pub visibility: Option<Visibility>,
    pub project_creation_level: Option<String>,
    pub subgroup_creation_level: Option<String>,
}

impl Registry {
    pub fn namespace(&self, id: i64) -> Result<Option<Namespace>> {
        self.db.look(|conn| namespaces::find(conn, id))
    }

    /// By number or full path; groups and personal namespaces alike.
    pub fn namespace_by_id_or_path(&self, text: &str) -> Result<Option<Namespace>> {
        self.db
            .look(|conn| super::access::find_namespace(conn, text))
    }

    pub fn personal_namespace(&self, user_id: i64) -> Result<Option<Namespace>> {
        self.db.look(|conn| namespaces::of_user(conn, user_id))
    }

    pub fn path_is_taken(&self, full_path: &str) -> Result<bool> {
        self.db
            .look(|conn| namespaces::path_is_taken(conn, full_path))
    }

    /// 400 with a text where GitLab's validation refuses; the caller's right to create there was checked before.
    pub async fn create_group(&self, new: NewGroup, changes: GroupChanges) -> Result<Namespace> {
        self.db
            .write(move |tx| {
                let group = create(tx, &new).map_err(as_group_text)?;
                update(tx, group.id, changes)
            })
            .await
    }

    /// The same for commands.
    pub fn create_group_blocking(&self, new: NewGroup) -> Result<Namespace> {
        self.db.write_blocking(move |tx| create(tx, &new))
    }

    pub async fn update_group(
        &self,
        access: &GroupAccess,
        changes: GroupChanges,
    ) -> Result<Namespace> {
        let id = access.group.id;
        self.db
            .write(move |tx| {
                let group = update(tx, id, changes)?;
                Event::in_group("group_settings_updated", &group)
                    .with("visibility", group.visibility)
                    .with("project_creation_level", &group.project_creation_level)
                    .with("subgroup_creation_level", &group.subgroup_creation_level)
                    .saying("Changed the group")
                    .record(tx)?;
                Ok(group)
            })
            .await
    }

    /// Takes its subgroups, projects and packages along.
    pub async fn delete_group(&self, access: &GroupAccess) -> Result<()> {
        let id = access.group.id;
        self.db.write(move |tx| delete(tx, id)).await
    }

    pub fn delete_namespace_blocking(&self, id: i64) -> Result<()> {
        self.db.write_blocking(move |tx| delete(tx, id))
    }

    pub fn list_groups_blocking(&self) -> Result<Vec<Namespace>> {
        Ok(self
            .db
            .read_blocking(namespaces::list)?
            .into_iter()
            .filter(Namespace::is_group)
            .collect())
    }
}

pub(super) fn create(tx: &WriteTx<'_>, new: &NewGroup) -> Result<Namespace> {
    let parent = match new.parent_id {
        Some(id) => Some(
            namespaces::find(tx, id)?
                .filter(Namespace::is_group)
                .ok_or_else(|| Error::not_found("Group"))?,
        ),
        None => None,
    };
    paths::check_name(&new.name)?;
    paths::check(
        tx,
        parent.as_ref().map(|parent| parent.full_path.as_str()),
        &new.path,
    )?;
    allow_visibility(parent.as_ref(), new.visibility)?;
    let row = namespaces::NewNamespace {
        user_id: None,
        parent: parent.as_ref(),
        name: &new.name,
        path: &new.path,
        description: &new.description,
        visibility: new.visibility,
    };
    let id = namespaces::insert(tx, &row, tx.now)?;
    let group = find_again(tx, id)?;
    Event::in_group("group_created", &group)
        .with("visibility", group.visibility)
        .saying(format!("Created the {} group", group.visibility))
        .record(tx)?;
    if let Some(user_id) = new.creator_id {
        own(tx, user_id, id)?;
    }
    Ok(group)
}

fn delete(tx: &WriteTx<'_>, id: i64) -> Result<()> {
    if let Some(group) = namespaces::find(tx, id)? {
        Event::in_group("group_destroyed", &group)
            .saying("Deleted the group with its subgroups, projects and packages")
            .record(tx)?;
    }
    namespaces::delete(tx, id)
}

fn update(tx: &WriteTx<'_>, id: i64, changes: GroupChanges) -> Result<Namespace> {
    let mut group = namespaces::find(tx, id)?.ok_or_else(|| Error::not_found("Group"))?;
    if let Some(visibility) = changes.visibility {
        let parent = match group.parent_id {
            Some(id) => namespaces::find(tx, id)?,
            None => None,
        };
        allow_visibility(parent.as_ref(), visibility)?;
        hides_nothing_below(tx, id, visibility)?;
        group.visibility = visibility;
    }
    if let Some(name) = changes.name {
        paths::check_name(&name)?;
        group.name = name;
    }
    group.description = changes.description.unwrap_or(group.description);
    group.project_creation_level = changes
        .project_creation_level
        .unwrap_or(group.project_creation_level);
    group.subgroup_creation_level = changes
        .subgroup_creation_level
        .unwrap_or(group.subgroup_creation_level);
    namespaces::update(tx, &group)?;
    Ok(group)
}

/// A group is never less visible than what lies directly in it.
fn hides_nothing_below(conn: &Connection, id: i64, visibility: Visibility) -> Result<()> {
    let projects = projects::in_namespace(conn, id)?;
    let why = if projects.iter().any(|below| below.visibility > visibility) {
        "this group contains projects with higher visibility."
    } else if namespaces::children(conn, id)?
        .iter()
        .any(|below| below.visibility > visibility)
    {
        "there are sub-groups with higher visibility."
    } else {
        return Ok(());
    };
    let text = format!("{visibility} is not allowed since {why}");
    Err(Error::invalid_field("visibility_level", &text))
}

/// Makes a user the owner of a group, unless it is that through a group above.
fn own(tx: &WriteTx<'_>, user_id: i64, group_id: i64) -> Result<()> {
    if members::level_in_namespace(tx, user_id, group_id, &tx.now.date())?
        >= Some(AccessLevel::Owner)
    {
        return Ok(());
    }
    let member = Member {
        user_id,
        access_level: AccessLevel::Owner,
        created_by: Some(user_id),
        created_at: tx.now,
        expires_at: None,
    };
    members::insert(tx, Source::Group(group_id), &member)?;
    Membership::new(user_id, member.access_level, &None).record(
        tx,
        "member_created",
        Source::Group(group_id),
        None,
    )
}

/// Groups answer with Ruby's text of the errors where projects answer with a hash (contract 11.3).
fn as_group_text(error: Error) -> Error {
    let Error::Invalid { status, fields } = &error else {
        return error;
    };
    let first = fields.as_object().and_then(|fields| fields.iter().next());
    let Some((field, text)) = first.and_then(|(field, texts)| Some((field, texts[0].as_str()?)))
    else {
        return error;
    };
    Error::message(
        *status,
        format!("Failed to save group {{:{field}=>[{text:?}]}}"),
    )
}

fn allow_visibility(parent: Option<&Namespace>, visibility: Visibility) -> Result<()> {
    match parent {
        Some(parent) if visibility > parent.visibility => {
            let text = format!(
                "{visibility} is not allowed since the parent group has a {} visibility.",
                parent.visibility
            );
            Err(Error::invalid_field("visibility_level", &text))
        }
        _ => Ok(()),
    }
}

fn find_again(conn: &Connection, id: i64) -> Result<Namespace> {
    namespaces::find(conn, id)?.ok_or_else(|| Error::internal("a group is gone that was just made"))
}
