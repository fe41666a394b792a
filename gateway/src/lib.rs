//! The doors: gRPC, command line and imports, over one ledger.

pub mod answer;
pub mod demo;
pub mod directory;
pub mod text;
