//! Deploy tokens of projects and groups (contract 11.7).

use super::audit::Event;
use super::tokens::{Secret, SecretKind};
use super::{DeployToken, Registry, Source, Timestamp};
use crate::error::{Error, Result};
use crate::storage::db::{WriteTx, deploy_tokens};

/// Every scope that GitLab accepts; the two of the package registry mean something here.
pub const DEPLOY_TOKEN_SCOPES: &[&str] = &[
    "read_repository",
    "read_registry",
    "write_registry",
    "read_package_registry",
    "write_package_registry",
    "read_virtual_registry",
    "write_virtual_registry",
];

pub struct NewDeployToken {
    pub source: Source,
    pub name: String,
    /// `None`: GitLab's `gitlab+deploy-token-<id>`.
    pub username: Option<String>,
    pub scopes: Vec<String>,
    pub created_by: Option<i64>,
    pub expires_at: Option<Timestamp>,
}

impl Registry {
    pub async fn create_deploy_token(&self, new: NewDeployToken) -> Result<(DeployToken, Secret)> {
        let secret = Secret::random(SecretKind::DeployToken)?;
        let sha256 = secret.sha256();
        let token = self.db.write(move |tx| insert(tx, &new, &sha256)).await?;
        Ok((token, secret))
    }

    /// The same for commands.
    pub fn create_deploy_token_blocking(
        &self,
        new: NewDeployToken,
    ) -> Result<(DeployToken, Secret)> {
        let secret = Secret::random(SecretKind::DeployToken)?;
        let sha256 = secret.sha256();
        let token = self
            .db
            .write_blocking(move |tx| insert(tx, &new, &sha256))?;
        Ok((token, secret))
    }

    /// Those of one project or group, or every one there is, by id.
    pub async fn deploy_tokens(&self, source: Option<Source>) -> Result<Vec<DeployToken>> {
        self.db
            .read(move |conn| deploy_tokens::list(conn, source))
            .await
    }

    pub fn deploy_token(&self, source: Source, id: i64) -> Result<DeployToken> {
        self.db
            .look(|conn| deploy_tokens::find(conn, source, id))?
            .ok_or(Error::RecordNotFound)
    }

    /// Final: the token is in no list any more, and its value answers 401.
    pub async fn delete_deploy_token(&self, source: Source, id: i64) -> Result<()> {
        self.db
            .write(move |tx| {
                let token = deploy_tokens::find(tx, source, id)?.ok_or(Error::RecordNotFound)?;
                record(tx, "destroyed", &token)?;
                deploy_tokens::delete(tx, token.id)
            })
            .await
    }
}

fn insert(tx: &WriteTx<'_>, new: &NewDeployToken, sha256: &str) -> Result<DeployToken> {
    let row = deploy_tokens::NewDeployToken {
        source: new.source,
        sha256,
        name: &new.name,
        username: new.username.as_deref(),
        scopes: &new.scopes,
        created_by: new.created_by,
        expires_at: new.expires_at,
    };
    let id = deploy_tokens::insert(tx, &row, tx.now)?;
    let token = deploy_tokens::find(tx, new.source, id)?
        .ok_or_else(|| Error::internal("a token is gone that was just made"))?;
    record(tx, "created", &token)?;
    Ok(token)
}

fn record(tx: &WriteTx<'_>, what: &'static str, token: &DeployToken) -> Result<()> {
    let (event, done) = match (token.source, what) {
        (Source::Project(_), "created") => ("deploy_token_created", "Made"),
        (Source::Project(_), _) => ("deploy_token_destroyed", "Deleted"),
        (Source::Group(_), "created") => ("group_deploy_token_created", "Made"),
        (Source::Group(_), _) => ("group_deploy_token_destroyed", "Deleted"),
    };
    Event::in_source(tx, event, token.source)?
        .about("DeployToken", token.id, &token.name)
        .with("scopes", &token.scopes)
        .with("expires_at", token.expires_at)
        .saying(format!(
            "{done} deploy token {} (`{}`)",
            token.id, token.name
        ))
        .record(tx)
}
