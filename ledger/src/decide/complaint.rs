//! Feedback and complaints: taken down, acknowledged, answered (MISSION C6).
//!
//! - A complaint names no case and rests on a ground of its own: it outlives a withdrawal.
//! - Who may read it is asked before anything is decided (`domain/complaint.rs`).

use super::context::Context;
use super::{Decision, NewPersonal};
use crate::domain::codes::{ComplaintState, PersonTold, Urgency};
use crate::domain::command::Action;
use crate::domain::complaint::{AnsweringComplaint, Complaining, Complaint};
use crate::domain::event::*;
use crate::domain::ids::{ComplaintId, GroundId, PersonId};
use crate::domain::personal::{ComplaintWords, Personal};
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Takes it down. It is acknowledged as quickly as a referral of that urgency, and answered within
/// the time of a person's request.
pub(super) fn record(context: &mut Context<'_>, it: Complaining) -> Result<Decision, Refused> {
    let organisation = context.by.organisation.ok_or(Refusal::NotAllowed)?;
    context.settle()?;
    let complaint = ComplaintId::fresh(context.entropy);
    let ground = GroundId::fresh(context.entropy);
    let urgency = if it.kind.is_serious() {
        Urgency::Urgent
    } else {
        Urgency::Routine
    };
    // Of an anonymous one not even the hour is kept, in which few were on duty.
    let from = if it.anonymous {
        context.now.day().start()
    } else {
        context.now
    };
    let file = &context.rules.organisation;
    let received = ComplaintReceived {
        complaint,
        organisation,
        kind: it.kind,
        against: it.against,
        anonymous: it.anonymous,
        answerable: it.contact.is_some(),
        ground,
        acknowledge_by: file.due(urgency, from).acknowledge_by,
        answer_by: file.answered_by(from, false),
    };
    let words = NewPersonal {
        persons: vec![PersonId(complaint.0)],
        grounds: vec![ground],
        content: Personal::Complaint(ComplaintWords {
            words: it.words,
            contact: it.contact,
        }),
    };
    let stream = StreamId::Complaint(complaint);
    let mut event = context.event_with(stream, received, vec![words]);
    if it.anonymous {
        event.actor = Actor::Nobody;
        event.recorded = Recorded::On(context.now.day());
        event.occurred = None;
    }
    Ok(Decision::of(vec![event]))
}

/// Its words are opened; that they were is recorded first (MISSION E6).
pub(super) fn view(context: &mut Context<'_>) -> Result<Decision, Refused> {
    let complaint = context.complaint()?;
    if complaint.lasting.words_ended {
        context.object(Refusal::NothingToDo);
    }
    context.settle()?;
    let event = context.event(StreamId::Complaint(complaint.id), ComplaintSeen {});
    Ok(Decision::of(vec![event]))
}

/// Whoever complained was told that it came, or cannot be told.
pub(super) fn acknowledge(
    context: &mut Context<'_>,
    told: PersonTold,
) -> Result<Decision, Refused> {
    let complaint = context.complaint()?;
    check_state(context, Action::AcknowledgeComplaint, complaint.state);
    check_told(context, &complaint, told);
    context.settle()?;
    let acknowledged = ComplaintAcknowledged { told };
    let event = context.event(StreamId::Complaint(complaint.id), acknowledged);
    Ok(Decision::of(vec![event]))
}

/// It was looked into.
pub(super) fn answer(
    context: &mut Context<'_>,
    it: AnsweringComplaint,
) -> Result<Decision, Refused> {
    let complaint = context.complaint()?;
    check_state(context, Action::AnswerComplaint, complaint.state);
    check_told(context, &complaint, it.told);
    context.settle()?;
    let found = it.note.map(|note| NewPersonal {
        persons: vec![PersonId(complaint.id.0)],
        grounds: vec![complaint.ground],
        content: Personal::Note(note),
    });
    let answered = ComplaintAnswered {
        outcome: it.outcome,
        told: it.told,
    };
    let stream = StreamId::Complaint(complaint.id);
    let event = context.event_with(stream, answered, found.into_iter().collect());
    Ok(Decision::of(vec![event]))
}

/// Every legal step: by which command, out of which state, into which.
pub(super) const STEPS: [(Action, ComplaintState, ComplaintState); 3] = {
    use ComplaintState::{Acknowledged, Answered, Received};
    [
        (Action::AcknowledgeComplaint, Received, Acknowledged),
        (Action::AnswerComplaint, Received, Answered),
        (Action::AnswerComplaint, Acknowledged, Answered),
    ]
};

fn check_state(context: &mut Context<'_>, action: Action, state: ComplaintState) {
    let legal = STEPS.iter().any(|step| (step.0, step.1) == (action, state));
    context.object_if(!legal, Refusal::ComplaintState, state.code());
}

/// Nobody was told where there is no safe way to tell them.
fn check_told(context: &mut Context<'_>, complaint: &Complaint, told: PersonTold) {
    let impossible = told == PersonTold::Told && !complaint.answerable;
    context.object_if(impossible, Refusal::ComplaintState, "no_contact");
}
