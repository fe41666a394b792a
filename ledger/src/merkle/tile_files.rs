//! Full tiles as files: `<folder>/tile/<L>/<N>`, 8192 bytes each.
//!
//! - A tile is written beside its name, synced, and only then renamed to it, so a name stands for a
//!   whole tile. A crash leaves at most a `.new` file, which the next write of that tile replaces.
//! - Nothing waits for these files: until a batch is written its tiles are in memory, and after a
//!   crash `Tree::open` computes the missing ones from the leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tile_nodes::TileNodes;
use super::tiles::{TILE_BYTES, TILE_HASHES, TileId};
use crate::error::Fault;

/// Full tiles that wait to be written. Cheap to clone; `write` needs no lock on the tree.
#[derive(Clone, Debug, Default)]
pub struct TileBatch {
    tiles: BTreeMap<TileId, Arc<TileNodes>>,
}

impl TileBatch {
    /// Writes all tiles under `folder` and syncs them. When it returns, each is whole on the disk.
    /// One thread at a time writes into a folder.
    ///
    /// After a failure the batch may be written again: every attempt makes new files, so no sync
    /// that failed is ever relied upon.
    pub fn write(&self, folder: &Path) -> Result<(), Fault> {
        let mut places = Vec::with_capacity(self.tiles.len());
        let mut parents = BTreeSet::new();
        for (id, nodes) in &self.tiles {
            let place = folder.join(id.path());
            let beside = place.with_extension("new");
            if let Some(parent) = place.parent()
                && parents.insert(parent.to_path_buf())
            {
                make_folders(folder, parent)?;
            }
            let bytes = nodes
                .bytes(TILE_HASHES)
                .ok_or_else(|| Fault::damaged("merkle tile", id.path()))?;
            let mut file = File::create(&beside).map_err(Fault::io("merkle tile create"))?;
            file.write_all(&bytes)
                .map_err(Fault::io("merkle tile write"))?;
            places.push((file, beside, place));
        }
        // Synced after all are written: the first sync carries most of the others' blocks with it.
        for (file, beside, place) in places {
            file.sync_data().map_err(Fault::io("merkle tile sync"))?;
            fs::rename(beside, place).map_err(Fault::io("merkle tile rename"))?;
        }
        parents.iter().try_for_each(|parent| sync_folder(parent))
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    /// How many tiles wait.
    pub fn len(&self) -> usize {
        self.tiles.len()
    }

    pub(super) fn insert(&mut self, id: TileId, nodes: Arc<TileNodes>) {
        self.tiles.insert(id, nodes);
    }

    pub(super) fn find(&self, id: TileId) -> Option<&Arc<TileNodes>> {
        self.tiles.get(&id)
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = (TileId, Arc<TileNodes>)> {
        std::mem::take(&mut self.tiles).into_iter()
    }

    pub(super) fn forget(&mut self, written: &Self) -> Vec<(TileId, Arc<TileNodes>)> {
        let ids = written.tiles.keys();
        ids.filter_map(|id| self.tiles.remove_entry(id)).collect()
    }
}

/// Reads a full tile; `None` if there is no such file or it has another length.
pub(super) fn read_tile(folder: &Path, id: TileId) -> Result<Option<TileNodes>, Fault> {
    match fs::read(folder.join(id.path())) {
        Ok(bytes) => Ok(TileNodes::from_bytes(&bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::io("merkle tile read")(error)),
    }
}

/// Whether a file of a full tile's length stands under the tile's name.
pub(super) fn is_whole(folder: &Path, id: TileId) -> Result<bool, Fault> {
    match fs::metadata(folder.join(id.path())) {
        Ok(found) => Ok(found.is_file() && u64::try_from(TILE_BYTES) == Ok(found.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Fault::io("merkle tile look-up")(error)),
    }
}

/// Makes the folders from `folder` down to `parent` and syncs each one that gained an entry.
fn make_folders(folder: &Path, parent: &Path) -> Result<(), Fault> {
    let missing: Vec<PathBuf> = parent
        .ancestors()
        .take_while(|at| at.starts_with(folder) && !at.is_dir())
        .map(Path::to_path_buf)
        .collect();
    fs::create_dir_all(parent).map_err(Fault::io("merkle tile folder"))?;
    missing
        .iter()
        .filter_map(|made| made.parent())
        .try_for_each(sync_folder)
}

fn sync_folder(folder: &Path) -> Result<(), Fault> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(Fault::io("merkle tile folder sync"))
}
