//! How many cases one member of staff had destroyed at once within a day: a limit, so that nobody
//! alone makes everybody forgotten (SECURITY.md, attack 40).
//!
//! - Only what is destroyed at once counts, by the wish or because no period is set: what waits for
//!   its period is fenced at the same moment, and others can still undo it. So nobody's wish is
//!   lost, and a colleague can hasten it.
//! - A case counts once, however often it is asked for.
//! - The index says neither who nor which case: both are names that nothing else has.

use std::collections::BTreeSet;

use super::staged::Staged;
use super::writer::Writer;
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::command::{Caller, Command, Request};
use crate::domain::ids::{CaseId, StaffId};
use crate::error::Fault;
use crate::keys::{IndexKeys, IndexRecord};
use crate::organisation::Organisation;

/// Who has something of which case destroyed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AtOnce {
    staff: StaffId,
    case: CaseId,
}

impl AtOnce {
    /// What a request would destroy at once; nothing if it asks for nothing of the kind.
    pub(super) fn of(request: &Request, organisation: &Organisation) -> Option<Self> {
        let (Caller::Staff(staff), Command::WithdrawConsent { case, shred, .. }) =
            (request.caller, &request.command)
        else {
            return None;
        };
        let case = *case;
        organisation
            .destroys_at_once(*shred)
            .then_some(Self { staff, case })
    }

    /// `u` ‖ hash(staff) ‖ hash(staff, case) → the time of asking (SPEC §5.1).
    fn key(self, keys: &IndexKeys) -> Vec<u8> {
        [self.all_of_staff(keys), self.counted_as(keys).to_vec()].concat()
    }

    fn all_of_staff(self, keys: &IndexKeys) -> Vec<u8> {
        [TALLY, &keys.tally(&self.staff.0, &[])].concat()
    }

    fn counted_as(self, keys: &IndexKeys) -> [u8; 16] {
        keys.tally(&self.staff.0, &self.case.0)
    }

    /// As earlier versions wrote it: until what they counted is a day old.
    fn all_of_staff_before(self) -> Vec<u8> {
        [TALLY, &self.staff.0].concat()
    }
}

/// What the index counts for one member of staff.
#[derive(Default)]
struct Tally {
    /// Cases within the last day.
    recent: Vec<[u8; 16]>,
    /// Keys of what was counted before.
    old: Vec<Vec<u8>>,
}

impl Writer {
    /// How many other cases the same member of staff had destroyed at once within the last day,
    /// those staged in this group included.
    pub(super) fn destroyed_today(&self, staged: &Staged, asked: AtOnce) -> Result<u32, Fault> {
        let keys = &self.shared.index_keys;
        let recent = self.tally(asked)?.recent;
        let of_group = staged.at_once.iter().filter(|it| it.staff == asked.staff);
        let of_group = of_group.map(|it| it.counted_as(keys));
        let mut cases: BTreeSet<[u8; 16]> = of_group.chain(recent).collect();
        cases.remove(&asked.counted_as(keys));
        Ok(u32::try_from(cases.len()).unwrap_or(u32::MAX))
    }

    /// Index records that count a case, and forget what was asked for more than a day ago.
    pub(super) fn counted(&self, asked: AtOnce) -> Result<Vec<IndexRecord>, Fault> {
        let now = self.shared.clock.now();
        let old = self.tally(asked)?.old;
        let gone = old.into_iter().map(|key| IndexRecord { key, value: None });
        let mut records: Vec<IndexRecord> = gone.collect();
        // Last: the same case may be among the old ones.
        records.push(IndexRecord {
            key: asked.key(&self.shared.index_keys),
            value: Some(now.0.to_be_bytes().to_vec()),
        });
        Ok(records)
    }

    /// Cases counted within the last day, and keys of what was counted before.
    fn tally(&self, asked: AtOnce) -> Result<Tally, Fault> {
        let keys = &self.shared.index_keys;
        let since = self.shared.clock.now().0.saturating_sub(DAY_MS);
        let mut tally = Tally::default();
        for (prefix, is_named) in [
            (asked.all_of_staff(keys), true),
            (asked.all_of_staff_before(), false),
        ] {
            for (key, value) in self.shared.reader.with_prefix(&prefix, usize::MAX)? {
                let counted = key.strip_prefix(prefix.as_slice());
                let counted = counted.and_then(|id| <[u8; 16]>::try_from(id).ok());
                let at = value.as_slice().try_into().ok().map(u64::from_be_bytes);
                let (Some(counted), Some(at)) = (counted, at.map(Timestamp)) else {
                    return Err(Fault::damaged("index", "a count of destructions"));
                };
                // A clock that was set back gives nobody more.
                if at.0 < since {
                    tally.old.push(key);
                } else if is_named {
                    tally.recent.push(counted);
                } else {
                    tally.recent.push(keys.tally(&asked.staff.0, &counted));
                }
            }
        }
        Ok(tally)
    }
}

const TALLY: &[u8] = b"u";
