//! What the directory says of a service beyond its entry's first fields, and a service as decisions
//! and views see it (MISSION D1, D2).
//!
//! - Everything here is published text and codes about a service. A focal point is a function and
//!   how to reach it, never a person's name: people have keys of their own (MISSION E11).
//! - An assessment and the places that a service has are no part of the entry: they are found out
//!   here, and no file brings them.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::codes::*;
use super::event::{Event, PublicText, Record, ServiceEntry};
use super::fees::FeeOption;
use super::ids::{InquiryId, ServiceId};
use super::inquiry::Inquiry;
use crate::clock::Day;

/// The rest of what lists of the field ask of a service (MISSION D1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDetails {
    /// Another name of the organisation.
    pub organisation_also: PublicText,
    /// Who runs it, seen from here.
    pub run_by: Option<RunBy>,
    /// Who takes referrals: a function, never a person's name.
    pub focal_point: PublicText,
    /// How to reach that function.
    pub focal_contact: PublicText,
    /// From which age, in whole years.
    pub minimum_age: Option<u32>,
    /// Up to which age, in whole years.
    pub maximum_age: Option<u32>,
    /// Groups that it serves.
    pub groups_served: Vec<PublicText>,
    /// Groups that it does not serve.
    pub groups_excluded: Vec<PublicText>,
    /// Which status or registration it asks for.
    pub status_required: PublicText,
    /// Whether somebody interprets, and how.
    pub interpretation: PublicText,
    /// How to get there.
    pub transport: PublicText,
    /// Of which genders its staff and volunteers are.
    pub staff_genders: BTreeSet<StaffGender>,
    /// How it is referred to.
    pub referral_methods: BTreeSet<ReferralMethod>,
    /// What happens after a referral.
    pub next_steps: Vec<PublicText>,
    /// How soon it answers.
    pub response_within: Vec<PublicText>,
    /// How it tells the sender what came of it.
    pub feedback: Vec<PublicText>,
    /// How soon it does.
    pub feedback_within: Vec<PublicText>,
    /// How it uses, keeps and shares what it is told.
    pub data_use: PublicText,
    /// What it must report, to whom, and when.
    pub mandatory_reporting: PublicText,
}

impl ServiceEntry {
    /// Bytes of all texts.
    pub fn texts_bytes(&self) -> usize {
        let more = &self.details;
        let lists = [
            &self.sectors,
            &self.locations,
            &self.languages,
            &self.schedules,
            &self.documents,
            &self.accessibility,
            &more.groups_served,
            &more.groups_excluded,
            &more.next_steps,
            &more.response_within,
            &more.feedback,
            &more.feedback_within,
        ];
        let single = [
            &self.name,
            &self.organisation_name,
            &self.description,
            &self.eligibility,
            &self.fees,
            &self.how_to_refer,
            &self.contact,
            &more.organisation_also,
            &more.focal_point,
            &more.focal_contact,
            &more.status_required,
            &more.interpretation,
            &more.transport,
            &more.data_use,
            &more.mandatory_reporting,
        ];
        let of_lists = lists.into_iter().flatten();
        of_lists.chain(single).map(|text| text.0.len()).sum()
    }
}

/// How a service was assessed, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentHow {
    /// How it was looked at.
    pub method: Option<AssessmentMethod>,
    /// What it is.
    pub met: BTreeSet<Criterion>,
    /// What it is not.
    pub unmet: BTreeSet<Criterion>,
    /// How many people who were referred there were asked; nobody is named.
    pub asked: Option<u32>,
    /// How many of them got what they were referred for.
    pub helped: Option<u32>,
}

/// Record an assessment.
#[derive(Clone, Serialize)]
pub struct Assessing {
    /// Which.
    pub service: ServiceId,
    /// The result.
    pub assessment: Assessment,
    /// When it is due again.
    pub review_on: Day,
    /// How, and what was found.
    pub how: AssessmentHow,
}

impl Assessing {
    /// An assessment of which no more is said than its result.
    pub fn of(service: ServiceId, assessment: Assessment, review_on: Day) -> Self {
        Self {
            service,
            assessment,
            review_on,
            how: AssessmentHow::default(),
        }
    }
}

/// What a service says of its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Whether it has any.
    pub availability: Availability,
    /// How many are free, where it says so.
    pub free: Option<u32>,
    /// How many there are.
    pub of: Option<u32>,
    /// The day that this was so.
    pub on: Day,
}

/// Bring in a service, or correct or confirm what the directory says of it.
#[derive(Clone, Serialize)]
pub struct Listing {
    /// Which.
    pub service: ServiceId,
    /// What it says.
    pub entry: ServiceEntry,
    /// What it costs; nothing where that is not known.
    pub fees: Vec<FeeOption>,
}

impl Listing {
    /// A service of which nobody knows what it costs.
    pub fn of(service: ServiceId, entry: ServiceEntry) -> Self {
        let fees = Vec::new();
        Self {
            service,
            entry,
            fees,
        }
    }
}

/// Record what a service says of its places.
#[derive(Clone, Serialize)]
pub struct ReportingPlaces {
    /// Which.
    pub service: ServiceId,
    /// What it says.
    pub places: Places,
}

/// A directory entry and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Which.
    pub id: ServiceId,
    /// Events in the stream so far.
    pub version: u64,
    /// What it says.
    pub entry: ServiceEntry,
    /// Whether it was assessed.
    pub assessment: Assessment,
    /// When it is due for review again.
    pub review_on: Option<Day>,
    /// How it was assessed the last time.
    pub how: AssessmentHow,
    /// What it last said of its places.
    pub places: Option<Places>,
    /// Whether it ended.
    pub retired: bool,
    /// What it was asked, about groups.
    pub inquiries: BTreeMap<InquiryId, Inquiry>,
    /// What it costs; nothing where that is not known.
    pub fees: Vec<FeeOption>,
    /// The version at which that was set; 0 if never.
    pub fees_version: u64,
}

impl Service {
    /// A service that nobody has assessed.
    pub fn of(id: ServiceId, version: u64, entry: ServiceEntry) -> Self {
        Self {
            id,
            version,
            entry,
            assessment: Assessment::NotAssessed,
            review_on: None,
            how: AssessmentHow::default(),
            places: None,
            retired: false,
            inquiries: BTreeMap::new(),
            fees: Vec::new(),
            fees_version: 0,
        }
    }

    /// The service that a first event registers; nothing if it is another event.
    pub fn registered(record: &Record) -> Option<Self> {
        let Event::ServiceRegistered(registered) = &record.event else {
            return None;
        };
        let entry = registered.entry.clone();
        Some(Self::of(registered.service, record.version, entry))
    }

    /// Folds the next event in.
    pub fn apply(&mut self, record: &Record) {
        self.version = record.version;
        self.apply_inquiry(record);
        self.apply_fees(record);
        match &record.event {
            Event::ServiceUpdated(updated) => self.entry = updated.entry.clone(),
            Event::ServiceAssessed(assessed) => {
                self.assessment = assessed.assessment;
                self.review_on = Some(assessed.review_on);
                self.how = assessed.how.clone();
            }
            Event::PlacesReported(reported) => self.places = Some(reported.places),
            Event::ServiceRetired(_) => self.retired = true,
            _ => {}
        }
    }

    /// Whether somebody should look at it again: its assessment is over, or nobody has confirmed
    /// the entry since a day. One that was never assessed is found by its assessment.
    pub fn is_due(&self, today: Day, confirmed_since: Day) -> bool {
        let confirmed = self.entry.assured_on;
        !self.retired
            && (self.review_on.is_some_and(|review| review <= today)
                || confirmed.is_none_or(|day| day < confirmed_since))
    }
}
