//! Where a bench writes: a folder on a real disk (`BENCH_DIR`, else the target folder) or on a RAM
//! disk.
//!
//! - Both are measured in one run: figures of the disk move with its neighbours, those of the RAM
//!   disk show what our own work costs.
#![expect(
    clippy::expect_used,
    reason = "a bench without a folder has nothing to measure"
)]

use std::path::PathBuf;

use tempfile::TempDir;

/// A kind of storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The folder named by `BENCH_DIR`; without it the system's temporary one.
    Disk,
    /// `/dev/shm`.
    Ram,
}

impl Place {
    /// The places that this machine has.
    pub fn all() -> Vec<Self> {
        [Self::Disk, Self::Ram]
            .into_iter()
            .filter(|place| place.folder().is_dir())
            .collect()
    }

    /// How results name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Ram => "ram",
        }
    }

    /// A folder of its own, removed when dropped.
    pub fn temporary(self) -> TempDir {
        tempfile::Builder::new()
            .prefix("referral-bench-")
            .tempdir_in(self.folder())
            .expect("BENCH_DIR and /dev/shm take new folders")
    }

    fn folder(self) -> PathBuf {
        match self {
            Self::Disk => {
                std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from)
            }
            Self::Ram => PathBuf::from("/dev/shm"),
        }
    }
}
