//! Bills of quarters: what falls on the sender, and what is kept back.

use std::collections::BTreeSet;

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::*;
use ledger::domain::ids::*;
use ledger::domain::mechanism::{Agreement, Membership};

use super::*;

const HOME: OrganisationId = OrganisationId([1; 16]);
const CLINIC: OrganisationId = OrganisationId([2; 16]);
const SERVICE: ServiceId = ServiceId([3; 16]);
const CASE: CaseId = CaseId([4; 16]);
/// The first of October 2026.
const FIRST: u32 = 20_727;

#[derive(Default)]
struct World {
    billing: Billing,
    referrals: u8,
}

impl World {
    fn new() -> Self {
        let mut world = Self::default();
        world.fold(StreamId::Case(CASE), FIRST, opened(HOME));
        world
    }

    fn fold(&mut self, stream: StreamId, day: u32, event: impl Into<Event>) {
        let record = Record {
            stream,
            version: 1,
            recorded: Recorded::At(Day(day).start()),
            occurred: None,
            actor: Actor::Nobody,
            leaves: Vec::new(),
            event: event.into(),
        };
        self.billing.apply(0, &record);
    }

    fn costs(&mut self, day: u32, fees: Vec<FeeOption>) {
        self.fold(StreamId::Service(SERVICE), day, ServiceFeesSet { fees });
    }

    fn sent(&mut self, day: u32) -> ReferralId {
        self.referrals += 1;
        let referral = ReferralId([self.referrals; 16]);
        let case = StreamId::Case(CASE);
        let drafted = ReferralDrafted {
            referral,
            service: SERVICE,
            recipient: CLINIC,
            categories: BTreeSet::new(),
            urgency: Urgency::Routine,
            ground: GroundId([5; 16]),
            follows: None,
        };
        self.fold(case, day, drafted);
        let sent = ReferralSent {
            referral,
            channel: Channel::Portal,
            basis: Vec::new(),
            reference: OutwardReference([6; 16]),
            acknowledge_by: Timestamp(0),
            complete_by: Timestamp(0),
        };
        self.fold(case, day, sent);
        referral
    }

    fn accepted(&mut self, sent: u32, day: u32) -> ReferralId {
        let referral = self.sent(sent);
        let case = StreamId::Case(CASE);
        self.fold(case, day, ReferralAccepted { referral });
        referral
    }

    fn bill(&self) -> Bill {
        let quarter = Quarter::beginning(HOME, Day(FIRST)).expect("a quarter");
        let mut bills = self.billing.of(&quarter, |_| true);
        bills.remove(&(CLINIC, SERVICE)).unwrap_or_default()
    }
}

fn opened(organisation: OrganisationId) -> CaseOpened {
    CaseOpened {
        case: CASE,
        client: PersonId([7; 16]),
        code: "11111-11111".parse().expect("a code"),
        organisation,
        age_group: AgeGroup::Adult,
        sensitivity: Sensitivity::Standard,
        documentation: Documentation::Full,
    }
}

fn price(amount: &str, code: &str) -> FeeOption {
    let currency = Currency::of(code).expect(code);
    FeeOption {
        payer: FeePayer::SendingOrganisation,
        option: PublicText::default(),
        amount: Money::written(amount, currency),
        amount_description: PublicText::default(),
        valid_from: None,
        valid_to: None,
    }
}

fn sums(bill: &Bill) -> Vec<(String, u64)> {
    let sums = bill.fees.iter();
    sums.map(|(currency, minor)| (currency.to_string(), *minor))
        .collect()
}

#[test]
fn d4_the_sender_pays_the_price_of_the_day_of_sending_for_what_was_accepted() {
    let mut world = World::new();
    world.costs(FIRST, vec![price("2.5", "JOD")]);
    world.accepted(FIRST, FIRST + 1);
    world.sent(FIRST + 1);
    world.costs(FIRST + 2, vec![price("4", "USD")]);
    let done = world.accepted(FIRST + 3, FIRST + 4);
    let case = StreamId::Case(CASE);
    world.fold(case, FIRST + 5, ReferralCompleted { referral: done });
    // What was sent before it is asked for changes for nothing that was sent.
    world.costs(FIRST + 6, Vec::new());
    let bill = world.bill();
    assert_eq!((bill.sent, bill.accepted, bill.completed), (3, 2, 1));
    // Two currencies are two sums.
    let expected = [("JOD".to_owned(), 2_500), ("USD".to_owned(), 400)];
    assert_eq!(sums(&bill), expected);
    assert_eq!((bill.without_amount, bill.without_agreement), (0, 2));
}

#[test]
fn d4_what_is_not_one_amount_is_counted_and_not_guessed() {
    let mut world = World::new();
    world.costs(FIRST, vec![price("1", "JOD"), price("2", "JOD")]);
    world.accepted(FIRST, FIRST);
    let words = FeeOption {
        amount: None,
        amount_description: PublicText("as agreed".to_owned()),
        ..price("1", "JOD")
    };
    world.costs(FIRST, vec![words]);
    world.accepted(FIRST, FIRST);
    let others = FeeOption {
        payer: FeePayer::Person,
        ..price("9", "JOD")
    };
    let over = FeeOption {
        valid_to: Some(Day(FIRST - 1)),
        ..price("9", "JOD")
    };
    world.costs(FIRST, vec![others, over]);
    world.accepted(FIRST, FIRST);
    let bill = world.bill();
    assert_eq!((bill.accepted, bill.without_amount), (3, 2));
    assert!(bill.fees.is_empty());
}

#[test]
fn d4_an_agreement_on_fees_covers_what_is_sent_while_it_holds() {
    let mut world = World::new();
    world.costs(FIRST, vec![price("1", "JOD")]);
    let member = StreamId::Member(CLINIC);
    let membership = Membership {
        name: PublicText::default(),
        roles: BTreeSet::new(),
        since: Day(FIRST),
        until: None,
        focal_point: PublicText::default(),
        focal_contact: PublicText::default(),
        conduct_signed: None,
        procedures: PublicText::default(),
    };
    world.fold(member, FIRST, MemberRecorded { membership });
    let terms = Agreement {
        kind: AgreementKind::Fees,
        parties: [HOME].into(),
        categories: BTreeSet::new(),
        services: [SERVICE].into(),
        starts: Day(FIRST + 1),
        ends: Some(Day(FIRST + 2)),
        reference: PublicText::default(),
    };
    let data = Agreement {
        kind: AgreementKind::DataSharing,
        starts: Day(FIRST),
        ends: None,
        ..terms.clone()
    };
    for (place, terms) in [(1, terms), (2, data)] {
        let agreement = AgreementId([place; 16]);
        world.fold(member, FIRST, AgreementRecorded { agreement, terms });
    }
    for day in FIRST..FIRST + 4 {
        world.accepted(day, FIRST + 5);
    }
    let bill = world.bill();
    assert_eq!((bill.accepted, bill.without_agreement), (4, 2));
}

#[test]
fn d4_a_quarter_is_one_of_the_calendar_and_holds_its_days_alone() {
    let mut world = World::new();
    world.sent(FIRST - 1);
    world.sent(FIRST);
    world.sent(FIRST + 91);
    world.sent(FIRST + 92);
    assert_eq!(world.bill().sent, 2);
    for wrong in [FIRST + 1, FIRST + 31, 0] {
        let quarter = Quarter::beginning(HOME, Day(wrong));
        assert_eq!(quarter.is_some(), wrong == 0, "{wrong}");
    }
    let quarter = Quarter::beginning(CLINIC, Day(FIRST)).expect("a quarter");
    assert!(world.billing.of(&quarter, |_| true).is_empty());
    let quarter = Quarter::beginning(HOME, Day(FIRST)).expect("a quarter");
    assert!(world.billing.of(&quarter, |_| false).is_empty());
}

#[test]
fn d4_a_bill_with_a_small_number_is_kept_back_whole() {
    let bill = |sent, accepted, completed| Bill {
        sent,
        accepted,
        completed,
        ..Bill::default()
    };
    for (small, of) in [
        (true, bill(1, 0, 0)),
        (true, bill(10, 9, 0)),
        (true, bill(12, 11, 9)),
        (false, bill(10, 10, 0)),
        (false, bill(0, 0, 0)),
    ] {
        assert_eq!(of.is_small(10), small, "{of:?}");
    }
    // Of what is not told by itself, too: one price among twelve is somebody's.
    let jod = Currency::of("JOD").expect("a currency");
    let of = |priced, without_amount, without_agreement| Bill {
        priced: BTreeMap::from([(jod, priced)]),
        without_amount,
        without_agreement,
        ..bill(12, 12, 12)
    };
    assert!(!of(12, 0, 12).is_small(10));
    for small in [of(1, 11, 0), of(11, 1, 0), of(12, 0, 1), of(11, 0, 0)] {
        assert!(small.is_small(10), "{small:?}");
    }
}

#[test]
fn d4_a_snapshot_and_the_rest_of_the_log_are_what_a_rebuild_gives() {
    let mut world = World::new();
    world.costs(FIRST, vec![price("1", "JOD")]);
    world.accepted(FIRST, FIRST);
    let kept = crate::snapshot::encode(7, &world.billing).expect("a snapshot");
    let again: Billing = crate::snapshot::decode(7, &kept).expect("the same");
    assert_eq!(again, world.billing);
    let mut tail = World {
        billing: again,
        referrals: world.referrals,
    };
    for one in [&mut world, &mut tail] {
        one.accepted(FIRST + 1, FIRST + 1);
    }
    assert_eq!(tail.billing, world.billing);
    assert_eq!(sums(&tail.bill()), [("JOD".to_owned(), 2_000)]);
}
