//! Copies of the journal that may hold what a rotation killed: what each is known to have
//! acknowledged, and whether the dead ciphertext is out of it.
//!
//! - A root dies only after every attached mirror has the new key records, so what a mirror that
//!   is gone had acknowledged follows from when it was attached and detached.
//! - What is not known to be out of a copy may be in it.

use crate::clock::Timestamp;
use crate::copies::{BackupReport, MirrorReport, mirror_events};
use crate::domain::codes::DetachReason;
use crate::domain::event::{CiphertextCut, Event};
use crate::domain::ids::CopyId;
use crate::error::Fault;
use crate::shared::Shared;

use super::facts::{Facts, Stands};

/// A round that cut out ciphertext of the stream: where it is told, and what it says.
pub(super) type Round = (Stands, CiphertextCut);

/// A copy of the journal.
pub(super) struct Copy {
    pub(super) kind: &'static str,
    pub(super) id: CopyId,
    /// It has the new key records: whoever restores from it finds the keys dead.
    pub(super) knows: bool,
    /// The dead ciphertext is known to be zeros in it.
    pub(super) cut_out: bool,
    pub(super) standing: Standing,
}

/// Where a copy is, as far as the ledger knows.
pub(super) enum Standing {
    Attached,
    Detached(DetachReason, Timestamp),
    /// A backup, by when it was made last.
    Made(Timestamp),
}

/// All that is known of copies.
pub(super) struct Copies {
    pub(super) attached: usize,
    /// How many backups were made; none where the list of them cannot be read.
    pub(super) backups: Option<usize>,
    pub(super) all: Vec<Copy>,
    /// Whether a machine rolled back to before the destruction would be noticed.
    pub(super) anchored: bool,
}

/// From when to when a mirror had a say.
struct Stay {
    mirror: CopyId,
    from: u64,
    until: Option<(Stands, DetachReason)>,
}

impl Copies {
    /// The copies beside an erasure; `rounds` cut all of its ciphertext out, if they are there.
    /// `backups` is the list of those that were made, if it can be read.
    pub(super) fn of(
        shared: &Shared,
        facts: &Facts,
        rounds: Option<&[Round]>,
        backups: Option<&[BackupReport]>,
    ) -> Result<Self, Fault> {
        let report = shared.copies.report(shared.reader.head().frame_number);
        let stays = stays(shared)?;
        let mut all: Vec<Copy> = report
            .mirrors
            .iter()
            .map(|mirror| attached(mirror, &stays, facts, rounds))
            .collect();
        let attached = all.len();
        all.extend(stays.iter().filter_map(|stay| gone(stay, facts, rounds)));
        let listed = backups.into_iter().flatten();
        all.extend(listed.map(|one| backup(one, facts, rounds)));
        Ok(Self {
            attached,
            backups: backups.map(<[BackupReport]>::len),
            all,
            anchored: report.anchor.is_some(),
        })
    }
}

fn attached(
    mirror: &MirrorReport,
    stays: &[Stay],
    facts: &Facts,
    rounds: Option<&[Round]>,
) -> Copy {
    let mut stays = stays.iter().rev();
    let stay = stays.find(|stay| stay.mirror == mirror.id && stay.until.is_none());
    let earlier = |stay: &Stay| stay.from < facts.intent.position;
    // Keys that were found dead died elsewhere: no mirror was waited for.
    let was_there = !facts.found && stay.is_some_and(earlier);
    // One that was late with a list has done the same once it has the list.
    let done =
        |(_, cut): &Round| !cut.outstanding.contains(&mirror.id) || mirror.frame >= cut.frame;
    Copy {
        kind: "mirror",
        id: mirror.id,
        knows: was_there || mirror.epoch >= facts.epoch,
        cut_out: rounds.is_some_and(|rounds| rounds.iter().all(done)),
        standing: Standing::Attached,
    }
}

/// A mirror that was detached, unless that was before there was anything in it to be destroyed.
fn gone(stay: &Stay, facts: &Facts, rounds: Option<&[Round]>) -> Option<Copy> {
    let (until, reason) = stay.until?;
    if facts.lost.positions.first()? >= &until.position {
        return None;
    }
    let there = |at: u64| (stay.from..until.position).contains(&at);
    let done = |(at, cut): &Round| there(at.position) && !cut.outstanding.contains(&stay.mirror);
    Some(Copy {
        kind: "mirror",
        id: stay.mirror,
        knows: !facts.found && there(facts.intent.position) && there(facts.completed.position),
        cut_out: rounds.is_some_and(|rounds| rounds.iter().all(done)),
        standing: Standing::Detached(reason, until.at),
    })
}

/// A backup holds what was in the journal up to its last frame, cut out by the lists up to there.
fn backup(backup: &BackupReport, facts: &Facts, rounds: Option<&[Round]>) -> Copy {
    let done = |(_, cut): &Round| backup.frame >= cut.frame;
    Copy {
        kind: "backup",
        id: backup.id,
        knows: backup.epoch >= facts.epoch,
        cut_out: rounds.is_some_and(|rounds| rounds.iter().all(done)),
        standing: Standing::Made(backup.made),
    }
}

/// Every mirror's time, in the order of attaching.
fn stays(shared: &Shared) -> Result<Vec<Stay>, Fault> {
    let mut stays: Vec<Stay> = Vec::new();
    for position in mirror_events(&shared.reader)? {
        let record = shared.record_at(position)?;
        if let Event::MirrorAttached(it) = &record.event {
            stays.push(Stay {
                mirror: it.mirror,
                from: position,
                until: None,
            });
        }
        if let Event::MirrorDetached(it) = &record.event {
            let mut open = stays.iter_mut().filter(|stay| stay.until.is_none());
            if let Some(stay) = open.find(|stay| stay.mirror == it.mirror) {
                stay.until = Some((Stands::of(position, &record), it.reason));
            }
        }
    }
    Ok(stays)
}
