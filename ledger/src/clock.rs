//! Time and randomness, which come in from outside (STYLE 6).

use serde::{Deserialize, Serialize};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use zeroize::{Zeroize, Zeroizing};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

/// Days since 1970-01-01, for what must not be dated more closely (MISSION A2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub u32);

/// Milliseconds in a day.
pub const DAY_MS: u64 = 86_400_000;

/// RFC 3339 in UTC with three digits of the second's fraction.
const MILLISECONDS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Timestamp {
    /// The day this moment lies in (UTC).
    pub fn day(self) -> Day {
        Day(u32::try_from(self.0 / DAY_MS).unwrap_or(u32::MAX))
    }

    /// This moment plus a number of milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This moment so many calendar months later; the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.shifted(i64::from(months))
    }

    /// This moment so many calendar months earlier.
    #[must_use]
    pub fn minus_months(self, months: u32) -> Self {
        self.shifted(-i64::from(months))
    }

    fn shifted(self, months: i64) -> Self {
        let days = i64::from(self.day().0);
        let Ok(then) = time::OffsetDateTime::from_unix_timestamp(days.saturating_mul(86_400))
        else {
            return self;
        };
        let count = i64::from(then.year()) * 12 + i64::from(u8::from(then.month())) - 1 + months;
        let year = i32::try_from(count.div_euclid(12)).unwrap_or(i32::MAX);
        let month = u8::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
        let Ok(month) = time::Month::try_from(month) else {
            return self;
        };
        let day = then.day().min(month.length(year));
        let Ok(date) = time::Date::from_calendar_date(year, month, day) else {
            return if months < 0 { Self(0) } else { Self(u64::MAX) };
        };
        let days = date.midnight().assume_utc().unix_timestamp() / 86_400;
        let into_day = self.0 % DAY_MS;
        Self(
            u64::try_from(days)
                .unwrap_or(0)
                .saturating_mul(DAY_MS)
                .saturating_add(into_day),
        )
    }

    /// This moment in words: `2026-11-22T07:00:00.000Z`.
    pub fn to_rfc3339(self) -> String {
        let nanoseconds = i128::from(self.0).saturating_mul(1_000_000);
        let known = time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
        let said = known.and_then(|moment| moment.format(MILLISECONDS).ok());
        // Only moments past the year 9999 cannot be said.
        said.unwrap_or_else(|| "9999-12-31T23:59:59.999Z".to_owned())
    }

    /// Months since January 1970 (UTC): the expiry cohort of a leaf key.
    pub fn month(self) -> u32 {
        self.day().month()
    }
}

impl Day {
    /// Midnight UTC at the start of this day.
    pub fn start(self) -> Timestamp {
        Timestamp(u64::from(self.0).saturating_mul(DAY_MS))
    }

    /// Whether it is the first day of a month.
    pub fn begins_month(self) -> bool {
        let before = self.0.checked_sub(1).map(|day| Self(day).month());
        before != Some(self.month())
    }

    /// Months since January 1970.
    pub fn month(self) -> u32 {
        let seconds = i64::from(self.0).saturating_mul(86_400);
        let Ok(date) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
            return u32::MAX;
        };
        let years = u32::try_from(date.year().saturating_sub(1970)).unwrap_or(u32::MAX);
        years
            .saturating_mul(12)
            .saturating_add(u32::from(u8::from(date.month())) - 1)
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from.
pub trait Entropy: Send {
    /// Fills the whole buffer with random bytes fit for keys.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// Randomness drawn in one go and handed out piece by piece: asking the system for each key costs
/// more than the keys. Made for one command and gone with it, its rest wiped, so that a machine
/// copied while it runs does not make the same keys twice from what was left.
pub struct Drawn<'a> {
    source: &'a mut dyn Entropy,
    drawn: Zeroizing<Vec<u8>>,
}

impl<'a> From<&'a mut dyn Entropy> for Drawn<'a> {
    fn from(source: &'a mut dyn Entropy) -> Self {
        let drawn = Zeroizing::default();
        Self { source, drawn }
    }
}

impl Drawn<'_> {
    /// Draws as many bytes as will be asked for. Whoever asks for more is given more, one by one.
    pub fn draw(&mut self, bytes: usize) {
        let mut drawn = Zeroizing::new(vec![0; bytes]);
        self.source.fill(&mut drawn);
        self.drawn = drawn;
    }
}

impl Entropy for Drawn<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        let Some(rest) = self.drawn.len().checked_sub(bytes.len()) else {
            return self.source.fill(bytes);
        };
        if let Some(given) = self.drawn.get_mut(rest..) {
            bytes.copy_from_slice(given);
            given.zeroize();
        }
        self.drawn.truncate(rest);
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The operating system's random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks for random bytes"
    )]
    #[expect(clippy::expect_used, reason = "without randomness no key may be made")]
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts upwards, so that what was given once is seen when it is given again.
    struct Counting(u8, usize);

    impl Entropy for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            self.1 += 1;
            for byte in bytes {
                *byte = self.0;
                self.0 += 1;
            }
        }
    }

    #[test]
    fn what_is_drawn_in_one_go_is_given_once_and_then_more_is_asked_for() {
        let mut source = Counting(0, 0);
        let entropy: &mut dyn Entropy = &mut source;
        let mut drawn = Drawn::from(entropy);
        drawn.draw(10);
        let mut given = Vec::new();
        for bytes in [4, 6, 3, 0, 2] {
            let mut piece = vec![0; bytes];
            drawn.fill(&mut piece);
            given.extend(piece);
        }
        given.sort_unstable();
        assert_eq!(given, (0..15).collect::<Vec<u8>>());
        assert_eq!(source.1, 3, "drawn once, and asked for twice more");
    }

    #[test]
    fn months_are_calendar_months_and_end_where_a_month_ends() {
        let at = |text: &str, days: u32| assert_eq!(Day(days).start().to_rfc3339(), text);
        at("2026-11-22T00:00:00.000Z", 20_779);
        let january = Day(20_484).start().plus_ms(5);
        assert_eq!(january.to_rfc3339(), "2026-01-31T00:00:00.005Z");
        assert_eq!(
            january.plus_months(1).to_rfc3339(),
            "2026-02-28T00:00:00.005Z"
        );
        assert_eq!(
            january.plus_months(25).to_rfc3339(),
            "2028-02-29T00:00:00.005Z"
        );
        assert_eq!(
            january.minus_months(2).to_rfc3339(),
            "2025-11-30T00:00:00.005Z"
        );
        assert_eq!(Timestamp(5).minus_months(1), Timestamp(5).minus_months(700));
        assert_eq!(Timestamp(u64::MAX).plus_months(1), Timestamp(u64::MAX));
    }

    #[test]
    fn moments_are_said_to_the_millisecond() {
        assert_eq!(Timestamp(0).to_rfc3339(), "1970-01-01T00:00:00.000Z");
        let later = Timestamp(1_795_330_800_007).to_rfc3339();
        assert_eq!(later, "2026-11-22T07:00:00.007Z");
        assert_eq!(Timestamp(u64::MAX).to_rfc3339(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn months_count_from_1970() {
        assert_eq!(Day(0).month(), 0);
        assert_eq!(Day(31).month(), 1);
        assert_eq!(Day(59).month(), 2);
        assert_eq!(Day(20_789).month(), (2026 - 1970) * 12 + 11);
    }
}
