//! Retention: how long personal data are kept, by rules that are a checked file (MISSION E2).

mod apart;
#[cfg(test)]
mod apart_tests;
#[cfg(test)]
mod asked_tests;
#[cfg(test)]
mod closing_tests;
pub(crate) mod index;
#[cfg(test)]
mod number_tests;
mod plan;
mod rules;
#[cfg(test)]
mod staff_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod two_persons_tests;
pub(crate) mod watch;

pub use apart::{ApartEnd, ApartPlan};
pub(crate) use plan::leaf_end;
pub use plan::{Over, Plan, RecordOver, end_of, record_end, staff_over};
pub use rules::{DEFAULT_RETENTION, Kept, Limit, RetentionRules};
