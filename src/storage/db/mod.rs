//! The SQLite file, and every SQL statement of the product: one file per table family.
//!
//! There are three doors, and the name says what a call may cost:
//!
//! | door | runs | for |
//! |---|---|---|
//! | [`Db::look`] | here and now, on this thread's own connection | prepared look-ups by index: microseconds |
//! | [`Db::read`] | on the blocking pool, with a pooled connection | lists, searches, rendering: whatever scans or sorts |
//! | [`Db::write`] | on the one writer thread, in a commit shared with its neighbours | every change |
//!
//! `Ok` from `write` means that the change survives a power cut. Writing through `look` or `read`
//! is impossible: their connections are `query_only`.

mod commits;
mod look;
mod migrations;
mod name_search;
mod origin;
mod types;
mod writer;

pub mod access_tokens;
pub mod audit_events;
pub mod blobs;
pub mod catalog;
pub mod deploy_tokens;
pub mod early_checksums;
pub mod job_token_allowlist;
pub mod jobs;
pub mod maintenance;
pub mod members;
pub mod namespaces;
pub mod newest;
pub mod package_downloads;
pub mod package_files;
pub mod package_list;
pub mod package_pipelines;
pub mod package_revisions;
pub mod packages;
pub mod pipelines;
pub mod projects;
pub mod protection_rules;
pub mod published;
pub mod quotas;
pub mod retention;
pub mod session_tokens;
pub mod settings;
pub mod tags;
pub mod tombstones;
pub mod users;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use r2d2_sqlite::SqliteConnectionManager;
pub use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::config::DbConfig;
use thread_local::ThreadLocal;

pub use look::Look;
pub use migrations::VERSION as SCHEMA_VERSION;
pub use origin::Origin;
pub use types::{AccessLevel, PackageStatus, PackageType, Timestamp, Visibility};
pub use writer::WriteTx;

use crate::error::Result;

/// The database of one data directory. Cloning shares it.
#[derive(Clone)]
pub struct Db {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    commits: commits::Commits,
    lookers: ThreadLocal<look::Looker>,
    readers: r2d2::Pool<SqliteConnectionManager>,
    writer: writer::Writer,
}

/// Readers that wait for a scan on the blocking pool; more would only take turns on the same cores.
const READERS: u32 = 4;

impl Db {
    /// Opens or creates the file, brings its schema up to date and starts the writer thread.
    ///
    /// Fails with a sentence for a person if the file was written by a newer version.
    pub fn open(path: &Path) -> Result<Db> {
        let mut writing = Connection::open(path)?;
        prepare(&writing)?;
        migrations::run(&mut writing)?;
        let commits = commits::Commits::watch(path)?;
        let manager = SqliteConnectionManager::file(path).with_init(|conn| {
            prepare(conn)?;
            conn.pragma_update(None, "query_only", true)
        });
        let readers = r2d2::Pool::builder()
            .max_size(READERS)
            .min_idle(Some(0)) // opened by the first list, not by the start
            .test_on_check_out(false)
            .build_unchecked(manager);
        let writer = writer::Writer::start(writing)?;
        let shared = Shared {
            path: path.to_owned(),
            commits,
            lookers: ThreadLocal::new(),
            readers,
            writer,
        };
        Ok(Db {
            shared: Arc::new(shared),
        })
    }

    /// Prepared look-ups by index, here and now, without a hop to another thread.
    ///
    /// Must not scan: it holds up the requests of this worker.
    pub fn look<T>(&self, f: impl FnOnce(&Look<'_>) -> Result<T>) -> Result<T> {
        f(&self.looker()?.look())
    }

    /// Called at the start of every request: what look-ups remember is from now on not older than this.
    pub fn freshen(&self) -> Result<()> {
        let latest = self.shared.commits.latest()?;
        self.looker()?.freshen(latest);
        Ok(())
    }

    fn looker(&self) -> Result<&look::Looker> {
        self.shared.lookers.get_or_try(|| {
            let conn = Connection::open(&self.shared.path)?;
            prepare(&conn)?;
            conn.pragma_update(None, "query_only", true)?;
            Ok(look::Looker::new(conn))
        })
    }

    /// Work that scans, sorts or renders, off the async thread. One call sees one snapshot.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        actix_web::web::block(move || db.read_blocking(f)).await?
    }

    /// [`Db::read`] for callers that are not async: commands, and tasks already on the blocking pool.
    pub fn read_blocking<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let conn = self.shared.readers.get()?;
        let snapshot = conn.unchecked_transaction()?; // read only, so that many statements see one state
        f(&snapshot)
    }

    /// A change. `Ok` is durable; `Err` has left no trace in the database.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T> + Send + 'static,
    {
        self.shared
            .writer
            .submit(f)?
            .await
            .unwrap_or_else(|_| Err(writer::gone()))
    }

    /// [`Db::write`] for callers that are not async: commands and the start.
    pub fn write_blocking<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T> + Send + 'static,
    {
        self.shared
            .writer
            .submit(f)?
            .blocking_recv()
            .unwrap_or_else(|_| Err(writer::gone()))
    }
    /// A change that nobody waits for; a failure is logged.
    pub fn write_soon<F>(&self, f: F)
    where
        F: FnOnce(&WriteTx<'_>) -> Result<()> + Send + 'static,
    {
        let logged = |tx: &WriteTx<'_>| {
            f(tx).inspect_err(|error| {
                tracing::error!(cause = error.cause(), "a change in the background failed")
            })
        };
        if let Err(error) = self.shared.writer.submit(logged) {
            tracing::error!(
                cause = error.cause(),
                "a change in the background was not taken"
            );
        }
    }
}

/// The settings of every connection, each with its reason.
fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(std::time::Duration::from_secs(30))?; // first, so that even switching to WAL can wait
    conn.pragma_update(None, "journal_mode", "wal")?; // readers never wait for the writer
    conn.pragma_update(None, "synchronous", "full")?; // a commit is on the disk when it returns
    conn.pragma_update(None, "wal_autocheckpoint", 8_000)?; // pages, 32 MB: what many commits touch is copied once
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "memory")?; // sorting never writes outside the data directory
    conn.pragma_update(None, "mmap_size", 256 << 20)?; // look-ups read the page cache without a copy
    // Without it, statements are compiled again whenever another value is bound, in search of a better plan.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Runs a query whose rows are read by `from_row`, in order.
fn all<T, P>(
    conn: &Connection,
    sql: &str,
    params: P,
    from_row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>>
where
    P: rusqlite::Params,
{
    let mut stmt = conn.prepare_cached(sql)?;
    let rows = stmt.query_map(params, from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The row that a unique look-up finds, or `None`.
fn one<T, P>(
    conn: &Connection,
    sql: &str,
    params: P,
    from_row: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>>
where
    P: rusqlite::Params,
{
    use rusqlite::OptionalExtension;
    Ok(conn
        .prepare_cached(sql)?
        .query_row(params, from_row)
        .optional()?)
}

/// Runs a prepared statement that changes rows; answers how many.
fn run<P: rusqlite::Params>(conn: &Connection, sql: &str, params: P) -> Result<usize> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}
