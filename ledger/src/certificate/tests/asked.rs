//! One list of what comes of asking a recipient, through the case and through the certificate.

use std::collections::BTreeSet;

use super::steps::{event, orders};
use crate::certificate::outside::Outside;
use crate::clock::{Day, Timestamp};
use crate::domain::case::Case;
use crate::domain::codes::*;
use crate::domain::event::*;
use crate::domain::ids::*;
use crate::domain::stream::StreamId;
use crate::submit::answer::Entry;

const CASE: CaseId = CaseId([1; 16]);
const REFERRAL: ReferralId = ReferralId([2; 16]);
const GROUND: GroundId = GroundId([3; 16]);

fn entries(order: &[usize]) -> Vec<Entry> {
    let opened = CaseOpened {
        case: CASE,
        client: PersonId([4; 16]),
        code: ClientCode::fresh(&mut crate::clock::SystemEntropy),
        organisation: OrganisationId([6; 16]),
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        documentation: Documentation::Full,
    };
    let drafted = ReferralDrafted {
        referral: REFERRAL,
        service: ServiceId([7; 16]),
        recipient: OrganisationId([8; 16]),
        categories: BTreeSet::new(),
        urgency: Urgency::Routine,
        ground: GROUND,
        follows: None,
    };
    let sent = ReferralSent {
        referral: REFERRAL,
        channel: Channel::Portal,
        basis: vec![GROUND],
        reference: OutwardReference([9; 16]),
        acknowledge_by: Day(1).start(),
        complete_by: Day(2).start(),
    };
    let before = [opened.into(), drafted.into(), sent.into()];
    let steps = order.iter().map(|step| event(*step, REFERRAL));
    numbered(0, before.into_iter().chain(steps).collect())
}

fn numbered(first: u64, events: Vec<Event>) -> Vec<Entry> {
    (first..)
        .zip(events)
        .map(|(position, event)| {
            let record = Record {
                stream: StreamId::Case(CASE),
                version: position + 1,
                recorded: Recorded::At(Timestamp(position)),
                occurred: None,
                actor: Actor::System,
                leaves: Vec::new(),
                event,
            };
            Entry {
                position,
                record: record.into(),
            }
        })
        .collect()
}

#[test]
fn e5_a_certificate_tells_of_a_recipient_what_the_case_knows_of_it_in_every_order() {
    for order in orders(4) {
        let entries = entries(&order);
        let mut case = Case::opened(&entries[0].record).unwrap();
        entries[1..].iter().for_each(|one| case.apply(&one.record));
        let known = case.notices.get(&Given::Referral(REFERRAL));
        let outside = Outside::of(&entries, &[GROUND].into());
        let [recipient] = &outside.recipients[..] else {
            panic!("one recipient");
        };
        let told = recipient.notices.last();
        assert_eq!(
            told.map(|step| (step.state, step.outcome)),
            known.map(|notice| (notice.state, notice.outcome)),
            "{order:?}"
        );
        let at = recipient.notices.iter().map(|step| step.at.position);
        assert!(at.is_sorted(), "told in the order of the log: {order:?}");
    }
}

#[test]
fn e5_asking_back_and_every_answer_have_certificates_issued_again() {
    let referral = REFERRAL;
    let told = |event: Event| crate::certificate::tells_of(&event);
    for answer in RecallAnswer::ALL {
        assert!(told(
            RecallAnswered {
                referral,
                answer: *answer
            }
            .into()
        ));
    }
    assert!(told(asked_back()));
}

#[test]
fn e5_a_certificate_tells_that_a_referral_was_asked_back_and_what_was_answered_last() {
    let mut all = entries(&[]);
    let told = |all: &[Entry]| {
        let outside = Outside::of(all, &[GROUND].into());
        let recalls = outside.recipients.first().map(|one| one.recalls.clone());
        let recalls = recalls.into_iter().flatten();
        recalls.map(|one| one.answer).collect::<Vec<_>>()
    };
    assert!(told(&all).is_empty());
    let answered = |answer| {
        RecallAnswered {
            referral: REFERRAL,
            answer,
        }
        .into()
    };
    all.extend(numbered(
        3,
        vec![asked_back(), answered(RecallAnswer::AlreadyActed)],
    ));
    assert_eq!(told(&all), [None, Some(RecallAnswer::AlreadyActed)]);
    all.extend(numbered(5, vec![asked_back()]));
    assert_eq!(told(&all), [None], "asked anew, it has not answered");
    all.extend(numbered(6, vec![answered(RecallAnswer::NotRead)]));
    assert_eq!(told(&all), [None, Some(RecallAnswer::NotRead)]);
}

fn asked_back() -> Event {
    RecallAsked {
        referral: REFERRAL,
        reason: ReferralReason::WrongService,
        answer_by: Day(2).start(),
    }
    .into()
}
