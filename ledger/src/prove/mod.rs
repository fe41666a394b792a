//! What a stranger can check with a public key: signed notes, checkpoints, receipts (SPEC §9).
//!
//! - The formats are C2SP's, unchanged: signed-note, tlog-checkpoint, tlog-proof. There is one
//!   accepted spelling of each number and each base64 line, and bytes that are left over are
//!   refused.
//! - No key that signs is ever seen here; `keys/` signs behind `NoteSigner`.

pub mod certificate;
pub mod checkpoint;
pub mod note;
pub mod receipt;
pub mod verify;

mod errors;
mod verifier_key;

pub use certificate::{CertificateError, VerifiedCertificate, verify_certificate};
pub use checkpoint::Checkpoint;
pub use errors::{CheckpointError, NoteError, ReceiptError};
pub use note::{Note, NoteSigner, SignatureLine};
pub use receipt::Receipt;
pub use verifier_key::{VerifierKey, key_id};
pub use verify::{Verified, verify_checkpoint_consistency, verify_receipt};

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod note_tests;
#[cfg(test)]
mod receipt_tests;
#[cfg(test)]
mod testing;
