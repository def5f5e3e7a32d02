use crate::http::Route;
use crate::routes;
pub(super) const ROUTES: &[Route] = routes! {};
pub(super) const PACKAGE_ROUTES: &[Route] = routes! {};
