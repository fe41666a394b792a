//! What the caller's organisation pays for referrals that it sent (MISSION D4).
//!
//! - One length of time, a quarter that is over, and no sums over services: nothing that is kept
//!   back can be had by subtracting one answer from another.
//! - Of restricted cases, and of cases whose data somebody asked not to use, nothing is counted;
//!   of confidential services only who may see those is told.

use ledger::authorise::Reading;
use ledger::clock::Day;
use ledger::domain::codes::Sensitivity;
use ledger::domain::ids::{CaseId, OrganisationId, ServiceId};
use ledger::refusal::{Refusal, Refused};
use projections::billing::{Bill, Quarter};
use projections::views::Views;

use super::{Outcome, Reader};

/// The bills of a quarter.
pub struct Bills {
    /// Which quarter.
    pub quarter: Quarter,
    /// Numbers below this are kept back.
    pub limit: u64,
    /// By recipient and service.
    pub rows: Vec<BillOf>,
}

/// The bill of one service.
pub struct BillOf {
    /// Who runs it.
    pub organisation: OrganisationId,
    /// Their name.
    pub organisation_name: String,
    /// Which.
    pub service: ServiceId,
    /// Its name.
    pub service_name: String,
    /// What it comes to.
    pub bill: Bill,
}

impl Reader<'_> {
    /// What a quarter costs.
    pub fn bills(&self, from: Day) -> Outcome<Bills> {
        self.may(Reading::Billing, None)?;
        let over = |quarter: &Quarter| quarter.until <= self.ledger.now().day();
        let quarter = Quarter::beginning(self.caller.organisation, from).filter(over);
        let quarter = quarter.ok_or_else(|| Refused::about(Refusal::TimeInvalid, "first_day"))?;
        self.wait_for(self.ledger.size().checked_sub(1))?;
        let views = self.views.read()?;
        let confidential = self.sees_confidential();
        let bills = views.billing().of(&quarter, |case| counts(&views, case));
        let shown = bills
            .into_iter()
            .filter_map(|((organisation, service), bill)| {
                let known = views.directory().find(service, confidential)?;
                Some(BillOf {
                    organisation,
                    organisation_name: known.entry.organisation_name.0.clone(),
                    service,
                    service_name: known.entry.name.0.clone(),
                    bill,
                })
            });
        Ok(Bills {
            quarter,
            limit: self.ledger.organisation().figures_small,
            rows: shown.collect(),
        })
    }
}

/// Whether a case may be counted, as in figures.
fn counts(views: &Views, case: CaseId) -> bool {
    let standard = views
        .cases()
        .find(case)
        .is_some_and(|head| match head.sensitivity {
            Sensitivity::Standard => true,
            Sensitivity::Restricted => false,
        });
    standard && !views.statistics().is_restricted(case)
}
