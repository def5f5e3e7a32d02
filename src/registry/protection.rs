//! Package protection rules (contract, section 10): which names only some may push or delete.

use regex::RegexBuilder;

use super::{AccessLevel, Actor, PackageType, ProjectAccess, ProtectionRule, Registry};
use crate::error::{Error, Result};
use crate::storage::db::{Connection, protection_rules};

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
        "Package protected.",
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
        "Package is deletion protected.",
    )
}

fn allow(
    conn: &Connection,
    access: &ProjectAccess,
    package_type: PackageType,
    name: &str,
    minimum: fn(&ProtectionRule) -> Option<AccessLevel>,
    refusal: &'static str,
) -> Result<()> {
    for rule in protection_rules::of_type(conn, access.project.id, package_type)? {
        let Some(minimum) = minimum(&rule) else {
            continue;
        };
        // A deploy token has no role, so any rule refuses it.
        let exempt =
            access.level >= Some(minimum) && !matches!(access.actor, Actor::DeployToken(_));
        if !exempt && matches(&rule.package_name_pattern, package_type, name) {
            return Err(Error::refused(refusal));
        }
    }
    Ok(())
}

/// The whole name, whatever its case; `*` is any run of characters, `/` and nothing included.
fn matches(pattern: &str, package_type: PackageType, name: &str) -> bool {
    let (pattern, name) = (
        normalise(pattern, package_type),
        normalise(name, package_type),
    );
    let literal: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let expression = format!("^(?s:{})$", literal.join(".*"));
    // A pattern too large to compile protects everything rather than nothing.
    RegexBuilder::new(&expression)
        .case_insensitive(true)
        .build()
        .is_ok_and(|regex| regex.is_match(&name))
}

/// PyPI names are compared in their normal form (PEP 503), or `my.package` would slip past a rule for `my-package`.
fn normalise(text: &str, package_type: PackageType) -> String {
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

/// The types that GitLab lets a rule name.
pub const PROTECTABLE_TYPES: &[PackageType] = &[
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

impl Registry {
    pub fn protection_rules(&self, access: &ProjectAccess) -> Result<Vec<ProtectionRule>> {
        self.db
            .look(|conn| protection_rules::list(conn, access.project.id))
    }

    pub fn protection_rule(&self, access: &ProjectAccess, id: i64) -> Result<ProtectionRule> {
        self.db
            .look(|conn| protection_rules::find(conn, access.project.id, id))?
            .ok_or(Error::RecordNotFound)
    }

    /// 422 with GitLab's texts if the rule makes no sense or stands there already. The rule's own id is not read.
    pub async fn create_protection_rule(&self, rule: ProtectionRule) -> Result<ProtectionRule> {
        validate(&rule)?;
        self.db
            .write(move |tx| {
                let id = protection_rules::insert(tx, &rule)?.ok_or_else(taken)?;
                Ok(ProtectionRule { id, ..rule })
            })
            .await
    }

    pub async fn update_protection_rule(&self, rule: ProtectionRule) -> Result<ProtectionRule> {
        validate(&rule)?;
        self.db
            .write(move |tx| {
                if protection_rules::update(tx, &rule)? {
                    Ok(rule)
                } else {
                    Err(taken())
                }
            })
            .await
    }

    pub async fn delete_protection_rule(&self, rule: ProtectionRule) -> Result<()> {
        self.db
            .write(move |tx| protection_rules::delete(tx, rule.id))
            .await
    }
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
