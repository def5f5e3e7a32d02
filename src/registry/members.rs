//! Members of projects and groups (contract 11.4), and the bots behind their access tokens (11.6).

use data_encoding::HEXLOWER;

use super::audit::Event;
use super::member_list::personal_owner;
use super::tokens::{self, Secret, SecretKind};
use super::users;
use super::{AccessLevel, AccessToken, Member, NewAccessToken, Registry, Source, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, WriteTx, members, users as user_rows};

/// What is said of one member.
#[derive(Clone, Debug)]
pub struct MemberChange {
    pub user_id: i64,
    pub access_level: AccessLevel,
    pub expires_at: Expiry,
    pub by: Option<i64>,
}

/// When a membership is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// As it was; of a new membership: never.
    Keep,
    Never,
    /// On this date, when it begins.
    On(String),
}

impl Registry {
    /// Adds all of them or nobody. `own` is the level of who asks: nobody grants a level above it.
    ///
    /// 409 if a user is a member already, 404 if there is no such user.
    pub async fn add_members(
        &self,
        source: Source,
        own: Option<AccessLevel>,
        changes: Vec<MemberChange>,
    ) -> Result<()> {
        self.db
            .write(move |tx| {
                changes
                    .into_iter()
                    .try_for_each(|change| add(tx, source, own, change))
            })
            .await
    }

    pub async fn update_member(
        &self,
        source: Source,
        own: Option<AccessLevel>,
        change: MemberChange,
    ) -> Result<()> {
        self.db
            .write(move |tx| {
                let today = tx.now.date();
                let known = changeable(tx, source, own, change.user_id)?;
                allow(own, change.access_level)?;
                let expires_at = end(change.expires_at, known.expires_at, &today)?;
                members::update(
                    tx,
                    source,
                    change.user_id,
                    change.access_level,
                    expires_at.as_deref(),
                )?;
                let now = Membership::new(change.user_id, change.access_level, &expires_at);
                now.record(tx, "member_updated", source, Some(known.access_level))
            })
            .await
    }

    /// For commands: adds a member or changes its level.
    pub fn set_member_blocking(
        &self,
        source: Source,
        user_id: i64,
        access_level: AccessLevel,
        expires_at: Option<String>,
    ) -> Result<()> {
        self.db.write_blocking(move |tx| {
            let today = tx.now.date();
            let before =
                members::find(tx, source, user_id, &today)?.map(|known| known.access_level);
            let now = Membership::new(user_id, access_level, &expires_at);
            let event = match before {
                Some(_) => "member_updated",
                None => "member_created",
            };
            now.record(tx, event, source, before)?;
            if members::update(tx, source, user_id, access_level, expires_at.as_deref())? {
                return Ok(());
            }
            let member = Member {
                user_id,
                access_level,
                created_by: None,
                created_at: tx.now,
                expires_at,
            };
            members::insert(tx, source, &member).map(|_inserted| ())
        })
    }

    /// Removes a direct member whose level is not above `own`; whoever leaves needs no level.
    pub async fn remove_member(
        &self,
        source: Source,
        own: Option<AccessLevel>,
        user_id: i64,
    ) -> Result<()> {
        self.db
            .write(move |tx| {
                let known = changeable(tx, source, own, user_id)?;
                members::delete(tx, source, user_id)?;
                let before = Membership::new(user_id, known.access_level, &known.expires_at);
                before.record(tx, "member_destroyed", source, None)
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
                Membership::new(bot.id, access_level, &member.expires_at).record(
                    tx,
                    "member_created",
                    source,
                    None,
                )?;
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

fn add(
    tx: &WriteTx<'_>,
    source: Source,
    own: Option<AccessLevel>,
    change: MemberChange,
) -> Result<()> {
    user_rows::find(tx, change.user_id)?.ok_or_else(|| Error::not_found("User"))?;
    allow(own, change.access_level)?;
    let today = tx.now.date();
    let owns = personal_owner(tx, source)?.is_some_and(|owner| owner.user_id == change.user_id);
    if owns || members::find(tx, source, change.user_id, &today)?.is_some() {
        return Err(Error::message(
            actix_web::http::StatusCode::CONFLICT,
            "Member already exists",
        ));
    }
    members::delete(tx, source, change.user_id)?; // a membership that is over may still have its row
    let member = Member {
        user_id: change.user_id,
        access_level: change.access_level,
        created_by: change.by,
        created_at: tx.now,
        expires_at: end(change.expires_at, None, &today)?,
    };
    members::insert(tx, source, &member)?;
    Membership::new(change.user_id, change.access_level, &member.expires_at).record(
        tx,
        "member_created",
        source,
        None,
    )
}

/// What the audit log says of a membership.
pub(super) struct Membership<'a> {
    user_id: i64,
    access_level: AccessLevel,
    expires_at: Option<&'a str>,
}

impl<'a> Membership<'a> {
    pub(super) fn new(
        user_id: i64,
        access_level: AccessLevel,
        expires_at: &'a Option<String>,
    ) -> Membership<'a> {
        Membership {
            user_id,
            access_level,
            expires_at: expires_at.as_deref(),
        }
    }

    pub(super) fn record(
        &self,
        tx: &WriteTx<'_>,
        event: &'static str,
        source: Source,
        before: Option<AccessLevel>,
    ) -> Result<()> {
        let user = user_rows::find(tx, self.user_id)?;
        let name = user.map_or_else(|| "-".to_owned(), |user| user.username);
        let level = self.access_level;
        let done = match (event, before) {
            ("member_destroyed", _) => format!("Removed the {level} {name}"),
            (_, Some(before)) => format!("Changed {name} from {before} to {level}"),
            (_, None) => format!("Added {name} as {level}"),
        };
        Event::in_source(tx, event, source)?
            .about("User", self.user_id, &name)
            .with("access_level", level)
            .with("expires_at", self.expires_at)
            .saying(done)
            .record(tx)
    }
}

/// Nobody grants a level above their own.
fn allow(own: Option<AccessLevel>, level: AccessLevel) -> Result<()> {
    if own >= Some(level) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

/// A direct member who does not stand above the caller. The owner of a personal namespace stays what it is.
fn changeable(
    conn: &Connection,
    source: Source,
    own: Option<AccessLevel>,
    user_id: i64,
) -> Result<Member> {
    if personal_owner(conn, source)?.is_some_and(|owner| owner.user_id == user_id) {
        return Err(Error::Forbidden);
    }
    let member = members::find(conn, source, user_id, &Timestamp::now().date())?
        .ok_or(Error::RecordNotFound)?;
    allow(own, member.access_level)?;
    Ok(member)
}

fn end(expiry: Expiry, known: Option<String>, today: &str) -> Result<Option<String>> {
    match expiry {
        Expiry::Keep => Ok(known),
        Expiry::Never => Ok(None),
        // Today as well: a membership is over when its last date begins.
        Expiry::On(date) if date.as_str() <= today => Err(Error::invalid_field(
            "expires_at",
            "cannot be a date in the past",
        )),
        Expiry::On(date) => Ok(Some(date)),
    }
}
