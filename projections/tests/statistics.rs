//! Figures: who is counted, what is told of them, and what is not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod world;

use ledger::clock::{DAY_MS, Day, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;
use projections::statistics::{Cohort, Made, Table, Within};
use world::{HOUR_MS, World};

const HOME: OrganisationId = OrganisationId([1; 16]);
const CLINIC: OrganisationId = OrganisationId([2; 16]);

fn made(world: &World, limit: u64) -> Made {
    let cohort = Cohort {
        organisation: HOME,
        from: Day(0),
        until: Day(365),
        as_of: world.now,
        limit,
    };
    Made::of(&world.views(), &cohort).unwrap()
}

/// Everything, as nobody outside ever sees it.
fn bare(world: &World) -> Made {
    made(world, 1)
}

fn table<'a>(made: &'a Made, name: &str) -> &'a Table {
    made.tables.iter().find(|table| table.name == name).unwrap()
}

fn rate(made: &Made, name: &str) -> (Option<u64>, Option<u64>) {
    let rate = made.indicators.iter().find(|one| one.name == name).unwrap();
    (rate.count, rate.of)
}

fn agree_to_statistics(world: &mut World, case: CaseId, expires: Option<Timestamp>) -> ConsentId {
    let consent = ConsentId(world.id());
    let event = ConsentGiven {
        consent,
        person: PersonId(case.0),
        given_by: PersonId(case.0),
        capacity: Capacity::Own,
        scope: Scope {
            purposes: [Purpose::Statistics].into(),
            ..world::scope()
        },
        form: ConsentForm::Oral,
        explained: [].into(),
        interpreter: None,
        expires,
    };
    world.push(StreamId::Case(case), event);
    consent
}

/// A person who agrees to being counted, with a referral that was sent.
fn sent(world: &mut World) -> (CaseId, ConsentId, ReferralId) {
    let case = world.case(HOME);
    let consent = agree_to_statistics(world, case, None);
    let referral = world.draft(case, CLINIC);
    world.send(case, referral);
    (case, consent, referral)
}

fn counted(world: &World) -> u64 {
    table(&bare(world), "referrals").sum("all").unwrap()
}

#[test]
fn b10_only_who_agreed_to_statistics_is_counted() {
    let mut world = World::default();
    sent(&mut world);
    let without = world.case(HOME);
    world.consent(without, None);
    let referral = world.draft(without, CLINIC);
    world.send(without, referral);
    assert_eq!(counted(&world), 1);
}

#[test]
fn b10_who_takes_it_back_is_counted_no_more_and_who_gives_it_again_is() {
    let mut world = World::default();
    let (case, consent, _) = sent(&mut world);
    let due = world.now.plus_ms(DAY_MS);
    world.withdraw(case, consent, due);
    assert_eq!(counted(&world), 0);
    world.push(StreamId::Case(case), WithdrawalUndone { consent });
    assert_eq!(counted(&world), 1);
    let part = Scope {
        purposes: [Purpose::Statistics].into(),
        ..Scope::default()
    };
    let narrowed = ConsentWithdrawn {
        consent,
        part: Some(part),
        shred_due: None,
    };
    world.push(StreamId::Case(case), narrowed);
    assert_eq!(counted(&world), 0);
    agree_to_statistics(&mut world, case, None);
    assert_eq!(counted(&world), 1);
}

#[test]
fn b10_a_consent_to_statistics_that_is_over_counts_nobody() {
    let mut world = World::default();
    let case = world.case(HOME);
    let end = world.now.plus_ms(4 * HOUR_MS);
    agree_to_statistics(&mut world, case, Some(end));
    let referral = world.draft(case, CLINIC);
    world.send(case, referral);
    assert_eq!(counted(&world), 1);
    // Time alone ends it, whether or not the ledger has said so.
    world.push(StreamId::Ledger, LinkGiven { services: vec![] });
    assert_eq!(counted(&world), 0);
}

#[test]
fn b10_nobody_agrees_for_the_client_by_agreeing_for_themselves() {
    let mut world = World::default();
    let case = world.case(HOME);
    let consent = ConsentGiven {
        consent: ConsentId(world.id()),
        person: PersonId([9; 16]),
        given_by: PersonId([9; 16]),
        capacity: Capacity::Own,
        scope: Scope {
            purposes: [Purpose::Statistics].into(),
            ..world::scope()
        },
        form: ConsentForm::Oral,
        explained: [].into(),
        interpreter: None,
        expires: None,
    };
    world.push(StreamId::Case(case), consent);
    let referral = world.draft(case, CLINIC);
    world.send(case, referral);
    assert_eq!(counted(&world), 0);
}

#[test]
fn e7_restricted_cases_and_those_of_others_are_left_out_of_every_table() {
    let mut world = World::default();
    for (organisation, sensitivity) in [
        (HOME, Sensitivity::Restricted),
        (CLINIC, Sensitivity::Standard),
    ] {
        let case = world.case_of(organisation, sensitivity);
        let consent = agree_to_statistics(&mut world, case, None);
        let referral = world.draft(case, CLINIC);
        world.send(case, referral);
        let stopped = ReferralStopped {
            referral,
            recipient_asked: true,
        };
        world.push(StreamId::Case(case), stopped);
        let due = world.now;
        world.withdraw(case, consent, due);
    }
    let made = bare(&world);
    assert!(
        made.tables.iter().all(|table| table.sum("all") == Some(0)),
        "{made:?}"
    );
}

#[test]
fn e3_e7_whose_data_are_restricted_is_left_out_until_that_is_lifted() {
    let mut world = World::default();
    let (case, _, _) = sent(&mut world);
    let (request, person) = (SubjectRequestId(world.id()), PersonId(case.0));
    let done = |kind| RequestCarriedOut {
        request,
        person,
        kind,
    };
    world.push(StreamId::Case(case), done(RequestKind::Access));
    assert_eq!(counted(&world), 1);
    world.push(StreamId::Case(case), done(RequestKind::Restriction));
    assert_eq!(counted(&world), 0);
    let lifted = RestrictionLifted {
        request,
        person,
        told: PersonTold::ALL[0],
    };
    world.push(StreamId::Case(case), lifted);
    assert_eq!(counted(&world), 1);
}

#[test]
fn e7_a_cohort_is_by_the_day_of_sending() {
    let mut world = World::default();
    let (case, _, _) = sent(&mut world);
    let late = world.draft(case, CLINIC);
    world.now = Day(365).start();
    world.send(case, late);
    assert_eq!(counted(&world), 1);
}

#[test]
fn e7_both_denominators_stand_beside_a_rate_and_acknowledged_is_not_delivered() {
    // given eight referrals, of which one is open in each way
    let mut world = World::default();
    let mut step = |events: &dyn Fn(ReferralId) -> Vec<Event>| {
        let (case, _, referral) = sent(&mut world);
        for event in events(referral) {
            world.push(StreamId::Case(case), event);
        }
    };
    let received = |referral| Event::from(ReferralReceived { referral });
    let accepted = |referral| Event::from(ReferralAccepted { referral });
    let declined = |referral, reason| Event::from(ReferralNotAccepted { referral, reason });
    let reason = ReferralReason::Other;
    step(&|_| vec![]);
    step(&|it| {
        vec![
            ReferralRecalled {
                referral: it,
                reason,
            }
            .into(),
        ]
    });
    step(&|it| vec![received(it)]);
    step(&|it| vec![received(it), accepted(it)]);
    step(&|it| {
        vec![
            received(it),
            accepted(it),
            ReferralCompleted { referral: it }.into(),
        ]
    });
    step(&|it| {
        let ended = ReferralNotCompleted {
            referral: it,
            reason,
        };
        vec![received(it), accepted(it), ended.into()]
    });
    step(&|it| vec![received(it), declined(it, ReferralReason::NoCapacity)]);
    step(&|it| vec![received(it), declined(it, ReferralReason::Duplicate)]);
    // when figures are made
    let made = bare(&world);
    // then each counts once, by its last answer
    let all = &table(&made, "referrals").all;
    let expected = [2, 1, 1, 1, 1, 1, 1, 8].map(Some);
    assert_eq!(all, &expected);
    assert_eq!(rate(&made, "acknowledged_of_sent"), (Some(6), Some(8)));
    assert_eq!(rate(&made, "no_answer_of_sent"), (Some(2), Some(8)));
    assert_eq!(rate(&made, "accepted_of_decided"), (Some(3), Some(5)));
    assert_eq!(rate(&made, "accepted_of_sent"), (Some(3), Some(8)));
    assert_eq!(rate(&made, "delivered_of_accepted"), (Some(1), Some(3)));
    assert_eq!(rate(&made, "delivered_of_sent"), (Some(1), Some(8)));
}

#[test]
fn e7_open_referrals_count_in_a_median_as_not_answered_yet() {
    let mut world = World::default();
    for hours in [1, 1, 1, 0, 0, 0] {
        let (case, _, referral) = sent(&mut world);
        if hours > 0 {
            world.push(StreamId::Case(case), ReferralReceived { referral });
        }
    }
    let within = |made: &Made| {
        let time = &made.times[0];
        assert_eq!(time.name, "sent_to_acknowledged");
        (time.median, time.p90)
    };
    // Three of six answered within an hour: half of all that were sent.
    assert_eq!(within(&bare(&world)), (Within::Hours(1), Within::NotYet));
    sent(&mut world);
    // Three of seven are not half of them, however quick they were.
    assert_eq!(within(&bare(&world)), (Within::NotYet, Within::NotYet));
    // Of so few nothing is told outside.
    assert_eq!(
        within(&made(&world, 10)),
        (Within::KeptBack, Within::KeptBack)
    );
}

#[test]
fn e7_no_time_is_told_that_would_give_a_number_away_which_is_kept_back() {
    // given twelve that were answered, one of them late: nine tenths lie within the limit
    let mut world = World::default();
    for late in (0..12).map(|nth| nth == 11) {
        let (case, _, referral) = sent(&mut world);
        if late {
            world.now = world.now.plus_ms(10 * HOUR_MS);
        }
        world.push(StreamId::Case(case), ReferralReceived { referral });
    }
    // when the one is kept back, then so are the times; and only then
    let time = &made(&world, 10).times[0];
    assert_eq!(
        (time.median, time.p90),
        (Within::KeptBack, Within::KeptBack)
    );
    let time = &bare(&world).times[0];
    assert!(matches!(
        (time.median, time.p90),
        (Within::Hours(_), Within::Hours(_))
    ));
}

#[test]
fn e7_a_late_answer_is_acknowledged_and_not_within_the_standard() {
    let mut world = World::default();
    let (case, _, prompt) = sent(&mut world);
    world.push(StreamId::Case(case), ReferralReceived { referral: prompt });
    let (case, _, late) = sent(&mut world);
    world.now = world.now.plus_ms(10 * HOUR_MS);
    world.push(StreamId::Case(case), ReferralReceived { referral: late });
    let made = bare(&world);
    assert_eq!(rate(&made, "acknowledged_of_sent"), (Some(2), Some(2)));
    assert_eq!(
        rate(&made, "acknowledged_in_time_of_sent"),
        (Some(1), Some(2))
    );
}

#[test]
fn a5_e7_needs_that_nobody_meets_are_told_by_need_area_and_group() {
    let mut world = World::default();
    for (need, area, age_group) in [
        (Need::Legal, Some("JO21"), Some(AgeGroup::Minor)),
        (Need::Legal, Some("JO13"), None),
        (Need::Cash, None, Some(AgeGroup::Adult)),
    ] {
        let area = area.map(|area| PublicText(area.to_owned()));
        let unmet = NeedUnmet {
            need,
            area,
            age_group,
        };
        world.push(StreamId::Ledger, unmet);
    }
    let made = bare(&world);
    let needs = table(&made, "unmet_needs");
    assert_eq!(
        needs.columns,
        ["adult", "minor", "unknown", "not_said", "all"]
    );
    assert_eq!(needs.all, [1, 1, 0, 1, 3].map(Some));
    let rows = |group: usize| {
        let rows = needs.by[group].rows.iter();
        let sums = rows.map(|row| (row.name.as_str(), row.counts[4]));
        sums.collect::<Vec<_>>()
    };
    assert_eq!(rows(0), [("cash", Some(1)), ("legal", Some(2))]);
    assert_eq!(
        rows(1),
        [("JO13", Some(1)), ("JO21", Some(1)), ("not_said", Some(1))]
    );
}

#[test]
fn d3_e7_a_confidential_service_is_not_told_apart() {
    let mut world = World::default();
    let service = ServiceId(CLINIC.0);
    let entry = ServiceEntry {
        confidential: true,
        ..world::entry("A shelter")
    };
    let registered = ServiceRegistered { service, entry };
    world.push(StreamId::Service(service), registered);
    sent(&mut world);
    let made = bare(&world);
    for grouping in &table(&made, "referrals").by {
        if ["sector", "area"].contains(&grouping.group) {
            assert_eq!(grouping.rows[0].name, "other");
            assert_eq!(grouping.rows.len(), 1);
        }
    }
}

#[test]
fn e3_e7_what_was_withdrawn_is_told_by_whether_it_was_destroyed_within_a_month() {
    let mut world = World::default();
    let mut withdrawn = |days: Option<u64>| {
        let case = world.case(HOME);
        let consent = world.consent(case, None);
        let due = world.now;
        world.withdraw(case, consent, due);
        if let Some(days) = days {
            world.now = world.now.plus_ms(days * DAY_MS);
            let keys = vec![LeafKeyId(consent.0), world::health_key(consent.into())];
            let shredded = Shredded {
                keys,
                epoch: 1,
                parts: 1,
                found: false,
            };
            world.push(StreamId::Case(case), shredded);
        }
    };
    withdrawn(Some(0));
    withdrawn(Some(40));
    withdrawn(None);
    let made = bare(&world);
    assert_eq!(table(&made, "erasures").all, [1, 1, 1, 3].map(Some));
    assert_eq!(table(&made, "consents").all, [0, 3, 3].map(Some));
}

#[test]
fn e5_e7_recipients_that_were_to_be_told_are_counted_by_whether_they_were() {
    let mut world = World::default();
    for state in [None, Some(NoticeState::Sent), Some(NoticeState::Impossible)] {
        let (case, _, referral) = sent(&mut world);
        let stopped = Event::from(ReferralStopped {
            referral,
            recipient_asked: true,
        });
        let cancelled = Event::from(ReferralCancelled {
            referral,
            asked_by: PersonId([1; 16]),
            recipient_asked: true,
        });
        let ended = if state.is_some() { stopped } else { cancelled };
        world.push(StreamId::Case(case), ended);
        if let Some(state) = state {
            let told = NoticeRecorded {
                given: Given::Referral(referral),
                state,
                outcome: None,
                channel: Channel::Phone,
            };
            world.push(StreamId::Case(case), told);
        }
    }
    let made = bare(&world);
    assert_eq!(table(&made, "notices").all, [1, 1, 0, 0, 1, 3].map(Some));
    assert_eq!(rate(&made, "recipients_asked_of_all"), (Some(1), Some(3)));
}

#[test]
fn e7_published_figures_hold_no_small_count_and_no_rate_made_of_one() {
    let mut world = World::default();
    for answered in 0..40 {
        let (case, _, referral) = sent(&mut world);
        if answered >= 3 {
            world.push(StreamId::Case(case), ReferralReceived { referral });
        }
    }
    let made = made(&world, 10);
    let referrals = table(&made, "referrals");
    assert_eq!(referrals.sum("unanswered"), None);
    assert_eq!(rate(&made, "no_answer_of_sent").0, None);
    assert_eq!(
        rate(&made, "acknowledged_of_sent").0,
        None,
        "for it is all but three"
    );
    let cells = |table: &Table| {
        let rows = table.by.iter().flat_map(|grouping| &grouping.rows);
        let rows = rows.flat_map(|row| row.counts.clone());
        table.all.iter().copied().chain(rows).collect::<Vec<_>>()
    };
    let small = |cell: &Option<u64>| cell.is_some_and(|count| (1..10).contains(&count));
    assert!(
        !made.tables.iter().flat_map(cells).any(|cell| small(&cell)),
        "{made:?}"
    );
}

#[test]
fn e7_published_figures_are_answered_as_they_were_whatever_happens_later() {
    let mut world = World::default();
    let (case, consent, _) = sent(&mut world);
    let published = FiguresPublished {
        organisation: HOME,
        from: Day(0),
        until: Day(31),
        events: 4,
        digest: [7; 32],
        figures: PublicText("word for word".to_owned()),
    };
    let position = world.push(StreamId::Ledger, published);
    let due = world.now;
    world.withdraw(case, consent, due);
    let views = world.views();
    let frozen = views.statistics().published(HOME, Day(0)).unwrap();
    assert_eq!((frozen.position, frozen.events), (position, 4));
    assert_eq!(frozen.figures, "word for word");
    assert_eq!(views.statistics().publications(HOME).count(), 1);
    assert_eq!(views.statistics().publications(CLINIC).count(), 0);
    assert_eq!(views.statistics().published(CLINIC, Day(0)), None);
}
