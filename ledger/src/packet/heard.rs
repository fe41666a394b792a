//! What a reply leads to: it is opened by the key of its packet, and what it says becomes a step of
//! the referral that anybody could have recorded by hand (SPEC §14.5).
//!
//! - A reply says when it was made. That is a claim: it is when the step happened where that can
//!   be, and tells a later word of the recipient's from one that was on the road for long.

use super::errors::PacketError;
use super::make::{Secrets, missing};
use super::reply::{Reply, ReplyState};
use super::sealed;
use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::{ReferralReason, ReferralState, ViewPurpose};
use crate::domain::event::{Event, PersonalDataSeen, Record, ViewTarget};
use crate::domain::ids::ReferralId;
use crate::domain::stream::StreamId;
use crate::ledger::{Ledger, Rejection};
use crate::prove::VerifierKey;
use crate::refusal::{Refusal, Refused};

/// A reply to a packet of a referral, and where that stands here.
#[derive(Clone, Debug)]
pub struct Heard {
    /// What it says.
    pub reply: Reply,
    /// Where the referral stands.
    pub stands: ReferralState,
    /// When the referral was sent.
    pub(super) sent: Option<Timestamp>,
    /// When its recipient was last heard of it.
    pub(super) last: Option<Timestamp>,
}

/// A step of a referral that its recipient's word leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its receipt is confirmed.
    Receive,
    /// It is accepted.
    Accept,
    /// It is not.
    Decline(ReferralReason),
    /// It was accepted, and nothing comes of it after all.
    Fail(ReferralReason),
}

impl Step {
    /// Whether the receipt is confirmed before.
    pub fn follows_receipt(self) -> bool {
        match self {
            Self::Receive | Self::Fail(_) => false,
            Self::Accept | Self::Decline(_) => true,
        }
    }
}

impl Heard {
    /// The step that it leads to. Whether the referral is where that can be done, the ledger says.
    pub fn step(&self) -> Result<Step, Refused> {
        let reason = match self.reply.state {
            ReplyState::Received => return Ok(Step::Receive),
            ReplyState::Accepted => return Ok(Step::Accept),
            ReplyState::NotAccepted(reason) => reason,
            ReplyState::PassedOn(_) => ReferralReason::WrongService,
        };
        match self.stands {
            ReferralState::Accepted if self.is_newer() => Ok(Step::Fail(reason)),
            ReferralState::Accepted => Err(self.leads_nowhere()),
            // Asked for once more, under the same name, it is answered as before.
            ReferralState::NotCompleted => Ok(Step::Fail(reason)),
            ReferralState::Draft
            | ReferralState::Returned
            | ReferralState::Reviewed
            | ReferralState::Sent
            | ReferralState::Received
            | ReferralState::NotAccepted
            | ReferralState::Completed
            | ReferralState::Recalled
            | ReferralState::RecallAsked
            | ReferralState::Cancelled
            | ReferralState::Stopped => Ok(Step::Decline(reason)),
        }
    }

    /// When the step happened by the reply, where that can be: after sending, and not in the
    /// future.
    pub fn occurred(&self, now: Timestamp) -> Option<Timestamp> {
        let made = self.reply.made;
        let after = self.sent.is_some_and(|sent| sent <= made);
        (after && made <= now).then_some(made)
    }

    /// Why nothing follows from it: it was taken in before, or is older than what stands here, or
    /// says what does not follow from there.
    pub fn leads_nowhere(&self) -> Refused {
        use ReferralState::{Accepted, NotAccepted, NotCompleted, Received};
        let says = self.reply.state;
        let declined = matches!(says, ReplyState::NotAccepted(_) | ReplyState::PassedOn(_));
        let same = match self.stands {
            Received => says == ReplyState::Received,
            Accepted => says == ReplyState::Accepted,
            NotAccepted | NotCompleted => declined,
            ReferralState::Draft
            | ReferralState::Returned
            | ReferralState::Reviewed
            | ReferralState::Sent
            | ReferralState::Completed
            | ReferralState::Recalled
            | ReferralState::RecallAsked
            | ReferralState::Cancelled
            | ReferralState::Stopped => false,
        };
        let refusal = if same {
            Refusal::ReplyRecorded
        } else if self.is_newer() {
            Refusal::ReplyAgainst
        } else {
            Refusal::ReplyOlder
        };
        Refused::about(refusal, says.code())
    }

    fn is_newer(&self) -> bool {
        self.last.is_none_or(|last| last < self.reply.made)
    }
}

impl Ledger {
    /// Reads a reply to a packet of this referral, signed by a ledger that the organisation's file
    /// names for its recipient.
    pub fn read_reply(&self, case: &Case, id: ReferralId, file: &[u8]) -> Result<Heard, Rejection> {
        let packet = sealed::packet_of(file).map_err(PacketError::refused_reply)?;
        let referral = case.referrals.get(&id).ok_or_else(missing)?;
        let of_another = || Refused::from(Refusal::PacketOfAnother);
        let entries = self.stream(StreamId::Case(case.id))?;
        let seen = Event::from(PersonalDataSeen {
            target: ViewTarget::Referral(id),
            purpose: ViewPurpose::Packet,
        });
        let mut made = entries.iter().filter(|entry| entry.record.event == seen);
        let secrets = made.find_map(|entry| {
            let (signer, log) = (&self.shared.signer, &self.shared.log_id);
            let secrets = Secrets::of(signer, log, entry.position);
            (secrets.packet == packet).then_some(secrets)
        });
        let secrets = secrets.ok_or_else(of_another)?;
        let known = self.organisation().exchange.known();
        let theirs = known.filter(|one| one.organisation == referral.recipient);
        let theirs: Vec<VerifierKey> = theirs.map(|one| one.key.clone()).collect();
        let reply = Reply::open(file, &secrets.reply_key, &theirs);
        let reply = reply.map_err(PacketError::refused_reply)?;
        if Some(reply.reference) != referral.reference {
            return Err(of_another().into());
        }
        let words = entries.iter().map(|entry| &entry.record);
        let words = words.filter(|record| is_word_of_recipient(&record.event, id));
        Ok(Heard {
            reply,
            stands: referral.state,
            sent: referral.sent,
            last: words.filter_map(|record| happened(record)).max(),
        })
    }
}

/// Whether an event says what became of a referral with its recipient.
fn is_word_of_recipient(event: &Event, id: ReferralId) -> bool {
    matches!(event, Event::ReferralReceived(it) if it.referral == id)
        || matches!(event, Event::ReferralAccepted(it) if it.referral == id)
        || matches!(event, Event::ReferralNotAccepted(it) if it.referral == id)
        || matches!(event, Event::ReferralCompleted(it) if it.referral == id)
        || matches!(event, Event::ReferralNotCompleted(it) if it.referral == id)
}

fn happened(record: &Record) -> Option<Timestamp> {
    record.occurred.or_else(|| record.recorded.at())
}
