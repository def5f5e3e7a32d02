//! Groups and namespaces (contract 11.3).

use super::paths;
use super::{
    AccessLevel, Actor, GroupAccess, Member, Namespace, Registry, Sight, Source, Visibility,
};
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
    /// Every group and personal namespace that the caller may see, by full path, with what else the caller sees.
    pub async fn visible_namespaces(&self, actor: Actor) -> Result<(Vec<Namespace>, Sight)> {
        let registry = self.clone();
        self.db
            .read(move |conn| {
                let sight = registry.sight(conn, &actor)?;
                let as_member: Vec<i64> = projects::list(conn)?
                    .iter()
                    .filter(|project| sight.level_in_project(project).is_some())
                    .map(|project| project.namespace_id)
                    .collect();
                let mut seen: Vec<Namespace> = sight
                    .namespaces()
                    .filter(|namespace| sight.sees_namespace(namespace, &as_member))
                    .cloned()
                    .collect();
                seen.sort_by_cached_key(|namespace| namespace.full_path.to_lowercase());
                Ok((seen, sight))
            })
            .await
    }

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

    pub async fn create_group(&self, new: NewGroup) -> Result<Namespace> {
        self.db
            .write(move |tx| create(tx, &new).map_err(as_group_text))
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
                let mut group =
                    namespaces::find(tx, id)?.ok_or_else(|| Error::not_found("Group"))?;
                if let Some(visibility) = changes.visibility {
                    allow_visibility(
                        group
                            .parent_id
                            .map(|id| namespaces::find(tx, id))
                            .transpose()?
                            .flatten()
                            .as_ref(),
                        visibility,
                    )?;
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
            })
            .await
    }

    /// Takes its subgroups, projects and packages along.
    pub async fn delete_group(&self, access: &GroupAccess) -> Result<()> {
        let id = access.group.id;
        self.db.write(move |tx| namespaces::delete(tx, id)).await
    }

    pub fn delete_namespace_blocking(&self, id: i64) -> Result<()> {
        self.db.write_blocking(move |tx| namespaces::delete(tx, id))
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
    if let Some(user_id) = new.creator_id {
        own(tx, user_id, id)?;
    }
    find_again(tx, id)
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
    Ok(())
}

/// Groups answer with Ruby's text of the errors where projects answer with a hash (contract 11.3).
fn as_group_text(error: Error) -> Error {
    let Error::Invalid { status, fields } = &error else {
        return error;
    };
    let Some(text) = fields["path"][0].as_str() else {
        return error;
    };
    Error::message(
        *status,
        format!("Failed to save group {{:path=>[{text:?}]}}"),
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
