//! What organisations pay for referrals that they sent, by service and quarter (MISSION D4: "fees
//! and billing").
//!
//! - A price is the service's own data of the day on which a referral was sent; what was changed
//!   later changes nothing. Amounts of two currencies are never added.
//! - Rows are of referrals, never of persons. Of a case whose record ended nothing is left here, as
//!   in every view.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a fold names the events that concern it and passes all others by"
)]

use std::collections::BTreeMap;

use ledger::clock::Day;
use ledger::domain::codes::FeePayer;
use ledger::domain::event::{Event, Record};
use ledger::domain::fees::{Currency, FeeOption, Money, payable};
use ledger::domain::ids::{CaseId, OrganisationId, ReferralId, ServiceId};
use ledger::domain::mechanism::Member;
use ledger::domain::stream::StreamId;
use serde::{Deserialize, Serialize};

use crate::projection::{Projection, moment};

/// Referrals that were drafted, and what is needed to say what they cost their sender.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Billing {
    prices: BTreeMap<ServiceId, Vec<FeeOption>>,
    members: BTreeMap<OrganisationId, Member>,
    senders: BTreeMap<CaseId, OrganisationId>,
    referrals: BTreeMap<ReferralId, Billed>,
}

/// A referral and what it costs its sender.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Billed {
    case: CaseId,
    sender: OrganisationId,
    recipient: OrganisationId,
    service: ServiceId,
    sent: Option<Day>,
    accepted: Option<Day>,
    completed: Option<Day>,
    price: Price,
    agreed: bool,
}

/// What the sender pays for one referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Price {
    /// Nothing, as far as is known.
    Nothing,
    /// One amount.
    Of(Money),
    /// Something that is not one amount: several prices, or words.
    NotOneAmount,
}

/// Which bills are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Quarter {
    /// Of which sender.
    pub sender: OrganisationId,
    /// Its first day.
    pub from: Day,
    /// The day behind its last.
    pub until: Day,
}

/// What was sent to a service in a quarter, and what the sender pays for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Referrals sent in the quarter.
    pub sent: u64,
    /// Those accepted in it, whenever they were sent.
    pub accepted: u64,
    /// Those completed in it.
    pub completed: u64,
    /// What those accepted cost, by currency.
    pub fees: BTreeMap<Currency, u64>,
    /// Of how many the sum is, by currency.
    pub priced: BTreeMap<Currency, u64>,
    /// Those accepted that cost something that is not one amount.
    pub without_amount: u64,
    /// Those accepted that cost something without an agreement on fees on the day of sending.
    pub without_agreement: u64,
}

impl Quarter {
    /// The quarter of a calendar year that begins on a day; none if none does.
    pub fn beginning(sender: OrganisationId, from: Day) -> Option<Self> {
        let begins = from.begins_month() && from.month().is_multiple_of(3);
        let until = from.start().plus_months(3).day();
        begins.then_some(Self {
            sender,
            from,
            until,
        })
    }

    fn has(&self, day: Option<Day>) -> bool {
        day.is_some_and(|day| self.from <= day && day < self.until)
    }
}

impl Bill {
    /// Whether a number of it, or of those that a sum of it is of, is so small that all of it is
    /// kept back: some, but fewer than this.
    pub fn is_small(&self, limit: u64) -> bool {
        let priced = self.priced.values().sum::<u64>();
        let told = [
            self.sent,
            self.accepted,
            self.completed,
            self.without_amount,
            self.without_agreement,
            self.accepted.saturating_sub(priced + self.without_amount),
        ];
        let mut told = told.iter().chain(self.priced.values());
        told.any(|number| (1..limit).contains(number))
    }

    fn count(&mut self, quarter: &Quarter, row: &Billed) {
        let add = |to: &mut u64, is: bool| *to = to.saturating_add(u64::from(is));
        let accepted = quarter.has(row.accepted);
        add(&mut self.sent, quarter.has(row.sent));
        add(&mut self.accepted, accepted);
        add(&mut self.completed, quarter.has(row.completed));
        if !accepted {
            return;
        }
        match row.price {
            Price::Nothing => return,
            // Amounts are bounded far below what so many referrals could bring to an overflow.
            Price::Of(money) => {
                let sum = self.fees.entry(money.currency).or_default();
                *sum = sum.saturating_add(money.minor);
                *self.priced.entry(money.currency).or_default() += 1;
            }
            Price::NotOneAmount => add(&mut self.without_amount, true),
        }
        add(&mut self.without_agreement, !row.agreed);
    }
}

impl Billing {
    /// Bills of a quarter by recipient and service, of cases that may be counted.
    pub fn of(
        &self,
        quarter: &Quarter,
        counts: impl Fn(CaseId) -> bool,
    ) -> BTreeMap<(OrganisationId, ServiceId), Bill> {
        let mut bills: BTreeMap<_, Bill> = BTreeMap::new();
        let theirs = self.referrals.values();
        let theirs = theirs.filter(|row| row.sender == quarter.sender && counts(row.case));
        for row in theirs {
            let days = [row.sent, row.accepted, row.completed];
            if days.into_iter().any(|day| quarter.has(day)) {
                let bill = bills.entry((row.recipient, row.service)).or_default();
                bill.count(quarter, row);
            }
        }
        bills
    }

    /// What a sender pays for somebody referred to a service on a day, and whether that is agreed.
    fn price(&self, row: (OrganisationId, OrganisationId, ServiceId), day: Day) -> (Price, bool) {
        let (sender, recipient, service) = row;
        let member = self.members.get(&recipient);
        let agreed = member.is_some_and(|it| it.agreed_on_fees(sender, service, day));
        let all = self.prices.get(&service).map_or(&[][..], Vec::as_slice);
        let theirs = payable(all, FeePayer::SendingOrganisation, day);
        let price = match theirs.as_slice() {
            [] => Price::Nothing,
            // What stands beside an amount may make it another one: so much for each hour, say.
            [one] => (one.amount)
                .filter(|it| it.minor > 0 && one.amount_description.0.is_empty())
                .map_or(Price::NotOneAmount, Price::Of),
            [_, _, ..] => Price::NotOneAmount,
        };
        (price, agreed)
    }

    fn fold_case(&mut self, case: CaseId, record: &Record) {
        let today = moment(record.recorded).day();
        match &record.event {
            Event::CaseOpened(it) => {
                self.senders.insert(case, it.organisation);
            }
            Event::ReferralDrafted(it) => {
                let Some(sender) = self.senders.get(&case).copied() else {
                    return;
                };
                let drafted = Billed {
                    case,
                    sender,
                    recipient: it.recipient,
                    service: it.service,
                    sent: None,
                    accepted: None,
                    completed: None,
                    price: Price::Nothing,
                    agreed: false,
                };
                self.referrals.insert(it.referral, drafted);
            }
            Event::ReferralSent(it) => {
                let row = self.referrals.get(&it.referral);
                let Some(row) = row.map(|row| (row.sender, row.recipient, row.service)) else {
                    return;
                };
                // What is within the house is billed to nobody.
                let (price, agreed) = if row.0 == row.1 {
                    (Price::Nothing, false)
                } else {
                    self.price(row, today)
                };
                self.change(it.referral, |row| {
                    row.sent = Some(today);
                    (row.price, row.agreed) = (price, agreed);
                });
            }
            Event::ReferralAccepted(it) => {
                self.change(it.referral, |row| row.accepted = Some(today));
            }
            Event::ReferralCompleted(it) => {
                self.change(it.referral, |row| row.completed = Some(today));
            }
            _ => {}
        }
    }

    fn change(&mut self, referral: ReferralId, change: impl FnOnce(&mut Billed)) {
        if let Some(row) = self.referrals.get_mut(&referral) {
            change(row);
        }
    }
}

impl Projection for Billing {
    const NAME: &'static str = "billing";
    const VERSION: u32 = 1;

    fn apply(&mut self, _position: u64, record: &Record) {
        match record.stream {
            StreamId::Service(id) => {
                if let Event::ServiceFeesSet(it) = &record.event {
                    self.prices.insert(id, it.fees.clone());
                }
            }
            StreamId::Member(id) => match self.members.get_mut(&id) {
                Some(member) => member.apply(record),
                None => self
                    .members
                    .extend(Member::recorded(record).map(|it| (id, it))),
            },
            StreamId::Case(case) => self.fold_case(case, record),
            StreamId::Ledger
            | StreamId::Staff(_)
            | StreamId::Complaint(_)
            | StreamId::Breach(_)
            | StreamId::Incoming(_)
            | StreamId::Link(_)
            | StreamId::Pathway(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
