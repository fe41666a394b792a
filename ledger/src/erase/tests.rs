//! Erasing where something comes between: what was asked to be destroyed is, or is still wanted.

use super::*;
use crate::domain::command::Caller;
use crate::domain::ids::CopyId;
use crate::submit::tests::{Desk, request};

/// Whether a frame holds a record of these kinds, frame by frame.
fn kinds(writer: &Writer, wanted: fn(&KeyRecord) -> bool) -> Vec<bool> {
    let last = writer.shared.reader.head().frame_number;
    let frames = (1..=last).filter_map(|number| writer.shared.reader.frame(number).unwrap());
    let holds = |records: &[Vec<u8>]| {
        let mut records = records.iter().map(|it| KeyRecord::from_bytes(it).unwrap());
        records.any(|record| wanted(&record))
    };
    frames.map(|frame| holds(&frame.key_records)).collect()
}

/// Withdraws, and dies when the intent of the rotation is durable and nothing else.
fn died_after_the_intent(desk: &Desk) -> LeafKeyId {
    let mut writer = desk.writer();
    let leaf = {
        let held = writer.shared.held(StreamId::Case(desk.case));
        let crate::submit::held::State::Case(case) = held.unwrap().unwrap().state else {
            panic!("a case");
        };
        case.leaves_of(desk.consent.into()).next().unwrap()
    };
    writer.shred.push((StreamId::Case(desk.case), leaf));
    let keys = [KeyId(leaf.0)];
    let (shared, entropy) = (
        std::sync::Arc::clone(&writer.shared),
        writer.entropy.as_mut(),
    );
    let rotation = shared
        .keys()
        .rotate(&shared.reader, &keys, entropy)
        .unwrap();
    let orders = writer.take_orders(rotation.dead());
    let mut staged = writer.stage_started(&rotation, &orders).unwrap();
    let records = rotation.records().iter().map(KeyRecord::to_bytes);
    staged.key_records.extend(records);
    let _ = writer.append(&mut staged, true).unwrap();
    leaf
}

/// Withdraws a consent as asked for by the person, its keys to go later.
fn withdraw(desk: &Desk) {
    let crate::domain::command::Command::WithdrawConsent { case, consent, .. } =
        desk.withdrawal_at_once()
    else {
        panic!("a withdrawal");
    };
    let command = crate::domain::command::Command::WithdrawConsent {
        case,
        person: None,
        consent,
        part: None,
        shred: crate::domain::command::ShredWish::AfterPeriod,
    };
    let ledger = desk.opened();
    let caller = Caller::Staff(crate::decide::tests::FOCAL);
    let _ = ledger.submit(request(caller, command)).unwrap();
    ledger.close().unwrap();
}

#[test]
fn a_rotation_given_up_is_followed_by_the_next_one_in_the_same_frame() {
    let desk = Desk::new();
    withdraw(&desk);
    let leaf = died_after_the_intent(&desk);
    let writer = desk.writer();
    let given_up = kinds(&writer, |it| matches!(it, KeyRecord::Abandoned { .. }));
    let begun = kinds(&writer, |it| matches!(it, KeyRecord::Intent { .. }));
    assert_eq!(given_up.iter().filter(|it| **it).count(), 1);
    // With nothing between them, no crash finds keys that are told to be going and nobody destroys.
    for (given_up, begun) in given_up.into_iter().zip(begun) {
        assert!(begun || !given_up);
    }
    assert!(is_dead(&writer.shared.reader, KeyId(leaf.0)).unwrap());
}

/// A writer with a mirror that seems well and never has another frame; and a leaf to destroy.
fn with_a_silent_mirror(desk: &Desk) -> (Writer, CopyId, LeafKeyId) {
    withdraw(desk);
    let mut writer = desk.writer();
    let held = writer.shared.held(StreamId::Case(desk.case));
    let crate::submit::held::State::Case(case) = held.unwrap().unwrap().state else {
        panic!("a case");
    };
    let leaf = case.leaves_of(desk.consent.into()).next().unwrap();
    let mirror = CopyId([9; 16]);
    writer
        .shared
        .copies
        .pretend(mirror, writer.log.head().frame_number);
    writer.shred.push((StreamId::Case(desk.case), leaf));
    (writer, mirror, leaf)
}

fn is_destroyed(writer: &Writer, leaf: LeafKeyId) -> bool {
    is_dead(&writer.shared.reader, KeyId(leaf.0)).unwrap()
}

#[test]
fn without_the_mirrors_word_the_old_root_stays_and_a_fresh_rotation_follows() {
    let desk = Desk::new();
    let (mut writer, mirror, leaf) = with_a_silent_mirror(&desk);
    let epoch = writer.shared.keys().epoch();
    writer.erase();
    assert!(!is_destroyed(&writer, leaf));
    assert_eq!(writer.shared.keys().epoch(), epoch);
    assert_eq!(
        writer.vault.roots().unwrap().0.len(),
        1,
        "the new root is gone"
    );
    assert_eq!(writer.shared.copies.pending(), BTreeSet::from([leaf]));
    // It has to be in reach again before anything more is written.
    let frame = writer.log.head().frame_number;
    // And every sweep asks again for what waits; it waits once.
    let again = (StreamId::Case(desk.case), leaf);
    writer.shred.extend([again; 3]);
    writer.erase();
    assert_eq!(writer.shred, [again]);
    assert_eq!(writer.log.head().frame_number, frame);

    writer.shared.copies.pretend(mirror, u64::MAX);
    writer.erase();
    assert!(is_destroyed(&writer, leaf));
    assert!(writer.shared.copies.pending().is_empty());
    let given_up = kinds(&writer, |it| matches!(it, KeyRecord::Abandoned { .. }));
    assert_eq!(given_up.iter().filter(|it| **it).count(), 1);
}

#[test]
fn a_rotation_given_up_long_ago_is_found_and_done_after_a_crash() {
    let desk = Desk::new();
    let (mut writer, _, leaf) = with_a_silent_mirror(&desk);
    writer.erase();
    for _ in 0..crate::limits::SCAN_FRAMES_FOR_INTENT + 10 {
        let counted = crate::domain::event::LinkGiven {
            services: Vec::new(),
        };
        let event = writer.told(StreamId::Ledger, counted.into());
        let mut staged = writer.stage_events(vec![event]).unwrap();
        let _ = writer.append(&mut staged, false).unwrap();
    }
    drop(writer);
    let writer = desk.writer();
    assert!(is_destroyed(&writer, leaf));
}
