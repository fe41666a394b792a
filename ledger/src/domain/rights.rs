//! What a person asks for about their data (MISSION E3): the requests of a case, folded, and the
//! commands that answer them.
//!
//! - A request belongs to the case it is about, and ends with it. What is asked by somebody of whom
//!   nothing is held leaves no record of them.
//! - Restricting and objecting have the same effect here: what is held is kept, and not used.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::{Case, Consent};
use super::codes::*;
use super::event::{Event, LeafOf, PersonalDataSeen, Record, ViewTarget};
use super::ids::{CaseId, ConsentId, GroundId, LeafKeyId, PersonId, StaffId, SubjectRequestId};
use super::personal::Identity;
use crate::clock::Timestamp;

/// A request and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectRequest {
    /// Whose data.
    pub person: PersonId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Who asked.
    pub by: RequestedBy,
    /// Only these kinds of data; all of them if empty.
    pub categories: BTreeSet<DataCategory>,
    /// How it came.
    pub channel: Channel,
    /// Whether it was agreed since how the person may be contacted.
    pub agreed_since: bool,
    /// When it reached the organisation.
    pub received: Timestamp,
    /// By when it is to be answered.
    pub due: Timestamp,
    /// Whether the time was made longer.
    pub extended: bool,
    /// What came of checking who is asking.
    pub identity: Option<IdentityOutcome>,
    /// What the data protection officer advised, and who that was.
    pub advised: Option<(RequestAnswer, Option<StaffId>)>,
    /// What the controller's delegate decided, and who that was.
    pub decided: Option<(RequestAnswer, Option<StaffId>)>,
    /// The kinds of data that it was granted for, where that is not all that was asked.
    pub granted: BTreeSet<DataCategory>,
    /// Whether a copy for the person was made since one was owed.
    pub copied: bool,
    /// The kinds of details of the person that were put right since it came.
    pub corrected: BTreeSet<DataCategory>,
    /// The version of the case with which what was granted was done.
    pub carried_out: Option<u64>,
    /// Whether a restriction was lifted again.
    pub lifted: bool,
    /// How it ended.
    pub end: Option<RequestEnd>,
}

impl SubjectRequest {
    /// Where it stands.
    pub fn state(&self) -> RequestState {
        if self.end.is_some() {
            return RequestState::Closed;
        }
        if self.carried_out.is_some() {
            return RequestState::CarriedOut;
        }
        match (self.decided, self.advised, self.identity) {
            (Some((RequestAnswer::Refuse, _)), _, _) => RequestState::Refused,
            (Some(_), _, _) => RequestState::Granted,
            (None, Some(_), _) => RequestState::Advised,
            (None, None, Some(_)) => RequestState::IdentityChecked,
            (None, None, None) => RequestState::Received,
        }
    }

    /// Whether it is past its time and not answered.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.end.is_none() && self.due < now
    }

    /// The kinds of data that are to be done with what was granted; none is all of them.
    pub fn meant(&self) -> Option<&BTreeSet<DataCategory>> {
        let meant = if self.granted.is_empty() {
            &self.categories
        } else {
            &self.granted
        };
        (!meant.is_empty()).then_some(meant)
    }

    /// Whether a copy is owed: to the person, from when it is known that they ask; to who asks for
    /// them, once it was granted (MISSION B8). Neither after it was refused, given or closed.
    pub fn asks_for_a_copy(&self) -> bool {
        let kind = matches!(self.kind, RequestKind::Access | RequestKind::Portability);
        let known = self
            .identity
            .is_some_and(|it| it != IdentityOutcome::NotConfirmed);
        let own = self.by == RequestedBy::Person;
        let owed = match self.state() {
            RequestState::Received | RequestState::IdentityChecked | RequestState::Advised => own,
            RequestState::Granted => true,
            RequestState::Refused | RequestState::CarriedOut | RequestState::Closed => false,
        };
        kind && known && owed
    }

    /// Whether it keeps the person's data from being used at this moment.
    pub fn restricts(&self) -> bool {
        self.kind.restricts() && self.carried_out.is_some() && !self.lifted
    }
}

impl Case {
    /// Whether two persons had this consent ended, or one of these leaves of it destroyed, which
    /// may wait for a copy: nobody takes that back.
    pub fn is_deleted(&self, consent: &Consent, leaves: &[LeafKeyId]) -> bool {
        let of_it = |request: &&SubjectRequest| {
            let done = request.carried_out;
            let later = done.is_some_and(|done| consent.version < done);
            later && request.kind == RequestKind::Deletion && request.person == consent.person
        };
        self.requests.values().filter(of_it).any(|request| {
            let whole = request.meant().is_none();
            whole || self.undeleted(request).any(|leaf| leaves.contains(&leaf))
        })
    }

    /// Leaves of what a deletion was granted for that are not dead yet: of consents given before it
    /// was carried out, in the categories meant.
    pub fn undeleted(&self, request: &SubjectRequest) -> impl Iterator<Item = LeafKeyId> + '_ {
        let (person, done) = (request.person, request.carried_out);
        let meant = request.meant().cloned();
        let of_it = move |ground: GroundId| {
            let consent = self.consents.get(&ConsentId(ground.0));
            consent
                .is_some_and(|one| one.person == person && done.is_some_and(|at| one.version < at))
        };
        let is_meant = move |of: &LeafOf| match (&meant, of.category) {
            (None, _) => true,
            (Some(meant), Some(category)) => meant.contains(&category),
            (Some(_), None) => false,
        };
        let leaves = self.leaves.iter();
        leaves
            .filter(move |(of, key)| {
                of_it(of.ground) && is_meant(of) && !self.shredded.contains(key)
            })
            .map(|(_, key)| *key)
    }

    /// The first kind of details that a correction still lacks; any of them, where none was named.
    /// What stands in referrals alone is put right there, and what may not be recorded any more
    /// nowhere: of both the officer's word is enough.
    pub fn lacks_correction(
        &self,
        request: &SubjectRequest,
        now: Timestamp,
    ) -> Option<Option<DataCategory>> {
        let recorded = |categories: BTreeSet<DataCategory>| {
            let ground = self.record_ground_for(request.person, &categories, now);
            ground.is_some()
        };
        let Some(meant) = request.meant() else {
            let none = request.corrected.is_empty() && recorded(BTreeSet::new());
            return none.then_some(None);
        };
        let details = meant.iter().filter(|one| is_a_detail(**one));
        let mut missing = details.filter(|one| !request.corrected.contains(one));
        missing
            .find(|one| recorded([**one].into()))
            .map(|one| Some(*one))
    }

    /// Leaves of the client that a copy shows though they are fenced or over: of the kinds of data
    /// that a copy is owed of. What goes with no kind goes with all of them.
    pub fn owed_in_a_copy(&self) -> BTreeSet<LeafKeyId> {
        let of_client = |of: &LeafOf| of.person == self.client;
        let owed = |request: &SubjectRequest, of: &LeafOf| {
            let meant = |category| request.meant().is_none_or(|it| it.contains(&category));
            request.person == self.client
                && request.asks_for_a_copy()
                && of.category.map_or_else(|| request.meant().is_none(), meant)
        };
        let leaves = self.leaves.iter().filter(|(of, _)| of_client(of));
        let owed = leaves.filter(|(of, _)| self.requests.values().any(|it| owed(it, of)));
        owed.map(|(_, key)| *key).collect()
    }

    /// The request that keeps a person's data from being used, if one does.
    pub fn restriction_on(&self, person: PersonId) -> Option<SubjectRequestId> {
        let mut requests = self.requests.iter();
        let restricts = |request: &SubjectRequest| request.person == person && request.restricts();
        let found = requests.find(|(_, request)| restricts(request));
        found.map(|(id, _)| *id)
    }

    /// A copy of the whole case for the person that it is about, or details put right.
    fn note_what_was_made(&mut self, record: &Record) {
        let whole_copy = PersonalDataSeen {
            target: ViewTarget::Case,
            purpose: ViewPurpose::CopyForPerson,
        };
        let (client, requests) = (self.client, self.requests.values_mut());
        match &record.event {
            Event::PersonalDataSeen(seen) if *seen == whole_copy => requests
                .filter(|request| request.person == client && request.asks_for_a_copy())
                .for_each(|request| request.copied = true),
            Event::PersonCorrected(it) => requests
                .filter(|request| request.person == it.person)
                .for_each(|request| request.corrected.extend(&it.categories)),
            // Of an interview that was there, what is answered now was put right (C8). A detail of
            // the person, which is what goes to others, stands as it was.
            Event::InterviewRecorded(it) if self.interviews.contains_key(&it.interview) => requests
                .filter(|request| request.person == it.person)
                .for_each(|request| {
                    let answers = it.categories.iter().filter(|one| !is_a_detail(**one));
                    request.corrected.extend(answers);
                }),
            Event::ContactAgreed(it) => requests
                .filter(|request| request.person == it.person)
                .for_each(|request| request.agreed_since = true),
            _ => {}
        }
    }

    pub(super) fn apply_request(&mut self, record: &Record) {
        if let Event::RequestReceived(it) = &record.event {
            let request = SubjectRequest {
                person: it.person,
                kind: it.kind,
                by: it.by,
                categories: it.categories.clone(),
                channel: it.channel,
                agreed_since: false,
                received: it.received,
                due: it.due,
                extended: false,
                identity: None,
                advised: None,
                decided: None,
                granted: BTreeSet::new(),
                copied: false,
                corrected: BTreeSet::new(),
                carried_out: None,
                lifted: false,
                end: None,
            };
            self.requests.insert(it.request, request);
            return;
        }
        self.note_what_was_made(record);
        let by = record.actor.staff();
        let mut change = |id: &SubjectRequestId, change: &dyn Fn(&mut SubjectRequest)| {
            self.requests.get_mut(id).into_iter().for_each(change);
        };
        match &record.event {
            Event::RequestIdentityChecked(it) => {
                change(&it.request, &|request| request.identity = Some(it.outcome));
            }
            Event::RequestExtended(it) => change(&it.request, &|request| {
                (request.extended, request.due) = (true, it.due);
            }),
            Event::RequestAdvised(it) => {
                change(&it.request, &|request| {
                    request.advised = Some((it.answer, by))
                });
            }
            Event::RequestDecided(it) => change(&it.request, &|request| {
                request.decided = Some((it.answer, by));
                request.granted = it.categories.clone();
            }),
            Event::RequestCarriedOut(it) => {
                change(&it.request, &|request| {
                    request.carried_out = Some(record.version);
                });
            }
            Event::RequestClosed(it) => {
                change(&it.request, &|request| request.end = Some(it.end));
            }
            Event::RestrictionLifted(it) => {
                change(&it.request, &|request| request.lifted = true);
            }
            _ => {}
        }
    }
}

/// Whether a kind of data is a detail of a person by itself, as `CorrectPerson` takes it.
fn is_a_detail(category: DataCategory) -> bool {
    match category {
        DataCategory::Identity
        | DataCategory::Contact
        | DataCategory::Age
        | DataCategory::Gender
        | DataCategory::Language
        | DataCategory::Family => true,
        DataCategory::LegalStatus
        | DataCategory::Place
        | DataCategory::Needs
        | DataCategory::Health
        | DataCategory::Disability
        | DataCategory::Protection
        | DataCategory::Education
        | DataCategory::Employment => false,
    }
}

/// A person asks for something about their data.
#[derive(Clone, Serialize)]
pub struct Asking {
    /// In which case.
    pub case: CaseId,
    /// Whose data; the client's if not said.
    pub person: Option<PersonId>,
    /// What is asked for.
    pub kind: RequestKind,
    /// Who asks.
    pub by: RequestedBy,
    /// Only these kinds of data; all of them if empty.
    pub categories: BTreeSet<DataCategory>,
    /// How it came.
    pub channel: Channel,
}

/// What came of checking who is asking.
#[derive(Clone, Serialize)]
pub struct Identifying {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
    /// The outcome; no copy of any paper.
    pub outcome: IdentityOutcome,
}

/// More time, once.
#[derive(Clone, Serialize)]
pub struct Extending {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
    /// Why.
    pub reason: ExtensionReason,
    /// Whether the person was told.
    pub told: PersonTold,
    /// How, if they were.
    pub channel: Option<Channel>,
}

/// What the data protection officer advises.
#[derive(Clone, Serialize)]
pub struct Advising {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
    /// What to answer.
    pub answer: RequestAnswer,
    /// Why not, or not all of it.
    pub reason: Option<RequestReason>,
}

/// What the controller's delegate decides.
#[derive(Clone, Serialize)]
pub struct Ruling {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
    /// The answer.
    pub answer: RequestAnswer,
    /// Why not, or not all of it.
    pub reason: Option<RequestReason>,
    /// Granted in part: for these kinds of data.
    pub categories: BTreeSet<DataCategory>,
}

/// What was granted is done.
#[derive(Clone, Serialize)]
pub struct CarryingOut {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
}

/// The end of a request.
#[derive(Clone, Serialize)]
pub struct Closing {
    /// In which case.
    pub case: CaseId,
    /// Which request.
    pub request: SubjectRequestId,
    /// How it ends.
    pub end: RequestEnd,
    /// Whether the person was told.
    pub told: PersonTold,
    /// How.
    pub channel: Channel,
}

/// Details of a person as they are.
#[derive(Clone, Serialize)]
pub struct Correcting {
    /// In which case.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// What they are.
    pub identity: Identity,
}

/// The end of a restriction.
#[derive(Clone, Serialize)]
pub struct Lifting {
    /// In which case.
    pub case: CaseId,
    /// The request that it came from.
    pub request: SubjectRequestId,
    /// Whether the person was told beforehand.
    pub told: PersonTold,
    /// How, if they were.
    pub channel: Option<Channel>,
}
