//! Retention and legal holds (MISSION E2): what the rules end, what keeps it, and who may say so.
//!
//! - A hold stops the rules and says so in the log. It never stops a withdrawal: what must be kept
//!   against a person's wish needs a legal ground of its own, recorded beforehand.
//! - Nothing here names a key twice: the eraser is told by the same list that is fenced.

use super::context::Context;
use super::ending::Ending;
use super::{Close, Decision};
use crate::clock::DAY_MS;
use crate::domain::command::{Holding, SweepEnd};
use crate::domain::event::{
    HoldPlaced, HoldReleaseAsked, HoldReleaseRejected, HoldReleased, PublicText, RetentionHeld,
    StaffNameEnded, SweepApproved, SweepDone, SweepRequested, SweepWithdrawn,
};
use crate::domain::ids::{HoldId, SweepId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::SweepStands;
use crate::limits::HOLD_DAYS_MAX;
use crate::refusal::{Refusal, Refused};
use crate::retention::{Plan, staff_over};

/// Keeps a case, or one person in it, from the retention rules until a day.
pub(super) fn hold(context: &mut Context<'_>, it: &Holding) -> Result<Decision, Refused> {
    let case = context.case()?;
    let latest = context.now.plus_ms(HOLD_DAYS_MAX * DAY_MS);
    context.object_if(
        it.until <= context.now || it.until > latest,
        Refusal::TimeInvalid,
        "until",
    );
    context.settle()?;
    let placed = HoldPlaced {
        hold: HoldId::fresh(context.entropy),
        person: it.person,
        reason: it.reason,
        until: it.until,
    };
    Ok(Decision::of(vec![
        context.event(StreamId::Case(case.id), placed),
    ]))
}

/// Asks for the end of a hold before its day: what is over goes with the next sweep then, so that a
/// second person decides.
pub(super) fn release(context: &mut Context<'_>, hold: HoldId) -> Result<Decision, Refused> {
    let case = context.case()?;
    let known = case.holds.get(&hold);
    if !known.is_some_and(|hold| hold.is_in_force(context.now)) {
        context.object(Refusal::NothingToDo);
    }
    let waits = known.is_some_and(|hold| hold.release_asked.is_some());
    context.object_if(waits, Refusal::AlreadyExists, "hold");
    context.settle()?;
    let event = context.event(StreamId::Case(case.id), HoldReleaseAsked { hold });
    Ok(Decision::of(vec![event]))
}

/// Ends a hold, which somebody else asked for, or leaves it.
pub(super) fn decide(
    context: &mut Context<'_>,
    hold: HoldId,
    confirm: bool,
) -> Result<Decision, Refused> {
    let case = context.case()?;
    context.settle()?;
    let stream = StreamId::Case(case.id);
    let event = if confirm {
        context.event(stream, HoldReleased { hold })
    } else {
        context.event(stream, HoldReleaseRejected { hold })
    };
    Ok(Decision::of(vec![event]))
}

/// Takes back a sweep that nobody agreed to yet: what was asked for under other rules, above all.
pub(super) fn withdraw(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let asked = context.sweep()?;
    context.settle()?;
    let withdrawn = SweepWithdrawn {
        sweep: asked.id,
        organisation: asked.organisation,
    };
    Ok(Decision::of(vec![
        context.event(StreamId::Ledger, withdrawn),
    ]))
}

/// Ends what the rules say is over in a case.
pub(super) fn apply(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let case = context.case()?;
    let plan = Plan::of(&case, &context.rules.retention, context.now);
    let untold = plan
        .held
        .iter()
        .filter(|hold| !case.told_holds.contains(hold));
    let untold: Vec<HoldId> = untold.copied().collect();
    if !context.may_apply_retention() {
        context.object(Refusal::RetentionNotApproved);
    }
    if plan.due.is_empty() && untold.is_empty() {
        let refusal = if plan.held.is_empty() {
            Refusal::NotDue
        } else {
            Refusal::LegalHold
        };
        return Err(context.refuse(refusal));
    }
    context.settle()?;
    let mut ending = Ending::of(&case);
    for over in plan.due {
        ending.retire(context, over);
    }
    let mut decision = ending.stop_what_rested_on_it(context);
    for hold in untold {
        let held = RetentionHeld { hold };
        decision
            .events
            .push(context.event(StreamId::Case(case.id), held));
    }
    let stream = StreamId::Case(case.id);
    let fenced = decision.fence.iter();
    decision.shred = fenced.map(|leaf| (stream, *leaf)).collect();
    Ok(decision)
}

/// Ends the record of a case in which nothing personal is left. The writer says so, since it knows
/// the record's leaf.
pub(super) fn close(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let case = context.case()?;
    let rules = &context.rules.retention;
    let plan = Plan::of(&case, rules, context.now);
    let version = rules.version();
    if !context.may_apply_retention() {
        context.object(Refusal::RetentionNotApproved);
    }
    if !plan.held.is_empty() {
        context.object(Refusal::LegalHold);
    }
    let Some(over) = plan.closes else {
        return Err(context.refuse(Refusal::NotDue));
    };
    context.settle()?;
    let mut decision = Decision::of(Vec::new());
    decision.close = Some(Close {
        stream: StreamId::Case(case.id),
        organisation: case.organisation,
        rule: (over.rule, version),
    });
    Ok(decision)
}

/// Ends the name of a member of staff who left. What they did goes on naming their id.
pub(super) fn end_name(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let staff = context.staff()?;
    let rules = &context.rules.retention;
    let (over, version) = (staff_over(&staff, rules, context.now), rules.version());
    if !context.may_apply_retention() {
        context.object(Refusal::RetentionNotApproved);
    }
    let (Some(over), Some(leaf)) = (over, staff.name) else {
        return Err(context.refuse(Refusal::NotDue));
    };
    context.settle()?;
    let ended = StaffNameEnded {
        ground: staff.ground,
        rule: PublicText(over.rule),
        version,
    };
    let stream = StreamId::Staff(staff.id);
    let mut decision = Decision::of(vec![context.event(stream, ended)]);
    decision.fence = vec![leaf];
    decision.shred = vec![(stream, leaf)];
    Ok(decision)
}

/// Asks for a sweep by hand: of so many cases, as the dry run said.
pub(super) fn request(
    context: &mut Context<'_>,
    sweep: SweepId,
    cases: u32,
) -> Result<Decision, Refused> {
    context.object_if(cases == 0, Refusal::NothingToDo, "cases");
    // What somebody is about to approve stays what it was.
    let known = context.sweep_stands().is_some();
    context.object_if(known, Refusal::AlreadyExists, "sweep_id");
    let organisation = context.by.organisation;
    let organisation = organisation.ok_or(Refusal::NotAllowed)?;
    context.settle()?;
    let requested = SweepRequested {
        sweep,
        organisation,
        cases,
        version: context.rules.retention.version(),
    };
    Ok(Decision::of(vec![
        context.event(StreamId::Ledger, requested),
    ]))
}

/// A second person agrees: to the rules, to how many cases, and to the clock. The ledger carries it
/// out.
pub(super) fn approve(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let asked = context.sweep()?;
    let version = context.rules.retention.version();
    // What was asked for under other rules is to be looked at again.
    context.object_if(
        asked.version != version,
        Refusal::VersionConflict,
        &version.to_string(),
    );
    context.settle()?;
    let approved = SweepApproved {
        sweep: asked.id,
        organisation: asked.organisation,
        version,
    };
    Ok(Decision::of(vec![
        context.event(StreamId::Ledger, approved),
    ]))
}

/// The end of a sweep, once. One by night was asked for by nobody, and its id is fresh.
pub(super) fn finish(context: &mut Context<'_>, it: &SweepEnd) -> Result<Decision, Refused> {
    let ends = match context.sweep_stands() {
        None | Some(SweepStands::Approved) => true,
        Some(SweepStands::Asked | SweepStands::Done) => false,
    };
    context.object_if(!ends, Refusal::NothingToDo, "sweep_id");
    context.settle()?;
    let done = SweepDone {
        sweep: it.sweep,
        organisation: it.organisation,
        cases: it.cases,
        held: it.held,
        closed: it.closed,
        staff: it.staff,
        too_many: it.too_many,
        version: context.rules.retention.version(),
    };
    Ok(Decision::of(vec![context.event(StreamId::Ledger, done)]))
}
