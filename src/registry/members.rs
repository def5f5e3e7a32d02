//! Members of projects and groups (contract 11.4), and the bots behind their access tokens (11.6).

use data_encoding::HEXLOWER;

use super::tokens::{self, Secret, SecretKind};
use super::users;
use super::{AccessLevel, AccessToken, Member, NewAccessToken, Registry, Source, Timestamp, User};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, members, namespaces, projects, users as user_rows};

/// What is said of one member.
#[derive(Clone, Debug)]
pub struct MemberChange {
    pub user_id: i64,
    pub access_level: AccessLevel,
    /// A date; the membership is over when it begins.
    pub expires_at: Option<String>,
    pub by: Option<i64>,
}

impl Registry {
    /// The members of a source by user id: its own, or with `inherited` those of every group above it too,
    /// each user once with the highest level.
    pub async fn members(&self, source: Source, inherited: bool) -> Result<Vec<(Member, User)>> {
        self.db
            .read(move |conn| {
                let today = Timestamp::now().date();
                let mut found: Vec<Member> = Vec::new();
                for source in sources(conn, source, inherited)? {
                    for member in members::list(conn, source, &today)? {
                        match found
                            .iter_mut()
                            .find(|known| known.user_id == member.user_id)
                        {
                            Some(known) if known.access_level < member.access_level => {
                                *known = member
                            }
                            Some(_) => {}
                            None => found.push(member),
                        }
                    }
                }
                found.sort_by_key(|member| member.user_id);
                let with_user = |member: Member| {
                    Ok(user_rows::find(conn, member.user_id)?.map(|user| (member, user)))
                };
                found
                    .into_iter()
                    .filter_map(|member| with_user(member).transpose())
                    .collect()
            })
            .await
    }

    /// 409 if the user is a member already, 404 if there is no such user.
    pub async fn add_member(&self, source: Source, change: MemberChange) -> Result<()> {
        self.db
            .write(move |tx| {
                user_rows::find(tx, change.user_id)?.ok_or_else(|| Error::not_found("User"))?;
                let member = Member {
                    user_id: change.user_id,
                    access_level: change.access_level,
                    created_by: change.by,
                    created_at: tx.now,
                    expires_at: change.expires_at,
                };
                match members::insert(tx, source, &member)? {
                    true => Ok(()),
                    false => Err(Error::message(
                        actix_web::http::StatusCode::CONFLICT,
                        "Member already exists",
                    )),
                }
            })
            .await
    }

    pub async fn update_member(&self, source: Source, change: MemberChange) -> Result<()> {
        self.db
            .write(move |tx| {
                match members::update(
                    tx,
                    source,
                    change.user_id,
                    change.access_level,
                    change.expires_at.as_deref(),
                )? {
                    true => Ok(()),
                    false => Err(Error::RecordNotFound),
                }
            })
            .await
    }

    /// For commands: adds a member or changes its level.
    pub fn set_member_blocking(
        &self,
        source: Source,
        user_id: i64,
        access_level: AccessLevel,
    ) -> Result<()> {
        self.db.write_blocking(move |tx| {
            if members::update(tx, source, user_id, access_level, None)? {
                return Ok(());
            }
            let member = Member {
                user_id,
                access_level,
                created_by: None,
                created_at: tx.now,
                expires_at: None,
            };
            members::insert(tx, source, &member).map(|_inserted| ())
        })
    }

    pub async fn remove_member(&self, source: Source, user_id: i64) -> Result<()> {
        self.db
            .write(move |tx| match members::delete(tx, source, user_id)? {
                true => Ok(()),
                false => Err(Error::RecordNotFound),
            })
            .await
    }

    /// A project or group access token: a bot user, its membership and its token, all or nothing.
    pub async fn create_bot_token(
        &self,
        source: Source,
        access_level: AccessLevel,
        by: Option<i64>,
        mut new: NewAccessToken,
    ) -> Result<(AccessToken, Secret)> {
        let secret = Secret::random(SecretKind::AccessToken)?;
        let sha256 = secret.sha256();
        let mut noise = [0; 16];
        getrandom::fill(&mut noise)?;
        let token = self
            .db
            .write(move |tx| {
                let (kind, id) = match source {
                    Source::Project(id) => ("project", id),
                    Source::Group(id) => ("group", id),
                };
                let bot = users::create_bot(
                    tx,
                    &format!("{kind}_{id}_bot_{}", HEXLOWER.encode(&noise)),
                    &new.name,
                )?;
                let member = Member {
                    user_id: bot.id,
                    access_level,
                    created_by: by,
                    created_at: tx.now,
                    expires_at: new.expires_at.clone(),
                };
                members::insert(tx, source, &member)?;
                new.user_id = bot.id;
                tokens::insert(tx, &new, &sha256, None)
            })
            .await?;
        Ok((token, secret))
    }

    /// The level that the bot of a project or group access token was given.
    pub fn level_of_bot(&self, source: Source, token: &AccessToken) -> Result<Option<AccessLevel>> {
        self.db.look(|conn| {
            let members = members::list(conn, source, "")?;
            Ok(members
                .into_iter()
                .find(|member| member.user_id == token.user_id)
                .map(|member| member.access_level))
        })
    }
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
