//! Keys that lie anywhere in the clear: every 32 bytes are taken for one.
//!
//! - A fingerprint that some record names is a key: 2^-128 of an accident, times what was tried.
//! - 32 bytes with fewer than 16 different values are passed over. Of random keys fewer than one in
//!   10^15 look so: C(256, 15) · (15/256)^32 < 4·10^-16. Zeros and text mostly do.
//! - A part that stands word for word in a part of the same kind was tried there.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::copies::{Chunk, Copies};
use super::fingerprint::{KEY_BYTES, Key, fingerprint};
use super::{KeyId, Progress, Source, Unreadable};

/// A key that lies in a file.
pub(super) struct Lying {
    /// Its fingerprint.
    pub(super) id: KeyId,
    /// The key.
    pub(super) key: Key,
    /// The file's number.
    pub(super) file: usize,
    /// Where in the file.
    pub(super) offset: u64,
}

/// What came of trying.
#[derive(Default)]
pub(super) struct Tried {
    /// The first place of each key in each kind of source.
    pub(super) lying: Vec<Lying>,
    /// How many stretches were tried.
    pub(super) windows: u64,
    /// Bytes of repeated parts.
    pub(super) bytes_repeated: u64,
}

/// Tries every 32 bytes of everything.
pub(super) fn try_all(
    copies: &Copies,
    known: HashSet<KeyId>,
    progress: Progress<'_>,
) -> Result<Tried, Unreadable> {
    let known = Known::new(known);
    let seen: Mutex<HashSet<(Source, [u8; 32])>> = Mutex::default();
    let first_time = |chunk: &Chunk<'_>| {
        let digest = Sha256::digest(chunk.bytes).into();
        let seen = seen.lock();
        seen.is_ok_and(|mut seen| seen.insert((chunk.source, digest)))
    };
    let (mut windows, mut bytes_repeated) = (0, 0);
    let mut first: BTreeMap<(Source, KeyId), Lying> = BTreeMap::new();
    let work = |chunk: &Chunk<'_>| first_time(chunk).then(|| try_chunk(chunk, &known));
    copies.each_chunk("trying every 32 bytes", progress, work, |chunk, tried| {
        let Some((tried, found)) = tried else {
            bytes_repeated += u64::try_from(chunk.fresh).unwrap_or(0);
            return;
        };
        windows += tried;
        for lying in found {
            let place = (lying.file, lying.offset);
            let known = first.entry((chunk.source, lying.id));
            let known = known.or_insert_with(|| Lying {
                key: lying.key.clone(),
                ..lying
            });
            if place < (known.file, known.offset) {
                (known.file, known.offset) = place;
            }
        }
    })?;
    Ok(Tried {
        lying: first.into_values().collect(),
        windows,
        bytes_repeated,
    })
}

/// How many stretches were tried, and the keys among them.
fn try_chunk(chunk: &Chunk<'_>, known: &Known) -> (u64, Vec<Lying>) {
    let mut found = Vec::new();
    let mut tried = 0;
    let mut variety = Variety::default();
    let before = chunk.bytes.get(..KEY_BYTES - 1).unwrap_or_default();
    before.iter().for_each(|byte| variety.enters(*byte));
    let windows = chunk.bytes.array_windows::<KEY_BYTES>();
    for (offset, window) in (chunk.offset..).zip(windows.take(chunk.fresh)) {
        let [leaving, .., entering] = window;
        variety.enters(*entering);
        if variety.distinct >= DISTINCT_MIN {
            tried += 1;
            let id = fingerprint(window);
            if known.holds(id) {
                found.push(Lying {
                    id,
                    key: Zeroizing::new(*window),
                    file: chunk.file,
                    offset,
                });
            }
        }
        variety.leaves(*leaving);
    }
    (tried, found)
}

/// The fingerprints to look for, and in front of them a table that answers "no" most of the time.
struct Known {
    ids: HashSet<KeyId>,
    by_start: Vec<u64>,
}

impl Known {
    fn new(ids: HashSet<KeyId>) -> Self {
        let mut by_start = vec![0; (1 << START_BITS) / 64];
        for id in &ids {
            let (word, bit) = Self::place(*id);
            if let Some(word) = by_start.get_mut(word) {
                *word |= bit;
            }
        }
        Self { ids, by_start }
    }

    fn holds(&self, id: KeyId) -> bool {
        let (word, bit) = Self::place(id);
        let may = self.by_start.get(word).is_some_and(|word| word & bit != 0);
        may && self.ids.contains(&id)
    }

    fn place(KeyId([a, b, c, ..]): KeyId) -> (usize, u64) {
        let start = u32::from_be_bytes([0, a, b, c]) >> (24 - START_BITS);
        let word = usize::try_from(start / 64).unwrap_or(usize::MAX);
        (word, 1 << (start % 64))
    }
}

/// How many different values the bytes of a stretch have.
struct Variety {
    counts: [u8; 256],
    distinct: u32,
}

impl Variety {
    fn enters(&mut self, byte: u8) {
        if let Some(count) = self.counts.get_mut(usize::from(byte)) {
            self.distinct += u32::from(*count == 0);
            *count += 1;
        }
    }

    fn leaves(&mut self, byte: u8) {
        if let Some(count) = self.counts.get_mut(usize::from(byte)) {
            *count -= 1;
            self.distinct -= u32::from(*count == 0);
        }
    }
}

impl Default for Variety {
    fn default() -> Self {
        Self {
            counts: [0; 256],
            distinct: 0,
        }
    }
}

const DISTINCT_MIN: u32 = 16;
const START_BITS: u32 = 20;
