//! Readings about interviews: what may be asked of somebody, and what answers suggest (MISSION C8).

use std::collections::BTreeSet;

use ledger::authorise::Reading;
use ledger::domain::codes::DataCategory;
use ledger::domain::ids::{CaseId, PathwayId, PersonId};
use ledger::domain::personal::{Answers, Personal};
use ledger::interview::{Suggestion, indicators};
use ledger::ledger::{PersonalContent, PersonalPart};
use ledger::organisation::Interviews;
use ledger::refusal::{Refusal, Refused};
use projections::mechanism::PathwaySearch;

use super::cases::CaseName;
use super::{Outcome, Reader};
use crate::limits::PAGE_ITEMS_USUAL;
use crate::wire::page::Page;

impl Reader<'_> {
    /// What the organisation's file says of interviews.
    pub fn interviews(&self) -> &Interviews {
        &self.ledger.organisation().interviews
    }

    /// The categories that a person's consent to a record holds; none where no case is named.
    pub fn asked_of(
        &self,
        case: Option<CaseId>,
        person: Option<PersonId>,
    ) -> Outcome<Option<BTreeSet<DataCategory>>> {
        self.may(Reading::DirectorySearch, None)?;
        let Some(case) = case else {
            let missing = Refused::about(Refusal::Malformed, "case_id");
            return person.map_or(Ok(None), |_| Err(missing.into()));
        };
        let case = self.case(CaseName::Id(case))?;
        let person = person.unwrap_or(case.client);
        if !case.persons.contains_key(&person) {
            return Err(Refused::about(Refusal::NotFound, "person").into());
        }
        let now = self.ledger.now();
        let holds = |category: &&DataCategory| {
            let only = [**category].into();
            case.record_ground_for(person, &only, now).is_some()
        };
        let held = DataCategory::ALL.iter().filter(holds);
        Ok(Some(held.copied().collect()))
    }

    /// What the answers among these parts suggest, each with the pathways of the directory that
    /// start from its needs. Made now, and kept nowhere.
    pub fn suggested(&self, parts: &[PersonalPart]) -> Outcome<Vec<(Suggestion, Vec<PathwayId>)>> {
        let answers: Vec<&Answers> = parts.iter().filter_map(answers_in).collect();
        let mut suggested = Vec::new();
        for suggestion in indicators().suggest(&answers) {
            let mut pathways = Vec::new();
            for need in &suggestion.needs {
                let search = PathwaySearch {
                    need: Some(*need),
                    ..PathwaySearch::default()
                };
                let first = Page {
                    items_max: PAGE_ITEMS_USUAL,
                    after: None,
                    at_least: None,
                };
                let (found, _, _) = self.pathways(search, &first)?;
                pathways.extend(found.iter().map(|one| one.id));
            }
            suggested.push((suggestion, pathways));
        }
        Ok(suggested)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "nothing but answers suggests anything"
)]
fn answers_in(part: &PersonalPart) -> Option<&Answers> {
    match &part.content {
        PersonalContent::Open(Personal::Answers(answers)) => Some(answers),
        _ => None,
    }
}
