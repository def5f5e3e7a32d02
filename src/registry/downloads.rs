//! Downloads of a package over time.

use super::resolve::displayable;
use super::{ProjectAccess, Registry, Timestamp};
use crate::error::Result;
use crate::storage::db::{Connection, package_downloads};

/// Days that are kept and shown, today included.
pub const DOWNLOAD_DAYS: i64 = 90;

/// Rows that one tick of the background forgets: publishers must not wait for it.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

const DAY_SECS: i64 = 86_400;

/// A package's downloads.
#[derive(Clone, Debug)]
pub struct Downloads {
    /// Since it was published.
    pub total: i64,
    /// Each of the last [`DOWNLOAD_DAYS`] days, oldest first: the date in UTC, and how many.
    pub days: Vec<(String, i64)>,
}

impl Registry {
    /// 404 for a package that lists do not show.
    pub async fn package_downloads(
        &self,
        access: &ProjectAccess,
        package_id: i64,
    ) -> Result<Downloads> {
        let access = access.clone();
        let work = move |conn: &Connection| {
            let package = displayable(conn, &access, package_id)?;
            let now = Timestamp::now();
            let counted = package_downloads::since(conn, package.id, &first_day(now))?;
            let on = |day: String| {
                let found = counted.iter().find(|(counted, _)| *counted == day);
                let downloads = found.map_or(0, |(_, downloads)| *downloads);
                (day, downloads)
            };
            let days = (0..DOWNLOAD_DAYS).rev();
            Ok(Downloads {
                total: package_downloads::total(conn, package.id)?,
                days: days
                    .map(|ago| on(now.plus_secs(-ago * DAY_SECS).date()))
                    .collect(),
            })
        };
        self.db.read(work).await
    }

    /// Forgets some of the days that nobody is shown any more; answers whether there may be more of them.
    pub async fn forget_old_downloads(&self) -> Result<bool> {
        let first = first_day(Timestamp::now());
        let forgotten = self
            .db
            .write(move |tx| package_downloads::forget(tx, &first, FORGOTTEN_AT_ONCE))
            .await?;
        Ok(forgotten as i64 == FORGOTTEN_AT_ONCE)
    }
}

fn first_day(now: Timestamp) -> String {
    now.plus_secs(-(DOWNLOAD_DAYS - 1) * DAY_SECS).date()
}
