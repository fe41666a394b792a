//! What a ledger notes outside its journal about how far it is: the vault's position, the anchor,
//! and the word to who copies the journal from outside.

use std::path::PathBuf;
use std::time::Instant;

use super::anchor;
use super::source::write_synced;
use crate::error::Fault;
use crate::keys::{NotedFrame, Position};
use crate::log::Mark;
use crate::submit::writer::Writer;

/// Where the notes lie.
#[derive(Default)]
pub(crate) struct Notes {
    /// The data folder; empty while a ledger is made.
    pub(crate) data: PathBuf,
    /// The anchor file, outside the machine's image.
    pub(crate) anchor: Option<PathBuf>,
}

impl Writer {
    /// Notes how far the log is synced. Where a note cannot be written the ledger goes on.
    pub(crate) fn write_position(&mut self) -> Result<(), Fault> {
        let epoch = self.shared.keys().epoch();
        let head = self.log.head();
        let frame = head.frame_number;
        self.position.write(Position {
            epoch,
            last: noted_frame(self.log.mark()),
            begun: self.begun,
        })?;
        self.position_written = Some((Instant::now(), frame));
        self.write_anchor();
        if self.notes.data.is_dir()
            && let Err(fault) = write_synced(&self.notes.data, (frame, &head.frame_hash))
        {
            tracing::warn!(%fault, "backups lack the last frame");
        }
        Ok(())
    }

    /// Writes the anchor, if there is one: each second while writing, at a stop, and after each
    /// destruction of keys before anything is certified. Where it cannot be written the ledger goes
    /// on, and the report of copies says so.
    pub(crate) fn write_anchor(&self) {
        if let Err(fault) = self.try_anchor() {
            tracing::error!(%fault, "the anchor was not written");
        }
    }

    /// The same, for who does not go on without.
    pub(super) fn try_anchor(&self) -> Result<(), Fault> {
        let Some(path) = &self.notes.anchor else {
            return Ok(());
        };
        let note = self.shared.published().checkpoint;
        let epoch = self.shared.keys().epoch();
        let written = anchor::write(path, &self.shared.log_id, epoch, &note);
        let failed = written.as_ref().err().map(ToString::to_string);
        self.shared.copies.anchored(path, epoch, failed);
        written
    }
}

/// A frame as the vault notes it; of an empty log none.
pub(super) fn noted_frame(mark: Option<Mark>) -> NotedFrame {
    mark.map_or_else(NotedFrame::default, |mark| NotedFrame {
        number: mark.number,
        hash: mark.hash,
        segment: mark.place.segment,
        offset: mark.place.offset,
    })
}
