//! The first start on an empty data directory: somebody to be, and somewhere to publish to.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use super::tokens::{self, Secret, SecretKind};
use super::{
    NewAccessToken, NewGroup, NewProject, NewUser, Registry, Visibility, groups, projects, users,
};
use crate::error::Result;
use crate::storage::db::{WriteTx, users as user_rows};

/// What a first start made.
pub struct Welcome {
    pub secret: Secret,
    /// Where the secret was written, readable by its owner alone.
    pub token_file: PathBuf,
    pub project_path: String,
    pub project_id: i64,
    pub visibility: Visibility,
}

impl Registry {
    /// Makes user `root`, group `local`, project `local/packages` and root's access token, unless there is a user already.
    ///
    /// The token is on the disk before the rows are: a crash in between starts all over, and never leaves a
    /// registry that nobody can enter.
    pub fn first_start(
        &self,
        chosen: Option<&str>,
        visibility: Visibility,
    ) -> Result<Option<Welcome>> {
        if self.db.look(|conn| user_rows::any(conn))? {
            return Ok(None);
        }
        let secret = match chosen {
            Some(value) => Secret::chosen(value)?,
            None => Secret::random(SecretKind::AccessToken)?,
        };
        let token_file = self.write_root_token(&secret)?;
        let sha256 = secret.sha256();
        let project = self
            .db
            .write_blocking(move |tx| make(tx, &sha256, visibility))?;
        Ok(Some(Welcome {
            secret,
            token_file,
            project_path: project.full_path,
            project_id: project.id,
            visibility,
        }))
    }

    fn write_root_token(&self, secret: &Secret) -> Result<PathBuf> {
        use std::os::unix::fs::OpenOptionsExt;
        let path = self.config.data.join("root-token");
        // A file left by a start that did not finish may have other rights.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut file = File::options()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)?;
        writeln!(file, "{}", secret.reveal())?;
        file.sync_all()?;
        File::open(&self.config.data)?.sync_all()?;
        Ok(path)
    }
}

fn make(tx: &WriteTx<'_>, sha256: &str, visibility: Visibility) -> Result<super::Project> {
    let root = users::create(
        tx,
        &NewUser {
            username: "root".into(),
            name: "Administrator".into(),
            email: "root@localhost.invalid".into(),
            admin: true,
            external: false,
        },
    )?;
    let group = groups::create(
        tx,
        &NewGroup {
            name: "local".into(),
            path: "local".into(),
            parent_id: None,
            description: String::new(),
            visibility: Visibility::Public, // so that projects in it may have any visibility
            creator_id: Some(root.id),
        },
    )?;
    let token = NewAccessToken {
        user_id: root.id,
        source: None,
        name: "root token of the first start".into(),
        description: None,
        scopes: vec!["api".into()],
        expires_at: None,
    };
    tokens::insert(tx, &token, sha256, None)?;
    let project = NewProject {
        namespace_id: group.id,
        name: None,
        path: Some("packages".into()),
        visibility,
        creator_id: Some(root.id),
        changes: super::ProjectChanges::default(),
    };
    projects::create(tx, project)
}
