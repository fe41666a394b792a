//! A packet's signed text whose signer is known here: made here only, and what a packet is taken in
//! by.
//!
//! - What another ledger says of times is a claim: it makes nothing later, and nothing that cannot
//!   be counts.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::errors::PacketError;
use super::letter::Sent;
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::codes::{ConsentClaim, Urgency};
use crate::domain::ids::{IncomingId, OrganisationId, OutwardReference, PacketId};
use crate::domain::incoming::ReplyKey;
use crate::limits::CLAIMED_DAYS_MAX;
use crate::organisation::{KnownLedger, Organisation};
use crate::prove::Note;

const INCOMING_LABEL: &[u8] = b"referral-ledger packet taken in v2\n";

/// What a ledger that is known here signed.
#[derive(Clone, Debug, Serialize)]
pub struct Trusted {
    from: OrganisationId,
    recipient: OrganisationId,
    packet: PacketId,
    signer: [u8; 32],
    reference: OutwardReference,
    urgency: Urgency,
    consent: ConsentClaim,
    sent: Timestamp,
    acknowledge_by: Timestamp,
    reply_key: ReplyKey,
}

impl Trusted {
    /// Reads a signed note. The organisation's file must name a key that signed it, as that of the
    /// organisation that the note says it is from.
    pub fn read(note: &str, file: &Organisation) -> Result<Self, PacketError> {
        let note = Note::parse(note.as_bytes()).map_err(|_| PacketError::Text)?;
        let known = file.exchange.known();
        let signed: Vec<(&KnownLedger, &str)> = known
            .filter_map(|one| Some((one, note.verify(&one.key).ok()?)))
            .collect();
        let (_, text) = signed.first().ok_or(PacketError::Sender)?;
        let sent = Sent::read(text).ok_or(PacketError::Text)?;
        let mut signed = signed.into_iter().map(|(one, _)| one);
        let from = signed.find(|one| one.calls_itself == sent.organisation);
        let from = from.ok_or(PacketError::Organisation)?;
        Ok(Self {
            from: from.organisation,
            recipient: from.ours(sent.recipient),
            packet: sent.packet,
            signer: Sha256::digest(from.key.to_string()).into(),
            reference: sent.reference,
            urgency: sent.urgency,
            consent: sent.consent,
            sent: sent.sent,
            acknowledge_by: sent.acknowledge_by,
            reply_key: sent.reply_key,
        })
    }

    /// The organisation whose ledger signed it, by the file of this one.
    pub fn from(&self) -> OrganisationId {
        self.from
    }

    /// The organisation that it is for, as it is called here.
    pub fn recipient(&self) -> OrganisationId {
        self.recipient
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

    /// By when the sender is to be answered: as counted here, or earlier where they say so.
    pub fn answer_by(&self, counted: Timestamp, now: Timestamp) -> Timestamp {
        let oldest = now.0.saturating_sub(CLAIMED_DAYS_MAX * DAY_MS);
        let sound = oldest <= self.sent.0 && self.sent <= self.acknowledge_by;
        if sound {
            counted.min(self.acknowledge_by)
        } else {
            counted
        }
    }

    /// What it is called once taken in: the same referral always the same, by whichever of its
    /// packets it comes and whichever key signed that, so that it is taken in once, also after its
    /// record ended.
    pub fn incoming(&self) -> IncomingId {
        let mut hash = Sha256::new();
        hash.update(INCOMING_LABEL);
        hash.update(self.from.0);
        hash.update(self.recipient.0);
        hash.update(self.reference.0);
        let digest: [u8; 32] = hash.finalize().into();
        let (id, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        IncomingId(*id)
    }
}
