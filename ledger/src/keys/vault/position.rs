//! How far the journal had been synced, and which journal: a watermark outside the data folder,
//! rewritten each second.
//!
//! - Two slots take turns, so that a torn write leaves the one before. A journal that ends before
//!   this position is damaged, never merely shorter (SPEC §8.4.4).
//! - It names frames by their hashes, the last one and the one with which the history began: a
//!   journal that holds others there is of another history of the same ledger, and the vault does
//!   not serve it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Fault;

const SLOT_DISTANCE: u64 = 4096;
/// turn ‖ epoch ‖ the last frame ‖ the history's first ‖ checksum.
const SLOT_BYTES: usize = 8 + 8 + 2 * FRAME_BYTES + 32;
/// number ‖ hash ‖ segment ‖ offset.
const FRAME_BYTES: usize = 8 + 32 + 8 + 8;
const LABEL: &[u8] = b"referral-ledger position v2";

/// What the vault notes of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Epoch of the root.
    pub epoch: u64,
    /// The last frame known to be synced.
    pub last: NotedFrame,
    /// The first frame after the last restore; none of a log that never was restored.
    pub begun: NotedFrame,
}

/// A frame, as the vault notes it. All zeros: none is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotedFrame {
    /// Its number.
    pub number: u64,
    /// Its hash, which chains everything before it.
    pub hash: [u8; 32],
    /// The journal file that it stands in.
    pub segment: u64,
    /// Where in that file.
    pub offset: u64,
}

/// The file that holds it.
pub struct PositionFile {
    file: File,
    turn: u64,
    last: Position,
}

impl PositionFile {
    pub(super) fn create(path: &Path) -> Result<(), Fault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(Fault::io("create the vault's position"))?;
        for turn in [0, 1] {
            write(&file, turn, Position::default())?;
        }
        file.sync_all()
            .map_err(Fault::io("sync the vault's position"))
    }

    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(Fault::io("open the vault's position"))?;
        let slots = [read(&file, 0)?, read(&file, 1)?];
        let newest = slots.into_iter().flatten().max_by_key(|slot| slot.0);
        let (turn, last) = newest.ok_or_else(|| Fault::damaged("vault position", "both slots"))?;
        Ok(Self { file, turn, last })
    }

    /// The position written last.
    pub fn read(&self) -> Position {
        self.last
    }

    /// Writes a position; durable when it returns. After a fault the file is opened anew.
    pub fn write(&mut self, position: Position) -> Result<(), Fault> {
        let turn = self.turn.wrapping_add(1);
        write(&self.file, turn, position)?;
        self.file
            .sync_data()
            .map_err(Fault::io("sync the vault's position"))?;
        self.turn = turn;
        self.last = position;
        Ok(())
    }
}

fn write(file: &File, turn: u64, position: Position) -> Result<(), Fault> {
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend_from_slice(&turn.to_be_bytes());
    bytes.extend_from_slice(&position.epoch.to_be_bytes());
    for frame in [position.last, position.begun] {
        bytes.extend_from_slice(&frame.number.to_be_bytes());
        bytes.extend_from_slice(&frame.hash);
        bytes.extend_from_slice(&frame.segment.to_be_bytes());
        bytes.extend_from_slice(&frame.offset.to_be_bytes());
    }
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    file.write_all_at(&bytes, turn % 2 * SLOT_DISTANCE)
        .map_err(Fault::io("write the vault's position"))
}

/// The turn and position of a slot; `None` if it is torn.
fn read(file: &File, slot: u64) -> Result<Option<(u64, Position)>, Fault> {
    let mut bytes = [0; SLOT_BYTES];
    file.read_exact_at(&mut bytes, slot * SLOT_DISTANCE)
        .map_err(Fault::io("read the vault's position"))?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8; SLOT_BYTES]) -> Option<(u64, Position)> {
    let (body, sum) = bytes.split_last_chunk::<32>()?;
    let (turn, rest) = body.split_first_chunk::<8>()?;
    let (epoch, rest) = rest.split_first_chunk::<8>()?;
    let (last, rest) = rest.split_first_chunk::<FRAME_BYTES>()?;
    let (begun, _) = rest.split_first_chunk::<FRAME_BYTES>()?;
    let position = Position {
        epoch: u64::from_be_bytes(*epoch),
        last: frame(last)?,
        begun: frame(begun)?,
    };
    (checksum(body) == *sum).then_some((u64::from_be_bytes(*turn), position))
}

fn frame(bytes: &[u8; FRAME_BYTES]) -> Option<NotedFrame> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    let (hash, rest) = rest.split_first_chunk::<32>()?;
    let (segment, rest) = rest.split_first_chunk::<8>()?;
    let (offset, _) = rest.split_first_chunk::<8>()?;
    Some(NotedFrame {
        number: u64::from_be_bytes(*number),
        hash: *hash,
        segment: u64::from_be_bytes(*segment),
        offset: u64::from_be_bytes(*offset),
    })
}

fn checksum(body: &[u8]) -> [u8; 32] {
    let mut sum = Sha256::new();
    sum.update(LABEL);
    sum.update(body);
    sum.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(number: u64) -> NotedFrame {
        NotedFrame {
            number,
            hash: [number.to_be_bytes()[7]; 32],
            segment: 1 + number / 100,
            offset: number * 64,
        }
    }

    #[test]
    fn a_write_torn_at_any_byte_leaves_the_position_before_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("position");
        PositionFile::create(&path).unwrap();
        let before = Position {
            epoch: 3,
            last: noted(77),
            begun: NotedFrame::default(),
        };
        let after = Position {
            epoch: 3,
            last: noted(900),
            begun: noted(90),
        };
        PositionFile::open(&path).unwrap().write(before).unwrap();
        let old = std::fs::read(&path).unwrap();
        let mut file = PositionFile::open(&path).unwrap();
        file.write(after).unwrap();
        let new = std::fs::read(&path).unwrap();
        assert_eq!(old.len(), new.len());
        for cut in (0..=SLOT_BYTES).chain(4096..=new.len()) {
            let torn = [&new[..cut], &old[cut..]].concat();
            std::fs::write(&path, torn).unwrap();
            let found = PositionFile::open(&path).unwrap().read();
            assert!(found == before || found == after, "cut at {cut}: {found:?}");
        }
        assert_eq!(PositionFile::open(&path).unwrap().read(), after);
    }

    #[test]
    fn a_position_with_two_bad_slots_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("position");
        PositionFile::create(&path).unwrap();
        let length = std::fs::read(&path).unwrap().len();
        std::fs::write(&path, vec![0; length]).unwrap();
        assert!(matches!(
            PositionFile::open(&path),
            Err(Fault::Damaged { .. })
        ));
    }
}
