//! A reply: where the referral stands with who received it, in codes and no words (SPEC §14.4).

use super::errors::PacketError;
use super::letter::Lines;
use super::sealed::{self, Opener};
use crate::clock::{Entropy, Timestamp};
use crate::domain::codes::ReferralReason;
use crate::domain::ids::{OutwardReference, PacketId};
use crate::domain::incoming::ReplyKey;
use crate::prove::{Note, NoteSigner, VerifierKey};

const FIRST_LINE: &str = "referral-ledger packet reply v1";

/// Where a referral stands with who received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyState {
    /// It came.
    Received,
    /// It is taken.
    Accepted,
    /// It is not.
    NotAccepted(ReferralReason),
}

impl ReplyState {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("received", "-"),
            Self::Accepted => ("accepted", "-"),
            Self::NotAccepted(reason) => ("not_accepted", reason.code()),
        }
    }

    fn read(state: &str, reason: &str) -> Option<Self> {
        match (state, reason) {
            ("received", "-") => Some(Self::Received),
            ("accepted", "-") => Some(Self::Accepted),
            ("not_accepted", reason) => ReferralReason::from_code(reason).map(Self::NotAccepted),
            _ => None,
        }
    }
}

/// What a reply says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// To which packet.
    pub packet: PacketId,
    /// The reference that the packet gave.
    pub reference: OutwardReference,
    /// Where it stands.
    pub state: ReplyState,
    /// When the reply was made, as its ledger says.
    pub made: Timestamp,
}

impl Reply {
    /// Signs and seals it.
    pub(super) fn seal(
        &self,
        key: &ReplyKey,
        signer: &dyn NoteSigner,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, PacketError> {
        let note = Note::sign(&self.text(), &[signer]).map_err(|_| PacketError::Text)?;
        let note = note.to_string();
        sealed::seal(self.packet, note.as_bytes(), &Opener::Key(key), entropy)
    }

    fn text(&self) -> String {
        let (state, reason) = self.state.words();
        format!(
            "{FIRST_LINE}\npacket {}\nreference {}\nstate {state}\nreason {reason}\nmade {}\n",
            self.packet, self.reference, self.made.0
        )
    }

    /// Opens one that must be signed by one of these keys.
    pub(super) fn open(
        file: &[u8],
        key: &ReplyKey,
        signers: &[VerifierKey],
    ) -> Result<Self, PacketError> {
        let (packet, plain) = sealed::open(file, &Opener::Key(key))?;
        let note = Note::parse(&plain).map_err(|_| PacketError::Text)?;
        let mut texts = signers.iter().filter_map(|key| note.verify(key).ok());
        let text = texts.next().ok_or(PacketError::Sender)?;
        let reply = Self::read(text).ok_or(PacketError::Text)?;
        if reply.packet == packet {
            Ok(reply)
        } else {
            Err(PacketError::Text)
        }
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = Lines::after(text, FIRST_LINE)?;
        let packet = lines.next("packet")?.parse().ok()?;
        let reference = lines.next("reference")?.parse().ok()?;
        let (state, reason) = (lines.next("state")?, lines.next("reason")?);
        let reply = Self {
            packet,
            reference,
            state: ReplyState::read(state, reason)?,
            made: Timestamp(lines.next("made")?.parse().ok()?),
        };
        lines.end()?;
        (reply.text() == text).then_some(reply)
    }
}
