//! Members as they are shown: alone, and in lists (contract 11.4).

use super::{AccessLevel, Member, Registry, Source, Timestamp, User};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, members, namespaces, projects, users};

/// A member with the people whom its answers show.
#[derive(Clone, Debug)]
pub struct MemberItem {
    pub member: Member,
    pub user: User,
    pub created_by: Option<User>,
}

impl Registry {
    /// The members of a source by user id: its own, or with `inherited` those of every group above it too,
    /// each user once with the highest level.
    pub async fn members(&self, source: Source, inherited: bool) -> Result<Vec<MemberItem>> {
        self.db
            .read(move |conn| {
                find_all(conn, source, inherited)?
                    .into_iter()
                    .filter_map(|member| item(conn, member).transpose())
                    .collect()
            })
            .await
    }

    pub async fn member(
        &self,
        source: Source,
        inherited: bool,
        user_id: i64,
    ) -> Result<MemberItem> {
        self.db
            .read(move |conn| {
                let member = find_all(conn, source, inherited)?
                    .into_iter()
                    .find(|member| member.user_id == user_id)
                    .ok_or(Error::RecordNotFound)?;
                item(conn, member)?.ok_or(Error::RecordNotFound)
            })
            .await
    }
}

fn find_all(conn: &Connection, source: Source, inherited: bool) -> Result<Vec<Member>> {
    let today = Timestamp::now().date();
    let mut found: Vec<Member> = personal_owner(conn, source)?.into_iter().collect();
    for source in sources(conn, source, inherited)? {
        for member in members::list(conn, source, &today)? {
            match found
                .iter_mut()
                .find(|known| known.user_id == member.user_id)
            {
                Some(known) if known.access_level < member.access_level => *known = member,
                Some(_) => {}
                None => found.push(member),
            }
        }
    }
    found.sort_by_key(|member| member.user_id);
    Ok(found)
}

/// GitLab makes the owner of a personal namespace a member of each project in it; here that is never a row.
pub(super) fn personal_owner(conn: &Connection, source: Source) -> Result<Option<Member>> {
    let Source::Project(id) = source else {
        return Ok(None);
    };
    let Some(project) = projects::find(conn, id)? else {
        return Ok(None);
    };
    let namespace = namespaces::find(conn, project.namespace_id)?;
    let user_id = namespace.and_then(|namespace| namespace.user_id);
    Ok(user_id.map(|user_id| Member {
        user_id,
        access_level: AccessLevel::Owner,
        created_by: None,
        created_at: project.created_at,
        expires_at: None,
    }))
}

fn item(conn: &Connection, member: Member) -> Result<Option<MemberItem>> {
    let created_by = match member.created_by {
        Some(id) => users::find(conn, id)?,
        None => None,
    };
    let user = users::find(conn, member.user_id)?;
    Ok(user.map(|user| MemberItem {
        member,
        user,
        created_by,
    }))
}

/// The source itself, and with `inherited` the groups above it.
fn sources(conn: &Connection, source: Source, inherited: bool) -> Result<Vec<Source>> {
    let above = match source {
        _ if !inherited => None,
        Source::Project(id) => projects::find(conn, id)?.map(|project| project.namespace_id),
        Source::Group(id) => namespaces::find(conn, id)?.and_then(|group| group.parent_id),
    };
    let groups = above
        .map(|id| namespaces::with_ancestors(conn, id))
        .transpose()?
        .unwrap_or_default();
    Ok(std::iter::once(source)
        .chain(groups.into_iter().map(|group| Source::Group(group.id)))
        .collect())
}
