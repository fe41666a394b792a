//! What every view is: a fold over record parts, with a name and a version for its snapshots.

use ledger::clock::Timestamp;
use ledger::domain::event::{Record, Recorded};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A read model.
///
/// - `apply` depends on the position and the record only: no clock, no randomness, no disk. The
///   same log always gives the same rows.
/// - `apply` never panics and never refuses: an event that names what the view does not know is
///   passed by. The log was checked before it was written.
pub trait Projection: Default + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// The name that its snapshots are kept under.
    const NAME: &'static str;

    /// The version of its rows. A snapshot of another version is not read; the view is rebuilt.
    const VERSION: u32;

    /// Folds the event at this position in. Called once per position, in order.
    fn apply(&mut self, position: u64, record: &Record);

    /// Builds again what snapshots leave out (indexes over the rows).
    fn reindex(&mut self) {}
}

/// When something was recorded; the start of the day where only the day is known.
pub(crate) fn moment(recorded: Recorded) -> Timestamp {
    match recorded {
        Recorded::At(moment) => moment,
        Recorded::On(day) => day.start(),
    }
}
