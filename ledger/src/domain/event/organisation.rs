//! What is recorded of an organisation's own choices.

use serde::{Deserialize, Serialize};

use super::super::class::{classed, fields};
use super::super::record::PublicText;
use super::Event;

fields! {
    /// Another organisation's file came into force.
    OrganisationInstalled {
        /// SHA-256 of the file.
        digest: [u8; 32],
        /// The file's own number.
        version: u32,
        /// The file, word for word.
        file: PublicText,
    }
}
