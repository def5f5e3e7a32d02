//! The one writer: a thread that drains a queue of changes into shared commits.
//!
//! ```text
//! publish ─┐                    ┌ BEGIN IMMEDIATE
//! publish ─┼─▶ queue ─▶ writer ─┤ SAVEPOINT · change · RELEASE      (once for each; a failing one rolls back alone)
//! delete  ─┘                    │ fsync of each folder that a blob was renamed into
//!                               └ COMMIT (one fsync) ─▶ every caller gets its answer
//! ```
//!
//! While one commit waits for the disk, the next changes queue up and share the one that follows.
//! No change is acknowledged before the commit that holds it, and none waits for company.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Origin, Timestamp};
use crate::error::{Error, Result};

/// What a change works with: the connection inside its savepoint, and the time that this commit gives.
pub struct WriteTx<'a> {
    conn: &'a Connection,
    folders: &'a RefCell<BTreeSet<PathBuf>>,
    /// One moment for the whole change, so that its rows agree.
    pub now: Timestamp,
    /// Who stands behind the change.
    pub origin: Origin,
}

impl WriteTx<'_> {
    /// A folder that got a new entry and must reach the disk before the commit does.
    pub fn sync_folder(&self, folder: PathBuf) {
        self.folders.borrow_mut().insert(folder);
    }
}

impl Deref for WriteTx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

/// A change that waits, and afterwards the way to tell its caller: `Some` is the failure of the whole commit.
trait Change: Send {
    fn apply(&mut self, tx: &mut WriteTx<'_>);
    fn answer(self: Box<Self>, commit: Option<Error>);
}

struct Pending<T, F> {
    work: Option<F>,
    origin: Origin,
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T, F> Change for Pending<T, F>
where
    T: Send,
    F: FnOnce(&WriteTx<'_>) -> Result<T> + Send,
{
    fn apply(&mut self, tx: &mut WriteTx<'_>) {
        std::mem::swap(&mut tx.origin, &mut self.origin);
        let work = self.work.take().expect("a change is applied once");
        self.outcome = Some(in_savepoint(tx, work));
    }

    fn answer(self: Box<Self>, commit: Option<Error>) {
        let outcome = match (self.outcome, commit) {
            (Some(Ok(_)), Some(failure)) => Err(failure),
            (Some(outcome), _) => outcome,
            (None, failure) => Err(failure.unwrap_or_else(gone)),
        };
        // A caller that went away (its client disconnected) does not undo what is committed.
        let _ = self.caller.send(outcome);
    }
}

/// Runs one change so that its failure, or even its panic, takes back its own rows and no others.
fn in_savepoint<T>(tx: &WriteTx<'_>, work: impl FnOnce(&WriteTx<'_>) -> Result<T>) -> Result<T> {
    tx.prepare_cached("SAVEPOINT change")?.execute([])?;
    let outcome = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| {
        Err(Error::internal(
            "a change panicked; its rows were rolled back",
        ))
    });
    if tx.is_autocommit() {
        return outcome; // SQLite has given up the whole transaction (a full disk), and the savepoint with it
    }
    if outcome.is_err() {
        tx.prepare_cached("ROLLBACK TO change")?.execute([])?;
    }
    tx.prepare_cached("RELEASE change")?.execute([])?;
    outcome
}

/// The queue's near end. The thread stops when the last one is dropped and the queue is empty.
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Change>>,
}

/// Threads that sync folders beside the writer.
const SYNCING: usize = 3;

/// Changes in one commit: enough to share an fsync well, few enough that the first caller does not wait long.
const BATCH: usize = 128;

impl Writer {
    pub(super) fn start(conn: Connection) -> Result<Writer> {
        let (queue, changes) = mpsc::channel::<Box<dyn Change>>();
        thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                while let Ok(first) = changes.recv() {
                    let batch = std::iter::once(first)
                        .chain(changes.try_iter())
                        .take(BATCH)
                        .collect();
                    commit(&conn, batch);
                }
            })?;
        Ok(Writer { queue })
    }

    pub(super) fn submit<T, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let change = Pending {
            work: Some(work),
            origin: Origin::current(),
            outcome: None,
            caller,
        };
        self.queue.send(Box::new(change)).map_err(|_gone| gone())?;
        Ok(answer)
    }
}

pub(super) fn gone() -> Error {
    Error::internal("the writer has stopped")
}

fn commit(conn: &Connection, mut batch: Vec<Box<dyn Change>>) {
    let failure = try_commit(conn, &mut batch).err();
    if failure.is_some() && !conn.is_autocommit() {
        // The next batch must find a connection outside any transaction; a failed ROLLBACK shows at its BEGIN.
        let _ = conn.execute_batch("ROLLBACK");
    }
    for change in batch {
        change.answer(failure.as_ref().map(Error::of_the_commit));
    }
}

/// Syncs every folder; side by side, since each mostly waits for the disk.
fn sync(folders: Vec<PathBuf>) -> Result<()> {
    let one = |folder: &PathBuf| File::open(folder)?.sync_all();
    let Some((first, others)) = folders.split_first() else {
        return Ok(());
    };
    thread::scope(|scope| {
        let share = others.len().div_ceil(SYNCING).max(1);
        let threads: Vec<_> = others
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().try_for_each(one)))
            .collect();
        one(first)?;
        let joined = threads.into_iter().map(|thread| {
            thread
                .join()
                .map_err(|_panic| Error::internal("a sync panicked"))?
                .map_err(Error::from)
        });
        joined.collect::<Result<()>>()
    })
}

fn try_commit(conn: &Connection, batch: &mut [Box<dyn Change>]) -> Result<()> {
    let folders = RefCell::default();
    let mut tx = WriteTx {
        conn,
        folders: &folders,
        now: Timestamp::now(),
        origin: Origin::nobody(None), // each change brings its own
    };
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for change in batch {
        change.apply(&mut tx);
        if conn.is_autocommit() {
            // SQLite gives up the whole transaction when the disk is full; nothing more may run outside of one.
            return Err(Error::InsufficientStorage);
        }
    }
    sync(folders.take().into_iter().collect())?;
    conn.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}
