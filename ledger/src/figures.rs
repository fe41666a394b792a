//! Published figures as deciding knows them: which cohorts there are (MISSION E7, SPEC §5.1).
//!
//! - A month belongs to one cohort, whoever publishes: then no two publications can be subtracted
//!   from each other, counts that belong to no organisation included.

use crate::clock::Day;
use crate::domain::event::{Event, FiguresPublished};
use crate::domain::ids::OrganisationId;
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyIndex};
use crate::limits::FIGURES_MONTHS_MAX;

/// Index records that a publication leaves.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "one event concerns the index of figures"
)]
pub(crate) fn of(event: &Event, position: u64) -> Vec<IndexRecord> {
    match event {
        Event::FiguresPublished(it) => records(it, position),
        _ => Vec::new(),
    }
}

fn records(it: &FiguresPublished, position: u64) -> Vec<IndexRecord> {
    let cohort = cohort(it.from, it.until);
    let months = months(it.from, it.until).map(|month| IndexRecord {
        key: month_key(month),
        value: Some(cohort.to_vec()),
    });
    let published = IndexRecord {
        key: published_key(it.organisation, it.from),
        value: Some(position.to_be_bytes().to_vec()),
    };
    months.chain([published]).collect()
}

/// Whether an organisation published figures from a day on.
pub(crate) fn is_published(
    index: &impl KeyIndex,
    organisation: OrganisationId,
    from: Day,
) -> Result<bool, Fault> {
    Ok(index.value(&published_key(organisation, from))?.is_some())
}

/// Whether a month of these belongs to another cohort already.
pub(crate) fn overlaps(index: &impl KeyIndex, from: Day, until: Day) -> Result<bool, Fault> {
    let cohort = cohort(from, until);
    for month in months(from, until) {
        let known = index.value(&month_key(month))?;
        if known.is_some_and(|known| known != cohort) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn months(from: Day, until: Day) -> impl Iterator<Item = u32> {
    // More than a publication may cover are never looked at: such a command is malformed.
    (from.month()..until.month()).take(FIGURES_MONTHS_MAX)
}

fn cohort(from: Day, until: Day) -> [u8; 8] {
    let mut bytes = [0; 8];
    let (first, last) = bytes.split_at_mut(4);
    first.copy_from_slice(&from.0.to_be_bytes());
    last.copy_from_slice(&until.0.to_be_bytes());
    bytes
}

fn month_key(month: u32) -> Vec<u8> {
    [b"fm".as_slice(), &month.to_be_bytes()].concat()
}

fn published_key(organisation: OrganisationId, from: Day) -> Vec<u8> {
    [b"fo".as_slice(), &organisation.0, &from.0.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::{Caller, Command};
    use crate::domain::event::PublicText;
    use crate::domain::figures::FiguresMade;
    use crate::domain::ids::StaffId;
    use crate::ledger::{Ledger, Rejection};
    use crate::refusal::Refusal;
    use crate::submit::tests::{Desk, request};

    const COORDINATOR: StaffId = StaffId([17; 16]);
    const JANUARY: Day = Day(0);
    const FEBRUARY: Day = Day(31);
    const MARCH: Day = Day(59);
    const APRIL: Day = Day(90);

    fn publishing(from: Day, until: Day) -> Command {
        Command::PublishFigures {
            made: FiguresMade {
                from,
                until,
                events: 1,
                figures: PublicText("{}".to_owned()),
            },
        }
    }

    fn refusal(ledger: &Ledger, from: Day, until: Day) -> Option<Refusal> {
        let asked = request(Caller::Staff(COORDINATOR), publishing(from, until));
        match ledger.submit(asked) {
            Ok(_) => None,
            Err(Rejection::Refused(refused)) => Some(refused.refusal),
            Err(Rejection::Fault(fault)) => panic!("{fault}"),
        }
    }

    #[test]
    fn e7_no_month_is_published_in_two_cohorts_also_after_the_ledger_was_closed() {
        // given a publication of February and March
        let desk = Desk::new();
        let mut ledger = desk.opened();
        assert_eq!(refusal(&ledger, FEBRUARY, APRIL), None);
        for _ in 0..2 {
            // then it is not made again, nor one within it, around it or across its edge
            let again = refusal(&ledger, FEBRUARY, APRIL);
            assert_eq!(again, Some(Refusal::AlreadyExists));
            let within = refusal(&ledger, MARCH, APRIL);
            assert_eq!(within, Some(Refusal::FiguresOverlap));
            let around = refusal(&ledger, JANUARY, APRIL);
            assert_eq!(around, Some(Refusal::FiguresOverlap));
            let across = refusal(&ledger, JANUARY, MARCH);
            assert_eq!(across, Some(Refusal::FiguresOverlap));
            // and so it is after closing and opening
            ledger.close().unwrap();
            ledger = desk.opened();
        }
    }

    #[test]
    fn e7_two_publications_in_one_group_see_each_other() {
        let desk = Desk::new();
        let told = desk.as_one_group(vec![
            (COORDINATOR, publishing(JANUARY, MARCH)),
            (COORDINATOR, publishing(FEBRUARY, APRIL)),
            (COORDINATOR, publishing(MARCH, APRIL)),
        ]);
        let done: Vec<bool> = told
            .iter()
            .map(|told| told.recv().unwrap().is_ok())
            .collect();
        assert_eq!(done, [true, false, true]);
    }
}
