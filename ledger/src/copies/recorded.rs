//! What the log says of its copies: which mirrors have a say.

use super::attached::mirror_key;
use crate::domain::event::MirrorAttached;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::submit::writer::Writer;

impl Writer {
    /// Records the mirrors that are here for the first time.
    pub(crate) fn note_mirrors(&mut self) -> Result<(), Fault> {
        let mut events = Vec::new();
        let mut index_records = Vec::new();
        for id in self.mirrors.ids() {
            let key = mirror_key(*id);
            if self.shared.reader.value(&key)?.is_none() {
                let mirror = *id;
                events.push(self.told(StreamId::Ledger, MirrorAttached { mirror }.into()));
                let value = Some(Vec::new());
                index_records.push(IndexRecord { key, value });
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut staged = self.stage_events(events)?;
        staged.index_records.extend(index_records);
        self.append(&mut staged, false).map(drop)
    }

    /// A fence is durable here: gives the mirrors a moment to have it too, so that a restored copy
    /// does not open what was withdrawn. Appending goes on without them.
    pub(crate) fn mirror_fence(&self) {
        let frame = self.log.head().frame_number;
        if !self.shared.copies.await_fence(frame) {
            tracing::warn!(frame, "fence not mirrored: a mirror lacks a withdrawal");
        }
    }
}
