//! Complaints, breaches and referrals from outside end by rules of their own: a sweep of the real
//! server takes them, and nobody with every byte of both folders finds what they said (MISSION C6,
//! C13, E8).

use std::collections::HashSet;

use harness::carve::{copy, files, holding};
use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::*;
use ledger::domain::command::*;
use ledger::domain::event::{Event, PublicText};
use ledger::domain::ids::{ComplaintId, IncomingId};
use ledger::domain::incoming::Sender;
use ledger::domain::personal::Text;
use ledger::domain::stream::StreamId;
use ledger::fsck::fsck;
use ledger::ledger::{Ledger, PersonalContent, PersonalPart};
use ledger::shredcheck::{Asked, KeyId, Report, shredcheck};

use super::retention::{Served, reopen_at};

const SAID: &str = "Canary Complaint";
const REFERENCE: &str = "CANARY-REF-77";

pub(crate) fn complained(scratch: &Scratch) -> ComplaintId {
    let complain = Command::RecordComplaint(Complaining {
        kind: ComplaintKind::Conduct,
        against: None,
        anonymous: false,
        words: Text::new(SAID.to_owned()),
        contact: None,
    });
    let answer = scratch.done(Role::FocalPoint, complain);
    match &answer.entries[0].record.event {
        Event::ComplaintReceived(it) => it.complaint,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn answered(scratch: &Scratch, complaint: ComplaintId) {
    let answer = Command::AnswerComplaint(AnsweringComplaint {
        complaint,
        outcome: ComplaintOutcome::Upheld,
        told: PersonTold::NotReached,
        note: None,
    });
    scratch.done(Role::Coordinator, answer);
}

pub(crate) fn came_in(scratch: &Scratch) -> IncomingId {
    let taking = Command::RecordIncoming(TakingDown {
        from: Sender::Class(SenderClass::Health),
        channel: Channel::Phone,
        urgency: Urgency::Routine,
        reference: Some(PublicText(REFERENCE.to_owned())),
        consent: ConsentClaim::NotSaid,
        packet: None,
    });
    let answer = scratch.done(Role::FocalPoint, taking);
    match &answer.entries[0].record.event {
        Event::IncomingReceived(it) => it.incoming,
        other => panic!("{other:?}"),
    }
}

/// Keys that the log says were destroyed since.
fn destroyed(ledger: &Ledger, streams: &[StreamId]) -> HashSet<KeyId> {
    let mut keys = HashSet::new();
    for stream in streams {
        for entry in ledger.stream(*stream).unwrap() {
            if let Event::Shredded(it) = &entry.record.event {
                keys.extend(it.keys.iter().map(|key| KeyId(key.0)));
            }
            if let Event::StreamClosed(it) = &entry.record.event {
                keys.insert(KeyId(it.leaf.0));
            }
        }
    }
    keys
}

#[test]
fn c6_c13_a_sweep_takes_what_stands_apart_and_tells_nobody_how_much() {
    // given, thirty months ago, a complaint that was answered, one that was not, one that is held,
    // and a referral from outside
    let mut scratch = Scratch::new();
    let now = scratch.ledger.now();
    reopen_at(&mut scratch, now.minus_months(30));
    let [goes, open, held] = [(); 3].map(|()| complained(&scratch));
    answered(&scratch, goes);
    answered(&scratch, held);
    let incoming = came_in(&scratch);
    let hold = Command::HoldApart(HoldingApart {
        what: Apart::Complaint(held),
        reason: HoldReason::LegalClaim,
        until: now.plus_months(1),
    });
    scratch.done(Role::Coordinator, hold);
    scratch.ledger.close().unwrap();
    let folder = scratch.folder.path().to_owned();
    let place = |name: &str| folder.join(name);
    copy(&place("data"), &place("old-data"));
    copy(&place("vault"), &place("old-vault"));
    scratch.ledger = Scratch::open_in(folder.clone()).unwrap();
    // when two persons agree to a sweep
    let served = Served::of(scratch, Vec::new());
    let listed = served.told(Role::Coordinator, "complaint list");
    let rows = listed["complaints"].as_array().unwrap().clone();
    let row = |id: ComplaintId| {
        let mut rows = rows.iter();
        rows.find(|row| row["complaint_id"] == id.to_string())
            .unwrap()
    };
    assert!(row(goes)["ends"]["words_end_at"].is_string(), "{listed}");
    assert!(row(held)["ends"]["held_until"].is_string());
    assert!(row(open)["ends"]["words_end_at"].is_null());
    let officer = Role::DataProtectionOfficer;
    let preview = served.told(officer, "retention dry-run");
    assert_eq!(preview["cases"].as_u64().unwrap_or(0), 0, "{preview}");
    served.sweep(1);
    // then the words of the one, and all of the referral, are gone
    let listed = served.told(Role::FocalPoint, "incoming list");
    assert!(
        listed["incoming"].as_array().is_none_or(Vec::is_empty),
        "{listed}"
    );
    let (_place, ledger, _) = served.stopped();
    assert!(
        ledger
            .stream(StreamId::Incoming(incoming))
            .unwrap()
            .is_empty()
    );
    let state = |id| ledger.complaint(id).unwrap().unwrap().lasting.words_ended;
    assert_eq!([goes, open, held].map(state), [true, false, false]);
    told_without_a_number(&ledger, goes);
    let own = [StreamId::Complaint(goes), StreamId::Ledger];
    let dead = destroyed(&ledger, &own);
    let kept = ledger.complaint(held).unwrap().unwrap();
    let kept: HashSet<KeyId> = kept.leaves.values().map(|key| KeyId(key.0)).collect();
    ledger.close().unwrap();
    nowhere(&folder, (&dead, &kept));
}

/// The certificate names the rule, on the complaint's own stream, and the sweep no number.
fn told_without_a_number(ledger: &Ledger, goes: ComplaintId) {
    let certified = ledger.stream(StreamId::Complaint(goes)).unwrap();
    let note = certified
        .iter()
        .find_map(|entry| match &entry.record.event {
            Event::ErasureCertified(it) => Some(it.note.0.clone()),
            _ => None,
        });
    assert!(
        note.expect("a certificate")
            .contains(" complaint-words 1\n")
    );
    let told = ledger.stream(StreamId::Ledger).unwrap();
    let done = told.iter().find_map(|entry| match &entry.record.event {
        Event::SweepDone(it) => Some((it.cases, it.closed, it.too_many)),
        _ => None,
    });
    assert_eq!(done, Some((0, 0, None)), "and no number tells of them");
}

/// Nobody with every byte of both folders reaches what died, and who has the vault of then does.
fn nowhere(folder: &std::path::Path, (dead, kept): (&HashSet<KeyId>, &HashSet<KeyId>)) {
    let place = |name: &str| folder.join(name);
    let check = |copies: &[&str], vault: &str| -> Report {
        let asked = Asked {
            copies: copies.iter().map(|name| place(name)).collect(),
            memories: Vec::new(),
            vault: place(vault),
            passphrase: None,
            records_only: false,
        };
        shredcheck(&asked, &|_, _, _| {}).unwrap()
    };
    assert!(dead.len() >= 2, "words, and the record of the referral");
    let before = check(&["old-data"], "old-vault");
    let then: HashSet<KeyId> = before.living.iter().copied().collect();
    assert!(before.shredded.is_empty());
    let after = check(&["data", "old-data"], "vault");
    let found: Vec<String> = after.findings().iter().map(ToString::to_string).collect();
    assert_eq!(found, Vec::<String>::new());
    assert!(dead.is_subset(&after.shredded) && kept.is_subset(&after.living));
    let control = check(&["data", "old-data"], "old-vault");
    let reached: HashSet<KeyId> = control.shredded_reachable.iter().copied().collect();
    let of_then: HashSet<KeyId> = dead.intersection(&then).copied().collect();
    assert!(
        of_then.len() >= 2 && of_then.is_subset(&reached),
        "the check can see it"
    );
    let bytes = files(&[&place("data"), &place("vault")]);
    for canary in [SAID, REFERENCE] {
        assert_eq!(holding(&bytes, canary), Vec::<String>::new(), "{canary}");
        let planted = [("planted".to_owned(), format!("x{canary}x").into_bytes())];
        assert_eq!(
            holding(&planted, canary).len(),
            1,
            "the scan finds what is there"
        );
    }
    let report = fsck(&place("data"), Some(&place("vault")), None, &|_, _, _| {}).unwrap();
    assert_eq!(report.findings, Vec::new());
}

#[test]
fn c6_a_complaint_survives_the_withdrawal_of_who_complained_until_its_own_time_is_over() {
    let scratch = Scratch::new();
    let (case, consent, _) = scratch.two_cases();
    let complaint = complained(&scratch);
    answered(&scratch, complaint);
    scratch.done(Role::FocalPoint, words::withdraw_now(case, consent));
    assert_eq!(view(&scratch.ledger, complaint), 1, "it is there");
    let served = Served::of(scratch, Vec::new());
    served.sweep(1);
    let (_place, ledger, _) = served.stopped();
    let opened = view(&ledger, complaint);
    assert_eq!(opened, 1, "and after a sweep before its time");
    ledger.close().unwrap();
}

/// Parts of a complaint that can be read.
fn view(ledger: &Ledger, complaint: ComplaintId) -> usize {
    let caller = Caller::Staff(Scratch::member(Role::Coordinator));
    let view = words::request(caller, Command::ViewComplaint { complaint });
    let seen = ledger.submit(view).unwrap();
    let parts = ledger.open_personal(&seen).unwrap();
    let open = |part: &&PersonalPart| matches!(part.content, PersonalContent::Open(_));
    parts.iter().filter(open).count()
}
