//! Asking a service first (MISSION C11): what was asked and answered, and what is arranged for who
//! goes there.
//!
//! - An inquiry holds codes about a group, never about a person, and nothing leads from it to a
//!   case: not the service, not an auditor, not the one who asked can find the person by it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::codes::*;
use super::directory::Service;
use super::event::{Event, PublicText, Record};
use super::ids::{CaseId, InquiryId, OrganisationId, ReferralId, ServiceId};
use super::staff::Staff;
use crate::clock::Timestamp;

/// What a service is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What.
    pub questions: BTreeSet<InquiryQuestion>,
    /// The need.
    pub need: Need,
    /// Of which age group, where it matters.
    pub age_group: Option<AgeGroup>,
    /// Of which gender, where it matters.
    pub gender: Option<GenderGroup>,
    /// A place code, where it matters where somebody is.
    pub area: Option<PublicText>,
}

/// An inquiry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// Who asks.
    pub organisation: OrganisationId,
    /// What.
    pub asked: Asked,
    /// How.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// What came back.
    pub answered: Option<Answered>,
}

/// What a service answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What it says; none where only a fee was asked for.
    pub answer: Option<InquiryAnswer>,
    /// After how many days.
    pub wait_days: Option<u32>,
    /// What it costs the person.
    pub fee: Option<InquiryFee>,
    /// How it came.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
}

impl Service {
    /// An inquiry, if a member of staff may know of it: of who asked, or of the service.
    pub fn inquiry_for(&self, caller: &Staff, id: InquiryId) -> Option<&Inquiry> {
        let inquiry = self.inquiries.get(&id)?;
        let has = |roles: &[Role]| roles.iter().any(|role| caller.roles.contains(role));
        let asks = inquiry.organisation == caller.organisation
            && has(&[Role::FrontLine, Role::FocalPoint, Role::ChildProtection]);
        let serves =
            self.entry.organisation == caller.organisation && has(&[Role::ServiceProvider]);
        (asks || serves).then_some(inquiry)
    }

    /// Folds in what was asked and answered.
    pub(super) fn apply_inquiry(&mut self, record: &Record) {
        let at = record.recorded.at().unwrap_or(Timestamp(0));
        let at = record.occurred.unwrap_or(at);
        match &record.event {
            Event::ServiceAsked(it) => {
                let inquiry = Inquiry {
                    organisation: it.organisation,
                    asked: it.asked.clone(),
                    channel: it.channel,
                    at,
                    answered: None,
                };
                self.inquiries.insert(it.inquiry, inquiry);
            }
            Event::ServiceAnswered(it) => {
                if let Some(inquiry) = self.inquiries.get_mut(&it.inquiry) {
                    inquiry.answered = Some(Answered {
                        answer: it.answer,
                        wait_days: it.wait_days,
                        fee: it.fee,
                        channel: it.channel,
                        at,
                    });
                }
            }
            _ => {}
        }
    }
}

impl Case {
    /// Folds in what is arranged for a referral.
    pub(super) fn apply_arrangement(&mut self, record: &Record) {
        if let Event::ArrangementRecorded(it) = &record.event
            && let Some(referral) = self.referrals.get_mut(&it.referral)
        {
            referral.arrangements.insert(it.kind, it.state);
            referral.changed = record.version;
        }
    }
}

/// Fields of `AskService`.
#[derive(Clone, Serialize)]
pub struct AskingService {
    /// Which.
    pub service: ServiceId,
    /// What.
    pub asked: Asked,
    /// How.
    pub channel: Channel,
}

/// Fields of `AnswerInquiry`.
#[derive(Clone, Serialize)]
pub struct AnsweringInquiry {
    /// Which service.
    pub service: ServiceId,
    /// Which inquiry.
    pub inquiry: InquiryId,
    /// What the service says; none where only a fee was asked for.
    pub answer: Option<InquiryAnswer>,
    /// After how many days; with `wait` only.
    pub wait_days: Option<u32>,
    /// What it costs the person.
    pub fee: Option<InquiryFee>,
    /// How the answer came.
    pub channel: Channel,
}

/// Fields of `RecordArrangement`.
#[derive(Clone, Serialize)]
pub struct Arranging {
    /// In which case.
    pub case: CaseId,
    /// For which referral.
    pub referral: ReferralId,
    /// What.
    pub kind: ArrangementKind,
    /// Where it stands now.
    pub state: ArrangementState,
}
