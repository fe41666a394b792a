//! What whole-system tests share: ledgers in scratch folders, their people, and words for commands.

// A test stops at the first thing that is not as it should be: that is what it is for.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

pub mod apart;
pub mod carve;
pub mod described;
pub mod dice;
pub mod disk;
pub mod load;
pub mod office;
pub mod packets;
mod pages;
pub mod process;
pub mod python;
pub mod raw;
pub mod scratch;
pub mod strace;
pub mod words;
