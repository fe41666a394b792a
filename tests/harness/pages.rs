//! The bytes of a file that may be torn: pages, of which those of zeros take no room.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::dice::Dice;

/// One change of a file.
#[derive(Clone)]
pub(crate) enum Edit {
    /// Bytes at a place.
    Write(u64, Arc<[u8]>),
    /// Zeros at a place: so many.
    Zeros(u64, u64),
    /// A new length.
    Length(u64),
}

/// Bytes by page; a page that is not there is zeros.
#[derive(Clone, Default)]
pub(crate) struct Pages {
    pages: BTreeMap<u64, Arc<[u8; PAGE]>>,
    /// Bytes of the file.
    pub(crate) length: u64,
}

impl Pages {
    /// Makes a change whole.
    pub(crate) fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Write(at, bytes) => self.write(*at, bytes),
            Edit::Zeros(at, length) => self.zero(*at, *length),
            Edit::Length(length) => self.cut(*length),
        }
    }

    /// Some of the sectors that an edit touches.
    pub(crate) fn tear(&mut self, edit: &Edit, dice: &mut Dice) {
        match edit {
            Edit::Write(at, bytes) => {
                let mut at = *at;
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let within = SECTOR - usize::try_from(at).expect("small") % SECTOR;
                    let (sector, beyond) = rest.split_at(within.min(rest.len()));
                    if dice.coin() {
                        self.write(at, sector);
                    }
                    at += u64::try_from(sector.len()).expect("small");
                    rest = beyond;
                }
            }
            // Zeros torn are zeros here and what was there before elsewhere: half of them.
            Edit::Zeros(at, length) if dice.coin() => self.zero(*at, length / 2),
            Edit::Zeros(..) => {}
            Edit::Length(_) if dice.coin() => self.edit(edit),
            Edit::Length(_) => {}
        }
    }

    /// Writes bytes at a place.
    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) {
        let mut place = at;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (page, start) = (
                place / PAGE_BYTES,
                usize::try_from(place % PAGE_BYTES).unwrap(),
            );
            let (now, beyond) = rest.split_at(rest.len().min(PAGE - start));
            if *now != ZEROS[..now.len()] || self.pages.contains_key(&page) {
                let page = self
                    .pages
                    .entry(page)
                    .or_insert_with(|| Arc::new([0; PAGE]));
                Arc::make_mut(page)[start..start + now.len()].copy_from_slice(now);
            }
            place += u64::try_from(now.len()).unwrap();
            rest = beyond;
        }
        self.length = self.length.max(place);
    }

    fn zero(&mut self, at: u64, length: u64) {
        let end = at + length;
        let touched = self.pages.range(at / PAGE_BYTES..end.div_ceil(PAGE_BYTES));
        let touched: Vec<u64> = touched.map(|(page, _)| *page).collect();
        for page in touched {
            let start = at.max(page * PAGE_BYTES);
            let length = end.min((page + 1) * PAGE_BYTES) - start;
            self.write(start, &ZEROS[..usize::try_from(length).unwrap()]);
        }
        self.length = self.length.max(end);
    }

    fn cut(&mut self, length: u64) {
        if length < self.length {
            self.zero(length, self.length - length);
        }
        self.length = length;
    }

    /// Writes it all into a file of the real file system, without its pages of zeros.
    pub(crate) fn save(&self, path: &Path) {
        let file = fs::File::create(path).expect("a file");
        file.set_len(self.length).expect("its length");
        for (page, bytes) in &self.pages {
            let start = page * PAGE_BYTES;
            let end = PAGE_BYTES.min(self.length.saturating_sub(start));
            let bytes = &bytes[..usize::try_from(end).unwrap()];
            if *bytes != ZEROS[..bytes.len()] {
                file.write_all_at(bytes, start).expect("its bytes");
            }
        }
    }
}

const PAGE: usize = 4096;
const PAGE_BYTES: u64 = 4096;
const ZEROS: [u8; PAGE] = [0; PAGE];
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
