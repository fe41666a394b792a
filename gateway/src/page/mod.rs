//! Pages that a person can read and print. No scripts, nothing loaded from elsewhere.

pub mod certificate;
mod certificate_words;
pub mod copy;
pub mod given;
