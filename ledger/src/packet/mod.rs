//! A packet: a referral that was sent, in one encrypted and signed file for whoever works with
//! another ledger or with none, and the reply that brings back where it stands (SPEC §14; MISSION
//! C3, C7).
//!
//! - Nothing here sends anything: any road that carries a file will do.
//! - Outside, a packet shows its format, a random-looking number and a rounded length; who signed
//!   it stands within.
//! - What is signed holds no word about the person, only the digest of those words: who takes a
//!   packet in shows the ledger the signed text alone (MISSION A2).

mod errors;
mod heard;
mod letter;
mod make;
mod passphrase;
mod reply;
mod sealed;
mod trusted;

pub use errors::PacketError;
pub use heard::{Heard, Step};
pub use letter::{Letter, Sent};
pub use make::{MadePacket, MadeReply};
pub use passphrase::Spoken;
pub use reply::{Reply, ReplyState};
pub use sealed::{Kind, file_name, packet_of};
pub use trusted::Trusted;

#[cfg(test)]
pub(crate) mod exchange_tests;
#[cfg(test)]
mod heard_tests;
#[cfg(test)]
mod tests;
