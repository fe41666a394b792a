//! A second store, built from the journal beside the one in use, and put in its place.
//!
//! - sled does not forget what was overwritten: only a store built anew from the cut journal is
//!   without it, and only files overwritten with zeros give nothing back.
//! - A crash at any point leaves the old store, the new one, or none; none is built again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::applier;
use super::content::Meta;
use super::disk::Disk;
use super::files::{JournalFiles, zero_rest};
use super::folder::Folder;
use super::open::LogOptions;
use super::rebuild::{replay, verify};
use super::shared::Stop;
use super::store::Guarded;
use super::writer::Log;
use crate::error::Fault;
use crate::keys::Cut;

/// Builds a second store from the journal; works on any thread while the log is in use.
pub struct StoreBuilder {
    pub(super) folder: Folder,
    pub(super) files: JournalFiles,
    pub(super) options: LogOptions,
}

/// A store in a folder of its own, read back, and not yet in use.
pub struct BuiltStore {
    store: Guarded,
}

impl StoreBuilder {
    /// Builds a store of all frames up to one, from the journal's files alone, and reads it back;
    /// gives up when told to stop.
    pub fn build(&self, until: u64, stop: &AtomicBool) -> Result<BuiltStore, Fault> {
        self.built(until, stop).map(|(built, _)| built)
    }

    /// The same, with listed segments of the journal that are not zeros.
    pub(super) fn built(
        &self,
        until: u64,
        stop: &AtomicBool,
    ) -> Result<(BuiltStore, Vec<Cut>), Fault> {
        let path = self.folder.new_store();
        if path.exists() {
            // A crash cut an earlier building short.
            wipe(&*self.options.disk, &path)?;
        }
        let store = Guarded::open(&*self.options.store, &path)?;
        replay(&self.files, &store, None, until, (&self.options, stop))?;
        let torn = verify(&store, until, 0)?;
        Ok((BuiltStore { store }, torn))
    }

    /// Overwrites stores that are no longer in use with zeros, and removes them.
    pub fn wipe_old(&self) -> Result<(), Fault> {
        wipe_asides(&*self.options.disk, &self.folder)
    }
}

impl BuiltStore {
    /// Closes the new store, gives it its final name, and opens it there. What had that name is
    /// moved aside; `close_old` is called in between.
    pub(super) fn put_in_place(
        self,
        folder: &Folder,
        options: &LogOptions,
        close_old: impl FnOnce() -> Result<(), Fault>,
    ) -> Result<Guarded, Fault> {
        self.store.close()?;
        close_old()?;
        folder.move_store_aside()?;
        // A crash here leaves no store, which the next opening builds from the journal.
        std::fs::rename(folder.new_store(), folder.store())
            .map_err(Fault::io("naming the new store"))?;
        options
            .disk
            .sync_folder(&folder.0)
            .map_err(Fault::io("naming the new store"))?;
        Guarded::open(&*options.store, &folder.store())
    }
}

impl Log {
    /// What builds a second store, on another thread if need be.
    pub fn store_builder(&self) -> StoreBuilder {
        StoreBuilder {
            folder: self.folder.clone(),
            files: self.shared.files.clone(),
            options: self.options.clone(),
        }
    }

    /// Brings a built store up to the last frame and puts it in the place of the one in use;
    /// readers wait meanwhile. After a failure nothing more is written, and the next opening
    /// recovers.
    pub fn swap_store(&mut self, built: BuiltStore) -> Result<(), Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let swapped = self.swap(built);
        swapped.inspect_err(|fault| self.shared.store_failed(fault))
    }

    fn swap(&mut self, built: BuiltStore) -> Result<(), Fault> {
        self.shared.stop(Stop::WhenDrained);
        if let Some(applier) = self.applier.take() {
            // It reports its own failures, asked for below.
            let _ = applier.join();
        }
        if self.shared.store_failure().is_some() {
            return Err(Fault::Poisoned);
        }
        let last = self.shared.head().frame_number;
        let meta = Meta::of(&built.store)?;
        let (mark, held) = meta.map_or((None, 0), |meta| (Some(meta.mark), meta.tree_size));
        let how = (&self.options, &AtomicBool::new(false));
        replay(&self.shared.files, &built.store, mark.as_ref(), last, how)?;
        verify(&built.store, last, held)?;
        let (folder, options) = (&self.folder, &self.options);
        self.shared.replace_store(|old| {
            built.put_in_place(folder, options, || old.map_or(Ok(()), Guarded::close))
        })?;
        self.shared.store_synced_to(last);
        self.shared.stop(Stop::No);
        self.applier = Some(applier::start(Arc::clone(&self.shared))?);
        Ok(())
    }
}

/// Wipes stores that were moved aside or never finished; the store in use replaces them.
pub(super) fn wipe_asides(disk: &dyn Disk, folder: &Folder) -> Result<(), Fault> {
    for aside in folder.asides()? {
        wipe(disk, &aside)?;
    }
    Ok(())
}

/// Overwrites every file below a folder with zeros, syncs it, and removes all of it. Done again
/// from the start after a crash.
pub(super) fn wipe(disk: &dyn Disk, folder: &Path) -> Result<(), Fault> {
    let failed = || Fault::io("wiping a store that is no longer used");
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed())?);
        if kind.is_dir() {
            wipe(disk, &path)?;
            continue;
        }
        // A link is removed, never followed: what it leads to is not ours.
        if kind.is_file() {
            let file = disk.open(&path).map_err(failed())?;
            zero_rest(&*file, 0)?;
            file.sync().map_err(failed())?;
        }
        disk.remove(&path).map_err(failed())?;
    }
    std::fs::remove_dir(folder).map_err(failed())
}
