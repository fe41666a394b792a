//! Referrals that come in from outside: taken down, assessed, decided, answered (MISSION C13).
//!
//! - What the sender says of consent is a claim and never a ground: the case that comes of it is
//!   opened on the person's own consent, and nothing is sent on anything else.
//! - Officials of the State of origin are not told what became of it (B9).

use super::Decision;
use super::context::Context;
use crate::domain::codes::{
    IncomingDecision, IncomingState, PersonTold, RecipientClass, SenderClass, Urgency,
};
use crate::domain::command::Action;
use crate::domain::command::{
    AnsweringIncoming, AssessingIncoming, DecidingIncoming, LinkingIncoming, TakingDown,
};
use crate::domain::event::{
    CaseCameFrom, Event, IncomingAnswered, IncomingAssessed, IncomingDecided, IncomingReceived,
    IncomingTakenUp, PacketTaken,
};
use crate::domain::ids::{IncomingId, OrganisationId};
use crate::domain::incoming::{Incoming, Sender};
use crate::domain::stream::StreamId;
use crate::packet::Trusted;
use crate::refusal::{Refusal, Refused};

/// Takes one down.
pub(super) fn record(context: &mut Context<'_>, it: TakingDown) -> Result<Decision, Refused> {
    let organisation = context.by.organisation.ok_or(Refusal::NotAllowed)?;
    if let Some(packet) = &it.packet {
        check_packet(context, packet, organisation);
    }
    context.settle()?;
    if let (Some(packet), Ok(incoming)) = (&it.packet, context.incoming()) {
        // The same referral once more: it stays the one that it is, and replies go to this packet.
        let again = context.event(StreamId::Incoming(incoming.id), taken(packet));
        return Ok(Decision::of(vec![again]));
    }
    let state_of_origin = match it.from {
        Sender::Class(class) => class == SenderClass::StateOfOrigin,
        Sender::Service(_) => {
            let service = context.service()?;
            service.entry.class == RecipientClass::StateOfOrigin
        }
        Sender::Organisation(_) => false,
    };
    let incoming = match &it.packet {
        Some(packet) => packet.incoming(),
        None => IncomingId::fresh(context.entropy),
    };
    let came = context.happened();
    let due = context.rules.organisation.due(it.urgency, came);
    let counted = due.acknowledge_by;
    let claimed = it.packet.as_ref();
    let answer_by = claimed.map_or(counted, |it| it.answer_by(counted, context.now));
    let received = IncomingReceived {
        incoming,
        organisation,
        from: it.from,
        state_of_origin,
        channel: it.channel,
        urgency: it.urgency,
        reference: it.reference,
        consent: it.consent,
        answer_by,
    };
    let stream = StreamId::Incoming(incoming);
    let mut events = vec![context.event(stream, received)];
    if let Some(packet) = &it.packet {
        events.push(context.event(stream, taken(packet)));
    }
    Ok(Decision::of(events))
}

/// A packet is taken in by whom it is for, and once, whatever became of it.
fn check_packet(context: &mut Context<'_>, packet: &Trusted, organisation: OrganisationId) {
    if packet.recipient() != organisation {
        context.object(Refusal::PacketRecipient);
    }
    let came = context.incoming();
    let before = came.is_ok_and(|it| it.came_in(packet.packet()));
    if before || context.is_incoming_closed() {
        context.object(Refusal::PacketTaken);
    }
}

fn taken(packet: &Trusted) -> PacketTaken {
    PacketTaken {
        packet: packet.packet(),
        signer: packet.signer(),
        reference: packet.reference(),
        reply_key: packet.reply_key(),
    }
}

/// Records what looking at it came to. What is found more urgent is due earlier, never later.
pub(super) fn assess(
    context: &mut Context<'_>,
    it: &AssessingIncoming,
) -> Result<Decision, Refused> {
    let incoming = context.incoming()?;
    let urgency = it.urgency.unwrap_or(incoming.urgency);
    let due = context.rules.organisation.due(urgency, incoming.received);
    let assessed = IncomingAssessed {
        finding: it.finding,
        urgency,
        answer_by: due.acknowledge_by.min(incoming.answer_by),
    };
    step(context, Action::AssessIncoming, &incoming, assessed)
}

/// Decides on it; an emergency is decided on before anybody assesses it. What was taken is not,
/// after all, while the person has no case: who does not come waits on no list for ever.
pub(super) fn decide(
    context: &mut Context<'_>,
    it: &DecidingIncoming,
) -> Result<Decision, Refused> {
    let incoming = context.incoming()?;
    let decided = IncomingDecided {
        decision: it.decision,
        reason: it.reason,
        passed_to: it.passed_to,
    };
    step(context, Action::DecideIncoming, &incoming, decided)
}

/// Says that the sender was answered, or cannot be.
pub(super) fn answer(
    context: &mut Context<'_>,
    it: &AnsweringIncoming,
) -> Result<Decision, Refused> {
    let incoming = context.incoming()?;
    let class = RecipientClass::StateOfOrigin;
    let tells = incoming.state_of_origin && it.told == PersonTold::Told;
    context.object_if(tells, Refusal::RecipientNotCovered, class.code());
    let answered = IncomingAnswered {
        told: it.told,
        channel: it.channel,
    };
    step(context, Action::AnswerIncoming, &incoming, answered)
}

/// Says in a case that it came from an incoming referral, and there that the person was met.
pub(super) fn link(context: &mut Context<'_>, it: &LinkingIncoming) -> Result<Decision, Refused> {
    let case = context.case()?;
    let incoming = context.incoming()?;
    if case.incoming.contains(&it.incoming) {
        context.object(Refusal::NothingToDo);
    }
    let taken = incoming.decision == Some(IncomingDecision::Taken);
    let about = incoming
        .decision
        .map_or_else(|| incoming.state.code(), IncomingDecision::code);
    context.object_if(!taken, Refusal::IncomingState, about);
    context.settle()?;
    let came = CaseCameFrom {
        incoming: it.incoming,
    };
    let mut events = vec![context.event(StreamId::Case(case.id), came)];
    // A family may have a case each.
    if !incoming.taken_up {
        let stream = StreamId::Incoming(it.incoming);
        events.push(context.event(stream, IncomingTakenUp {}));
    }
    Ok(Decision::of(events))
}

fn step(
    context: &mut Context<'_>,
    action: Action,
    incoming: &Incoming,
    event: impl Into<Event>,
) -> Result<Decision, Refused> {
    let event = event.into();
    let legal = STEPS.iter().any(|(by, from, _, when)| {
        *by == action && *from == incoming.state && when.holds(incoming, &event)
    });
    context.object_if(!legal, Refusal::IncomingState, incoming.state.code());
    context.settle()?;
    let event = context.event(StreamId::Incoming(incoming.id), event);
    Ok(Decision::of(vec![event]))
}

/// Under which condition a step is legal.
#[derive(Clone, Copy)]
pub(super) enum When {
    Always,
    Emergency,
    /// It was taken, the person has no case, and it is not taken any more.
    NotTakenAfterAll,
}

impl When {
    /// For the table of states.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Always => "",
            Self::Emergency => "emergency",
            Self::NotTakenAfterAll => "taken, no case; another decision",
        }
    }

    fn holds(self, incoming: &Incoming, event: &Event) -> bool {
        match self {
            Self::Always => true,
            Self::Emergency => incoming.urgency == Urgency::Emergency,
            Self::NotTakenAfterAll => {
                let taken = IncomingDecision::Taken;
                let otherwise = matches!(event, Event::IncomingDecided(it) if it.decision != taken);
                incoming.waits_for_case() && otherwise
            }
        }
    }
}

/// Every legal step: by which command, out of which state, into which, and when.
pub(super) const STEPS: &[(Action, IncomingState, IncomingState, When)] = {
    use Action::{AnswerIncoming, AssessIncoming, DecideIncoming};
    use IncomingState::*;
    use When::*;
    &[
        (AssessIncoming, Received, Assessed, Always),
        (AssessIncoming, Assessed, Assessed, Always),
        (DecideIncoming, Assessed, Decided, Always),
        (DecideIncoming, Received, Decided, Emergency),
        (DecideIncoming, Decided, Decided, NotTakenAfterAll),
        (DecideIncoming, Answered, Answered, NotTakenAfterAll),
        (AnswerIncoming, Decided, Answered, Always),
    ]
};
