//! The requests of npm's clients, one file for each noun or action.

pub(super) mod account;
pub(super) mod audit;
pub(super) mod package;
pub(super) mod place;
pub(super) mod publish;
pub(super) mod receive;
pub(super) mod search;
pub(super) mod tags;
pub(super) mod unpublish;
