//! The one way to fail, from a rule or a row to the wire.
//!
//! Texts are GitLab's, to the letter (contract: "Error catalogue"): clients and scripts compare them.
//! [`Error::body`] is GitLab's JSON; a format whose client reads another shape renders the same error
//! in its own words (`Format::error_response`).

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every way a request or a command can fail. `Display` is the sentence that a person gets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No credential, or one that nobody knows.
    #[error("401 Unauthorized")]
    Unauthorized,
    /// The same on a route whose client needs to be asked: with `WWW-Authenticate: Basic`.
    #[error("401 Unauthorized")]
    Challenge,
    #[error("{}", .0.description())]
    InvalidToken(TokenProblem),
    #[error("The request requires higher privileges than provided by the access token.")]
    InsufficientScope,

    #[error("403 Forbidden")]
    Forbidden,
    #[error("403 Forbidden - {0}")]
    Refused(Cow<'static, str>),
    /// A protection rule refuses; the audit log has it.
    #[error("403 Forbidden - {}", .0.action.refusal())]
    Protected(Box<Protected>),

    /// 403 under the key `error`, and in a list: GitLab's form for this one.
    #[error("{0}")]
    LimitReached(&'static str),

    /// A named thing that is not there, or that the caller may not know of: `NotFound("Project")`.
    #[error("404 {0} Not Found")]
    NotFound(Cow<'static, str>),
    /// A record looked up by its id (GitLab spells this one with a small f).
    #[error("404 Not found")]
    RecordNotFound,
    #[error("404 Not Found")]
    Missing,
    #[error("404 Not Found")]
    NoSuchRoute,
    #[error("{0}")]
    Gone(&'static str),
    #[error("405 Not Allowed")]
    MethodNotAllowed { allow: String },

    /// Parameters that failed validation, each already a text such as `sort does not have a valid value`.
    #[error("{}", .0.join(", "))]
    InvalidParams(Vec<String>),
    #[error("400 Bad request - {0}")]
    BadRequest(Cow<'static, str>),
    /// A model that failed validation: `{"message": {"path": ["has already been taken"]}}`.
    #[error("{fields}")]
    Invalid { status: StatusCode, fields: Value },
    /// Any other sentence under the key `message`.
    #[error("{text}")]
    Message {
        status: StatusCode,
        text: Cow<'static, str>,
    },

    #[error("412 Precondition Failed")]
    PreconditionFailed,
    #[error("413 Request Entity Too Large - {0}")]
    TooLarge(String),
    #[error("416 Range Not Satisfiable")]
    RangeNotSatisfiable { size: u64 },
    #[error("This endpoint has been requested too many times. Try again later.")]
    TooManyRequests { retry_after_secs: u64 },
    #[error("507 Insufficient Storage - the disk of this registry is full; nothing was stored")]
    InsufficientStorage,

    /// A command that cannot go on: what is wrong, and after `hint:` what would help.
    #[error("{0}")]
    Person(String),
    /// Our fault or the machine's. The cause is logged once; the caller sees the bare line.
    #[error("500 Internal Server Error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Which rule has refused what.
#[derive(Clone, Debug)]
pub struct Protected {
    pub action: ProtectedAction,
    pub project_id: i64,
    pub package_type: &'static str,
    pub name: String,
    pub rule_id: i64,
    pub pattern: String,
    /// The role that it asks for at least.
    pub minimum: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectedAction {
    Push,
    Delete,
}

impl ProtectedAction {
    /// GitLab's text, to the letter.
    pub fn refusal(self) -> &'static str {
        match self {
            ProtectedAction::Push => "Package protected.",
            ProtectedAction::Delete => "Package is deletion protected.",
        }
    }

    pub fn verb(self) -> &'static str {
        match self {
            ProtectedAction::Push => "push",
            ProtectedAction::Delete => "delete",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    Expired,
    Revoked,
}

impl TokenProblem {
    fn description(self) -> &'static str {
        match self {
            TokenProblem::Expired => {
                "Token is expired. You can either do re-authorization or token refresh."
            }
            TokenProblem::Revoked => "Token was revoked. You have to re-authorize from the user.",
        }
    }
}

impl Error {
    pub fn internal(what: impl fmt::Display) -> Error {
        Error::Internal(what.to_string().into())
    }

    pub fn for_a_person(what: impl Into<String>) -> Error {
        Error::Person(what.into())
    }

    pub fn invalid_param(text: impl Into<String>) -> Error {
        Error::InvalidParams(vec![text.into()])
    }

    pub fn not_found(thing: impl Into<Cow<'static, str>>) -> Error {
        Error::NotFound(thing.into())
    }

    pub fn refused(why: impl Into<Cow<'static, str>>) -> Error {
        Error::Refused(why.into())
    }

    pub fn bad_request(why: impl Into<Cow<'static, str>>) -> Error {
        Error::BadRequest(why.into())
    }

    /// 400 with one text for one field of a model.
    pub fn invalid_field(field: &str, text: &str) -> Error {
        Error::Invalid {
            status: StatusCode::BAD_REQUEST,
            fields: json!({ field: [text] }),
        }
    }

    pub fn message(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Error {
        Error::Message {
            status,
            text: text.into(),
        }
    }

    /// What each neighbour in a shared commit is told when the commit as a whole has failed.
    pub(crate) fn of_the_commit(&self) -> Error {
        match self {
            Error::InsufficientStorage => Error::InsufficientStorage,
            other => Error::internal(format!("the shared commit failed: {}", other.cause())),
        }
    }

    /// For the log: the cause of an internal error, the text of any other.
    pub fn cause(&self) -> String {
        match self {
            Error::Internal(source) => source.to_string(),
            other => other.to_string(),
        }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Error::Unauthorized | Error::Challenge | Error::InvalidToken(_) => {
                StatusCode::UNAUTHORIZED
            }
            Error::InsufficientScope
            | Error::Forbidden
            | Error::Refused(_)
            | Error::Protected(_)
            | Error::LimitReached(_) => StatusCode::FORBIDDEN,
            Error::NotFound(_) | Error::RecordNotFound | Error::Missing | Error::NoSuchRoute => {
                StatusCode::NOT_FOUND
            }
            Error::Gone(_) => StatusCode::GONE,
            Error::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Error::InvalidParams(_) | Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::Invalid { status, .. } | Error::Message { status, .. } => *status,
            Error::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Error::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
            Error::Person(_) | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// GitLab's JSON: business errors under `message`, parameters and unknown routes under `error`.
    pub fn body(&self) -> Value {
        match self {
            Error::InvalidParams(_)
            | Error::NoSuchRoute
            | Error::Gone(_)
            | Error::MethodNotAllowed { .. } => {
                json!({ "error": self.to_string() })
            }
            Error::InvalidToken(problem) => {
                json!({ "error": "invalid_token", "error_description": problem.description() })
            }
            // `scope` names every scope that the API knows for its routes, whatever the method was.
            Error::InsufficientScope => {
                json!({ "error": "insufficient_scope", "error_description": self.to_string(), "scope": "api read_api" })
            }
            Error::LimitReached(text) => json!({ "error": [text] }),
            Error::Invalid { fields, .. } => json!({ "message": fields }),
            Error::TooManyRequests { .. } => json!({ "message": { "error": self.to_string() } }),
            Error::Person(_) => json!({ "message": "500 Internal Server Error" }),
            other => json!({ "message": other.to_string() }),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Error::InsufficientStorage,
            _ => Error::Internal(error.into()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Error::InsufficientStorage,
            _ => Error::Internal(error.into()),
        }
    }
}

/// Failures that no caller can mend.
macro_rules! internal {
    ($($source:ty),+ $(,)?) => {
        $(impl From<$source> for Error {
            fn from(error: $source) -> Error {
                Error::Internal(error.into())
            }
        })+
    };
}

impl actix_web::ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Only for answers outside any mount; a mount renders its errors itself.
    fn error_response(&self) -> actix_web::HttpResponse {
        crate::http::answer::error_response(self)
    }
}

internal!(
    r2d2::Error,
    actix_web::error::BlockingError,
    serde_json::Error,
    getrandom::Error
);
