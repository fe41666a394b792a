//! What the clock says of a referral that was sent: soon due, late, or to be seen by a named role
//! (MISSION C4).
//!
//! - These are conditions, computed when somebody reads; no event makes a referral late, and none
//!   says that a service did not answer. A clock that jumps and comes back leaves nothing behind.

use toml::Spanned;

use super::Organisation;
use crate::clock::Timestamp;
use crate::domain::codes::{DayOfWeek, ReferralState, Role, Sensitivity, Urgency};
use crate::written::{Written, WrittenError};

/// A referral as far as the clock is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Where it stands.
    pub state: ReferralState,
    /// How quickly.
    pub urgency: Urgency,
    /// By when the service should confirm receipt; none before sending.
    pub acknowledge_by: Option<Timestamp>,
    /// By when it should be completed; none before sending.
    pub complete_by: Option<Timestamp>,
    /// By when the recipient should say what became of it; none before it was asked back.
    pub answer_by: Option<Timestamp>,
}

/// What the clock asks of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attention {
    /// The next step is due soon: who works on the case is reminded.
    DueSoon,
    /// The step was not taken in time.
    Late,
    /// It is late for so long that the named role must see it.
    Escalated,
}

/// What is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// The service has not confirmed receipt in time.
    Acknowledgement,
    /// The help was not given in time.
    Completion,
    /// The service has not said in time what became of what was asked back.
    RecallAnswer,
}

impl UnderWay {
    /// By when the next step is due: confirming receipt and then completion, or what of both is
    /// due first.
    pub fn due(self) -> Option<Timestamp> {
        match self.state {
            ReferralState::Sent => {
                let both = self.acknowledge_by.into_iter().chain(self.complete_by);
                both.min()
            }
            ReferralState::Received | ReferralState::Accepted => self.complete_by,
            ReferralState::RecallAsked => self.answer_by,
            ReferralState::Draft
            | ReferralState::Returned
            | ReferralState::Reviewed
            | ReferralState::NotAccepted
            | ReferralState::Completed
            | ReferralState::NotCompleted
            | ReferralState::Recalled
            | ReferralState::Stopped
            | ReferralState::Cancelled => None,
        }
    }

    /// What is late, if anything: the help, or else the answer.
    pub fn late(self, now: Timestamp) -> Option<Late> {
        self.due().filter(|due| *due < now)?;
        if self.state == ReferralState::RecallAsked {
            return Some(Late::RecallAnswer);
        }
        let completion = self.complete_by.is_some_and(|by| by < now);
        Some(if completion {
            Late::Completion
        } else {
            Late::Acknowledgement
        })
    }

    /// Whether the service has not answered at all in the time allowed.
    pub fn is_without_response(self, now: Timestamp) -> bool {
        self.state == ReferralState::Sent && self.acknowledge_by.is_some_and(|by| by < now)
    }
}

impl Organisation {
    /// The day of the week and the minute of the day at the organisation's place.
    pub fn clock_at(&self, at: Timestamp) -> Option<(DayOfWeek, u16)> {
        self.calendar.clock_at(at)
    }

    /// What the clock asks of people, for a referral.
    pub fn attention(&self, referral: UnderWay, now: Timestamp) -> Option<Attention> {
        let due = referral.due()?;
        let times = self.times(referral.urgency);
        if referral.late(now).is_none() {
            let soon = self.calendar.before(due, times.remind) <= now;
            return soon.then_some(Attention::DueSoon);
        }
        let escalated = self.calendar.end_of(due, times.escalate) <= now;
        Some(if escalated {
            Attention::Escalated
        } else {
            Attention::Late
        })
    }

    /// The role that must see what is late for too long. Restricted cases never go to who may not
    /// see them.
    pub fn escalates_to(&self, sensitivity: Sensitivity) -> Role {
        match sensitivity {
            Sensitivity::Standard => self.escalate_to,
            Sensitivity::Restricted => Role::ChildProtection,
        }
    }
}

/// A role that sees the referrals of its organisation; what is raised to others, nobody would see.
pub(super) fn seeing(file: Written<'_>, word: &Spanned<String>) -> Result<Role, WrittenError> {
    let known = Role::from_code(word.get_ref());
    let sees = |role: &Role| matches!(role, Role::FocalPoint | Role::ChildProtection);
    known.filter(sees).ok_or_else(|| {
        let meaning = format!(
            "{} is neither focal_point nor child_protection",
            word.get_ref()
        );
        file.wrong(word, meaning)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organisation::DEFAULT_ORGANISATION;

    const HOUR: u64 = 3_600_000;

    /// Sent at the moment zero, by the file that ships.
    fn sent(state: ReferralState, urgency: Urgency) -> UnderWay {
        let due = Organisation::default().due(urgency, SENT);
        UnderWay {
            state,
            urgency,
            acknowledge_by: Some(due.acknowledge_by),
            complete_by: Some(due.complete_by),
            answer_by: Some(due.acknowledge_by),
        }
    }

    fn after(hours: u64, referral: UnderWay) -> Option<Attention> {
        let now = SENT.plus_ms(hours * HOUR);
        Organisation::default().attention(referral, now)
    }

    #[test]
    fn c4_a_step_is_due_soon_then_late_then_seen_by_the_named_role() {
        let urgent = sent(ReferralState::Sent, Urgency::Urgent);
        assert_eq!(after(19, urgent), None);
        assert_eq!(after(20, urgent), Some(Attention::DueSoon));
        assert_eq!(after(24, urgent), Some(Attention::DueSoon), "to the stroke");
        assert_eq!(after(25, urgent), Some(Attention::Late));
        assert_eq!(after(48, urgent), Some(Attention::Escalated));
        assert_eq!(after(24 * 90, urgent), Some(Attention::Escalated));
        let received = sent(ReferralState::Received, Urgency::Urgent);
        assert_eq!(after(25, received), None, "the next step has its own time");
        assert_eq!(after(24 * 7 + 1, received), Some(Attention::Late));
        let emergency = sent(ReferralState::Sent, Urgency::Emergency);
        assert_eq!(after(2, emergency), Some(Attention::Escalated), "at once");
    }

    #[test]
    fn c4_no_response_is_a_condition_of_the_clock_that_an_answer_ends() {
        let silent = sent(ReferralState::Sent, Urgency::Routine);
        let past = SENT.plus_ms(73 * HOUR);
        assert!(!silent.is_without_response(SENT.plus_ms(72 * HOUR)));
        assert!(silent.is_without_response(past));
        for answered in [ReferralState::Received, ReferralState::NotAccepted] {
            let answered = sent(answered, Urgency::Routine);
            assert!(!answered.is_without_response(past), "{answered:?}");
        }
    }

    #[test]
    fn c4_what_has_ended_or_was_not_sent_asks_for_nothing() {
        let ended = ReferralState::ALL.iter().copied();
        for state in ended.filter(|state| {
            use ReferralState::*;
            !matches!(state, Sent | Received | Accepted | RecallAsked)
        }) {
            assert_eq!(after(24 * 365, sent(state, Urgency::Emergency)), None);
        }
        let mut unsent = sent(ReferralState::Sent, Urgency::Emergency);
        (unsent.acknowledge_by, unsent.complete_by) = (None, None);
        assert_eq!(after(24 * 365, unsent), None);
    }

    #[test]
    fn c4_a_clock_that_jumps_back_takes_nothing_away_for_good() {
        let urgent = sent(ReferralState::Sent, Urgency::Urgent);
        assert_eq!(after(48, urgent), Some(Attention::Escalated));
        let before = Timestamp(SENT.0 - HOUR);
        assert_eq!(Organisation::default().attention(urgent, before), None);
        assert_eq!(after(48, urgent), Some(Attention::Escalated));
    }

    #[test]
    fn c4_restricted_cases_are_raised_to_who_may_see_them_only() {
        let file = Organisation::default();
        assert_eq!(file.escalates_to(Sensitivity::Standard), Role::FocalPoint);
        let child = file.escalates_to(Sensitivity::Restricted);
        assert_eq!(child, Role::ChildProtection);
        let to_nobody = DEFAULT_ORGANISATION.replace("\"focal_point\" ", "\"auditor\" ");
        let wrong = Organisation::parse(&to_nobody).unwrap_err();
        assert!(wrong.meaning.contains("neither"), "{wrong}");
    }

    const SENT: Timestamp = Timestamp(1_795_330_800_000);
}
