//! Erasing where something comes between: what was asked to be destroyed is, or is still wanted.

use super::*;
use crate::domain::command::Caller;
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
