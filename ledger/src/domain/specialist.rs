//! Suspected cases, and the specialist who is consulted before a referral goes out (MISSION C10).
//!
//! - Advice to go on stands for the content as it was: a draft that is written again asks anew, but
//!   for the one revision that the specialist asked for.
//! - Advice against a service or the moment stands until the specialist, or another one by
//!   themself, advises otherwise. What somebody writes down of a call stands apart until then.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeSet;

use serde::Serialize;

use super::case::{Case, Referral};
use super::codes::{Advice, Channel, Concern, ReferralState, Sensitivity, Urgency};
use super::event::{Event, Record};
use super::ids::{CaseId, ExceptionId, ReferralId, StaffId};
use crate::clock::Timestamp;

/// What came of consulting a specialist about one concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consultation {
    /// Who was asked.
    pub specialist: StaffId,
    /// What they advise.
    pub advice: Advice,
    /// How they were asked.
    pub channel: Channel,
    /// Whether they say so themselves.
    pub confirmed: bool,
    /// When they were asked, as claimed if it was recorded later.
    pub asked: Option<Timestamp>,
}

/// What somebody wrote down of a call with a specialist, until that one says whether it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// About what.
    pub concerns: BTreeSet<Concern>,
    /// What they are said to have advised.
    pub said: Consultation,
    /// Whether the draft was written again since.
    pub revised: bool,
}

impl Noted {
    /// Notes that the draft was written again; false if nothing is left to be confirmed.
    fn is_revised(&mut self, wider: bool) -> bool {
        let meant = self.meant().filter(|_| !wider);
        let left = meant.and_then(Consultation::after_revision);
        self.revised = true;
        left.is_some()
    }

    /// What it comes to once they confirm it.
    fn meant(&self) -> Option<Consultation> {
        if self.revised {
            self.said.after_revision()
        } else {
            Some(self.said)
        }
    }
}

impl Referral {
    /// What specialists advise by what they were asked about, and then what waits for their word.
    pub fn consultations(&self) -> impl Iterator<Item = (Concern, &Consultation)> {
        let confirmed = self.consulted.iter().map(|(concern, one)| (*concern, one));
        let noted = self.noted.values().flat_map(|note| {
            let concerns = note.concerns.iter();
            concerns.map(|concern| (*concern, &note.said))
        });
        confirmed.chain(noted)
    }

    /// Advice about one of these that does not let it go, and whose it is.
    pub(crate) fn advised_against(&self, concerns: &BTreeSet<Concern>) -> Option<&Consultation> {
        let mut advised = concerns.iter().filter_map(|it| self.consulted.get(it));
        advised.find(|one| !one.lets_go())
    }

    /// Takes the word of a specialist for what it is about.
    fn advised(&mut self, concerns: &BTreeSet<Concern>, advice: Consultation) {
        let each = concerns.iter().map(|concern| (*concern, advice));
        self.consulted.extend(each);
    }
}

impl Consultation {
    /// Whether the referral may go out as it is.
    pub fn lets_go(&self) -> bool {
        self.confirmed && self.advice == Advice::GoOn
    }

    /// What is left of it once the draft was written again.
    fn after_revision(self) -> Option<Self> {
        match self.advice {
            Advice::GoOn => None,
            Advice::GoOnWithChanges => Some(Self {
                advice: Advice::GoOn,
                ..self
            }),
            Advice::NotThisService | Advice::NotNow => Some(self),
        }
    }
}

impl ReferralState {
    /// Whether who sent it, or the person, took it back or asked for that: it is not followed up.
    pub fn is_taken_back(self) -> bool {
        match self {
            Self::RecallAsked | Self::Recalled | Self::Stopped | Self::Cancelled => true,
            Self::Draft
            | Self::Returned
            | Self::Reviewed
            | Self::Sent
            | Self::Received
            | Self::Accepted
            | Self::NotAccepted
            | Self::Completed
            | Self::NotCompleted => false,
        }
    }

    /// Whether the referral has not gone out, and still may.
    pub fn is_unsent(self) -> bool {
        match self {
            Self::Draft | Self::Returned | Self::Reviewed => true,
            Self::Sent
            | Self::Received
            | Self::Accepted
            | Self::NotAccepted
            | Self::Completed
            | Self::NotCompleted
            | Self::RecallAsked
            | Self::Recalled
            | Self::Stopped
            | Self::Cancelled => false,
        }
    }
}

impl Case {
    /// What is suspected at a moment: what was raised, and that a child is alone.
    pub fn suspected(&self, at: Timestamp) -> BTreeSet<Concern> {
        let alone = self.company.is_alone() && self.is_minor(at);
        let alone = alone.then_some(Concern::UnaccompaniedChild);
        self.concerns.iter().copied().chain(alone).collect()
    }

    /// What a specialist still has to be consulted about before a referral goes out. Nothing for
    /// what was sent, for an emergency, and for what an exception carries.
    pub fn waits_for_specialist(&self, referral: &Referral, at: Timestamp) -> BTreeSet<Concern> {
        let by_exception = self
            .exceptions
            .contains_key(&ExceptionId(referral.content.0));
        if !referral.state.is_unsent() || by_exception {
            return BTreeSet::new();
        }
        self.not_consulted(referral, at)
    }

    /// The same, whatever the referral rests on.
    pub(crate) fn not_consulted(&self, referral: &Referral, at: Timestamp) -> BTreeSet<Concern> {
        if referral.urgency == Urgency::Emergency {
            return BTreeSet::new();
        }
        let lets_go = |concern: &Concern| {
            let known = referral.consulted.get(concern);
            known.is_some_and(Consultation::lets_go)
        };
        let suspected = self.suspected(at).into_iter();
        suspected.filter(|concern| !lets_go(concern)).collect()
    }

    /// Folds in suspicions and what specialists said.
    pub(super) fn apply_specialist(&mut self, record: &Record) {
        let version = record.version;
        let mut change = |id: &ReferralId, change: &dyn Fn(&mut Referral)| {
            if let Some(referral) = self.referrals.get_mut(id) {
                change(referral);
                referral.changed = version;
            }
        };
        match &record.event {
            Event::ConcernRaised(it) => {
                self.concerns.extend(&it.concerns);
                self.sensitivity = Sensitivity::Restricted;
            }
            Event::SpecialistConsulted(it) => change(&it.referral, &|referral| {
                let consulted = Consultation {
                    specialist: it.specialist,
                    advice: it.advice,
                    channel: it.channel,
                    confirmed: it.confirmed,
                    asked: record.occurred.or_else(|| record.recorded.at()),
                };
                if it.confirmed {
                    referral.advised(&it.concerns, consulted);
                } else {
                    let concerns = it.concerns.clone();
                    let said = consulted;
                    let revised = false;
                    let note = Noted {
                        concerns,
                        said,
                        revised,
                    };
                    referral.noted.insert(it.specialist, note);
                }
            }),
            Event::ConsultationConfirmed(it) => change(&it.referral, &|referral| {
                let by = record.actor.staff();
                let note = by.and_then(|by| referral.noted.remove(&by));
                if let Some(note) = note.filter(|_| it.confirmed)
                    && let Some(meant) = note.meant()
                {
                    let confirmed = true;
                    referral.advised(&note.concerns, Consultation { confirmed, ..meant });
                }
            }),
            Event::ReferralRevised(it) => change(&it.referral, &|referral| {
                // Who wanted changes did not say that more may go.
                let wider = !it.categories.is_subset(&referral.categories);
                let consulted = std::mem::take(&mut referral.consulted).into_iter();
                let left = consulted.filter_map(|(concern, one)| {
                    let left = one.after_revision()?;
                    (!wider || !left.lets_go()).then_some((concern, left))
                });
                referral.consulted = left.collect();
                // They are asked whether they said it, and so it stands in their words until then.
                referral.noted.retain(|_, note| note.is_revised(wider));
            }),
            _ => {}
        }
    }
}

/// Fields of `RaiseConcern`.
#[derive(Clone, Serialize)]
pub struct RaisingConcern {
    /// In which case.
    pub case: CaseId,
    /// What is suspected.
    pub concerns: BTreeSet<Concern>,
}

/// Fields of `ConsultSpecialist`.
#[derive(Clone, Serialize)]
pub struct Consulting {
    /// In which case.
    pub case: CaseId,
    /// About which referral.
    pub referral: ReferralId,
    /// Who was asked; the caller, who is the specialist, if not said.
    pub specialist: Option<StaffId>,
    /// What they advise.
    pub advice: Advice,
    /// How they were asked.
    pub channel: Channel,
}

/// Fields of `ConfirmConsultation`.
#[derive(Clone, Serialize)]
pub struct Confirming {
    /// In which case.
    pub case: CaseId,
    /// About which referral.
    pub referral: ReferralId,
    /// Whether the specialist advised so.
    pub confirm: bool,
}
