//! What the log says of its copies: which mirrors have a say.

use super::attached::mirror_key;
use crate::domain::event::{Event, MirrorAttached};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::log::Reader;
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;

/// What the index holds of a mirror once this event is there: whether it is attached, and where
/// that is told.
pub(crate) fn mirror_records(event: &Event, position: u64) -> Vec<IndexRecord> {
    let (mirror, value) = if let Event::MirrorAttached(attached) = event {
        (attached.mirror, Some(Vec::new()))
    } else if let Event::MirrorDetached(detached) = event {
        (detached.mirror, None)
    } else {
        return Vec::new();
    };
    let attached = IndexRecord {
        key: mirror_key(mirror),
        value,
    };
    let told = IndexRecord {
        key: [TOLD_PREFIX, &position.to_be_bytes()].concat(),
        value: Some(Vec::new()),
    };
    vec![attached, told]
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

    /// A group is durable here. What it says of mirrors holds from now on; and where it fences
    /// something the mirrors get a moment to have the fence too, so that a restored copy does not
    /// open what was withdrawn. Appending goes on without them.
    pub(crate) fn tell_mirrors(&self, staged: &Staged, fenced: bool) {
        for record in &staged.records {
            if let Event::MirrorDetached(detached) = &record.event {
                self.shared.copies.detach(detached.mirror);
            }
        }
        let frame = self.log.head().frame_number;
        if fenced && !self.shared.copies.await_fence(frame) {
            tracing::warn!(frame, "fence not mirrored: a mirror lacks a withdrawal");
        }
    }
}

/// `h ‖ position` → nothing, for ever: a mirror was attached or detached there.
const TOLD_PREFIX: &[u8] = b"h";
