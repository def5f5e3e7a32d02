//! Package protection rules (contract, section 10): which names only some may push or delete.

use regex::{Regex, RegexBuilder};

use super::audit::Event;
use super::remove::precondition;
use super::{
    AccessLevel, Actor, Package, PackageType, Project, ProjectAccess, ProtectionRule, Registry,
    Timestamp,
};
use crate::error::{Error, Protected, ProtectedAction, Result};
use crate::storage::db::{Connection, WriteTx, protection_rules};

/// 403 if a rule wants a higher role than the caller's to push this name.
pub(super) fn allow_push(
    conn: &Connection,
    access: &ProjectAccess,
    package_type: PackageType,
    name: &str,
) -> Result<()> {
    let level = |rule: &ProtectionRule| rule.minimum_access_level_for_push;
    allow(
        conn,
        access,
        package_type,
        name,
        level,
        ProtectedAction::Push,
    )
}

/// 403 if a rule wants a higher role than the caller's to delete this name or a file of it.
pub(super) fn allow_delete(
    conn: &Connection,
    access: &ProjectAccess,
    package_type: PackageType,
    name: &str,
) -> Result<()> {
    let level = |rule: &ProtectionRule| rule.minimum_access_level_for_delete;
    allow(
        conn,
        access,
        package_type,
        name,
        level,
        ProtectedAction::Delete,
    )
}

fn allow(
    conn: &Connection,
    access: &ProjectAccess,
    package_type: PackageType,
    name: &str,
    minimum: fn(&ProtectionRule) -> Option<AccessLevel>,
    action: ProtectedAction,
) -> Result<()> {
    for rule in protection_rules::of_type(conn, access.project.id, package_type)? {
        let Some(minimum) = minimum(&rule) else {
            continue;
        };
        // A deploy token has no role, so any rule refuses it.
        let exempt =
            access.level >= Some(minimum) && !matches!(access.actor, Actor::DeployToken(_));
        if !exempt && matches(&rule.package_name_pattern, package_type, name) {
            return Err(Error::Protected(Box::new(Protected {
                action,
                project_id: access.project.id,
                package_type: package_type.as_str(),
                name: name.to_owned(),
                rule_id: rule.id,
                pattern: rule.package_name_pattern,
                minimum: minimum.as_str(),
            })));
        }
    }
    Ok(())
}

/// Whether any rule restricts who may delete this name: what runs by itself has no role that could be high enough.
pub(super) fn keeps_from_deletion(
    conn: &Connection,
    project_id: i64,
    package_type: PackageType,
    name: &str,
) -> Result<bool> {
    let rules = protection_rules::of_type(conn, project_id, package_type)?;
    Ok(rules.iter().any(|rule| {
        rule.minimum_access_level_for_delete.is_some()
            && matches(&rule.package_name_pattern, package_type, name)
    }))
}

impl Registry {
    /// Why the caller, who may delete packages here, must not delete this one: the rule in words.
    pub fn deletion_protection(
        &self,
        access: &ProjectAccess,
        package: &Package,
    ) -> Result<Option<String>> {
        let rules = self.db.look(|conn| {
            protection_rules::of_type(conn, access.project.id, package.package_type)
        })?;
        let stops = |rule: &&ProtectionRule| {
            access.level < rule.minimum_access_level_for_delete
                && matches(
                    &rule.package_name_pattern,
                    package.package_type,
                    &package.name,
                )
        };
        Ok(rules.iter().find(stops).map(|rule| {
            let who = match rule.minimum_access_level_for_delete {
                Some(AccessLevel::Admin) => "administrators",
                _ => "owners",
            };
            let pattern = &rule.package_name_pattern;
            format!(
                "A rule of the project keeps names like “{pattern}”: only {who} may delete them."
            )
        }))
    }
}

/// The whole name, whatever its case; `*` is any run of characters, `/` and nothing included.
fn matches(pattern: &str, package_type: PackageType, name: &str) -> bool {
    // A pattern too large to compile protects everything rather than nothing.
    compile(pattern, package_type)
        .map_or(true, |regex| regex.is_match(&normalise(name, package_type)))
}

/// For names in the form that [`normalise`] gives them.
pub(super) fn compile(pattern: &str, package_type: PackageType) -> Result<Regex, regex::Error> {
    let pattern = normalise(pattern, package_type);
    let literal: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let expression = format!("^(?s:{})$", literal.join(".*"));
    RegexBuilder::new(&expression)
        .case_insensitive(true)
        .build()
}

/// PyPI names are compared in their normal form (PEP 503), or `my.package` would slip past a rule for `my-package`.
pub(super) fn normalise(text: &str, package_type: PackageType) -> String {
    if package_type != PackageType::Pypi {
        return text.to_owned();
    }
    let mut normal = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other),
        }
    }
    normal
}

/// The types that GitLab lets a rule name, and Composer, which is ours.
pub const PROTECTABLE_TYPES: &[PackageType] = &[
    PackageType::Composer,
    PackageType::Conan,
    PackageType::Generic,
    PackageType::Helm,
    PackageType::Maven,
    PackageType::Npm,
    PackageType::Nuget,
    PackageType::Pypi,
    PackageType::TerraformModule,
    PackageType::Cargo,
];

pub struct NewProtectionRule {
    pub package_type: PackageType,
    pub package_name_pattern: String,
    pub minimum_access_level_for_push: Option<AccessLevel>,
    pub minimum_access_level_for_delete: Option<AccessLevel>,
}

/// What a PATCH may change; absent stays, and a level may be taken away.
#[derive(Default)]
pub struct ProtectionRuleChanges {
    pub package_type: Option<PackageType>,
    pub package_name_pattern: Option<String>,
    pub minimum_access_level_for_push: Option<Option<AccessLevel>>,
    pub minimum_access_level_for_delete: Option<Option<AccessLevel>>,
}

impl Registry {
    pub fn protection_rules(&self, access: &ProjectAccess) -> Result<Vec<ProtectionRule>> {
        self.db
            .look(|conn| protection_rules::list(conn, access.project.id))
    }

    /// 422 with GitLab's texts if the rule makes no sense or stands there already.
    pub async fn create_protection_rule(
        &self,
        access: &ProjectAccess,
        new: NewProtectionRule,
    ) -> Result<ProtectionRule> {
        let (project_id, project) = (access.project.id, access.project.clone());
        self.db
            .write(move |tx| {
                let rule = ProtectionRule {
                    id: 0,
                    project_id,
                    package_type: new.package_type,
                    package_name_pattern: new.package_name_pattern,
                    minimum_access_level_for_push: new.minimum_access_level_for_push,
                    minimum_access_level_for_delete: new.minimum_access_level_for_delete,
                    updated_at: tx.now,
                };
                validate(&rule)?;
                let id = protection_rules::insert(tx, &rule)?.ok_or_else(taken)?;
                let rule = ProtectionRule { id, ..rule };
                record(tx, "package_protection_rule_created", &project, &rule)?;
                Ok(rule)
            })
            .await
    }

    pub async fn update_protection_rule(
        &self,
        access: &ProjectAccess,
        id: i64,
        changes: ProtectionRuleChanges,
    ) -> Result<ProtectionRule> {
        let (project_id, project) = (access.project.id, access.project.clone());
        self.db
            .write(move |tx| {
                let mut rule =
                    protection_rules::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)?;
                if let Some(pattern) = changes.package_name_pattern {
                    rule.package_name_pattern = pattern;
                }
                rule.package_type = changes.package_type.unwrap_or(rule.package_type);
                if let Some(level) = changes.minimum_access_level_for_push {
                    rule.minimum_access_level_for_push = level;
                }
                if let Some(level) = changes.minimum_access_level_for_delete {
                    rule.minimum_access_level_for_delete = level;
                }
                rule.updated_at = tx.now;
                validate(&rule)?;
                if !protection_rules::update(tx, &rule)? {
                    return Err(taken());
                }
                record(tx, "package_protection_rule_updated", &project, &rule)?;
                Ok(rule)
            })
            .await
    }

    /// `unmodified_since` refuses with 412 if the rule has changed after it.
    pub async fn delete_protection_rule(
        &self,
        access: &ProjectAccess,
        id: i64,
        unmodified_since: Option<Timestamp>,
    ) -> Result<()> {
        let (project_id, project) = (access.project.id, access.project.clone());
        self.db
            .write(move |tx| {
                let rule =
                    protection_rules::find(tx, project_id, id)?.ok_or(Error::RecordNotFound)?;
                precondition(rule.updated_at, unmodified_since)?;
                record(tx, "package_protection_rule_deleted", &project, &rule)?;
                protection_rules::delete(tx, rule.id)
            })
            .await
    }
}

fn record(
    tx: &WriteTx<'_>,
    event: &'static str,
    project: &Project,
    rule: &ProtectionRule,
) -> Result<()> {
    let pattern = &rule.package_name_pattern;
    let what = event.rsplit('_').next().unwrap_or_default();
    let level =
        |level: Option<AccessLevel>| level.map_or("nobody in particular", AccessLevel::as_str);
    Event::in_project(event, project)
        .about("Packages::Protection::Rule", rule.id, pattern)
        .with("package_type", rule.package_type)
        .with(
            "minimum_access_level_for_push",
            rule.minimum_access_level_for_push,
        )
        .with(
            "minimum_access_level_for_delete",
            rule.minimum_access_level_for_delete,
        )
        .saying(format!(
            "{what} the protection rule for {} packages `{pattern}`: push by {}, delete by {}",
            rule.package_type,
            level(rule.minimum_access_level_for_push),
            level(rule.minimum_access_level_for_delete)
        ))
        .record(tx)
}

fn validate(rule: &ProtectionRule) -> Result<()> {
    let pattern = &rule.package_name_pattern;
    let mut texts = Vec::new();
    if rule.minimum_access_level_for_push.is_none()
        && rule.minimum_access_level_for_delete.is_none()
    {
        texts
            .push("A rule must have at least a minimum access role for push or delete.".to_owned());
    }
    if pattern.is_empty() {
        texts.push("Package name pattern can't be blank".to_owned());
    }
    if pattern.chars().count() > 255 {
        texts.push("Package name pattern is too long (maximum is 255 characters)".to_owned());
    }
    let (allowed, kind): (fn(char) -> bool, _) = match rule.package_type {
        PackageType::Npm => (
            |c| c.is_ascii_alphanumeric() || "*-_.~@/".contains(c),
            "NPM",
        ),
        PackageType::Pypi => (|c| c.is_ascii_alphanumeric() || "*-_.".contains(c), "PyPI"),
        PackageType::TerraformModule => (
            |c| c.is_ascii_alphanumeric() || "*-_./".contains(c),
            "Terraform module",
        ),
        _ => (|_| true, ""),
    };
    if !pattern.chars().all(allowed) {
        texts.push(format!("Package name pattern should be a valid {kind} package name with optional wildcard characters."));
    }
    if texts.is_empty() {
        Ok(())
    } else {
        Err(unprocessable(&texts))
    }
}

fn taken() -> Error {
    unprocessable(&["Package name pattern has already been taken".to_owned()])
}

fn unprocessable(texts: &[String]) -> Error {
    let fields = serde_json::json!({ "error": texts });
    Error::Invalid {
        status: actix_web::http::StatusCode::UNPROCESSABLE_ENTITY,
        fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_everything_else_for_itself() {
        let hits = |pattern, name| matches(pattern, PackageType::Npm, name);
        assert!(hits("@my-scope/my-package-*", "@my-scope/my-package-prod"));
        assert!(hits("@MY-scope/*", "@my-scope/a/b"));
        assert!(hits("*", ""));
        assert!(!hits("a.c", "abc"));
        assert!(!hits("package", "package-2"));
    }

    #[test]
    fn pypi_names_are_compared_in_their_normal_form() {
        assert!(matches("my-package", PackageType::Pypi, "My._Package"));
        assert!(!matches("my-package", PackageType::Generic, "my_package"));
    }
}
