//! A packet's signed text whose signer is known here: made here only, and what a packet is taken in
//! by.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::errors::PacketError;
use super::letter::Sent;
use crate::domain::codes::{ConsentClaim, Urgency};
use crate::domain::ids::{IncomingId, OrganisationId, OutwardReference, PacketId};
use crate::domain::incoming::ReplyKey;
use crate::organisation::Organisation;
use crate::prove::Note;

const INCOMING_LABEL: &[u8] = b"referral-ledger packet taken in v1\n";

/// What a ledger that is known here signed.
#[derive(Clone, Debug, Serialize)]
pub struct Trusted {
    from: OrganisationId,
    packet: PacketId,
    signer: [u8; 32],
    reference: OutwardReference,
    urgency: Urgency,
    consent: ConsentClaim,
    reply_key: ReplyKey,
}

impl Trusted {
    /// Reads a signed note; the organisation's file must name a key that signed it.
    pub fn read(note: &str, file: &Organisation) -> Result<Self, PacketError> {
        let note = Note::parse(note.as_bytes()).map_err(|_| PacketError::Text)?;
        let mut known = file.exchange.known();
        let signed = known.find_map(|(from, key)| Some((from, key, note.verify(key).ok()?)));
        let (from, key, text) = signed.ok_or(PacketError::Sender)?;
        let sent = Sent::read(text).ok_or(PacketError::Text)?;
        Ok(Self {
            from,
            packet: sent.packet,
            signer: Sha256::digest(key.to_string()).into(),
            reference: sent.reference,
            urgency: sent.urgency,
            consent: sent.consent,
            reply_key: sent.reply_key,
        })
    }

    /// The organisation whose ledger signed it, by the file of this one.
    pub fn from(&self) -> OrganisationId {
        self.from
    }

    /// Which packet.
    pub fn packet(&self) -> PacketId {
        self.packet
    }

    /// SHA-256 of the verifier key that signed it.
    pub fn signer(&self) -> [u8; 32] {
        self.signer
    }

    /// What the sender calls the person.
    pub fn reference(&self) -> OutwardReference {
        self.reference
    }

    /// How quickly, as the sender says.
    pub fn urgency(&self) -> Urgency {
        self.urgency
    }

    /// What the sender says of consent.
    pub fn consent(&self) -> ConsentClaim {
        self.consent
    }

    /// Under which the reply is encrypted.
    pub fn reply_key(&self) -> ReplyKey {
        self.reply_key.clone()
    }

    /// What it is called once taken in: the same packet always the same, so that it is taken in
    /// once, also after its record ended.
    pub fn incoming(&self) -> IncomingId {
        let mut hash = Sha256::new();
        hash.update(INCOMING_LABEL);
        hash.update(self.signer);
        hash.update(self.packet.0);
        let digest: [u8; 32] = hash.finalize().into();
        let (id, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        IncomingId(*id)
    }
}
