//! The journal's writer: one frame per group, one write and one `fdatasync` each.
//!
//! - [`Journal::make_room`] may refuse (a full disk) and changes nothing that counts.
//! - [`Journal::write`] is the point of no return; whoever calls it poisons the log when it fails,
//!   because after a failed sync nobody knows what the disk holds. Nothing retries an fsync.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::disk::DiskFile;
use super::files::{JournalFiles, Mark};
use super::frame::{self, Chain, FrameDraft, Place};
use super::parse::offset_of;
use super::segment::{self, FIRST_FRAME_OFFSET, HEADER_BYTES, Prepared, SegmentHeader};
use crate::error::Fault;
use crate::limits::{JOURNAL_FRAME_BYTES_MAX, JOURNAL_PREPARE_RETRY_SECONDS};

/// Who writes the next segment's zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prepare {
    /// A thread of its own, as soon as a segment comes into use.
    #[default]
    Background,
    /// The writer, at that moment: every write then has a fixed order, which crash tests need.
    Inline,
}

/// Appends frames.
pub(super) struct Journal {
    files: JournalFiles,
    segment_bytes: u64,
    prepare: Prepare,
    current: Option<OpenSegment>,
    spare: Spare,
    number: u64,
    hash: [u8; 32],
    /// Room for a segment header, then the frame: kept between frames, so that encoding allocates
    /// nothing once it has grown.
    buffer: Vec<u8>,
    /// Tells a segment's preparation to end, when the log is closed.
    stop: Arc<AtomicBool>,
}

struct OpenSegment {
    number: u64,
    file: Arc<dyn DiskFile>,
    bytes: u64,
    end: u64,
}

enum Spare {
    Missing,
    Preparing(JoinHandle<io::Result<Prepared>>),
    Ready(Prepared),
    Failed { at: Instant, why: io::Error },
}

/// A frame encoded in the journal's buffer, not yet written.
pub(super) struct Encoded {
    hash: [u8; 32],
    bytes: u64,
}

impl Encoded {
    /// Bytes the frame will take in the journal.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Journal {
    /// A writer that goes on behind the last good frame. `end` is where recovery found it to end.
    pub(super) fn resume(
        files: JournalFiles,
        last: (u64, [u8; 32]),
        end: Place,
        (segment_bytes, prepare): (u64, Prepare),
    ) -> Result<Self, Fault> {
        let mut current = None;
        let mut spare_number = end.segment;
        if end.offset >= FIRST_FRAME_OFFSET {
            let file = files.open(end.segment)?;
            let bytes = file.length().map_err(Fault::io("journal open"))?;
            current = Some(OpenSegment {
                number: end.segment,
                file,
                bytes,
                end: end.offset,
            });
            spare_number = end.segment + 1;
        }
        let mut spare = Spare::Missing;
        if files.path(spare_number).exists() {
            let file = files.open(spare_number)?;
            let bytes = file.length().map_err(Fault::io("journal open"))?;
            spare = Spare::Ready(Prepared {
                number: spare_number,
                file,
                bytes,
            });
        }
        let (number, hash) = last;
        let buffer = vec![0; HEADER_BYTES];
        let stop = Arc::default();
        let mut journal = Self {
            files,
            segment_bytes,
            prepare,
            current,
            spare,
            number,
            hash,
            buffer,
            stop,
        };
        if matches!(journal.spare, Spare::Missing) {
            journal.prepare_spare();
        }
        Ok(journal)
    }

    /// Encodes a draft into the buffer.
    pub(super) fn encode(&mut self, draft: &FrameDraft, store_synced: u64) -> Encoded {
        self.buffer.resize(HEADER_BYTES, 0);
        let chain = Chain {
            number: self.number + 1,
            previous: self.hash,
            store_synced,
        };
        let hash = frame::encode(draft, &chain, &mut self.buffer);
        Encoded {
            hash,
            bytes: offset_of(self.buffer.len() - HEADER_BYTES),
        }
    }

    /// Sees to it that the frame fits into the segment in use or the spare. A full disk shows
    /// here, while most of a segment is still free: that rest is the reserve, in which shredding
    /// goes on, and everything else is refused until a spare could be prepared again.
    pub(super) fn make_room(&mut self, encoded: &Encoded, reserve: bool) -> Result<(), Fault> {
        let largest = self.segment_bytes.saturating_sub(FIRST_FRAME_OFFSET);
        if encoded.bytes > offset_of(JOURNAL_FRAME_BYTES_MAX).min(largest) {
            return Err(Fault::Unusable(format!(
                "a frame of {} bytes is too large",
                encoded.bytes
            )));
        }
        let fits = self
            .current
            .as_ref()
            .is_some_and(|open| open.end + encoded.bytes <= open.bytes);
        self.await_spare(!fits);
        if !fits && !self.spare_holds(encoded.bytes) {
            self.replace_small_spare(encoded.bytes)?;
        }
        match &self.spare {
            Spare::Ready(_) | Spare::Preparing(_) => Ok(()),
            Spare::Missing | Spare::Failed { .. } if reserve && fits => Ok(()),
            Spare::Missing => Err(full(io::ErrorKind::StorageFull)),
            Spare::Failed { why, .. } => Err(full(why.kind())),
        }
    }

    /// Whether only the reserve is left: the disk had no room for the next segment.
    pub(super) fn is_tight(&self) -> bool {
        matches!(self.spare, Spare::Missing | Spare::Failed { .. })
    }

    /// Whether the next segment lies ready. While it is being prepared, the disk may still turn out
    /// to be full.
    pub(super) fn has_spare(&self) -> bool {
        matches!(self.spare, Spare::Ready(_))
    }

    /// As on a full disk, which stays so.
    #[cfg(test)]
    pub(super) fn pretend_full(&mut self) {
        self.spare = Spare::Failed {
            at: Instant::now() + Duration::from_secs(3_600),
            why: io::Error::from(io::ErrorKind::StorageFull),
        };
    }

    /// Whether there is room for more than the reserve. Looks again where there was none, but not
    /// at every call.
    pub(super) fn has_room(&mut self) -> bool {
        self.await_spare(false);
        match self.spare {
            Spare::Ready(_) | Spare::Preparing(_) => true,
            Spare::Missing | Spare::Failed { .. } => false,
        }
    }

    /// Writes the encoded frame and syncs it. When this returns, the group is acknowledged.
    pub(super) fn write(&mut self, encoded: &Encoded) -> Result<Mark, Fault> {
        let fits = self
            .current
            .as_ref()
            .is_some_and(|open| open.end + encoded.bytes <= open.bytes);
        let place = if fits {
            self.write_on()?
        } else {
            self.write_first()?
        };
        // A crash before this point leaves a torn frame or a whole one; recovery zeroes the first
        // and keeps the second, whose caller got no answer and will ask again.
        let Some(open) = &mut self.current else {
            return Err(Fault::Poisoned);
        };
        open.file.sync().map_err(Fault::io("journal sync"))?;
        open.end = place.offset + encoded.bytes;
        self.number += 1;
        self.hash = encoded.hash;
        if matches!(self.spare, Spare::Missing) {
            self.prepare_spare();
        }
        Ok(Mark {
            number: self.number,
            hash: self.hash,
            place,
        })
    }

    /// Behind the last frame of the segment in use.
    fn write_on(&self) -> Result<Place, Fault> {
        let Some(open) = &self.current else {
            return Err(Fault::Poisoned);
        };
        let frame = self.buffer.get(HEADER_BYTES..).unwrap_or_default();
        open.file
            .write_all_at(frame, open.end)
            .map_err(Fault::io("journal write"))?;
        Ok(Place {
            segment: open.number,
            offset: open.end,
        })
    }

    /// As the first frame of the spare, header and frame in one write.
    fn write_first(&mut self) -> Result<Place, Fault> {
        let Spare::Ready(spare) = std::mem::replace(&mut self.spare, Spare::Missing) else {
            return Err(Fault::Poisoned);
        };
        let header = SegmentHeader {
            log_id: self.files.log_id,
            number: spare.number,
            first_frame: self.number + 1,
        };
        if let Some(room) = self.buffer.get_mut(..HEADER_BYTES) {
            room.copy_from_slice(&header.encode());
        }
        spare
            .file
            .write_all_at(&self.buffer, 0)
            .map_err(Fault::io("journal write"))?;
        let place = Place {
            segment: spare.number,
            offset: FIRST_FRAME_OFFSET,
        };
        let Prepared {
            number,
            file,
            bytes,
        } = spare;
        self.current = Some(OpenSegment {
            number,
            file,
            bytes,
            end: 0,
        });
        Ok(place)
    }

    fn spare_holds(&self, frame_bytes: u64) -> bool {
        match &self.spare {
            Spare::Ready(spare) => FIRST_FRAME_OFFSET + frame_bytes <= spare.bytes,
            Spare::Missing | Spare::Preparing(_) | Spare::Failed { .. } => false,
        }
    }

    /// The small first segment cannot take a large first frame: it is made anew, full size.
    fn replace_small_spare(&mut self, frame_bytes: u64) -> Result<(), Fault> {
        if let Spare::Ready(_) = &self.spare {
            self.spare = self.prepared_here();
        }
        if self.spare_holds(frame_bytes) {
            return Ok(());
        }
        match &self.spare {
            Spare::Failed { why, .. } => Err(full(why.kind())),
            Spare::Missing | Spare::Preparing(_) | Spare::Ready(_) => {
                Err(full(io::ErrorKind::StorageFull))
            }
        }
    }

    /// Takes over a spare that its thread has finished, waiting for it only when it is needed now;
    /// tries again after a failure, but not for every frame.
    fn await_spare(&mut self, needed: bool) {
        let pause = Duration::from_secs(JOURNAL_PREPARE_RETRY_SECONDS);
        match std::mem::replace(&mut self.spare, Spare::Missing) {
            Spare::Preparing(thread) if needed || thread.is_finished() => {
                self.spare = match thread.join() {
                    Ok(prepared) => Spare::from(prepared),
                    Err(_) => Spare::from(Err(io::Error::other("preparing a segment panicked"))),
                };
            }
            Spare::Failed { at, why } if at.elapsed() < pause => {
                self.spare = Spare::Failed { at, why };
            }
            Spare::Failed { .. } | Spare::Missing => self.spare = self.prepared_here(),
            waiting @ (Spare::Preparing(_) | Spare::Ready(_)) => self.spare = waiting,
        }
    }

    fn prepare_spare(&mut self) {
        let (files, number, bytes) = (self.files.clone(), self.spare_number(), self.segment_bytes);
        let stop = Arc::clone(&self.stop);
        let work = move || segment::prepare(&*files.disk, files.folder(), (number, bytes), &stop);
        self.spare = match self.prepare {
            Prepare::Inline => Spare::from(work()),
            Prepare::Background => {
                let thread = std::thread::Builder::new().name("journal-prepare".to_owned());
                match thread.spawn(work) {
                    Ok(handle) => Spare::Preparing(handle),
                    Err(error) => Spare::from(Err(error)),
                }
            }
        };
    }

    fn prepared_here(&self) -> Spare {
        let (disk, folder) = (&*self.files.disk, self.files.folder());
        let sizes = (self.spare_number(), self.segment_bytes);
        Spare::from(segment::prepare(disk, folder, sizes, &self.stop))
    }

    fn spare_number(&self) -> u64 {
        self.current.as_ref().map_or(1, |open| open.number + 1)
    }
}

impl From<io::Result<Prepared>> for Spare {
    fn from(prepared: io::Result<Prepared>) -> Self {
        match prepared {
            Ok(prepared) => Self::Ready(prepared),
            Err(why) => Self::Failed {
                at: Instant::now(),
                why,
            },
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // The folder's lock is let go after this: no thread of ours may still write there.
        self.stop.store(true, Ordering::Relaxed);
        if let Spare::Preparing(thread) = std::mem::replace(&mut self.spare, Spare::Missing) {
            let _ = thread.join();
        }
    }
}

fn full(kind: io::ErrorKind) -> Fault {
    let source = io::Error::new(kind, "the next journal segment could not be prepared");
    Fault::Io {
        doing: "preparing a journal segment",
        source,
    }
}
