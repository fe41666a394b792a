//! Where a time that was allowed ends: hours run through, days keep the local time of day, working
//! days leave out the weekend and the holidays of the place (MISSION C4).
//!
//! - Time zones come with the program, not from the machine, so that every machine finds the same
//!   moment. What was found stands in the event; nothing is ever reckoned again.
//! - The day on which a time begins does not count, and a working day ends when the next day
//!   begins, as with Regulation (EEC) 1182/71.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan, Zoned};

use crate::clock::Timestamp;
use crate::domain::codes::DayOfWeek;

/// A time that somebody is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Hours, by day and by night.
    Hours(u16),
    /// Days; it ends at the same time of day.
    Days(u16),
    /// Working days; it ends with the last of them.
    WorkingDays(u16),
}

impl Allowed {
    /// Whether it is over as it begins. A working day of none lasts until midnight all the same.
    pub fn is_none(self) -> bool {
        matches!(self, Self::Hours(0) | Self::Days(0))
    }
}

/// The days of a place.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    weekend: BTreeSet<u8>,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// A place with its weekend and its holidays; none if every day of the week were free.
    pub(super) fn new(
        zone: TimeZone,
        weekend: impl IntoIterator<Item = Weekday>,
        holidays: BTreeSet<Date>,
    ) -> Option<Self> {
        let weekend: BTreeSet<u8> = weekend.into_iter().map(number).collect();
        (weekend.len() < 7).then_some(Self {
            zone,
            weekend,
            holidays,
        })
    }

    /// When a time that begins at a moment ends. What lies beyond all calendars never ends.
    pub fn end_of(&self, from: Timestamp, allowed: Allowed) -> Timestamp {
        match allowed {
            Allowed::Hours(hours) => from.plus_ms(u64::from(hours).saturating_mul(HOUR_MS)),
            Allowed::Days(days) => self.after(from, days).unwrap_or(NEVER),
            Allowed::WorkingDays(days) => self.after_working(from, days).unwrap_or(NEVER),
        }
    }

    /// When a time begins that ends at a moment; a time of working days is one of days here.
    pub fn before(&self, end: Timestamp, time: Allowed) -> Timestamp {
        match time {
            Allowed::Hours(hours) => {
                let ms = u64::from(hours).saturating_mul(HOUR_MS);
                Timestamp(end.0.saturating_sub(ms))
            }
            Allowed::Days(days) | Allowed::WorkingDays(days) => {
                let begins = || {
                    let span = Span::new().days(days);
                    moment(&self.local(end)?.checked_sub(span).ok()?)
                };
                begins().unwrap_or(Timestamp(0))
            }
        }
    }

    /// When so many calendar months end: with the same day of the month, of a shorter month the
    /// last, or with the next day on which people work.
    pub fn months_after(&self, from: Timestamp, months: u8) -> Timestamp {
        let ends = || {
            let span = Span::new().months(months);
            let mut day = self.local(from)?.date().checked_add(span).ok()?;
            while !self.is_working(day) {
                day = day.tomorrow().ok()?;
            }
            self.end_of_day(day)
        };
        ends().unwrap_or(NEVER)
    }

    /// The day of the week and the minute of the day that clocks show at a moment.
    pub fn clock_at(&self, at: Timestamp) -> Option<(DayOfWeek, u16)> {
        let local = self.local(at)?;
        let day = DayOfWeek::ALL.get(usize::from(number(local.weekday())))?;
        let minutes = i16::from(local.hour()) * 60 + i16::from(local.minute());
        Some((*day, minutes.unsigned_abs()))
    }

    fn after(&self, from: Timestamp, days: u16) -> Option<Timestamp> {
        // A time of day that the clocks leave out is taken an hour later, as clocks show it then.
        let then = self.local(from)?.checked_add(Span::new().days(days)).ok()?;
        moment(&then)
    }

    fn after_working(&self, from: Timestamp, days: u16) -> Option<Timestamp> {
        let mut day = self.local(from)?.date();
        let mut left = days;
        while left > 0 {
            day = day.tomorrow().ok()?;
            if self.is_working(day) {
                left -= 1;
            }
        }
        self.end_of_day(day)
    }

    fn end_of_day(&self, day: Date) -> Option<Timestamp> {
        let next = day.checked_add(1.day()).ok()?;
        // Where the clocks change at midnight, the day begins with its first moment that there is.
        moment(&next.to_zoned(self.zone.clone()).ok()?.start_of_day().ok()?)
    }

    /// Whether people work on a day.
    fn is_working(&self, day: Date) -> bool {
        !self.weekend.contains(&number(day.weekday())) && !self.holidays.contains(&day)
    }

    fn local(&self, moment: Timestamp) -> Option<Zoned> {
        let ms = i64::try_from(moment.0).ok()?;
        let moment = jiff::Timestamp::from_millisecond(ms).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }
}

fn moment(at: &Zoned) -> Option<Timestamp> {
    u64::try_from(at.timestamp().as_millisecond())
        .ok()
        .map(Timestamp)
}

/// Weekdays have no order of their own.
fn number(day: Weekday) -> u8 {
    day.to_monday_zero_offset().unsigned_abs()
}

const HOUR_MS: u64 = 3_600_000;
/// The last moment that can be said.
const NEVER: Timestamp = Timestamp(253_402_300_799_999);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(place: &str, local: &str) -> Timestamp {
        let zone = TimeZone::get(place).unwrap();
        let local: jiff::civil::DateTime = local.parse().unwrap();
        moment(&local.to_zoned(zone).unwrap()).unwrap()
    }

    fn calendar(place: &str, weekend: &[Weekday], holidays: &[&str]) -> Calendar {
        let holidays = holidays.iter().map(|day| day.parse().unwrap()).collect();
        let zone = TimeZone::get(place).unwrap();
        Calendar::new(zone, weekend.iter().copied(), holidays).unwrap()
    }

    fn ends(calendar: &Calendar, place: &str, from: &str, allowed: Allowed, until: &str) {
        let end = calendar.end_of(at(place, from), allowed);
        assert_eq!(
            end.to_rfc3339(),
            at(place, until).to_rfc3339(),
            "{allowed:?} from {from}"
        );
    }

    const FRIDAY_SATURDAY: [Weekday; 2] = [Weekday::Friday, Weekday::Saturday];
    const SATURDAY_SUNDAY: [Weekday; 2] = [Weekday::Saturday, Weekday::Sunday];

    #[test]
    fn b10_the_hour_is_that_of_the_place_and_of_its_summer() {
        let berlin = calendar("Europe/Berlin", &SATURDAY_SUNDAY, &[]);
        // A Sunday in winter and one in summer; in UTC the first is a Saturday still.
        let winter = at("Europe/Berlin", "2026-01-18T00:30");
        let summer = at("Europe/Berlin", "2026-07-19T09:05");
        assert_eq!(berlin.clock_at(winter), Some((DayOfWeek::Sunday, 30)));
        let morning = 9 * 60 + 5;
        assert_eq!(berlin.clock_at(summer), Some((DayOfWeek::Sunday, morning)));
    }

    #[test]
    fn calendar_months_end_with_their_last_day_put_off_to_a_working_one() {
        let place = "Asia/Amman";
        let amman = calendar(
            place,
            &[Weekday::Friday, Weekday::Saturday],
            &["2027-02-28"],
        );
        let ends = |from: &str, months, until: &str| {
            let end = amman.months_after(at(place, from), months);
            assert_eq!(end, at(place, until), "{from} + {months}");
        };
        ends("2026-11-22T23:59:59", 1, "2026-12-23T00:00:00");
        // The day is that of the place: in UTC it is still the day before.
        ends("2026-11-23T00:30:00", 1, "2026-12-24T00:00:00");
        // The last of February is a holiday, the day after it is none.
        ends("2027-01-31T10:00:00", 1, "2027-03-02T00:00:00");
        // 24 December 2027 is a Friday, the day after it a Saturday.
        ends("2027-11-24T10:00:00", 1, "2027-12-27T00:00:00");
        ends("2027-11-29T10:00:00", 3, "2028-03-01T00:00:00");
        assert_eq!(amman.months_after(NEVER, 12), NEVER);
    }

    #[test]
    fn c4_working_days_leave_out_the_weekend_and_the_holidays_of_the_place() {
        let amman = calendar("Asia/Amman", &FRIDAY_SATURDAY, &["2026-05-25"]);
        let ends = |from, days, until| {
            ends(
                &amman,
                "Asia/Amman",
                from,
                Allowed::WorkingDays(days),
                until,
            );
        };
        // A Thursday: Friday and Saturday are free, Monday the 25th is a holiday.
        ends("2026-05-21T09:30", 1, "2026-05-25T00:00");
        ends("2026-05-21T09:30", 2, "2026-05-27T00:00");
        ends("2026-05-21T23:59", 1, "2026-05-25T00:00");
        // Sent on a free day: the first working day counts whole.
        ends("2026-05-22T12:00", 1, "2026-05-25T00:00");
        ends("2026-05-21T09:30", 0, "2026-05-22T00:00");
    }

    #[test]
    fn c4_a_leap_day_and_the_end_of_a_month_are_days_like_others() {
        let utc = calendar("UTC", &SATURDAY_SUNDAY, &[]);
        let days = |from, days, until| ends(&utc, "UTC", from, Allowed::Days(days), until);
        days("2028-02-28T10:00", 1, "2028-02-29T10:00");
        days("2028-02-28T10:00", 2, "2028-03-01T10:00");
        days("2027-02-28T10:00", 1, "2027-03-01T10:00");
        days("2026-12-31T23:59", 1, "2027-01-01T23:59");
        let working = |from, days, until| {
            ends(&utc, "UTC", from, Allowed::WorkingDays(days), until);
        };
        // 2028-02-29 is a Tuesday.
        working("2028-02-28T10:00", 1, "2028-03-01T00:00");
        working("2028-02-29T10:00", 1, "2028-03-02T00:00");
    }

    #[test]
    fn c4_daylight_saving_moves_no_day_and_stretches_no_hour() {
        let berlin = calendar("Europe/Berlin", &SATURDAY_SUNDAY, &[]);
        let ends = |from, allowed, until| ends(&berlin, "Europe/Berlin", from, allowed, until);
        // Clocks go forward on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00.
        ends("2026-03-28T12:00", Allowed::Days(1), "2026-03-29T12:00");
        ends("2026-03-28T12:00", Allowed::Hours(24), "2026-03-29T13:00");
        ends("2026-10-24T12:00", Allowed::Days(1), "2026-10-25T12:00");
        ends("2026-10-24T12:00", Allowed::Hours(24), "2026-10-25T11:00");
        // A time of day that there is not on that day.
        ends("2026-03-28T02:30", Allowed::Days(1), "2026-03-29T03:30");
        ends(
            "2026-03-27T12:00",
            Allowed::WorkingDays(1),
            "2026-03-31T00:00",
        );
    }

    #[test]
    fn c4_where_the_clocks_change_at_midnight_a_day_begins_with_its_first_moment() {
        // In Beirut 2026-03-29 begins at 01:00.
        let beirut = calendar("Asia/Beirut", &[Weekday::Sunday], &[]);
        let from = "2026-03-27T10:00";
        ends(
            &beirut,
            "Asia/Beirut",
            from,
            Allowed::WorkingDays(1),
            "2026-03-29T01:00",
        );
    }

    #[test]
    fn a_week_without_a_working_day_is_no_calendar() {
        let week = [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ];
        assert!(Calendar::new(TimeZone::UTC, week, BTreeSet::new()).is_none());
        let six = week.into_iter().take(6);
        assert!(Calendar::new(TimeZone::UTC, six, BTreeSet::new()).is_some());
    }

    #[test]
    fn what_lies_beyond_all_calendars_never_ends() {
        let utc = calendar("UTC", &[], &[]);
        for allowed in [Allowed::Days(9), Allowed::WorkingDays(9)] {
            assert_eq!(utc.end_of(Timestamp(u64::MAX), allowed), NEVER);
            assert_eq!(utc.end_of(NEVER, allowed), NEVER);
        }
        let hours = utc.end_of(Timestamp(u64::MAX), Allowed::Hours(9));
        assert_eq!(hours, Timestamp(u64::MAX));
        assert_eq!(NEVER.to_rfc3339(), "9999-12-31T23:59:59.999Z");
    }

    proptest! {
        #[test]
        fn c4_who_is_allowed_longer_is_never_due_earlier_and_nobody_before_the_start(
            from in 0_u64..4_000_000_000_000, fewer in 0_u16..60, more in 0_u16..60, kind in 0..3,
        ) {
            let calendar = calendar("Europe/Kyiv", &SATURDAY_SUNDAY, &["2026-01-01", "2027-08-24"]);
            let allowed = match kind {
                0 => Allowed::Hours,
                1 => Allowed::Days,
                _ => Allowed::WorkingDays,
            };
            let from = Timestamp(from);
            let short = calendar.end_of(from, allowed(fewer.min(more)));
            let long = calendar.end_of(from, allowed(fewer.max(more)));
            prop_assert!(from <= short && short <= long);
            // A clock that jumped back makes nothing due later.
            let earlier = calendar.end_of(Timestamp(from.0 / 2), allowed(more));
            prop_assert!(earlier <= calendar.end_of(from, allowed(more)));
        }
    }
}
