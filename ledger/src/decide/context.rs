//! What every rule decides with: who asks, the states, the moment, and the first objection so far.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{NewEvent, NewPersonal, Rules};
use crate::authorise::By;
use crate::clock::{DAY_MS, Day, Entropy, Timestamp};
use crate::domain::apart::StandsApart;
use crate::domain::breach::Breach;
use crate::domain::case::{Case, Referral};
use crate::domain::codes::{DataCategory, Documentation, Role};
use crate::domain::complaint::Complaint;
use crate::domain::directory::Service;
use crate::domain::event::{Actor, Event, Recorded};
use crate::domain::ids::{CaseId, LeafKeyId, PersonId, ReferralId, StaffId};
use crate::domain::incoming::Incoming;
use crate::domain::link::Link;
use crate::domain::mechanism::{Member, Pathway};
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::domain::subjects::{Mirror, Subjects, SweepAsked, SweepStands};
use crate::limits::CLAIMED_DAYS_MAX;
use crate::refusal::{Refusal, Refused};

pub(super) struct Context<'a> {
    pub(super) by: By,
    pub(super) now: Timestamp,
    pub(super) rules: &'a Rules,
    pub(super) entropy: &'a mut dyn Entropy,
    subjects: &'a Subjects,
    occurred: Option<Timestamp>,
    objection: Option<Refused>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        by: By,
        subjects: &'a Subjects,
        now: Timestamp,
        rules: &'a Rules,
        entropy: &'a mut dyn Entropy,
    ) -> Self {
        Self {
            by,
            now,
            rules,
            entropy,
            subjects,
            occurred: None,
            objection: None,
        }
    }

    /// In how many other cases who asks had data destroyed at once within the last day.
    pub(super) fn destroyed_today(&self) -> u32 {
        self.subjects.destroyed_today
    }

    /// Leaves of the consent to be taken back that are dead, whether or not the case tells.
    pub(super) fn dead(&self) -> &'a BTreeSet<LeafKeyId> {
        &self.subjects.dead
    }

    /// Notes when the deed is claimed to have happened (MISSION C9): not in the future.
    pub(super) fn claim(&mut self, occurred: Option<Timestamp>) {
        let oldest = self.now.0.saturating_sub(CLAIMED_DAYS_MAX * DAY_MS);
        let absurd = occurred.is_some_and(|at| at > self.now || at.0 < oldest);
        self.object_if(absurd, Refusal::TimeInvalid, "occurred");
        self.occurred = occurred;
    }

    /// When the deed happened, as claimed if it was recorded later.
    pub(super) fn happened(&self) -> Timestamp {
        self.occurred.unwrap_or(self.now)
    }

    /// Notes that a rule is against it. Of all objections the one first in `Refusal::ALL` is kept.
    pub(super) fn object(&mut self, refused: impl Into<Refused>) {
        let refused = refused.into();
        let earlier = |noted: &Refused| noted.refusal <= refused.refusal;
        if !self.objection.as_ref().is_some_and(earlier) {
            self.objection = Some(refused);
        }
    }

    /// Notes an objection about something if it holds.
    pub(super) fn object_if(&mut self, holds: bool, refusal: Refusal, about: &str) {
        if holds {
            self.object(Refused::about(refusal, about));
        }
    }

    /// Gives the first of all objections; nothing is decided before this was asked.
    pub(super) fn settle(&mut self) -> Result<(), Refused> {
        self.objection.take().map_or(Ok(()), Err)
    }

    /// The first of all objections, this last one included.
    pub(super) fn refuse(&mut self, refused: impl Into<Refused>) -> Refused {
        let refused = refused.into();
        self.object(refused.clone());
        self.objection.take().unwrap_or(refused)
    }

    /// The case that the command names.
    pub(super) fn case(&self) -> Result<Arc<Case>, Refused> {
        let case = self.subjects.case.clone();
        case.ok_or_else(|| Refused::about(Refusal::NotFound, "case"))
    }

    /// The other file that the command names beside the case, or that its link leads to.
    pub(super) fn other_case(&self) -> Result<Arc<Case>, Refused> {
        let case = self.subjects.other_case.clone();
        case.ok_or_else(|| Refused::about(Refusal::NotFound, "other_case"))
    }

    /// The files that go with the case; authorising made sure that all are there.
    pub(super) fn further(&self) -> &'a [Arc<Case>] {
        &self.subjects.further
    }

    /// Whether the link that the command was given is one of these two files.
    pub(super) fn links(&self, case: CaseId, other: CaseId) -> bool {
        let link = self.subjects.link.as_deref();
        let leads_to = link.and_then(|link| link.from(case));
        leads_to.is_some_and(|(file, _)| file == other)
    }

    /// The link that the command ends.
    pub(super) fn link(&self) -> Result<Arc<Link>, Refused> {
        let link = self.subjects.link.clone();
        link.ok_or_else(|| Refused::about(Refusal::NotFound, "link"))
    }

    /// The complaint that the command names.
    pub(super) fn complaint(&self) -> Result<Arc<Complaint>, Refused> {
        let complaint = self.subjects.complaint.clone();
        complaint.ok_or_else(|| Refused::about(Refusal::NotFound, "complaint"))
    }

    /// What stands apart from cases and is kept or ended by the command.
    pub(super) fn apart<T>(&self, told: impl FnOnce(&StandsApart<'_>) -> T) -> Result<T, Refused> {
        let apart = self.subjects.apart();
        let told = apart.map(|apart| told(&apart));
        told.ok_or_else(|| Refused::about(Refusal::NotFound, "apart"))
    }

    /// The breach that the command names.
    pub(super) fn breach(&self) -> Result<Arc<Breach>, Refused> {
        let breach = self.subjects.breach.clone();
        breach.ok_or_else(|| Refused::about(Refusal::NotFound, "breach"))
    }

    /// Whether the record of the incoming referral that the command names ended.
    pub(super) fn is_incoming_closed(&self) -> bool {
        self.subjects.incoming_closed
    }

    /// The incoming referral that the command names.
    pub(super) fn incoming(&self) -> Result<Arc<Incoming>, Refused> {
        let incoming = self.subjects.incoming.clone();
        incoming.ok_or_else(|| Refused::about(Refusal::NotFound, "incoming"))
    }

    /// The service that the command or its referral names.
    pub(super) fn service(&self) -> Result<Arc<Service>, Refused> {
        let service = self.subjects.service.clone();
        service.ok_or_else(|| Refused::about(Refusal::NotFound, "service"))
    }

    /// The service, if it was loaded.
    pub(super) fn known_service(&self) -> Option<&Service> {
        self.subjects.service.as_deref()
    }

    /// The member of the mechanism that the command names, or that a referral is sent to.
    pub(super) fn known_member(&self) -> Option<&'a Member> {
        self.subjects.member.as_deref()
    }

    /// The member of the mechanism that the command names.
    pub(super) fn member(&self) -> Result<Arc<Member>, Refused> {
        let member = self.subjects.member.clone();
        member.ok_or_else(|| Refused::about(Refusal::NotFound, "member"))
    }

    /// The pathway, if it is there already.
    pub(super) fn known_pathway(&self) -> Option<&'a Pathway> {
        self.subjects.pathway.as_deref()
    }

    /// Whether the pathway that the command writes leads to a service that there is not.
    pub(super) fn leads_nowhere(&self) -> bool {
        self.subjects.service_unknown
    }

    /// The pathway that the command names.
    pub(super) fn pathway(&self) -> Result<Arc<Pathway>, Refused> {
        let pathway = self.subjects.pathway.clone();
        pathway.ok_or_else(|| Refused::about(Refusal::NotFound, "pathway"))
    }

    /// Whether the retention rules may be applied to the case.
    pub(super) fn may_apply_retention(&self) -> bool {
        self.subjects.let_loose
    }

    /// The sweep that the command decides on.
    pub(super) fn sweep(&self) -> Result<SweepAsked, Refused> {
        let sweep = self.subjects.sweep;
        sweep.ok_or_else(|| Refused::about(Refusal::NotFound, "sweep"))
    }

    /// Where the sweep that the command names stands; none for an id that nobody used.
    pub(super) fn sweep_stands(&self) -> Option<SweepStands> {
        self.subjects.sweep_stands
    }

    /// The member of staff that the command is about.
    pub(super) fn staff(&self) -> Result<Arc<Staff>, Refused> {
        let staff = self.subjects.staff.clone();
        staff.ok_or_else(|| Refused::about(Refusal::NotFound, "staff"))
    }

    /// Whether the member of staff is there already.
    pub(super) fn known_staff(&self) -> Option<&Staff> {
        self.subjects.staff.as_deref()
    }

    /// The member of staff for whom somebody stands in, or is to.
    pub(super) fn absent(&self) -> Result<Arc<Staff>, Refused> {
        let absent = self.subjects.absent.clone();
        absent.ok_or_else(|| Refused::about(Refusal::NotFound, "absent"))
    }

    /// The mirror that the command names.
    pub(super) fn mirror(&self) -> Result<Mirror, Refused> {
        let mirror = self.subjects.mirror;
        mirror.ok_or_else(|| Refused::about(Refusal::NotFound, "mirror"))
    }

    /// Whether the caller's organisation published figures of this cohort.
    pub(super) fn figures_published(&self) -> bool {
        self.subjects.figures_published
    }

    /// Whether another cohort with figures shares a month with this one.
    pub(super) fn figures_overlap(&self) -> bool {
        self.subjects.figures_overlap
    }

    /// Whether a restored ledger may lack withdrawals that nobody has confirmed yet.
    pub(super) fn is_restored(&self) -> bool {
        self.subjects.restored
    }

    /// Who asks, where it is a member of staff.
    pub(super) fn caller(&self) -> Option<StaffId> {
        self.by.actor.staff()
    }

    /// The member of staff who asks, as they stand in the ledger.
    pub(super) fn calling(&self) -> Option<Arc<Staff>> {
        let caller = self.caller()?;
        self.subjects.caller.clone().filter(|one| one.id == caller)
    }

    /// Whether the caller is the child-protection focal point.
    pub(super) fn protects_children(&self) -> bool {
        self.by.roles.contains(&Role::ChildProtection)
    }

    /// Objects if nothing personal may be written down in this case (MISSION A6).
    pub(super) fn needs_documentation(&mut self, case: &Case) {
        let refused = case.documentation == Documentation::AttestationOnly;
        if refused {
            self.object(Refusal::DocumentationRefused);
        }
    }

    /// Objects if a person's data may not be recorded, or not any more (MISSION A2).
    pub(super) fn needs_record(&mut self, case: &Case, person: PersonId) {
        if case.record_ground(person, self.now).is_none() {
            self.object(super::cover::no_record(case, person));
        }
    }

    /// An event of today, with the claimed time.
    pub(super) fn event(&self, stream: StreamId, event: impl Into<Event>) -> NewEvent {
        self.event_with(stream, event, Vec::new())
    }

    /// The same with personal parts.
    pub(super) fn event_with(
        &self,
        stream: StreamId,
        event: impl Into<Event>,
        personal: Vec<NewPersonal>,
    ) -> NewEvent {
        NewEvent {
            stream,
            recorded: Recorded::At(self.now),
            occurred: self.occurred,
            actor: self.by.actor,
            event: event.into(),
            personal,
        }
    }

    /// An anonymous count: no actor, a day and nothing closer (MISSION A2).
    pub(super) fn count(&self, event: impl Into<Event>) -> NewEvent {
        let today = self.now.day();
        let claimed = self.occurred.map(Timestamp::day);
        NewEvent {
            stream: StreamId::Ledger,
            recorded: Recorded::On(today),
            occurred: claimed.filter(|day| *day != today).map(Day::start),
            actor: Actor::Nobody,
            event: event.into(),
            personal: Vec::new(),
        }
    }
}

/// A referral of the case; authorising made sure that it is there.
pub(super) fn referral_of(case: &Case, id: ReferralId) -> Result<&Referral, Refused> {
    let referral = case.referrals.get(&id);
    referral.ok_or_else(|| Refused::about(Refusal::NotFound, "referral"))
}

/// An objection about a data category.
pub(super) fn about_category(refusal: Refusal, category: DataCategory) -> Refused {
    Refused::about(refusal, category.code())
}
