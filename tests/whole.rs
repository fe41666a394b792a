//! Whole-system tests: one binary, one module per theme.

// A test stops at the first thing that is not as it should be: that is what it is for.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

mod apart;
mod api;
mod attack;
mod cli;
mod closing;
mod copies;
mod cutting;
mod damage;
mod deadlines;
mod directory;
mod docs;
mod erasure;
mod figures;
mod flow;
mod hostile;
mod inject;
mod kill;
mod mending;
mod model;
mod named;
mod nights;
mod operations;
mod power;
mod refusing_to_open;
mod registers;
mod retention;
mod shredcheck;
mod tidy;
mod vault;
mod vectors;

/// The program, built beside these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_referral-ledger-under-test");
