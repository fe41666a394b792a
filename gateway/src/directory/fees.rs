//! What services cost in HSDS 3.0: `cost_options`, and who pays in our own profile of it.
//!
//! | HSDS 3.0 | price |
//! |---|---|
//! | `option`, `amount_description`, `valid_from`, `valid_to` | the same |
//! | `amount`, `currency` | an exact amount: the digits of the file, never a float |
//! | `safe_referral.fee_payers` | `payer`, by the id of the option; else the person, or nobody
//! where the amount is nothing |

use ledger::clock::Day;
use ledger::domain::codes::FeePayer;
use ledger::domain::event::{PublicText, ServiceEntry};
use ledger::domain::fees::{Currency, FeeOption, Money};
use ledger::limits::{SERVICE_BYTES_MAX, SERVICE_FEES_MAX};
use proto::common::v1 as wire;
use serde_json::{Value, json};

use super::details::PROFILE;
use super::entry::{item, text};
use super::fields::Fields;
use super::problem::{Kind, Problem};
use crate::wire::codes::Code;
use crate::wire::{fees, time};

/// The prices of a record.
pub(super) fn read(record: Fields<'_>, entry: &ServiceEntry) -> Result<Vec<FeeOption>, Problem> {
    let mut payers = Vec::new();
    if let Some(profile) = record.object(PROFILE)? {
        for one in profile.list("fee_payers")? {
            let payer = item(one, "payer")?.unwrap_or_default();
            let payer = FeePayer::from_code(&payer);
            let payer = payer.ok_or_else(|| Problem::of(Kind::NotAWord, "fee_payers"))?;
            payers.push((item(one, "cost_option_id")?, payer));
        }
    }
    let mut found: Vec<FeeOption> = Vec::new();
    for cost in record.list("cost_options")? {
        let id = item(cost, "id")?;
        let said = payers.iter().find(|(of, _)| of.is_some() && *of == id);
        let price = price(cost, said.map(|(_, payer)| *payer))?;
        found.extend(price.filter(|price| !found.contains(price)));
    }
    if found.len() > SERVICE_FEES_MAX {
        return Err(Problem::of(Kind::TooMany, "cost_options"));
    }
    if fees::texts_bytes(&found).saturating_add(entry.texts_bytes()) > SERVICE_BYTES_MAX {
        return Err(Problem::of(Kind::RecordTooLarge, ""));
    }
    Ok(found)
}

/// One price; none where the option says nothing.
fn price(cost: Fields<'_>, payer: Option<FeePayer>) -> Result<Option<FeeOption>, Problem> {
    let option = text(cost, "option")?;
    let amount_description = text(cost, "amount_description")?;
    let currency = item(cost, "currency")?;
    let number = cost.number("amount")?;
    let is_nothing = number.as_deref().is_some_and(|digits| {
        let mut digits = digits.bytes();
        digits.all(|digit| matches!(digit, b'0' | b'.'))
    });
    let amount = match (number, currency) {
        (None, _) => None,
        (Some(_), None) if is_nothing => None,
        (Some(number), currency) => {
            let code = currency.unwrap_or_default().to_ascii_uppercase();
            let currency = Currency::of(&code);
            let currency = currency.ok_or_else(|| Problem::of(Kind::NotAWord, "currency"))?;
            let money = Money::written(&number, currency);
            Some(money.ok_or_else(|| Problem::of(Kind::WrongType, "amount"))?)
        }
    };
    let costs = amount.is_some_and(|amount| amount.minor > 0);
    let says = costs || is_nothing || !amount_description.0.is_empty();
    let none = PublicText(String::new());
    if !says && option == none && payer.is_none() {
        return Ok(None);
    }
    let free = is_nothing && amount_description.0.is_empty();
    let payer = payer.unwrap_or(if free {
        FeePayer::Free
    } else {
        FeePayer::Person
    });
    // Where only the option speaks, it says what is paid.
    let (option, amount_description) = if says || payer == FeePayer::Free {
        (option, amount_description)
    } else {
        (none, option)
    };
    Ok(Some(FeeOption {
        payer,
        option,
        amount,
        amount_description,
        valid_from: on(cost, "valid_from")?,
        valid_to: on(cost, "valid_to")?,
    }))
}

fn on(cost: Fields<'_>, field: &'static str) -> Result<Option<Day>, Problem> {
    let written = item(cost, field)?;
    let day = written.map(|written| time::day(&written, field));
    day.transpose()
        .map_err(|_| Problem::of(Kind::DateInvalid, field))
}

/// The prices as HSDS writes them, each with its id.
pub(super) fn written(options: &[wire::FeeOption], id: impl Fn(usize) -> String) -> Vec<Value> {
    let numbered = options.iter().enumerate();
    numbered
        .map(|(place, one)| {
            let price = one.price.as_ref();
            let amount = price.and_then(|price| price.amount.parse::<serde_json::Number>().ok());
            let fields = json!({
                "id": id(place),
                "option": one.option,
                "amount": amount,
                "currency": price.map(|price| &price.currency),
                "amount_description": one.amount_description,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
            });
            Value::Object(super::export::said(fields))
        })
        .collect()
}

/// Who pays each of them, as our profile says it.
pub(super) fn payers(options: &[wire::FeeOption], id: impl Fn(usize) -> String) -> Value {
    let numbered = options.iter().enumerate();
    let payer = |(place, one): (usize, &wire::FeeOption)| {
        let payer = FeePayer::wire_word(one.payer);
        json!({ "cost_option_id": id(place), "payer": payer })
    };
    numbered.map(payer).collect()
}
