//! Views: read models in memory that follow the log by position and can be rebuilt at any time.
//!
//! - They fold record parts only and hold ids, codes, states and times, never what a person said or
//!   is called (SPEC §10); a test finds any use of the personal vocabulary.
//! - A snapshot and the tail after it give the same rows as a rebuild from the first event.
//! - What one stream answers (history, decisions, disclosures) is read from the log by
//!   [`history`] and [`disclosures`], and not stored here.

pub mod billing;
pub mod breaches;
pub mod cases;
pub mod complaints;
pub mod consents;
pub mod counts;
pub mod directory;
pub mod disclosures;
pub mod exceptions;
pub mod given;
pub mod history;
pub mod incoming;
pub mod links;
pub mod mechanism;
pub mod place;
pub mod projection;
pub mod retention;
pub mod rights;
pub mod runner;
mod scope_bits;
mod sectors;
mod snapshot;
pub mod source;
pub mod staff;
pub mod statistics;
pub mod suppression;
pub mod views;
mod words;
pub mod worklist;
