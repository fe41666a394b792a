//! What services cost, from the wire and onto it: amounts as people write them, never floats.

use ledger::clock::Day;
use ledger::domain::case::Referral;
use ledger::domain::codes::FeePayer;
use ledger::domain::directory::Service;
use ledger::domain::fees::{Currency, FeeOption, Money, changed};
use ledger::limits::SERVICE_FEES_MAX;
use ledger::refusal::{Refusal, Refused};
use proto::common::v1 as wire;
use proto::tracking::v1::ReferralFees;

use super::Checked;
use super::codes::{Code, code};
use super::field::malformed;
use super::service::text;
use super::time::{day, day_to_wire};

/// The prices of a service.
pub fn options(from: &[wire::FeeOption], field: &str) -> Checked<Vec<FeeOption>> {
    if from.len() > SERVICE_FEES_MAX {
        return Err(Refused::about(Refusal::TooLarge, field));
    }
    let numbered = from.iter().enumerate();
    numbered
        .map(|(place, one)| option(one, &format!("{field}[{place}]")))
        .collect()
}

fn option(from: &wire::FeeOption, field: &str) -> Checked<FeeOption> {
    let on = |text: &Option<String>, name: &str| {
        let text = text.as_deref();
        text.map(|text| day(text, &format!("{field}.{name}")))
            .transpose()
    };
    Ok(FeeOption {
        payer: code::<FeePayer>(from.payer, &format!("{field}.payer"))?,
        option: text(from.option.clone(), &format!("{field}.option"))?,
        amount: from
            .price
            .as_ref()
            .map(|price| money(price, &format!("{field}.price")))
            .transpose()?,
        amount_description: text(
            from.amount_description.clone(),
            &format!("{field}.amount_description"),
        )?,
        valid_from: on(&from.valid_from, "valid_from")?,
        valid_to: on(&from.valid_to, "valid_to")?,
    })
}

fn money(from: &wire::Money, field: &str) -> Checked<Money> {
    let currency = Currency::of(&from.currency);
    let currency = currency.ok_or_else(|| malformed(&format!("{field}.currency")))?;
    let money = Money::written(&from.amount, currency);
    money.ok_or_else(|| malformed(&format!("{field}.amount")))
}

/// Bytes of the texts of prices.
pub fn texts_bytes(fees: &[FeeOption]) -> usize {
    fees.iter().map(FeeOption::texts_bytes).sum()
}

/// The prices of a service.
pub fn options_to_wire(fees: &[FeeOption]) -> Vec<wire::FeeOption> {
    fees.iter().map(option_to_wire).collect()
}

fn option_to_wire(one: &FeeOption) -> wire::FeeOption {
    wire::FeeOption {
        payer: one.payer.number(),
        option: one.option.0.clone(),
        price: one.amount.map(money_to_wire),
        amount_description: one.amount_description.0.clone(),
        valid_from: one.valid_from.map(day_to_wire),
        valid_to: one.valid_to.map(day_to_wire),
    }
}

/// An amount.
pub fn money_to_wire(money: Money) -> wire::Money {
    wire::Money {
        amount: money.amount(),
        currency: money.currency.to_string(),
    }
}

/// What a referral's service costs, and what of it the person was told.
pub fn of_referral(service: &Service, referral: &Referral, today: Day) -> ReferralFees {
    let holding = service.fees.iter().filter(|one| one.holds_on(today));
    let told = referral.fees_told.as_deref().unwrap_or_default();
    let asked = service.asks_of_person(today);
    let unsent = referral.state.is_unsent();
    let to_tell = if unsent && !asked.is_empty() {
        changed(told, &asked)
    } else {
        Vec::new()
    };
    ReferralFees {
        today: holding.map(option_to_wire).collect(),
        words: service.entry.fees.0.clone(),
        version: service.fees_version,
        told: options_to_wire(told),
        to_tell: options_to_wire(&to_tell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(payer: FeePayer, amount: &str, currency: &str) -> wire::FeeOption {
        wire::FeeOption {
            payer: payer.number(),
            price: Some(wire::Money {
                amount: amount.to_owned(),
                currency: currency.to_owned(),
            }),
            ..wire::FeeOption::default()
        }
    }

    #[test]
    fn d4_a_price_that_is_not_one_is_malformed_where_it_is() {
        let person = FeePayer::Person;
        let read = options(&[said(person, "2.5", "JOD")], "f").expect("a price");
        assert_eq!(options_to_wire(&read), [said(person, "2.500", "JOD")]);
        let nobody = wire::FeeOption::default();
        let backwards = wire::FeeOption {
            valid_to: Some("2026-02-30".to_owned()),
            ..said(person, "1", "JOD")
        };
        for (wrong, field) in [
            (said(person, "2.5", "JO"), "f[1].price.currency"),
            (said(person, "2.5", "jod"), "f[1].price.currency"),
            (said(person, "2.5", "XTS"), "f[1].price.currency"),
            (said(person, "2.5", ""), "f[1].price.currency"),
            (said(person, "2.5001", "JOD"), "f[1].price.amount"),
            (said(person, "-2", "JOD"), "f[1].price.amount"),
            (said(person, "1000000000000", "JOD"), "f[1].price.amount"),
            (said(person, "", "JOD"), "f[1].price.amount"),
            (nobody, "f[1].payer"),
            (backwards, "f[1].valid_to"),
        ] {
            let refused = options(&[said(person, "1", "JOD"), wrong], "f").expect_err(field);
            assert_eq!(refused, Refused::about(Refusal::Malformed, field));
        }
        let many = vec![said(person, "1", "JOD"); SERVICE_FEES_MAX + 1];
        let refused = options(&many, "f").expect_err("too many");
        assert_eq!(refused.refusal, Refusal::TooLarge);
    }
}
