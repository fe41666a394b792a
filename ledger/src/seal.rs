//! Sealing: what an event's bytes look like, from encoding to ciphertext (DESIGN §5).
//!
//! - The clear header commits to a digest of each segment, so a segment can die without breaking a proof.
//! - Key bytes stay in `keys`; here are layouts and the order of steps only.

pub mod codec;
pub mod header;
pub mod padding;
pub mod segment;

#[cfg(test)]
mod tests;
