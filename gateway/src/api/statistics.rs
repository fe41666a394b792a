//! Figures: made for publishing, and read as they were published (MISSION E7).

use ledger::authorise::Reading;
use ledger::clock::Day;
use ledger::domain::event::PublicText;
use ledger::domain::figures::FiguresMade;
use ledger::error::Fault;
use ledger::refusal::{Refusal, Refused};
use projections::statistics::{Cohort, Made, Published};

use super::{Outcome, Reader};

impl Reader<'_> {
    /// Makes the figures of a cohort of the caller's organisation, from all that is in the log now.
    /// What was published already is given as it was: nothing else of it is ever shown.
    pub fn make_figures(&self, from: Day, until: Day) -> Outcome<FiguresMade> {
        self.may(Reading::Figures, None)?;
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let views = self.views.read()?;
        let own = self.caller.organisation;
        let known = views.statistics().published(own, from);
        if let Some(known) = known.filter(|known| known.until == until) {
            return Ok(FiguresMade {
                from,
                until,
                events: known.events,
                figures: PublicText(known.figures.clone()),
            });
        }
        let cohort = Cohort {
            organisation: own,
            from,
            until,
            as_of: self.ledger.now(),
            limit: self.ledger.organisation().figures_small,
        };
        let broken = |what: String| Fault::Unusable(format!("figures cannot be made: {what}"));
        let made = Made::of(&views, &cohort).map_err(|wrong| broken(format!("{wrong:?}")))?;
        let figures = serde_json::to_string(&made).map_err(|wrong| broken(wrong.to_string()))?;
        Ok(FiguresMade {
            from,
            until,
            events: made.events,
            figures: PublicText(figures),
        })
    }

    /// Figures as the caller's organisation published them.
    pub fn figures(&self, from: Day) -> Outcome<Published> {
        self.may(Reading::Figures, None)?;
        // Whoever just published is shown it.
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let views = self.views.read()?;
        let found = views.statistics().published(self.caller.organisation, from);
        Ok(found
            .cloned()
            .ok_or_else(|| Refused::about(Refusal::NotFound, "first_day"))?)
    }

    /// Everything that the caller's organisation published.
    pub fn publications(&self) -> Outcome<Vec<Published>> {
        self.may(Reading::Figures, None)?;
        let views = self.views.read()?;
        let all = views.statistics().publications(self.caller.organisation);
        Ok(all.cloned().collect())
    }
}
