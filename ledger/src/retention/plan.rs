//! What of a case is over by the rules at a moment, and what keeps it all the same. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::RetentionRules;
use crate::clock::Timestamp;
use crate::decide::transitions;
use crate::domain::case::{Case, Consent, Referral, Standing, SubjectRequest};
use crate::domain::codes::DataCategory;
use crate::domain::ids::{ConsentId, GroundId, HoldId, LeafKeyId};
use crate::domain::scope::Scope;
use crate::domain::staff::Staff;
use crate::limits::IN_USE_MONTHS;

/// What the rules come to for one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is over and nothing keeps.
    pub due: Vec<Over>,
    /// Holds that keep something that is over.
    pub held: BTreeSet<HoldId>,
    /// Whether a referral under way keeps it.
    pub in_use: bool,
    /// Whether what somebody asked for about their data keeps it: a request is open, or they are to
    /// be kept and not used.
    pub asked: bool,
    /// The record's own end: its time is up, nothing personal is left, and nothing keeps it.
    pub closes: Option<RecordOver>,
}

/// The record of a case, or the name of a member of staff, whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordOver {
    /// The rule that it is over by.
    pub rule: String,
    /// Since when.
    pub since: Timestamp,
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
        // What somebody asked for about their data is answered before any of it goes by rule.
        // And what is to be kept, and not used, is kept.
        let mut requests = case.requests.values();
        let open =
            |one: &SubjectRequest| one.end.is_none() && now < one.due.plus_months(IN_USE_MONTHS);
        let asked = requests.any(|one| open(one) || one.restricts());
        let in_use = case.referrals.values().any(|one| is_in_use(one, now));
        let record = record_over(case, rules, now).filter(|_| plan.is_empty());
        let over = record.is_some() || !plan.due.is_empty();
        (plan.in_use, plan.asked) = (in_use && over, asked && over);
        if plan.in_use || plan.asked {
            plan.due.clear();
        } else if record.is_some() {
            let holds = case.holds.iter();
            let holds = holds.filter(|(_, hold)| hold.is_in_force(now));
            plan.held.extend(holds.map(|(id, _)| *id));
            plan.closes = record.filter(|_| plan.held.is_empty());
        }
        plan
    }

    /// Keys that go with what is over: those whose destruction has not begun.
    pub fn keys(&self, case: &Case) -> BTreeSet<LeafKeyId> {
        let mut keys = BTreeSet::new();
        for over in &self.due {
            let ground = over.consent.into();
            match &over.categories {
                Some(only) => keys.extend(case.leaves_of_categories(ground, only)),
                None => keys.extend(case.leaves_of(ground)),
            }
        }
        &keys - &case.begun
    }

    /// Whether anything is over at all.
    pub fn is_empty(&self) -> bool {
        let kept = !self.held.is_empty() || self.in_use || self.asked;
        self.due.is_empty() && !kept && self.closes.is_none()
    }
}

/// When the personal data of a ground are over by the rules, if nothing more is done in the case.
pub fn end_of(case: &Case, consent: &Consent, rules: &RetentionRules) -> (Timestamp, String) {
    let longest = ends(case, consent, rules).into_values().max();
    longest.unwrap_or_else(|| end(case, rules.record(case)))
}

/// When a leaf on a consent of this scope is destroyed by the rules if nothing more is done in the
/// case: the whole consent's, or that of one category. Leaves are numbered by it (SPEC §5.2).
pub(crate) fn leaf_end(
    case: &Case,
    (scope, category): (&Scope, Option<DataCategory>),
    rules: &RetentionRules,
    now: Timestamp,
) -> Timestamp {
    let months = match category {
        Some(category) => rules.of(category, case).months,
        None => {
            let held = &scope.categories - &scope.withheld;
            let each = held.into_iter().map(|one| rules.of(one, case).months);
            each.max().unwrap_or_else(|| rules.record(case).months)
        }
    };
    now.max(case.touched).plus_months(months)
}

/// Whether the name of a member of staff is over: they left, and the time since is up.
pub fn staff_over(staff: &Staff, rules: &RetentionRules, now: Timestamp) -> Option<RecordOver> {
    let kept = rules.staff();
    let since = staff.left()?.plus_months(kept.months);
    let there = staff.name.is_some() && !staff.name_ended;
    let rule = kept.name.clone();
    (since <= now && there).then_some(RecordOver { rule, since })
}

/// When the record of a case is over by the rules, if nothing more is done in it: never before the
/// personal data that consents in force keep.
pub fn record_end(case: &Case, rules: &RetentionRules) -> (Timestamp, String) {
    let (own, rule) = end(case, rules.record(case));
    let in_force = case.consents.values();
    let in_force = in_force.filter(|consent| consent.standing == Standing::InForce);
    let last = in_force.map(|consent| end_of(case, consent, rules).0).max();
    (last.map_or(own, |last| last.max(own)), rule)
}

/// Whether the record itself is over: its time is up, and all that was personal is destroyed.
fn record_over(case: &Case, rules: &RetentionRules, now: Timestamp) -> Option<RecordOver> {
    let (since, rule) = end(case, rules.record(case));
    let mut leaves = case.leaves.values();
    let gone = leaves.all(|leaf| case.shredded.contains(leaf));
    let standing = case.consents.values().map(|one| one.standing);
    let mut standing = standing.chain(case.exceptions.values().map(|one| one.standing));
    let ended = standing.all(|one| one != Standing::InForce);
    let over = since <= now && gone && ended;
    over.then_some(RecordOver { rule, since })
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
    let living = leaves.filter(|(of, key)| of.ground == ground && !case.begun.contains(key));
    living.filter_map(|(of, _)| of.category).collect()
}

/// Whether a service still works with what a referral says: it was sent, and the time allowed is
/// not long over. A draft that nobody sent keeps nothing.
fn is_in_use(referral: &Referral, now: Timestamp) -> bool {
    let under_way = transitions().iter().any(|step| step.from == referral.state);
    let until = referral.complete_by.filter(|_| under_way);
    until.is_some_and(|by| now < by.plus_months(IN_USE_MONTHS))
}
