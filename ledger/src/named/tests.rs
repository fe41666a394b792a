//! What the index names: nothing in the open, what earlier versions wrote is read, and what was
//! altered is refused before anything is written.

use crate::copies::{copies_records, mirror_key, mirror_standing};
use crate::decide::tests::{FOCAL, HOME};
use crate::domain::codes::DetachReason;
use crate::domain::command::{Caller, Command, ShredWish};
use crate::domain::event::{Actor, Event, KeysRotated, MirrorDetachAsked, Record, Recorded};
use crate::domain::ids::{CaseId, ClientCode, CopyId};
use crate::domain::stream::StreamId;
use crate::erase::tests::{assert_all_is_dead, opened_case, withdrawn_at_once};
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::ledger::{CutOptions, Ledger, Rejection};
use crate::refusal::Refusal;
use crate::submit::tests::{Desk, request};
use crate::submit::writer::Writer;

/// Index records that begin so.
fn records(writer: &Writer, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let found = writer.shared.reader.with_prefix(prefix, usize::MAX);
    found.unwrap()
}

/// Writes index records as they are given, beside an event of no meaning.
pub(crate) fn put(writer: &mut Writer, records: Vec<(Vec<u8>, Option<Vec<u8>>)>) {
    let told = KeysRotated { epoch: 0, keys: 0 };
    let told = writer.told(StreamId::Ledger, told.into());
    let mut staged = writer.stage_events(vec![told]).unwrap();
    let records = records.into_iter();
    let records = records.map(|(key, value)| IndexRecord { key, value });
    staged.index_records.extend(records);
    let _ = writer.append(&mut staged, true).unwrap();
}

fn of_case(desk: &Desk) -> Vec<u8> {
    StreamId::Case(desk.case).to_bytes().to_vec()
}

fn code_of(ledger: &Ledger, case: CaseId) -> ClientCode {
    ledger.case(case).unwrap().unwrap().code
}

fn names(bytes: &[u8], id: [u8; 16]) -> bool {
    bytes.windows(16).any(|window| window == id)
}

#[test]
fn e9_no_order_wait_code_or_count_in_the_index_names_the_case_or_who_acts_in_it() {
    // given a withdrawal at once, in the files but not carried out
    let desk = Desk::new();
    let writer = withdrawn_at_once(&desk);
    let orders = records(&writer, b"y");
    let all = |prefix: &[u8]| records(&writer, prefix);
    assert!(orders.len() > 2 && all(b"u").len() == 1 && !all(b"c").is_empty());
    // then no record of the index holds the case's id or that of who asked, whatever it is of
    for (key, value) in all(b"") {
        for id in [desk.case.0, FOCAL.0] {
            assert!(!names(&key, id) && !names(&value, id), "{key:?}");
        }
    }
    let lengths: Vec<usize> = orders.iter().map(|(_, value)| value.len()).collect();
    assert!(lengths.iter().all(|length| *length == 16));
    assert!(names(&of_case(&desk), desk.case.0), "the old form did");
    drop(writer);
    // nor does what waits to be cut out afterwards
    assert_all_is_dead(&desk);
    let writer = desk.writer();
    let waiting = records(&writer, b"xw");
    assert!(!waiting.is_empty());
    for (key, value) in waiting {
        assert!(!names(&key, desk.case.0) && !names(&value, desk.case.0));
        assert_eq!(value.len() % 16, 0, "key ids alone");
    }
}

#[test]
fn e4_an_order_of_an_earlier_version_is_carried_out_and_told_where_it_belongs() {
    let desk = Desk::new();
    let mut writer = withdrawn_at_once(&desk);
    let orders = records(&writer, b"y");
    let old = orders.into_iter();
    let old = old.map(|(key, _)| (key, Some(of_case(&desk)))).collect();
    put(&mut writer, old);
    drop(writer);
    assert_all_is_dead(&desk);
    let mut writer = desk.writer();
    assert!(records(&writer, b"y").is_empty());
    // The wait for cutting, as earlier versions wrote it, too.
    let waiting = records(&writer, b"xw").into_iter();
    let old = waiting.map(|(key, value)| (key, Some([of_case(&desk), value].concat())));
    put(&mut writer, old.collect());
    drop(writer);
    let ledger = desk.opened();
    let cut = CutOptions {
        after_days: 0,
        store: true,
    };
    assert!(ledger.cut_out(cut).unwrap().finished);
    let told = ledger.stream(StreamId::Case(desk.case)).unwrap();
    let is_cut = |event: &Event| matches!(event, Event::CiphertextCut(it) if !it.keys.is_empty());
    assert!(told.iter().any(|entry| is_cut(&entry.record.event)));
    ledger.close().unwrap();
}

#[test]
fn e4_an_order_that_names_no_stream_is_damage_and_nothing_is_destroyed_or_written() {
    let desk = Desk::new();
    let mut writer = withdrawn_at_once(&desk);
    let (key, good) = records(&writer, b"y").remove(0);
    let mut altered = good.clone();
    altered[0] ^= 1;
    let mut kind = of_case(&desk);
    kind[0] = 0xEE;
    let bad = [
        Vec::new(),
        good[..15].to_vec(),
        [good.clone(), vec![0; 2]].concat(),
        altered,
        kind,
    ];
    for value in bad {
        put(&mut writer, vec![(key.clone(), Some(value.clone()))]);
        let size = writer.shared.published().size;
        let fault = writer.recall_orders().unwrap_err();
        assert!(matches!(fault, Fault::Damaged { .. }), "{value:?}: {fault}");
        assert_eq!(writer.shared.published().size, size);
    }
    // Neither is a key that names no leaf an order.
    let mut short = key.clone();
    short.pop();
    let put_right = vec![(key, Some(good.clone())), (short.clone(), Some(good))];
    put(&mut writer, put_right);
    assert!(writer.recall_orders().is_err());
    put(&mut writer, vec![(short, None)]);
    drop(writer);
    assert_all_is_dead(&desk);
}

#[test]
fn e9_a_code_written_by_an_earlier_version_is_found_and_an_altered_one_is_damage() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let code = code_of(&ledger, desk.case);
    let other = code_of(&ledger, opened_case(&ledger));
    assert_eq!(ledger.case_by_code(code).unwrap(), Some(desk.case));
    ledger.close().unwrap();
    let mut writer = desk.writer();
    let key = writer.shared.code_key(code);
    let value = |writer: &Writer, key: &[u8]| writer.shared.reader.value(key).unwrap();
    let good = value(&writer, &key).unwrap();
    let moved = value(&writer, &writer.shared.code_key(other)).unwrap();
    let mut altered = good.clone();
    altered[30] ^= 1;
    for bad in [altered, moved, good[..56].to_vec(), Vec::new()] {
        put(&mut writer, vec![(key.clone(), Some(bad))]);
        assert!(writer.shared.case_by_code(code).is_err());
    }
    put(&mut writer, vec![(key, Some(desk.case.0.to_vec()))]);
    assert_eq!(writer.shared.case_by_code(code).unwrap(), Some(desk.case));
}

#[test]
fn e9_what_an_earlier_version_counted_still_counts_for_its_day() {
    let desk = Desk::new();
    let limit = ("at_once_per_day = 1000", "at_once_per_day = 1");
    let ledger = desk.changed(&[limit]);
    let (counted, asked) = (opened_case(&ledger), opened_case(&ledger));
    let now = ledger.now();
    ledger.close().unwrap();
    let mut writer = desk.writer();
    let key = [b"u".as_slice(), &FOCAL.0, &counted.0].concat();
    put(&mut writer, vec![(key, Some(now.0.to_be_bytes().to_vec()))]);
    drop(writer);
    let ledger = desk.changed(&[limit]);
    let everything = |case| {
        let command = Command::WithdrawConsent {
            case,
            person: None,
            consent: None,
            part: None,
            shred: ShredWish::AtOnce,
        };
        request(Caller::Staff(FOCAL), command)
    };
    let refused = match ledger.submit(everything(asked)) {
        Err(Rejection::Refused(refused)) => refused.refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused, Refusal::DestructionLimit);
    // The one that was counted counts once.
    ledger.submit(everything(counted)).unwrap();
    ledger.close().unwrap();
}

#[test]
fn e9_who_wants_a_mirror_detached_is_sealed_whatever_the_reason_and_the_old_form_is_read() {
    let desk = Desk::new();
    let writer = desk.writer();
    let keys = &writer.shared.index_keys;
    let mirror = CopyId([7; 16]);
    let asked = |reason| {
        let event = MirrorDetachAsked {
            mirror,
            reason,
            organisation: HOME,
        };
        let record = Record {
            stream: StreamId::Ledger,
            version: 1,
            recorded: Recorded::At(writer.shared.clock.now()),
            occurred: None,
            actor: Actor::Staff(FOCAL),
            leaves: Vec::new(),
            event: event.into(),
        };
        let written = copies_records(keys, &record, 0).remove(0);
        assert_eq!(written.key, mirror_key(mirror));
        written.value.unwrap()
    };
    let read = |mirror, value: &[u8]| mirror_standing(keys, mirror, value);
    for reason in [DetachReason::Lost, DetachReason::Stolen] {
        let value = asked(reason);
        assert_eq!(value.len(), 105, "no length tells a reason");
        assert!(!names(&value, FOCAL.0) && !names(&value, HOME.0));
        let known = read(mirror, &value).unwrap().asked.unwrap();
        let said = (known.by, known.organisation, known.reason);
        assert_eq!(said, (FOCAL, HOME, reason));
        // Of another mirror, altered, cut.
        assert!(read(CopyId([8; 16]), &value).is_err());
        assert!(read(mirror, &value[..104]).is_err());
        let mut altered = value;
        altered[60] ^= 1;
        assert!(read(mirror, &altered).is_err());
        let old = [FOCAL.0, FOCAL.0].concat();
        let old = [old.as_slice(), reason.code().as_bytes()].concat();
        let known = read(mirror, &old).unwrap().asked.unwrap();
        assert_eq!((known.by, known.reason), (FOCAL, reason));
    }
    assert!(read(mirror, &[]).unwrap().asked.is_none());
}
