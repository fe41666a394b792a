//! What one rotation destroyed in one stream, why, and by whom: from record parts up to its
//! completion, so that it never changes afterwards.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question names the events that concern it and passes all others by"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::{DataCategory, RequestKind, Role, ViewPurpose};
use crate::domain::event::{Event, Record, Recorded, RequestCarriedOut};
use crate::domain::ids::{
    ConsentId, ExceptionId, GroundId, LeafKeyId, PersonId, RotationId, StaffId, SubjectRequestId,
};
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::shared::Shared;
use crate::submit::answer::Entry;

use super::parts::{Lost, Reading};

/// An event, by its place and the time of its recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stands {
    pub(super) position: u64,
    pub(super) at: Timestamp,
}

impl Stands {
    /// Events of a case, and of copies, always have an exact time.
    pub(super) fn of(position: u64, record: &Record) -> Self {
        let at = match record.recorded {
            Recorded::At(at) => at,
            Recorded::On(day) => day.start(),
        };
        Self { position, at }
    }
}

/// What kind of ground it was.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Consent,
    Exception,
    Duty,
}

/// What ended a ground, or called for its end.
#[derive(Clone)]
pub(super) enum Cause {
    WithdrawnAtOnce,
    WithdrawnAfterPeriod,
    Expired,
    NotConfirmed,
    Lapsed,
    PartlyWithdrawn,
    Retention(String, u32),
    /// A request for deletion, and who decided on it; somebody else carried it out.
    Request(SubjectRequestId, Option<StaffId>),
}

/// A ground whose keys were destroyed.
pub(super) struct Ended {
    pub(super) person: PersonId,
    pub(super) ground: GroundId,
    pub(super) kind: Kind,
    pub(super) cause: Cause,
    /// The event that took the ground out of use.
    pub(super) fenced: Stands,
    /// The event that its destruction follows from; often the same.
    pub(super) ordered: Stands,
    pub(super) decided: Decided,
}

/// Who decided: no name, only the id and the roles of that time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decided {
    Staff(StaffId, BTreeSet<Role>),
    Ledger,
}

/// All of it.
pub(super) struct Facts {
    pub(super) stream: StreamId,
    pub(super) rotation: RotationId,
    pub(super) epoch: u64,
    pub(super) keys: Vec<LeafKeyId>,
    pub(super) grounds: Vec<Ended>,
    /// Where the ends of streams are told that these keys were the records of.
    pub(super) closed: BTreeSet<Stands>,
    pub(super) intent: Stands,
    pub(super) completed: Stands,
    /// When the old root's destruction was acknowledged; none where a crash came before its
    /// recording.
    pub(super) destroyed: Option<Timestamp>,
    /// Whether the keys were found dead, destroyed where this log did not see it.
    pub(super) found: bool,
    pub(super) lost: Lost,
    /// Where a copy for the person was asked for after the fence: it could still be read for that.
    pub(super) copied: BTreeSet<u64>,
    /// Events of the stream whose record parts stay.
    pub(super) records: usize,
}

impl Facts {
    /// The facts of the erasure that the last of these entries completes.
    pub(super) fn of(
        shared: &Shared,
        stream: StreamId,
        reading: Reading<'_>,
    ) -> Result<Self, Fault> {
        let entries = reading.entries;
        let (last, before) = entries.split_last().ok_or_else(no_erasure)?;
        let Event::Shredded(shredded) = &last.record.event else {
            return Err(no_erasure());
        };
        let keys: BTreeSet<LeafKeyId> = shredded.keys.iter().copied().collect();
        let begun = before.iter().enumerate().rev();
        let mut begun = begun.filter_map(|(place, entry)| match &entry.record.event {
            Event::ShredStarted(it) if keys.iter().all(|key| it.keys.contains(key)) => {
                Some((place, entry, it.rotation))
            }
            _ => None,
        });
        let (place, intent, rotation) = begun.next().ok_or_else(no_erasure)?;
        let (until, _) = before.split_at(place);
        let intent = stands(intent);
        let completed = stands(last);
        // One clock, which may be set back between two steps: a time out of order is left out.
        let acknowledged = last.record.occurred;
        let destroyed = acknowledged.filter(|at| (intent.at..=completed.at).contains(at));
        let grounds = ended(shared, until, &keys)?;
        Ok(Self {
            stream,
            rotation,
            epoch: shredded.epoch,
            keys: shredded.keys.clone(),
            copied: copied(before, &grounds, &keys),
            grounds,
            closed: BTreeSet::new(),
            intent,
            completed,
            destroyed,
            found: shredded.found,
            lost: reading.lost(&keys),
            records: entries.len(),
        })
    }
}

/// Where an entry stands.
pub(super) fn stands(entry: &Entry) -> Stands {
    Stands::of(entry.position, &entry.record)
}

/// Where the event at a position stands.
pub(super) fn stands_at(shared: &Shared, position: u64) -> Result<Stands, Fault> {
    Ok(Stands::of(position, &shared.record_at(position)?))
}

/// Which ground each leaf of a stream hangs on.
pub(super) fn leaves(entries: &[Entry]) -> BTreeMap<LeafKeyId, (PersonId, GroundId)> {
    let made = entries.iter().flat_map(|entry| &entry.record.leaves);
    made.map(|made| (made.key, (made.of.person, made.of.ground)))
        .collect()
}

/// Views of what was fenced, made for the person while a copy of it was owed: nobody else gets any.
fn copied(before: &[Entry], grounds: &[Ended], keys: &BTreeSet<LeafKeyId>) -> BTreeSet<u64> {
    let mut copied = BTreeSet::new();
    let first = grounds.iter().map(|ended| ended.fenced.position).min();
    let (Some(first), mut case) = (first, None::<Case>) else {
        return copied;
    };
    for entry in before {
        match &mut case {
            Some(case) => case.apply(&entry.record),
            None => case = Case::opened(&entry.record),
        }
        let for_person = match &entry.record.event {
            Event::PersonalDataSeen(seen) => seen.purpose == ViewPurpose::CopyForPerson,
            _ => false,
        };
        let owed = |case: &Case| !case.owed_in_a_copy().is_disjoint(keys);
        if entry.position > first && for_person && case.as_ref().is_some_and(owed) {
            copied.insert(entry.position);
        }
    }
    copied
}

fn ended(
    shared: &Shared,
    before: &[Entry],
    keys: &BTreeSet<LeafKeyId>,
) -> Result<Vec<Ended>, Fault> {
    let leaves = leaves(before);
    let of: BTreeSet<(PersonId, GroundId)> = keys
        .iter()
        .filter_map(|key| leaves.get(key).copied())
        .collect();
    let mut grounds = Vec::with_capacity(of.len());
    for (person, ground) in of {
        let gone = before.iter().flat_map(|entry| &entry.record.leaves);
        let gone = gone.filter(|made| made.of.ground == ground && keys.contains(&made.key));
        let mut story = Story {
            gone: gone.map(|made| made.of.category).collect(),
            ..Story::default()
        };
        for entry in before {
            story.follow(entry, ground);
        }
        let kind = story.kind;
        let Ending {
            fenced,
            ordered,
            cause,
        } = story.told().ok_or_else(no_erasure)?;
        grounds.push(Ended {
            person,
            ground,
            kind,
            cause,
            fenced: stands(fenced),
            ordered: stands(ordered),
            decided: decided(shared, ordered)?,
        });
    }
    Ok(grounds)
}

/// What came of one ground.
struct Story<'a> {
    /// Whose consent it is.
    person: Option<PersonId>,
    /// Who decided on requests.
    decided: BTreeMap<SubjectRequestId, StaffId>,
    /// The categories of the leaves destroyed; none is the leaf that goes with the whole only.
    gone: BTreeSet<Option<DataCategory>>,
    kind: Kind,
    /// What came of the whole ground, and of the part that the leaves belong to: either can be
    /// taken back and the other stand.
    whole: Option<Ending<'a>>,
    part: Option<Ending<'a>>,
    /// The request for deletion that was carried out just before, and the last event of that
    /// command: the withdrawals that stand right behind it and were recorded with it are its own.
    carried_out: Option<(RequestCarriedOut, &'a Entry)>,
}

/// What ended a ground or a part of it.
struct Ending<'a> {
    fenced: &'a Entry,
    ordered: &'a Entry,
    cause: Cause,
}

impl Default for Story<'_> {
    fn default() -> Self {
        Self {
            person: None,
            decided: BTreeMap::new(),
            gone: BTreeSet::new(),
            kind: Kind::Duty,
            whole: None,
            part: None,
            carried_out: None,
        }
    }
}

impl<'a> Story<'a> {
    fn follow(&mut self, entry: &'a Entry, ground: GroundId) {
        let consent = |id: ConsentId| GroundId::from(id) == ground;
        let exception = |id: ExceptionId| GroundId::from(id) == ground;
        if let (Event::RequestDecided(it), Some(by)) =
            (&entry.record.event, entry.record.actor.staff())
        {
            self.decided.insert(it.request, by);
        }
        match &entry.record.event {
            Event::RequestCarriedOut(it) if it.kind == RequestKind::Deletion => {
                self.carried_out = Some((it.clone(), entry));
            }
            Event::ConsentGiven(it) if consent(it.consent) => {
                (self.person, self.carried_out) = (Some(it.person), None);
            }
            // What one command withdraws stands right behind it, one after the other, and is
            // recorded at the same moment: what comes next may be another command of the same hand.
            Event::ConsentWithdrawn(_) => {
                let next = |(_, last): &(_, &Entry)| {
                    last.position.checked_add(1) == Some(entry.position)
                        && last.record.actor == entry.record.actor
                        && last.record.recorded == entry.record.recorded
                };
                let done = self.carried_out.take().filter(next);
                self.carried_out = done.map(|(done, _)| (done, entry));
            }
            _ => self.carried_out = None,
        }
        match &entry.record.event {
            Event::ConsentGiven(it) if consent(it.consent) => self.kind = Kind::Consent,
            Event::ExceptionInvoked(it) if exception(it.exception) => self.kind = Kind::Exception,
            Event::ConsentWithdrawn(it)
                if consent(it.consent)
                    && self.ends_with(it.part.as_ref().map(|part| &part.categories)) =>
            {
                let at_once = it.shred_due.is_none_or(|due| due <= stands(entry).at);
                let cause = match (self.requested(), &it.part, at_once) {
                    (Some(request), _, _) => {
                        Cause::Request(request, self.decided.get(&request).copied())
                    }
                    (None, Some(_), _) => Cause::PartlyWithdrawn,
                    (None, None, true) => Cause::WithdrawnAtOnce,
                    (None, None, false) => Cause::WithdrawnAfterPeriod,
                };
                end(self.ending(it.part.is_some()), entry, cause);
            }
            Event::WithdrawalUndone(it) if consent(it.consent) => self.undo(),
            // Given anew, it was in use again; what was taken out of it stays out.
            Event::ConsentRenewed(it) if consent(it.consent) => self.whole = None,
            Event::ConsentExpired(it) if consent(it.consent) => {
                end(&mut self.whole, entry, Cause::Expired);
            }
            Event::RetentionApplied(it)
                if consent(it.consent) && self.ends_with(it.categories.as_ref()) =>
            {
                let cause = Cause::Retention(it.rule.0.clone(), it.version);
                end(self.ending(it.categories.is_some()), entry, cause);
            }
            Event::StaffNameEnded(it) if it.ground == ground => {
                let cause = Cause::Retention(it.rule.0.clone(), it.version);
                end(&mut self.whole, entry, cause);
            }
            Event::WordsEnded(it) if it.ground == ground => {
                let cause = Cause::Retention(it.rule.0.clone(), it.version);
                end(&mut self.whole, entry, cause);
            }
            Event::ExceptionRejected(it) if exception(it.exception) => {
                end(&mut self.whole, entry, Cause::NotConfirmed);
            }
            Event::ExceptionLapsed(it) if exception(it.exception) => {
                end(&mut self.whole, entry, Cause::Lapsed);
            }
            _ => {}
        }
    }

    /// The deletion that the withdrawal at hand is of, if it is of one of this person.
    fn requested(&self) -> Option<SubjectRequestId> {
        let (done, _) = self.carried_out.as_ref()?;
        (self.person == Some(done.person)).then_some(done.request)
    }

    /// Whether taking these categories out (none: the whole ground) ends what was destroyed.
    fn ends_with(&self, categories: Option<&BTreeSet<DataCategory>>) -> bool {
        let Some(categories) = categories else {
            return true;
        };
        let mut gone = self.gone.iter().flatten();
        !self.gone.contains(&None) && gone.any(|one| categories.contains(one))
    }

    /// As the case does it: the whole is taken back first, what was taken out only then.
    fn undo(&mut self) {
        if self.whole.take().is_none() {
            self.part = None;
        }
    }

    fn ending(&mut self, of_a_part: bool) -> &mut Option<Ending<'a>> {
        if of_a_part {
            &mut self.part
        } else {
            &mut self.whole
        }
    }

    /// Both endings as one: out of use since the first event, ordered by the last.
    fn told(self) -> Option<Ending<'a>> {
        let (Some(whole), Some(part)) = (&self.whole, &self.part) else {
            return self.whole.or(self.part);
        };
        let first = part.fenced.position < whole.fenced.position;
        let fenced = if first { part.fenced } else { whole.fenced };
        let last = part.ordered.position > whole.ordered.position;
        let ordered = if last { self.part } else { self.whole };
        ordered.map(|ordered| Ending { fenced, ..ordered })
    }
}

fn end<'a>(ending: &mut Option<Ending<'a>>, entry: &'a Entry, cause: Cause) {
    let fenced = ending.as_ref().map_or(entry, |before| before.fenced);
    *ending = Some(Ending {
        fenced,
        ordered: entry,
        cause,
    });
}

/// Who acted, in the roles that they had then.
fn decided(shared: &Shared, entry: &Entry) -> Result<Decided, Fault> {
    let Some(id) = entry.record.actor.staff() else {
        return Ok(Decided::Ledger);
    };
    let mut staff: Option<Staff> = None;
    let of_staff = shared.stream(StreamId::Staff(id))?;
    for earlier in of_staff.iter().filter(|one| one.position <= entry.position) {
        match &mut staff {
            Some(staff) => staff.apply(&earlier.record),
            None => staff = Staff::registered(&earlier.record),
        }
    }
    let roles = staff.map(|staff| staff.roles).unwrap_or_default();
    Ok(Decided::Staff(id, roles))
}

fn no_erasure() -> Fault {
    Fault::damaged("certificate of erasure", "the stream does not tell of it")
}
