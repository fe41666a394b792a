//! What a command is about, loaded before it is authorised: staged states first, then durable ones.

use crate::authorise::FOUNDERS;
use crate::copies::{RESTORED_KEY, mirror_key, mirror_standing};
use crate::domain::codes::ViewPurpose;
use crate::domain::command::{Caller, Command, Request};
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::error::Fault;
use crate::figures;
use crate::keys::{KeyId, KeyIndex, Overlay, is_dead};
use crate::retention;
use crate::shared::FOUNDED_KEY;

use super::held::Held;
use super::staged::Staged;
use super::tally::AtOnce;
use super::writer::Writer;

impl Writer {
    /// The states that a command is about, staged ones first.
    pub(super) fn subjects(
        &mut self,
        staged: &Staged,
        request: &Request,
    ) -> Result<Subjects, Fault> {
        // Only what is durable is remembered: the group may still fail.
        if self.founded < FOUNDERS {
            let tokens = self.shared.reader.value(FOUNDED_KEY)?;
            self.founded = tokens.and_then(|it| it.first().copied()).unwrap_or(0);
        }
        let staged_tokens = staged.index.value(FOUNDED_KEY)?;
        let staged_tokens = staged_tokens.and_then(|it| it.first().copied());
        let mut subjects = Subjects {
            founded: staged_tokens.unwrap_or(self.founded),
            ..Subjects::default()
        };
        if let Caller::Staff(staff) = request.caller {
            subjects.caller = self
                .held(staged, StreamId::Staff(staff))?
                .and_then(Held::staff);
        }
        if let Some(staff) = request.command.staff() {
            subjects.staff = self
                .held(staged, StreamId::Staff(staff))?
                .and_then(Held::staff);
        }
        if let Some(absent) = request.command.absent() {
            let held = self.held(staged, StreamId::Staff(absent))?;
            subjects.absent = held.and_then(Held::staff);
        }
        self.load_apart(staged, request, &mut subjects)?;
        if let Some(case) = request.command.case() {
            let held = self.held(staged, StreamId::Case(case))?;
            subjects.closed = held.as_ref().and_then(Held::closed_of);
            subjects.case = held.and_then(Held::case);
        }
        self.load_other(staged, request, &mut subjects)?;
        if let Some(asked) = AtOnce::of(request, &self.shared.rules.organisation) {
            subjects.destroyed_today = self.destroyed_today(staged, asked)?;
        }
        self.look_up(staged, request, &mut subjects)?;
        let referral = request.command.referral();
        let case = subjects.case.as_ref();
        let of_referral = referral
            .and_then(|id| case?.referrals.get(&id))
            .map(|it| it.service);
        if let Some(service) = request.command.service().or(of_referral) {
            subjects.service = self
                .held(staged, StreamId::Service(service))?
                .and_then(Held::service);
        }
        self.load_mechanism(staged, request, &mut subjects)?;
        Ok(subjects)
    }

    /// Members and pathways: whom data are sent to, and what a plan leads to.
    fn load_mechanism(
        &self,
        staged: &Staged,
        request: &Request,
        subjects: &mut Subjects,
    ) -> Result<(), Fault> {
        let sent_to = match (&request.command, &subjects.service) {
            (
                Command::SendReferral { .. }
                | Command::ViewPersonalData {
                    purpose: ViewPurpose::Packet,
                    ..
                },
                Some(service),
            ) => Some(service.entry.organisation),
            _ => None,
        };
        if let Some(member) = request.command.member().or(sent_to) {
            let held = self.held(staged, StreamId::Member(member))?;
            subjects.member = held.and_then(Held::member);
        }
        if let Some(pathway) = request.command.pathway() {
            let held = self.held(staged, StreamId::Pathway(pathway))?;
            subjects.pathway = held.and_then(Held::pathway);
        }
        if let Command::RecordPathway(writing) = &request.command {
            for service in writing.plan.services() {
                let held = self.held(staged, StreamId::Service(service))?;
                subjects.service_unknown |= held.and_then(Held::service).is_none();
            }
        }
        Ok(())
    }

    /// What stands apart from cases.
    fn load_apart(
        &self,
        staged: &Staged,
        request: &Request,
        subjects: &mut Subjects,
    ) -> Result<(), Fault> {
        if let Some(complaint) = request.command.complaint() {
            let held = self.held(staged, StreamId::Complaint(complaint))?;
            subjects.complaint = held.and_then(Held::complaint);
        }
        if let Some(breach) = request.command.breach() {
            let held = self.held(staged, StreamId::Breach(breach))?;
            subjects.breach = held.and_then(Held::breach);
        }
        let command = &request.command;
        if let Some(incoming) = command.incoming().or_else(|| command.takes_in()) {
            let held = self.held(staged, StreamId::Incoming(incoming))?;
            subjects.incoming_closed = held.as_ref().and_then(Held::closed_of).is_some();
            subjects.incoming = held.and_then(Held::incoming);
        }
        Ok(())
    }

    /// The other files of a command about several, and the link that it ends.
    fn load_other(
        &self,
        staged: &Staged,
        request: &Request,
        subjects: &mut Subjects,
    ) -> Result<(), Fault> {
        for case in request.command.further_cases() {
            let held = self.held(staged, StreamId::Case(*case))?;
            subjects.further.extend(held.and_then(Held::case));
        }
        let (mut first, mut other) = (None, request.command.other_case());
        if let Some(link) = request.command.link() {
            let held = self.held(staged, StreamId::Link(link))?;
            subjects.link = held.and_then(Held::link);
            if let Some(link) = subjects.link.as_deref() {
                let from = request.command.case();
                first = from.is_none().then_some(link.one);
                other = link.from(from.unwrap_or(link.one)).map(|(other, _)| other);
            }
        }
        if let Some(link) = request.command.link_between() {
            let held = self.held(staged, StreamId::Link(link))?;
            subjects.link = held.and_then(Held::link);
        }
        if let Some(case) = first {
            let held = self.held(staged, StreamId::Case(case))?;
            subjects.case = held.and_then(Held::case);
        }
        if let Some(case) = other {
            let held = self.held(staged, StreamId::Case(case))?;
            subjects.other_closed = held.as_ref().and_then(Held::closed_of);
            subjects.other_case = held.and_then(Held::case);
        }
        Ok(())
    }

    /// What the index alone says of it: mirrors, sweeps, tombstones.
    fn look_up(
        &self,
        staged: &Staged,
        request: &Request,
        subjects: &mut Subjects,
    ) -> Result<(), Fault> {
        let index = Overlay {
            base: &self.shared.reader,
            staged: &[&staged.index],
        };
        if let Some(mirror) = request.command.mirror() {
            let standing = index.value(&mirror_key(mirror))?;
            let keys = &self.shared.index_keys;
            let standing = standing.map(|value| mirror_standing(keys, mirror, &value));
            subjects.mirror = standing.transpose()?;
        }
        if request.command.asks_if_restored() {
            subjects.restored = index.value(RESTORED_KEY)?.is_some();
        }
        if let Some(sweep) = request.command.any_sweep()
            && let Some(position) = retention::index::last_of_sweep(&index, sweep)?
        {
            let known = match staged.event(position) {
                Some((record, _)) => retention::index::sweep_by(record)?,
                None => retention::index::sweep_by(&self.shared.record_at(position)?)?,
            };
            (subjects.sweep_stands, subjects.sweep) = (Some(known.0), known.1);
        }
        if let (Command::PublishFigures { made }, Some(caller)) =
            (&request.command, &subjects.caller)
        {
            let own = caller.organisation;
            subjects.figures_published = figures::is_published(&index, own, made.from)?;
            subjects.figures_overlap = figures::overlaps(&index, made.from, made.until)?;
        }
        let by_rule = matches!(
            request.command,
            Command::ApplyRetention { .. }
                | Command::CloseCase { .. }
                | Command::EndStaffName { .. }
                | Command::EndApart { .. }
        );
        let of_case = subjects.case.as_ref().map(|case| case.organisation);
        let of_staff = subjects.staff.as_ref().map(|staff| staff.organisation);
        let of_apart = subjects.apart().map(|apart| apart.organisation);
        let of = of_case.or(of_staff).or(of_apart);
        if let Some(of) = of.filter(|_| by_rule) {
            let rules = &self.shared.rules.retention;
            subjects.let_loose = retention::index::is_let_loose(&index, rules, of)?;
        }
        if let (Some(consent), Some(case)) = (request.command.gives_back(), &subjects.case) {
            for leaf in case.leaves_of(consent.into()) {
                if is_dead(&index, KeyId(leaf.0))? {
                    subjects.dead.insert(leaf);
                }
            }
        }
        Ok(())
    }

    pub(super) fn held(&self, staged: &Staged, stream: StreamId) -> Result<Option<Held>, Fault> {
        match staged.states.get(&stream) {
            Some(held) => Ok(Some(held.clone())),
            None => self.shared.held(stream),
        }
    }
}
