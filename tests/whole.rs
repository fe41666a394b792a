//! Whole-system tests: one binary, one module per theme.

mod api;
mod cli;
mod damage;
mod docs;
mod erasure;
mod flow;
mod hostile;
mod kill;
mod refusing_to_open;
mod tidy;
mod vectors;

/// The program, built beside these tests.
const PROGRAM: &str = env!("CARGO_BIN_EXE_referral-ledger-under-test");
