//! The gate that personal parts pass: closed by fences, by the clock and by destruction.
//!
//! - A ground whose time is up is closed at the stroke, whether or not the ledger has fenced it.
//! - All parts are opened first; then the gate is asked again for every one of them, and only then
//!   does any leave. A fence that came between closes what it fences.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few events hold parts that are shown or replaced in a way of their own"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::case::Case;
use crate::domain::codes::{Capacity, DataCategory};
use crate::domain::event::{ConsentGiven, ConsentRenewed, Event, ViewTarget};
use crate::domain::ids::{InterviewId, LeafKeyId, PersonId, ReferralId};
use crate::domain::personal::Personal;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{KeyId, KeyState, is_dead, is_fenced};
use crate::shared::Shared;
use crate::submit::answer::Entry;
use crate::submit::held::Held;

/// One personal part of an event, opened or not.
pub struct PersonalPart {
    /// Position of its event.
    pub position: u64,
    /// Its segment in the event, from 1.
    pub segment: u8,
    /// Its event's name.
    pub event: &'static str,
    /// Its event's place in the stream.
    pub version: u64,
    /// The referral that it is about.
    pub referral: Option<ReferralId>,
    /// The person that it is about: whose name or detail it is, whose consent was taken. None for
    /// what was written for a service, which must not learn who the person is in the case.
    pub person: Option<PersonId>,
    /// What could be opened.
    pub content: PersonalContent,
}

/// What a personal part answers.
pub enum PersonalContent {
    /// Its content.
    Open(Personal),
    /// Its keys were destroyed: unreadable to everyone.
    Shredded,
    /// Its ground was withdrawn or expired: nobody may read it.
    Fenced,
}

/// A part that was drawn from the log and may not leave yet, with the grants that opened it.
pub(crate) struct Drawn {
    pub(crate) part: PersonalPart,
    pub(crate) grants: Vec<Vec<KeyId>>,
    /// Whether it is of an interview, or of what was made of one.
    pub(crate) apart: bool,
}

/// What is closed at one moment, for one stream.
pub(crate) struct Gate<'a> {
    shared: &'a Shared,
    copy: bool,
    /// What a copy that was asked for shows though it is fenced or over, while its keys live.
    owed: BTreeSet<LeafKeyId>,
    over: BTreeSet<LeafKeyId>,
    case: Option<Arc<Case>>,
}

impl<'a> Gate<'a> {
    /// The gate of a stream as it is now.
    pub(crate) fn of(shared: &'a Shared, stream: StreamId, copy: bool) -> Result<Self, Fault> {
        let case = shared.held(stream)?.and_then(Held::case);
        let over = case.as_ref();
        let over = over.map(|case| case.closed_leaves(shared.clock.now()));
        Ok(Self {
            shared,
            copy,
            owed: case
                .as_ref()
                .filter(|_| copy)
                .map(|case| case.owed_in_a_copy())
                .unwrap_or_default(),
            over: over.unwrap_or_default(),
            case,
        })
    }

    /// Whose personal parts an event of this stream holds: of a consent, of whoever gave it for
    /// themself.
    pub(crate) fn person_of(&self, event: &Event) -> Option<PersonId> {
        if let Some((person, _)) = described_by(event) {
            return Some(person);
        }
        if let Event::ConsentGiven(ConsentGiven { consent, .. })
        | Event::ConsentRenewed(ConsentRenewed { consent, .. }) = event
        {
            let consent = self.case.as_ref()?.consents.get(consent)?;
            // What others said of the person, or why they were not asked, is not the person's own.
            let own = matches!(consent.capacity, Capacity::Own | Capacity::Assent);
            return own.then_some(consent.person);
        }
        match event {
            Event::ExceptionInvoked(it) => Some(it.person),
            Event::InterviewRecorded(it) => Some(it.person),
            Event::ProfileRecorded(it) => Some(it.person),
            Event::DeterminationRecorded(it) => Some(it.person),
            _ => None,
        }
    }

    /// What a key stands for at this gate.
    pub(crate) fn key(&self, id: &KeyId) -> Result<KeyState, Fault> {
        let keys = self.shared.keys();
        if self.owed.contains(&LeafKeyId(id.0)) {
            return keys.key_for_copy(&self.shared.reader, *id);
        }
        match keys.key(&self.shared.reader, *id)? {
            KeyState::Live(_) if self.over.contains(&LeafKeyId(id.0)) => Ok(KeyState::Fenced),
            state @ (KeyState::Live(_)
            | KeyState::Fenced
            | KeyState::Shredded
            | KeyState::Unknown) => Ok(state),
        }
    }

    /// Lets parts out whose grants are open now; of all others it says what they are.
    pub(crate) fn release(&self, drawn: Vec<Drawn>) -> Result<Vec<PersonalPart>, Fault> {
        let mut parts = Vec::with_capacity(drawn.len());
        for drawn in drawn {
            if self.is_nobodys_copy(&drawn) {
                continue;
            }
            let Drawn {
                mut part, grants, ..
            } = drawn;
            if matches!(part.content, PersonalContent::Open(_)) && !self.any_open(&grants)? {
                part.content = PersonalContent::Fenced;
            }
            parts.push(part);
        }
        Ok(parts)
    }

    /// Whether a copy shows it to nobody: answers and what was made of them are opened in one for
    /// the client of whom it is owed, and only what is owed of them (MISSION C8, E3).
    fn is_nobodys_copy(&self, drawn: &Drawn) -> bool {
        let mut keys = drawn.grants.iter().flatten();
        self.copy && drawn.apart && !keys.any(|key| self.owed.contains(&LeafKeyId(key.0)))
    }

    fn any_open(&self, grants: &[Vec<KeyId>]) -> Result<bool, Fault> {
        for grant in grants {
            let mut open = !grant.is_empty();
            for key in grant {
                open = open && self.is_open(*key)?;
            }
            if open {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_open(&self, key: KeyId) -> Result<bool, Fault> {
        let index = &self.shared.reader;
        let leaf = LeafKeyId(key.0);
        let closed =
            !self.owed.contains(&leaf) && (self.over.contains(&leaf) || is_fenced(index, key)?);
        Ok(!closed && !is_dead(index, key)?)
    }
}

/// The events whose personal parts a view is of, each with the segments that it leaves out: the
/// whole stream, or what a referral says now.
pub(crate) fn within(
    target: Option<ViewTarget>,
    copy: bool,
    entries: &[Entry],
) -> Vec<(&Entry, BTreeSet<u8>)> {
    let whole = |entry| (entry, BTreeSet::new());
    let shown = |target: ViewTarget| {
        let mut shown = as_corrected(entries);
        shown.retain(|(entry, _)| shows(target, copy, &entry.record.event));
        shown
    };
    match target {
        Some(target @ (ViewTarget::Case | ViewTarget::Interview(_) | ViewTarget::Profile(_))) => {
            shown(target)
        }
        None => entries.iter().map(whole).collect(),
        Some(ViewTarget::Referral(referral)) => {
            let mut newest_first = entries.iter().rev();
            let written = newest_first.find(|entry| writes(&entry.record.event, referral));
            written.into_iter().map(whole).collect()
        }
    }
}

/// Whether a view is of an event. Interviews and what was made of them are read by themselves; with
/// the case they are shown to the person alone, where the gate owes them a copy (MISSION C8).
fn shows(target: ViewTarget, copy: bool, event: &Event) -> bool {
    let (interview, person) = of_interview(event);
    match target {
        ViewTarget::Case => copy || !is_apart(event),
        ViewTarget::Referral(referral) => written_of(event) == Some(referral),
        ViewTarget::Interview(id) => interview == Some(id),
        ViewTarget::Profile(id) => person == Some(id),
    }
}

/// Whether an event is of an interview, or of what was made of one.
pub(crate) fn is_apart(event: &Event) -> bool {
    let (interview, person) = of_interview(event);
    interview.is_some() || person.is_some()
}

fn of_interview(event: &Event) -> (Option<InterviewId>, Option<PersonId>) {
    match event {
        Event::InterviewRecorded(it) => (Some(it.interview), None),
        Event::ProfileRecorded(it) => (None, Some(it.person)),
        Event::DeterminationRecorded(it) => (None, Some(it.person)),
        _ => (None, None),
    }
}

/// A case's events, each with the segments that something newer took the place of: of each detail
/// of a person, each category of an interview, and of a profile only the newest is shown.
fn as_corrected(entries: &[Entry]) -> Vec<(&Entry, BTreeSet<u8>)> {
    let mut described = BTreeSet::new();
    let newest_first = entries.iter().rev().map(|entry| {
        let mut replaced = BTreeSet::new();
        for (segment, said) in (1_u8..).zip(said_by(&entry.record.event)) {
            if !described.insert(said) {
                replaced.insert(segment);
            }
        }
        (entry, replaced)
    });
    let mut shown: Vec<_> = newest_first.collect();
    shown.reverse();
    shown
}

/// What a segment says that a later one takes the place of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Detail(PersonId, DataCategory),
    Answers(InterviewId, DataCategory),
    Profile(PersonId),
}

/// What an event's segments say, in their order.
fn said_by(event: &Event) -> Vec<Said> {
    if let Some((person, categories)) = described_by(event) {
        let details = categories.iter();
        return details.map(|one| Said::Detail(person, *one)).collect();
    }
    match event {
        Event::InterviewRecorded(it) => {
            let answers = it.categories.iter();
            answers
                .map(|one| Said::Answers(it.interview, *one))
                .collect()
        }
        Event::ProfileRecorded(it) => vec![Said::Profile(it.person)],
        _ => Vec::new(),
    }
}

/// Whose details an event holds, and which: one segment each, in this order.
pub(crate) fn described_by(event: &Event) -> Option<(PersonId, &BTreeSet<DataCategory>)> {
    if let Event::PersonAdded(added) = event {
        return Some((added.person, &added.categories));
    }
    if let Event::PersonCorrected(corrected) = event {
        return Some((corrected.person, &corrected.categories));
    }
    None
}

fn writes(event: &Event, referral: ReferralId) -> bool {
    matches!(event, Event::ReferralDrafted(_) | Event::ReferralRevised(_))
        && written_of(event) == Some(referral)
}

/// The referral whose personal parts an event holds.
pub(crate) fn written_of(event: &Event) -> Option<ReferralId> {
    if let Event::ReferralDrafted(drafted) = event {
        return Some(drafted.referral);
    }
    if let Event::ReferralRevised(revised) = event {
        return Some(revised.referral);
    }
    if let Event::FollowUpRecorded(followed) = event {
        return Some(followed.referral);
    }
    None
}
