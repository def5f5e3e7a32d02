use crate::http::Route;
use crate::routes;
pub(super) const ROUTES: &[Route] = routes! {};
pub(super) const SIGNED_IN_ROUTES: &[Route] = routes! {};
