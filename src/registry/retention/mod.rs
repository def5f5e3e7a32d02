//! Cleaning up: retention rules of projects and groups, and GitLab's policy for files of one name (contract 12).
//!
//! [`rules`] keeps the rules, [`find`] says what they would take and why, [`run`] takes it, [`policy`] is the policy.
//! A name that a protection rule keeps from deletion is never touched: nobody stands behind a cleanup whose role
//! could be asked.

mod find;
mod policy;
mod rules;
mod run;

pub use find::{Doomed, Findings, RuleFindings};
pub use policy::{CleanupPolicy, KEEP_WORDS, PolicyRun};
pub use rules::{NewRetentionRule, RetentionRuleChanges};

use super::{GroupAccess, ProjectAccess, Source};

/// Between two runs in the background (GitLab runs its policies twice a day).
const INTERVAL_SECS: i64 = 12 * 3_600;

/// How long it is remembered what a cleanup has removed.
const REMEMBERED_SECS: i64 = 365 * 86_400;

/// Where a cleanup is asked for, once the caller may administer the packages there.
pub enum CleanupAccess {
    Project(Box<ProjectAccess>),
    Group(Box<GroupAccess>),
}

impl CleanupAccess {
    pub fn source(&self) -> Source {
        match self {
            CleanupAccess::Project(access) => Source::Project(access.project.id),
            CleanupAccess::Group(access) => Source::Group(access.group.id),
        }
    }
}
