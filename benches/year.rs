//! Months of an organisation's work, played through the real API of a ledger whose clock is set:
//! people arrive, agree or do not, are referred, answered, helped or not, and take back what they
//! agreed to.
//!
//! - One worker does everything, call by call over a socket, so what the ledger refuses does not
//!   happen. Only what the ledger does of itself (destroying what is due) is asked of it directly.
//! - The same seed plays the same; ids that the ledger makes stay random.

mod calls;
mod services;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gateway::wire::codes::Code;
use ledger::clock::{Clock, DAY_MS, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::ids::RequestId;
use proto::common::v1 as common;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{OpenCaseRequest, RefuseRecordRequest};
use proto::protection::v1::{ShredWish, WithdrawConsentRequest};
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::referral::v1::*;

use self::calls::{agreed, everything, withdraw_consent};
use self::services::{Listed, invented, listed};
use crate::desk::Desk;
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

/// How much is played.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// How many people arrive, one after the other.
    pub people: u64,
    /// When the first of them does.
    pub first: Timestamp,
    /// Within how many days the last of them does.
    pub days: u64,
    /// A file of services to refer to (HSDS); without one, five invented ones.
    pub directory: Option<&'a Path>,
}

/// What was played, and the ledger that holds it.
pub struct Year {
    /// The ledger.
    pub world: World,
    /// Its clock, where the play ended.
    pub clock: Arc<SetClock>,
    /// Where the work was done, and what was refused there.
    pub desk: Desk,
    services: Vec<Listed>,
    /// What is still to come, by its moment.
    plan: BTreeMap<(u64, u64), Deed>,
    planned: u64,
}

/// Something that somebody does at its time.
enum Deed {
    Arrive,
    Refer(String, String),
    Receive(String, String),
    Decide(String, String),
    End(String, String),
    Recall(String, String),
    AnswerRecall(String, String),
    Narrow(String, String, String),
    Withdraw(String),
    Destroy(String),
    Ask(String, String),
    Answer(String, String),
    DecideIncoming(String),
    AnswerIncoming(String),
}

impl Year {
    /// Plays until a year after the first arrival, or until nothing is left to do.
    pub fn played(span: &Span<'_>) -> Self {
        let clock = Arc::new(SetClock(AtomicU64::new(span.first.0)));
        let mut world = World::make_by(Place::Disk, 0, clock.clone());
        let services = match span.directory {
            Some(file) => listed(&mut world, file),
            None => invented(&mut world),
        };
        let token = world.token_of_worker();
        let desk = Desk::at(world.ledger.clone(), token);
        let mut year = Self {
            world,
            clock,
            desk,
            services,
            plan: BTreeMap::new(),
            planned: 0,
        };
        for person in 0..span.people {
            year.later(
                person * span.days * DAY_MS / span.people.max(1),
                Deed::Arrive,
            );
        }
        let end = span.first.plus_ms(365 * DAY_MS).0;
        while let Some(((at, _), deed)) = year.plan.pop_first() {
            if at >= end {
                break;
            }
            year.clock.0.store(at, Ordering::SeqCst);
            year.play(deed);
        }
        year
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

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let many = u64::try_from(all.len()).unwrap_or(1).max(1);
        let place = usize::try_from(self.world.corpus.number() % many).ok()?;
        all.get(place)
    }

    /// Any code of a vocabulary, as it stands on the wire.
    fn any<C: Code>(&mut self) -> i32 {
        self.one_of(C::CODES).map_or(0, |code| code.number())
    }

    /// A fresh name for a command.
    fn meta(&mut self) -> Option<common::CommandMeta> {
        Some(common::CommandMeta {
            request_id: RequestId::fresh(&mut self.world.corpus).to_string(),
            ..common::CommandMeta::default()
        })
    }

    fn play(&mut self, deed: Deed) {
        match deed {
            Deed::Arrive => self.arrive(),
            Deed::Refer(case, client) => self.refer(case, client),
            Deed::Receive(case, referral) => self.receive(case, referral),
            Deed::Decide(case, referral) => self.decide(case, referral),
            Deed::End(case, referral) => self.end(case, referral),
            Deed::Recall(case, referral) => self.recall(case, referral),
            Deed::AnswerRecall(case, referral) => self.answer_recall(case, referral),
            Deed::Narrow(case, person, consent) => {
                let statistics = common::Scope {
                    purposes: vec![Purpose::Statistics.number()],
                    ..common::Scope::default()
                };
                let narrowed = WithdrawConsentRequest {
                    meta: self.meta(),
                    case_id: case,
                    person_id: Some(person),
                    consent_id: Some(consent),
                    part: Some(statistics),
                    shred: ShredWish::AfterPeriod.into(),
                };
                let _ = self.desk.ask(narrowed, withdraw_consent);
            }
            Deed::DecideIncoming(incoming) => self.decide_incoming(incoming),
            Deed::AnswerIncoming(incoming) => self.answer_incoming(incoming),
            Deed::Withdraw(case) => self.withdraw(case),
            Deed::Destroy(case) => self.destroy(&case),
            Deed::Ask(case, referral) => {
                self.notice(&case, &referral, NoticeState::Sent, None);
                if self.chance(60) {
                    let after = self.hours(100);
                    self.later(after, Deed::Answer(case, referral));
                }
            }
            Deed::Answer(case, referral) => {
                let outcome = Some(NoticeOutcome::Destroyed);
                self.notice(&case, &referral, NoticeState::Confirmed, outcome);
            }
        }
    }

    fn arrive(&mut self) {
        if self.chance(20) {
            self.note_unmet_need();
        }
        if self.chance(30) {
            self.come_in();
        }
        if self.chance(12) {
            let refused = RefuseRecordRequest {
                meta: self.meta(),
                ..RefuseRecordRequest::default()
            };
            let _ = self.desk.ask(refused, |channel, it| async move {
                IntakeServiceClient::new(channel).refuse_record(it).await
            });
            return;
        }
        let restricted = self.chance(8);
        let sensitivity = if restricted {
            Sensitivity::Restricted
        } else {
            Sensitivity::Standard
        };
        let open = OpenCaseRequest {
            meta: self.meta(),
            identity: Some(self.identity()),
            age_group: AgeGroup::Adult.number(),
            sensitivity: sensitivity.number(),
            consent: Some(agreed()),
            categories: everything(),
        };
        let opened = self.desk.ask(open, |channel, it| async move {
            IntakeServiceClient::new(channel).open_case(it).await
        });
        let Some(opened) = opened else {
            return;
        };
        let case = opened.case_id;
        let after = self.hours(48);
        self.later(after, Deed::Refer(case.clone(), opened.client_person_id));
        if self.chance(14) {
            let after = self.hours(1_500);
            self.later(after, Deed::Withdraw(case));
        }
    }

    fn refer(&mut self, case: String, client: String) {
        let services = std::mem::take(&mut self.services);
        let chosen = self.one_of(&services).cloned();
        self.services = services;
        let Some(chosen) = chosen else {
            return;
        };
        let consent = self.consent(&case, &client, &chosen);
        let draft = DraftReferralRequest {
            meta: self.meta(),
            case_id: case.clone(),
            service_id: chosen.service,
            urgency: self.any::<Urgency>(),
            items: vec![common::Item {
                category: chosen.category,
                text: self.world.corpus.prose(40).reveal().to_owned(),
            }],
            ..DraftReferralRequest::default()
        };
        let drafted = self.desk.ask(draft, |channel, it| async move {
            ReferralServiceClient::new(channel).draft_referral(it).await
        });
        let (Some(consent), Some(drafted)) = (consent, drafted) else {
            return;
        };
        let referral = drafted.referral_id;
        self.send(&case, &referral);
        let after = self.hours(150);
        if self.chance(85) {
            self.later(after, Deed::Receive(case.clone(), referral));
        } else if self.chance(30) {
            self.later(after, Deed::Recall(case.clone(), referral));
        }
        if self.chance(7) {
            let after = self.hours(700);
            self.later(after, Deed::Narrow(case, client, consent));
        }
    }

    fn receive(&mut self, case: String, referral: String) {
        let receive = ReceiveReferralRequest {
            meta: self.meta(),
            case_id: Some(case.clone()),
            referral_id: referral.clone(),
        };
        let received = self.desk.ask(receive, |channel, it| async move {
            ReferralServiceClient::new(channel)
                .receive_referral(it)
                .await
        });
        if received.is_some() && self.chance(85) {
            let after = self.hours(300);
            self.later(after, Deed::Decide(case, referral));
        }
    }

    fn decide(&mut self, case: String, referral: String) {
        if !self.chance(70) {
            let decline = DeclineReferralRequest {
                meta: self.meta(),
                case_id: Some(case),
                referral_id: referral,
                reason: self.any::<ReferralReason>(),
            };
            let _ = self.desk.ask(decline, |channel, it| async move {
                ReferralServiceClient::new(channel)
                    .decline_referral(it)
                    .await
            });
            return;
        }
        let accept = AcceptReferralRequest {
            meta: self.meta(),
            case_id: Some(case.clone()),
            referral_id: referral.clone(),
        };
        let accepted = self.desk.ask(accept, |channel, it| async move {
            ReferralServiceClient::new(channel)
                .accept_referral(it)
                .await
        });
        if accepted.is_some() && self.chance(75) {
            let after = self.hours(900);
            self.later(after, Deed::End(case, referral));
        }
    }

    fn end(&mut self, case: String, referral: String) {
        if self.chance(80) {
            let complete = CompleteReferralRequest {
                meta: self.meta(),
                case_id: Some(case),
                referral_id: referral,
            };
            let _ = self.desk.ask(complete, |channel, it| async move {
                ReferralServiceClient::new(channel)
                    .complete_referral(it)
                    .await
            });
            return;
        }
        let fail = FailReferralRequest {
            meta: self.meta(),
            case_id: Some(case),
            referral_id: referral,
            reason: ReferralReason::NoShow.number(),
        };
        let _ = self.desk.ask(fail, |channel, it| async move {
            ReferralServiceClient::new(channel).fail_referral(it).await
        });
    }

    fn recall(&mut self, case: String, referral: String) {
        let recall = RecallReferralRequest {
            meta: self.meta(),
            case_id: Some(case.clone()),
            referral_id: referral.clone(),
            reason: ReferralReason::Other.number(),
        };
        let recalled = self.desk.ask(recall, |channel, it| async move {
            ReferralServiceClient::new(channel)
                .recall_referral(it)
                .await
        });
        if recalled.is_some() && self.chance(70) {
            let after = self.hours(100);
            self.later(after, Deed::AnswerRecall(case, referral));
        }
    }

    fn answer_recall(&mut self, case: String, referral: String) {
        let answer = AnswerRecallRequest {
            meta: self.meta(),
            case_id: Some(case),
            referral_id: referral,
            answer: self.any::<RecallAnswer>(),
        };
        let _ = self.desk.ask(answer, |channel, it| async move {
            ReferralServiceClient::new(channel).answer_recall(it).await
        });
    }

    fn withdraw(&mut self, case: String) {
        let at_once = self.chance(30);
        let shred = if at_once {
            ShredWish::AtOnce
        } else {
            ShredWish::AfterPeriod
        };
        let withdraw = WithdrawConsentRequest {
            meta: self.meta(),
            case_id: case.clone(),
            shred: shred.into(),
            ..WithdrawConsentRequest::default()
        };
        let Some(withdrawn) = self.desk.ask(withdraw, withdraw_consent) else {
            return;
        };
        // Those of them that were not sent yet have nobody to ask: the ledger refuses.
        for referral in withdrawn.stopped_referral_ids {
            if self.chance(70) {
                let after = self.hours(50);
                self.later(after, Deed::Ask(case.clone(), referral));
            }
        }
        if !at_once && self.chance(80) {
            let days = if self.chance(75) { 15 } else { 45 };
            self.later(days * DAY_MS, Deed::Destroy(case));
        }
    }
}

const HOUR_MS: u64 = 3_600_000;
