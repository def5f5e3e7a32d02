//! Package protection rules (contract, section 10). Parameters are checked before the project is looked up.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::http::describe::{
    Answer::*,
    Operation,
    Shape::{self, *},
};
use crate::http::download::unmodified_since;
use crate::http::{Check, FromPath, Params, Path, PathParams, Route, answer};
use crate::registry::{
    AccessLevel, NewProtectionRule, PROTECTABLE_TYPES, PackageType, ProjectAccess, ProtectionRule,
    ProtectionRuleChanges, Registry,
};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/projects/{id}/packages/protection/rules" Project(AdminPackage) => list, check_first check_list, described LIST;
    POST "/projects/{id}/packages/protection/rules" Project(AdminPackage) => create, check_first check_new, described CREATE;
    PATCH "/projects/{id}/packages/protection/rules/{package_protection_rule_id}" Project(AdminPackage) => update, check_first check_changes, described UPDATE;
    DELETE "/projects/{id}/packages/protection/rules/{package_protection_rule_id}" Project(AdminPackage) => remove, check_first check_id, described REMOVE;
};

const PUSH_LEVELS: &[&str] = &["maintainer", "owner", "admin"];
const DELETE_LEVELS: &[&str] = &["owner", "admin"];
const RULE: Shape = Named(
    "PackageProtectionRule",
    &Object(&[&[
        ("id", Integer),
        ("project_id", Integer),
        ("package_name_pattern", Text),
        ("package_type", Words(PackageType::WORDS)),
        (DELETE, Maybe(&Words(DELETE_LEVELS))),
        (PUSH, Maybe(&Words(PUSH_LEVELS))),
    ]]),
);
const LIST: Operation = Operation::new("Package protection rules", Pages(&RULE));
const CREATE: Operation = Operation::new("Make a package protection rule", Json(201, &RULE))
    .takes(&[&[
        ("package_name_pattern", Text),
        ("package_type", Words(PackageType::WORDS)),
        ("minimum_access_level_for_push?", Maybe(&Words(PUSH_LEVELS))),
        (
            "minimum_access_level_for_delete?",
            Maybe(&Words(DELETE_LEVELS)),
        ),
    ]])
    .refuses(&[422]);
const UPDATE: Operation = Operation::new("Change a package protection rule", Json(200, &RULE))
    .takes(&[&[
        ("package_name_pattern?", Text),
        ("package_type?", Words(PackageType::WORDS)),
        ("minimum_access_level_for_push?", Maybe(&Words(PUSH_LEVELS))),
        (
            "minimum_access_level_for_delete?",
            Maybe(&Words(DELETE_LEVELS)),
        ),
    ]])
    .refuses(&[422]);
const REMOVE: Operation =
    Operation::new("Delete a package protection rule", Empty(204)).refuses(&[412]);

const PUSH: &str = "minimum_access_level_for_push";
const DELETE: &str = "minimum_access_level_for_delete";

/// `…/rules/:package_protection_rule_id`
struct RuleId(i64);

impl FromPath for RuleId {
    fn from_path(params: &PathParams) -> Result<RuleId> {
        params.id("package_protection_rule_id").map(RuleId)
    }
}

/// `GET …/packages/protection/rules`: 200, every rule by id; a page only if one is asked for.
async fn list(
    access: ProjectAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let rules = registry.protection_rules(&access)?;
    if !params.is_given("page") && !params.is_given("per_page") {
        return answer::ok(&rules.iter().map(view).collect::<Vec<_>>());
    }
    let mut check = params.check();
    let page = check.page();
    let declared = check.done()?;
    let (rules, total) = page.cut(rules);
    let mut response = answer::ok(&rules.iter().map(view).collect::<Vec<_>>())?;
    let url = registry.config().url();
    page.add_headers(&mut response, &request, &url, declared, total);
    Ok(response)
}

/// `POST …/packages/protection/rules`: 201, the rule.
async fn create(
    access: ProjectAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let new = parse_new(&params)?;
    let rule = registry.create_protection_rule(&access, new).await?;
    answer::created(&view(&rule))
}

/// `PATCH …/rules/:package_protection_rule_id`: 200, the rule.
async fn update(
    access: ProjectAccess,
    Path(RuleId(id)): Path<RuleId>,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let changes = parse_changes(&params)?;
    let rule = registry
        .update_protection_rule(&access, id, changes)
        .await?;
    answer::ok(&view(&rule))
}

/// `DELETE …/rules/:package_protection_rule_id`: 204.
async fn remove(
    access: ProjectAccess,
    Path(RuleId(id)): Path<RuleId>,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry
        .delete_protection_rule(&access, id, unmodified_since(&request))
        .await?;
    Ok(answer::no_content())
}

fn check_list(_: &PathParams, params: &Params) -> Result<()> {
    let mut check = params.check();
    check.page();
    check.done().map(|_declared| ())
}

fn check_new(_: &PathParams, params: &Params) -> Result<()> {
    parse_new(params).map(|_new| ())
}

fn check_changes(path: &PathParams, params: &Params) -> Result<()> {
    check_id(path, params)?;
    parse_changes(params).map(|_changes| ())
}

fn check_id(path: &PathParams, _: &Params) -> Result<()> {
    RuleId::from_path(path).map(|_id| ())
}

fn parse_new(params: &Params) -> Result<NewProtectionRule> {
    let mut check = params.check();
    let package_name_pattern = check.required("package_name_pattern");
    let package_type = check.required_choice("package_type", &protectable());
    let push = level(&mut check, PUSH, PUSH_LEVELS);
    let delete = level(&mut check, DELETE, DELETE_LEVELS);
    check.at_least_one_of(&[PUSH, DELETE]);
    check.done()?;
    let package_type = package_type.and_then(PackageType::parse);
    Ok(NewProtectionRule {
        package_type: package_type
            .ok_or_else(|| Error::internal("a rule without a type passed validation"))?,
        package_name_pattern,
        minimum_access_level_for_push: push,
        minimum_access_level_for_delete: delete,
    })
}

fn parse_changes(params: &Params) -> Result<ProtectionRuleChanges> {
    let mut check = params.check();
    let package_name_pattern = check.text_or_empty("package_name_pattern");
    let package_type = check
        .choice("package_type", &protectable())
        .and_then(PackageType::parse);
    let push = level(&mut check, PUSH, PUSH_LEVELS);
    let delete = level(&mut check, DELETE, DELETE_LEVELS);
    check.done()?;
    Ok(ProtectionRuleChanges {
        package_type,
        package_name_pattern,
        // An explicit null takes the level away.
        minimum_access_level_for_push: params.is_given(PUSH).then_some(push),
        minimum_access_level_for_delete: params.is_given(DELETE).then_some(delete),
    })
}

fn protectable() -> Vec<&'static str> {
    PROTECTABLE_TYPES.iter().map(|kind| kind.as_str()).collect()
}

fn level(check: &mut Check<'_>, name: &str, words: &[&'static str]) -> Option<AccessLevel> {
    check.choice(name, words).and_then(AccessLevel::parse)
}

fn view(rule: &ProtectionRule) -> Value {
    json!({
        "id": rule.id,
        "project_id": rule.project_id,
        "package_name_pattern": rule.package_name_pattern,
        "package_type": rule.package_type,
        "minimum_access_level_for_delete": rule.minimum_access_level_for_delete,
        "minimum_access_level_for_push": rule.minimum_access_level_for_push,
    })
}
