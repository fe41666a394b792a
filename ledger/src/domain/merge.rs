//! Files of one person that were opened twice (MISSION C15): merged, and taken apart again.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it; two commands are about a merging"
)]

use serde::Serialize;

use super::case::Case;
use super::command::Command;
use super::event::{Event, Record, Recorded};
use super::ids::{CaseId, LinkId, MergeId, StaffId};
use crate::clock::Day;

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
    /// A link of a family between the two, if whoever hands the command over knows of one: neither
    /// file's stream tells of it.
    #[serde(skip)]
    pub link: Option<LinkId>,
}

impl Merging {
    /// These two files, of which no link is known.
    pub fn of(case: CaseId, other: CaseId) -> Self {
        Self {
            case,
            other,
            link: None,
        }
    }
}

/// That files be looked for which may be of the same person.
#[derive(Clone, Copy, Serialize)]
pub struct Seeking {
    /// As whose.
    pub case: CaseId,
    /// Only files that were opened on this day or later.
    pub opened_from: Option<Day>,
    /// Only files that were opened on this day or earlier.
    pub opened_until: Option<Day>,
    /// How many were compared: said by the ledger, which compares before it records and shows
    /// nothing before that is durable.
    #[serde(skip)]
    pub compared: u32,
    /// How many of them are to be shown.
    #[serde(skip)]
    pub shown: u32,
}

impl Seeking {
    /// Whether the last day lies before the first.
    pub(crate) fn ends_before_it_begins(&self) -> bool {
        let days = self.opened_from.zip(self.opened_until);
        days.is_some_and(|(from, until)| until < from)
    }
}

impl Command {
    /// The two files that it says are one person's, or merges.
    pub fn merging_mut(&mut self) -> Option<&mut Merging> {
        match self {
            Self::AskMerge(files) | Self::DecideMerge { files, .. } => Some(files),
            _ => None,
        }
    }

    /// A link that is said to be between the files that it merges.
    pub(crate) fn link_between(&self) -> Option<LinkId> {
        match self {
            Self::AskMerge(files) | Self::DecideMerge { files, .. } => files.link,
            _ => None,
        }
    }
}

impl Case {
    /// How many times duplicates of it were looked for on a day.
    pub fn sought_on(&self, day: Day) -> u32 {
        let (last, times) = self.sought;
        if last == day { times } else { 0 }
    }

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
            Event::DuplicatesSought(_) => {
                let day = match record.recorded {
                    Recorded::At(moment) => moment.day(),
                    Recorded::On(day) => day,
                };
                self.sought = (day, self.sought_on(day).saturating_add(1));
            }
            _ => {}
        }
    }
}
