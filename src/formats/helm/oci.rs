//! `/v2/`: where `helm push oci://…` looks for a registry of artifacts. There is none, and its user is told what would help.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::error::{Error, Result};
use crate::http::Mount;
use crate::registry::{PackageType, Registry};
use crate::routes;

pub(super) const MOUNT: Mount = Mount {
    error_response,
    routes: routes! {
        GET "/" Public => refuse;
        GET "/{*path}" Public => refuse;
        POST "/{*path}" Public => refuse;
    },
    ..Mount::format("/v2", PackageType::Helm)
};

/// 404 whatever is asked for.
async fn refuse(registry: web::Data<Registry>) -> Result<HttpResponse> {
    let url = registry.config().url();
    let path = "/api/v4/projects/ID/packages/helm/api/CHANNEL/charts";
    Err(Error::message(
        StatusCode::NOT_FOUND,
        format!(
            "charts lie in chart repositories here, not as OCI artifacts: push with `helm cm-push`, or with \
             `curl --user USER:TOKEN --form chart=@mychart-0.1.0.tgz {}`",
            url.absolute(path)
        ),
    ))
}

/// The form that OCI clients print (OCI distribution specification, "Error codes").
fn error_response(error: &Error) -> HttpResponse {
    let errors = json!({ "errors": [{ "code": "UNSUPPORTED", "message": error.to_string() }] });
    HttpResponse::build(error.status()).json(errors)
}
