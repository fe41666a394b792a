//! Quantiles of a handful of measured durations.

use std::time::Duration;

/// The value below which this share (0 to 1000 thousandths) of the durations lies; zero of none.
pub fn quantile(durations: &mut [Duration], thousandths: usize) -> Duration {
    durations.sort_unstable();
    let place = durations.len().saturating_sub(1) * thousandths.min(1000) / 1000;
    durations.get(place).copied().unwrap_or_default()
}

/// The middle one.
pub fn median(durations: &mut [Duration]) -> Duration {
    quantile(durations, 500)
}
