//! Moments and days: protobuf timestamps and `YYYY-MM-DD`, in a range that a life can lie in.

use ledger::clock::{Day, Timestamp};
use ledger::refusal::{Refusal, Refused};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::Checked;
use crate::limits::{YEAR_MAX, YEAR_MIN};

/// A moment. Before 1970 there is nothing that this ledger could record to the millisecond.
pub fn moment(from: prost_types::Timestamp, field: &str) -> Checked<Timestamp> {
    read_moment(from).ok_or_else(|| Refused::about(Refusal::Malformed, field))
}

/// A moment that must be given.
pub fn required(from: Option<prost_types::Timestamp>, field: &str) -> Checked<Timestamp> {
    let from = from.ok_or_else(|| Refused::about(Refusal::Malformed, field))?;
    moment(from, field)
}

/// A moment, where there is one.
pub fn optional(from: Option<prost_types::Timestamp>, field: &str) -> Checked<Option<Timestamp>> {
    from.map(|from| moment(from, field)).transpose()
}

/// A moment as protobuf says it.
pub fn to_wire(moment: Timestamp) -> prost_types::Timestamp {
    let nanos = (moment.0 % 1000).saturating_mul(1_000_000);
    prost_types::Timestamp {
        seconds: i64::try_from(moment.0 / 1000).unwrap_or(i64::MAX),
        nanos: i32::try_from(nanos).unwrap_or(0),
    }
}

/// A day written `YYYY-MM-DD`.
pub fn day(text: &str, field: &str) -> Checked<Day> {
    read_day(text).ok_or_else(|| Refused::about(Refusal::Malformed, field))
}

/// A day of birth. Who was born before 1970 is an adult, and the day is not told more closely; who
/// was born before 1851 is not alive.
pub fn birth_day(text: &str, field: &str) -> Checked<Day> {
    let born = Date::parse(text, DAY_FORMAT).ok();
    let born = born.filter(|_| text.len() == 10);
    let born = born.ok_or_else(|| Refused::about(Refusal::Malformed, field))?;
    if born.year() <= 1850 {
        return Err(Refused::about(Refusal::TimeInvalid, field));
    }
    let days = born.midnight().assume_utc().unix_timestamp() / 86_400;
    Ok(Day(u32::try_from(days).unwrap_or(0)))
}

/// A day as `YYYY-MM-DD`.
pub fn day_to_wire(day: Day) -> String {
    let seconds = i64::from(day.0).saturating_mul(86_400);
    let date = OffsetDateTime::from_unix_timestamp(seconds).map(OffsetDateTime::date);
    date.ok()
        .and_then(|date| date.format(DAY_FORMAT).ok())
        .unwrap_or_default()
}

/// A moment as RFC 3339 in UTC, for details and logs.
pub fn moment_to_text(moment: Timestamp) -> String {
    let nanoseconds = i128::from(moment.0).saturating_mul(1_000_000);
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|at| {
            at.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_default()
}

fn read_moment(from: prost_types::Timestamp) -> Option<Timestamp> {
    let nanos = u32::try_from(from.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    let at = OffsetDateTime::from_unix_timestamp(from.seconds).ok()?;
    if !(YEAR_MIN..=YEAR_MAX).contains(&at.year()) {
        return None;
    }
    let seconds = u64::try_from(from.seconds).ok()?;
    Some(Timestamp(
        seconds
            .checked_mul(1000)?
            .checked_add(u64::from(nanos / 1_000_000))?,
    ))
}

fn read_day(text: &str) -> Option<Day> {
    let date = Date::parse(text, DAY_FORMAT).ok()?;
    if text.len() != 10 || !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
        return None;
    }
    let days = date.midnight().assume_utc().unix_timestamp() / 86_400;
    u32::try_from(days).ok().map(Day)
}

const DAY_FORMAT: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: i32) -> Checked<Timestamp> {
        moment(prost_types::Timestamp { seconds, nanos }, "occurred_at")
    }

    #[test]
    fn a_moment_comes_back_to_the_millisecond() {
        for milliseconds in [0, 1, 999, 1_767_225_600_123] {
            let wire = to_wire(Timestamp(milliseconds));
            assert_eq!(moment(wire, "at"), Ok(Timestamp(milliseconds)));
        }
    }

    #[test]
    fn absurd_moments_are_refused_and_named() {
        let absurd = [
            (i64::MIN, 0),
            (i64::MAX, 0),
            (-62_135_596_800, 0),
            (-1, 0),
            (253_402_300_799, 0),
            (7_289_654_400, 0),
            (1, -1),
            (1, 1_000_000_000),
            (1, i32::MAX),
        ];
        for (seconds, nanos) in absurd {
            let refused = Refused::about(Refusal::Malformed, "occurred_at");
            assert_eq!(at(seconds, nanos), Err(refused), "{seconds} {nanos}");
        }
    }

    #[test]
    fn a_day_of_birth_before_anybody_alive_is_no_time_and_another_text_is_no_day() {
        assert_eq!(birth_day("2010-04-02", "birth_date"), Ok(Day(14_701)));
        assert_eq!(birth_day("1851-01-01", "birth_date"), Ok(Day(0)));
        let about = |refusal| Err(Refused::about(refusal, "birth_date"));
        for text in ["1850-12-31", "0001-01-01"] {
            assert_eq!(birth_day(text, "birth_date"), about(Refusal::TimeInvalid));
        }
        for text in ["", "1850", "1850-13-01", "2010-4-2", "+2010-04-02"] {
            assert_eq!(birth_day(text, "birth_date"), about(Refusal::Malformed));
        }
    }

    #[test]
    fn a_day_comes_back_and_other_texts_are_refused() {
        assert_eq!(day("1970-01-02", "on"), Ok(Day(1)));
        assert_eq!(day_to_wire(Day(20_454)), "2026-01-01");
        assert_eq!(day("2026-01-01", "on"), Ok(Day(20_454)));
        for text in [
            "",
            "2026-13-01",
            "2026-02-30",
            "26-01-01",
            "2026-1-1",
            "2201-01-01",
            "1899-12-31",
            "١٢",
        ] {
            assert!(day(text, "on").is_err(), "{text}");
        }
    }
}
