//! Totals of lists, kept for as long as nothing in them has changed.
//!
//! A total has no authority: it is looked up together with the revisions that it was counted at, which
//! come from the same snapshot as the page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::PackageFilter;
use crate::error::Result;

/// What was counted: which projects, at which sum of their revisions (each only grows), through which filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Counted {
    pub(super) projects: Vec<i64>,
    pub(super) filter: PackageFilter,
}

#[derive(Default)]
pub(super) struct Totals {
    known: Mutex<HashMap<Counted, (i64, i64)>>, // revision, total
}

/// Search terms come from outside, so the memory for them is bounded.
const MOST: usize = 1_000;

impl Totals {
    pub(super) fn get_or_count(
        &self,
        key: Counted,
        revision: i64,
        count: impl FnOnce() -> Result<i64>,
    ) -> Result<i64> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, total)) = lock().get(&key)
            && *at == revision
        {
            return Ok(*total);
        }
        let total = count()?;
        let mut known = lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, (revision, total));
        Ok(total)
    }
}
