//! A made-up log of well-formed record parts, and a source that serves it from memory.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "each test file uses its own part of this world"
)]

mod counted;
mod play;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::{Day, Entropy, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;
use ledger::ledger::Entry;
use projections::views::Views;

pub use counted::{CLINIC, HOME, agree_to_statistics, sent};
pub use play::Op;
pub use source::Memory;

pub const HOUR_MS: u64 = 3_600_000;

/// A log as it grows. Each event is an hour after the one before.
pub struct World {
    pub entries: Vec<Entry>,
    versions: BTreeMap<StreamId, u64>,
    ids: u64,
    pub now: Timestamp,
}

impl Default for World {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            versions: BTreeMap::new(),
            ids: 0,
            now: Timestamp(0),
        }
    }
}

impl World {
    pub fn push(&mut self, stream: StreamId, event: impl Into<Event>) -> u64 {
        self.push_with(stream, event, Vec::new())
    }

    pub fn push_with(
        &mut self,
        stream: StreamId,
        event: impl Into<Event>,
        leaves: Vec<LeafMade>,
    ) -> u64 {
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        self.now = self.now.plus_ms(HOUR_MS);
        let position = self.entries.len() as u64;
        let event = event.into();
        let recorded = if matches!(event, Event::RecordRefused(_)) {
            Recorded::On(self.now.day())
        } else {
            Recorded::At(self.now)
        };
        let record = Record {
            stream,
            version: *version,
            recorded,
            occurred: None,
            actor: Actor::Staff(StaffId([1; 16])),
            leaves,
            event,
        };
        self.entries.push(Entry {
            position,
            record: record.into(),
        });
        position
    }

    pub fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        u128::from(self.ids)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            .to_be_bytes()
    }

    /// Opens a case; its client has the same bytes as the case for an id.
    pub fn case(&mut self, organisation: OrganisationId) -> CaseId {
        self.case_of(organisation, Sensitivity::Standard)
    }

    /// The same, as sensitive as said.
    pub fn case_of(&mut self, organisation: OrganisationId, sensitivity: Sensitivity) -> CaseId {
        let case = CaseId(self.id());
        let code = ClientCode::fresh(&mut Counting(self.ids));
        let event = CaseOpened {
            case,
            client: PersonId(case.0),
            code,
            organisation,
            age_group: AgeGroup::Adult,
            sensitivity,
            documentation: Documentation::Full,
        };
        self.push(StreamId::Case(case), event);
        case
    }

    /// Gives consent in a case; its leaf key has the same bytes as the consent for an id.
    pub fn consent(&mut self, case: CaseId, expires: Option<Timestamp>) -> ConsentId {
        let consent = ConsentId(self.id());
        let leaf = LeafMade {
            of: LeafOf {
                person: PersonId(case.0),
                ground: consent.into(),
                category: None,
            },
            key: LeafKeyId(consent.0),
        };
        let event = ConsentGiven {
            consent,
            person: PersonId(case.0),
            given_by: PersonId(case.0),
            capacity: Capacity::Own,
            scope: scope(),
            form: ConsentForm::Oral,
            explained: BTreeSet::new(),
            interpreter: None,
            expires,
        };
        let of_health = LeafMade {
            of: LeafOf {
                category: Some(DataCategory::Health),
                ..leaf.of
            },
            key: health_key(consent.into()),
        };
        self.push_with(StreamId::Case(case), event, vec![leaf, of_health]);
        consent
    }

    pub fn withdraw(&mut self, case: CaseId, consent: ConsentId, shred_due: Timestamp) {
        let event = ConsentWithdrawn {
            consent,
            part: None,
            shred_due: Some(shred_due),
        };
        self.push(StreamId::Case(case), event);
    }

    pub fn draft(&mut self, case: CaseId, recipient: OrganisationId) -> ReferralId {
        let referral = ReferralId(self.id());
        let event = ReferralDrafted {
            referral,
            service: ServiceId(recipient.0),
            recipient,
            categories: [DataCategory::Identity].into(),
            urgency: Urgency::Routine,
            ground: GroundId([0; 16]),
            follows: None,
        };
        self.push(StreamId::Case(case), event);
        referral
    }

    /// Sends a referral: to be acknowledged within ten hours, completed within a hundred.
    pub fn send(&mut self, case: CaseId, referral: ReferralId) {
        let event = ReferralSent {
            referral,
            channel: Channel::Portal,
            basis: vec![GroundId([0; 16])],
            reference: OutwardReference(self.id()),
            acknowledge_by: self.now.plus_ms(10 * HOUR_MS),
            complete_by: self.now.plus_ms(100 * HOUR_MS),
        };
        self.push(StreamId::Case(case), event);
    }

    pub fn service(&mut self, name: &str) -> ServiceId {
        let service = ServiceId(self.id());
        let entry = entry(name);
        self.push(
            StreamId::Service(service),
            ServiceRegistered { service, entry },
        );
        service
    }

    pub fn staff(&mut self, organisation: OrganisationId) -> StaffId {
        let staff = StaffId(self.id());
        let event = StaffRegistered {
            staff,
            organisation,
            ground: GroundId([7; 16]),
        };
        self.push(StreamId::Staff(staff), event);
        staff
    }

    /// The views rebuilt from the first event.
    pub fn views(&self) -> Views {
        let mut views = Views::default();
        for entry in &self.entries {
            views.apply(entry.position, &entry.record);
        }
        views
    }

    pub fn of(&self, stream: StreamId) -> Vec<Entry> {
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.record.stream == stream)
            .cloned()
            .collect()
    }
}

pub fn scope() -> Scope {
    Scope {
        purposes: [Purpose::Record, Purpose::Referral].into(),
        recipients: [OrganisationId([2; 16])].into(),
        categories: [DataCategory::Identity, DataCategory::Needs].into(),
        withheld: [DataCategory::Health].into(),
    }
}

pub fn entry(name: &str) -> ServiceEntry {
    let text = |text: &str| PublicText(text.to_owned());
    ServiceEntry {
        name: text(name),
        organisation: OrganisationId([2; 16]),
        organisation_name: text("Red Crescent Society"),
        class: RecipientClass::Service,
        sectors: vec![text("HEALTH")],
        description: text("Primary care, psychosocial support"),
        locations: vec![text("Irbid, Jordan"), text("Zarqa")],
        languages: vec![text("Arabic"), text("English")],
        eligibility: text(""),
        fees: text(""),
        schedules: Vec::new(),
        documents: Vec::new(),
        accessibility: Vec::new(),
        how_to_refer: text(""),
        contact: text(""),
        accepts_referrals: true,
        needs: [DataCategory::Identity].into(),
        assured_on: Some(Day(100)),
        confidential: false,
        details: Default::default(),
    }
}

/// Randomness that is none: the same codes in each run.
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

/// The leaf of what was said of health on a ground.
pub fn health_key(ground: GroundId) -> LeafKeyId {
    LeafKeyId(ground.0.map(|byte| !byte))
}
