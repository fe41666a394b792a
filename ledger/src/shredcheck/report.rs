//! What a check came to, and what of it must not be.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::PathBuf;

use super::{KeyId, Source};

/// What it came to.
pub struct Report {
    /// Bytes looked at, those of the vault included.
    pub bytes: u64,
    /// Of those, bytes of parts that stand word for word in another part.
    pub bytes_repeated: u64,
    /// Stretches of 32 bytes that were taken for a key.
    pub windows: u64,
    /// Distinct key records, by kind.
    pub records: BTreeMap<&'static str, u64>,
    /// Roots in the vault: epoch and key.
    pub roots: Vec<(u64, KeyId)>,
    /// The newest root that the records call installed.
    pub installed: Option<(u64, KeyId)>,
    /// Keys with a tombstone.
    pub shredded: HashSet<KeyId>,
    /// Of those, what can be had all the same.
    pub shredded_reachable: Vec<KeyId>,
    /// Leaves that a copy with the newest root names, and no tombstone does.
    pub living: HashSet<KeyId>,
    /// Of those, what the vault's roots do not lead to.
    pub living_unreachable: Vec<KeyId>,
    /// Leaves without a tombstone that only older copies name and the vault's roots do not lead
    /// to: made and never acknowledged, or the tombstone is missing in what was given.
    pub unknown: Vec<KeyId>,
    /// Keys that lie in the clear where they do not belong, or in memory.
    pub lying_open: Vec<LyingOpen>,
}

/// A key in the clear.
pub struct LyingOpen {
    /// Which.
    pub key: KeyId,
    /// Whether a tombstone names it.
    pub shredded: bool,
    /// The file where it was seen first.
    pub file: PathBuf,
    /// And the place in it.
    pub offset: u64,
    /// As what the file was given.
    pub source: Source,
}

/// Something that must not be.
pub enum Finding {
    /// No key records: nothing can be said.
    NothingFound,
    /// A key with a tombstone can be had.
    ShreddedReachable(KeyId),
    /// A living leaf cannot be had.
    LivingUnreachable(KeyId),
    /// A key lies where none belongs.
    LyingOpen(KeyId, PathBuf, u64),
    /// The vault does not hold the newest root.
    OtherRoot(u64),
}

impl Report {
    /// Everything that must not be; none means that what was shredded is gone from all that was
    /// given, and that the living are not.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.records.is_empty() {
            findings.push(Finding::NothingFound);
        }
        if let Some(installed) = self.installed
            && !self.roots.contains(&installed)
        {
            findings.push(Finding::OtherRoot(installed.0));
        }
        let shredded = self.shredded_reachable.iter();
        findings.extend(shredded.map(|key| Finding::ShreddedReachable(*key)));
        let living = self.living_unreachable.iter();
        findings.extend(living.map(|key| Finding::LivingUnreachable(*key)));
        // In memory a living key may lie; a shredded one is among the reachable already.
        let astray = self.lying_open.iter();
        let astray = astray.filter(|lying| lying.source != Source::Memory);
        findings.extend(astray.map(LyingOpen::finding));
        findings
    }
}

impl LyingOpen {
    fn finding(&self) -> Finding {
        Finding::LyingOpen(self.key, self.file.clone(), self.offset)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingFound => f.write_str("no key records were found, so nothing is shown"),
            Self::ShreddedReachable(key) => write!(f, "shredded key {key} can still be had"),
            Self::LivingUnreachable(key) => write!(f, "living key {key} cannot be had"),
            Self::LyingOpen(key, file, offset) => {
                write!(
                    f,
                    "key {key} lies open in {} at byte {offset}",
                    file.display()
                )
            }
            Self::OtherRoot(epoch) => write!(
                f,
                "the vault does not hold the root of epoch {epoch}, the newest that the copies name"
            ),
        }
    }
}
