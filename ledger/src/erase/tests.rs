//! Erasing where something comes between: what was asked to be destroyed is, or is still wanted.

use std::sync::Arc;
use std::sync::mpsc::channel;

use super::*;
use crate::decide::tests::FOCAL;
use crate::domain::case::{Case, Standing};
use crate::domain::command::{Caller, Command, ShredWish};
use crate::domain::ids::{CaseId, CopyId};
use crate::keys::is_dead;
use crate::refusal::Refusal;
use crate::submit::answer::{Answer, Rejection, Reply};
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
    let (shared, entropy) = (Arc::clone(&writer.shared), writer.entropy.as_mut());
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
    let Command::WithdrawConsent { case, consent, .. } = desk.withdrawal_at_once() else {
        panic!("a withdrawal");
    };
    let command = Command::WithdrawConsent {
        case,
        person: None,
        consent,
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    let ledger = desk.opened();
    let caller = Caller::Staff(FOCAL);
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
    let pending = writer.shared.copies.pending();
    assert_eq!(pending.into_keys().collect::<Vec<_>>(), [leaf]);
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

/// One group of commands, each of which is accepted, and nothing erased yet.
fn group(writer: &mut Writer, commands: Vec<Command>) {
    for outcome in ask(writer, commands) {
        outcome.expect("accepted");
    }
}

/// One group of commands, and nothing erased yet.
pub(super) fn ask(writer: &mut Writer, commands: Vec<Command>) -> Vec<Result<Answer, Rejection>> {
    let mut told = Vec::new();
    let group = commands.into_iter().map(|command| {
        let (tell, answer) = channel();
        told.push(answer);
        let reply: Reply = Box::new(move |outcome| tell.send(outcome).unwrap());
        (request(Caller::Staff(FOCAL), command), reply)
    });
    let group = group.collect();
    writer.commit(group);
    told.into_iter().map(|it| it.recv().unwrap()).collect()
}

pub(super) fn withdrawal(desk: &Desk, consent: Option<crate::domain::ids::ConsentId>) -> Command {
    Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent,
        part: None,
        shred: ShredWish::AtOnce,
    }
}

pub(super) fn case_of(writer: &Writer, desk: &Desk) -> Arc<Case> {
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    held.unwrap().case().unwrap()
}

/// Everything of the client is withdrawn at once, and not destroyed yet.
pub(crate) fn withdrawn_at_once(desk: &Desk) -> Writer {
    let ledger = desk.opened();
    desk.sent(&ledger);
    ledger.close().unwrap();
    let mut writer = desk.writer();
    group(&mut writer, vec![withdrawal(desk, None)]);
    assert!(writer.shred.len() > 2);
    writer
}

pub(crate) fn assert_all_is_dead(desk: &Desk) {
    let writer = desk.writer();
    let case = case_of(&writer, desk);
    for leaf in case.leaves.values() {
        assert!(is_destroyed(&writer, *leaf));
    }
    let mut consents = case.consents.values();
    assert!(consents.all(|consent| consent.standing == Standing::Shredded));
    assert!(writer.shred.is_empty());
    drop(writer);
    // And nothing is left to be found again.
    let writer = desk.writer();
    let size = writer.shared.published().size;
    drop(writer);
    assert_eq!(desk.writer().shared.published().size, size);
}

#[test]
fn a_crash_between_two_rotations_leaves_nothing_alive_after_the_next_opening() {
    let desk = Desk::new();
    let mut writer = withdrawn_at_once(&desk);
    // So little that one leaf fits.
    writer.shared.keys_mut().rotation_bytes_max = 1;
    let turned = writer.rotate_once(Vec::new(), false).unwrap();
    assert!(matches!(turned, Turned::Round));
    let case = case_of(&writer, &desk);
    assert_eq!(case.shredded.len(), 1);
    let is_withdrawn = |consent: &crate::domain::case::Consent| {
        matches!(consent.standing, Standing::Withdrawn { .. })
    };
    let mut consents = case.consents.values();
    assert!(consents.any(is_withdrawn), "nobody says that all is gone");
    drop(writer);
    assert_all_is_dead(&desk);
}

#[test]
fn what_waited_for_a_mirror_when_the_process_died_is_destroyed_after_the_next_opening() {
    let desk = Desk::new();
    let mut writer = withdrawn_at_once(&desk);
    let waiting = writer.shred.len();
    writer.shared.keys_mut().rotation_bytes_max = 1;
    let frame = writer.log.head().frame_number;
    writer.shared.copies.pretend(CopyId([9; 16]), frame);
    // The first leaf is told to be going and given up; of the others nothing is told.
    writer.erase();
    assert_eq!(writer.shred.len(), waiting);
    assert_eq!(case_of(&writer, &desk).begun.len(), 1);
    drop(writer);
    assert_all_is_dead(&desk);
}

#[test]
fn one_rotation_after_the_other_takes_everything_when_nothing_comes_between() {
    let desk = Desk::new();
    let mut writer = withdrawn_at_once(&desk);
    let epoch = writer.shared.keys().epoch();
    let waiting = u64::try_from(writer.shred.len()).unwrap();
    writer.shared.keys_mut().rotation_bytes_max = 1;
    writer.erase();
    assert_eq!(writer.shared.keys().epoch(), epoch + waiting);
    drop(writer);
    assert_all_is_dead(&desk);
}

#[test]
fn a_withdrawal_undone_and_given_again_with_a_period_keeps_its_period() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    group(&mut writer, vec![withdrawal(&desk, Some(desk.consent))]);
    let (_, leaf) = writer.shred[0];
    let undo = Command::UndoWithdrawal {
        case: desk.case,
        consent: desk.consent,
    };
    let Command::WithdrawConsent { case, consent, .. } = withdrawal(&desk, Some(desk.consent))
    else {
        panic!("a withdrawal");
    };
    let later = Command::WithdrawConsent {
        case,
        person: None,
        consent,
        part: None,
        shred: ShredWish::AfterPeriod,
    };
    group(&mut writer, vec![undo.clone(), later.clone()]);
    writer.erase();
    assert!(!is_destroyed(&writer, leaf));
    drop(writer);
    assert!(!is_destroyed(&desk.writer(), leaf), "no order is left");
    // The same when all three come in one group.
    let mut writer = desk.writer();
    let at_once = withdrawal(&desk, Some(desk.consent));
    group(&mut writer, vec![undo.clone(), at_once, undo, later]);
    writer.erase();
    assert!(!is_destroyed(&writer, leaf));
}

/// As after a restore: the key records of a destruction of which no event tells. Gives its epoch.
fn destroyed_untold(writer: &mut Writer, leaf: LeafKeyId) -> u64 {
    let shared = Arc::clone(&writer.shared);
    let keys = [KeyId(leaf.0)];
    let rotation = shared
        .keys()
        .rotate(&shared.reader, &keys, writer.entropy.as_mut())
        .unwrap();
    let mut staged = Staged::on(shared.tree().frontier());
    let records = rotation.records().iter().map(KeyRecord::to_bytes);
    staged.key_records.extend(records);
    let _ = writer.append(&mut staged, true).unwrap();
    let (epoch, closing) = (rotation.epoch(), rotation.closing_records());
    writer.vault.install(epoch, rotation.root()).unwrap();
    writer.vault.destroy(epoch - 1).unwrap();
    shared.keys_mut().install(rotation).unwrap();
    let mut staged = Staged::on(shared.tree().frontier());
    let records = closing.iter().map(KeyRecord::to_bytes);
    staged.key_records.extend(records);
    let _ = writer.append(&mut staged, true).unwrap();
    epoch
}

#[test]
fn what_a_restored_log_calls_withdrawn_and_is_dead_cannot_be_taken_back() {
    let desk = Desk::new();
    withdraw(&desk);
    let undo = Command::UndoWithdrawal {
        case: desk.case,
        consent: desk.consent,
    };
    let mut writer = desk.writer();
    let leaf = case_of(&writer, &desk)
        .leaves_of(desk.consent.into())
        .next()
        .unwrap();
    let _ = destroyed_untold(&mut writer, leaf);
    drop(writer);
    let ledger = desk.opened();
    match ledger.submit(request(Caller::Staff(FOCAL), undo)) {
        Err(Rejection::Refused(refused)) => {
            assert_eq!(refused.refusal, Refusal::ShreddingStarted);
        }
        other => panic!("{:?}", other.map(|answer| answer.entries.len())),
    }
}

#[test]
fn keys_found_dead_are_told_of_once_and_the_certificate_says_how() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let leaf = case_of(&writer, &desk)
        .leaves_of(desk.consent.into())
        .next()
        .unwrap();
    let epoch = destroyed_untold(&mut writer, leaf);

    // The withdrawal that was lost is entered again.
    group(&mut writer, vec![withdrawal(&desk, Some(desk.consent))]);
    writer.erase();
    assert_eq!(writer.shared.keys().epoch(), epoch, "nothing was rotated");
    let case = case_of(&writer, &desk);
    assert_eq!(case.consents[&desk.consent].standing, Standing::Shredded);
    writer.certify();
    let entries = writer.shared.stream(StreamId::Case(desk.case)).unwrap();
    let found = entries.iter().filter(
        |entry| matches!(&entry.record.event, Event::Shredded(it) if it.found && it.keys == [leaf]),
    );
    assert_eq!(found.count(), 1);
    let Event::ErasureCertified(certified) = &entries.last().unwrap().record.event else {
        panic!("a certificate");
    };
    let found = "\ndestroyed found-dead\nread-back not-seen\n";
    assert!(certified.note.0.contains(found));
    let size = writer.shared.published().size;
    writer.erase();
    drop(writer);
    assert_eq!(desk.writer().shared.published().size, size);
}

#[test]
fn what_is_submitted_together_is_destroyed_by_one_rotation_and_a_refusal_hinders_nobody() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let cases: Vec<CaseId> = (0..5).map(|_| opened_case(&ledger)).collect();
    let epoch = ledger.status().epoch;
    let everything = |case: CaseId| Command::WithdrawConsent {
        case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    // The stranger stands in the middle; asking twice kills once.
    let (by_staff, by_system) = (Caller::Staff(FOCAL), Caller::System);
    let mut requests: Vec<_> = cases
        .iter()
        .map(|case| request(by_staff, everything(*case)))
        .collect();
    requests.insert(2, request(by_staff, everything(CaseId([0xee; 16]))));
    let due = Command::ShredDue { case: cases[0] };
    requests.push(request(by_system, due));
    let outcomes = ledger.submit_together(requests);
    let accepted: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, true, false, true, true, true, true]);
    ledger.close().unwrap();
    let ledger = desk.opened();
    assert_eq!(ledger.status().epoch, epoch + 1);
    let mut certified = 0;
    for case in cases {
        let state = ledger.case(case).unwrap().unwrap();
        let mut consents = state.consents.values();
        assert!(consents.all(|consent| consent.standing == Standing::Shredded));
        let entries = ledger.stream(StreamId::Case(case)).unwrap();
        let named = |name: &str| {
            let of = entries.iter().filter(|it| it.record.event.name() == name);
            of.count()
        };
        assert_eq!((named("ShredStarted"), named("Shredded")), (1, 1));
        let mut parts = None;
        for entry in &entries {
            if let Event::Shredded(done) = &entry.record.event {
                parts = Some(done.parts);
            }
            // Event and certificate count by one judgement.
            if let Event::ErasureCertified(it) = &entry.record.event {
                assert!(parts > Some(1));
                let lost = format!("\nlost {}\n", parts.unwrap());
                assert!(it.note.0.contains(&lost));
                certified += 1;
            }
        }
    }
    assert_eq!(certified, 5, "each case has a certificate of its own");
}

pub(crate) fn opened_case(ledger: &crate::ledger::Ledger) -> CaseId {
    let open = Command::OpenCase {
        identity: Some(crate::decide::tests::identity("Another")),
        age_group: crate::domain::codes::AgeGroup::Adult,
        sensitivity: crate::domain::codes::Sensitivity::Standard,
        consent: Some(crate::decide::tests::taken(
            crate::domain::codes::Capacity::Own,
        )),
        categories: crate::decide::tests::all_categories(),
    };
    let answer = crate::submit::tests::done(ledger, FOCAL, open);
    let StreamId::Case(case) = answer.entries[0].record.stream else {
        panic!("a case");
    };
    case
}

#[test]
fn a_rotation_empties_the_memory_of_what_was_written_before_it() {
    let desk = Desk::new();
    withdraw(&desk);
    let mut writer = desk.writer();
    let noted = writer.told(StreamId::Ledger, KeysRotated { epoch: 0, keys: 0 }.into());
    let mut staged = writer.stage_events(vec![noted]).unwrap();
    let before = staged.first;
    let _ = writer.append(&mut staged, false).unwrap();
    assert_eq!(writer.shared.recent.from(before, 9).len(), 1, "the control");
    let held = writer.shared.held(StreamId::Case(desk.case));
    let crate::submit::held::State::Case(case) = held.unwrap().unwrap().state else {
        panic!("a case");
    };
    let leaf = case.leaves_of(desk.consent.into()).next().unwrap();
    writer.shred.push((StreamId::Case(desk.case), leaf));
    writer.erase();
    assert!(is_dead(&writer.shared.reader, KeyId(leaf.0)).unwrap());
    // Nothing from before the old root's end; what closed the rotation came after it.
    assert!(writer.shared.recent.from(before, 9).is_empty());
    let last = writer.shared.published().size - 1;
    assert_eq!(writer.shared.recent.from(last, 9).len(), 1);
}

#[test]
fn what_two_frames_of_one_day_and_epoch_leave_to_be_cut_out_is_all_waited_for() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    let stream = StreamId::Case(desk.case);
    for number in [1, 2] {
        let keys = BTreeSet::from([LeafKeyId([number; 16])]);
        let waiting = writer.wait_for_cutting(&Orders::from([(stream, keys)]), 2);
        let told = KeysRotated { epoch: 2, keys: 1 };
        let told = writer.told(StreamId::Ledger, told.into());
        let mut staged = writer.stage_events(vec![told]).unwrap();
        staged.index_records.extend(waiting);
        let _ = writer.append(&mut staged, true).unwrap();
    }
    let waiting = writer.shared.reader.with_prefix(b"xw", usize::MAX);
    assert_eq!(waiting.unwrap().len(), 2);
}
