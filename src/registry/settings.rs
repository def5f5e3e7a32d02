//! Package settings of groups and personal namespaces (contract, section 12).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Value, json};

use super::audit::Event;
use super::{GroupAccess, PackageKey, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, namespaces, settings};

/// One setting: its storage name, which is also its name on the wire, and what holds until somebody sets it.
pub struct Setting {
    pub name: &'static str,
    pub kind: SettingKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    Switch {
        default: bool,
    },
    /// RE2 syntax, anchored at both ends; empty matches nothing.
    Pattern,
}

const fn switch(name: &'static str, default: bool) -> Setting {
    Setting {
        name,
        kind: SettingKind::Switch { default },
    }
}

const fn pattern(name: &'static str) -> Setting {
    Setting {
        name,
        kind: SettingKind::Pattern,
    }
}

/// GitLab's duplicate settings, and those of Helm and Composer, which are ours.
pub static DUPLICATE_SETTINGS: &[Setting] = &[
    switch("maven_duplicates_allowed", true),
    pattern("maven_duplicate_exception_regex"),
    switch("generic_duplicates_allowed", true),
    pattern("generic_duplicate_exception_regex"),
    switch("nuget_duplicates_allowed", true),
    pattern("nuget_duplicate_exception_regex"),
    switch("helm_duplicates_allowed", true),
    pattern("helm_duplicate_exception_regex"),
    switch("composer_duplicates_allowed", false),
    pattern("composer_duplicate_exception_regex"),
    switch("npm_republish_allowed", false),
    switch("golang_republish_allowed", false),
    switch("terraform_module_duplicates_allowed", false),
    pattern("terraform_module_duplicate_exception_regex"),
];

impl Setting {
    fn default_value(&self) -> Value {
        match self.kind {
            SettingKind::Switch { default } => json!(default),
            SettingKind::Pattern => json!(""),
        }
    }
}

/// The rule of contract 12.1: the exception pattern turns the switch around for the names and versions that it matches.
pub(super) fn duplicates_allowed(
    conn: &Connection,
    namespace_id: i64,
    key: &PackageKey,
) -> Result<bool> {
    let setting = |suffix: &str| format!("{}_{suffix}", key.package_type);
    let name = setting("duplicates_allowed");
    let default = DUPLICATE_SETTINGS
        .iter()
        .find(|setting| setting.name == name)
        .and_then(|setting| setting.default_value().as_bool());
    let allowed = settings::nearest(conn, namespace_id, &name)?
        .and_then(|value| value.as_bool())
        .or(default)
        .unwrap_or(true);
    let pattern = settings::nearest(conn, namespace_id, &setting("duplicate_exception_regex"))?;
    let pattern = pattern.as_ref().and_then(Value::as_str).unwrap_or("");
    Ok(allowed != is_exception(pattern, key))
}

fn is_exception(pattern: &str, key: &PackageKey) -> bool {
    if pattern.is_empty() {
        return false;
    }
    // It compiled when it was set.
    whole(pattern).is_ok_and(|regex| {
        regex.is_match(&key.name)
            || key
                .version
                .as_deref()
                .is_some_and(|version| regex.is_match(version))
    })
}

fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!(r"\A(?:{pattern})\z"))
}

impl Registry {
    /// Every setting as it holds for this group: its own, or the nearest above, or the default.
    pub fn package_settings(&self, access: &GroupAccess) -> Result<BTreeMap<&'static str, Value>> {
        self.db.look(|conn| {
            let value = |setting: &Setting| {
                Ok((
                    setting.name,
                    settings::nearest(conn, access.group.id, setting.name)?
                        .unwrap_or(setting.default_value()),
                ))
            };
            DUPLICATE_SETTINGS.iter().map(value).collect()
        })
    }

    pub async fn set_package_settings(
        &self,
        access: &GroupAccess,
        changes: Vec<(&'static str, Value)>,
    ) -> Result<()> {
        for (name, value) in &changes {
            let Some(text) = value.as_str() else { continue };
            if text.chars().count() > 255 {
                return Err(Error::invalid_field(
                    name,
                    "is too long (maximum is 255 characters)",
                ));
            }
            if let Err(error) = whole(text) {
                let reason = error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .to_owned();
                return Err(Error::invalid_field(
                    name,
                    &format!("not valid RE2 syntax: {reason}"),
                ));
            }
        }
        let group = access.group.id;
        self.db
            .write(move |tx| {
                let group =
                    namespaces::find(tx, group)?.ok_or_else(|| Error::not_found("Group"))?;
                let changed: BTreeMap<_, _> = changes.iter().cloned().collect();
                let names: Vec<&str> = changed.keys().copied().collect();
                Event::in_group("package_settings_updated", &group)
                    .saying(format!("Changed package settings: {}", names.join(", ")))
                    .with("to", &changed)
                    .record(tx)?;
                changes
                    .iter()
                    .try_for_each(|(name, value)| settings::set(tx, group.id, name, value))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::PackageType;

    #[test]
    fn an_exception_matches_the_whole_name_or_the_whole_version() {
        let key = PackageKey::exact(PackageType::Generic, "tool", "1.0.0-beta");
        assert!(is_exception("tool", &key));
        assert!(is_exception(".*-beta", &key));
        assert!(!is_exception("too", &key));
        assert!(!is_exception("", &key));
        assert!(!is_exception("a|b)(", &key));
    }
}
