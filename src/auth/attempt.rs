//! One attempt to get in: from which address, with a good credential or a wrong one, and what follows from that.

use std::net::IpAddr;

use actix_web::dev::RequestHead;
use actix_web::http::StatusCode;

use super::access::{self, Access, Caller, Identified};
use crate::error::{Error, Result};
use crate::http::proxies::caller_address;
use crate::http::{Mount, Params, PathParams, Permission, Route};
use crate::registry::{Actor, Origin, Registry};

/// A request on its way through the door.
pub struct Attempt<'a> {
    registry: &'a Registry,
    mount: &'a Mount,
    route: &'a Route,
    address: Option<IpAddr>,
    caller: Option<Caller>,
    wrong_credential: bool,
}

impl<'a> Attempt<'a> {
    pub fn new(
        registry: &'a Registry,
        head: &RequestHead,
        mount: &'a Mount,
        route: &'a Route,
    ) -> Attempt<'a> {
        Attempt {
            registry,
            mount,
            route,
            address: caller_address(head, &registry.config().trusted_proxies),
            caller: None,
            // Who shows a credential in the body of a route for everybody logs in there, and 401 says that it was wrong.
            wrong_credential: matches!(route.permission, Permission::Public),
        }
    }

    /// Recognises the caller and lets it in, or not.
    pub fn decide(
        &mut self,
        head: &RequestHead,
        path: &PathParams,
        params: &Params,
    ) -> Result<Access> {
        let (registry, mount, route) = (self.registry, self.mount, self.route);
        // To recognise a token that is dead may kill its family: the audit log tells from where that came.
        let identified = Origin::nobody(self.address)
            .behind_sync(|| access::identify(registry, head, mount, route, path, params));
        let Identified {
            caller,
            wrong_credential,
        } = identified.inspect_err(|_refused| self.wrong_credential = true)?;
        self.wrong_credential |= wrong_credential;
        let caller = self.caller.insert(caller);
        access::decide(registry, head, mount, route, path, params, caller)
    }

    /// Whoever was recognised, let in or not.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// Who stands behind what this request changes.
    pub fn origin(&self) -> Origin {
        match &self.caller {
            Some(Caller(actor)) => actor.origin(self.address),
            None => Actor::Anonymous.origin(self.address),
        }
    }

    /// Writes down what the audit log wants to know of a refusal.
    pub fn note_refusal(&self, error: &Error) {
        if let Error::Protected(refused) = error {
            self.registry.record_refusal(self.origin(), refused);
        }
    }

    /// What is said in the place of an answer with this status: 429 when too many credentials from this address were wrong.
    pub fn too_many_failures(&self, status: StatusCode) -> Option<Error> {
        match status == StatusCode::UNAUTHORIZED && self.wrong_credential {
            true => self.registry.count_auth_failure(self.address),
            false => None,
        }
    }
}
