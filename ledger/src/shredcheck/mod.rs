//! Whether what was shredded can still be had by somebody with every byte of every copy, and with
//! the present vault.
//!
//! - Written from `ledger/SPEC.md` §5 and §6.1 alone: it names nothing else of this crate, so that
//!   it cannot share a mistake with what writes (a test reads what it names).
//! - Carves key records at every byte offset, follows every wrap from every key that it has, and
//!   takes every 32 bytes anywhere for a key that some record names.
//! - Says what it looked at, so that a check of nothing is never taken for a clean one.

mod carve;
mod copies;
mod fingerprint;
mod reach;
mod report;
mod sealed;
mod shares;
mod slots;
mod vault;
mod windows;

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use self::carve::{Found, Records, carve};
use self::copies::{Chunk, Copies};
use self::reach::Reached;
pub use self::report::{Finding, LyingOpen, Report};
use self::windows::Tried;

/// What to look through.
pub struct Asked {
    /// Copies of the data: folders or files of any age. No key of the tree belongs there.
    pub copies: Vec<PathBuf>,
    /// Images of memory or swap: living keys may lie there, destroyed ones may not.
    pub memories: Vec<PathBuf>,
    /// The present vault's folder, or its `roots` file. Nothing but present roots belongs there;
    /// with holders or a passphrase, no key at all.
    pub vault: PathBuf,
    /// What the vault lies under, if it does.
    pub passphrase: Option<Zeroizing<Vec<u8>>>,
    /// Only follow what the vault's roots lead to, and do not take every 32 bytes for a key.
    pub records_only: bool,
}

/// Told while it runs: what it does, how many bytes are done, and of how many.
pub type Progress<'a> = &'a (dyn Fn(&str, u64, u64) + Sync);

/// What kind of thing a file was given as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A copy of the data.
    Copy,
    /// An image of memory.
    Memory,
    /// The vault.
    Vault,
}

/// A key's fingerprint (SPEC §5.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

/// A file or folder that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub source: std::io::Error,
}

/// Looks through everything.
pub fn shredcheck(asked: &Asked, progress: Progress<'_>) -> Result<Report, Unreadable> {
    let words = asked.passphrase.as_ref().map(|words| words.as_slice());
    let vault = vault::open(&asked.vault, words)?;
    let (roots, copies) = (&vault.roots, Copies::list(asked, &vault.holders)?);
    let mut records = Records::default();
    let take = |chunk: &Chunk<'_>, found: Vec<Found>| {
        let found = found.iter();
        found.for_each(|record| records.add(record, chunk.argument));
    };
    copies.each_chunk("looking for key records", progress, carve, take)?;
    let present: HashSet<KeyId> = roots.iter().map(|root| root.id).collect();
    let known = records.named.iter().chain(&present).copied().collect();
    let tried = if asked.records_only {
        Tried::default()
    } else {
        windows::try_all(&copies, known, progress)?
    };
    let of_roots = || roots.iter().map(|root| (root.id, root.key.clone()));
    let of_open = tried.lying.iter().map(|it| (it.id, it.key.clone()));
    let from_roots = Reached::from(of_roots(), &records);
    let from_all = Reached::from(of_roots().chain(of_open), &records);
    let lying_open = tried.lying.iter().filter_map(|lying| {
        let file = copies.file(lying.file)?;
        let in_place = file.source == Source::Vault && vault.lies_open;
        let belongs = in_place && present.contains(&lying.id);
        (!belongs).then(|| LyingOpen {
            key: lying.id,
            shredded: records.dead.contains(&lying.id),
            file: file.path.clone(),
            offset: lying.offset,
            source: file.source,
        })
    });
    Ok(Report {
        bytes: copies.bytes(),
        bytes_repeated: tried.bytes_repeated,
        windows: tried.windows,
        records: records.counts.clone(),
        roots: roots.iter().map(|root| (root.epoch, root.id)).collect(),
        installed: records.installed(),
        shredded: records.dead.clone(),
        shredded_reachable: from_all.of(&records.dead),
        living: records.living(),
        living_unreachable: from_roots.missing(&records.living()),
        unknown: from_roots.missing(&records.elsewhere()),
        lying_open: lying_open.collect(),
    })
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for Unreadable {}
