//! Whether the clock can be believed. A wrong one would make the retention rules destroy
//! everything, or nothing.
//!
//! - While opening, before anything is appended: the log's last event is neither ahead of the clock
//!   nor long ago. It is recorded with the first group.
//! - While it runs: as much time has passed on the clock as by the machine's own count.
//! - A doubt is an event (`ClockDoubted`), so that a restart does not forget it. Only the rules
//!   wait for it: nobody is kept from working, nor from withdrawing.

use std::time::Instant;

use crate::clock::{DAY_MS, Timestamp};
use crate::domain::event::ClockDoubted;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::limits::{CLOCK_GAP_DAYS_MAX, CLOCK_OFF_MS_MAX};
use crate::shared::Shared;
use crate::submit::writer::Writer;

/// Where the clock was when it was last believed or doubted.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    told: Timestamp,
    at: Instant,
    /// The latest moment in the log as it was opened, if the clock was far from it; until recorded.
    gap: Option<Timestamp>,
}

impl Watch {
    /// Looks at the clock of a ledger that is being opened, to which nothing was appended yet: what
    /// opening and its recovery record has the time of a clock that may be wrong.
    pub(crate) fn opened(shared: &Shared) -> Result<Self, Fault> {
        let (told, at) = (shared.clock.now(), Instant::now());
        let gap = last_recorded(shared)?.filter(|last| is_gap(*last, told));
        Ok(Self { told, at, gap })
    }

    /// What the clock should say, if it is far from it.
    fn doubts(&self, told: Timestamp, at: Instant) -> Option<Timestamp> {
        let passed = at.saturating_duration_since(self.at).as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        let known = self.told.plus_ms(passed);
        self.gap.or_else(|| differ(known, told).then_some(known))
    }
}

impl Writer {
    /// Looks at the clock before a group is decided, and records a doubt.
    pub(crate) fn note_clock(&mut self) -> Result<(), Fault> {
        let (told, at) = (self.shared.clock.now(), Instant::now());
        let Some(known) = self.watch.doubts(told, at) else {
            return Ok(());
        };
        let (known_at, told_at) = (known.to_rfc3339(), told.to_rfc3339());
        tracing::warn!(
            known_at,
            told_at,
            "the clock is doubted: no retention rule is applied"
        );
        let doubted = ClockDoubted { known, told };
        let event = self.told(StreamId::Ledger, doubted.into());
        let mut staged = self.stage_events(vec![event])?;
        let _ = self.append(&mut staged, false)?;
        let gap = None;
        self.watch = Watch { told, at, gap };
        Ok(())
    }
}

/// The latest moment among the last events.
fn last_recorded(shared: &Shared) -> Result<Option<Timestamp>, Fault> {
    let size = shared.published().size;
    let last = shared.records(size.saturating_sub(FEW), FEW_MAX)?;
    let moments = last.iter().filter_map(|entry| entry.record.recorded.at());
    Ok(moments.max())
}

/// Whether a clock that has been running is off by too much, to either side.
fn differ(known: Timestamp, told: Timestamp) -> bool {
    known.0.abs_diff(told.0) > CLOCK_OFF_MS_MAX
}

/// Whether a clock says less than the log, or so much more that somebody should look.
fn is_gap(last: Timestamp, told: Timestamp) -> bool {
    told.plus_ms(CLOCK_OFF_MS_MAX) < last || told > last.plus_ms(CLOCK_GAP_DAYS_MAX * DAY_MS)
}

/// Events that are looked at for the latest moment: counts among them have a day only.
const FEW: u64 = 16;
const FEW_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(20_779 * DAY_MS);

    #[test]
    fn a_clock_set_back_or_far_ahead_since_the_last_event_is_doubted_and_a_holiday_is_not() {
        let days = |days: u64| NOW.plus_ms(days * DAY_MS);
        assert!(!is_gap(NOW, NOW) && !is_gap(NOW, days(CLOCK_GAP_DAYS_MAX)));
        assert!(is_gap(NOW, days(CLOCK_GAP_DAYS_MAX).plus_ms(1)));
        assert!(is_gap(NOW, Timestamp(0)));
        assert!(is_gap(NOW, Timestamp(NOW.0 - CLOCK_OFF_MS_MAX - 1)));
        assert!(!is_gap(NOW, Timestamp(NOW.0 - CLOCK_OFF_MS_MAX)));
    }

    #[test]
    fn a_clock_that_runs_is_doubted_when_it_leaves_the_machines_own_count_by_much() {
        assert!(!differ(NOW, NOW.plus_ms(CLOCK_OFF_MS_MAX)));
        assert!(differ(NOW, NOW.plus_ms(CLOCK_OFF_MS_MAX + 1)));
        assert!(differ(NOW.plus_ms(CLOCK_OFF_MS_MAX + 1), NOW));
    }
}
