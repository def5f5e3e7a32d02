//! HTTP without rules: routes as data, parameters in, pages and files out.
//!
//! What a request *is* lives here; what it *may* lives in `auth`, what it *does* in `api` and `formats`.

pub mod answer;
pub mod base_url;
pub mod check;
pub mod describe;
pub mod document;
pub mod download;
pub mod first_file;
pub mod pagination;
pub mod params;
pub mod path;
pub mod proxies;
pub mod route;
pub mod session_cookie;
pub mod upload;

pub use base_url::BaseUrl;
pub use check::Check;
pub use pagination::Page;
pub use params::Params;
pub use path::{FromPath, Path, PathParams};
pub use route::{Carrier, Mount, Permission, Route};

#[cfg(test)]
mod properties;
