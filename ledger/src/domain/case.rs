//! A case as decisions see it: folded from record parts only, so that it survives every shredding.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

pub use super::closing::{Closed, FollowedUp};
use super::codes::*;
use super::contact::SafeContact;
use super::event::{Event, Given, LeafOf, Record, Recorded};
use super::fees::FeeOption;
pub use super::grounds::{Consent, Exception, Standing};
use super::handover::Handover;
use super::ids::*;
use super::interview::Interview;
pub use super::merge::Merge;
pub use super::notices::{DisclosedTo, Notice};
use super::referral::{FollowUpContract, Recall};
pub use super::rights::SubjectRequest;
use super::specialist::{Consultation, Noted};
use crate::clock::{Day, Timestamp};

/// A case's decision state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which.
    pub id: CaseId,
    /// Events in its stream so far.
    pub version: u64,
    /// The person it is about.
    pub client: PersonId,
    /// The code used instead of the name.
    pub code: ClientCode,
    /// The organisation that holds it.
    pub organisation: OrganisationId,
    /// Adult, minor or not known.
    pub age_group: AgeGroup,
    /// How the age is known, once it was assessed.
    pub age_basis: Option<AgeBasis>,
    /// From when on the person counts as an adult, where that is known of a child.
    pub adult_on: Option<Day>,
    /// When somebody who was a child here was found to be an adult, if they had not come of age
    /// before.
    pub found_adult: Option<Timestamp>,
    /// Who is with a child.
    pub company: Company,
    /// Who may see it.
    pub sensitivity: Sensitivity,
    /// What specialists are consulted about before anything is sent (C10).
    pub concerns: BTreeSet<Concern>,
    /// How much may be written down.
    pub documentation: Documentation,
    /// Everybody in it.
    pub persons: BTreeMap<PersonId, Person>,
    /// Consents by id.
    pub consents: BTreeMap<ConsentId, Consent>,
    /// Exceptions by id.
    pub exceptions: BTreeMap<ExceptionId, Exception>,
    /// Referrals by id.
    pub referrals: BTreeMap<ReferralId, Referral>,
    /// Who works on it.
    pub assigned: BTreeSet<StaffId>,
    /// To whom it is being handed over, if to anybody.
    pub handover: Option<Handover>,
    /// Whether it is one of two files of the same person, or said to be.
    pub merge: Option<Merge>,
    /// Leaf keys by what they are for.
    pub leaves: BTreeMap<LeafOf, LeafKeyId>,
    /// Leaves whose destruction has begun or is done: what rests on them is not given back.
    pub begun: BTreeSet<LeafKeyId>,
    /// Leaves whose destruction is done.
    pub shredded: BTreeSet<LeafKeyId>,
    /// Disclosures that were recorded afterwards, and to whom.
    pub disclosures: BTreeMap<DisclosureId, DisclosedTo>,
    /// Where asking recipients to stop, return or destroy stands, by what each was given.
    pub notices: BTreeMap<Given, Notice>,
    /// Where telling recipients that data were put right, restricted or released stands.
    pub informed: BTreeMap<(NoticeAbout, Given), Notice>,
    /// When somebody of the staff last did something in it; never earlier than before.
    pub touched: Timestamp,
    /// Legal holds, those that are over included.
    pub holds: BTreeMap<HoldId, Hold>,
    /// Holds of which it was told that they keep what is over.
    pub told_holds: BTreeSet<HoldId>,
    /// Rotations that destroyed keys of the case, and whether that is recorded as done.
    pub erasures: BTreeMap<RotationId, bool>,
    /// How persons in it agreed to be contacted.
    pub contacts: BTreeMap<PersonId, SafeContact>,
    /// The incoming referrals that it came from.
    pub incoming: BTreeSet<IncomingId>,
    /// What persons in it asked for about their data.
    pub requests: BTreeMap<SubjectRequestId, SubjectRequest>,
    /// Interviews with persons in it.
    pub interviews: BTreeMap<InterviewId, Interview>,
    /// Whether work on it ended.
    pub closed: Option<Closed>,
    /// The referral that was followed up last since work on it began.
    pub followed_up: Option<ReferralId>,
    /// On which day duplicates of it were looked for last, and how many times on that day.
    pub sought: (Day, u32),
}

/// A person in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// As what.
    pub role: PersonRole,
    /// Whether the relationship to a minor was checked.
    pub relationship_checked: bool,
}

/// A referral and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// To which service.
    pub service: ServiceId,
    /// Of which organisation.
    pub recipient: OrganisationId,
    /// Data categories it carries.
    pub categories: BTreeSet<DataCategory>,
    /// How quickly.
    pub urgency: Urgency,
    /// Where it stands.
    pub state: ReferralState,
    /// Grounds that it rests on: the content's at first, the covering ones once sent.
    pub grounds: BTreeSet<GroundId>,
    /// The one of them that keeps its content readable.
    pub content: GroundId,
    /// Who wrote it last; a policy may ask somebody else to sign it off.
    pub author: Option<StaffId>,
    /// Whether a focal point signed it off; an emergency may be signed off after sending (C12).
    pub signed_off: bool,
    /// What the recipient calls the person, once sent.
    pub reference: Option<OutwardReference>,
    /// When it was sent.
    pub sent: Option<Timestamp>,
    /// Who sent it.
    pub sent_by: Option<StaffId>,
    /// By when the service should confirm receipt.
    pub acknowledge_by: Option<Timestamp>,
    /// By when it should be completed.
    pub complete_by: Option<Timestamp>,
    /// What was agreed for following up when it was sent.
    pub follow_up: Option<FollowUpContract>,
    /// Whether it was asked back after it was sent, and what the recipient said.
    pub recall: Option<Recall>,
    /// Whether the recipient opened it here.
    pub opened: bool,
    /// What specialists advise on it as it is now, by what they were asked about.
    pub consulted: BTreeMap<Concern, Consultation>,
    /// What specialists are said to have advised, until they say so themselves.
    pub noted: BTreeMap<StaffId, Noted>,
    /// Where accompaniment, transport and interpreter stand.
    pub arrangements: BTreeMap<ArrangementKind, ArrangementState>,
    /// What the person was told to pay, the last time.
    pub fees_told: Option<Vec<FeeOption>>,
    /// What was heard of it by following up.
    pub followed_up: FollowedUp,
    /// The version of the case at the last change of this referral.
    pub changed: u64,
}

impl Case {
    /// The case that a first event opens; nothing if it is another event.
    pub fn opened(record: &Record) -> Option<Self> {
        let Event::CaseOpened(opened) = &record.event else {
            return None;
        };
        let mut case = Self {
            id: opened.case,
            version: 0,
            client: opened.client,
            code: opened.code,
            organisation: opened.organisation,
            age_group: opened.age_group,
            age_basis: None,
            adult_on: None,
            found_adult: None,
            company: Company::Unknown,
            sensitivity: opened.sensitivity,
            concerns: BTreeSet::new(),
            documentation: opened.documentation,
            persons: BTreeMap::new(),
            consents: BTreeMap::new(),
            exceptions: BTreeMap::new(),
            referrals: BTreeMap::new(),
            assigned: BTreeSet::new(),
            handover: None,
            merge: None,
            leaves: BTreeMap::new(),
            begun: BTreeSet::new(),
            shredded: BTreeSet::new(),
            disclosures: BTreeMap::new(),
            notices: BTreeMap::new(),
            informed: BTreeMap::new(),
            touched: Timestamp(0),
            holds: BTreeMap::new(),
            told_holds: BTreeSet::new(),
            erasures: BTreeMap::new(),
            contacts: BTreeMap::new(),
            incoming: BTreeSet::new(),
            requests: BTreeMap::new(),
            interviews: BTreeMap::new(),
            closed: None,
            followed_up: None,
            sought: (Day(0), 0),
        };
        let client = Person {
            role: PersonRole::Client,
            relationship_checked: false,
        };
        case.persons.insert(opened.client, client);
        case.note(record);
        Some(case)
    }

    /// Folds the next event of the case's stream in.
    pub fn apply(&mut self, record: &Record) {
        self.note(record);
        self.apply_handover(record);
        self.apply_merge(record);
        self.apply_people(record);
        self.apply_exceptions(record);
        self.apply_grounds(record);
        // Before a draft is written again, which asks what stood there.
        self.apply_specialist(record);
        self.apply_referral(record);
        self.apply_beside(record);
        self.apply_arrangement(record);
        self.apply_fees(record);
        self.apply_notice(record);
        self.apply_holds(record);
        self.apply_request(record);
        self.apply_closing(record);
        // After the requests, which ask whether an interview was there before.
        self.apply_interview(record);
    }

    fn note(&mut self, record: &Record) {
        self.version = record.version;
        self.touched = self.touched.max(touched_by(record).unwrap_or(self.touched));
        for made in &record.leaves {
            self.leaves.insert(made.of, made.key);
        }
    }

    fn apply_people(&mut self, record: &Record) {
        match &record.event {
            Event::PersonAdded(added) => {
                let person = Person {
                    role: added.role,
                    relationship_checked: added.relationship_checked,
                };
                self.persons.insert(added.person, person);
            }
            Event::AgeAssessed(it) => {
                // Only counts have a day and no moment; the day's beginning is never too late.
                let at = match record.recorded {
                    Recorded::At(moment) => moment,
                    Recorded::On(day) => day.start(),
                };
                self.assess(it, at);
            }
            Event::ContactAgreed(it) => {
                self.contacts.insert(it.person, it.contact.clone());
            }
            Event::CaseCameFrom(it) => {
                self.incoming.insert(it.incoming);
            }
            Event::StaffAssigned(assigned) => {
                self.assigned.insert(assigned.staff);
            }
            Event::StaffUnassigned(unassigned) => {
                self.assigned.remove(&unassigned.staff);
            }
            _ => {}
        }
    }

    fn sign_off(&mut self, id: ReferralId, version: u64) {
        if let Some(referral) = self.referrals.get_mut(&id) {
            // A sign-off after an emergency was sent does not bring it back (C12).
            if referral.sent.is_none() {
                referral.state = ReferralState::Reviewed;
            }
            referral.signed_off = true;
            referral.changed = version;
        }
    }

    fn apply_referral(&mut self, record: &Record) {
        let version = record.version;
        let mut step = |id: &ReferralId, state: ReferralState| {
            if let Some(referral) = self.referrals.get_mut(id) {
                referral.state = state;
                referral.changed = version;
            }
        };
        match &record.event {
            Event::ReferralDrafted(drafted) => {
                let referral = Referral {
                    service: drafted.service,
                    recipient: drafted.recipient,
                    categories: drafted.categories.clone(),
                    urgency: drafted.urgency,
                    state: ReferralState::Draft,
                    grounds: [drafted.ground].into(),
                    content: drafted.ground,
                    author: record.actor.staff(),
                    signed_off: false,
                    reference: None,
                    sent: None,
                    sent_by: None,
                    acknowledge_by: None,
                    complete_by: None,
                    follow_up: None,
                    recall: None,
                    opened: false,
                    consulted: BTreeMap::new(),
                    noted: BTreeMap::new(),
                    arrangements: BTreeMap::new(),
                    fees_told: None,
                    followed_up: FollowedUp::default(),
                    changed: version,
                };
                self.referrals.insert(drafted.referral, referral);
            }
            Event::ReferralRevised(revised) => {
                step(&revised.referral, ReferralState::Draft);
                if let Some(referral) = self.referrals.get_mut(&revised.referral) {
                    referral.categories = revised.categories.clone();
                    referral.grounds = [revised.ground].into();
                    referral.content = revised.ground;
                    referral.author = record.actor.staff();
                    referral.signed_off = false;
                }
            }
            Event::ReferralReturned(it) => step(&it.referral, ReferralState::Returned),
            Event::ReferralReviewed(it) => self.sign_off(it.referral, version),
            Event::ReferralSent(sent) => {
                step(&sent.referral, ReferralState::Sent);
                if let Some(referral) = self.referrals.get_mut(&sent.referral) {
                    referral.grounds.extend(&sent.basis);
                    referral.reference = Some(sent.reference);
                    referral.sent = record.recorded.at();
                    referral.sent_by = record.actor.staff();
                    referral.acknowledge_by = Some(sent.acknowledge_by);
                    referral.complete_by = Some(sent.complete_by);
                }
            }
            Event::ReferralReceived(it) => step(&it.referral, ReferralState::Received),
            Event::ReferralAccepted(it) => step(&it.referral, ReferralState::Accepted),
            Event::ReferralNotAccepted(it) => step(&it.referral, ReferralState::NotAccepted),
            Event::ReferralCompleted(it) => step(&it.referral, ReferralState::Completed),
            Event::ReferralNotCompleted(it) => step(&it.referral, ReferralState::NotCompleted),
            Event::ReferralRecalled(it) => step(&it.referral, ReferralState::Recalled),
            Event::ReferralStopped(it) => step(&it.referral, ReferralState::Stopped),
            _ => {}
        }
    }
}

impl Recorded {
    /// The exact moment, where it was recorded.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(moment) => Some(moment),
            Self::On(_) => None,
        }
    }
}

/// A legal hold: the retention rules destroy nothing that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whose data; everybody's in the case if not said.
    pub person: Option<PersonId>,
    /// Why.
    pub reason: HoldReason,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Whether it was ended before.
    pub released: bool,
    /// Who wants to end it; a second person decides.
    pub release_asked: Option<StaffId>,
}

impl Hold {
    /// Whether it keeps anything at a moment.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        !self.released && now < self.until
    }
}

impl Case {
    /// Holds on the data of a person that are in force at a moment.
    pub fn holds_on(&self, person: PersonId, now: Timestamp) -> impl Iterator<Item = HoldId> + '_ {
        let covers = move |hold: &Hold| hold.person.is_none_or(|one| one == person);
        let holds = self.holds.iter();
        holds
            .filter(move |(_, hold)| hold.is_in_force(now) && covers(hold))
            .map(|(id, _)| *id)
    }

    fn apply_holds(&mut self, record: &Record) {
        match &record.event {
            Event::HoldPlaced(placed) => {
                let hold = Hold {
                    person: placed.person,
                    reason: placed.reason,
                    until: placed.until,
                    released: false,
                    release_asked: None,
                };
                self.holds.insert(placed.hold, hold);
            }
            Event::HoldReleaseAsked(asked) => {
                if let Some(hold) = self.holds.get_mut(&asked.hold) {
                    hold.release_asked = record.actor.staff();
                }
            }
            Event::HoldReleaseRejected(rejected) => {
                if let Some(hold) = self.holds.get_mut(&rejected.hold) {
                    hold.release_asked = None;
                }
            }
            Event::HoldReleased(released) => {
                if let Some(hold) = self.holds.get_mut(&released.hold) {
                    hold.released = true;
                }
            }
            Event::RetentionHeld(held) => {
                self.told_holds.insert(held.hold);
            }
            _ => {}
        }
    }
}

/// When an event shows that somebody works on a case: whatever the staff do, but looking, holding,
/// taking data away, and asking recipients to do so.
pub fn touched_by(record: &Record) -> Option<Timestamp> {
    let idle = matches!(
        record.event,
        Event::PersonalDataSeen(_)
            | Event::DuplicatesSought(_)
            | Event::HoldPlaced(_)
            | Event::HoldReleased(_)
            | Event::HoldReleaseAsked(_)
            | Event::HoldReleaseRejected(_)
            | Event::ConsentWithdrawn(_)
            | Event::NoticeRecorded(_)
            | Event::RecipientNotified(_)
            | Event::PersonToldBy(_)
            | Event::ExceptionReviewed(_)
            | Event::RequestReceived(_)
            | Event::RequestIdentityChecked(_)
            | Event::RequestExtended(_)
            | Event::RequestAdvised(_)
            | Event::RequestDecided(_)
            | Event::RequestCarriedOut(_)
            | Event::RequestClosed(_)
            | Event::RestrictionLifted(_)
    );
    let at = record.recorded.at().filter(|_| !idle);
    at.filter(|_| record.actor.staff().is_some())
}
