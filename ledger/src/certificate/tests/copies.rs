//! What certificates say of copies, of cut-out ciphertext, and of reading behind a fence.

use super::*;
use crate::domain::codes::{DetachReason, ViewPurpose};
use crate::domain::event::{CiphertextCut, MirrorAttached, MirrorDetached, ViewTarget};
use crate::domain::ids::{ConsentId, CopyId};
use crate::ledger::CutOptions;
use crate::submit::held::Held;
use crate::submit::tests::asked_for_a_copy;

const BEFORE: CopyId = CopyId([1; 16]);
const AFTER: CopyId = CopyId([2; 16]);
const OLD: CopyId = CopyId([3; 16]);
const NEW: CopyId = CopyId([4; 16]);

pub(super) fn record(writer: &mut Writer, stream: StreamId, event: Event) -> u64 {
    let event = writer.told(stream, event);
    let mut staged = writer.stage_events(vec![event]).unwrap();
    let position = staged.first;
    writer.append(&mut staged, false).unwrap();
    position
}

pub(super) fn attach(writer: &mut Writer, mirror: CopyId) {
    record(writer, StreamId::Ledger, MirrorAttached { mirror }.into());
}

fn detach(writer: &mut Writer, mirror: CopyId, reason: DetachReason) {
    let detached = MirrorDetached { mirror, reason };
    record(writer, StreamId::Ledger, detached.into());
}

/// Hands what rests on a consent to the eraser.
fn doom(writer: &mut Writer, desk: &Desk, consent: ConsentId) {
    let stream = StreamId::Case(desk.case);
    let case = writer.shared.held(stream).unwrap().and_then(Held::case);
    let leaf = case.unwrap().leaves_of(consent.into()).next().unwrap();
    writer.shred.push((stream, leaf));
}

/// The newest certificate of the desk's case, verified.
pub(super) fn newest_text(desk: &Desk) -> CertificateText {
    let ledger = desk.opened();
    let (position, _) = certified(&ledger, desk).pop().unwrap();
    let file = ledger.certificate(position).unwrap().unwrap();
    let key = ledger.vkey().parse().unwrap();
    let verified = verify_certificate(file.as_bytes(), &key).unwrap();
    ledger.close().unwrap();
    verified.parsed().clone()
}

pub(super) fn lines<'a>(text: &'a CertificateText, name: &'a str) -> Vec<String> {
    text.all(name).map(|words| words.join(" ")).collect()
}

#[test]
fn every_copy_that_may_hold_the_data_is_named_with_what_it_knows_and_holds() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    // Gone before there was anything to destroy in it: not named. The desk's client was there
    // before it, but not what rests on the consent that is withdrawn below.
    attach(&mut writer, CopyId([9; 16]));
    detach(&mut writer, CopyId([9; 16]), DetachReason::Lost);
    attach(&mut writer, BEFORE);
    attach(&mut writer, AFTER);
    writer.close().unwrap();
    // Attached is attached: nothing may be destroyed while they are away.
    let ledger = desk.opened();
    let more = Command::GiveConsent {
        case: desk.case,
        person: desk.client,
        given_by: Some(desk.client),
        scope: scope(CLINIC, &[DataCategory::Health]),
        consent: taken(Capacity::Own),
    };
    let given = ledger.submit(request(Caller::Staff(FOCAL), more)).unwrap();
    let Event::ConsentGiven(given) = &given.entries[0].record.event else {
        panic!("a consent");
    };
    let withdrawal = Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: Some(given.consent),
        part: None,
        shred: ShredWish::AtOnce,
    };
    withdraw(&ledger, withdrawal);
    ledger.close().unwrap();
    let backups = format!("{OLD} 3 1 1000 /a\n{NEW} 900 9 86400000 /b c\n");
    std::fs::write(desk.folder.path().join("data/backups"), backups).unwrap();
    let mut writer = desk.writer();
    detach(&mut writer, BEFORE, DetachReason::Stolen);
    writer.shared.copies.detach(BEFORE);
    writer.shared.copies.pretend(AFTER, u64::MAX);
    doom(&mut writer, &desk, given.consent);
    writer.erase();
    detach(&mut writer, AFTER, DetachReason::Replaced);
    writer.shared.copies.detach(AFTER);
    writer.certify();
    writer.close().unwrap();

    let text = newest_text(&desk);
    let copies = lines(&text, "copy");
    assert_eq!(copies.len(), 4, "{copies:?}");
    let begins = |copy: &str, with: String| assert!(copy.starts_with(&with), "{copy} {with}");
    begins(
        &copies[0],
        format!("mirror {BEFORE} outstanding may-hold detached stolen 20"),
    );
    begins(
        &copies[1],
        format!("mirror {AFTER} acknowledged may-hold detached replaced 20"),
    );
    let old = format!("backup {OLD} outstanding may-hold made 1970-01-01T00:00:01.000Z");
    let new = format!("backup {NEW} acknowledged may-hold made 1970-01-02T00:00:00.000Z");
    assert_eq!(copies[2..], [old, new]);
    assert_eq!(lines(&text, "copies"), ["0"]);
    assert_eq!(lines(&text, "backups"), ["2"]);
    assert_eq!(lines(&text, "anchor"), ["none"]);
}

#[test]
fn a_list_of_backups_that_cannot_be_read_is_said_and_holds_no_certificate_up() {
    let desk = Desk::new();
    std::fs::write(desk.folder.path().join("data/backups"), "nonsense\n").unwrap();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    ledger.close().unwrap();
    assert_eq!(lines(&newest_text(&desk), "backups"), ["not-known"]);
}

#[test]
fn nothing_is_called_cut_out_before_the_stream_says_so_of_these_very_keys() {
    let desk = Desk::new();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    let ledger = settle(ledger, &desk);
    let mut options = CutOptions {
        after_days: 0,
        store: false,
    };
    assert!(!ledger.cut_out(options).unwrap().finished);
    ledger.close().unwrap();
    // The journal holds nothing of it any more, and of other keys the stream says that they are
    // done with: not of these.
    let mut writer = desk.writer();
    let others = CiphertextCut {
        keys: vec![LeafKeyId([9; 16])],
        segments: 1,
        outstanding: Vec::new(),
        frame: 1,
    };
    record(&mut writer, StreamId::Case(desk.case), others.into());
    writer.certify();
    writer.close().unwrap();
    let text = newest_text(&desk);
    assert_eq!(lines(&text, "cut-out"), ["waiting"]);
    assert_eq!(lines(&text, "issue"), ["1"], "there was nothing to add");
    options.store = true;
    let ledger = desk.opened();
    assert!(ledger.cut_out(options).unwrap().finished);
    // Nobody asks for it: the certificate is issued again because there is more to say.
    let ledger = settle(ledger, &desk);
    ledger.close().unwrap();
    let text = newest_text(&desk);
    assert_eq!(lines(&text, "issue"), ["2"]);
    assert_eq!(text.word("cut-out"), Some("done"));
    // And once.
    desk.opened().close().unwrap();
    assert_eq!(lines(&newest_text(&desk), "issue"), ["2"]);
}

#[test]
fn a_mirror_that_was_late_with_a_list_may_hold_it_until_it_has_the_list() {
    let desk = Desk::new();
    let mut writer = desk.writer();
    attach(&mut writer, AFTER);
    writer.close().unwrap();
    // It is away: the keys wait for it.
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    ledger.close().unwrap();
    let mut writer = desk.writer();
    writer.shared.copies.pretend(AFTER, u64::MAX);
    doom(&mut writer, &desk, desk.consent);
    writer.erase();
    writer.certify();
    writer.close().unwrap();
    let ledger = desk.opened();
    let options = CutOptions {
        after_days: 0,
        store: true,
    };
    assert!(ledger.cut_out(options).unwrap().finished);
    ledger.close().unwrap();
    let copy = |text: &CertificateText| lines(text, "copy");
    let holding = newest_text(&desk);
    assert_eq!(holding.word("cut-out"), Some("done"), "in our own files");
    let held = format!("mirror {AFTER} acknowledged may-hold attached");
    assert_eq!(copy(&holding), [held]);
    let mut writer = desk.writer();
    writer.shared.copies.pretend(AFTER, u64::MAX);
    let rotation = writer.shared.stream(StreamId::Case(desk.case)).unwrap();
    let rotation = rotation.iter().find_map(|entry| match &entry.record.event {
        Event::ErasureCertified(it) => Some(it.rotation),
        _ => None,
    });
    let wish = (StreamId::Case(desk.case), rotation.unwrap());
    writer.recertify.push(wish);
    writer.certify_again();
    writer.close().unwrap();
    let done = format!("mirror {AFTER} acknowledged cut-out attached");
    assert_eq!(copy(&newest_text(&desk)), [done]);
}

#[test]
fn a_copy_that_showed_what_was_fenced_is_named_and_other_readings_are_not() {
    for asks in [true, false] {
        let desk = Desk::new();
        let ledger = desk.opened();
        let view = |purpose| Command::ViewPersonalData {
            case: desk.case,
            target: ViewTarget::Case,
            purpose,
        };
        let seen = |purpose| {
            let asked = request(Caller::Staff(FOCAL), view(purpose));
            ledger.submit(asked).unwrap().entries[0].position
        };
        let before = seen(ViewPurpose::CopyForPerson);
        let withdrawal = Command::WithdrawConsent {
            case: desk.case,
            person: None,
            consent: Some(desk.consent),
            part: None,
            shred: ShredWish::AfterPeriod,
        };
        withdraw(&ledger, withdrawal);
        // A copy that nobody asked for shows nothing that is fenced.
        let unasked = seen(ViewPurpose::CopyForPerson);
        if asks {
            asked_for_a_copy(&desk, &ledger);
        }
        let copied = seen(ViewPurpose::CopyForPerson);
        let worked = seen(ViewPurpose::CaseWork);
        withdraw(&ledger, desk.withdrawal_at_once());
        settle(ledger, &desk).close().unwrap();
        let text = newest_text(&desk);
        let named = asks.then(|| copied.to_string());
        assert_eq!(lines(&text, "copied-in"), Vec::from_iter(named));
        assert!(before < unasked && unasked < copied && copied < worked);
    }
}
