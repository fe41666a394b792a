//! Files of one person that were opened twice (MISSION C15): merged, and taken apart again.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use serde::Serialize;

use super::case::Case;
use super::event::{Event, Record};
use super::ids::{CaseId, MergeId, StaffId};

/// That a file is one of two of the same person. Neither names the other: the id stands in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Which merging.
    pub id: MergeId,
    /// Whether work goes on in this one.
    pub leads: bool,
    /// Who asked for it.
    pub asked_by: Option<StaffId>,
    /// Whether a second person agreed.
    pub confirmed: bool,
}

/// Two files that are said to be one person's.
#[derive(Clone, Copy, Serialize)]
pub struct Merging {
    /// The one in which work goes on.
    pub case: CaseId,
    /// The other one.
    pub other: CaseId,
}

impl Case {
    /// Whether work on the person goes on in another file.
    pub fn is_merged_into_another(&self) -> bool {
        self.merge.is_some_and(|it| it.confirmed && !it.leads)
    }

    /// Folds in merging and taking apart. Nothing else changes: no event moves.
    pub(super) fn apply_merge(&mut self, record: &Record) {
        match &record.event {
            Event::MergeAsked(it) => {
                self.merge = Some(Merge {
                    id: it.merge,
                    leads: it.leads,
                    asked_by: record.actor.staff(),
                    confirmed: false,
                });
            }
            Event::CasesMerged(_) => {
                if let Some(merge) = &mut self.merge {
                    merge.confirmed = true;
                }
            }
            Event::MergeRejected(_) | Event::CasesUnmerged(_) => self.merge = None,
            _ => {}
        }
    }
}
