//! Retention: how long personal data are kept, by rules that are a checked file (MISSION E2).

pub(crate) mod index;
mod plan;
mod rules;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

pub use plan::{Over, Plan, end_of};
pub use rules::{DEFAULT_RETENTION, Kept, RetentionRules};
