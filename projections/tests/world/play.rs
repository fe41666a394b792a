//! Random lives: numbers become well-formed events over whatever the world holds so far.

use ledger::clock::{Day, Timestamp};
use ledger::domain::codes::*;
use ledger::domain::directory::AssessmentHow;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;

use super::{HOUR_MS, World, entry};

/// What to do, and three numbers to choose with.
pub type Op = (u8, u8, u8, u8);

/// What the world holds so far, to choose from.
#[derive(Default)]
struct Held {
    cases: Vec<CaseId>,
    consents: Vec<(CaseId, ConsentId)>,
    exceptions: Vec<(CaseId, ExceptionId)>,
    referrals: Vec<(CaseId, ReferralId)>,
    services: Vec<ServiceId>,
    staff: Vec<StaffId>,
    tokens: Vec<(StaffId, TokenId)>,
}

impl World {
    /// Plays these operations. Those that find nothing to act on do nothing.
    pub fn played(ops: &[Op]) -> Self {
        let mut world = Self::default();
        let mut held = Held::default();
        for op in ops {
            if world.play_ledger(*op, &mut held) {
                world.play_case(*op, &mut held);
            }
        }
        world
    }

    /// Events outside cases; true if the operation is about a case.
    fn play_ledger(&mut self, (kind, a, b, c): Op, held: &mut Held) -> bool {
        match kind % 32 {
            0 => {
                let services = held
                    .services
                    .iter()
                    .copied()
                    .take(usize::from(a % 3))
                    .collect();
                self.push(StreamId::Ledger, LinkGiven { services });
            }
            1 => {
                let reason = pick(RefusalReason::ALL, a).copied().filter(|_| b % 2 == 0);
                self.push(StreamId::Ledger, RecordRefused { reason });
            }
            2 => {
                let need = Need::ALL[usize::from(a) % Need::ALL.len()];
                self.push(
                    StreamId::Ledger,
                    NeedUnmet {
                        need,
                        area: None,
                        age_group: None,
                    },
                );
            }
            3 => held.staff.push(self.staff(organisation(a))),
            4 => self.play_staff((kind, a, b, c), held),
            5 => held
                .services
                .push(self.service(&format!("Service {} of Zoë", a % 5))),
            6 => self.play_service((kind, a, b, c), held),
            7 | 8 => held.cases.push(self.case(organisation(a))),
            _ => return true,
        }
        false
    }

    fn play_staff(&mut self, (_, a, b, c): Op, held: &mut Held) {
        let Some(staff) = pick(&held.staff, a).copied() else {
            return;
        };
        let stream = StreamId::Staff(staff);
        let role = Role::ALL[usize::from(c) % Role::ALL.len()];
        let organisation = organisation(c);
        match b % 8 {
            0 => self.push(stream, RoleGranted { role }),
            1 => self.push(stream, RoleRevoked { role }),
            4 => self.push(stream, RoleAsked { role, organisation }),
            5 => self.push(stream, RoleRejected { role }),
            6 => {
                let token = TokenId(self.id());
                held.tokens.push((staff, token));
                let expires = self.now.plus_ms(u64::from(c) * HOUR_MS);
                let digest = [c % 8; 32];
                self.push(
                    stream,
                    TokenAsked {
                        token,
                        digest,
                        expires,
                        organisation,
                    },
                )
            }
            7 => match pick(&held.tokens, c).copied() {
                Some((staff, token)) => self.push(StreamId::Staff(staff), TokenRejected { token }),
                None => 0,
            },
            2 => {
                let token = TokenId(self.id());
                held.tokens.push((staff, token));
                let expires = self.now.plus_ms(u64::from(c) * HOUR_MS);
                // Few digests, so that two tokens sometimes share one.
                let digest = [c % 8; 32];
                self.push(
                    stream,
                    TokenIssued {
                        token,
                        digest,
                        expires,
                    },
                )
            }
            _ => match pick(&held.tokens, c).copied() {
                Some((staff, token)) => self.push(StreamId::Staff(staff), TokenRevoked { token }),
                None => 0,
            },
        };
    }

    fn play_service(&mut self, (_, a, b, c): Op, held: &Held) {
        let Some(service) = pick(&held.services, a).copied() else {
            return;
        };
        let stream = StreamId::Service(service);
        match b % 3 {
            0 => {
                let mut entry = entry(&format!("Renamed {c}"));
                entry.confidential = c % 2 == 0;
                self.push(stream, ServiceUpdated { entry })
            }
            1 => {
                let assessment = Assessment::ALL[usize::from(c) % Assessment::ALL.len()];
                let review_on = Day(u32::from(c));
                self.push(
                    stream,
                    ServiceAssessed {
                        assessment,
                        review_on,
                        how: AssessmentHow::default(),
                    },
                )
            }
            _ => self.push(stream, ServiceRetired {}),
        };
    }

    fn play_case(&mut self, op @ (kind, a, b, c): Op, held: &mut Held) {
        let Some(case) = pick(&held.cases, a).copied() else {
            return;
        };
        let staff = StaffId([b % 4; 16]);
        match kind % 32 {
            9 | 10 => {
                let expires = Timestamp(u64::from(c) * HOUR_MS);
                let expires = Some(expires).filter(|_| b % 2 == 0);
                held.consents.push((case, self.consent(case, expires)));
            }
            11..=14 => self.play_consent(op, held),
            15 => held.exceptions.push((case, self.exception(case))),
            16 => {
                if let Some((case, exception)) = pick(&held.exceptions, b).copied() {
                    let stream = StreamId::Case(case);
                    let shred_due = Timestamp(u64::from(c) * HOUR_MS);
                    match c % 4 {
                        0 => self.push(stream, ExceptionAuthorised { exception }),
                        1 => self.push(
                            stream,
                            ExceptionRejected {
                                exception,
                                shred_due,
                            },
                        ),
                        2 => self.push(
                            stream,
                            ExceptionLapsed {
                                exception,
                                shred_due,
                            },
                        ),
                        _ => self.push(
                            stream,
                            ShredStarted {
                                rotation: RotationId(exception.0),
                                keys: vec![LeafKeyId(exception.0)],
                            },
                        ),
                    };
                }
            }
            17..=19 => held
                .referrals
                .push((case, self.draft(case, organisation(b)))),
            20 => {
                self.push(StreamId::Case(case), StaffAssigned { staff });
            }
            21 => {
                self.push(StreamId::Case(case), StaffUnassigned { staff });
            }
            _ => self.play_referral(op, held),
        }
    }

    fn exception(&mut self, case: CaseId) -> ExceptionId {
        let exception = ExceptionId(self.id());
        let event = ExceptionInvoked {
            exception,
            person: PersonId(case.0),
            kind: ExceptionKind::ImmediateRisk,
            reason: ExceptionReason::RiskToSelf,
            scope: super::scope(),
            told: true,
            authorise_by: self.now.plus_ms(4 * HOUR_MS),
            expires: self.now.plus_ms(72 * HOUR_MS),
        };
        let leaf = LeafMade {
            of: LeafOf {
                person: PersonId(case.0),
                ground: exception.into(),
                category: None,
            },
            key: LeafKeyId(exception.0),
        };
        self.push_with(StreamId::Case(case), event, vec![leaf]);
        exception
    }

    fn play_consent(&mut self, (_, a, b, c): Op, held: &Held) {
        let Some((case, consent)) = pick(&held.consents, a).copied() else {
            return;
        };
        let stream = StreamId::Case(case);
        let keys = match c % 3 {
            0 => vec![LeafKeyId(consent.0)],
            1 => vec![super::health_key(consent.into())],
            _ => vec![LeafKeyId(consent.0), super::health_key(consent.into())],
        };
        match b % 6 {
            0 => self.withdraw(case, consent, Timestamp(u64::from(c) * HOUR_MS)),
            1 => {
                let part = Scope {
                    categories: [
                        DataCategory::Health,
                        DataCategory::ALL[usize::from(c) % DataCategory::ALL.len()],
                    ]
                    .into_iter()
                    .skip(usize::from(c % 2))
                    .collect(),
                    ..Scope::default()
                };
                let event = ConsentWithdrawn {
                    consent,
                    part: Some(part),
                    shred_due: Some(Timestamp(u64::from(c) * HOUR_MS)).filter(|_| a % 3 != 0),
                };
                self.push(stream, event);
            }
            2 => drop(self.push(stream, WithdrawalUndone { consent })),
            3 => {
                let shred_due = Timestamp(u64::from(c) * HOUR_MS);
                self.push(stream, ConsentExpired { consent, shred_due });
            }
            4 => {
                let rotation = RotationId(self.id());
                self.push(stream, ShredStarted { rotation, keys });
            }
            _ => {
                let event = Shredded {
                    keys,
                    epoch: u64::from(c),
                    parts: u32::from(c),
                    found: false,
                };
                self.push(stream, event);
            }
        }
    }

    fn play_referral(&mut self, (_, _, b, c): Op, held: &Held) {
        let Some((case, referral)) = pick(&held.referrals, b).copied() else {
            return;
        };
        let stream = StreamId::Case(case);
        let reason = ReferralReason::ALL[usize::from(c) % ReferralReason::ALL.len()];
        let channel = Channel::Phone;
        let outcome = FollowUpOutcome::NoAnswer;
        match c % 12 {
            0 => drop(self.push(stream, ReferralReturned { referral, reason })),
            1 => {
                let event = ReferralReviewed {
                    referral,
                    read_back: true,
                    copy_given: false,
                };
                self.push(stream, event);
            }
            2 | 3 => self.send(case, referral),
            4 => drop(self.push(stream, ReferralReceived { referral })),
            5 => drop(self.push(stream, ReferralAccepted { referral })),
            6 => drop(self.push(stream, ReferralNotAccepted { referral, reason })),
            7 => drop(self.push(stream, ReferralCompleted { referral })),
            8 => drop(self.push(stream, ReferralNotCompleted { referral, reason })),
            9 => drop(self.push(stream, ReferralRecalled { referral, reason })),
            10 => {
                let recipient_asked = true;
                self.push(
                    stream,
                    ReferralStopped {
                        referral,
                        recipient_asked,
                    },
                );
            }
            _ => {
                let event = FollowUpRecorded {
                    person: None,
                    referral,
                    outcome,
                    channel,
                };
                self.push(stream, event);
            }
        }
    }
}

fn organisation(number: u8) -> OrganisationId {
    OrganisationId([number % 4; 16])
}

fn pick<T>(all: &[T], number: u8) -> Option<&T> {
    all.get(usize::from(number) % all.len().max(1))
}
