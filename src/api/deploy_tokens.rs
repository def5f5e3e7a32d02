//! Deploy tokens of projects and groups (contract 11.7).

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::personal_access_tokens::TokenId;
use super::source_access::SourceAccess;
use super::views::merge;
use crate::error::Result;
use crate::http::describe::{
    Answer::*,
    Field, Operation,
    Shape::{self, *},
};
use crate::http::{Page, Params, Path, Route, answer};
use crate::registry::{DEPLOY_TOKEN_SCOPES, DeployToken, NewDeployToken, Registry, Timestamp};
use crate::routes;

pub(super) const ROUTES: &[Route] = routes! {
    GET "/deploy_tokens" Admin => list_all, described LIST_ALL;
    GET "/projects/{id}/deploy_tokens" Project(AdminProject) => list, described LIST;
    POST "/projects/{id}/deploy_tokens" Project(AdminProject) => create, described CREATE;
    GET "/projects/{id}/deploy_tokens/{token_id}" Project(AdminProject) => detail, described DETAIL;
    DELETE "/projects/{id}/deploy_tokens/{token_id}" Project(AdminProject) => remove, described REMOVE;
    GET "/groups/{id}/deploy_tokens" Group(AdminGroup) => list, described LIST;
    POST "/groups/{id}/deploy_tokens" Group(OwnGroup) => create, described CREATE;
    GET "/groups/{id}/deploy_tokens/{token_id}" Group(AdminGroup) => detail, described DETAIL;
    DELETE "/groups/{id}/deploy_tokens/{token_id}" Group(OwnGroup) => remove, described REMOVE;
};

const KEYS: &[Field] = &[
    ("id", Integer),
    ("name", Text),
    ("username", Text),
    ("expires_at", Maybe(&Moment)),
    ("scopes", List(&Text)),
    ("revoked", Flag),
    ("expired", Flag),
];
const TOKEN: Shape = Named("DeployToken", &Object(&[KEYS]));
const NEW_TOKEN: Shape = Named("NewDeployToken", &Object(&[KEYS, &[("token", Text)]]));
const LIST_ALL: Operation =
    Operation::new("Deploy tokens of the instance", Pages(&TOKEN)).takes(&[&[("active?", Flag)]]);
const LIST: Operation =
    Operation::new("Deploy tokens of a place", Pages(&TOKEN)).takes(&[&[("active?", Flag)]]);
const DETAIL: Operation = Operation::new("A deploy token", Json(200, &TOKEN));
const CREATE: Operation = Operation::new("Make a deploy token", Json(201, &NEW_TOKEN)).takes(&[&[
    ("name", Text),
    ("scopes", List(&Words(DEPLOY_TOKEN_SCOPES))),
    ("expires_at?", Moment),
    ("username?", Text),
]]);
const REMOVE: Operation = Operation::new("Delete a deploy token", Empty(204));

#[derive(Serialize)]
struct DeployTokenView {
    id: i64,
    name: String,
    username: String,
    expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    revoked: bool,
    expired: bool,
}

impl DeployTokenView {
    fn new(token: DeployToken) -> DeployTokenView {
        DeployTokenView {
            id: token.id,
            expired: token.is_expired(Timestamp::now()),
            name: token.name,
            username: token.username,
            expires_at: token.expires_at,
            scopes: token.scopes,
            revoked: token.revoked,
        }
    }
}

/// `GET /deploy_tokens`: 200, a page of every deploy token of the instance.
async fn list_all(
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = ListQuery::parse(&params)?;
    let tokens = registry.deploy_tokens(None).await?;
    query.answer(tokens, &request, &registry)
}

/// `GET …/deploy_tokens`: 200, a page of the project's or group's own.
async fn list(
    access: SourceAccess,
    params: Params,
    request: HttpRequest,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let query = ListQuery::parse(&params)?;
    let tokens = registry.deploy_tokens(Some(access.source)).await?;
    query.answer(tokens, &request, &registry)
}

/// `GET …/deploy_tokens/:token_id`: 200.
async fn detail(
    access: SourceAccess,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    answer::ok(&DeployTokenView::new(
        registry.deploy_token(access.source, id)?,
    ))
}

/// `POST …/deploy_tokens`: 201, the token with its value, which is shown this once.
async fn create(
    access: SourceAccess,
    params: Params,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    let mut check = params.check();
    let name = check.required("name");
    let scopes = check.required_choices("scopes", DEPLOY_TOKEN_SCOPES);
    let expires_at = check.moment("expires_at");
    let username = check.text("username");
    check.done()?;
    let new = NewDeployToken {
        source: access.source,
        name,
        username,
        scopes,
        created_by: access.user_id(),
        expires_at,
    };
    let (token, secret) = registry.create_deploy_token(new).await?;
    answer::created(&merge(
        &DeployTokenView::new(token),
        serde_json::json!({ "token": secret.reveal() }),
    ))
}

/// `DELETE …/deploy_tokens/:token_id`: 204; its value answers 401 from now on.
async fn remove(
    access: SourceAccess,
    Path(TokenId(id)): Path<TokenId>,
    registry: web::Data<Registry>,
) -> Result<HttpResponse> {
    registry.delete_deploy_token(access.source, id).await?;
    Ok(answer::no_content())
}

struct ListQuery {
    active: Option<bool>,
    page: Page,
    declared: BTreeMap<String, String>,
}

impl ListQuery {
    fn parse(params: &Params) -> Result<ListQuery> {
        let mut check = params.check();
        let active = check.flag("active");
        let page = check.page();
        let declared = check.done()?;
        Ok(ListQuery {
            active,
            page,
            declared,
        })
    }

    fn answer(
        self,
        mut tokens: Vec<DeployToken>,
        request: &HttpRequest,
        registry: &Registry,
    ) -> Result<HttpResponse> {
        let now = Timestamp::now();
        tokens.retain(|token| {
            let is_active = !token.revoked && !token.is_expired(now);
            self.active.is_none_or(|active| active == is_active)
        });
        let (tokens, total) = self.page.cut(tokens);
        let views: Vec<DeployTokenView> = tokens.into_iter().map(DeployTokenView::new).collect();
        let mut response = answer::ok(&views)?;
        let url = registry.config().url();
        self.page
            .add_headers(&mut response, request, &url, self.declared, total);
        Ok(response)
    }
}
