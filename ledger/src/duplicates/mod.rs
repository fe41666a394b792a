//! Looking for files that may be of the same person (MISSION C15), in memory and for one search.
//!
//! - Nothing about a name is kept: no index, no hash, no sound. What is compared is opened at the
//!   moment of the search and wiped with it, so that it dies with the consent that it rests on.
//! - A file is compared if whoever looks may open it for case work at this moment, by the very
//!   rules of `ViewPersonalData`; any other does not exist here, and is not counted.
//! - What was found leaves once the event that says so is durable, and only of files that may still
//!   be opened then. It names files and says what is alike: no name, no number.

mod fold;
mod likeness;
#[cfg(test)]
mod search_tests;
#[cfg(test)]
mod tests;
mod traits;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::authorise::authorise;
use crate::clock::SystemEntropy;
use crate::decide::decide;
use crate::domain::case::Case;
use crate::domain::codes::{LikenessStrength, ViewPurpose};
use crate::domain::command::{Caller, Command, Request};
use crate::domain::event::ViewTarget;
use crate::domain::ids::{CaseId, ClientCode, RequestId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::error::Fault;
use crate::ledger::{Answer, Ledger, PersonalContent, Rejection};
use crate::limits::{DUPLICATES_COMPARED_MAX, DUPLICATES_SHOWN_MAX};
use crate::refusal::{Refusal, Refused};
use crate::release::{Gate, described_by, within};
use crate::submit::held::Held;

pub use likeness::Alike;
use likeness::compared;
use traits::{Birth, COMPARED, Traits};

/// A file that may be of the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Which.
    pub case: CaseId,
    /// The code used instead of the name.
    pub code: ClientCode,
    /// Whether work on it ended.
    pub closed: bool,
    /// How it is alike.
    pub alike: Alike,
}

/// What a search came to.
pub struct Found {
    /// Its event, with its receipt.
    pub answer: Answer,
    /// The files, the likely ones first.
    pub duplicates: Vec<Duplicate>,
    /// How many files were compared.
    pub compared: u32,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// Asked between two files: whether to go on.
pub type GoOn<'a> = &'a dyn Fn() -> Result<(), Rejection>;

impl Ledger {
    /// Compares the file of a `FindDuplicates` with others, records that it was done, and answers
    /// with those that are alike. `others` are left out as far as the caller may not open them;
    /// `apart` are known not to be the same person's.
    pub fn find_duplicates(
        &self,
        mut request: Request,
        (others, apart): (&[CaseId], &BTreeSet<CaseId>),
        go_on: GoOn<'_>,
    ) -> Result<Found, Rejection> {
        let Command::FindDuplicates(asked) = request.command.clone() else {
            return Err(Refused::about(Refusal::Malformed, "command").into());
        };
        let caller = request.caller;
        // Before anything is opened it is asked whether it may be, as it is asked once more after.
        self.may(&request)?;
        let case = self.case(asked.case)?.ok_or_else(no_case)?;
        self.may_open(caller, &case)?;
        let others = others.iter().filter(|id| **id != case.id);
        let others = others.filter(|id| !apart.contains(id));
        let (mut found, looked) = self.looked_at(caller, &case, others, go_on)?;
        let likely = |it: &Duplicate| it.alike.strength == LikenessStrength::Likely;
        found.sort_by_key(|it| (!likely(it), Reverse(it.alike.reasons.len())));
        let more = found.len() > DUPLICATES_SHOWN_MAX;
        found.truncate(DUPLICATES_SHOWN_MAX);
        go_on()?;
        if let Command::FindDuplicates(it) = &mut request.command {
            it.compared = looked;
            it.shown = u32::try_from(found.len()).unwrap_or(u32::MAX);
        }
        let answer = self.submit(request)?;
        // A crash here leaves an event that says more was shown than was. Each file that is shown
        // was opened for it, and its own history says so by the usual road, or it is not shown.
        let mut duplicates = Vec::new();
        for one in found {
            let stands = self.comparable(caller, &case, one.case)?.is_some();
            if stands && self.seen(caller, one.case)? {
                duplicates.push(one);
            }
        }
        Ok(Found {
            answer,
            duplicates,
            compared: looked,
            more,
        })
    }

    /// The files that are alike, and how many were compared.
    fn looked_at<'a>(
        &self,
        caller: Caller,
        case: &Case,
        others: impl Iterator<Item = &'a CaseId>,
        go_on: GoOn<'_>,
    ) -> Result<(Vec<Duplicate>, u32), Rejection> {
        // Nothing is opened where there is more than may be compared.
        let mut files = Vec::new();
        for id in others {
            go_on()?;
            if self.comparable(caller, case, *id)?.is_some() {
                files.push(*id);
            }
            if u32::try_from(files.len()).is_ok_and(|many| many > DUPLICATES_COMPARED_MAX) {
                return Err(Refused::about(Refusal::SearchLimit, "cases").into());
            }
        }
        let own = self.traits(case)?;
        let (mut found, mut looked) = (Vec::new(), 0_u32);
        for id in files {
            go_on()?;
            let Some(other) = self.comparable(caller, case, id)? else {
                continue;
            };
            looked = looked.saturating_add(1);
            if let Some(alike) = compared(&own, &self.traits(&other)?) {
                found.push(Duplicate {
                    case: other.id,
                    code: other.code,
                    closed: other.closed.is_some(),
                    alike,
                });
            }
        }
        Ok((found, looked))
    }

    /// Another file, if the caller may open it for case work now, and it could be merged with this
    /// one; the file that another was merged into stands for both.
    fn comparable(
        &self,
        caller: Caller,
        case: &Case,
        id: CaseId,
    ) -> Result<Option<Arc<Case>>, Rejection> {
        let Some(other) = self.case(id)? else {
            return Ok(None);
        };
        let now = self.now();
        let pair = case.merge.zip(other.merge);
        let known = pair.is_some_and(|(one, two)| one.id == two.id);
        let recorded = other.record_ground(other.client, now).is_some();
        if known || !recorded || other.is_merged_into_another() {
            return Ok(None);
        }
        match self.may_open(caller, &other) {
            Ok(()) => Ok(Some(other)),
            Err(Rejection::Refused(_)) => Ok(None),
            Err(fault @ Rejection::Fault(_)) => Err(fault),
        }
    }

    /// Refuses as opening the personal data of a case for case work would be refused.
    fn may_open(&self, caller: Caller, case: &Case) -> Result<(), Rejection> {
        self.may(&opening(caller, case.id))
    }

    /// Records in a file that the caller saw what is in it; false if they may not any more.
    fn seen(&self, caller: Caller, case: CaseId) -> Result<bool, Rejection> {
        match self.submit(opening(caller, case)) {
            Ok(_) => Ok(true),
            Err(Rejection::Refused(_)) => Ok(false),
            Err(fault @ Rejection::Fault(_)) => Err(fault),
        }
    }

    /// Authorises and decides a command about one case on what is durable, and drops the decision.
    fn may(&self, request: &Request) -> Result<(), Rejection> {
        let mut subjects = Subjects::default();
        if let Caller::Staff(staff) = request.caller {
            subjects.caller = self.staff(staff)?;
        }
        if let Some(case) = request.command.case() {
            let held = self.shared.held(StreamId::Case(case))?;
            subjects.closed = held.as_ref().and_then(Held::closed_of);
            subjects.case = held.and_then(Held::case);
        }
        let (now, shared) = (self.now(), &self.shared);
        let permitted = authorise(&shared.policy, request.clone(), &subjects, now)?;
        let decided = decide(permitted, &subjects, now, &shared.rules, &mut SystemEntropy);
        decided.map(drop).map_err(Rejection::from)
    }

    /// What is compared of a case's client, as far as it can be opened now.
    fn traits(&self, case: &Case) -> Result<Traits, Fault> {
        let mut traits = Traits::default();
        if let Some(adult_on) = case.adult_on {
            traits.say_born(Birth::of_child(adult_on));
        }
        let stream = StreamId::Case(case.id);
        let gate = Gate::of(&self.shared, stream, false)?;
        let entries = self.shared.stream(stream)?;
        for (entry, mut left_out) in within(Some(ViewTarget::Case), false, &entries) {
            let Some((person, categories)) = described_by(&entry.record.event) else {
                continue;
            };
            if person != case.client {
                continue;
            }
            let segments = (1_u8..).zip(categories);
            let others = segments.filter(|(_, category)| !COMPARED.contains(category));
            left_out.extend(others.map(|(segment, _)| segment));
            let mut drawn = Vec::new();
            self.open_parts((entry, &left_out), &gate, &mut drawn)?;
            let at = entry.record.recorded.at();
            for part in gate.release(drawn)? {
                if let PersonalContent::Open(part) = &part.content {
                    traits.take(part, at.unwrap_or_else(|| self.now()));
                }
            }
        }
        Ok(traits)
    }
}

/// That the personal data of a case are opened for case work.
fn opening(caller: Caller, case: CaseId) -> Request {
    Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller,
        expected_version: None,
        occurred: None,
        command: Command::ViewPersonalData {
            case,
            target: ViewTarget::Case,
            purpose: ViewPurpose::CaseWork,
        },
    }
}

fn no_case() -> Refused {
    Refused::about(Refusal::NotFound, "case")
}
