//! B7 and A2 against an independent model: random commands, and a set of (recipient, category)
//! pairs that each ground allows, kept from what was asked for and not from the decision state.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::domain::case::Case;

const RECIPIENTS: [OrganisationId; 2] = [CLINIC, SCHOOL];
const CATEGORIES: [DataCategory; 3] = [
    DataCategory::Identity,
    DataCategory::Health,
    DataCategory::Needs,
];
const HOUR_MS: u64 = 3_600_000;

#[derive(Clone, Debug)]
enum Step {
    Give {
        capacity: Capacity,
        scope: Scope,
        lasts_hours: Option<u64>,
    },
    Withdraw {
        which: Option<Index>,
        part: Option<Scope>,
        shred: ShredWish,
    },
    Undo(Index),
    Expire(Index),
    Lapse(Index),
    Invoke(ExceptionKind, Scope),
    Decide(Index, bool),
    Draft(ServiceId, Urgency, Vec<DataCategory>, Option<Index>),
    Revise(Index, Vec<DataCategory>, Option<Index>),
    Return(Index),
    Review(Index),
    Send(Index),
    Pass(u64),
}

fn scopes() -> impl Strategy<Value = Scope> {
    let purposes = vec![Purpose::Record, Purpose::Referral, Purpose::FollowUp];
    (
        prop_oneof![
            4 => Just(vec![Purpose::Referral]),
            1 => subsequence(purposes, 0..=3),
        ],
        subsequence(RECIPIENTS.to_vec(), 0..=2),
        prop_oneof![
            2 => Just(CATEGORIES.to_vec()),
            1 => subsequence(CATEGORIES.to_vec(), 0..=3),
        ],
        prop_oneof![
            3 => Just(Vec::new()),
            1 => subsequence(CATEGORIES.to_vec(), 0..=2),
        ],
    )
        .prop_map(|(purposes, recipients, categories, withheld)| Scope {
            purposes: purposes.into_iter().collect(),
            recipients: recipients.into_iter().collect(),
            categories: categories.into_iter().collect(),
            withheld: withheld.into_iter().collect(),
        })
}

fn steps() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let ground = || proptest::option::weighted(0.3, any::<Index>());
    let services = prop_oneof![Just(HEALTH), Just(CLASSES)];
    let urgency = prop_oneof![Just(Urgency::Routine), Just(Urgency::Emergency)];
    let categories = || subsequence(CATEGORIES.to_vec(), 1..=2);
    let shred = prop_oneof![Just(ShredWish::AtOnce), Just(ShredWish::AfterPeriod)];
    let capacity = prop_oneof![
        3 => Just(Capacity::Own),
        1 => Just(Capacity::Assent),
        2 => Just(Capacity::BestInterests),
    ];
    let kind = prop_oneof![
        Just(ExceptionKind::ImmediateRisk),
        Just(ExceptionKind::LegalMandate)
    ];
    prop_oneof![
        4 => (capacity, scopes(), proptest::option::weighted(0.3, 1..12_u64)).prop_map(
            |(capacity, scope, lasts_hours)| Step::Give { capacity, scope, lasts_hours }
        ),
        2 => (
            proptest::option::weighted(0.9, index()),
            proptest::option::weighted(0.5, scopes()),
            shred,
        )
            .prop_map(|(which, part, shred)| Step::Withdraw { which, part, shred }),
        1 => index().prop_map(Step::Undo),
        1 => index().prop_map(Step::Expire),
        1 => index().prop_map(Step::Lapse),
        1 => (kind, scopes()).prop_map(|(kind, scope)| Step::Invoke(kind, scope)),
        1 => (index(), any::<bool>()).prop_map(|(which, confirm)| Step::Decide(which, confirm)),
        5 => (services, urgency, categories(), ground())
            .prop_map(|(service, urgency, what, on)| Step::Draft(service, urgency, what, on)),
        1 => (index(), categories(), ground())
            .prop_map(|(which, what, on)| Step::Revise(which, what, on)),
        1 => index().prop_map(Step::Return),
        4 => index().prop_map(Step::Review),
        6 => index().prop_map(Step::Send),
        1 => (1..6_u64).prop_map(Step::Pass),
    ]
}

/// What one ground allows, and until when.
#[derive(Clone)]
struct Allowed {
    pairs: BTreeSet<(OrganisationId, DataCategory)>,
    /// What comes back when a partial withdrawal is undone.
    leaving: BTreeSet<(OrganisationId, DataCategory)>,
    records: bool,
    by_child: bool,
    alive: bool,
    until: u64,
}

/// An exception: pairs, kind, the two times, and what the second person said.
struct Excepted {
    pairs: BTreeSet<(OrganisationId, DataCategory)>,
    mandate: bool,
    undecided_until: u64,
    until: u64,
    said: Option<bool>,
}

#[derive(Default)]
struct Model {
    minor: bool,
    consents: BTreeMap<ConsentId, Allowed>,
    exceptions: BTreeMap<ExceptionId, Excepted>,
    referrals: BTreeMap<ReferralId, (OrganisationId, BTreeSet<DataCategory>, GroundId)>,
}

fn pairs(scope: &Scope) -> BTreeSet<(OrganisationId, DataCategory)> {
    let mut pairs = BTreeSet::new();
    if scope.purposes.contains(&Purpose::Referral) {
        for recipient in &scope.recipients {
            for category in &scope.categories {
                if !scope.withheld.contains(category) {
                    pairs.insert((*recipient, *category));
                }
            }
        }
    }
    pairs
}

impl Model {
    fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::ConsentGiven(given) => {
                let allowed = Allowed {
                    pairs: pairs(&given.scope),
                    leaving: BTreeSet::new(),
                    records: given.scope.purposes.contains(&Purpose::Record),
                    by_child: matches!(given.capacity, Capacity::Own | Capacity::Assent),
                    alive: true,
                    until: given.expires.map_or(u64::MAX, |at| at.0),
                };
                self.consents.insert(given.consent, allowed);
            }
            Event::ConsentWithdrawn(withdrawn) => {
                let allowed = self.consents.get_mut(&withdrawn.consent).expect("given");
                match &withdrawn.part {
                    None => allowed.alive = false,
                    Some(part) => {
                        let sends = part.purposes.contains(&Purpose::Referral);
                        allowed.records &= !part.purposes.contains(&Purpose::Record);
                        let reached = |recipient: &OrganisationId| {
                            !sends && !part.recipients.contains(recipient)
                        };
                        allowed.leaving.retain(|(recipient, _)| reached(recipient));
                        allowed.pairs.retain(|(recipient, _)| reached(recipient));
                        let (gone, left) = std::mem::take(&mut allowed.pairs)
                            .into_iter()
                            .partition(|(_, category)| part.categories.contains(category));
                        allowed.pairs = left;
                        if withdrawn.shred_due.is_some() {
                            allowed.leaving.extend::<BTreeSet<_>>(gone);
                        }
                    }
                }
            }
            Event::WithdrawalUndone(it) => {
                let allowed = self.consents.get_mut(&it.consent).expect("given");
                if allowed.alive {
                    allowed.pairs.append(&mut allowed.leaving);
                }
                allowed.alive = true;
            }
            Event::ConsentExpired(it) => {
                self.consents.get_mut(&it.consent).expect("given").alive = false;
            }
            Event::ExceptionInvoked(it) => {
                let excepted = Excepted {
                    pairs: pairs(&it.scope),
                    mandate: it.kind == ExceptionKind::LegalMandate,
                    undecided_until: it.authorise_by.0,
                    until: it.expires.0,
                    said: None,
                };
                self.exceptions.insert(it.exception, excepted);
            }
            Event::ExceptionAuthorised(it) => {
                self.exceptions.get_mut(&it.exception).expect("used").said = Some(true);
            }
            Event::ExceptionRejected(it) => {
                self.exceptions.get_mut(&it.exception).expect("used").said = Some(false);
            }
            Event::ReferralDrafted(it) => {
                let drafted = (it.recipient, it.categories.clone(), it.ground);
                self.referrals.insert(it.referral, drafted);
            }
            Event::ReferralRevised(it) => {
                let referral = self.referrals.get_mut(&it.referral).expect("drafted");
                (referral.1, referral.2) = (it.categories.clone(), it.ground);
            }
            _ => {}
        }
    }

    fn exception_stands(&self, id: ExceptionId, now: u64) -> bool {
        self.exceptions.get(&id).is_some_and(|it| {
            let said = match it.said {
                Some(said) => said,
                None => !it.mandate && now < it.undecided_until,
            };
            said && now < it.until
        })
    }

    fn may_go(&self, referral: ReferralId, now: u64) -> bool {
        let (recipient, categories, _) = &self.referrals[&referral];
        let wanted: BTreeSet<_> = categories.iter().map(|one| (*recipient, *one)).collect();
        let by = |child| {
            self.consents.values().any(|it| {
                it.alive && now < it.until && it.by_child == child && it.pairs.is_superset(&wanted)
            })
        };
        let excepted = self
            .exceptions
            .iter()
            .any(|(id, it)| self.exception_stands(*id, now) && it.pairs.is_superset(&wanted));
        excepted || (by(true) && (by(false) || !self.minor))
    }

    fn recorded(&self, now: u64) -> bool {
        let mut consents = self.consents.values();
        consents.any(|it| it.alive && it.records && it.by_child && now < it.until)
    }
}

/// One of these, if there are any.
fn pick<T: Copy>(index: &Index, of: impl Iterator<Item = T>) -> Option<T> {
    let all: Vec<_> = of.collect();
    (!all.is_empty()).then(|| *index.get(&all))
}

fn ground(state: &Case, index: Option<&Index>) -> Option<GroundId> {
    let consents = state.consents.keys().map(|id| GroundId::from(*id));
    let exceptions = state.exceptions.keys().map(|id| GroundId::from(*id));
    pick(index?, consents.chain(exceptions))
}

fn giving(world: &World, capacity: Capacity, scope: &Scope, hours: Option<u64>) -> Command {
    let mut consent = taken(capacity);
    let ends = hours.map(|hours| world.now.plus_ms(hours * HOUR_MS));
    consent.expires = ends.or(consent.expires);
    let decided = capacity == Capacity::BestInterests;
    Command::GiveConsent {
        case: world.id(),
        person: world.client(),
        given_by: (!decided).then(|| world.client()),
        scope: scope.clone(),
        consent,
    }
}

fn about_grounds(world: &World, step: &Step) -> Option<(Caller, Command)> {
    let state = world.state();
    let case = state.id;
    let consent = |index: &Index| pick(index, state.consents.keys().copied());
    Some(match step {
        Step::Give {
            capacity,
            scope,
            lasts_hours,
        } => {
            let command = giving(world, *capacity, scope, *lasts_hours);
            (Caller::Staff(CHILD), command)
        }
        Step::Withdraw { which, part, shred } => {
            let command = Command::WithdrawConsent {
                case,
                person: None,
                consent: which.as_ref().and_then(consent),
                part: part.clone(),
                shred: *shred,
            };
            (Caller::Staff(CHILD), command)
        }
        Step::Undo(index) => {
            let consent = consent(index)?;
            let command = Command::UndoWithdrawal { case, consent };
            (Caller::Staff(CHILD), command)
        }
        Step::Expire(index) => {
            let consent = consent(index)?;
            (Caller::System, Command::ExpireConsent { case, consent })
        }
        Step::Lapse(index) => {
            let exception = pick(index, state.exceptions.keys().copied())?;
            (Caller::System, Command::LapseException { case, exception })
        }
        Step::Invoke(kind, scope) => {
            let mut command = world.invoking(*kind);
            if let Command::InvokeException { scope: given, .. } = &mut command {
                given.clone_from(scope);
            }
            (Caller::Staff(FRONT), command)
        }
        Step::Decide(index, confirm) => {
            let exception = pick(index, state.exceptions.keys().copied())?;
            let command = world.deciding(exception, *confirm);
            (Caller::Staff(FOCAL), command)
        }
        _ => return None,
    })
}

fn about_referrals(world: &World, step: &Step) -> Option<(Caller, Command)> {
    let state = world.state();
    let case = state.id;
    let referral = |index: &Index| pick(index, state.referrals.keys().copied());
    let command = match step {
        Step::Draft(service, urgency, categories, on) => Command::DraftReferral {
            case,
            service: *service,
            urgency: *urgency,
            ground: ground(&state, on.as_ref()),
            items: items(categories),
            follows: None,
        },
        Step::Revise(index, categories, on) => Command::ReviseReferral {
            case,
            referral: referral(index)?,
            ground: ground(&state, on.as_ref()),
            items: items(categories),
        },
        Step::Return(index) => Command::ReturnReferral {
            case,
            referral: referral(index)?,
            reason: ReferralReason::Other,
        },
        Step::Review(index) => world.reviewing(referral(index)?),
        Step::Send(index) => world.sending(referral(index)?),
        _ => return None,
    };
    let writes = matches!(step, Step::Draft(..) | Step::Revise(..));
    Some((Caller::Staff(if writes { FRONT } else { FOCAL }), command))
}

/// Plays a sequence; gives how many referrals went.
fn play(world: &mut World, steps: &[Step]) -> Result<u32, TestCaseError> {
    let state = world.state();
    let mut model = Model {
        minor: state.age_group != AgeGroup::Adult,
        ..Model::default()
    };
    for (id, consent) in &state.consents {
        let allowed = Allowed {
            pairs: BTreeSet::new(),
            leaving: BTreeSet::new(),
            records: consent.scope.purposes.contains(&Purpose::Record),
            by_child: true,
            alive: true,
            until: u64::MAX,
        };
        model.consents.insert(*id, allowed);
    }
    let mut sent = 0;
    for step in steps {
        if let Step::Pass(hours) = step {
            world.pass_ms(hours * HOUR_MS);
        }
        let command = about_grounds(world, step).or_else(|| about_referrals(world, step));
        let Some((caller, command)) = command else {
            continue;
        };
        let now = world.now.0;
        let Ok(done) = world.ask_as(caller, None, None, command).0 else {
            continue;
        };
        for (record, parts) in done.records.iter().zip(&done.personal) {
            if let Event::ReferralSent(it) = &record.event {
                sent += 1;
                prop_assert!(model.may_go(it.referral, now), "sent without cover: {it:?}");
                prop_assert!(!it.basis.is_empty());
            }
            model.learn(record);
            let on_exception = match &record.event {
                Event::ExceptionInvoked(_) => true,
                Event::ReferralDrafted(it) => model.exception_stands(ExceptionId(it.ground.0), now),
                Event::ReferralRevised(it) => model.exception_stands(ExceptionId(it.ground.0), now),
                _ => false,
            };
            let fine = *parts == 0 || on_exception || model.recorded(now);
            prop_assert!(fine, "personal parts without consent to record: {record:?}");
        }
    }
    Ok(sent)
}

#[test]
fn b7_no_sequence_of_commands_sends_what_no_ground_covers() {
    let worlds = prop_oneof![Just(AgeGroup::Adult), Just(AgeGroup::Unknown)];
    let documented = proptest::bool::weighted(0.9);
    let sequences = proptest::collection::vec(steps(), 1..60);
    let sent = Cell::new(0);
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&(worlds, documented, sequences), |(age, full, steps)| {
        let mut world = if full {
            World::with_case(age, Sensitivity::Standard)
        } else {
            World::undocumented()
        };
        sent.set(sent.get() + play(&mut world, &steps)?);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    assert!(
        sent.get() > 50,
        "the property was put to use: {}",
        sent.get()
    );
}

#[test]
fn b7_the_model_tells_cover_from_no_cover() {
    let mut world = World::adult();
    let referral = world.reviewed(&[DataCategory::Needs]);
    let mut model = Model::default();
    let what = (CLINIC, [DataCategory::Needs].into(), GroundId([1; 16]));
    model.referrals.insert(referral, what);
    assert!(!model.may_go(referral, START.0));
    let allowed = Allowed {
        pairs: pairs(&scope(CLINIC, &[DataCategory::Needs])),
        leaving: BTreeSet::new(),
        records: false,
        by_child: true,
        alive: true,
        until: u64::MAX,
    };
    model.consents.insert(ConsentId([2; 16]), allowed.clone());
    assert!(model.may_go(referral, START.0));
    model.minor = true;
    assert!(!model.may_go(referral, START.0));
    let by_adult = Allowed {
        by_child: false,
        ..allowed
    };
    model.consents.insert(ConsentId([3; 16]), by_adult);
    assert!(model.may_go(referral, START.0));
}
