//! Months of an organisation's work, played on a ledger whose clock is set: people arrive, agree or
//! do not, are referred, answered, helped or not, and take back what they agreed to.
//!
//! - Everything goes through the real commands, so what the ledger refuses does not happen. The
//!   same seed plays the same; ids that the ledger makes stay random.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each deed looks for the one event that it is about"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::clock::{Clock, DAY_MS, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::command::{Caller, Command, ShredWish};
use ledger::domain::event::{Event, Given, NeedUnmet, PublicText, Record};
use ledger::domain::ids::{CaseId, ConsentId, OrganisationId, PersonId, ReferralId, ServiceId};
use ledger::domain::scope::Scope;
use ledger::ledger::{Answer, Rejection};

use crate::place::Place;
use crate::world::World;

/// A clock that stands until it is set.
#[derive(Debug, Default)]
pub struct SetClock(AtomicU64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// What was played, and the ledger that holds it.
pub struct Year {
    /// The ledger.
    pub world: World,
    /// Its clock, where the play ended.
    pub clock: Arc<SetClock>,
    /// What the ledger refused, by its code.
    pub refused: BTreeMap<&'static str, u32>,
    services: Vec<(ServiceId, OrganisationId)>,
    /// What is still to come, by its moment.
    plan: BTreeMap<(u64, u64), Deed>,
    planned: u64,
}

/// Something that somebody does at its time.
enum Deed {
    Arrive,
    Refer(CaseId, PersonId),
    Receive(CaseId, ReferralId),
    Decide(CaseId, ReferralId),
    End(CaseId, ReferralId),
    Recall(CaseId, ReferralId),
    Narrow(CaseId, PersonId, ConsentId),
    Withdraw(CaseId),
    Destroy(CaseId),
    Ask(CaseId, ReferralId),
    Answer(CaseId, ReferralId),
}

impl Year {
    /// So many people, who arrive one after the other within so many days of a first one.
    pub fn played(people: u64, first: Timestamp, days: u64) -> Self {
        let clock = Arc::new(SetClock(AtomicU64::new(first.0)));
        let world = World::make_by(Place::Disk, 0, clock.clone());
        let mut year = Self {
            world,
            clock,
            refused: BTreeMap::new(),
            services: Vec::new(),
            plan: BTreeMap::new(),
            planned: 0,
        };
        for (sector, area) in SERVICES {
            year.add_service(sector, area);
        }
        for person in 0..people {
            year.later(person * days * DAY_MS / people.max(1), Deed::Arrive);
        }
        while let Some(((at, _), deed)) = year.plan.pop_first() {
            year.clock.0.store(at, Ordering::SeqCst);
            year.play(deed);
        }
        year
    }

    fn add_service(&mut self, sector: &str, area: &str) {
        let service = ServiceId::fresh(&mut self.world.corpus);
        let organisation = OrganisationId::fresh(&mut self.world.corpus);
        let mut entry = self.world.corpus.service(organisation);
        entry.sectors = vec![PublicText(sector.to_owned())];
        entry.locations = vec![PublicText(area.to_owned())];
        entry.confidential = sector == "SHELTER";
        self.world.add_service(service, entry);
        self.services.push((service, organisation));
    }

    fn later(&mut self, after_ms: u64, deed: Deed) {
        self.planned += 1;
        let at = self.clock.now().0 + after_ms;
        self.plan.insert((at, self.planned), deed);
    }

    /// Between none and so many hours.
    fn hours(&mut self, most: u64) -> u64 {
        (self.world.corpus.number() % most) * HOUR_MS + self.world.corpus.number() % HOUR_MS
    }

    /// Whether it happens, so many times in a hundred.
    fn chance(&mut self, percent: u64) -> bool {
        self.world.corpus.number() % 100 < percent
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let many = u64::try_from(all.len()).unwrap_or(1).max(1);
        let place = usize::try_from(self.world.corpus.number() % many).ok()?;
        all.get(place).copied()
    }

    /// Does it; nothing if the ledger refuses.
    fn ask(&mut self, command: Command) -> Option<Answer> {
        let request = self.world.by_worker(command);
        let outcome = self.world.ledger.submit(request);
        self.told(outcome)
    }

    #[expect(clippy::panic, reason = "a ledger that fails has nothing to show")]
    fn told(&mut self, outcome: Result<Answer, Rejection>) -> Option<Answer> {
        match outcome {
            Ok(answer) => Some(answer),
            Err(Rejection::Refused(refused)) => {
                *self.refused.entry(refused.refusal.code()).or_default() += 1;
                None
            }
            Err(Rejection::Fault(fault)) => panic!("the ledger failed: {fault}"),
        }
    }

    fn play(&mut self, deed: Deed) {
        match deed {
            Deed::Arrive => self.arrive(),
            Deed::Refer(case, client) => self.refer(case, client),
            Deed::Receive(case, referral) => {
                let received = self.ask(Command::ReceiveReferral { case, referral });
                if received.is_some() && self.chance(85) {
                    let after = self.hours(300);
                    self.later(after, Deed::Decide(case, referral));
                }
            }
            Deed::Decide(case, referral) => self.decide(case, referral),
            Deed::End(case, referral) => {
                if self.chance(80) {
                    self.ask(Command::CompleteReferral { case, referral });
                } else {
                    let reason = ReferralReason::NoShow;
                    self.ask(Command::FailReferral {
                        case,
                        referral,
                        reason,
                    });
                }
            }
            Deed::Recall(case, referral) => {
                let reason = ReferralReason::Other;
                self.ask(Command::RecallReferral {
                    case,
                    referral,
                    reason,
                });
            }
            Deed::Narrow(case, person, consent) => {
                let part = Scope {
                    purposes: [Purpose::Statistics].into(),
                    ..Scope::default()
                };
                self.ask(withdrawal(case, Some(person), Some(consent), Some(part)));
            }
            Deed::Withdraw(case) => self.withdraw(case),
            Deed::Destroy(case) => {
                let request = self.world.by(Caller::System, Command::ShredDue { case });
                let outcome = self.world.ledger.submit(request);
                self.told(outcome);
            }
            Deed::Ask(case, referral) => {
                self.notice(case, referral, NoticeState::Sent, None);
                if self.chance(60) {
                    let after = self.hours(100);
                    self.later(after, Deed::Answer(case, referral));
                }
            }
            Deed::Answer(case, referral) => {
                let outcome = Some(NoticeOutcome::Destroyed);
                self.notice(case, referral, NoticeState::Confirmed, outcome);
            }
        }
    }

    fn arrive(&mut self) {
        if self.chance(20) {
            let need = self.one_of(Need::ALL).unwrap_or(Need::Other);
            let area = self.one_of(&AREAS).unwrap_or_default();
            let age_group = self.one_of(AgeGroup::ALL);
            let unmet = NeedUnmet {
                need,
                area: area.map(|area| PublicText(area.to_owned())),
                age_group: age_group.filter(|_| area != Some("LB1")),
            };
            self.ask(Command::NoteUnmetNeed { unmet });
        }
        if self.chance(12) {
            self.ask(Command::RefuseRecord { reason: None });
            return;
        }
        let mut open = self.world.corpus.open_case();
        if let Command::OpenCase { sensitivity, .. } = &mut open
            && self.chance(8)
        {
            *sensitivity = Sensitivity::Restricted;
        }
        let opened = self.ask(open).and_then(|answer| {
            found(&answer, |record| match &record.event {
                Event::CaseOpened(opened) => Some((opened.case, opened.client)),
                _ => None,
            })
        });
        let Some((case, client)) = opened else {
            return;
        };
        let after = self.hours(48);
        self.later(after, Deed::Refer(case, client));
        if self.chance(14) {
            let after = self.hours(1_500);
            self.later(after, Deed::Withdraw(case));
        }
    }

    fn refer(&mut self, case: CaseId, client: PersonId) {
        let services = self.services.clone();
        let Some((service, recipient)) = self.one_of(&services) else {
            return;
        };
        let mut give = self.world.corpus.give_consent(case, client, recipient);
        if let Command::GiveConsent { scope, .. } = &mut give
            && self.chance(85)
        {
            scope.purposes.insert(Purpose::Statistics);
        }
        let given = self.ask(give).and_then(|answer| {
            found(&answer, |record| match &record.event {
                Event::ConsentGiven(given) => Some(given.consent),
                _ => None,
            })
        });
        let mut draft = self.world.corpus.draft(case, service, 40);
        if let Command::DraftReferral { urgency, .. } = &mut draft {
            *urgency = self.one_of(Urgency::ALL).unwrap_or(Urgency::Routine);
        }
        let drafted = self.ask(draft).and_then(|answer| {
            found(&answer, |record| match &record.event {
                Event::ReferralDrafted(drafted) => Some(drafted.referral),
                _ => None,
            })
        });
        let (Some(consent), Some(referral)) = (given, drafted) else {
            return;
        };
        self.ask(Command::ReviewReferral {
            case,
            referral,
            read_back: true,
            copy_given: false,
        });
        let channel = Channel::Portal;
        self.ask(Command::SendReferral {
            case,
            referral,
            channel,
            follow_up: None,
        });
        let after = self.hours(150);
        if self.chance(85) {
            self.later(after, Deed::Receive(case, referral));
        } else if self.chance(30) {
            self.later(after, Deed::Recall(case, referral));
        }
        if self.chance(7) {
            let after = self.hours(700);
            self.later(after, Deed::Narrow(case, client, consent));
        }
    }

    fn decide(&mut self, case: CaseId, referral: ReferralId) {
        if self.chance(70) {
            let accepted = self.ask(Command::AcceptReferral { case, referral });
            if accepted.is_some() && self.chance(75) {
                let after = self.hours(900);
                self.later(after, Deed::End(case, referral));
            }
        } else {
            let reason = self.one_of(ReferralReason::ALL);
            self.ask(Command::DeclineReferral {
                case,
                referral,
                reason: reason.unwrap_or(ReferralReason::Other),
            });
        }
    }

    fn withdraw(&mut self, case: CaseId) {
        let at_once = self.chance(30);
        let mut command = withdrawal(case, None, None, None);
        if let Command::WithdrawConsent { shred, .. } = &mut command
            && at_once
        {
            *shred = ShredWish::AtOnce;
        }
        let Some(answer) = self.ask(command) else {
            return;
        };
        for entry in &answer.entries {
            if let Event::ReferralStopped(it) = &entry.record.event
                && it.recipient_asked
                && self.chance(70)
            {
                let after = self.hours(50);
                self.later(after, Deed::Ask(case, it.referral));
            }
        }
        if !at_once && self.chance(80) {
            let days = if self.chance(75) { 15 } else { 45 };
            self.later(days * DAY_MS, Deed::Destroy(case));
        }
    }

    fn notice(
        &mut self,
        case: CaseId,
        referral: ReferralId,
        state: NoticeState,
        outcome: Option<NoticeOutcome>,
    ) {
        self.ask(Command::RecordNotice {
            case,
            given: Given::Referral(referral),
            state,
            outcome,
            channel: Channel::Phone,
        });
    }
}

/// After the period that is configured.
fn withdrawal(
    case: CaseId,
    person: Option<PersonId>,
    consent: Option<ConsentId>,
    part: Option<Scope>,
) -> Command {
    Command::WithdrawConsent {
        case,
        person,
        consent,
        part,
        shred: ShredWish::AfterPeriod,
    }
}

fn found<T>(answer: &Answer, pick: impl Fn(&Record) -> Option<T>) -> Option<T> {
    answer.entries.iter().find_map(|entry| pick(&entry.record))
}

const HOUR_MS: u64 = 3_600_000;
const SERVICES: [(&str, &str); 5] = [
    ("HEALTH", "Irbid"),
    ("HEALTH", "Zarqa"),
    ("PROTECTION", "Irbid"),
    ("EDUCATION", "Amman"),
    ("SHELTER", "Nowhere that is told"),
];
const AREAS: [Option<&str>; 4] = [Some("JO21"), Some("JO13"), Some("LB1"), None];
