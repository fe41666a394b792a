//! Merging two files of one person, and taking them apart again (MISSION C15).
//!
//! - One asks, another confirms. No event moves, and no consent of one file covers anything of the
//!   other: each goes on answering for its own data.
//! - Work goes on in the leading file; what protects the person goes on in both.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::Context;
use super::{Decision, NewEvent, cover, rights};
use crate::domain::case::Case;
use crate::domain::codes::Urgency;
use crate::domain::command::{Command, Seeking};
use crate::domain::event::*;
use crate::domain::ids::MergeId;
use crate::domain::stream::StreamId;
use crate::limits::SEARCHES_PER_DAY_MAX;
use crate::refusal::{Refusal, Refused};

/// Says that two files are one person's.
pub(super) fn ask(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let (case, other) = (context.case()?, context.other_case()?);
    // No chains: of each person there are two files at most that are merged.
    for (one, side) in [(&case, "case"), (&other, "other_case")] {
        context.object_if(one.merge.is_some(), Refusal::AlreadyExists, side);
    }
    may_be_one(context, &case, &other);
    context.settle()?;
    let merge = MergeId::fresh(context.entropy);
    let asked = |one: &Arc<Case>, leads| {
        let stream = StreamId::Case(one.id);
        context.event(stream, MergeAsked { merge, leads })
    };
    Ok(Decision::of(vec![asked(&case, true), asked(&other, false)]))
}

/// Agrees, or does not.
pub(super) fn decide(context: &mut Context<'_>, confirm: bool) -> Result<Decision, Refused> {
    let (case, other, merge) = both(context)?;
    let confirmed = case.merge.is_some_and(|it| it.confirmed);
    context.object_if(confirmed, Refusal::AlreadyExists, "merge");
    if confirm {
        may_be_one(context, &case, &other);
    }
    context.settle()?;
    let decided = |one: &Arc<Case>| {
        let stream = StreamId::Case(one.id);
        let leads = one.merge.is_some_and(|it| it.leads);
        if confirm {
            context.event(stream, CasesMerged { merge, leads })
        } else {
            context.event(stream, MergeRejected { merge })
        }
    };
    let mut events = vec![decided(&case), decided(&other)];
    if confirm {
        events.extend(suspected_of_both(context, &case, &other));
    }
    Ok(Decision::of(events))
}

/// Takes them apart, or takes back what nobody agreed to yet.
pub(super) fn undo(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let (case, other, merge) = both(context)?;
    context.settle()?;
    let confirmed = case.merge.is_some_and(|it| it.confirmed);
    let undone = |one: &Arc<Case>| {
        let stream = StreamId::Case(one.id);
        if confirmed {
            context.event(stream, CasesUnmerged { merge })
        } else {
            context.event(stream, MergeRejected { merge })
        }
    };
    let mut events = vec![undone(&case), undone(&other)];
    if confirmed {
        events.extend(suspected_of_both(context, &case, &other));
    }
    Ok(Decision::of(events))
}

/// Files that may be of the same person were looked for: by whoever could ask for a merging, and a
/// few times a day, so that nobody tries one name after another in a file of their own.
pub(super) fn seek(context: &mut Context<'_>, it: &Seeking) -> Result<Decision, Refused> {
    let case = context.case()?;
    if case.record_ground(case.client, context.now).is_none() {
        let refusal = cover::no_record(&case, case.client);
        context.object(Refused::about(refusal, "case"));
    }
    rights::needs_unrestricted(context, &case, case.client);
    let often = case.sought_on(context.now.day()) >= SEARCHES_PER_DAY_MAX;
    context.object_if(often, Refusal::SearchLimit, "day");
    context.settle()?;
    let sought = DuplicatesSought {
        opened_from: it.opened_from,
        opened_until: it.opened_until,
        compared: it.compared,
        shown: it.shown,
    };
    let event = context.event(StreamId::Case(case.id), sought);
    Ok(Decision::of(vec![event]))
}

/// What is suspected of a person is suspected in both files: work that goes on in one does not go
/// round the specialist that the other one waits for.
fn suspected_of_both(context: &Context<'_>, case: &Case, other: &Case) -> Vec<NewEvent> {
    let now = context.now;
    let missing = |one: &Case, two: &Case| {
        let concerns = two.suspected(now);
        let concerns: BTreeSet<_> = concerns.difference(&one.suspected(now)).copied().collect();
        let raised = (!concerns.is_empty()).then_some(ConcernRaised { concerns });
        raised.map(|it| context.event(StreamId::Case(one.id), it))
    };
    let both = [missing(case, other), missing(other, case)];
    both.into_iter().flatten().collect()
}

/// Objects to beginning anything in a file that is merged into another: work goes on there. What
/// answers, protects or takes away goes on in both, and an emergency anywhere.
pub(super) fn goes_on_elsewhere(context: &mut Context<'_>, command: &Command) {
    let begins = begins(context, command);
    let sides = [
        (context.case(), "case"),
        (context.other_case(), "other_case"),
    ];
    for (side, what) in sides {
        let merged = side.is_ok_and(|case| case.is_merged_into_another());
        context.object_if(begins && merged, Refusal::MergedCase, what);
    }
}

/// Whether a command begins something in a file, outside emergencies.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a command that is not named here begins nothing in a file, a new one included"
)]
pub(super) fn begins(context: &Context<'_>, command: &Command) -> bool {
    match command {
        Command::AddPerson { .. }
        | Command::GiveConsent { .. }
        | Command::RenewConsent(_)
        | Command::AgreeContact(_)
        | Command::OfferHandover { .. }
        | Command::LinkCases(_)
        | Command::FindDuplicates(_)
        | Command::RecordProfile(_)
        | Command::RaiseConcern(_)
        | Command::AssessAge { .. }
        | Command::RecordDetermination(_) => true,
        Command::DraftReferral { urgency, .. } | Command::AttestReferral { urgency, .. } => {
            *urgency != Urgency::Emergency
        }
        // What was begun before goes out from the leading file: what is suspected stands there.
        Command::SendReferral { referral, .. } => context.case().is_ok_and(|case| {
            let sent = case.referrals.get(referral);
            sent.is_some_and(|it| it.urgency != Urgency::Emergency)
        }),
        // What was answered may still be put right where it stands.
        Command::RecordInterview(it) => context
            .case()
            .is_ok_and(|case| !case.interviews.contains_key(&it.interview)),
        _ => false,
    }
}

/// The two files of one merging, and its id; the leading one is the first.
fn both(context: &mut Context<'_>) -> Result<(Arc<Case>, Arc<Case>, MergeId), Refused> {
    let (case, other) = (context.case()?, context.other_case()?);
    match (case.merge, other.merge) {
        (Some(one), Some(two)) if one.id == two.id && one.leads => Ok((case, other, one.id)),
        (Some(_) | None, _) => Err(context.refuse(Refused::about(Refusal::NotFound, "merge"))),
    }
}

/// Objects where nothing may be done with one of the data, or what is known says that they are two
/// persons. The ledger compares no names: it has none to compare.
fn may_be_one(context: &mut Context<'_>, case: &Case, other: &Case) {
    for (one, side) in [(case, "case"), (other, "other_case")] {
        if one.record_ground(one.client, context.now).is_none() {
            let refusal = cover::no_record(one, one.client);
            context.object(Refused::about(refusal, side));
        }
        let restricted = one.restriction_on(one.client).is_some();
        context.object_if(restricted, Refusal::ProcessingRestricted, side);
    }
    for (one, side) in [(case, "case"), (other, "other_case")] {
        context.object_if(one.closed.is_some(), Refusal::CaseWorkClosed, side);
    }
    // How the person may be reached is asked of the leading file from then on.
    let reached = other.contacts.get(&other.client);
    let alike = reached.is_none() || reached == case.contacts.get(&case.client);
    context.object_if(!alike, Refusal::NotTheSame, "contact");
    // Whose files are linked as a family are two persons, whatever they have in common.
    let linked = context.links(case.id, other.id);
    context.object_if(linked, Refusal::NotTheSame, "linked");
    let ages = case.is_minor(context.now) != other.is_minor(context.now);
    context.object_if(ages, Refusal::NotTheSame, "age");
    // Who sees a file that everybody sees would learn that there is one which they may not know of,
    // whichever leads: the other one is restricted first.
    let apart = other.sensitivity != case.sensitivity;
    context.object_if(apart, Refusal::NotTheSame, "sensitivity");
}
