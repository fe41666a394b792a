//! The doors: gRPC server, command line and imports over one `api.rs`. The only async crate.

pub mod limits;
pub mod wire;
