//! The road of every command: repeat? → authorise → decide → seal → append → prove → answer.
//!
//! - `writer.rs` is the spine: one thread owns the log, and all effects happen there.
//! - Nothing decided on staged state is answered before the group's sync, refusals included.

pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod closing;
#[cfg(test)]
mod complaint_tests;
pub(crate) mod held;
#[cfg(test)]
mod interview_tests;
#[cfg(test)]
mod link_tests;
pub(crate) mod recent;
pub(crate) mod repeat;
#[cfg(test)]
mod repeat_tests;
pub(crate) mod sealed;
pub(crate) mod sealers;
pub(crate) mod sealing;
pub(crate) mod staged;
mod subjects;
pub(crate) mod tally;
#[cfg(test)]
mod tally_tests;
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod whose_tests;
pub(crate) mod writer;
