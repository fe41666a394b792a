//! Publications of figures as callers see them.

use ledger::domain::event::Event;
use ledger::domain::fees::{Currency, Money};
use ledger::hex::hex;
use ledger::ledger::Entry;
use projections::statistics::Published;
use proto::common::v1::Outcome;
use proto::statistics::v1::{BillingRow, GetBillingResponse, Publication, PublishFiguresResponse};

use super::answer::AnswerMessage;
use super::fees::money_to_wire;
use super::time::{day_to_wire, to_wire};
use crate::api::billing::{BillOf, Bills};

/// What was published, without the figures.
pub fn publication(of: &Published) -> Publication {
    Publication {
        first_day: day_to_wire(of.from),
        until_day: day_to_wire(of.until),
        events: of.events,
        digest: hex(&of.digest),
        position: of.position,
        published_at: Some(to_wire(of.at)),
        staff_id: of.by.map(|staff| staff.to_string()).unwrap_or_default(),
    }
}

/// What a quarter costs.
pub fn billing(bills: &Bills) -> GetBillingResponse {
    GetBillingResponse {
        first_day: day_to_wire(bills.quarter.from),
        until_day: day_to_wire(bills.quarter.until),
        limit: bills.limit,
        services: bills
            .rows
            .iter()
            .map(|row| bill(row, bills.limit))
            .collect(),
    }
}

/// A service's bill; its numbers only where none of them is small.
fn bill(row: &BillOf, limit: u64) -> BillingRow {
    let shown = Some(&row.bill).filter(|bill| !bill.is_small(limit));
    let amount = |(currency, minor): (&Currency, &u64)| {
        money_to_wire(Money {
            minor: *minor,
            currency: *currency,
        })
    };
    BillingRow {
        organisation_id: row.organisation.to_string(),
        organisation_name: row.organisation_name.clone(),
        service_id: row.service.to_string(),
        service_name: row.service_name.clone(),
        kept_back: shown.is_none(),
        sent: shown.map(|bill| bill.sent),
        accepted: shown.map(|bill| bill.accepted),
        completed: shown.map(|bill| bill.completed),
        fees: shown.map_or_else(Vec::new, |bill| bill.fees.iter().map(amount).collect()),
        without_amount: shown.map(|bill| bill.without_amount),
        without_agreement: shown.map(|bill| bill.without_agreement),
    }
}

impl AnswerMessage for PublishFiguresResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let published = entries.iter().find_map(|entry| {
            let Event::FiguresPublished(it) = &entry.record.event else {
                return None;
            };
            Some(Published::of(entry.position, &entry.record, it))
        });
        Self {
            outcome: Some(outcome),
            publication: published.as_ref().map(publication),
            figures: published.map(|it| it.figures).unwrap_or_default(),
        }
    }
}
