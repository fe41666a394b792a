//! Making packets and replies with the ledger's own signing key.
//!
//! - Nothing is stored for it: number and reply key of a packet follow from the signing key and the
//!   position of the event that says that the data left.

use std::sync::{Mutex, PoisonError};

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::errors::PacketError;
use super::letter::{self, Sent};
use super::passphrase::Spoken;
use super::reply::{Reply, ReplyState};
use super::sealed::{Kind, file_name};
use crate::clock::SystemEntropy;
use crate::decide::rests_on_consent;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::{
    ConsentClaim, IncomingDecision, IncomingState, ReferralReason, ViewPurpose,
};
use crate::domain::directory::Service;
use crate::domain::event::{Event, ViewTarget};
use crate::domain::ids::PacketId;
use crate::domain::incoming::{Incoming, ReplyKey};
use crate::domain::personal::{Item, Personal};
use crate::domain::stream::StreamId;
use crate::hex::hex;
use crate::keys::Signer;
use crate::ledger::{Answer, Ledger, PersonalContent, Rejection};
use crate::refusal::{Refusal, Refused};

/// Held while a packet is sealed.
static MAKING: Mutex<()> = Mutex::new(());

/// A packet, and the passphrase that must take another road.
pub struct MadePacket {
    /// Which.
    pub packet: PacketId,
    /// A name for the file.
    pub file_name: String,
    /// The file.
    pub file: Vec<u8>,
    /// What opens it.
    pub passphrase: Spoken,
}

/// A reply.
pub struct MadeReply {
    /// A name for the file.
    pub file_name: String,
    /// The file.
    pub file: Vec<u8>,
}

/// Number and reply key of a packet.
pub(crate) struct Secrets {
    pub(crate) packet: PacketId,
    pub(crate) reply_key: ReplyKey,
}

impl Secrets {
    /// Those of the packet that went with the event at a position. An Ed25519 signature that is
    /// never shown is a secret that only the signing key makes again (SPEC §14.5).
    pub(crate) fn of(signer: &Signer, log_id: &[u8; 32], position: u64) -> Self {
        let text = format!("{SECRET_LABEL}\n{}\n{position}\n", hex(log_id));
        let signature = Zeroizing::new(signer.sign(text.as_bytes()));
        let secret = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(signature.as_slice())));
        let (mut packet, mut key) = ([0; 16], [0; 32]);
        let expand = Hkdf::<Sha256>::new(None, secret.as_slice());
        let made = expand.expand(b"packet", &mut packet).is_ok();
        let made = made && expand.expand(b"reply key", &mut key).is_ok();
        debug_assert!(made, "so few bytes are within HKDF's limit");
        Self {
            packet: PacketId(packet),
            reply_key: ReplyKey(key),
        }
    }
}

const SECRET_LABEL: &str = "referral-ledger packet secret v1";

impl Ledger {
    /// Makes the packet of an answered view: its event, which says that the data leave, is durable
    /// by then. Whatever cannot be opened now does not leave, and then nothing does.
    pub fn make_packet(&self, seen: &Answer) -> Result<MadePacket, Rejection> {
        let left = seen.entries.first().and_then(|entry| {
            let Event::PersonalDataSeen(seen) = &entry.record.event else {
                return None;
            };
            match (entry.record.stream, seen.target, seen.purpose) {
                (StreamId::Case(case), ViewTarget::Referral(referral), ViewPurpose::Packet) => {
                    Some((entry.position, case, referral))
                }
                _ => None,
            }
        });
        let (position, case, referral) =
            left.ok_or_else(|| Refused::about(Refusal::Malformed, "purpose"))?;
        let mut items = Vec::new();
        for part in self.open_personal(seen)? {
            let PersonalContent::Open(Personal::Item(item)) = part.content else {
                return Err(Refused::from(Refusal::ConsentNotInForce).into());
            };
            items.push(item);
        }
        // Deriving a key takes 64 MiB: one at a time, whoever asks.
        let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let case = self.case(case)?.ok_or_else(missing)?;
        let referral = case.referrals.get(&referral).ok_or_else(missing)?;
        let service = self.service(referral.service)?.ok_or_else(missing)?;
        let secrets = Secrets::of(&self.shared.signer, &self.shared.log_id, position);
        let made = self.letter(&case, (referral, &service), &secrets, &items);
        Ok(made.map_err(PacketError::refused)?)
    }

    fn letter(
        &self,
        case: &Case,
        (referral, service): (&Referral, &Service),
        secrets: &Secrets,
        items: &[Item],
    ) -> Result<MadePacket, PacketError> {
        let words = letter::words(items);
        // As it is covered at this moment, and not as it was when it was sent.
        let agreed = rests_on_consent(case, (referral, service), (self.now(), self.organisation()));
        let sent = Sent {
            packet: secrets.packet,
            organisation: case.organisation,
            recipient: referral.recipient,
            service: referral.service,
            service_name: one_line(&service.entry.name.0),
            reference: referral.reference.ok_or(PacketError::Text)?,
            urgency: referral.urgency,
            consent: if agreed {
                ConsentClaim::Said
            } else {
                ConsentClaim::NotSaid
            },
            sent: referral.sent.ok_or(PacketError::Text)?,
            acknowledge_by: referral.acknowledge_by.ok_or(PacketError::Text)?,
            follow_up: letter::follow_up_line(referral.follow_up.as_ref()),
            reply_key: secrets.reply_key.clone(),
            words: Sha256::digest(words.as_bytes()).into(),
        };
        let note = sent.sign(self.shared.signer.as_ref())?;
        let passphrase = Spoken::fresh(&mut SystemEntropy);
        let packet = (secrets.packet, note.as_str());
        let file = letter::seal(packet, &words, &passphrase, &mut SystemEntropy)?;
        Ok(MadePacket {
            packet: secrets.packet,
            file_name: file_name(Kind::Referral, secrets.packet),
            file,
            passphrase,
        })
    }

    /// Makes the reply that says where an incoming referral stands that came in a packet.
    pub fn make_reply(&self, incoming: &Incoming) -> Result<MadeReply, Rejection> {
        let came = incoming.came.as_ref();
        let came = came.ok_or_else(|| Refused::about(Refusal::PacketOfAnother, "incoming"))?;
        let reply = Reply {
            packet: came.packet,
            reference: came.reference,
            state: stands(incoming),
            made: self.now(),
        };
        let signer = self.shared.signer.as_ref();
        let file = reply.seal(&came.reply_key, signer, &mut SystemEntropy);
        Ok(MadeReply {
            file_name: file_name(Kind::Reply, came.packet),
            file: file.map_err(PacketError::refused)?,
        })
    }
}

/// Where an incoming referral stands, in the words of the sender's own record.
fn stands(incoming: &Incoming) -> ReplyState {
    match (incoming.state, incoming.decision) {
        (IncomingState::Received | IncomingState::Assessed, _) | (_, None) => ReplyState::Received,
        (_, Some(IncomingDecision::Taken)) => ReplyState::Accepted,
        (_, Some(IncomingDecision::NotTaken)) => {
            ReplyState::NotAccepted(incoming.reason.unwrap_or(ReferralReason::Other))
        }
        (_, Some(IncomingDecision::PassedOn)) => ReplyState::PassedOn(incoming.passed_to),
    }
}

/// A name in one line, as a note can hold it.
fn one_line(name: &str) -> String {
    let shown = |character: char| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    };
    name.chars().map(shown).collect()
}

pub(super) fn missing() -> Rejection {
    Refused::about(Refusal::NotFound, "referral").into()
}
