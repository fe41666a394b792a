//! The worklist: which referrals wait, for whom, since when, and whether they are late.
//!
//! - Rows are in the order of their last change, the one that waits longest first. A page token is
//!   the position of that change, so paging never skips a row: one that changes meanwhile moves
//!   behind the token and shows up again as it is then. The same walk is the feed of changes.
//! - A recipient sees a referral from the moment it was sent, never a draft.
//! - Late is a condition of the clock, asked for with a `now`; no event makes a referral late.
//! - A row stays after shredding: it holds ids, codes and times of the record part.

mod fold;
mod query;

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::{ReferralState, Sensitivity, Urgency};
use ledger::domain::event::Record;
use ledger::domain::ids::*;
use serde::{Deserialize, Serialize};

pub use ledger::organisation::Late;

use crate::projection::Projection;

/// Referrals and where they stand.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Worklist {
    heads: BTreeMap<CaseId, Head>,
    /// In the order of drafting; a row keeps its place for ever.
    rows: Vec<Row>,
    #[serde(skip)]
    index: Index,
}

/// One referral, as the worklist shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkItem {
    /// Which.
    pub referral: ReferralId,
    /// In which case.
    pub case: CaseId,
    /// The code used instead of a name; not for the recipient.
    pub code: ClientCode,
    /// The organisation that holds the case.
    pub organisation: OrganisationId,
    /// To which service.
    pub service: ServiceId,
    /// Of which organisation.
    pub recipient: OrganisationId,
    /// What the recipient calls the person; none until it was sent.
    pub reference: Option<OutwardReference>,
    /// Where it stands.
    pub state: ReferralState,
    /// The organisation whose turn it is; none when the referral has ended.
    pub waits_for: Option<OrganisationId>,
    /// How quickly.
    pub urgency: Urgency,
    /// When it was drafted.
    pub drafted: Timestamp,
    /// When it came into its present state.
    pub since: Timestamp,
    /// By when the service should confirm receipt.
    pub acknowledge_by: Option<Timestamp>,
    /// By when it should be completed.
    pub complete_by: Option<Timestamp>,
    /// By when the recipient should say what became of what was asked back.
    pub answer_by: Option<Timestamp>,
    /// What is late about it now, if anything.
    pub late: Option<Late>,
    /// When somebody last followed up.
    pub followed_up: Option<Timestamp>,
    /// On which day it is followed up, as agreed when it was sent.
    pub follow_up_on: Option<Day>,
    /// Whether that day has come, and nothing was heard since it was sent.
    pub follow_up_due: bool,
    /// The referral that this one follows after "not accepted".
    pub follows: Option<ReferralId>,
    /// Who may see the case.
    pub sensitivity: Sensitivity,
    /// Who works on the case.
    pub assigned: Vec<StaffId>,
    /// The version of the case's stream now.
    pub version: u64,
    /// Its place in the order that it was found in: of the last event that changed it, or of the
    /// last one that its recipient is told.
    pub place: Cursor,
}

/// Whose side of a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Cases that this organisation holds.
    Sender(OrganisationId),
    /// Referrals that were sent to this organisation.
    Recipient(OrganisationId),
    /// Both.
    Either(OrganisationId),
}

/// Which referrals are asked for. The default asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// In one of these states; none: in any state.
    pub states: BTreeSet<ReferralState>,
    /// With this organisation on this side.
    pub side: Option<Side>,
    /// In cases that one of these members of staff works on; none: of anybody.
    pub assigned: BTreeSet<StaffId>,
    /// That must move this quickly.
    pub urgency: Option<Urgency>,
    /// Late ones only.
    pub late_only: bool,
    /// Those whose agreed follow-up is due only.
    pub follow_up_due_only: bool,
}

impl Query {
    /// Everything that waits on this organisation's side or sides.
    pub fn waiting(side: Side) -> Self {
        Self {
            states: WAITING.into(),
            side: Some(side),
            ..Self::default()
        }
    }
}

/// A place in the order of changes: the page token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    position: u64,
    row: u32,
}

/// Some rows, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The rows, the one whose last change is oldest first.
    pub items: Vec<WorkItem>,
    /// Where the next page, or the feed of changes, goes on.
    pub next: Cursor,
    /// Whether there are more rows now.
    pub more: bool,
}

/// What the referrals of one case have in common.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    code: ClientCode,
    organisation: OrganisationId,
    sensitivity: Sensitivity,
    version: u64,
    assigned: Vec<StaffId>,
    /// Whether work on the person goes on in another file.
    merged: bool,
    /// Whether work on the case ended.
    closed: bool,
    rows: Vec<u32>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    referral: ReferralId,
    case: CaseId,
    service: ServiceId,
    recipient: OrganisationId,
    reference: Option<OutwardReference>,
    follows: Option<ReferralId>,
    state: ReferralState,
    urgency: Urgency,
    drafted: Timestamp,
    since: Timestamp,
    acknowledge_by: Option<Timestamp>,
    complete_by: Option<Timestamp>,
    answer_by: Option<Timestamp>,
    followed_up: Option<Timestamp>,
    follow_up_on: Option<Day>,
    /// Whether a follow-up came to something: an answer, or that contact would be unsafe.
    follow_up_done: bool,
    /// Whether its case is closed: nothing is followed up meanwhile.
    rests: bool,
    changed: u64,
    /// The last change that its recipient is told, too.
    told: u64,
}

/// Built from the rows; left out of snapshots.
#[derive(Debug, Default, PartialEq)]
struct Index {
    by_id: BTreeMap<ReferralId, u32>,
    everybody: Walk,
    by_organisation: BTreeMap<OrganisationId, Walk>,
    by_state: BTreeMap<ReferralState, u64>,
}

/// Rows in the order of their last change.
#[derive(Debug, Default, PartialEq)]
struct Walk {
    all: BTreeSet<Cursor>,
    /// Those that have not ended, so that what waits is found among much that has.
    waiting: BTreeSet<Cursor>,
}

impl Worklist {
    /// One referral, with what is late about it now.
    pub fn find(&self, referral: ReferralId, now: Timestamp) -> Option<WorkItem> {
        let place = *self.index.by_id.get(&referral)?;
        self.item(self.row(place)?, now)
    }

    /// The referrals of one case, in the order of drafting.
    pub fn of_case(&self, case: CaseId, now: Timestamp) -> Vec<WorkItem> {
        let rows = self.heads.get(&case).map(|head| head.rows.as_slice());
        rows.unwrap_or_default()
            .iter()
            .filter_map(|place| self.item(self.row(*place)?, now))
            .collect()
    }

    /// How many referrals are in each state.
    pub fn by_state(&self) -> &BTreeMap<ReferralState, u64> {
        &self.index.by_state
    }

    fn row(&self, place: u32) -> Option<&Row> {
        self.rows.get(usize::try_from(place).ok()?)
    }
}

impl Projection for Worklist {
    const NAME: &'static str = "worklist";
    const VERSION: u32 = 6;

    fn apply(&mut self, position: u64, record: &Record) {
        self.fold(position, record);
    }

    fn reindex(&mut self) {
        let mut index = Index::default();
        for (place, row) in (0_u32..).zip(&self.rows) {
            if let Some(head) = self.heads.get(&row.case) {
                index.by_id.insert(row.referral, place);
                index.insert(place, row, head.organisation);
            }
        }
        self.index = index;
    }
}

/// The states in which somebody must do something.
pub const WAITING: [ReferralState; 7] = [
    ReferralState::Draft,
    ReferralState::Returned,
    ReferralState::Reviewed,
    ReferralState::Sent,
    ReferralState::Received,
    ReferralState::Accepted,
    ReferralState::RecallAsked,
];

/// How much one member of staff works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caseload {
    /// Cases.
    pub cases: u64,
    /// Referrals that have not ended.
    pub open: u64,
    /// Those of them that are late.
    pub late: u64,
}

impl Worklist {
    /// How much each member of staff works on in the cases of one organisation.
    pub fn caseload(&self, of: OrganisationId, now: Timestamp) -> BTreeMap<StaffId, Caseload> {
        let mut loads: BTreeMap<StaffId, Caseload> = BTreeMap::new();
        for head in self.heads.values().filter(|head| head.organisation == of) {
            let rows = head.rows.iter().filter_map(|place| self.row(*place));
            let open: Vec<_> = rows.filter(|row| WAITING.contains(&row.state)).collect();
            let items = open.iter().filter_map(|row| self.item(row, now));
            let late = items.filter(|item| item.late.is_some()).count();
            for staff in &head.assigned {
                let load = loads.entry(*staff).or_default();
                // A person whose two files are merged counts once.
                load.cases += u64::from(!head.merged && !head.closed);
                load.open += u64::try_from(open.len()).unwrap_or(u64::MAX);
                load.late += u64::try_from(late).unwrap_or(u64::MAX);
            }
        }
        loads
    }
}
