//! What a service costs and who pays it, as data (MISSION D4; HSDS 3.0 `cost_options`).
//!
//! - Amounts are whole numbers of the smallest unit of a currency of ISO 4217, never fractions.
//!   Amounts of two currencies are never added.
//! - Everything here is published text and codes about a service. What a person was told is the
//!   whole list of what people pay there, so that nothing tells which of it is for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::codes::AgreementKind;
use super::codes::FeePayer;
use super::directory::Service;
use super::event::{Event, PublicText, Record};
use super::ids::{CaseId, ReferralId};
use super::ids::{OrganisationId, ServiceId};
use super::mechanism::Member;
use crate::clock::Day;
use crate::limits::FEE_MINOR_MAX;

/// A currency that people pay with, by its code of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency of a code in capital letters; none that ISO 4217 does not have.
    pub fn of(code: &str) -> Option<Self> {
        let known = |list: &str| list.split(' ').any(|one| one == code);
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        (known(WHOLE) || known(HUNDREDTHS) || known(THOUSANDTHS)).then_some(Self(bytes))
    }

    /// How many decimal places its amounts are written with.
    pub fn decimals(self) -> usize {
        let code = self.to_string();
        let among = |list: &str| list.split(' ').any(|one| one == code);
        match (among(WHOLE), among(THOUSANDTHS)) {
            (true, _) => 0,
            (_, true) => 3,
            (false, false) => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    /// How many of the smallest unit: cents, fils; at most [`FEE_MINOR_MAX`].
    pub minor: u64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// An amount as people write it, `2.50`: no more decimal places than the currency has, and
    /// nothing that would have to be rounded.
    pub fn written(amount: &str, currency: Currency) -> Option<Self> {
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let dangling = amount.ends_with('.');
        if whole.is_empty() || dangling || !digits(whole) || !digits(part) {
            return None;
        }
        let decimals = currency.decimals();
        let part = part.trim_end_matches('0');
        if part.len() > decimals {
            return None;
        }
        let minor: u64 = format!("{whole}{part:0<decimals$}").parse().ok()?;
        (minor <= FEE_MINOR_MAX).then_some(Self { minor, currency })
    }

    /// The amount without its currency, as people write it.
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals();
        let digits = format!(
            "{:0>width$}",
            self.minor,
            width = decimals.saturating_add(1)
        );
        let (whole, part) = digits.split_at(digits.len().saturating_sub(decimals));
        if part.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{part}")
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

/// One of the prices of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeOption {
    /// Who pays it.
    pub payer: FeePayer,
    /// For whom or for what it is, in the organisation's words.
    pub option: PublicText,
    /// How much; none where only words say it.
    pub amount: Option<Money>,
    /// More about the amount, for example `per visit`.
    pub amount_description: PublicText,
    /// Its first day; always until now, if not said.
    pub valid_from: Option<Day>,
    /// Its last day; none without an end.
    pub valid_to: Option<Day>,
}

impl FeeOption {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|first| first <= day)
            && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Whether anything is to be paid.
    pub fn asks(&self) -> bool {
        let nothing = self.amount.is_some_and(|amount| amount.minor == 0);
        self.payer != FeePayer::Free && !(nothing && self.amount_description.0.is_empty())
    }

    /// Whether it asks the same of the same, whatever days it holds for.
    pub fn asks_as(&self, other: &Self) -> bool {
        let what = |it: &Self| (it.payer, it.amount);
        let words = |it: &Self| (it.option.clone(), it.amount_description.clone());
        what(self) == what(other) && words(self) == words(other)
    }

    /// Bytes of its texts.
    pub fn texts_bytes(&self) -> usize {
        self.option
            .0
            .len()
            .saturating_add(self.amount_description.0.len())
    }
}

/// What somebody pays of these on a day.
pub fn payable(fees: &[FeeOption], by: FeePayer, day: Day) -> Vec<FeeOption> {
    let theirs = |one: &&FeeOption| one.payer == by && one.asks() && one.holds_on(day);
    fees.iter().filter(theirs).cloned().collect()
}

/// What is asked now and was not told, and what was told and is asked no more.
pub fn changed(told: &[FeeOption], now: &[FeeOption]) -> Vec<FeeOption> {
    let lacks = |of: &[FeeOption], one: &FeeOption| !of.iter().any(|it| it.asks_as(one));
    let new = now.iter().filter(|one| lacks(told, one));
    let gone = told.iter().filter(|one| lacks(now, one));
    new.chain(gone).cloned().collect()
}

impl Service {
    /// What the person pays there on a day, as far as it is known.
    pub fn asks_of_person(&self, day: Day) -> Vec<FeeOption> {
        payable(&self.fees, FeePayer::Person, day)
    }

    /// Folds in what it costs.
    pub(super) fn apply_fees(&mut self, record: &Record) {
        if let Event::ServiceFeesSet(it) = &record.event {
            self.fees = it.fees.clone();
            self.fees_version = record.version;
        }
    }
}

impl Member {
    /// Whether an agreement on fees with a sender about a service of this member holds on a day.
    pub fn agreed_on_fees(&self, sender: OrganisationId, service: ServiceId, day: Day) -> bool {
        self.agreements.values().any(|one| {
            one.kind == AgreementKind::Fees
                && one.parties.contains(&sender)
                && (one.services.is_empty() || one.services.contains(&service))
                && one.starts <= day
                && one.ends.is_none_or(|last| day <= last)
        })
    }
}

impl Case {
    /// Folds in what a person was told to pay.
    pub(super) fn apply_fees(&mut self, record: &Record) {
        if let Event::FeesTold(it) = &record.event
            && let Some(referral) = self.referrals.get_mut(&it.referral)
        {
            referral.fees_told = Some(it.fees.clone());
            referral.changed = record.version;
        }
    }
}

/// Fields of `TellFees`.
#[derive(Clone, Serialize)]
pub struct TellingFees {
    /// In which case.
    pub case: CaseId,
    /// Of which referral.
    pub referral: ReferralId,
    /// The version of the service at which what was told was set.
    pub fees_version: u64,
}

/// Currencies without a smaller unit (ISO 4217, list one).
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Currencies of a thousand smaller units.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Currencies of a hundred. Codes of funds, metals and tests are no money that people pay with.
const HUNDREDTHS: &str = "\
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH \
USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, code: &str) -> Option<Money> {
        Money::written(amount, Currency::of(code).expect(code))
    }

    #[test]
    fn d4_an_amount_is_exact_in_the_units_of_its_currency() {
        for (amount, code, minor, again) in [
            ("2.5", "USD", 250, "2.50"),
            ("2.500", "JOD", 2_500, "2.500"),
            ("0.05", "EUR", 5, "0.05"),
            ("7", "JPY", 7, "7"),
            ("7.0", "JPY", 7, "7"),
            ("0", "USD", 0, "0.00"),
            ("0.1", "USD", 10, "0.10"),
        ] {
            let read = money(amount, code).expect(amount);
            assert_eq!(read.minor, minor, "{amount} {code}");
            assert_eq!(read.amount(), again);
            assert_eq!(money(&read.amount(), code), Some(read));
        }
        assert_eq!(
            money("2.5", "JOD").map(|it| it.to_string()).as_deref(),
            Some("2.500 JOD")
        );
    }

    #[test]
    fn d4_what_would_have_to_be_rounded_guessed_or_is_too_much_is_no_amount() {
        for (amount, code) in [
            ("2.505", "USD"),
            ("0.5", "JPY"),
            ("1e3", "USD"),
            ("-1", "USD"),
            ("+1", "USD"),
            ("", "USD"),
            (".5", "USD"),
            ("1.", "USD"),
            ("1,5", "USD"),
            ("1.2.3", "USD"),
            ("١", "USD"),
            ("10000000000.00", "USD"),
            ("99999999999999999999", "USD"),
        ] {
            assert_eq!(money(amount, code), None, "{amount} {code}");
        }
        let most = Money {
            minor: FEE_MINOR_MAX,
            currency: Currency::of("USD").expect("USD"),
        };
        assert_eq!(money(&most.amount(), "USD"), Some(most));
    }

    #[test]
    fn d4_a_currency_is_one_of_iso_4217_that_people_pay_with() {
        for code in ["JOD", "USD", "XOF"] {
            assert_eq!(Currency::of(code).expect(code).to_string(), code);
        }
        for code in [
            "", " ", "usd", "US", "USDX", "XTS", "XXX", "XAU", "ABC", "F C", "N G", "€",
        ] {
            assert_eq!(Currency::of(code), None, "{code}");
        }
    }
}
