//! The log: the journal as the record of truth, and the store that answers by key (SPEC §8).
//!
//! - The journal's `fdatasync` is the acknowledgement; the store is rebuilt from it at will.
//! - It stores opaque bytes and knows nothing of domain, sealing or keys.
//! - Bytes: SPEC §8. Reading order: `writer` → `journal` → `frame`, then `recover` and `rebuild`.

mod applier;
mod check;
mod check_cuts;
mod content;
mod copy;
mod cursor;
mod cut;
mod disk;
mod event;
mod files;
mod folder;
mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzed;
mod index;
mod journal;
mod landmarks;
mod mend;
mod open;
mod parse;
mod reader;
mod rebuild;
mod recover;
mod scrub;
mod segment;
mod shared;
mod store;
mod swap;
mod tail;
#[cfg(test)]
pub(crate) mod tests;
mod walk;
mod writer;

pub use check::{Finding, FindingPlace, check};
pub use copy::{CopyTail, JournalCopy, JournalWalk, Met};
pub(crate) use disk::replace_file;
pub use disk::{Disk, DiskFile, SystemDisk};
pub use event::{EventFlaw, StoredEvent};
pub use files::{JournalFiles, Mark, Noted};
pub use frame::{Frame, FrameDraft, Place};
pub use index::IndexRecord;
pub use journal::Prepare;
pub use open::{LogOptions, OnDamage, Opening};
pub use reader::{Frames, Pair, Reader};
pub use rebuild::{Probe, Progress, store_probe};
pub use scrub::{Scrub, Scrubbed};
pub use shared::Head;
pub use store::{Change, OpenStore, SledOpener, Store, Visit};
pub use swap::{BuiltStore, StoreBuilder};
pub use writer::{FramePosition, Log};
