//! The rules: who may do what, what may be published, found and removed.
//!
//! Free of HTTP and of package formats. [`Registry`] is the one door for everything above it (`api`,
//! `formats`, `web`, `cli`): each file here adds the methods of one noun or one action. The nouns
//! themselves are rows of `storage::db`, re-exported, so that nobody above needs to know where they lie.

mod access;
mod actor;
mod application_settings;
pub mod archive;
mod audit;
mod auth_failures;
mod catalog;
mod checksums;
mod counters;
mod deploy_tokens;
mod display;
mod documents;
mod downloads;
mod everywhere;
mod existing;
mod find;
mod first_start;
mod forwarding;
mod group_list;
mod groups;
mod items;
mod job_token_scope;
mod limits;
mod listing;
mod lists;
mod member_list;
mod members;
mod namespace_list;
mod naming;
mod paths;
mod pipelines;
mod project_list;
mod projects;
mod protection;
mod publish;
mod published;
mod quotas;
mod remove;
mod resolve;
mod retention;
mod revisions;
mod search;
mod session_tokens;
mod settings;
mod sight;
mod status;
mod tokens;
mod totals;
mod unlist;
mod upkeep;
mod users;
mod versions;
pub mod xml;

#[cfg(test)]
mod properties;

use std::path::Path;
use std::sync::Arc;

pub use crate::storage::StagedBlob;
pub use crate::storage::blobs::SMALL as SMALL_BLOB;
pub use crate::storage::db::access_tokens::AccessToken;
pub use crate::storage::db::audit_events::{AuditEvent, Filter as AuditFilter};
pub use crate::storage::db::deploy_tokens::DeployToken;
pub use crate::storage::db::jobs::Job;
pub use crate::storage::db::members::{Member, Source};
pub use crate::storage::db::namespaces::Namespace;
pub use crate::storage::db::package_files::{
    FileWithMetadata, OrderBy as FileOrderBy, PackageFile,
};
pub use crate::storage::db::package_list::{
    COUNT_LIMIT, Filter as PackageFilter, Order as PackageOrder, OrderBy as PackageOrderBy,
};
pub use crate::storage::db::packages::{Named, Package, PackageKey};
pub use crate::storage::db::pipelines::{
    CommitStatus, Filter as PipelineFilter, OrderBy as PipelineOrderBy, Pipeline,
};
pub use crate::storage::db::projects::{Feature, Project};
pub use crate::storage::db::protection_rules::ProtectionRule;
pub use crate::storage::db::published::{PublishedFile, PublishedVersion};
pub use crate::storage::db::retention::{Duplicate, Removed, RetentionRule};
pub use crate::storage::db::tags::Tag;
pub use crate::storage::db::users::User;
pub use crate::storage::db::{
    AccessLevel, Origin, PackageStatus, PackageType, Timestamp, Visibility,
};

pub use access::{Ability, Door, GroupAccess, PackageAccess, ProjectAccess};
pub use actor::{Actor, JobActor, UserActor};
pub use application_settings::{ApplicationChanges, FORWARDING_SETTINGS};
pub use audit::{AUDITED_ENTITIES, AuditScope};
pub use catalog::{CatalogRow, Names};
pub use checksums::{Checked, ChecksumAlgorithm};
pub use deploy_tokens::{DEPLOY_TOKEN_SCOPES, NewDeployToken};
pub use display::{
    Dependency, Display, Displayed, DisplayedFormat, Link, PackedReadme, Readme, ReadmeKind,
};
pub use documents::{Document, DocumentKey};
pub use downloads::{DOWNLOAD_DAYS, Downloads};
pub use everywhere::MOST_FOUND;
pub use existing::{OnExisting, Taken, duplicate_not_allowed};
pub use find::{Found, ReadableProject};
pub use first_start::Welcome;
pub use forwarding::Wanted;
pub use group_list::{GroupFilter, GroupItem, GroupOrder, GroupOrderBy, GroupScope};
pub use groups::{GroupChanges, NewGroup};
pub use items::PackageItem;
pub use listing::{ListedName, ListedPackage, Listing, Shows};
pub use member_list::MemberItem;
pub use members::{Expiry, MemberChange};
pub use namespace_list::{NamespaceFilter, NamespaceItem};
pub use naming::TakenBy;
pub use pipelines::{
    FINAL_STATUSES, NewCommitStatus, NewPipeline, PIPELINE_SOURCES, PIPELINE_STATUSES, PipelinePage,
};
pub use project_list::{ProjectFilter, ProjectItem, ProjectOrder, ProjectOrderBy, ProjectScope};
pub use projects::{NewProject, ProjectChanges};
pub use protection::{NewProtectionRule, PROTECTABLE_TYPES, ProtectionRuleChanges};
pub use publish::{NewFile, NewPackage};
pub use published::{DerivedFile, Deriving};
pub use quotas::{QuotaChanges, QuotaUse};
pub use resolve::{FileOfPackage, PackageDetail};
pub use retention::{
    CleanupAccess, CleanupPolicy, Doomed, Findings, KEEP_WORDS, NewRetentionRule, PolicyRun,
    RetentionRuleChanges, RuleFindings,
};
pub use revisions::{
    Binary, BinaryPath, BinaryRevision, CompleteRevision, RevisionFile, RevisionPath,
    RevisionsToRemove,
};
pub use search::{Search, search_terms};
pub use settings::{PACKAGE_SETTINGS, Setting, SettingKind};
pub use sight::Sight;
pub use tokens::{
    ACCESS_TOKEN_DAYS, ACCESS_TOKEN_SCOPES, BOT_TOKEN_SCOPES, NewAccessToken, OWN_TOKEN_SCOPES,
    ROTATED_TOKEN_DAYS, Secret, SecretKind,
};
pub use upkeep::{Backup, Checkup, Collected, Restored, Room, Storage, StorageOfProject, restore};
pub use users::NewUser;
pub use versions::Removal;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::storage::blobs::Blobs;
use crate::storage::db::Db;

/// Everything that a request, a command or a background task works with. Cloning shares it.
#[derive(Clone)]
pub struct Registry {
    db: Db,
    blobs: Blobs,
    config: Arc<Config>,
    counters: Arc<counters::Counters>,
    totals: Arc<totals::Totals>,
    documents: Arc<documents::Documents>,
    auth_failures: Arc<auth_failures::AuthFailures>,
    /// What the formats make themselves; set by the server.
    derived: &'static [DerivedFile],
    /// How they describe their packages; set by the server.
    displays: &'static [DisplayedFormat],
}

impl Registry {
    /// The registry of a server: sweeps what an earlier one left half-done.
    /// The caller holds the lock of the data directory.
    pub fn open_as_server(config: Config) -> Result<Registry> {
        let blobs = Blobs::create(&config.data)?;
        Registry::with(config, blobs)
    }

    /// The registry of a command, which may run beside a server. A directory without a database is refused:
    /// a mistyped path must not become a second, empty registry.
    pub fn open_as_command(config: Config) -> Result<Registry> {
        if !database_path(&config.data).is_file() {
            return Err(Error::for_a_person(format!(
                "there is no `packhouse.db` in `{}`\n\
                 hint: name the data directory with `--data`; `packhouse serve` makes a new one",
                config.data.display()
            )));
        }
        let blobs = Blobs::beside_a_server(&config.data);
        Registry::with(config, blobs)
    }

    fn with(config: Config, blobs: Blobs) -> Result<Registry> {
        let db = Db::open(&database_path(&config.data))?;
        Ok(Registry {
            db,
            blobs,
            config: Arc::new(config),
            counters: Arc::default(),
            totals: Arc::default(),
            documents: Arc::default(),
            auth_failures: Arc::default(),
            derived: &[],
            displays: &[],
        })
    }

    /// Called at the start of every request: what look-ups remember is from now on not older than this.
    pub fn freshen(&self) -> Result<()> {
        self.db.freshen()
    }

    /// Whether the database answers and the blobs can be reached.
    pub fn check_ready(&self) -> Result<()> {
        self.db.look(|conn| crate::storage::db::users::any(conn))?;
        self.blobs.check()
    }

    pub fn config(&self) -> &Config {
        &self.config
    }
}

/// The rows of one page of a list that is whole in memory.
fn page_of<T>(all: Vec<T>, limit: i64, offset: i64) -> impl Iterator<Item = T> {
    let number = |value: i64| usize::try_from(value.max(0)).unwrap_or(usize::MAX);
    all.into_iter().skip(number(offset)).take(number(limit))
}

/// `packhouse.db` in the data directory.
pub fn database_path(data: &Path) -> std::path::PathBuf {
    data.join("packhouse.db")
}
