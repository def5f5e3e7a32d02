//! Package settings of groups and personal namespaces (contract, section 12).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Value, json};

use super::audit::Event;
use super::forwarding;
use super::{AccessLevel, GroupAccess, PackageKey, PackageType, Registry};
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
    /// Whether requests of this type are sent on. Null is what the groups above, or in the end the instance, say.
    Forwarding(PackageType),
    /// Whether the groups below must leave the switch as it is; for owners.
    ForwardingLock(PackageType),
    /// Whether a group above has locked it; nobody sets this.
    ForwardingLocked(PackageType),
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

const fn setting(name: &'static str, kind: SettingKind) -> Setting {
    Setting { name, kind }
}

/// GitLab's package settings by their storage names; those of Helm and Composer, whether what was deleted may come
/// back, and whether it is only unlisted, are ours.
pub static PACKAGE_SETTINGS: &[Setting] = &[
    switch("maven_duplicates_allowed", true),
    pattern("maven_duplicate_exception_regex"),
    switch("generic_duplicates_allowed", true),
    pattern("generic_duplicate_exception_regex"),
    switch("nuget_duplicates_allowed", true),
    pattern("nuget_duplicate_exception_regex"),
    switch("nuget_delete_unlists", false),
    switch("helm_duplicates_allowed", true),
    pattern("helm_duplicate_exception_regex"),
    switch("composer_duplicates_allowed", false),
    pattern("composer_duplicate_exception_regex"),
    switch("npm_republish_allowed", false),
    switch("golang_republish_allowed", false),
    switch("terraform_module_duplicates_allowed", false),
    pattern("terraform_module_duplicate_exception_regex"),
    switch("nuget_symbol_server_enabled", false),
    setting(
        "maven_package_requests_forwarding",
        SettingKind::Forwarding(PackageType::Maven),
    ),
    setting(
        "lock_maven_package_requests_forwarding",
        SettingKind::ForwardingLock(PackageType::Maven),
    ),
    setting(
        "maven_package_requests_forwarding_locked",
        SettingKind::ForwardingLocked(PackageType::Maven),
    ),
    setting(
        "npm_package_requests_forwarding",
        SettingKind::Forwarding(PackageType::Npm),
    ),
    setting(
        "lock_npm_package_requests_forwarding",
        SettingKind::ForwardingLock(PackageType::Npm),
    ),
    setting(
        "npm_package_requests_forwarding_locked",
        SettingKind::ForwardingLocked(PackageType::Npm),
    ),
    setting(
        "pypi_package_requests_forwarding",
        SettingKind::Forwarding(PackageType::Pypi),
    ),
    setting(
        "lock_pypi_package_requests_forwarding",
        SettingKind::ForwardingLock(PackageType::Pypi),
    ),
    setting(
        "pypi_package_requests_forwarding_locked",
        SettingKind::ForwardingLocked(PackageType::Pypi),
    ),
];

impl Setting {
    /// As it holds for a group: its own, or the nearest above, or the default.
    fn value(&self, conn: &Connection, group: i64) -> Result<Value> {
        let nearest =
            |default: Value| Ok(settings::nearest(conn, group, self.name)?.unwrap_or(default));
        match self.kind {
            SettingKind::Switch { default } => nearest(json!(default)),
            SettingKind::Pattern => nearest(json!("")),
            SettingKind::Forwarding(package_type) => {
                Ok(json!(forwarding::is_on(conn, group, package_type)?))
            }
            SettingKind::ForwardingLock(package_type) => {
                Ok(json!(forwarding::locks(conn, group, package_type)?))
            }
            SettingKind::ForwardingLocked(package_type) => Ok(json!(forwarding::is_locked_above(
                conn,
                group,
                package_type
            )?)),
        }
    }

    /// 403 for who may not set it, 400 where a group above has locked it.
    fn allow_change(&self, conn: &Connection, access: &GroupAccess) -> Result<()> {
        let package_type = match self.kind {
            SettingKind::Forwarding(package_type) => package_type,
            SettingKind::ForwardingLock(package_type) => {
                if !access.is_at_least(AccessLevel::Owner) {
                    return Err(Error::Forbidden);
                }
                package_type
            }
            _ => return Ok(()),
        };
        match forwarding::is_locked_above(conn, access.group.id, package_type)? {
            true => Err(Error::invalid_field(
                self.name,
                "cannot be changed because it is locked by an ancestor",
            )),
            false => Ok(()),
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
    let default = PACKAGE_SETTINGS
        .iter()
        .find(|setting| setting.name == name)
        .and_then(|setting| match setting.kind {
            SettingKind::Switch { default } => Some(default),
            _ => None,
        });
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
    /// Every setting as it holds for this group.
    pub fn package_settings(&self, access: &GroupAccess) -> Result<BTreeMap<&'static str, Value>> {
        self.db.look(|conn| {
            let value =
                |setting: &Setting| Ok((setting.name, setting.value(conn, access.group.id)?));
            PACKAGE_SETTINGS.iter().map(value).collect()
        })
    }

    /// Sets those that are given; null leaves one to the groups above.
    pub async fn set_package_settings(
        &self,
        access: &GroupAccess,
        changes: Vec<(&'static Setting, Value)>,
    ) -> Result<()> {
        changes
            .iter()
            .filter(|(setting, _)| setting.kind == SettingKind::Pattern)
            .try_for_each(|(setting, value)| check_pattern(setting.name, value))?;
        let access = access.clone();
        self.db
            .write(move |tx| {
                let group = access.group.id;
                let shown =
                    namespaces::find(tx, group)?.ok_or_else(|| Error::not_found("Group"))?;
                let changed: BTreeMap<&str, &Value> = changes
                    .iter()
                    .map(|(setting, value)| (setting.name, value))
                    .collect();
                let names: Vec<&str> = changed.keys().copied().collect();
                Event::in_group("package_settings_updated", &shown)
                    .saying(format!("Changed package settings: {}", names.join(", ")))
                    .with("to", &changed)
                    .record(tx)?;
                for (setting, value) in changes {
                    setting.allow_change(tx, &access)?;
                    match value {
                        Value::Null => settings::unset(tx, group, setting.name)?,
                        value => settings::set(tx, group, setting.name, &value)?,
                    }
                }
                Ok(())
            })
            .await
    }
}

fn check_pattern(name: &str, value: &Value) -> Result<()> {
    let text = value.as_str().unwrap_or_default();
    if text.chars().count() > 255 {
        return Err(Error::invalid_field(
            name,
            "is too long (maximum is 255 characters)",
        ));
    }
    whole(text).map(|_compiles| ()).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default();
        Error::invalid_field(name, &format!("not valid RE2 syntax: {reason}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
