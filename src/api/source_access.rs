//! Routes that exist twice, below a project and below a group, and do the same in both.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::error::{Error, Result};
use crate::registry::{AccessLevel, Actor, GroupAccess, ProjectAccess, Source};

/// The project or group that the path names, once the caller has been let in.
pub(super) struct SourceAccess {
    pub(super) source: Source,
    pub(super) actor: Actor,
    pub(super) level: Option<AccessLevel>,
}

impl SourceAccess {
    /// The word for it in GitLab's texts.
    pub(super) fn noun(&self) -> &'static str {
        match self.source {
            Source::Project(_) => "project",
            Source::Group(_) => "group",
        }
    }

    pub(super) fn user_id(&self) -> Option<i64> {
        self.actor.user().map(|user| user.id)
    }
}

impl FromRequest for SourceAccess {
    type Error = Error;
    type Future = Ready<Result<SourceAccess>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let project = extensions
            .get::<ProjectAccess>()
            .map(|access| SourceAccess {
                source: Source::Project(access.project.id),
                actor: access.actor.clone(),
                level: access.level,
            });
        let access = project.or_else(|| {
            extensions.get::<GroupAccess>().map(|access| SourceAccess {
                source: Source::Group(access.group.id),
                actor: access.actor.clone(),
                level: access.level,
            })
        });
        ready(access.ok_or_else(|| {
            Error::internal("a handler asks for an access that its route does not decide")
        }))
    }
}
