//! What persons asked for about their data keeps these from the rules (MISSION E3).

use std::collections::BTreeSet;

use super::tests::{case_of, later};
use super::*;
use crate::domain::codes::{Channel, RequestEnd, RequestKind, RequestedBy};
use crate::domain::ids::SubjectRequestId;
use crate::domain::rights::SubjectRequest;
use crate::submit::tests::Desk;

#[test]
fn what_somebody_asked_for_keeps_what_is_over_until_it_is_closed_and_is_told_apart() {
    let desk = Desk::new();
    let mut case = case_of(&desk.opened(), &desk);
    let (rules, now) = (RetentionRules::default(), later(&case));
    assert!(!Plan::of(&case, &rules, now).asked);
    let id = SubjectRequestId([4; 16]);
    let request = SubjectRequest {
        person: case.client,
        kind: RequestKind::Access,
        by: RequestedBy::Person,
        categories: BTreeSet::new(),
        channel: Channel::Phone,
        agreed_since: false,
        received: now,
        due: now,
        extended: false,
        identity: None,
        advised: None,
        decided: None,
        granted: BTreeSet::new(),
        copied: false,
        corrected: BTreeSet::new(),
        carried_out: None,
        lifted: false,
        end: None,
    };
    case.requests.insert(id, request);
    let plan = Plan::of(&case, &rules, now);
    assert!(plan.due.is_empty() && !plan.is_empty());
    assert!(plan.asked && !plan.in_use, "no service works with it");
    let mut request = case.requests.remove(&id).unwrap();
    request.end = Some(RequestEnd::Fulfilled);
    case.requests.insert(id, request.clone());
    let plan = Plan::of(&case, &rules, now);
    assert!(!plan.due.is_empty() && !plan.asked);
    // What is to be kept, and not used, is kept until that is lifted.
    (request.kind, request.carried_out) = (RequestKind::Restriction, Some(1));
    case.requests.insert(id, request);
    assert!(Plan::of(&case, &rules, now).asked);
}
