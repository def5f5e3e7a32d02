//! `Expect: 100-continue`: an upload that is too large is refused before its body is sent.
//!
//! actix answers "100 Continue" to whoever asks; curl asks for every body above a megabyte, and would then send five
//! gigabytes to learn that four were allowed. Everything else is decided where every request is decided, in `dispatch`.

use actix_http::{ConnectionType, Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::http::header::CONTENT_LENGTH;

use super::table::Table;
use crate::registry::Registry;

/// The request back, to be continued, or the answer instead.
pub(super) fn check(
    registry: &Registry,
    table: &Table,
    request: Request,
) -> Result<Request, Response<BoxBody>> {
    let url = registry.config().url();
    let Ok(found) = table.find(url.strip(request.path()), request.method()) else {
        return Ok(request);
    };
    let mount = found.row.mount;
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match (mount.package_type, length) {
        (Some(package_type), Some(length)) if length > registry.upload_limit(package_type) => {
            let mut refusal = (mount.error_response)(&registry.too_large(package_type));
            // The body that was announced may come all the same; it must not be taken for the next request.
            refusal
                .head_mut()
                .set_connection_type(ConnectionType::Close);
            Err(refusal.into())
        }
        _ => Ok(request),
    }
}
