//! Protocol behaviour of each format.

mod generic;
