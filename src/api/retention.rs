//! Retention rules, what they would take, what they took, and GitLab's cleanup policy (contract 12): these routes are ours.

mod described;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use described::*;

use super::cleanup_access::Cleanup;
use crate::error::Result;
use crate::http::{Check, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    CleanupPolicy, Doomed, Findings, NewRetentionRule, PackageType, ProjectAccess, Registry,
    Removed, RetentionRule, RetentionRuleChanges,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/-/packages/retention_rules" Project(AdminPackage) => list, described LIST;
    POST "/projects/{id}/-/packages/retention_rules" Project(AdminPackage) => create, described CREATE;
    PATCH "/projects/{id}/-/packages/retention_rules/{rule_id}" Project(AdminPackage) => update, described UPDATE;
    DELETE "/projects/{id}/-/packages/retention_rules/{rule_id}" Project(AdminPackage) => remove, described REMOVE;
    POST "/projects/{id}/-/packages/retention_rules/preview" Project(AdminPackage) => preview, described PREVIEW;
    POST "/projects/{id}/-/packages/retention_rules/run" Project(AdminPackage) => run, described RUN;
    GET "/projects/{id}/-/packages/removals" Project(AdminPackage) => removals, described REMOVALS;
    GET "/projects/{id}/-/packages/cleanup_policy" Project(AdminPackage) => policy, described POLICY;
    PUT "/projects/{id}/-/packages/cleanup_policy" Project(AdminPackage) => set_policy, described SET_POLICY;
    POST "/projects/{id}/-/packages/cleanup_policy/run" Project(AdminPackage) => run_policy, described RUN_POLICY;
    GET "/groups/{id}/-/packages/retention_rules" Group(AdminGroup) => list, described LIST;
    POST "/groups/{id}/-/packages/retention_rules" Group(AdminGroup) => create, described CREATE;
    PATCH "/groups/{id}/-/packages/retention_rules/{rule_id}" Group(AdminGroup) => update, described UPDATE;
    DELETE "/groups/{id}/-/packages/retention_rules/{rule_id}" Group(AdminGroup) => remove, described REMOVE;
    POST "/groups/{id}/-/packages/retention_rules/preview" Group(AdminGroup) => preview, described PREVIEW;
    POST "/groups/{id}/-/packages/retention_rules/run" Group(AdminGroup) => run, described RUN;
    GET "/groups/{id}/-/packages/removals" Group(AdminGroup) => removals, described REMOVALS;
};

/// `…/retention_rules/:rule_id`
struct RuleId(i64);

impl FromPath for RuleId {
    fn from_path(params: &PathParams) -> Result<RuleId> {
        params.id("rule_id").map(RuleId)
    }
}

/// `GET …/-/packages/retention_rules`: 200, the rules of this place by id.
async fn list(Cleanup(access): Cleanup, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let rules = registry.retention_rules(&access)?;
    answer::ok(&rules.iter().map(view).collect::<Vec<_>>())
}

/// `POST …/-/packages/retention_rules`: 201, the rule; its first run in the background comes twelve hours later.
async fn create(
    Cleanup(access): Cleanup,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let changes = parse(&mut check, &params);
    check.done()?;
    let new = NewRetentionRule {
        package_type: changes.package_type.flatten(),
        name_pattern: changes.name_pattern.flatten(),
        version_pattern: changes.version_pattern.flatten(),
        keep_latest: changes.keep_latest.flatten(),
        older_than_days: changes.older_than_days.flatten(),
        not_downloaded_for_days: changes.not_downloaded_for_days.flatten(),
        enabled: changes.enabled.unwrap_or(true),
    };
    answer::created(&view(&registry.create_retention_rule(&access, new).await?))
}

/// `PATCH …/retention_rules/:rule_id`: 200, the rule; null takes a condition away.
async fn update(
    Cleanup(access): Cleanup,
    Path(RuleId(id)): Path<RuleId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let changes = parse(&mut check, &params);
    check.done()?;
    answer::ok(&view(
        &registry.update_retention_rule(&access, id, changes).await?,
    ))
}

/// `DELETE …/retention_rules/:rule_id`: 204.
async fn remove(
    Cleanup(access): Cleanup,
    Path(RuleId(id)): Path<RuleId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.delete_retention_rule(&access, id).await?;
    Ok(answer::no_content())
}

/// `POST …/retention_rules/preview`: 200, what a run would take now, why, and how many bytes; nothing goes.
async fn preview(Cleanup(access): Cleanup, registry: web::Data<Registry>) -> Result<HttpResponse> {
    answer::ok(&findings(&registry.preview_retention(&access).await?))
}

/// `POST …/retention_rules/run`: 200, what went.
async fn run(Cleanup(access): Cleanup, registry: web::Data<Registry>) -> Result<HttpResponse> {
    answer::ok(&findings(&registry.run_retention(&access).await?))
}

/// `GET …/-/packages/removals`: 200, a page of what cleanups have removed here, the newest first.
async fn removals(
    Cleanup(access): Cleanup,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let page = check.page();
    let declared = check.done()?;
    let (items, total) = registry
        .list_removed(&access, page.limit(), page.offset())
        .await?;
    let mut response = answer::ok(&items.iter().map(removed).collect::<Vec<_>>())?;
    let url = registry.config().url();
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `GET /projects/:id/-/packages/cleanup_policy`: 200, how many files of one name stay, and when the rest goes.
async fn policy(access: ProjectAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    answer::ok(&policy_view(&registry.cleanup_policy(&access)?))
}

/// `PUT /projects/:id/-/packages/cleanup_policy`: 200, the same after the change.
async fn set_policy(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let policy = match params.is_given(KEEP) {
        true => {
            let word = params.text(KEEP).unwrap_or_default();
            registry.set_cleanup_policy(&access, word).await?
        }
        false => registry.cleanup_policy(&access)?,
    };
    answer::ok(&policy_view(&policy))
}

/// `POST /projects/:id/-/packages/cleanup_policy/run`: 200, which files went.
async fn run_policy(access: ProjectAccess, registry: web::Data<Registry>) -> Result<HttpResponse> {
    let run = registry.run_cleanup_policy(&access).await?;
    let file = |file: &crate::registry::Duplicate| {
        json!({
            "id": file.id,
            "package_id": file.package_id,
            "package_type": file.package_type,
            "name": file.name,
            "version": file.version,
            "file_name": file.file_name,
            "bytes": file.size,
        })
    };
    answer::ok(&json!({
        "files": run.files.iter().map(file).collect::<Vec<_>>(),
        "count": run.count,
        "bytes": run.bytes,
    }))
}

const KEEP: &str = "keep_n_duplicated_package_files";
const LIMITS: [&str; 3] = ["keep_latest", "older_than_days", "not_downloaded_for_days"];
const LONGEST_PATTERN: usize = 255;

/// Null, and an empty text, take a condition away.
fn parse(check: &mut Check<'_>, params: &Params) -> RetentionRuleChanges {
    fn given<T>(params: &Params, name: &str, value: Option<T>) -> Option<Option<T>> {
        params.is_given(name).then_some(value)
    }
    let package_type = match params.text("package_type") {
        Some(_) => check.choice("package_type", PackageType::WORDS),
        None => None,
    };
    let package_type = package_type.and_then(PackageType::parse);
    let mut pattern = |name: &str| {
        let text = check.text(name);
        if text
            .as_deref()
            .is_some_and(|text| text.chars().count() > LONGEST_PATTERN)
        {
            check.refuse(format!(
                "{name} is too long (maximum is {LONGEST_PATTERN} characters)"
            ));
        }
        given(params, name, text)
    };
    let (name_pattern, version_pattern) = (pattern("name_pattern"), pattern("version_pattern"));
    let mut limit = |name: &str| given(params, name, check.natural(name));
    let [keep_latest, older_than_days, not_downloaded_for_days] = LIMITS.map(&mut limit);
    RetentionRuleChanges {
        package_type: given(params, "package_type", package_type),
        name_pattern,
        version_pattern,
        keep_latest,
        older_than_days,
        not_downloaded_for_days,
        enabled: check.flag("enabled"),
    }
}

fn view(rule: &RetentionRule) -> Value {
    json!({
        "id": rule.id,
        "package_type": rule.package_type,
        "name_pattern": rule.name_pattern,
        "version_pattern": rule.version_pattern,
        "keep_latest": rule.keep_latest,
        "older_than_days": rule.older_than_days,
        "not_downloaded_for_days": rule.not_downloaded_for_days,
        "enabled": rule.enabled,
        "next_run_at": rule.enabled.then_some(rule.next_run_at),
    })
}

fn findings(findings: &Findings) -> Value {
    let package = |doomed: &Doomed| {
        json!({
            "id": doomed.package_id,
            "project_id": doomed.project_id,
            "name": doomed.name,
            "version": doomed.version,
            "package_type": doomed.package_type,
            "bytes": doomed.bytes,
            "rule_id": doomed.rule_id,
            "reason": doomed.reason,
        })
    };
    let rules: Vec<Value> = findings
        .rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.rule_id,
                "packages": rule.packages,
                "bytes": rule.bytes,
                "failed": rule.failed,
                "message": rule.message,
            })
        })
        .collect();
    json!({
        "packages": findings.packages.iter().map(package).collect::<Vec<_>>(),
        "bytes": findings.packages.iter().map(|doomed| doomed.bytes).sum::<i64>(),
        "rules": rules,
        "truncated": findings.truncated,
    })
}

fn removed(removed: &Removed) -> Value {
    json!({
        "id": removed.id,
        "project_id": removed.project_id,
        "package_id": removed.package_id,
        "package_type": removed.package_type,
        "name": removed.name,
        "version": removed.version,
        "file_name": removed.file_name,
        "bytes": removed.bytes,
        "rule_id": removed.rule_id,
        "reason": removed.reason,
        "removed_at": removed.removed_at,
    })
}

fn policy_view(policy: &CleanupPolicy) -> Value {
    let keep = policy.keep.map(|keep| keep.to_string());
    json!({
        KEEP: keep.as_deref().unwrap_or("all"),
        "next_run_at": policy.next_run_at,
    })
}
