//! The limits that this machine sets, measured beside our own figures in the same run.
//!
//! - [`RawFile`]: the same bytes appended to a file written before with zeros, one `fdatasync`
//!   each.
//! - [`RawSled`]: the same records in sled, one batch, its `flush` and the `fdatasync` it leaves
//!   out.
#![expect(
    clippy::expect_used,
    reason = "a bench whose disk fails has nothing to measure"
)]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use ledger::clock::Entropy;
use ledger::limits::{GROUP_BYTES_MAX, STORE_CACHE_BYTES};

use crate::Corpus;

/// A pre-written file that is appended to.
pub struct RawFile {
    file: File,
    end: u64,
}

/// Bytes of the pre-written file; appending starts again at its beginning when they are used up.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

impl RawFile {
    /// Makes and pre-writes the file.
    pub fn make(folder: &Path) -> Self {
        let path = folder.join("raw");
        let mut options = OpenOptions::new();
        let file = options
            .create_new(true)
            .write(true)
            .open(path)
            .expect("a new file");
        let zeros = vec![0_u8; 1024 * 1024];
        let step = u64::try_from(zeros.len()).expect("a small number");
        let mut at = 0;
        while at < FILE_BYTES {
            file.write_all_at(&zeros, at).expect("room on the disk");
            at += step;
        }
        file.sync_all().expect("a disk that syncs");
        Self { file, end: 0 }
    }

    /// Writes behind what is there, and syncs.
    pub fn append(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).expect("a small number");
        if self.end + length > FILE_BYTES {
            self.end = 0;
        }
        self.file
            .write_all_at(bytes, self.end)
            .expect("room on the disk");
        self.file.sync_data().expect("a disk that syncs");
        self.end += length;
    }
}

/// sled with nothing round it.
pub struct RawSled {
    tree: sled::Db,
    file: File,
    events: u64,
    corpus: Corpus,
}

impl RawSled {
    /// Opens an empty one.
    pub fn make(folder: &Path) -> Self {
        let folder = folder.join("raw-sled");
        let tree = sled::Config::new()
            .path(&folder)
            .cache_capacity(STORE_CACHE_BYTES)
            .open()
            .expect("a new folder");
        let file = File::open(folder.join("db")).expect("sled's file");
        Self {
            tree,
            file,
            events: 0,
            corpus: Corpus::seeded(3),
        }
    }

    /// Inserts events as the next ones, each with the two index records that a command leaves (its
    /// place in its stream, its request), in one batch, and syncs.
    pub fn put(&mut self, events: &[Vec<u8>]) {
        let mut batch = sled::Batch::default();
        for event in events {
            let position = self.events.to_be_bytes();
            batch.insert([b"e".as_slice(), &position].concat(), event.as_slice());
            batch.insert(self.hashed(b"is", 24), position.as_slice());
            batch.insert(self.hashed(b"ir", 16), [0_u8; 36].as_slice());
            self.events += 1;
        }
        self.tree.apply_batch(batch).expect("sled takes the batch");
        self.tree.flush().expect("sled flushes");
        self.file.sync_data().expect("a disk that syncs");
    }

    /// A key as far apart from its neighbours as a keyed hash is.
    fn hashed(&mut self, prefix: &[u8], bytes: usize) -> Vec<u8> {
        let mut key = vec![0; bytes];
        self.corpus.fill(&mut key);
        [prefix, &key].concat()
    }
}

/// The groups that the writer makes of so many events of one size: as many as a frame takes.
pub fn groups(event: &[u8], count: usize) -> Vec<Vec<Vec<u8>>> {
    let most = GROUP_BYTES_MAX.div_ceil(event.len().max(1)).max(1);
    let events = vec![event.to_vec(); count];
    events.chunks(most).map(<[Vec<u8>]>::to_vec).collect()
}
