//! What a crash left of a rotation, finished or given up when the ledger is opened (SPEC §6.3).
//!
//! - Boot decides before anything is unsealed, appended or inserted into the key tree.
//! - Finishing runs the functions of the rotation itself (`mod.rs`).

use super::{Closing, INTENT_FRAME_KEY, Orders};
use crate::domain::event::Event;
use crate::error::Fault;
use crate::keys::opening::open_tree as open_key_tree;
use crate::keys::{KeyRecord, KeyTree, RotationId, Vault};
use crate::limits::SCAN_FRAMES_FOR_INTENT;
use crate::log::{Frame, Reader};
use crate::submit::writer::Writer;

/// A rotation that a crash interrupted.
pub(crate) enum Unfinished {
    /// Its root is the ledger's now: write what closes it, and what the streams say of it.
    Close(Closing, u64),
    /// It never happened: record that, and start afresh with the same leaves.
    Restart(Vec<KeyRecord>, u64),
}

/// Decides which root lives, makes it the only one, and says what is left to be written.
pub(crate) fn boot_keys(
    reader: &Reader,
    vault: &mut dyn Vault,
) -> Result<(KeyTree, Option<Unfinished>), Fault> {
    let mut frame = 0;
    let opening = open_key_tree(vault, reader, &mut |rotation| {
        let (number, records) = rotation_records(reader, rotation)?;
        frame = number;
        Ok(records)
    })?;
    let unfinished = match (opening.finished, opening.records.is_empty()) {
        (Some(rotation), _) => {
            let (frame, _) = rotation_records(reader, rotation)?;
            Some(Unfinished::Close(
                Closing::recovered(opening.records),
                frame,
            ))
        }
        (None, false) => {
            let frame = if frame == 0 {
                pending_frame(reader)?
            } else {
                frame
            };
            Some(Unfinished::Restart(opening.records, frame))
        }
        (None, true) => None,
    };
    Ok((opening.tree, unfinished))
}

/// The frame that holds a rotation's records, and these.
fn rotation_records(reader: &Reader, rotation: RotationId) -> Result<(u64, Vec<Vec<u8>>), Fault> {
    for frame in likely_frames(reader)? {
        let intent = frame
            .key_records
            .iter()
            .position(|bytes| intent_of(bytes) == Some(rotation));
        if let Some(first) = intent {
            return Ok((
                frame.number,
                frame.key_records.into_iter().skip(first).collect(),
            ));
        }
    }
    Err(Fault::damaged(
        "rotation",
        "its records are not where they should be",
    ))
}

/// The frame of the intent that is neither done nor abandoned.
fn pending_frame(reader: &Reader) -> Result<u64, Fault> {
    let found = likely_frames(reader)?.into_iter().find(|frame| {
        frame
            .key_records
            .iter()
            .any(|bytes| intent_of(bytes).is_some())
    });
    found
        .map(|frame| frame.number)
        .ok_or_else(|| Fault::damaged("rotation", "its intent is not where it should be"))
}

fn intent_of(bytes: &[u8]) -> Option<RotationId> {
    match KeyRecord::from_bytes(bytes) {
        Ok(KeyRecord::Intent { rotation, .. }) => Some(rotation),
        Ok(_) | Err(_) => None,
    }
}

/// Where the newest intent can be: the last frames, newest first, because nothing is appended
/// between an intent and its end; then the frame that the index knows, because much may be
/// appended while a rotation that was given up waits for a copy.
fn likely_frames(reader: &Reader) -> Result<Vec<Frame>, Fault> {
    let last = reader.head().frame_number;
    let first = last.saturating_sub(SCAN_FRAMES_FOR_INTENT).max(1);
    let mut frames = reader.frames(first)?.collect::<Result<Vec<_>, _>>()?;
    frames.reverse();
    let known = reader.value(INTENT_FRAME_KEY)?;
    let known = known.and_then(|bytes| bytes.try_into().ok());
    if let Some(number) = known.map(u64::from_be_bytes) {
        frames.extend(reader.frame(number)?);
    }
    Ok(frames)
}

impl Writer {
    /// Finishes or restarts the rotation that a crash interrupted, and goes on with everything that
    /// was ordered and is not done: one rotation may have been the first of several.
    pub(crate) fn recover(&mut self, unfinished: Option<Unfinished>) -> Result<(), Fault> {
        match unfinished {
            None => {}
            Some(Unfinished::Close(closing, frame)) => {
                let orders = self.orders_in(frame)?;
                self.close_rotation(closing, &orders)?;
            }
            Some(Unfinished::Restart(records, frame)) => {
                // In front: the next rotation is to take the very leaves that were told to be
                // going.
                for (stream, keys) in self.orders_in(frame)? {
                    self.shred.extend(keys.into_iter().map(|key| (stream, key)));
                }
                self.given_up = records;
            }
        }
        self.recall_orders()?;
        self.erase();
        Ok(())
    }

    /// The leaves that the events of a frame say are being destroyed.
    fn orders_in(&self, number: u64) -> Result<Orders, Fault> {
        let frame = self.shared.frame_at(number)?;
        let mut orders = Orders::new();
        for (position, stored) in frame.positions() {
            let record = self.shared.record(position, stored)?;
            if let Event::ShredStarted(started) = record.event {
                let keys = orders.entry(record.stream).or_default();
                keys.extend(started.keys);
            }
        }
        Ok(orders)
    }
}
