//! Readings of cases: state, history, decisions, disclosures, consents, erasure. No personal parts.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::authorise::Reading;
use ledger::clock::Timestamp;
use ledger::domain::case::{Case, Referral};
use ledger::domain::codes::{AgeGroup, Sensitivity};
use ledger::domain::event::Event;
use ledger::domain::ids::*;
use ledger::domain::stream::StreamId;
use ledger::ledger::{Entry, Rejection};
use ledger::refusal::{Refusal, Refused};
use projections::cases::CaseHead;
use projections::consents::Consent;
use projections::disclosures::disclosures;
use projections::history::history;
use projections::views::Views;

use super::paging::{Rows, Walked};
use super::worklist::Side;
use super::{Outcome, Reader};
use crate::wire::page::{Page, cut};

/// Which case is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseName {
    /// By id.
    Id(CaseId),
    /// By the client's code.
    Code(ClientCode),
}

/// Whose history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A whole case's.
    Case(CaseId),
    /// One referral's.
    Referral(ReferralId),
}

/// Which consents are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsentFilter {
    /// Of this case.
    pub case: Option<CaseId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// That name this recipient.
    pub recipient: Option<OrganisationId>,
}

/// Which cases a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only those that the caller works on, or whom they stand in for.
    pub mine: bool,
    /// Only those that are offered to the caller.
    pub offered: bool,
    /// Only those that this member of staff works on.
    pub assigned: Option<StaffId>,
    /// Only those that were closed as work; else only those that were not.
    pub closed: bool,
}

impl Reader<'_> {
    /// A case, by id or code.
    pub fn case(&self, name: CaseName) -> Outcome<Arc<Case>> {
        let id = match name {
            CaseName::Id(id) => Some(id),
            CaseName::Code(code) => self.ledger.case_by_code(code)?,
        };
        let id = id.ok_or_else(no_case)?;
        self.case_for(Reading::CaseHistory, id)
    }

    /// A referral in its case, and the side that the caller stands on.
    pub fn referral(&self, id: ReferralId) -> Outcome<(Arc<Case>, Referral, Side)> {
        let (case, referral) = self.find_referral(id)?;
        let side = Side::of(self.caller.organisation, &case, &referral);
        let side = side.ok_or_else(no_referral)?;
        let reading = match side {
            Side::Sender => Reading::CaseHistory,
            Side::Recipient => Reading::Worklist,
        };
        self.may(reading, Some(&case)).map_err(as_no_referral)?;
        Ok((case, referral, side))
    }

    /// What happened in a case or to one referral of it, and where the list goes on.
    pub fn history(
        &self,
        subject: Subject,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Entry>, Option<u64>)> {
        let (case, only) = match subject {
            Subject::Case(case) => (self.case_for(Reading::CaseHistory, case)?.id, None),
            Subject::Referral(id) => {
                let (case, referral) = self.find_referral(id)?;
                Side::of(self.caller.organisation, &case, &referral).ok_or_else(no_referral)?;
                let read = self.may(Reading::CaseHistory, Some(&case));
                read.map_err(as_no_referral)?;
                (case.id, Some(id))
            }
        };
        let entries = self.ledger.stream(StreamId::Case(case))?;
        let entries = match only {
            Some(referral) => of_referral(entries, referral),
            None => entries,
        };
        Ok(cut(entries, page))
    }

    /// Every decision of a case, each with its receipt if asked for, and where the list goes on.
    #[expect(
        clippy::type_complexity,
        reason = "entries with their receipts, and a token"
    )]
    pub fn decision_record(
        &self,
        case: CaseId,
        with_proofs: bool,
        page: &Page<u64>,
    ) -> Outcome<(Vec<(Entry, Option<String>)>, Option<u64>)> {
        self.case_for(Reading::DecisionRecord, case)?;
        let (entries, next) = cut(self.ledger.stream(StreamId::Case(case))?, page);
        let proved = entries.into_iter().map(|entry| {
            self.go_on()?;
            let proof = match with_proofs {
                true => self.ledger.receipt(entry.position)?,
                false => None,
            };
            Ok((entry, proof))
        });
        Ok((proved.collect::<Outcome<_>>()?, next))
    }

    /// Who opened personal data of a case, and to whom they went.
    pub fn disclosures(
        &self,
        case: CaseId,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Entry>, Option<u64>)> {
        self.case_for(Reading::DecisionRecord, case)?;
        let mut entries = self.ledger.stream(StreamId::Case(case))?;
        let places: BTreeSet<u64> = disclosures(&entries)
            .iter()
            .map(|one| one.position)
            .collect();
        entries.retain(|entry| places.contains(&entry.position));
        Ok(cut(entries, page))
    }

    /// Consents in force, case by case; the token is where the next case
    /// opened, and the position is the one that the list is true up to.
    pub fn consents(
        &self,
        filter: &ConsentFilter,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Consent>, Option<u64>, u64)> {
        self.wait_for(page.at_least)?;
        self.may(Reading::CaseHistory, None)?;
        let (cases, next, _) = match filter.case {
            Some(case) => (
                vec![self.case_for(Reading::CaseHistory, case)?],
                None,
                self.views.position(),
            ),
            None => self.own_cases(page, &|_| true, &|_| true)?,
        };
        let now = self.ledger.now();
        let views = self.views.read()?;
        let all = cases
            .iter()
            .flat_map(|case| views.consents().in_force(case.id, now));
        let fits = |consent: &Consent| {
            filter.person.is_none_or(|person| consent.person == person)
                && filter
                    .recipient
                    .is_none_or(|to| consent.scope.recipients.contains(&to))
        };
        Ok((all.filter(fits).collect(), next, views.position()))
    }

    /// Such cases of the caller's organisation as the caller may read, each with when it was
    /// opened; where the list goes on, and the position that it is true up to.
    #[expect(clippy::type_complexity, reason = "rows, a token and a position")]
    pub fn cases(
        &self,
        filter: &CaseFilter,
        page: &Page<u64>,
    ) -> Outcome<(Vec<(Arc<Case>, Timestamp)>, Option<u64>, u64)> {
        self.wait_for(page.at_least)?;
        self.may(Reading::CaseHistory, None)?;
        let me = self.caller.id;
        // With one's own come those of whom one stands in for; whom a case is offered to is put on
        // it themselves.
        let absent: BTreeSet<StaffId> = self.caller.absent(self.ledger.now()).collect();
        let mine = |head: &CaseHead| {
            let own = head.assigned.contains(&me);
            let stands_in = head.assigned.iter().any(|it| absent.contains(it));
            own || (stands_in && !filter.offered) || !(filter.mine || filter.offered)
        };
        let works = |head: &CaseHead| {
            let who = filter.assigned;
            mine(head) && who.is_none_or(|who| head.assigned.contains(&who))
        };
        let offered = |case: &Case| case.handover.is_some_and(|it| it.to == me);
        let (cases, next, position) = self.own_cases(
            page,
            &|head| head.closed == filter.closed && works(head),
            &|case| !filter.offered || offered(case),
        )?;
        let views = self.views.read()?;
        let opened = |case: &Case| Some(views.cases().find(case.id)?.opened);
        let rows = cases.into_iter().filter_map(|case| {
            let opened = opened(&case)?;
            Some((case, opened))
        });
        Ok((rows.collect(), next, position))
    }

    /// How many cases of the caller's organisation somebody works on who has no role any more that
    /// works on cases, and in how many of them nobody else does. Nothing else is told of them.
    pub fn left_with(&self, staff: StaffId) -> Outcome<Option<(u64, u64)>> {
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let works = self
            .ledger
            .staff(staff)?
            .is_some_and(|it| it.works_on_cases());
        let views = self.views.read()?;
        let left = views.cases().load(staff, self.caller.organisation);
        Ok((!works && left.0 > 0).then_some(left))
    }

    /// Cases of children without a responsible adult who wait for the mandated body, where the
    /// list goes on, and the position that it is true up to.
    pub fn waiting_children(
        &self,
        page: &Page<u64>,
    ) -> Outcome<(Vec<Arc<Case>>, Option<u64>, u64)> {
        self.wait_for(page.at_least)?;
        self.may(Reading::CaseHistory, None)?;
        let (now, file) = (self.ledger.now(), self.ledger.organisation());
        // A child alone has a restricted case, so few others are loaded.
        self.own_cases(
            page,
            &|head| {
                head.sensitivity == Sensitivity::Restricted && head.age_group != AgeGroup::Adult
            },
            &|case| case.waits_for_mandated_body(now, &file.mandated_bodies),
        )
    }

    /// A case whose erasures are asked about, and its events.
    pub fn erasure(&self, case: CaseId) -> Outcome<(Arc<Case>, Vec<Entry>)> {
        let case = self.case_for(Reading::ErasureStatus, case)?;
        let entries = self.ledger.stream(StreamId::Case(case.id))?;
        Ok((case, entries))
    }

    /// The certificates of erasure of a case, oldest first, each with its file; without a case
    /// those of records of cases that were closed, and of names of the caller's staff that ended.
    pub fn certificates(
        &self,
        case: Option<CaseId>,
        only: Option<RotationId>,
    ) -> Outcome<Vec<(Entry, String)>> {
        let entries = match case {
            Some(case) => self.erasure(case)?.1,
            None => {
                self.may(Reading::ErasureStatus, None)?;
                self.ended_by_rule()?
            }
        };
        let mut certificates = Vec::new();
        for entry in entries {
            let Event::ErasureCertified(certified) = &entry.record.event else {
                continue;
            };
            if only.is_none_or(|only| certified.rotation == only)
                && let Some(file) = self.ledger.certificate(entry.position)?
            {
                certificates.push((entry, file));
            }
        }
        Ok(certificates)
    }

    /// What the log says of records that ended, and of names of staff of the caller's organisation.
    fn ended_by_rule(&self) -> Outcome<Vec<Entry>> {
        let mut entries = self.ledger.stream(StreamId::Ledger)?;
        let views = self.views.read()?;
        let members = views.staff().members();
        let own = members.filter(|one| one.organisation == self.caller.organisation);
        let left: Vec<StaffId> = own
            .filter(|one| one.roles.is_empty())
            .map(|one| one.staff)
            .collect();
        drop(views);
        for staff in left {
            entries.extend(self.ledger.stream(StreamId::Staff(staff))?);
        }
        Ok(entries)
    }

    /// A case that the caller may read in this way.
    pub(crate) fn case_for(&self, reading: Reading, id: CaseId) -> Outcome<Arc<Case>> {
        let Some(case) = self.ledger.case(id)? else {
            // Of a closed case those who held it are told that it ended, and nobody else.
            let of = self.ledger.closed(id)?;
            let own = of == Some(self.caller.organisation) && self.may(reading, None).is_ok();
            return Err(if own { record_ended() } else { no_case() }.into());
        };
        self.may(reading, Some(&case))?;
        Ok(case)
    }

    fn find_referral(&self, id: ReferralId) -> Outcome<(Arc<Case>, Referral)> {
        let now = self.ledger.now();
        let find = || {
            self.views
                .read()
                .map(|views| views.worklist().find(id, now))
        };
        let mut found = find()?;
        if found.is_none() && self.views.position() < self.ledger.size() {
            // A referral drafted a moment ago may not be in the views yet.
            self.wait_for(self.ledger.size().checked_sub(1))?;
            found = find()?;
        }
        let item = found.ok_or_else(no_referral)?;
        let case = self.ledger.case(item.case)?.ok_or_else(no_referral)?;
        let referral = case.referrals.get(&id).cloned().ok_or_else(no_referral)?;
        Ok((case, referral))
    }

    /// Such cases of the caller's organisation as the caller may read, a page of them. Where it
    /// goes on is where the next case may have opened.
    fn own_cases(
        &self,
        page: &Page<u64>,
        such: &dyn Fn(&CaseHead) -> bool,
        fits: &dyn Fn(&Case) -> bool,
    ) -> Outcome<Rows<Arc<Case>, u64>> {
        let own = self.caller.organisation;
        let piece = |views: &Views, from: Option<u64>| {
            let such = |head: &CaseHead| head.organisation == own && such(head);
            let heads = views
                .cases()
                .page(from.unwrap_or(0), page.items_max.max(1), &such);
            let places = heads.iter().map(|head| (head.case, head.position));
            places.collect()
        };
        self.walked(
            page,
            piece,
            |(_, position)| position.saturating_add(1),
            |(id, _): (CaseId, u64)| match self.case_for(Reading::CaseHistory, id) {
                Ok(case) if fits(&case) => Ok(Walked::Shown(case)),
                Ok(_) | Err(Rejection::Refused(_)) => Ok(Walked::Passed),
                Err(fault) => Err(fault),
            },
        )
    }
}

fn of_referral(entries: Vec<Entry>, referral: ReferralId) -> Vec<Entry> {
    let steps = history(&entries);
    let about = |of: Option<ReferralId>| of == Some(referral);
    let wanted = steps.iter().map(|step| about(step.referral));
    let wanted: Vec<bool> = wanted.collect();
    let both = entries.into_iter().zip(wanted);
    both.filter_map(|(entry, wanted)| wanted.then_some(entry))
        .collect()
}

fn record_ended() -> Refused {
    Refused::about(Refusal::RecordEnded, "case")
}

fn no_case() -> Refused {
    Refused::about(Refusal::NotFound, "case")
}

fn no_referral() -> Refused {
    Refused::about(Refusal::NotFound, "referral")
}

/// A case that is hidden hides its referrals.
fn as_no_referral(refused: Refused) -> Refused {
    if refused.refusal == Refusal::NotFound {
        no_referral()
    } else {
        refused
    }
}
