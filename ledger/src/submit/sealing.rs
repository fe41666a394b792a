//! Sealing a group: each event by itself, whatever the others are, on as many threads as help.
//!
//! - What depends on order (positions, keys, randomness) was fixed when the command was staged, one
//!   after the other; the result is the same on one thread and on many.

use std::num::NonZeroUsize;
use std::thread;

use crate::error::Fault;
use crate::header::{EventHeader, header_bytes};
use crate::limits::{SEALED_ALONE_MAX, SEALERS_MAX};
use crate::log::StoredEvent;
use crate::merkle::{Hash, leaf_hash};
use crate::seal::unsealed::Unsealed;
use crate::seal::{SCHEMA_VERSION, SegmentContext};

/// An event whose place, keys and randomness are fixed.
pub(crate) struct UnsealedEvent {
    position: u64,
    count: u8,
    segments: Vec<Unsealed>,
    /// What the event says for all to read, behind its sealed segments.
    clear: Option<Vec<u8>>,
}

/// An event as it goes into the log, and its Merkle leaf.
pub(crate) type SealedEvent = (StoredEvent, Hash);

impl UnsealedEvent {
    /// An event of so many segments, none of them there yet.
    pub(crate) fn new(position: u64, count: u8) -> Self {
        let segments = Vec::with_capacity(usize::from(count));
        Self {
            position,
            count,
            segments,
            clear: None,
        }
    }

    /// Where the event's segment of this number stands.
    pub(crate) fn context<'a>(&self, log_id: &'a [u8; 32], number: u8) -> SegmentContext<'a> {
        SegmentContext {
            log_id,
            leaf_index: self.position,
            number,
            count: self.count,
            schema: SCHEMA_VERSION,
        }
    }

    /// Adds the next segment.
    pub(crate) fn push(&mut self, segment: Unsealed) {
        self.segments.push(segment);
    }

    /// Sets the segment that is said openly, as the last one.
    pub(crate) fn say(&mut self, clear: Option<Vec<u8>>) {
        self.clear = clear;
    }

    /// Bytes of the sealed event.
    pub(crate) fn bytes(&self) -> usize {
        let segments: usize = self.segments.iter().map(Unsealed::bytes).sum();
        let clear = self.clear.as_ref().map_or(0, Vec::len);
        segments + clear + header_bytes(usize::from(self.count))
    }

    fn seal(&self, log_id: &[u8; 32]) -> Result<SealedEvent, Fault> {
        let mut segments = Vec::with_capacity(usize::from(self.count));
        for (number, segment) in (0_u8..).zip(&self.segments) {
            segments.push(segment.seal(&self.context(log_id, number))?);
        }
        segments.extend(self.clear.clone());
        let bytes = segments.iter().map(Vec::as_slice);
        let header = EventHeader::over(*log_id, self.position, bytes).to_bytes()?;
        let leaf = leaf_hash(&header);
        Ok((StoredEvent { header, segments }, leaf))
    }
}

/// How many threads this machine seals a large group on.
pub(crate) fn sealers() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    cores.min(SEALERS_MAX)
}

/// Seals events in order.
pub(crate) fn seal_all(
    log_id: &[u8; 32],
    events: &[UnsealedEvent],
    sealers: usize,
) -> Result<Vec<SealedEvent>, Fault> {
    let seal = |share: &[UnsealedEvent]| -> Result<Vec<SealedEvent>, Fault> {
        share.iter().map(|event| event.seal(log_id)).collect()
    };
    if events.len() <= SEALED_ALONE_MAX || sealers <= 1 {
        return seal(events);
    }
    let mut shares = events.chunks(events.len().div_ceil(sealers));
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(|| seal(share))).collect();
        let mut sealed = seal(own)?;
        for other in others {
            // A panic on a helping thread goes on here, as if the writer had sealed that share.
            let share = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            sealed.append(&mut share?);
        }
        Ok(sealed)
    })
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::keys::testing::{SeededEntropy, leaf};

    fn events(count: u64) -> Vec<UnsealedEvent> {
        let mut entropy = SeededEntropy::new(5);
        let key = leaf(&mut entropy);
        let event = |position: u64| {
            let mut event = UnsealedEvent::new(position, 2);
            for number in 0..2 {
                let context = event.context(&[9; 32], number);
                let plain = Zeroizing::new(position.to_be_bytes().to_vec());
                let grants = vec![vec![key.clone()]];
                let segment = Unsealed::new(&context, plain, grants, &mut entropy).unwrap();
                event.push(segment);
            }
            event
        };
        (0..count).map(event).collect()
    }

    #[test]
    fn one_thread_and_many_seal_the_same_bytes_in_the_same_order() {
        let events = events(101);
        let alone = seal_all(&[9; 32], &events, 1).unwrap();
        for sealers in [2, 3, 4, 200] {
            assert!(seal_all(&[9; 32], &events, sealers).unwrap() == alone);
        }
        for (position, (event, leaf)) in (0_u64..).zip(&alone) {
            let header = EventHeader::parse(&event.header).unwrap();
            assert_eq!(header.leaf_index, position);
            assert_eq!(*leaf, leaf_hash(&event.header));
        }
    }

    #[test]
    fn the_bytes_told_before_are_those_sealed() {
        let events = events(1);
        let sealed = seal_all(&[9; 32], &events, 1).unwrap();
        assert_eq!(events[0].bytes(), sealed[0].0.size());
    }
}
