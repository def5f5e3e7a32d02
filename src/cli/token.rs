//! `packhouse token`: the secrets that let callers in. A value is printed once, when it is made.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};

use super::flags::{self, Place};
use super::{find, output, wait};
use crate::error::{Error, Result};
use crate::registry::{
    ACCESS_TOKEN_SCOPES, AccessToken, DEPLOY_TOKEN_SCOPES, DeployToken, NewAccessToken,
    NewDeployToken, Registry, Secret, SecretKind, Source, Timestamp,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create an access token for a user, or with `--deploy` a deploy token for a project or group
    Create(Create),
    /// List access tokens, or with `--deploy` deploy tokens; their values are not kept
    List(List),
    /// Revoke a token by its number: it is dead at once
    Revoke {
        /// As `packhouse token list` shows it
        id: i64,
        /// The number of a deploy token
        #[arg(long)]
        deploy: bool,
    },
}

#[derive(Args)]
#[command(group(ArgGroup::new("place").args(["project", "group"])))]
pub(super) struct Create {
    /// The user that callers with this token act as
    #[arg(required_unless_present = "deploy", conflicts_with = "deploy")]
    user: Option<String>,
    /// A deploy token: good for the packages of one project or group, and no user
    #[arg(long, requires = "place")]
    deploy: bool,
    /// The project of a deploy token, by full path or number
    #[arg(long)]
    project: Option<String>,
    /// The group of a deploy token, by full path or number
    #[arg(long)]
    group: Option<String>,
    /// What the list calls it
    #[arg(long, default_value = "made on the command line")]
    name: String,
    /// What it is good for; may be repeated [default: api, with --deploy read_package_registry]
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
    /// The day on which it ends [default: never]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = flags::expiry)]
    expires: Option<String>,
    /// User name of a deploy token [default: gitlab+deploy-token-<id>]
    #[arg(long, value_name = "NAME", requires = "deploy")]
    username: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct List {
    /// Only those of this user
    #[arg(long, conflicts_with = "deploy")]
    user: Option<String>,
    /// Deploy tokens
    #[arg(long)]
    deploy: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(super) fn run(self, registry: &Registry) -> Result<()> {
        match self {
            Command::Create(create) if create.deploy => create.deploy_token(registry),
            Command::Create(create) => create.access_token(registry),
            Command::List(list) if list.deploy => list.deploy_tokens(registry),
            Command::List(list) => list.access_tokens(registry),
            Command::Revoke { id, deploy: true } => revoke_deploy_token(registry, id),
            Command::Revoke { id, deploy: false } => revoke_access_token(registry, id),
        }
    }
}

impl Create {
    fn access_token(&self, registry: &Registry) -> Result<()> {
        if self.project.is_some() || self.group.is_some() {
            return Err(Error::for_a_person(
                "an access token belongs to a user, not to a project or group\n\
                 hint: `--deploy` makes a deploy token",
            ));
        }
        let user = find::user(registry, self.user.as_deref().unwrap_or_default())?; // clap asks for it
        let new = NewAccessToken {
            user_id: user.id,
            source: None,
            name: self.name.clone(),
            description: None,
            scopes: self.scopes_of(ACCESS_TOKEN_SCOPES, "api")?,
            expires_at: self.expires.clone(),
        };
        let secret = Secret::random(SecretKind::AccessToken)?;
        let (token, secret) = registry.create_access_token_blocking(new, secret)?;
        let whose = format!("access token {} of user `{}`", token.id, user.username);
        self.print(as_json(&token), &whose, &secret)
    }

    fn deploy_token(&self, registry: &Registry) -> Result<()> {
        let place = Place {
            project: self.project.clone(),
            group: self.group.clone(),
        };
        let (source, path) = find::place(registry, &place)?;
        let new = NewDeployToken {
            source,
            name: self.name.clone(),
            username: self.username.clone(),
            scopes: self.scopes_of(DEPLOY_TOKEN_SCOPES, "read_package_registry")?,
            created_by: None,
            expires_at: self.expires.as_deref().and_then(Timestamp::parse),
        };
        let (token, secret) = registry.create_deploy_token_blocking(new)?;
        let whose = format!(
            "deploy token {} of `{path}`, user name `{}`",
            token.id, token.username
        );
        self.print(deploy_as_json(&token), &whose, &secret)
    }

    fn scopes_of(&self, known: &[&str], default: &str) -> Result<Vec<String>> {
        if let Some(unknown) = self
            .scopes
            .iter()
            .find(|scope| !known.contains(&scope.as_str()))
        {
            return Err(Error::for_a_person(format!(
                "there is no scope `{unknown}`\nhint: it is one of {}",
                known.join(", ")
            )));
        }
        Ok(match self.scopes.as_slice() {
            [] => vec![default.to_owned()],
            chosen => chosen.to_vec(),
        })
    }

    fn print(&self, mut token: Value, whose: &str, secret: &Secret) -> Result<()> {
        if self.json {
            token["token"] = json!(secret.reveal());
            return output::print_json(&token);
        }
        output::print(&format!(
            "created {whose}; this is its only showing:\n\n  {}\n",
            secret.reveal()
        ))
    }
}

impl List {
    fn access_tokens(&self, registry: &Registry) -> Result<()> {
        let user = self.user.as_deref().map(|user| find::user(registry, user));
        let tokens = wait(registry.access_tokens(user.transpose()?.map(|user| user.id)))?;
        let mut with_names = Vec::new();
        for token in tokens {
            let user = registry.user(token.user_id)?;
            with_names.push((
                token,
                user.map_or_else(|| "-".to_owned(), |user| user.username),
            ));
        }
        let now = Timestamp::now();
        let columns = ["id", "user name", "state", "expires", "scopes", "name"];
        let json = |(token, _): &(AccessToken, String)| as_json(token);
        output::print_list(self.json, &with_names, json, &columns, |(token, user)| {
            vec![
                token.id.to_string(),
                user.clone(),
                state(token.revoked, token.is_expired(&now)),
                token.expires_at.clone().unwrap_or_else(|| "never".into()),
                token.scopes.join(","),
                token.name.clone(),
            ]
        })
    }

    fn deploy_tokens(&self, registry: &Registry) -> Result<()> {
        let tokens = wait(registry.deploy_tokens(None))?;
        let columns = [
            "id",
            "user name",
            "state",
            "expires",
            "scopes",
            "of",
            "name",
        ];
        output::print_list(self.json, &tokens, deploy_as_json, &columns, |token| {
            let of = match token.source {
                Source::Project(id) => format!("project {id}"),
                Source::Group(id) => format!("group {id}"),
            };
            let expires = token.expires_at.map(Timestamp::date);
            vec![
                token.id.to_string(),
                token.username.clone(),
                state(token.revoked, token.is_expired(Timestamp::now())),
                expires.unwrap_or_else(|| "never".into()),
                token.scopes.join(","),
                of,
                token.name.clone(),
            ]
        })
    }
}

fn revoke_access_token(registry: &Registry, id: i64) -> Result<()> {
    let token = registry
        .access_token(id)?
        .ok_or_else(|| missing("access token", id, ""))?;
    registry.revoke_access_token_blocking(token.id)?;
    output::print(&format!("revoked access token {id} (`{}`)\n", token.name))
}

fn revoke_deploy_token(registry: &Registry, id: i64) -> Result<()> {
    let token = wait(registry.deploy_tokens(None))?
        .into_iter()
        .find(|token| token.id == id)
        .ok_or_else(|| missing("deploy token", id, " --deploy"))?;
    wait(registry.delete_deploy_token(token.source, id))?;
    output::print(&format!("revoked deploy token {id} (`{}`)\n", token.name))
}

fn missing(kind: &str, id: i64, flag: &str) -> Error {
    Error::for_a_person(format!(
        "there is no {kind} {id}\nhint: `packhouse token list{flag}` shows what there is"
    ))
}

fn state(revoked: bool, expired: bool) -> String {
    match (revoked, expired) {
        (true, _) => "revoked",
        (_, true) => "expired",
        _ => "active",
    }
    .to_owned()
}

fn as_json(token: &AccessToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "user_id": token.user_id,
        "scopes": token.scopes,
        "revoked": token.revoked,
        "active": token.is_active(&Timestamp::now()),
        "created_at": token.created_at,
        "last_used_at": token.last_used_at,
        "expires_at": token.expires_at,
    })
}

fn deploy_as_json(token: &DeployToken) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "username": token.username,
        "project_id": token.source.project_id(),
        "group_id": token.source.namespace_id(),
        "scopes": token.scopes,
        "revoked": token.revoked,
        "expired": token.is_expired(Timestamp::now()),
        "expires_at": token.expires_at,
    })
}
