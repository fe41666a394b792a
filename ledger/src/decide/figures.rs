//! Published figures (MISSION E7): once for a cohort, and no cohort shares a month with another.
//!
//! - Figures are made outside and only frozen here; what they are made from stands in the log.

use sha2::{Digest, Sha256};

use super::Decision;
use super::context::Context;
use crate::domain::event::FiguresPublished;
use crate::domain::figures::FiguresMade;
use crate::domain::stream::StreamId;
use crate::refusal::{Refusal, Refused};

/// Publishes figures of a cohort that is over.
pub(super) fn publish(context: &mut Context<'_>, made: FiguresMade) -> Result<Decision, Refused> {
    let FiguresMade {
        from,
        until,
        events,
        figures,
    } = made;
    let organisation = context.by.organisation;
    let organisation = organisation.ok_or(Refusal::NotAllowed)?;
    let goes_on = until > context.now.day();
    context.object_if(goes_on, Refusal::NotDue, "until_day");
    context.object_if(
        context.figures_published(),
        Refusal::AlreadyExists,
        "first_day",
    );
    if context.figures_overlap() {
        context.object(Refusal::FiguresOverlap);
    }
    context.settle()?;
    let published = FiguresPublished {
        organisation,
        from,
        until,
        events,
        digest: Sha256::digest(figures.0.as_bytes()).into(),
        figures,
    };
    Ok(Decision::of(vec![
        context.event(StreamId::Ledger, published),
    ]))
}
