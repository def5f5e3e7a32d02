//! Settings of the whole instance (contract 12.2): few of GitLab's many mean something here.

use serde_json::{Map, Value, json};

use super::audit::Event;
use super::{Registry, Visibility};
use crate::error::Result;
use crate::storage::db::{Connection, settings};

const DEFAULT_PROJECT_VISIBILITY: &str = "default_project_visibility";

/// Whether a request for a package that is not here is sent on to the public registry. Off until somebody asks for it.
pub const FORWARDING_SETTINGS: &[&str] = &[
    "npm_package_requests_forwarding",
    "maven_package_requests_forwarding",
    "pypi_package_requests_forwarding",
];

/// What `PUT /application/settings` changes; absent stays.
#[derive(Debug, Default)]
pub struct ApplicationChanges {
    pub default_project_visibility: Option<Visibility>,
    /// Name and value of each switch of [`FORWARDING_SETTINGS`] that was given.
    pub forwarding: Vec<(&'static str, bool)>,
}

impl Registry {
    /// Every setting by its name on the wire, as it holds: set here, in the configuration file, or the default.
    pub fn application_settings(&self) -> Result<Vec<(&'static str, Value)>> {
        let visibility = self.default_project_visibility()?;
        let stored = self.db.look(|conn| settings::application(conn))?;
        let forwarding = FORWARDING_SETTINGS.iter().map(|name| {
            let set = find(&stored, name).and_then(Value::as_bool);
            (*name, json!(set.unwrap_or(false)))
        });
        let first = (DEFAULT_PROJECT_VISIBILITY, json!(visibility));
        Ok(std::iter::once(first).chain(forwarding).collect())
    }

    pub async fn set_application_settings(&self, changes: ApplicationChanges) -> Result<()> {
        self.db
            .write(move |tx| {
                let mut changed: Map<String, Value> = changes
                    .forwarding
                    .iter()
                    .map(|(name, on)| ((*name).to_owned(), json!(on)))
                    .collect();
                if let Some(visibility) = changes.default_project_visibility {
                    changed.insert(DEFAULT_PROJECT_VISIBILITY.to_owned(), json!(visibility));
                }
                let names: Vec<&str> = changed.keys().map(String::as_str).collect();
                Event::of_instance("application_setting_updated")
                    .saying(format!(
                        "Changed application settings: {}",
                        names.join(", ")
                    ))
                    .with("to", &changed)
                    .record(tx)?;
                if let Some(visibility) = changes.default_project_visibility {
                    settings::set_application(tx, DEFAULT_PROJECT_VISIBILITY, &json!(visibility))?;
                }
                changes
                    .forwarding
                    .iter()
                    .try_for_each(|(name, on)| settings::set_application(tx, name, &json!(on)))
            })
            .await
    }

    /// What a project gets when nobody says otherwise: the application setting beats the configuration file.
    pub fn default_project_visibility(&self) -> Result<Visibility> {
        let set = self.db.look(|conn| stored_visibility(conn))?;
        Ok(set.unwrap_or(self.config.default_project_visibility))
    }
}

fn stored_visibility(conn: &Connection) -> Result<Option<Visibility>> {
    let stored = settings::application(conn)?;
    Ok(find(&stored, DEFAULT_PROJECT_VISIBILITY)
        .and_then(Value::as_str)
        .and_then(Visibility::parse))
}

fn find<'a>(stored: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    stored
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}
