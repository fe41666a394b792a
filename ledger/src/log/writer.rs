//! The log's one writer: appends groups and closes the log.

use std::fs::File;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::content::{Queued, derive};
use super::files::Mark;
use super::folder::Folder;
use super::frame::{Frame, FrameDraft};
use super::index::IndexRecord;
use super::journal::Journal;
use super::open::LogOptions;
use super::parse::offset_of;
use super::reader::Reader;
use super::shared::{Head, Shared, Stop};
use crate::error::Fault;

/// An open log. Dropping it is what a crash does to it, but for the memory; [`Log::close`] is the
/// clean way.
pub struct Log {
    pub(super) shared: Arc<Shared>,
    /// Absent when the log is open for reading alone.
    pub(super) journal: Option<Journal>,
    pub(super) applier: Option<JoinHandle<()>>,
    /// The last frame.
    pub(super) mark: Option<Mark>,
    pub(super) options: LogOptions,
    pub(super) folder: Folder,
    /// Held for as long as the log is open; goes last.
    pub(super) _lock: File,
}

/// Where a group stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct FramePosition {
    /// Number of its frame.
    pub frame_number: u64,
    /// Leaf index of its first event.
    pub first_leaf: u64,
    /// Leaves in the log with it.
    pub tree_size: u64,
}

impl Log {
    /// The id of this log, from its format file.
    pub fn id(&self) -> [u8; 32] {
        self.shared.files.log_id
    }

    /// The end of the log. Everything up to it is synced, so it may be shown.
    pub fn head(&self) -> Head {
        self.shared.head()
    }

    /// The last frame, with its place; none in an empty log.
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// A reader, which may outlive this writer's failures.
    pub fn reader(&self) -> Reader {
        Reader {
            shared: Arc::clone(&self.shared),
        }
    }

    /// True when an earlier failure stopped all writing.
    pub fn is_poisoned(&self) -> bool {
        self.shared.is_poisoned()
    }

    /// Whether a full disk leaves only the reserve, for drafts that say so.
    pub fn is_tight(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::is_tight)
    }

    /// Whether the journal's next file lies ready: false on a full disk, and while it is not known
    /// yet whether there is room.
    pub fn has_spare(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::has_spare)
    }

    /// As on a full disk, which stays so.
    #[cfg(test)]
    pub(crate) fn pretend_full(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.pretend_full();
        }
    }

    /// Appends one group: one write, one `fdatasync`. When this returns, the group is acknowledged
    /// and readers see it. Waits while the store lags by a full tail.
    ///
    /// A draft that does not fit ([`Fault::Unusable`]) and a full disk ([`Fault::Io`] at "preparing
    /// a journal segment") change nothing. Any failure of the write or the sync poisons the log:
    /// nobody knows then what the disk holds, and only opening again finds out.
    pub fn append(&mut self, draft: FrameDraft) -> Result<FramePosition, Fault> {
        let Some(journal) = &mut self.journal else {
            return Err(Fault::Poisoned);
        };
        let synced = self.shared.await_room(0)?;
        check_draft(&draft, &self.shared)?;
        let derived = derive(&draft.key_records, self.options.index_of_key_record)?;
        if !derived
            .iter()
            .chain(&draft.index_records)
            .all(IndexRecord::fits)
        {
            return Err(Fault::Unusable(
                "an index key has the wrong length".to_owned(),
            ));
        }
        let encoded = journal.encode(&draft, synced);
        self.shared.await_room(encoded.bytes())?;
        journal.make_room(&encoded, draft.reserve)?;
        let previous = self.shared.head().frame_hash;
        let mark = journal
            .write(&encoded)
            .inspect_err(|_| self.shared.poison())?;
        // Acknowledged. A crash from here on loses nothing: the next opening replays the frame.
        let frame = Frame {
            number: mark.number,
            hash: mark.hash,
            previous,
            store_synced: synced,
            first_leaf: draft.first_leaf,
            events: draft.events,
            key_records: draft.key_records,
            index_records: draft.index_records,
            checkpoint: draft.checkpoint,
            place: mark.place,
            length: encoded.bytes(),
        };
        let (frame_number, first_leaf, tree_size) =
            (frame.number, frame.first_leaf, frame.tree_size());
        self.mark = Some(mark);
        self.shared.landmarks().note(mark);
        self.shared.publish(Arc::new(Queued { frame, derived }));
        Ok(FramePosition {
            frame_number,
            first_leaf,
            tree_size,
        })
    }

    /// Whether new groups are taken; false on a full disk, until it has room again.
    pub fn has_room(&mut self) -> bool {
        self.journal.as_mut().is_some_and(Journal::has_room)
    }

    /// Waits until the store holds a group, for those who ask the store itself.
    pub fn wait_applied(&self, position: FramePosition) -> Result<(), Fault> {
        self.shared.await_applied(position.frame_number)
    }

    /// Ends cleanly: everything applied and synced, the store closed, and a marker that says so.
    /// After a failure there is no marker, and the next opening recovers.
    pub fn close(mut self) -> Result<(), Fault> {
        self.end(Stop::WhenDrained);
        if let Some(detail) = self.shared.store_failure() {
            return Err(Fault::Store {
                doing: "apply",
                detail,
            });
        }
        if let Some(store) = self.shared.take_store() {
            store.close()?;
        }
        match self.mark {
            // A crash before the marker is durable is an unclean stop, which costs a probe.
            Some(mark) if !self.shared.is_poisoned() => {
                self.folder.write_marker(&*self.options.disk, &mark)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn end(&mut self, stop: Stop) {
        self.shared.stop(stop);
        if let Some(applier) = self.applier.take() {
            // The applier reports its own failures; a panic in it left the journal whole.
            let _ = applier.join();
        }
        // Waits for a segment that is being prepared, so that nothing writes after the lock went.
        self.journal = None;
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.end(Stop::Now);
        if let Some(store) = self.shared.take_store() {
            // Nothing rests on how the store closes: the next opening distrusts it.
            let _ = store.close();
        }
    }
}

/// A draft that is not the log's next frame is a mistake of the caller; nothing was written.
fn check_draft(draft: &FrameDraft, shared: &Shared) -> Result<(), Fault> {
    let tree_size = shared.head().tree_size;
    if draft.first_leaf != tree_size {
        let found = draft.first_leaf;
        return Err(Fault::Unusable(format!(
            "the next leaf is {tree_size}, not {found}"
        )));
    }
    for (position, event) in (tree_size..).zip(&draft.events) {
        if let Some(flaw) = event.header_flaw(&shared.files.log_id, position) {
            return Err(Fault::Unusable(format!("event {position}: {flaw}")));
        }
        // The sealing module hashed the segments a moment ago; release builds take its word.
        debug_assert!(
            event.flaws(&shared.files.log_id, position).is_empty(),
            "digests fit"
        );
    }
    let after = tree_size.checked_add(offset_of(draft.events.len()));
    after
        .map(|_| ())
        .ok_or_else(|| Fault::Unusable("the log is full".to_owned()))
}
