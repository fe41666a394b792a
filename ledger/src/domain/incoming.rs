//! Referrals that come in from outside, by any channel, as decisions and views see them (MISSION
//! C13).
//!
//! - Nothing about the person is in here, not even where one is kept of them: personal data come in
//!   through the ordinary intake, with the person's own consent (A2).
//! - It names no case: that would outlive the case. The case names it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::apart::Lasting;
use super::codes::*;
use super::event::{Event, PublicText, Record};
use super::ids::*;
use crate::clock::Timestamp;
use crate::packet::Trusted;

/// Who sent a referral: never a person by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// An organisation that is known here.
    Organisation(OrganisationId),
    /// A service of the directory.
    Service(ServiceId),
    /// Somebody else, by kind.
    Class(SenderClass),
}

/// The key under which replies to a packet are encrypted. It is shown nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyKey(pub [u8; 32]);

impl fmt::Debug for ReplyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyKey(hidden)")
    }
}

/// The packets that an incoming referral came in; replies are to the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameIn {
    /// The newest.
    pub packet: PacketId,
    /// Each of them.
    pub packets: BTreeSet<PacketId>,
    /// What the sender calls the person.
    pub reference: OutwardReference,
    /// Under which replies are encrypted.
    pub reply_key: ReplyKey,
}

/// An incoming referral and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Which.
    pub id: IncomingId,
    /// Events in its stream so far.
    pub version: u64,
    /// The organisation that it came to.
    pub organisation: OrganisationId,
    /// Who sent it.
    pub from: Sender,
    /// Whether that are officials of the State of origin.
    pub state_of_origin: bool,
    /// How it came.
    pub channel: Channel,
    /// How quickly it must be answered.
    pub urgency: Urgency,
    /// What the sender calls it.
    pub reference: Option<PublicText>,
    /// What the sender says of the person's consent.
    pub consent: ConsentClaim,
    /// When it came, as claimed if it was written down later.
    pub received: Timestamp,
    /// By when the sender is to be answered.
    pub answer_by: Timestamp,
    /// Where it stands.
    pub state: IncomingState,
    /// What looking at it came to.
    pub finding: Option<IncomingFinding>,
    /// What is done with it.
    pub decision: Option<IncomingDecision>,
    /// Why it is not taken.
    pub reason: Option<ReferralReason>,
    /// Who takes such referrals.
    pub passed_to: Option<OrganisationId>,
    /// Whether and how the sender was told.
    pub answered: Option<(PersonTold, Channel)>,
    /// When, as claimed if it was written down later.
    pub answered_at: Option<Timestamp>,
    /// Whether the person has a case by now.
    pub taken_up: bool,
    /// How long it lasts: from the last thing done with it on.
    pub lasting: Lasting,
    /// The packets that it came in, if it did.
    pub came: Option<CameIn>,
}

impl Incoming {
    /// The incoming referral that a first event begins; nothing if it is another event.
    pub fn received(record: &Record) -> Option<Self> {
        let Event::IncomingReceived(it) = &record.event else {
            return None;
        };
        let recorded = record.recorded.at().unwrap_or(Timestamp(0));
        Some(Self {
            id: it.incoming,
            version: record.version,
            organisation: it.organisation,
            from: it.from,
            state_of_origin: it.state_of_origin,
            channel: it.channel,
            urgency: it.urgency,
            reference: it.reference.clone(),
            consent: it.consent,
            received: record.occurred.unwrap_or(recorded),
            answer_by: it.answer_by,
            state: IncomingState::Received,
            finding: None,
            decision: None,
            reason: None,
            passed_to: None,
            answered: None,
            answered_at: None,
            taken_up: false,
            lasting: Lasting::from(record),
            came: None,
        })
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        self.lasting.apply(record);
        if !matches!(record.event, Event::EndHeld(_)) {
            self.lasting.runs_from(record);
        }
        match &record.event {
            Event::IncomingAssessed(it) => {
                self.state = IncomingState::Assessed;
                self.finding = Some(it.finding);
                self.urgency = it.urgency;
                self.answer_by = it.answer_by;
            }
            Event::IncomingDecided(it) => {
                // Decided otherwise after the answer: who sent a packet is owed another reply. To
                // any other sender nothing more is owed by this record.
                if self.state != IncomingState::Answered || self.came.is_some() {
                    self.state = IncomingState::Decided;
                }
                self.decision = Some(it.decision);
                self.reason = it.reason;
                self.passed_to = it.passed_to;
            }
            Event::IncomingAnswered(it) => {
                self.state = IncomingState::Answered;
                self.answered = Some((it.told, it.channel));
                self.answered_at = record.occurred.or_else(|| record.recorded.at());
            }
            Event::IncomingTakenUp(_) => self.taken_up = true,
            Event::PacketTaken(it) => {
                let before = self.came.take().map(|came| came.packets);
                let mut packets = before.unwrap_or_default();
                packets.insert(it.packet);
                self.came = Some(CameIn {
                    packet: it.packet,
                    packets,
                    reference: it.reference,
                    reply_key: it.reply_key.clone(),
                });
            }
            _ => {}
        }
    }

    /// Whether it came in this packet.
    pub fn came_in(&self, packet: PacketId) -> bool {
        let came = self.came.as_ref();
        came.is_some_and(|came| came.packets.contains(&packet))
    }

    /// Whether the sender was not answered in time.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.state != IncomingState::Answered && self.answer_by < now
    }

    /// Whether it was taken and the person has no case yet.
    pub fn waits_for_case(&self) -> bool {
        self.decision == Some(IncomingDecision::Taken) && !self.taken_up
    }

    /// Whether nothing is left to be done.
    pub fn is_closed(&self) -> bool {
        self.state == IncomingState::Answered && !self.waits_for_case()
    }
}

/// Fields of `RecordIncoming`.
#[derive(Clone, Serialize)]
pub struct TakingDown {
    /// Who sent it.
    pub from: Sender,
    /// How it came.
    pub channel: Channel,
    /// How quickly it must be answered.
    pub urgency: Urgency,
    /// What the sender calls it: letters, digits and signs, never a name.
    pub reference: Option<PublicText>,
    /// What the sender says of the person's consent.
    pub consent: ConsentClaim,
    /// The packet that it came in, if it did.
    pub packet: Option<Trusted>,
}

/// Fields of `AssessIncoming`.
#[derive(Clone, Serialize)]
pub struct AssessingIncoming {
    /// Which.
    pub incoming: IncomingId,
    /// What looking at it came to.
    pub finding: IncomingFinding,
    /// How quickly it must be answered, as it is seen here; as the sender said if not said.
    pub urgency: Option<Urgency>,
}

/// Fields of `DecideIncoming`.
#[derive(Clone, Serialize)]
pub struct DecidingIncoming {
    /// Which.
    pub incoming: IncomingId,
    /// What is done with it.
    pub decision: IncomingDecision,
    /// Why it is not taken; with `not_taken` only.
    pub reason: Option<ReferralReason>,
    /// Who takes such referrals; with `passed_on` only.
    pub passed_to: Option<OrganisationId>,
}

/// Fields of `AnswerIncoming`.
#[derive(Clone, Serialize)]
pub struct AnsweringIncoming {
    /// Which.
    pub incoming: IncomingId,
    /// Whether the sender was told.
    pub told: PersonTold,
    /// How.
    pub channel: Channel,
}

/// Fields of `LinkIncoming`.
#[derive(Clone, Serialize)]
pub struct LinkingIncoming {
    /// The person's case.
    pub case: CaseId,
    /// Which incoming referral it came from.
    pub incoming: IncomingId,
}
