//! Packets and the replies to them, for who may make and read them (MISSION C3, C7).

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::ids::{CaseId, IncomingId, ReferralId};
use ledger::domain::incoming::Incoming;
use ledger::packet::Heard;
use ledger::refusal::{Refusal, Refused};

use super::{Outcome, Reader, Side};

/// What came back to a referral.
pub struct CameBack {
    /// The referral's case.
    pub case: CaseId,
    /// What the reply says, and where the referral stands.
    pub heard: Heard,
    /// When its step happened, as far as that can be.
    pub occurred: Option<Timestamp>,
}

impl Reader<'_> {
    /// An incoming referral of the caller's organisation that a reply is to be made of.
    pub fn incoming_to_reply(&self, id: IncomingId) -> Outcome<Incoming> {
        self.may(Reading::PacketReply, None)?;
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let views = self.views.read()?;
        let found = views.incoming().find(id);
        let own = found.filter(|it| it.organisation == self.caller.organisation);
        let missing = || Refused::about(Refusal::NotFound, "incoming");
        Ok(own.cloned().ok_or_else(missing)?)
    }

    /// What came back to a referral of the caller's organisation, and where it stands here.
    pub fn reply_to(&self, id: ReferralId, file: &[u8]) -> Outcome<CameBack> {
        let (case, _, side) = self.referral(id)?;
        if side != Side::Sender {
            return Err(Refused::about(Refusal::NotFound, "referral").into());
        }
        let heard = self.ledger.read_reply(&case, id, file)?;
        let occurred = heard.occurred(self.ledger.now());
        Ok(CameBack {
            case: case.id,
            heard,
            occurred,
        })
    }
}
