//! Sealing: what an event's bytes look like, from encoding to ciphertext (SPEC §4).
//!
//! - Key bytes stay in `keys`; here are layouts and the order of steps only.

pub mod codec;
pub mod padding;
pub mod segment;
pub(crate) mod unsealed;

pub use segment::{Keys, Opened, SegmentContext, open_segment, seal_segment, segment_grants};

/// Version of what is encoded inside an event's segments (SPEC §3).
pub const SCHEMA_VERSION: u16 = 1;

#[cfg(test)]
mod tests;
