//! A reply: where the referral stands with who received it, in codes and no words (SPEC §14.4).

use super::errors::PacketError;
use super::letter::Lines;
use super::sealed::{self, Opener};
use crate::clock::{Entropy, Timestamp};
use crate::domain::codes::ReferralReason;
use crate::domain::ids::{OrganisationId, OutwardReference, PacketId};
use crate::domain::incoming::ReplyKey;
use crate::prove::{Note, NoteSigner, VerifierKey};

const FIRST_LINE: &str = "referral-ledger packet reply v2";
/// As it was before replies said to whom a referral was passed on.
const FIRST_LINE_V1: &str = "referral-ledger packet reply v1";

/// Where a referral stands with who received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyState {
    /// It came.
    Received,
    /// It is taken.
    Accepted,
    /// It is not.
    NotAccepted(ReferralReason),
    /// It is not, and somebody else takes such referrals: who, as the recipient calls them.
    PassedOn(Option<OrganisationId>),
}

impl ReplyState {
    /// What it comes to, in one word: of what is not accepted the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAccepted(reason) => reason.code(),
            Self::Received | Self::Accepted | Self::PassedOn(_) => self.words().0,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("received", "-"),
            Self::Accepted => ("accepted", "-"),
            Self::NotAccepted(reason) => ("not_accepted", reason.code()),
            Self::PassedOn(_) => ("passed_on", "-"),
        }
    }

    fn passed_to(self) -> Option<OrganisationId> {
        match self {
            Self::PassedOn(to) => to,
            Self::Received | Self::Accepted | Self::NotAccepted(_) => None,
        }
    }

    fn read(state: &str, reason: &str, passed_to: &str) -> Option<Self> {
        match (state, reason, passed_to) {
            ("received", "-", "-") => Some(Self::Received),
            ("accepted", "-", "-") => Some(Self::Accepted),
            ("not_accepted", reason, "-") => {
                ReferralReason::from_code(reason).map(Self::NotAccepted)
            }
            ("passed_on", "-", "-") => Some(Self::PassedOn(None)),
            ("passed_on", "-", to) => to.parse().ok().map(|to| Self::PassedOn(Some(to))),
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
        let note = Note::sign(&self.text(FIRST_LINE), &[signer]).map_err(|_| PacketError::Text)?;
        let note = note.to_string();
        sealed::seal(self.packet, note.as_bytes(), &Opener::Key(key), entropy)
    }

    fn text(&self, first_line: &str) -> String {
        let (state, reason) = self.state.words();
        let to = self.state.passed_to();
        let to = to.map_or_else(|| "-".to_owned(), |to| to.to_string());
        let to = if first_line == FIRST_LINE {
            format!("passed-to {to}\n")
        } else {
            String::new()
        };
        format!(
            "{first_line}\npacket {}\nreference {}\nstate {state}\nreason {reason}\n{to}made {}\n",
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
        Self::read_as(text, FIRST_LINE).or_else(|| Self::read_as(text, FIRST_LINE_V1))
    }

    fn read_as(text: &str, first_line: &str) -> Option<Self> {
        let newest = first_line == FIRST_LINE;
        let mut lines = Lines::after(text, first_line)?;
        let packet = lines.next("packet")?.parse().ok()?;
        let reference = lines.next("reference")?.parse().ok()?;
        let (state, reason) = (lines.next("state")?, lines.next("reason")?);
        let passed_to = if newest {
            lines.next("passed-to")?
        } else {
            "-"
        };
        let reply = Self {
            packet,
            reference,
            state: ReplyState::read(state, reason, passed_to)?,
            made: Timestamp(lines.next("made")?.parse().ok()?),
        };
        lines.end()?;
        // One spelling for each: what is read is what would be written.
        let passed_on = matches!(reply.state, ReplyState::PassedOn(_));
        (reply.text(first_line) == text && (newest || !passed_on)).then_some(reply)
    }
}
