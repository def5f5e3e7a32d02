//! `packhouse member`: who has which role in a project or group.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::flags::{self, Place};
use super::{find, output, wait};
use crate::error::{Error, Result};
use crate::registry::{AccessLevel, MemberItem, Registry};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Give a user a role, or another one than it has
    Set(Set),
    /// List the members
    List(List),
    /// Take a user's role away
    Remove(Remove),
}

#[derive(Args)]
pub(super) struct Set {
    /// User name or number
    user: String,
    /// guest, planner, reporter, developer, maintainer or owner
    #[arg(value_parser = flags::role)]
    role: AccessLevel,
    /// The day on which it ends
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = flags::expiry)]
    expires: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct List {
    /// With the members of the groups above
    #[arg(long)]
    inherited: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
pub(super) struct Remove {
    /// User name or number
    user: String,
    #[command(flatten)]
    place: Place,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Set(set) => set.run(registry),
            Command::List(list) => list.run(registry),
            Command::Remove(remove) => remove.run(registry),
        }
    }
}

impl Set {
    fn run(self, registry: &Registry) -> Result<()> {
        let user = find::user(registry, &self.user)?;
        let (source, path) = find::place(registry, &self.place)?;
        registry.set_member_blocking(source, user.id, self.role, self.expires)?;
        output::print(&format!(
            "user `{}` is {} of `{path}`\n",
            user.username, self.role
        ))
    }
}

impl List {
    fn run(self, registry: &Registry) -> Result<()> {
        let (source, _) = find::place(registry, &self.place)?;
        let members = wait(registry.members(source, self.inherited))?;
        let columns = ["id", "user name", "role", "expires"];
        output::print_list(self.json, &members, as_json, &columns, |item| {
            let MemberItem { member, user, .. } = item;
            vec![
                user.id.to_string(),
                user.username.clone(),
                member.access_level.to_string(),
                member.expires_at.clone().unwrap_or_else(|| "never".into()),
            ]
        })
    }
}

impl Remove {
    fn run(self, registry: &Registry) -> Result<()> {
        let user = find::user(registry, &self.user)?;
        let (source, path) = find::place(registry, &self.place)?;
        let name = &user.username;
        wait(registry.remove_member(source, Some(AccessLevel::Owner), user.id)).map_err(
            |error| match error {
                Error::RecordNotFound => Error::for_a_person(format!(
                    "user `{name}` is no direct member of `{path}`\n\
                 hint: `packhouse member list --inherited` shows roles that come from a group above"
                )),
                other => other,
            },
        )?;
        output::print(&format!(
            "user `{name}` is no member of `{path}` any more\n"
        ))
    }
}

fn as_json(MemberItem { member, user, .. }: &MemberItem) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "access_level": member.access_level as i64,
        "role": member.access_level,
        "created_at": member.created_at,
        "expires_at": member.expires_at,
    })
}
