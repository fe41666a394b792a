//! Receipts: every leaf of small logs is proved, and no altered byte and no shortening is accepted.

use proptest::prelude::*;

use super::testing::{LOG_ID, ORIGIN, TestLog, header, log_key};
use super::{Receipt, ReceiptError, verify_receipt};
use crate::header::EventHeader;
use crate::limits::RECEIPT_BYTES_MAX;

#[test]
fn every_event_of_every_small_log_has_a_receipt_that_verifies() {
    for size in 1..=20 {
        let log = TestLog::new(size);
        for index in 0..size {
            let bytes = log.receipt(index).to_string().into_bytes();
            assert_eq!(Receipt::parse(&bytes).unwrap(), log.receipt(index));
            let verified = verify_receipt(&bytes, &log_key()).unwrap();
            assert_eq!((verified.index(), verified.size()), (index, size));
            assert_eq!(verified.root(), log.root());
            assert_eq!(verified.origin(), ORIGIN);
            let header = EventHeader::parse(&header(LOG_ID, index)).unwrap();
            assert_eq!(verified.segment_digests(), header.segment_digests);
            assert_eq!(verified.of_log(&LOG_ID).unwrap().log_id(), &LOG_ID);
        }
    }
}

#[test]
fn a_receipt_cut_off_anywhere_is_refused() {
    let bytes = TestLog::new(5).receipt(3).to_string().into_bytes();
    for length in 0..bytes.len() {
        assert!(
            verify_receipt(&bytes[..length], &log_key()).is_err(),
            "{length}"
        );
    }
}

#[test]
fn a_receipt_with_any_bit_flipped_is_refused() {
    let bytes = TestLog::new(5).receipt(3).to_string().into_bytes();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[place] ^= 1 << bit;
            assert!(
                verify_receipt(&altered, &log_key()).is_err(),
                "{place}.{bit}"
            );
        }
    }
}

#[test]
fn a_receipt_of_another_ledger_is_refused_by_who_asks_for_this_one() {
    let bytes = TestLog::new(5).receipt(3).to_string().into_bytes();
    let verified = verify_receipt(&bytes, &log_key()).unwrap();
    assert_eq!(verified.of_log(&[0; 32]), Err(ReceiptError::OtherLog));
}

#[test]
fn a_receipt_of_the_largest_size_read_is_read_and_one_byte_more_is_not() {
    let mut receipt = TestLog::new(5).receipt(3);
    let used = receipt.to_string().len();
    receipt.checkpoint_note += &"x".repeat(RECEIPT_BYTES_MAX - used);
    assert!(Receipt::parse(receipt.to_string().as_bytes()).is_ok());
    receipt.checkpoint_note.push('x');
    let parsed = Receipt::parse(receipt.to_string().as_bytes());
    assert_eq!(parsed, Err(ReceiptError::TooLong));
}

proptest! {
    #[test]
    fn any_bytes_are_answered_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify_receipt(&bytes, &log_key()).is_err());
    }

    #[test]
    fn a_receipt_with_any_lines_swapped_is_refused(first in 0_usize..11, second in 0_usize..11) {
        let text = TestLog::new(5).receipt(3).to_string();
        let mut lines: Vec<&str> = text.lines().collect();
        prop_assume!(first < lines.len() && second < lines.len());
        prop_assume!(lines[first] != lines[second]);
        lines.swap(first, second);
        let swapped = lines.join("\n") + "\n";
        prop_assert!(verify_receipt(swapped.as_bytes(), &log_key()).is_err());
    }
}
