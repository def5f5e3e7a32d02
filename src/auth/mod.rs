//! The door: which credential a request carries ([`carriers`]), and the decision, taken before any handler
//! runs, whether its route lets that caller in ([`access`]). An [`Attempt`] is both, for one request from one address.
//!
//! The rules themselves are `registry::access`; here is what HTTP adds to them.

mod access;
mod attempt;
mod carriers;

pub use access::{Access, Caller};
pub use attempt::Attempt;
