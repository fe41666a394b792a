//! What whole-system tests share: ledgers in scratch folders, their people, and words for commands.

#![allow(clippy::missing_panics_doc, clippy::unwrap_used, clippy::expect_used)]

pub mod carve;
pub mod load;
pub mod office;
pub mod process;
pub mod python;
pub mod raw;
pub mod scratch;
pub mod words;
