//! How a person may be contacted, as they agreed (MISSION B10): ways, hours and words are theirs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::codes::{Channel, ContactWords, DayOfWeek, FollowUpOutcome};
use super::ids::{CaseId, PersonId, ReferralId, StaffId};
use super::personal::Text;

/// What somebody agreed to. Numbers and words stand in their details, sealed as `contact`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeContact {
    /// By which ways; none: the person is not contacted.
    pub channels: BTreeSet<Channel>,
    /// On which days; any if none is named.
    pub days: BTreeSet<DayOfWeek>,
    /// From and until which minute of the day at the organisation's place; at any time if not
    /// said.
    pub hours: Option<(u16, u16)>,
    /// By whom; by anybody who works on the case if nobody is named.
    pub staff: BTreeSet<StaffId>,
    /// What may be said to anybody else.
    pub words: ContactWords,
}

/// A contact with a person, made or to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// How.
    pub channel: Channel,
    /// The day of the week and the minute of the day, at the organisation's place.
    pub at: Option<(DayOfWeek, u16)>,
    /// By whom.
    pub staff: Option<StaffId>,
    /// Whether words were left with somebody else.
    pub left_words: bool,
}

impl SafeContact {
    /// What of a contact is not as agreed, if anything is: the way, the time, who, or the words.
    pub fn forbids(&self, contact: Contact) -> Option<&'static str> {
        let on_day = |day| self.days.is_empty() || self.days.contains(&day);
        let in_hours = |minute| {
            let hours = self.hours;
            hours.is_none_or(|(from, until)| (from..until).contains(&minute))
        };
        let any_time = self.days.is_empty() && self.hours.is_none();
        let in_time = match contact.at {
            Some((day, minute)) => on_day(day) && in_hours(minute),
            None => any_time,
        };
        let by = |staff| self.staff.is_empty() || self.staff.contains(&staff);
        if !self.channels.contains(&contact.channel) {
            Some("channel")
        } else if !in_time {
            Some("time")
        } else if !contact.staff.is_some_and(by) {
            Some("staff")
        } else if contact.left_words && self.words == ContactWords::Nothing {
            Some("words")
        } else {
            None
        }
    }
}

/// What a person agrees to about being contacted.
#[derive(Clone, Serialize)]
pub struct Agreeing {
    /// In which case.
    pub case: CaseId,
    /// Who.
    pub person: PersonId,
    /// To what.
    pub contact: SafeContact,
}

/// A follow-up that was made.
#[derive(Clone, Serialize)]
pub struct FollowingUp {
    /// In which case.
    pub case: CaseId,
    /// Which referral.
    pub referral: ReferralId,
    /// Who of the case was contacted; nobody if the service was asked.
    pub person: Option<PersonId>,
    /// What came of it.
    pub outcome: FollowUpOutcome,
    /// How.
    pub channel: Channel,
    /// In words.
    pub note: Option<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NURSE: StaffId = StaffId([1; 16]);

    fn agreed() -> SafeContact {
        SafeContact {
            channels: [Channel::Phone].into(),
            days: [DayOfWeek::Monday].into(),
            hours: Some((9 * 60, 12 * 60)),
            staff: [NURSE].into(),
            words: ContactWords::Nothing,
        }
    }

    fn call() -> Contact {
        Contact {
            channel: Channel::Phone,
            at: Some((DayOfWeek::Monday, 9 * 60)),
            staff: Some(NURSE),
            left_words: false,
        }
    }

    #[test]
    fn b10_a_contact_is_safe_in_the_way_at_the_time_by_whom_and_with_the_words_agreed() {
        let at = |day, minute| Contact {
            at: Some((day, minute)),
            ..call()
        };
        let (mut mail, mut other, mut nobody, mut left) = (call(), call(), call(), call());
        mail.channel = Channel::Email;
        other.staff = Some(StaffId([2; 16]));
        nobody.staff = None;
        left.left_words = true;
        for (contact, forbidden) in [
            (call(), None),
            (at(DayOfWeek::Monday, 12 * 60 - 1), None),
            (at(DayOfWeek::Monday, 12 * 60), Some("time")),
            (at(DayOfWeek::Monday, 9 * 60 - 1), Some("time")),
            (at(DayOfWeek::Sunday, 10 * 60), Some("time")),
            (Contact { at: None, ..call() }, Some("time")),
            (mail, Some("channel")),
            (other, Some("staff")),
            (nobody, Some("staff")),
            (left, Some("words")),
        ] {
            assert_eq!(agreed().forbids(contact), forbidden, "{contact:?}");
        }
        let never = SafeContact {
            channels: BTreeSet::new(),
            ..agreed()
        };
        assert_eq!(never.forbids(call()), Some("channel"));
        let freely = SafeContact {
            channels: [Channel::Phone].into(),
            days: BTreeSet::new(),
            hours: None,
            staff: BTreeSet::new(),
            words: ContactWords::CallBack,
        };
        (left.at, left.staff) = (None, Some(StaffId([3; 16])));
        assert_eq!(freely.forbids(left), None);
    }
}
