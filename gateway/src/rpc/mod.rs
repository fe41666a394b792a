//! gRPC: one file per service, a few lines per rpc.

pub mod status;
