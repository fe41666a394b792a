//! A referral's whole life on the ledger itself: recorded, sent, proved, withdrawn, forgotten.

use harness::scratch::Scratch;
use harness::words;
use ledger::domain::codes::{Capacity, DataCategory, Role};
use ledger::domain::command::Command;
use ledger::domain::event::Event;
use ledger::domain::ids::{CaseId, ConsentId, PersonId, ReferralId};
use ledger::ledger::{Ledger, PersonalContent};
use ledger::prove::{VerifierKey, verify_receipt};

/// A case whose referral was accepted.
struct Accepted {
    case: CaseId,
    client: PersonId,
    consent: ConsentId,
    referral: ReferralId,
    receipts: Vec<String>,
}

fn accepted(scratch: &Scratch) -> Accepted {
    let service = scratch.service();
    let mut receipts = Vec::new();
    let mut done = |role, command| {
        let answer = scratch.done(role, command);
        receipts.extend(answer.receipts.iter().cloned());
        answer
    };
    let (case, client) =
        words::opened(&done(Role::FocalPoint, words::open_case("Canary Identity")));
    let scope = words::scope(
        scratch.partner,
        &[DataCategory::Needs, DataCategory::Language],
    );
    let consent = words::given(&done(
        Role::FocalPoint,
        words::give(case, client, scope, Capacity::Own),
    ));
    let items = [
        (DataCategory::Needs, "Canary Needs"),
        (DataCategory::Language, "Canary Tongue"),
    ];
    let draft = words::draft(case, service, Some(consent.into()), &items);
    let referral = words::drafted(&done(Role::FocalPoint, draft));
    done(Role::FocalPoint, words::review(case, referral));
    done(Role::FocalPoint, words::send(case, referral));
    done(
        Role::ServiceProvider,
        Command::ReceiveReferral { case, referral },
    );
    done(
        Role::ServiceProvider,
        Command::AcceptReferral { case, referral },
    );
    Accepted {
        case,
        client,
        consent,
        referral,
        receipts,
    }
}

/// What a focal point sees of a case: open texts, shredded parts, fenced parts.
fn seen(scratch: &Scratch, case: CaseId) -> (usize, usize, usize) {
    let answer = scratch.done(Role::FocalPoint, words::view(case));
    let mut counts = (0, 0, 0);
    for part in scratch.ledger.open_personal(&answer).expect("it opens") {
        match part.content {
            PersonalContent::Open(_) => counts.0 += 1,
            PersonalContent::Shredded => counts.1 += 1,
            PersonalContent::Fenced => counts.2 += 1,
        }
    }
    counts
}

fn verify_all(ledger: &Ledger, receipts: &[String]) {
    let key: VerifierKey = ledger.vkey().parse().expect("a key");
    for receipt in receipts {
        let verified = verify_receipt(receipt.as_bytes(), &key).expect("the receipt verifies");
        assert!(verified.index() < verified.size());
    }
}

#[test]
fn a_referral_goes_from_consent_to_completion_and_every_step_has_a_receipt() {
    let mut scratch = Scratch::new();
    let it = accepted(&scratch);
    let complete = Command::CompleteReferral {
        case: it.case,
        referral: it.referral,
    };
    scratch.done(Role::ServiceProvider, complete);
    verify_all(&scratch.ledger, &it.receipts);
    let size = scratch.ledger.size();
    scratch.reopen();
    assert_eq!(scratch.ledger.size(), size);
    verify_all(&scratch.ledger, &it.receipts);
    let (open, shredded, fenced) = seen(&scratch, it.case);
    assert!(
        open >= 4 && shredded == 0 && fenced == 0,
        "{open} {shredded} {fenced}"
    );
}

#[test]
fn after_a_withdrawal_at_once_its_parts_are_shredded_and_the_rest_still_reads() {
    let mut scratch = Scratch::new();
    let it = accepted(&scratch);
    let other = accepted(&scratch);
    let before = seen(&scratch, it.case);
    scratch.done(Role::FocalPoint, words::withdraw_now(it.case, it.consent));
    // The rotation runs between groups; the next command comes after it.
    let after = seen(&scratch, it.case);
    assert!(
        after.1 >= 3,
        "items and the consent's note are shredded: {after:?}"
    );
    assert_eq!(
        after.0 + after.1,
        before.0,
        "what rests on the record's own ground still reads"
    );
    assert_eq!(after.2, 0);
    assert_eq!(seen(&scratch, other.case).1, 0, "nobody else lost anything");
    verify_all(&scratch.ledger, &it.receipts);
    scratch.reopen();
    assert_eq!(seen(&scratch, it.case), after);
    assert_eq!(scratch.ledger.status().epoch, 2);
    let history = scratch
        .ledger
        .stream(ledger::domain::stream::StreamId::Case(it.case))
        .unwrap();
    let told = |name| {
        history
            .iter()
            .any(|entry| entry.record.event.name() == name)
    };
    assert!(told("ReferralAccepted") && told("ShredStarted") && told("Shredded"));
    let shredded = history.iter().find_map(|entry| match &entry.record.event {
        Event::Shredded(shredded) => Some(shredded.parts),
        _ => None,
    });
    assert_eq!(
        shredded.map(|parts| usize::try_from(parts).unwrap()),
        Some(after.1)
    );
    assert!(it.client != other.client);
}

#[test]
fn the_same_request_gets_the_same_answer_also_after_a_restart() {
    let mut scratch = Scratch::new();
    let caller = ledger::domain::command::Caller::Staff(scratch.staff(Role::FocalPoint));
    let request = words::request(caller, words::open_case("Repeated"));
    let first = scratch.ledger.submit(request.clone()).expect("it is done");
    let again = scratch
        .ledger
        .submit(request.clone())
        .expect("it is answered");
    scratch.reopen();
    let later = scratch
        .ledger
        .submit(request.clone())
        .expect("it is answered");
    assert!(!first.repeated && again.repeated && later.repeated);
    assert_eq!(first.entries, later.entries);
    assert_eq!(first.receipts, again.receipts);
    assert_eq!(
        first.receipts, later.receipts,
        "receipts at the command's own checkpoint"
    );
    let mut other = request;
    other.command = Command::GiveLink {
        services: Vec::new(),
    };
    match scratch.ledger.submit(other) {
        Err(ledger::ledger::Rejection::Refused(refused)) => {
            assert_eq!(refused.refusal.code(), "request_id_reused");
        }
        _ => panic!("the id of another command was taken"),
    }
}
