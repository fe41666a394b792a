//! How many cases one member of staff had destroyed at once within a day: a limit, so that nobody
//! alone makes everybody forgotten (SECURITY.md, attack 40).
//!
//! - Only what is destroyed at once counts, by the wish or because no period is set: what waits for
//!   its period is fenced at the same moment, and others can still undo it. So nobody's wish is
//!   lost, and a colleague can hasten it.
//! - A case counts once, however often it is asked for.

use std::collections::BTreeSet;

use super::staged::Staged;
use super::writer::Writer;
use crate::clock::{DAY_MS, Timestamp};
use crate::domain::command::{Caller, Command, Request};
use crate::domain::ids::{CaseId, StaffId};
use crate::error::Fault;
use crate::keys::IndexRecord;
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

    /// `u` ‖ staff ‖ case → the time of asking (SPEC §5.1).
    fn key(self) -> Vec<u8> {
        [self.all_of_staff().as_slice(), &self.case.0].concat()
    }

    fn all_of_staff(self) -> Vec<u8> {
        [TALLY, &self.staff.0].concat()
    }
}

impl Writer {
    /// How many other cases the same member of staff had destroyed at once within the last day,
    /// those staged in this group included.
    pub(super) fn destroyed_today(&self, staged: &Staged, asked: AtOnce) -> Result<u32, Fault> {
        let (recent, _) = self.tally(asked)?;
        let of_group = staged.at_once.iter().filter(|it| it.staff == asked.staff);
        let mut cases: BTreeSet<CaseId> = of_group.map(|it| it.case).chain(recent).collect();
        cases.remove(&asked.case);
        Ok(u32::try_from(cases.len()).unwrap_or(u32::MAX))
    }

    /// Index records that count a case, and forget what was asked for more than a day ago.
    pub(super) fn counted(&self, asked: AtOnce) -> Result<Vec<IndexRecord>, Fault> {
        let now = self.shared.clock.now();
        let (_, old) = self.tally(asked)?;
        let gone = old.into_iter().map(|key| IndexRecord { key, value: None });
        let mut records: Vec<IndexRecord> = gone.collect();
        // Last: the same case may be among the old ones.
        records.push(IndexRecord {
            key: asked.key(),
            value: Some(now.0.to_be_bytes().to_vec()),
        });
        Ok(records)
    }

    /// Cases counted within the last day, and keys of what was counted before.
    fn tally(&self, asked: AtOnce) -> Result<(Vec<CaseId>, Vec<Vec<u8>>), Fault> {
        let prefix = asked.all_of_staff();
        let since = self.shared.clock.now().0.saturating_sub(DAY_MS);
        let (mut recent, mut old) = (Vec::new(), Vec::new());
        for (key, value) in self.shared.reader.with_prefix(&prefix, usize::MAX)? {
            let case = key.strip_prefix(prefix.as_slice());
            let case = case.and_then(|id| id.try_into().ok()).map(CaseId);
            let at = value.as_slice().try_into().ok().map(u64::from_be_bytes);
            let (Some(case), Some(at)) = (case, at.map(Timestamp)) else {
                return Err(Fault::damaged("index", "a count of destructions"));
            };
            // A clock that was set back gives nobody more.
            if at.0 >= since {
                recent.push(case);
            } else {
                old.push(key);
            }
        }
        Ok((recent, old))
    }
}

const TALLY: &[u8] = b"u";
