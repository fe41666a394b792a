//! What certificates say of those who were given data: asked or not, and what they answered.

use super::copies::{lines, newest_text};
use super::*;
use crate::decide::tests::PROVIDER;
use crate::domain::codes::{Channel, NoticeAbout, NoticeOutcome, NoticeState, ReferralReason};
use crate::domain::command::Noticing;
use crate::domain::event::Given;
use crate::domain::referral::{AnsweringRecall, Cancelling};

#[test]
fn an_answer_is_on_the_next_issue_which_nobody_has_to_ask_for() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let referral = desk.sent(&ledger);
    withdraw(&ledger, desk.withdrawal_at_once());
    settle(ledger, &desk).close().unwrap();
    let first = newest_text(&desk);
    let recipient = format!("{CLINIC} referral {referral} portal");
    assert_eq!(lines(&first, "recipient"), [recipient.as_str()]);
    let [planned] = &lines(&first, "notice")[..] else {
        panic!("it is to be asked");
    };
    assert!(planned.starts_with(&format!("{referral} planned 20")));

    let ledger = desk.opened();
    let answer = |staff, state, outcome, channel| {
        let command = Command::RecordNotice(Noticing {
            case: desk.case,
            about: NoticeAbout::Erasure,
            given: Given::Referral(referral),
            state,
            outcome,
            channel,
        });
        ledger.submit(request(Caller::Staff(staff), command))
    };
    let asked = answer(FOCAL, NoticeState::Sent, None, Channel::Phone);
    assert!(asked.is_ok());
    let destroyed = Some(NoticeOutcome::Destroyed);
    let told = answer(PROVIDER, NoticeState::Confirmed, destroyed, Channel::Portal);
    let told = told.unwrap().entries[0].position;
    settle(ledger, &desk).close().unwrap();
    let newest = newest_text(&desk);
    assert_eq!(lines(&newest, "recipient"), [recipient]);
    let notices = lines(&newest, "notice");
    assert_eq!(notices.len(), 3, "{notices:?}");
    assert_eq!(notices[0], *planned);
    assert!(notices[1].starts_with(&format!("{referral} sent 20")));
    assert!(notices[1].ends_with(" phone"));
    assert!(notices[2].starts_with(&format!("{referral} confirmed 20")));
    assert!(notices[2].ends_with(" portal destroyed"));
    let ledger = desk.opened();
    let issues = certified(&ledger, &desk);
    let behind = issues.iter().filter(|(position, _)| *position > told);
    assert_eq!(behind.count(), 1, "one issue tells of it");
    assert_eq!(issues[0].1.issue, 1);
    // What cannot change is word for word the same.
    let fixed = |note: &str| note.split_once("\nissue ").unwrap().0.to_owned();
    for (_, issue) in &issues {
        assert_eq!(fixed(&issue.note.0), fixed(&issues[0].1.note.0));
    }
}

#[test]
fn e5_a_recipient_that_was_to_be_asked_when_the_person_cancelled_is_on_the_certificate() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let referral = desk.sent(&ledger);
    let cancel = Command::CancelReferral(Cancelling {
        case: desk.case,
        referral,
        asked_by: None,
    });
    withdraw(&ledger, cancel);
    withdraw(&ledger, desk.withdrawal_at_once());
    settle(ledger, &desk).close().unwrap();
    let text = newest_text(&desk);
    let [planned] = &lines(&text, "notice")[..] else {
        panic!("it is to be asked");
    };
    assert!(planned.starts_with(&format!("{referral} planned 20")));
}

#[test]
fn e5_a_recipient_that_went_on_is_not_told_to_have_destroyed_what_it_went_on_with() {
    let desk = Desk::new();
    let ledger = desk.opened();
    let referral = desk.sent(&ledger);
    let case = desk.case;
    let notice = |state, outcome| {
        Command::RecordNotice(Noticing {
            case,
            about: NoticeAbout::Erasure,
            given: Given::Referral(referral),
            state,
            outcome,
            channel: Channel::Phone,
        })
    };
    let destroyed = Some(NoticeOutcome::Destroyed);
    let acted = AnsweringRecall {
        case,
        referral,
        answer: RecallAnswer::AlreadyActed,
    };
    let recall = Command::RecallReferral {
        case,
        referral,
        reason: ReferralReason::WrongService,
    };
    for (caller, command) in [
        (FOCAL, recall),
        (FOCAL, notice(NoticeState::Sent, None)),
        (PROVIDER, notice(NoticeState::Confirmed, destroyed)),
        (PROVIDER, Command::AnswerRecall(acted)),
        (PROVIDER, Command::CompleteReferral { case, referral }),
    ] {
        let asked = ledger.submit(request(Caller::Staff(caller), command));
        assert!(asked.is_ok());
    }
    withdraw(&ledger, desk.withdrawal_at_once());
    settle(ledger, &desk).close().unwrap();
    let text = newest_text(&desk);
    assert_eq!(lines(&text, "recipient").len(), 1);
    assert!(lines(&text, "notice").is_empty());
}

/// Who was told without any ground (an incident) holds the data all the same.
#[test]
fn who_was_told_without_a_ground_is_on_the_certificate_of_what_is_destroyed() {
    let desk = Desk::new();
    let ledger = desk.opened();
    desk.sent(&ledger);
    let tell = Command::RecordDisclosure {
        case: desk.case,
        recipient: crate::domain::ids::OrganisationId([77; 16]),
        categories: [DataCategory::Needs].into(),
        channel: Channel::Phone,
    };
    let told = ledger.submit(request(Caller::Staff(FOCAL), tell)).unwrap();
    let Event::DisclosureRecorded(told) = &told.entries[0].record.event else {
        panic!("a disclosure");
    };
    assert!(told.incident);
    let all = Command::WithdrawConsent {
        case: desk.case,
        person: None,
        consent: None,
        part: None,
        shred: ShredWish::AtOnce,
    };
    withdraw(&ledger, all);
    settle(ledger, &desk).close().unwrap();
    let recipients = lines(&newest_text(&desk), "recipient");
    let incident = told.disclosure.to_string();
    assert!(
        recipients.iter().any(|it| it.contains(&incident)),
        "{recipients:?}"
    );
}

/// An incident that is recorded after the destruction: nobody has to ask for the next issue.
#[test]
fn an_incident_recorded_later_is_on_the_next_issue_of_every_certificate_of_its_case() {
    let desk = Desk::new();
    let ledger = desk.opened();
    withdraw(&ledger, desk.withdrawal_at_once());
    settle(ledger, &desk).close().unwrap();
    let before = newest_text(&desk);
    let ledger = desk.opened();
    let tell = Command::RecordDisclosure {
        case: desk.case,
        recipient: crate::domain::ids::OrganisationId([77; 16]),
        categories: [DataCategory::Needs].into(),
        channel: Channel::Phone,
    };
    let told = ledger.submit(request(Caller::Staff(FOCAL), tell)).unwrap();
    let Event::DisclosureRecorded(told) = &told.entries[0].record.event else {
        panic!("a disclosure");
    };
    assert!(told.incident, "nothing covers it any more");
    let incident = told.disclosure.to_string();
    let before = lines(&before, "recipient");
    assert!(!before.iter().any(|it| it.contains(&incident)));
    settle(ledger, &desk).close().unwrap();
    let ledger = desk.opened();
    let issues = certified(&ledger, &desk);
    assert_eq!(issues.len(), 2, "the first, and one that tells of it");
    assert_eq!(issues[1].1.issue, 2);
    ledger.close().unwrap();
    let recipients = lines(&newest_text(&desk), "recipient");
    assert!(
        recipients.iter().any(|it| it.contains(&incident)),
        "{recipients:?}"
    );
}
