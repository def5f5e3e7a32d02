//! Look-ups on this thread's own connection, and the memory of those that are asked again and again.
//!
//! Every request asks for its token, its project and its file; under load they are the same ones. What was found is
//! kept per thread, and forgotten as soon as anybody, this process or a command beside it, has committed anything:
//! [`Looker::freshen`] compares the last [`Commit`] at the start of every request. So what is
//! remembered is never older than the start of the request that uses it: a revoked token is dead at once.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Deref;

use rusqlite::Connection;

use super::commits::Commit;
use crate::error::Result;

/// One thread's connection with its memory.
pub(super) struct Looker {
    conn: Connection,
    memory: RefCell<Memory>,
}

struct Memory {
    /// The last commit that was seen when the first of these was found.
    commit: Commit,
    /// One map for each pair of types, of a key and of what it leads to.
    by_types: HashMap<TypeId, Box<dyn Any + Send>>,
    entries: usize,
}

/// Keys come from outside (paths, tokens), so what is remembered is bounded.
const MOST: usize = 4_096;

impl Looker {
    pub(super) fn new(conn: Connection) -> Looker {
        Looker {
            conn,
            memory: RefCell::new(Memory::new(Commit::NONE)),
        }
    }

    pub(super) fn look(&self) -> Look<'_> {
        Look {
            conn: &self.conn,
            memory: &self.memory,
        }
    }

    /// Forgets everything if anything was committed since the last time.
    pub(super) fn freshen(&self, latest: Commit) {
        let mut memory = self.memory.borrow_mut();
        if memory.commit != latest || memory.entries > MOST {
            *memory = Memory::new(latest);
        }
    }
}

impl Memory {
    fn new(commit: Commit) -> Memory {
        Memory {
            commit,
            by_types: HashMap::new(),
            entries: 0,
        }
    }
}

/// What a look-up works with: a connection (it derefs to one) that can remember.
pub struct Look<'a> {
    conn: &'a Connection,
    memory: &'a RefCell<Memory>,
}

impl Look<'_> {
    /// What `find` finds, or what it found before for the same key, as fresh as the start of this request.
    ///
    /// What is not there is not remembered: keys come from outside, and absence can be asked for without end. A request
    /// that has written must not ask this for what it wrote.
    pub fn remember<K, V>(
        &self,
        key: K,
        find: impl FnOnce(&Connection) -> Result<Option<V>>,
    ) -> Result<Option<V>>
    where
        K: Eq + Hash + Send + 'static,
        V: Clone + Send + 'static,
    {
        let known = {
            let memory = self.memory.borrow();
            let map = memory.by_types.get(&TypeId::of::<(K, V)>());
            map.and_then(|map| map.downcast_ref::<HashMap<K, V>>())
                .and_then(|map| map.get(&key))
                .cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        let found = find(self.conn)?;
        let mut memory = self.memory.borrow_mut();
        // A thread that serves no requests is never freshened, so it must not remember.
        if let Some(value) = &found
            && memory.commit != Commit::NONE
        {
            memory.entries += 1;
            let map = memory
                .by_types
                .entry(TypeId::of::<(K, V)>())
                .or_insert_with(|| Box::new(HashMap::<K, V>::new()));
            if let Some(map) = map.downcast_mut::<HashMap<K, V>>() {
                map.insert(key, value.clone());
            }
        }
        Ok(found)
    }
}

impl Deref for Look<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}
