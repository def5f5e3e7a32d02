use crate::http::Route;
use crate::routes;
pub(super) const ROUTES: &[Route] = routes! {};
pub(super) const PUBLIC_ROUTES: &[Route] = routes! {};
