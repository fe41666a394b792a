//! The end of what stands apart from cases, by the retention rules (MISSION C6, C13, E8).
//!
//! - One step for each: words are fenced and destroyed, later the record is closed.
//! - `StreamClosed` says of none of them which rule it was: who reads the ledger's own stream does
//!   not learn from it what was closed.
//! - A hold ends on its day and not before it.

use super::context::Context;
use super::{Close, Decision};
use crate::clock::DAY_MS;
use crate::domain::apart::HoldingApart;
use crate::domain::event::{EndHeld, PublicText, WordsEnded};
use crate::limits::HOLD_DAYS_MAX;
use crate::refusal::{Refusal, Refused};
use crate::retention::ApartPlan;

/// Keeps it from the retention rules until a day.
pub(super) fn hold(context: &mut Context<'_>, it: &HoldingApart) -> Result<Decision, Refused> {
    let latest = context.now.plus_ms(HOLD_DAYS_MAX * DAY_MS);
    let known = context.apart(|apart| apart.lasting.held_until)?;
    let wrong = it.until <= context.now || it.until > latest;
    context.object_if(wrong, Refusal::TimeInvalid, "until");
    context.object_if(known >= Some(it.until), Refusal::NothingToDo, "until");
    context.settle()?;
    let held = EndHeld {
        reason: it.reason,
        until: it.until,
    };
    Ok(Decision::of(vec![context.event(it.what.stream(), held)]))
}

/// Ends what is over of it.
pub(super) fn end(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let (now, rules) = (context.now, &context.rules.retention);
    let version = rules.version();
    let (plan, what, organisation, ground, leaves) = context.apart(|it| {
        let living = it.leaves.difference(&it.lasting.gone).copied();
        let leaves: Vec<_> = living.collect();
        let plan = rules.apart_plan(it, now);
        (plan, it.what, it.organisation, it.ground, leaves)
    })?;
    if !context.may_apply_retention() {
        context.object(Refusal::RetentionNotApproved);
    }
    let over = match plan {
        ApartPlan::Stays => return Err(context.refuse(Refusal::NotDue)),
        ApartPlan::Held => return Err(context.refuse(Refusal::LegalHold)),
        ApartPlan::Closes(_) => {
            context.settle()?;
            let mut decision = Decision::of(Vec::new());
            decision.close = Some(Close {
                stream: what.stream(),
                organisation,
                rule: (APART.to_owned(), version),
            });
            return Ok(decision);
        }
        ApartPlan::Words(over) => over,
    };
    // Only what has a ground has words.
    let Some(ground) = ground else {
        return Err(context.refuse(Refusal::NotDue));
    };
    context.settle()?;
    let ended = WordsEnded {
        ground,
        rule: PublicText(over.rule),
        version,
    };
    let mut decision = Decision::of(vec![context.event(what.stream(), ended)]);
    let shred = leaves.iter().map(|leaf| (what.stream(), *leaf));
    decision.shred = shred.collect();
    decision.fence = leaves;
    Ok(decision)
}

/// Stands where the rule does by which a record ends.
const APART: &str = "apart";
