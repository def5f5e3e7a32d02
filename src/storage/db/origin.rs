//! On whose behalf a change is made, and from where: what the audit log says beside the change itself.
//!
//! Kept beside the task that serves a request, and taken along by every change that the task sends to the writer. So no
//! function on the way has to pass it on, and none can forget to.

use std::borrow::Cow;
use std::net::IpAddr;

/// Who stands behind a change.
#[derive(Clone, Debug)]
pub struct Origin {
    /// A user's id; GitLab's negative numbers for who is no user.
    pub author_id: i64,
    pub author_name: Cow<'static, str>,
    /// `User`, `DeployToken` and so on.
    pub author_class: &'static str,
    /// The credential: `access token 5`.
    pub credential: Option<String>,
    pub address: Option<IpAddr>,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

/// GitLab's number for an author who is not known.
const NOBODY: i64 = -1;

impl Origin {
    const fn nameless(author_name: &'static str, author_class: &'static str) -> Origin {
        Origin {
            author_id: NOBODY,
            author_name: Cow::Borrowed(author_name),
            author_class,
            credential: None,
            address: None,
        }
    }

    /// A caller whose credential is not known, or not yet.
    pub fn nobody(address: Option<IpAddr>) -> Origin {
        Origin {
            address,
            ..Origin::nameless("An unauthenticated user", "Anonymous")
        }
    }

    /// Whoever may run commands on the data directory.
    pub const fn operator() -> Origin {
        Origin::nameless("The command line", "Operator")
    }

    /// What nobody has asked for: the work of background tasks.
    const fn server() -> Origin {
        Origin::nameless("Packhouse", "System")
    }

    /// Everything that `work` changes is changed on behalf of this one.
    pub async fn behind<T>(self, work: impl Future<Output = T>) -> T {
        ORIGIN.scope(self, work).await
    }

    /// The same for work that is not async.
    pub fn behind_sync<T>(self, work: impl FnOnce() -> T) -> T {
        ORIGIN.sync_scope(self, work)
    }

    pub(super) fn current() -> Origin {
        ORIGIN
            .try_with(Origin::clone)
            .unwrap_or_else(|_nobody_asked| Origin::server())
    }
}
