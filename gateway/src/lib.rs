//! The doors: gRPC, command line and imports, over one ledger.

pub mod answer;
pub mod cli;
pub mod config;
pub mod directory;
pub mod text;
