//! The whole tree: full tiles in files, the right edge in memory, every proof between two sizes.
//!
//! - **The files are a cache.** They are computed from the leaves and can be lost at any time; what
//!   the signed checkpoint covers are the leaves, which the journal holds.
//! - **No file is believed.** A tile that is read is checked against its parent tile, that one
//!   against its own, up to the edge in memory; and the edge against the root that `open` is given.
//!   So a torn or altered tile never ends up in a proof: it is a fault, and `repair` computes it
//!   anew.
//! - **`extend` does no I/O** until `TILES_PENDING_MAX` tiles wait. The applier writes them outside
//!   any lock: `let batch = tree.unwritten(); batch.write(dir)?; tree.forget_written(&batch)`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::frontier::Frontier;
use super::hash::Hash;
use super::proof::{self, NodeReader};
use super::rebuild;
use super::tile_files::{TileBatch, read_tile};
use super::tile_nodes::TileNodes;
use super::tiles::{TILE_HASHES, TileId, full_tiles, partial_width};
use crate::error::Fault;
use crate::limits::{TILES_CACHED, TILES_PENDING_MAX};

/// Answers the hash of a leaf by its index; the journal is behind it.
pub type LeafAt<'a> = &'a mut dyn FnMut(u64) -> Result<Hash, Fault>;

/// A tree of known size over a folder of tiles.
pub struct Tree {
    folder: PathBuf,
    frontier: Frontier,
    /// The partial tile of each level, lowest first; a level without hashes has an empty one.
    edge: Vec<TileNodes>,
    /// Full tiles that no file holds yet.
    pending: TileBatch,
    /// Full tiles read and checked. Guarded, because proofs are made through `&self`.
    cache: Mutex<LruCache<TileId, Arc<TileNodes>>>,
}

impl Tree {
    /// Opens the tree of the first `size` leaves.
    ///
    /// Missing files, and files of a wrong length, are computed again. If the edge then does not
    /// have the `expected` root (that of the signed checkpoint), all leaves are read: if *they*
    /// have that root, the tiles are written anew; if not, nothing is written and the answer is
    /// `Fault::Damaged`. Without an expected root the tiles are taken as they are.
    pub fn open(
        folder: &Path,
        size: u64,
        expected: Option<Hash>,
        leaf_at: LeafAt<'_>,
    ) -> Result<Self, Fault> {
        let edge = rebuild::fill_gaps(folder, size, leaf_at)?;
        let frontier = rebuild::frontier_of(&edge, size)?;
        if let Some(root) = expected
            && frontier.root() != root
        {
            return Self::rebuilt(folder, size, root, leaf_at);
        }
        Ok(Self::assemble(folder, frontier, edge))
    }

    /// Reads all leaves, and writes every tile that is not what they say. For `fsck`, and after a
    /// fault. Answers how many tiles were written; writes none if the leaves do not have this
    /// tree's root.
    pub fn repair(&mut self, leaf_at: LeafAt<'_>) -> Result<u64, Fault> {
        rebuild::check_leaves(self.size(), self.root(), leaf_at)?;
        let (_, written) = rebuild::rewrite(&self.folder, self.size(), leaf_at)?;
        self.pending = TileBatch::default();
        self.cache().clear();
        Ok(written)
    }

    /// Adds leaf hashes on the right. On a fault they are in the tree all the same: only files of
    /// full tiles are not written yet, which stay in memory and are tried again.
    pub fn extend(&mut self, leaves: &[Hash]) -> Result<(), Fault> {
        for leaf in leaves {
            let index = self.frontier.size();
            rebuild::push(&mut self.edge, index, *leaf, &mut self.pending);
            self.frontier.push(*leaf);
        }
        if self.pending.len() >= TILES_PENDING_MAX {
            self.write_tiles()?;
        }
        Ok(())
    }

    /// The full tiles that no file holds yet, to be written without a lock on the tree.
    pub fn unwritten(&self) -> TileBatch {
        self.pending.clone()
    }

    /// How many full tiles no file holds yet.
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Where the tiles lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says that a batch from `unwritten` is on the disk.
    pub fn forget_written(&mut self, batch: &TileBatch) {
        let written = self.pending.forget(batch);
        let mut cache = self.cache();
        for (id, nodes) in written {
            cache.put(id, nodes);
        }
    }

    /// Writes what waits, at once: at a clean close, and when too many wait.
    pub fn write_tiles(&mut self) -> Result<(), Fault> {
        let batch = self.unwritten();
        batch.write(&self.folder)?;
        self.forget_written(&batch);
        Ok(())
    }

    /// The right edge, to stage further leaves on.
    pub fn frontier(&self) -> Frontier {
        self.frontier.clone()
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The root when the tree had `size` leaves.
    pub fn root_at(&self, size: u64) -> Result<Hash, Fault> {
        self.has(size)?;
        proof::root_at(self, size)
    }

    /// The hash of leaf `index`.
    pub fn leaf(&self, index: u64) -> Result<Hash, Fault> {
        self.node(0, index)
    }

    /// The proof that leaf `index` is in the tree of the first `size` leaves.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, Fault> {
        self.has(size)?;
        proof::inclusion_proof(self, index, size)
    }

    /// The proof that the tree of `old_size` leaves is a part of the one of `new_size`.
    pub fn consistency_proof(&self, old_size: u64, new_size: u64) -> Result<Vec<Hash>, Fault> {
        self.has(new_size)?;
        proof::consistency_proof(self, old_size, new_size)
    }

    /// The first `width` hashes of a tile as tlog-tiles serves them; `None` if the tree does not
    /// have them.
    pub fn tile(&self, id: TileId, width: usize) -> Result<Option<Vec<u8>>, Fault> {
        let full = id.index < full_tiles(self.size(), id.level);
        let is_edge = id.index == full_tiles(self.size(), id.level)
            && width <= partial_width(self.size(), id.level);
        if width == 0 || width > TILE_HASHES || !(full || is_edge) {
            return Ok(None);
        }
        if full {
            return Ok(self.full_tile(id)?.bytes(width));
        }
        let partial = self.edge.get(usize::from(id.level));
        Ok(partial.and_then(|nodes| nodes.bytes(width)))
    }

    pub(super) fn assemble(folder: &Path, frontier: Frontier, edge: Vec<TileNodes>) -> Self {
        Self {
            folder: folder.to_path_buf(),
            frontier,
            edge,
            pending: TileBatch::default(),
            cache: Mutex::new(LruCache::new(
                NonZeroUsize::new(TILES_CACHED).unwrap_or(NonZeroUsize::MIN),
            )),
        }
    }

    fn rebuilt(folder: &Path, size: u64, root: Hash, leaf_at: LeafAt<'_>) -> Result<Self, Fault> {
        // The leaves are judged before a tile is touched: wrong leaves must not overwrite right
        // tiles.
        rebuild::check_leaves(size, root, leaf_at)?;
        let (edge, _) = rebuild::rewrite(folder, size, leaf_at)?;
        let frontier = rebuild::frontier_of(&edge, size)?;
        if frontier.root() != root {
            return Err(rebuild::wrong_root(size));
        }
        Ok(Self::assemble(folder, frontier, edge))
    }

    fn has(&self, size: u64) -> Result<(), Fault> {
        if size <= self.size() {
            return Ok(());
        }
        let held = self.size();
        Err(Fault::Unusable(format!(
            "the tree has {held} leaves, not {size}"
        )))
    }

    fn full_tile(&self, id: TileId) -> Result<Arc<TileNodes>, Fault> {
        if let Some(nodes) = self.pending.find(id) {
            return Ok(Arc::clone(nodes));
        }
        if let Some(nodes) = self.cache().get(&id) {
            return Ok(Arc::clone(nodes));
        }
        let nodes =
            read_tile(&self.folder, id)?.ok_or_else(|| Fault::damaged("merkle tile", id.path()))?;
        let (level, index) = id.root_node();
        if nodes.root() != Some(self.node(level, index)?) {
            return Err(Fault::damaged("merkle tile", id.path()));
        }
        let nodes = Arc::new(nodes);
        self.cache().put(id, Arc::clone(&nodes));
        Ok(nodes)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, LruCache<TileId, Arc<TileNodes>>> {
        // Whatever panicked elsewhere, the map only ever holds whole, checked tiles.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NodeReader for Tree {
    fn node(&self, level: u8, index: u64) -> Result<Hash, Fault> {
        let (id, row, place) = TileId::of_node(level, index);
        let found = if id.index < full_tiles(self.size(), id.level) {
            self.full_tile(id)?.node(row, place)
        } else if id.index == full_tiles(self.size(), id.level) {
            let partial = self.edge.get(usize::from(id.level));
            partial.and_then(|nodes| nodes.node(row, place))
        } else {
            None
        };
        found.ok_or_else(|| {
            Fault::Unusable(format!("the tree has no node {index} at level {level}"))
        })
    }
}
