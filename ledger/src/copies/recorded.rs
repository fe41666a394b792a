//! What the log says of its copies: which mirrors have a say.

use super::attached::mirror_key;
use crate::domain::event::{Event, MirrorAttached};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;

/// What the index holds of a mirror once this event is there.
pub(crate) fn attached_record(event: &Event) -> Option<IndexRecord> {
    if let Event::MirrorAttached(attached) = event {
        let key = mirror_key(attached.mirror);
        let value = Some(Vec::new());
        return Some(IndexRecord { key, value });
    }
    if let Event::MirrorDetached(detached) = event {
        let key = mirror_key(detached.mirror);
        return Some(IndexRecord { key, value: None });
    }
    None
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
