//! What a service answered to a referral that was sent: one word for each, and when.
//!
//! - A referral that was recalled or stopped counts by the last answer that it had.
//! - Times are those of recording; what somebody claims about a moment before it is not counted.

use ledger::clock::Timestamp;
use ledger::domain::codes::ReferralReason;

use super::Referral;

/// The last answer of a service. Every referral that was sent has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// None.
    Unanswered,
    /// Receipt was confirmed, nothing was decided.
    Acknowledged,
    /// Accepted, not ended.
    Accepted,
    /// The help was given.
    Delivered,
    /// Accepted, and the help was not given.
    NotDelivered,
    /// Not accepted, for there is no such help for this person now.
    DeclinedUnmet,
    /// Not accepted for another reason.
    DeclinedOther,
}

impl Answer {
    /// Columns of the table, in order.
    pub(super) const WORDS: [&'static str; 7] = [
        "unanswered",
        "received",
        "accepted",
        "delivered",
        "failed",
        "unmet",
        "declined",
    ];

    /// Its column.
    pub(super) fn column(self) -> usize {
        match self {
            Self::Unanswered => 0,
            Self::Acknowledged => 1,
            Self::Accepted => 2,
            Self::Delivered => 3,
            Self::NotDelivered => 4,
            Self::DeclinedUnmet => 5,
            Self::DeclinedOther => 6,
        }
    }
}

impl Referral {
    /// The last answer.
    pub(super) fn answer(&self) -> Answer {
        match (self.delivered, &self.decided, self.received) {
            (Some(true), _, _) => Answer::Delivered,
            (Some(false), _, _) => Answer::NotDelivered,
            (None, Some((_, None)), _) => Answer::Accepted,
            (None, Some((_, Some(reason))), _) if is_gap(*reason) => Answer::DeclinedUnmet,
            (None, Some((_, Some(_))), _) => Answer::DeclinedOther,
            (None, None, Some(_)) => Answer::Acknowledged,
            (None, None, None) => Answer::Unanswered,
        }
    }

    /// Whether receipt was confirmed by when it should have been.
    pub(super) fn promptness(&self) -> &'static str {
        match (self.received, self.sent) {
            (None, _) => "unanswered",
            (Some(received), Some((_, by))) if received <= by => "in_time",
            (Some(_), _) => "late",
        }
    }

    /// Hours, begun ones counted whole, from sending to a moment.
    pub(super) fn hours(&self, to: Option<Timestamp>) -> Option<u64> {
        let (sent, _) = self.sent?;
        Some(to?.0.saturating_sub(sent.0).div_ceil(HOUR_MS))
    }
}

/// Whether a reason says that this help is not there for the person now.
fn is_gap(reason: ReferralReason) -> bool {
    match reason {
        ReferralReason::NotEligible
        | ReferralReason::NoCapacity
        | ReferralReason::WaitTooLong
        | ReferralReason::Discontinued
        | ReferralReason::OutsideArea => true,
        ReferralReason::WrongService
        | ReferralReason::CouldNotContact
        | ReferralReason::NoShow
        | ReferralReason::DeclinedByPerson
        | ReferralReason::Unsafe
        | ReferralReason::Duplicate
        | ReferralReason::IncompleteForm
        | ReferralReason::ConsentWithdrawn
        | ReferralReason::Other => false,
    }
}

const HOUR_MS: u64 = 3_600_000;
