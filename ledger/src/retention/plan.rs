//! What of a case is over by the rules at a moment, and what keeps it all the same. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::RetentionRules;
use crate::clock::Timestamp;
use crate::decide::transitions;
use crate::domain::case::{Case, Consent, Standing};
use crate::domain::codes::{DataCategory, ReferralState};
use crate::domain::ids::{ConsentId, GroundId, HoldId};

/// What the rules come to for one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is over and nothing keeps.
    pub due: Vec<Over>,
    /// Holds that keep something that is over.
    pub held: BTreeSet<HoldId>,
    /// Whether a referral under way keeps it.
    pub in_use: bool,
}

/// A consent, or some kinds of data on it, whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// Which consent.
    pub consent: ConsentId,
    /// Only these kinds of data; none for all of it.
    pub categories: Option<BTreeSet<DataCategory>>,
    /// The rule that it is over by.
    pub rule: String,
    /// Since when.
    pub since: Timestamp,
}

impl Plan {
    /// What is over in a case at a moment. A clock that was set back does not count: nothing is
    /// earlier than the last thing done in the case.
    pub fn of(case: &Case, rules: &RetentionRules, now: Timestamp) -> Self {
        let now = now.max(case.touched);
        let mut plan = Self::default();
        for (id, consent) in &case.consents {
            let Some(over) = over(case, (*id, consent), rules, now) else {
                continue;
            };
            let holds: Vec<HoldId> = case.holds_on(consent.person, now).collect();
            if holds.is_empty() {
                plan.due.push(over);
            } else {
                plan.held.extend(holds);
            }
        }
        // Data that a service works with are not over, however long ago anybody wrote.
        plan.in_use = case.referrals.values().any(|one| is_under_way(one.state));
        if plan.in_use {
            plan.due.clear();
        }
        plan
    }

    /// Whether anything is over at all.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty() && self.held.is_empty()
    }
}

/// When the personal data of a ground are over by the rules, if nothing more is done in the case.
pub fn end_of(case: &Case, consent: &Consent, rules: &RetentionRules) -> (Timestamp, String) {
    let longest = ends(case, consent, rules).into_values().max();
    longest.unwrap_or_else(|| end(case, rules.record()))
}

fn over(
    case: &Case,
    (id, consent): (ConsentId, &Consent),
    rules: &RetentionRules,
    now: Timestamp,
) -> Option<Over> {
    // What was withdrawn or has expired has its own time.
    if consent.standing != Standing::InForce {
        return None;
    }
    let (last, rule) = end_of(case, consent, rules);
    if last <= now {
        return Some(Over {
            consent: id,
            categories: None,
            rule,
            since: last,
        });
    }
    let written = written_on(case, id.into());
    let ends = ends(case, consent, rules).into_iter();
    let over: BTreeMap<DataCategory, (Timestamp, String)> = ends
        .filter(|(category, (end, _))| *end <= now && written.contains(category))
        .collect();
    let (since, rule) = over.values().max()?.clone();
    Some(Over {
        consent: id,
        categories: Some(over.into_keys().collect()),
        rule,
        since,
    })
}

/// The end of each kind of data that a consent covers.
fn ends(
    case: &Case,
    consent: &Consent,
    rules: &RetentionRules,
) -> BTreeMap<DataCategory, (Timestamp, String)> {
    let held = &consent.scope.categories - &consent.scope.withheld;
    let ends = held
        .into_iter()
        .map(|one| (one, end(case, rules.of(one, case))));
    ends.collect()
}

fn end(case: &Case, kept: &super::rules::Kept) -> (Timestamp, String) {
    (case.touched.plus_months(kept.months), kept.name.clone())
}

/// Kinds of data that have keys of their own on a ground.
fn written_on(case: &Case, ground: GroundId) -> BTreeSet<DataCategory> {
    let leaves = case.leaves.iter();
    let living = leaves.filter(|(of, key)| of.ground == ground && !case.shredded.contains(key));
    living.filter_map(|(of, _)| of.category).collect()
}

/// Whether anything can still come of a referral.
fn is_under_way(state: ReferralState) -> bool {
    transitions().iter().any(|step| step.from == state)
}
