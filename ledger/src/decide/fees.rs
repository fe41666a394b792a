//! What services cost: what can be said of it, and that the person knew before they were referred
//! (MISSION D4; MSR: "Will there be any fees?" is answered before consent).
//!
//! - A service of which nobody knows what it costs stops nothing: it can be asked (C11), and
//!   consent says that fees were spoken of (B2).
//! - An emergency does not wait for prices, nor does what an exception carries.

use super::Decision;
use super::context::{Context, referral_of};
use crate::domain::case::Referral;
use crate::domain::codes::{FeePayer, Urgency};
use crate::domain::directory::Service;
use crate::domain::event::FeesTold;
use crate::domain::fees::{FeeOption, TellingFees, changed};
use crate::domain::stream::StreamId;
use crate::limits::SERVICE_FEES_MAX;
use crate::refusal::{Refusal, Refused};

/// Objects to prices that cannot be meant: free with a price, a payer of nothing, days that never
/// come, the same twice.
pub(super) fn check(context: &mut Context<'_>, fees: &[FeeOption]) {
    context.object_if(
        fees.len() > SERVICE_FEES_MAX,
        Refusal::TooLarge,
        "cost_options",
    );
    for (place, one) in fees.iter().enumerate() {
        let costs = one.amount.is_some_and(|amount| amount.minor > 0);
        let says = costs || !one.amount_description.0.is_empty();
        let (field, sense) = match one.payer {
            FeePayer::Free => ("cost_options.amount", !costs),
            FeePayer::Person | FeePayer::SendingOrganisation | FeePayer::Funder => {
                ("cost_options.payer", says)
            }
        };
        context.object_if(!sense, Refusal::ItemsInvalid, field);
        let twice = fees.iter().take(place).any(|before| before == one);
        context.object_if(twice, Refusal::ItemsInvalid, "cost_options");
        let days = one.valid_from.zip(one.valid_to);
        let never = days.is_some_and(|(first, last)| last < first);
        context.object_if(never, Refusal::TimeInvalid, "cost_options.valid_to");
    }
}

/// Records that the person was told what they would pay, and wants to go there all the same.
pub(super) fn tell(context: &mut Context<'_>, it: &TellingFees) -> Result<Decision, Refused> {
    let case = context.case()?;
    let service = context.service()?;
    let referral = referral_of(&case, it.referral)?;
    let unsent = referral.state.is_unsent();
    context.object_if(!unsent, Refusal::ReferralState, referral.state.code());
    let fees = service.asks_of_person(context.now.day());
    // Whoever told them looked at what was so before.
    if it.fees_version != service.fees_version {
        context.object(Refused::about(Refusal::FeesChanged, named(&fees)));
    }
    let told = referral.fees_told.as_ref();
    if fees.is_empty() || told.is_some_and(|told| changed(told, &fees).is_empty()) {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let told = FeesTold {
        referral: it.referral,
        fees,
    };
    let event = context.event(StreamId::Case(case.id), told);
    Ok(Decision::of(vec![event]))
}

/// Objects to sending somebody where they would pay what they were not told.
pub(super) fn needs_told(context: &mut Context<'_>, service: &Service, referral: &Referral) {
    if referral.urgency == Urgency::Emergency {
        return;
    }
    let now = service.asks_of_person(context.now.day());
    if now.is_empty() {
        return;
    }
    match &referral.fees_told {
        None => context.object(Refused::about(Refusal::FeesNotTold, named(&now))),
        Some(told) => {
            let changes = changed(told, &now);
            let differ = !changes.is_empty();
            context.object_if(differ, Refusal::FeesChanged, &named(&changes));
        }
    }
}

/// The amounts, or that there are only words.
fn named(fees: &[FeeOption]) -> String {
    let amount = |one: &FeeOption| {
        one.amount
            .map_or_else(|| "words".to_owned(), |it| it.to_string())
    };
    let mut all: Vec<_> = fees.iter().map(amount).collect();
    all.dedup();
    all.join(", ")
}
