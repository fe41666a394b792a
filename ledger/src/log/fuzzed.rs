//! What the log reads from its files, for the fuzzer.

use super::event::StoredEvent;
use super::frame::{self, Head, Place};
use super::segment::SegmentHeader;

/// Frames, segment headers, and the store's events. What is read whole is of these very bytes.
pub fn journal(bytes: &[u8]) {
    let place = Place {
        segment: 1,
        offset: 0,
    };
    if let Some(head) = Head::read(bytes) {
        let body = bytes.get(..head.body_bytes);
        let _ = body.and_then(frame::body_hash);
        if let Some(frame) = frame::parse(bytes, place) {
            let held = frame.events.iter().map(StoredEvent::size).sum::<usize>();
            assert!(held <= bytes.len());
        }
    }
    let _ = SegmentHeader::read(bytes);
    if let Some(event) = StoredEvent::decode(bytes) {
        let mut again = Vec::new();
        event.encode(&mut again);
        assert_eq!(again, bytes);
        let _ = event.flaws(&[0; 32], 0);
    }
}

/// A frame that is right, to begin with.
#[cfg(test)]
pub(crate) fn frame() -> Vec<u8> {
    let draft = frame::FrameDraft {
        events: vec![StoredEvent {
            header: vec![1; 75],
            segments: vec![vec![2; 300], vec![3; 40]],
        }],
        key_records: vec![vec![4; 29]],
        index_records: Vec::new(),
        checkpoint: vec![b'c'; 90],
        ..frame::FrameDraft::default()
    };
    let chain = frame::Chain {
        number: 1,
        previous: [5; 32],
        store_synced: 0,
    };
    let mut bytes = Vec::new();
    frame::encode(&draft, &chain, &mut bytes);
    bytes
}
