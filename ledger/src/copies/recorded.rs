//! What the log says of its copies: which mirrors have a say, that it was restored, that it has an
//! anchor.

use super::attached::mirror_key;
use crate::domain::codes::{AnchorReason, DetachReason};
use crate::domain::event::{AnchorSet, Event, MirrorAttached, Record};
use crate::domain::ids::{OrganisationId, StaffId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::{DetachAsked, Mirror};
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::log::Reader;
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;

/// What the index holds of copies once this event is there: what it says, and of mirrors also where
/// that is told.
pub(crate) fn copies_records(record: &Record, position: u64) -> Vec<IndexRecord> {
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
        let mut value = asked.organisation.0.to_vec();
        value.extend_from_slice(&by.0);
        value.extend_from_slice(asked.reason.code().as_bytes());
        return vec![index(mirror_key(asked.mirror), Some(value))];
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

fn index(key: Vec<u8>, value: Option<Vec<u8>>) -> IndexRecord {
    IndexRecord { key, value }
}

/// A mirror's standing as the index holds it.
pub(crate) fn mirror_standing(value: &[u8]) -> Result<Mirror, Fault> {
    if value.is_empty() {
        return Ok(Mirror::default());
    }
    let asked = parse(value).ok_or_else(|| Fault::damaged("mirror index", "a value"))?;
    Ok(Mirror { asked: Some(asked) })
}

fn parse(value: &[u8]) -> Option<DetachAsked> {
    let (organisation, rest) = value.split_first_chunk()?;
    let (by, reason) = rest.split_first_chunk()?;
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
/// `t` → nothing, while a restored ledger waits for its withdrawals to be confirmed.
pub(crate) const RESTORED_KEY: &[u8] = b"t";
/// `n` → nothing, once the ledger has an anchor.
pub(crate) const ANCHOR_KEY: &[u8] = b"n";
