//! `packhouse user`: accounts of people.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{find, output};
use crate::error::{Error, Result};
use crate::registry::{NewUser, Registry, User};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a user; `packhouse token create` lets it in
    Create(Create),
    /// List the users
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a user with its tokens and memberships; what it published stays
    Delete {
        /// User name or number
        user: String,
    },
    /// Refuse every token of a user until it is unblocked
    Block {
        /// User name or number
        user: String,
    },
    /// Let a blocked user in again
    Unblock {
        /// User name or number
        user: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// The user name, also the path of the personal namespace
    username: String,
    /// Full name [default: the user name]
    #[arg(long)]
    name: Option<String>,
    /// [default: one that receives no mail]
    #[arg(long)]
    email: Option<String>,
    /// May do everything everywhere
    #[arg(long)]
    admin: bool,
    /// Sees only public projects and those it is a member of
    #[arg(long)]
    external: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Create(create) => create.run(registry),
            Command::List { json } => list(registry, json),
            Command::Delete { user } => {
                let user = find::user(registry, &user)?;
                registry.delete_user_blocking(user.id)?;
                output::print(&format!("deleted user `{}`\n", user.username))
            }
            Command::Block { user } => block(registry, &user, true),
            Command::Unblock { user } => block(registry, &user, false),
        }
    }
}

impl Create {
    fn run(self, registry: &Registry) -> Result<()> {
        if registry.user_by_name(&self.username)?.is_some() {
            // Said first: the address that is made of the name is taken as well.
            let name = self.username;
            return Err(Error::for_a_person(format!(
                "there is a user `{name}` already"
            )));
        }
        let email = self
            .email
            .unwrap_or_else(|| format!("{}@localhost.invalid", self.username)); // RFC 2606
        let user = registry.create_user_blocking(NewUser {
            name: self.name.unwrap_or_else(|| self.username.clone()),
            username: self.username,
            email,
            admin: self.admin,
            external: self.external,
        })?;
        if self.json {
            return output::print_json(&as_json(&user));
        }
        let name = &user.username;
        output::print(&format!(
            "created user `{name}` (id {})\nhint: `packhouse token create {name}` makes an access token for it\n",
            user.id
        ))
    }
}

fn list(registry: &Registry, json: bool) -> Result<()> {
    let mut users = registry.list_users_blocking()?;
    users.sort_by_key(|user| user.id);
    let columns = [
        "id",
        "user name",
        "state",
        "admin",
        "external",
        "name",
        "email",
    ];
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    output::print_list(json, &users, as_json, &columns, |user| {
        vec![
            user.id.to_string(),
            user.username.clone(),
            state(user).to_owned(),
            yes(user.admin),
            yes(user.external),
            user.name.clone(),
            user.email.clone(),
        ]
    })
}

fn block(registry: &Registry, text: &str, blocked: bool) -> Result<()> {
    let user = find::user(registry, text)?;
    registry.block_user_blocking(user.id, blocked)?;
    let done = if blocked { "blocked" } else { "unblocked" };
    output::print(&format!("{done} user `{}`\n", user.username))
}

fn as_json(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "state": state(user),
        "is_admin": user.admin,
        "external": user.external,
        "created_at": user.created_at,
    })
}

fn state(user: &User) -> &'static str {
    if user.blocked { "blocked" } else { "active" }
}
