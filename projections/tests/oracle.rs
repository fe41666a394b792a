//! Views agree with the states that decisions are made on, after any lives.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a test stops where something is not as it must be"
)]

mod world;

use std::collections::{BTreeMap, BTreeSet};

use ledger::clock::Timestamp;
use ledger::domain::case::{Case, Standing as Decided};
use ledger::domain::directory::Service;
use ledger::domain::ids::CaseId;
use ledger::domain::staff::Staff;
use ledger::domain::stream::StreamId;
use projections::consents::Standing;
use projections::views::Views;
use proptest::prelude::*;
use world::{Op, World};

proptest! {
    #[test]
    fn views_agree_with_decision_state(ops in proptest::collection::vec(any::<Op>(), 0..400)) {
        let world = World::played(&ops);
        let views = world.views();
        let mut cases: BTreeMap<CaseId, Case> = BTreeMap::new();
        let mut staff: BTreeMap<_, Staff> = BTreeMap::new();
        let mut services: BTreeMap<_, Service> = BTreeMap::new();
        for entry in &world.entries {
            let record = &entry.record;
            match record.stream {
                StreamId::Case(id) => match cases.get_mut(&id) {
                    Some(case) => case.apply(record),
                    None => cases.extend(Case::opened(record).map(|case| (id, case))),
                },
                StreamId::Staff(id) => match staff.get_mut(&id) {
                    Some(staff) => staff.apply(record),
                    None => staff.extend(Staff::registered(record).map(|staff| (id, staff))),
                },
                StreamId::Service(id) => match services.get_mut(&id) {
                    Some(service) => service.apply(record),
                    None => services.extend(Service::registered(record).map(|it| (id, it))),
                },
                StreamId::Ledger
                | StreamId::Complaint(_)
                | StreamId::Breach(_)
                | StreamId::Member(_)
                | StreamId::Pathway(_)
                | StreamId::Incoming(_)
                | StreamId::Link(_) => {}
            }
        }
        prop_assert_eq!(views.cases().count(), cases.len());
        for case in cases.values() {
            agree_on_case(&views, case, world.now)?;
        }
        for one in staff.values() {
            let member = views.staff().find(one.id).unwrap();
            prop_assert_eq!(&member.roles, &one.roles);
            prop_assert_eq!(member.version, one.version);
            // Tokens that are over may be dropped by the view.
            for (token, (_, expires)) in one.tokens.iter().filter(|(_, of)| of.1 > world.now) {
                let kept = member.tokens.iter().find(|kept| kept.token == *token).unwrap();
                prop_assert_eq!(kept.expires, *expires);
            }
        }
        for one in services.values() {
            let shown = views.directory().find(one.id, true).unwrap();
            prop_assert_eq!(&shown.entry, &one.entry);
            prop_assert_eq!((shown.assessment, shown.retired), (one.assessment, one.retired));
        }
        prop_assert_eq!(views.counts().total(), world.entries.len() as u64);
    }
}

fn agree_on_case(views: &Views, case: &Case, now: Timestamp) -> Result<(), TestCaseError> {
    let head = views.cases().by_code(case.code).unwrap();
    prop_assert_eq!(head.case, case.id);
    prop_assert_eq!(head.version, case.version);
    let mut assigned = head.assigned.clone();
    assigned.sort();
    prop_assert_eq!(assigned, Vec::from_iter(case.assigned.clone()));
    for (id, referral) in &case.referrals {
        let item = views.worklist().find(*id, now).unwrap();
        prop_assert_eq!(item.state, referral.state);
        prop_assert_eq!(item.reference, referral.reference);
        prop_assert_eq!(item.complete_by, referral.complete_by);
        prop_assert_eq!(item.version, case.version);
    }
    prop_assert_eq!(
        views.worklist().of_case(case.id, now).len(),
        case.referrals.len()
    );
    for shown in views.consents().of_case(case.id) {
        let consent = &case.consents[&shown.consent];
        prop_assert_eq!(&shown.scope, &consent.scope);
        let agrees = match shown.standing {
            Standing::InForce => consent.standing == Decided::InForce,
            Standing::Withdrawn { shred_due } => {
                consent.standing == Decided::Withdrawn { shred_due }
            }
            Standing::Expired { shred_due } => consent.standing == Decided::Expired { shred_due },
            Standing::Shredded => consent.standing == Decided::Shredded,
        };
        prop_assert!(agrees);
        let leaving = shown.leaving.iter().copied();
        let leaving: BTreeMap<_, _> = leaving.collect();
        prop_assert_eq!(leaving, consent.leaving.clone());
    }
    agree_on_what_is_due(views, case, now)?;
    let in_force = views.consents().in_force(case.id, now).count();
    prop_assert_eq!(in_force, case.consents_in_force(now).count());
    let awaiting = views.consents().exceptions_of(case.id);
    let undecided = case
        .exceptions
        .values()
        .filter(|one| one.confirmed.is_none());
    prop_assert_eq!(
        awaiting.filter(|one| one.confirmed.is_none()).count(),
        undecided.count()
    );
    Ok(())
}

fn agree_on_what_is_due(views: &Views, case: &Case, now: Timestamp) -> Result<(), TestCaseError> {
    let due = views.consents().due(now, &BTreeSet::new());
    let past = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let consents = case.consents.values();
    let mut by_consent = consents
        .map(|it| past(it.standing.shred_due()) || it.leaving.values().any(|at| *at <= now));
    let exceptions = case.exceptions.values();
    let mut by_exception = exceptions.map(|it| past(it.standing.shred_due()));
    let shred = by_consent.any(|due| due) || by_exception.any(|due| due);
    prop_assert_eq!(due.shred.contains(&case.id), shred);
    for (id, exception) in &case.exceptions {
        let lapses = exception.standing == Decided::InForce && exception.lapses() <= now;
        prop_assert_eq!(due.lapse.contains(&(case.id, *id)), lapses);
    }
    Ok(())
}
