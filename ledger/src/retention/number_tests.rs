//! Which leaves lie together: those that the rules end in the same month.

use std::collections::BTreeMap;

use super::*;
use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::DataCategory;
use crate::domain::stream::StreamId;
use crate::keys::{KeyId, leaf_number};
use crate::submit::held::Held;
use crate::submit::tests::Desk;

fn case_of(desk: &Desk) -> (Case, BTreeMap<KeyId, u32>) {
    let writer = desk.writer();
    let held = writer.shared.held(StreamId::Case(desk.case)).unwrap();
    let case = (*held.and_then(Held::case).unwrap()).clone();
    let month = |key: KeyId| leaf_number(&writer.shared.reader, key).unwrap().unwrap().0 >> 20;
    let months = case
        .leaves
        .values()
        .map(|key| (KeyId(key.0), month(KeyId(key.0))));
    let months = months.collect();
    (case, months)
}

#[test]
fn leaves_are_numbered_by_the_month_in_which_the_rules_end_them() {
    let desk = Desk::new();
    let (case, months) = case_of(&desk);
    let rules = RetentionRules::default();
    let (mut whole, mut alone) = (0, 0);
    for (of, key) in &case.leaves {
        let consent = &case.consents[&crate::domain::ids::ConsentId(of.ground.0)];
        let rule = match of.category {
            Some(category) => rules.of(category, &case).months,
            None => 24,
        };
        whole += usize::from(of.category.is_none());
        alone += usize::from(of.category.is_some());
        let by_rule = case.touched.plus_months(rule);
        let end = consent.expires.map_or(by_rule, |own| own.min(by_rule));
        assert_eq!(months[&KeyId(key.0)], end.month(), "{of:?}");
    }
    assert!(whole > 0, "the test looks at something: {whole} {alone}");
}

#[test]
fn each_kind_of_data_has_its_own_month_and_the_whole_the_last_of_them() {
    let desk = Desk::new();
    let (case, _) = case_of(&desk);
    let rules = RetentionRules::default();
    let mut consents = case.consents.values();
    let consent = consents.find(|one| one.scope.holds(DataCategory::Health));
    let scope = consent.unwrap().scope.clone();
    let now = case.touched;
    let end = |category, now| leaf_end(&case, (&scope, category), &rules, now);
    let usual = end(None, now);
    assert!(
        end(Some(DataCategory::Health), now) < usual,
        "health goes before the rest"
    );
    assert!(
        end(None, now.plus_months(3)) > usual,
        "time runs from the last deed"
    );
    assert_eq!(end(None, Timestamp(0)), usual, "and never backwards");
}
