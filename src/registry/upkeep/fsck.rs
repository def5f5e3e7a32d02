//! Reading everything again: is each content still what it was, and is the database sound?

use std::fs::File;

use serde_json::json;

use super::{Event, PAGE, copy};
use crate::error::Result;
use crate::registry::{Registry, Timestamp};
use crate::storage::db::{maintenance, package_files};

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Checkup {
    pub blobs: u64,
    pub bytes: u64,
    /// One sentence each; empty if all is well.
    pub problems: Vec<String>,
}

/// Files that are named with a damaged content.
const FILES_NAMED: i64 = 5;

impl Registry {
    /// Checks the database and every content that a file has: its size, and unless `quick` its digest.
    pub fn check_everything(&self, quick: bool) -> Result<Checkup> {
        let _lock = self.upkeep_lock()?;
        let mut checkup = Checkup {
            problems: self.db.read_blocking(maintenance::problems)?,
            ..Checkup::default()
        };
        let mut after = String::new();
        loop {
            let page = self
                .db
                .read_blocking(|conn| maintenance::contents(conn, true, &after, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.sha256.clone();
            for content in page {
                checkup.blobs += 1;
                checkup.bytes += content.size;
                let Some(problem) = self.problem_of(&content, quick)? else {
                    continue;
                };
                // It may have been removed since the page was read: then nobody misses it.
                let files = self.db.read_blocking(|conn| {
                    package_files::paths_of_content(conn, &content.sha256, FILES_NAMED)
                })?;
                if !files.is_empty() {
                    let text = format!("{} {problem}: {}", content.sha256, files.join(", "));
                    checkup.problems.push(text);
                }
            }
        }
        self.note(
            Event::Fsck,
            json!({
                "finished_at": Timestamp::now(),
                "quick": quick,
                "blobs": checkup.blobs,
                "bytes": checkup.bytes,
                "problems": checkup.problems.len(),
            }),
        )?;
        Ok(checkup)
    }

    fn problem_of(
        &self,
        content: &maintenance::Content,
        quick: bool,
    ) -> Result<Option<&'static str>> {
        if !copy::is_digest(&content.sha256) {
            return Ok(Some("is no digest"));
        }
        let Ok(file) = File::open(self.blobs.path(&content.sha256)) else {
            return Ok(Some("is missing"));
        };
        if file.metadata()?.len() != content.size {
            return Ok(Some("has another size"));
        }
        if quick {
            return Ok(None);
        }
        let (sha256, _) = copy::digest(file, std::io::sink())?;
        Ok((sha256 != content.sha256).then_some("is damaged"))
    }
}
