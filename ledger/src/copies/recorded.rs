//! What the log says of its copies: which mirrors have a say, that it was restored, that it has an
//! anchor, which backups were made.

use std::path::PathBuf;

use super::attached::mirror_key;
use super::registry::BackupReport;
use crate::clock::Timestamp;
use crate::domain::codes::{AnchorReason, DetachReason};
use crate::domain::event::{
    AnchorSet, BackupListed, BackupStruckOff, Event, MirrorAttached, Record,
};
use crate::domain::ids::{CopyId, OrganisationId, StaffId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::{DetachAsked, Mirror};
use crate::error::Fault;
use crate::keys::{IndexKeys, IndexRecord};
use crate::log::Reader;
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;

/// What the index holds of copies once this event is there: what it says, and of mirrors also where
/// that is told.
pub(crate) fn copies_records(keys: &IndexKeys, record: &Record, position: u64) -> Vec<IndexRecord> {
    let event = &record.event;
    let told = || {
        index(
            [TOLD_PREFIX, &position.to_be_bytes()].concat(),
            Some(Vec::new()),
        )
    };
    if let Event::MirrorAttached(attached) = event {
        let attached = index(mirror_key(attached.mirror), Some(Vec::new()));
        return vec![attached, told()];
    }
    if let Event::MirrorDetached(detached) = event {
        return vec![index(mirror_key(detached.mirror), None), told()];
    }
    if let Event::MirrorDetachAsked(asked) = event
        && let Some(by) = record.actor.staff()
    {
        let who = DetachAsked {
            by,
            organisation: asked.organisation,
            reason: asked.reason,
        };
        return vec![who_asked(keys, asked.mirror, &who)];
    }
    if let Event::MirrorDetachRejected(rejected) = event {
        return vec![index(mirror_key(rejected.mirror), Some(Vec::new()))];
    }
    if let Event::Restored(_) = event {
        return vec![index(RESTORED_KEY.to_vec(), Some(Vec::new()))];
    }
    if let Event::WithdrawalsConfirmed(_) = event {
        return vec![index(RESTORED_KEY.to_vec(), None)];
    }
    if let Event::BackupListed(listed) = event {
        let value = [listed.frame, listed.epoch, listed.made.0].map(u64::to_be_bytes);
        return vec![index(backup_key(listed.backup), Some(value.concat()))];
    }
    if let Event::BackupStruckOff(struck) = event {
        return vec![index(backup_key(struck.backup), None)];
    }
    if let Event::AnchorSet(_) = event {
        return vec![index(ANCHOR_KEY.to_vec(), Some(Vec::new()))];
    }
    Vec::new()
}

/// Where the attaching and detaching of mirrors is told, oldest first.
pub(crate) fn mirror_events(reader: &Reader) -> Result<Vec<u64>, Fault> {
    let found = reader.with_prefix(TOLD_PREFIX, usize::MAX)?;
    let position = |(key, _): (Vec<u8>, Vec<u8>)| {
        let bytes = key.strip_prefix(TOLD_PREFIX).map(TryInto::try_into);
        match bytes {
            Some(Ok(bytes)) => Ok(u64::from_be_bytes(bytes)),
            Some(Err(_)) | None => Err(Fault::damaged("mirror index", "a position")),
        }
    };
    found.into_iter().map(position).collect()
}

/// The backups that the log knows of; where they are it does not say.
pub(super) fn backups_told(reader: &Reader) -> Result<Vec<BackupReport>, Fault> {
    let damaged = || Fault::damaged("backup index", "an entry");
    let found = reader.with_prefix(BACKUP_PREFIX, usize::MAX)?;
    let told = found.iter().map(|(key, value)| told(key, value));
    told.collect::<Option<Vec<_>>>().ok_or_else(damaged)
}

fn told(key: &[u8], value: &[u8]) -> Option<BackupReport> {
    let id = key.strip_prefix(BACKUP_PREFIX)?.try_into().ok()?;
    let (frame, rest) = value.split_first_chunk()?;
    let (epoch, made) = rest.split_first_chunk()?;
    Some(BackupReport {
        id: CopyId(id),
        folder: PathBuf::new(),
        frame: u64::from_be_bytes(*frame),
        epoch: u64::from_be_bytes(*epoch),
        made: Timestamp(u64::from_be_bytes(made.try_into().ok()?)),
    })
}

fn backup_key(id: CopyId) -> Vec<u8> {
    [BACKUP_PREFIX, &id.0].concat()
}

fn index(key: Vec<u8>, value: Option<Vec<u8>>) -> IndexRecord {
    IndexRecord { key, value }
}

/// A mirror's standing as the index holds it.
pub(crate) fn mirror_standing(
    keys: &IndexKeys,
    mirror: CopyId,
    value: &[u8],
) -> Result<Mirror, Fault> {
    if value.is_empty() {
        return Ok(Mirror::default());
    }
    // Earlier versions wrote who asks as it is, which is shorter.
    let asked = if value.len() < ASKED_BYTES {
        parse(value)
    } else {
        let opened = keys.value(&mirror_key(mirror), &[]).open(value);
        opened.and_then(|plain| parse(&plain))
    };
    let asked = asked.ok_or_else(|| Fault::damaged("mirror index", "a value"))?;
    Ok(Mirror { asked: Some(asked) })
}

/// That somebody wants a mirror detached, sealed: the length tells no reason.
fn who_asked(keys: &IndexKeys, mirror: CopyId, asked: &DetachAsked) -> IndexRecord {
    let mut plain = [asked.organisation.0, asked.by.0].concat();
    plain.extend_from_slice(asked.reason.code().as_bytes());
    plain.resize(ASKED_BYTES, 0);
    let key = mirror_key(mirror);
    let value = Some(keys.value(&key, &[]).seal(&plain));
    IndexRecord { key, value }
}

fn parse(value: &[u8]) -> Option<DetachAsked> {
    let (organisation, rest) = value.split_first_chunk()?;
    let (by, reason) = rest.split_first_chunk()?;
    let end = reason.iter().rposition(|byte| *byte != 0)?;
    let reason = reason.get(..=end)?;
    Some(DetachAsked {
        by: StaffId(*by),
        organisation: OrganisationId(*organisation),
        reason: DetachReason::from_code(std::str::from_utf8(reason).ok()?)?,
    })
}

impl Writer {
    /// Records the mirrors that are here for the first time.
    pub(crate) fn note_mirrors(&mut self) -> Result<(), Fault> {
        let mut events = Vec::new();
        for mirror in self.mirrors.ids().to_vec() {
            if self.shared.reader.value(&mirror_key(mirror))?.is_none() {
                events.push(self.told(StreamId::Ledger, MirrorAttached { mirror }.into()));
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut staged = self.stage_events(events)?;
        self.append(&mut staged, false).map(drop)
    }

    /// Tells what changed on the list of backups, so that a log restored elsewhere knows of them:
    /// which came, which were struck off, and which know of more destructions than the log says.
    pub(crate) fn note_backups(&mut self, listed: &[BackupReport]) -> Result<(), Fault> {
        let told = backups_told(&self.shared.reader)?;
        let mut events = Vec::new();
        for backup in listed {
            let known = told.iter().find(|other| other.id == backup.id);
            let news = known.is_none_or(|known| {
                known.epoch != backup.epoch || (known.frame == 0 && backup.frame > 0)
            });
            if news {
                let event = BackupListed {
                    backup: backup.id,
                    frame: backup.frame,
                    epoch: backup.epoch,
                    made: backup.made,
                };
                events.push(self.told(StreamId::Ledger, event.into()));
            }
        }
        for gone in told {
            if !listed.iter().any(|backup| backup.id == gone.id) {
                let event = BackupStruckOff { backup: gone.id };
                events.push(self.told(StreamId::Ledger, event.into()));
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut staged = self.stage_events(events)?;
        self.append(&mut staged, false).map(drop)
    }

    /// Notes that the ledger has an anchor, or another one, and writes the first words into it:
    /// where that fails the ledger does not start.
    pub(crate) fn note_anchor(&mut self, replaced: Option<AnchorReason>) -> Result<(), Fault> {
        if self.notes.anchor.is_none() {
            return Ok(());
        }
        let known = self.shared.reader.value(ANCHOR_KEY)?.is_some();
        let reason = match replaced {
            Some(reason) => reason,
            None if known => {
                self.write_anchor();
                return Ok(());
            }
            // The file comes first: were the event there alone, the next start would miss the file.
            None => {
                self.try_anchor()?;
                AnchorReason::First
            }
        };
        let event = self.told(StreamId::Ledger, AnchorSet { reason }.into());
        let mut staged = self.stage_events(vec![event])?;
        self.append(&mut staged, false)?;
        self.try_anchor()
    }

    /// A group is durable here. What it says of mirrors holds from now on; and where it fences
    /// something the mirrors get a moment to have the fence too, so that a restored copy does not
    /// open what was withdrawn. Appending goes on without them; false if one lacks the fence.
    #[must_use]
    pub(crate) fn tell_mirrors(&self, staged: &Staged, fenced: bool) -> bool {
        for record in &staged.records {
            if let Event::MirrorDetached(detached) = &record.event {
                self.shared.copies.detach(detached.mirror);
            }
            if let Event::MirrorDetachAsked(asked) = &record.event {
                self.shared
                    .copies
                    .ask_to_detach(asked.mirror, Some(asked.reason));
            }
            if let Event::MirrorDetachRejected(rejected) = &record.event {
                self.shared.copies.ask_to_detach(rejected.mirror, None);
            }
        }
        let frame = self.log.head().frame_number;
        let mirrored = !fenced || self.shared.copies.await_fence(frame);
        if !mirrored {
            tracing::warn!(frame, "fence not mirrored: a mirror lacks a withdrawal");
        }
        mirrored
    }
}

/// `h ‖ position` → nothing, for ever: a mirror was attached or detached there.
const TOLD_PREFIX: &[u8] = b"h";
/// `bk` ‖ backup id → frame(8) ‖ epoch(8) ‖ when it was made(8), until it is struck off.
const BACKUP_PREFIX: &[u8] = b"bk";
/// Bytes of who wants a mirror detached, with zeros behind the reason.
const ASKED_BYTES: usize = 64;
/// `t` → nothing, while a restored ledger waits for its withdrawals to be confirmed.
pub(crate) const RESTORED_KEY: &[u8] = b"t";
/// `n` → nothing, once the ledger has an anchor.
pub(crate) const ANCHOR_KEY: &[u8] = b"n";
