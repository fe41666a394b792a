//! Record leaves beside those of new streams: of a snapshot of views.

use crate::error::Fault;
use crate::keys::{Cohort, KeyRecord, LeafHandle};

use super::staged::Staged;
use super::writer::Writer;

impl Writer {
    /// A fresh leaf for a snapshot, durable before it is used.
    pub(super) fn snapshot_leaf(&mut self) -> Result<LeafHandle, Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let mut staged = Staged::on(self.shared.tree().frontier());
        let leaf = self.shared.keys_mut().insert_leaf(
            &self.shared.reader,
            Cohort::Record,
            self.entropy.as_mut(),
        )?;
        staged.key_records = leaf.records.iter().map(KeyRecord::to_bytes).collect();
        // A draft that a full disk refused changed nothing.
        self.append(&mut staged, false)?;
        Ok(leaf.handle)
    }
}
