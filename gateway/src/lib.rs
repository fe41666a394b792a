//! The doors: gRPC server, command line and imports over one `api.rs`. The only async crate.

pub mod answer;
pub mod api;
pub mod caller;
pub mod cli;
pub mod config;
pub mod demo;
pub mod directory;
pub mod limits;
mod metrics;
pub mod page;
pub mod rpc;
pub mod server;
pub mod standards;
pub mod telemetry;
pub mod text;
pub mod wire;
