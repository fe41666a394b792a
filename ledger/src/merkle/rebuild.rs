//! Tiles computed again: the gaps at every opening, all of them when the root is not the signed
//! one.

use std::path::Path;
use std::sync::Arc;

use super::frontier::Frontier;
use super::hash::Hash;
use super::tile_files::{TileBatch, is_whole, read_tile};
use super::tile_nodes::TileNodes;
use super::tiles::{TILE_HASHES, TILE_HEIGHT, TILE_LEVELS, TileId, full_tiles, partial_width};
use super::tree::LeafAt;
use crate::error::Fault;
use crate::limits::TILES_PENDING_MAX;

/// Makes every full tile be there with its right length, and answers the edge. At most 255 leaves
/// and the tiles under the last partial tile of each level are read, and what is missing is
/// computed.
pub(super) fn fill_gaps(
    folder: &Path,
    size: u64,
    leaf_at: LeafAt<'_>,
) -> Result<Vec<TileNodes>, Fault> {
    let mut edge = Vec::new();
    for level in 0..TILE_LEVELS {
        let full = full_tiles(size, level);
        let mut batch = TileBatch::default();
        for index in 0..full {
            let id = TileId { level, index };
            if is_whole(folder, id)? {
                continue;
            }
            let first = index << TILE_HEIGHT;
            let nodes = compute(folder, level, first, TILE_HASHES, leaf_at)?;
            batch.insert(id, Arc::new(nodes));
            if batch.len() >= TILES_PENDING_MAX {
                std::mem::take(&mut batch).write(folder)?;
            }
        }
        // Written before the level above, which reads these.
        batch.write(folder)?;
        let first = full << TILE_HEIGHT;
        let width = partial_width(size, level);
        edge.push(compute(folder, level, first, width, leaf_at)?);
    }
    Ok(edge)
}

/// The edge as a frontier: of each level's partial tile, the perfect subtrees that stand alone.
pub(super) fn frontier_of(edge: &[TileNodes], size: u64) -> Result<Frontier, Fault> {
    let mut peaks = Vec::new();
    for level in (0..TILE_LEVELS * TILE_HEIGHT).rev() {
        let at_level = size >> level;
        if at_level & 1 == 1 {
            let (id, row, place) = TileId::of_node(level, at_level - 1);
            let peak = edge
                .get(usize::from(id.level))
                .and_then(|nodes| nodes.node(row, place));
            peaks.push(peak.ok_or_else(|| wrong_root(size))?);
        }
    }
    Frontier::from_parts(size, peaks).ok_or_else(|| wrong_root(size))
}

/// Adds leaf number `index` to the edge. Tiles that become full go into the batch, each root one
/// level up.
pub(super) fn push(edge: &mut Vec<TileNodes>, index: u64, leaf: Hash, batch: &mut TileBatch) {
    let mut carried = leaf;
    for level in 0..TILE_LEVELS {
        let place = usize::from(level);
        if edge.len() <= place {
            edge.resize_with(place + 1, TileNodes::default);
        }
        let Some(partial) = edge.get_mut(place) else {
            return;
        };
        let Some(root) = partial.push(carried) else {
            return;
        };
        let id = TileId {
            level,
            index: full_tiles(index, level),
        };
        batch.insert(id, Arc::new(std::mem::take(partial)));
        carried = root;
    }
}

/// Computes all tiles from the leaves and writes those whose file says something else. Answers the
/// edge and how many tiles were written.
pub(super) fn rewrite(
    folder: &Path,
    size: u64,
    leaf_at: LeafAt<'_>,
) -> Result<(Vec<TileNodes>, u64), Fault> {
    let mut edge = Vec::new();
    let mut full = TileBatch::default();
    let mut differing = TileBatch::default();
    let mut written = 0;
    for index in 0..size {
        push(&mut edge, index, leaf_at(index)?, &mut full);
        for (id, nodes) in full.drain() {
            let stored = read_tile(folder, id)?;
            if stored.and_then(|stored| stored.root()) != nodes.root() {
                differing.insert(id, nodes);
                written += 1;
            }
        }
        if differing.len() >= TILES_PENDING_MAX {
            std::mem::take(&mut differing).write(folder)?;
        }
    }
    differing.write(folder)?;
    Ok((edge, written))
}

/// Refuses leaves that do not have the root of the signed checkpoint. Writes nothing.
pub(super) fn check_leaves(size: u64, root: Hash, leaf_at: LeafAt<'_>) -> Result<(), Fault> {
    let mut frontier = Frontier::empty();
    for index in 0..size {
        frontier.push(leaf_at(index)?);
    }
    if frontier.root() == root {
        Ok(())
    } else {
        Err(wrong_root(size))
    }
}

pub(super) fn wrong_root(size: u64) -> Fault {
    Fault::damaged("merkle tree", format!("size {size}"))
}

/// The tile whose hashes are numbers `first..first + width` of a tile level: leaves, or roots of
/// full tiles.
fn compute(
    folder: &Path,
    level: u8,
    first: u64,
    width: usize,
    leaf_at: LeafAt<'_>,
) -> Result<TileNodes, Fault> {
    let mut nodes = TileNodes::default();
    for index in (first..).take(width) {
        let hash = match level.checked_sub(1) {
            None => leaf_at(index)?,
            Some(level) => {
                let id = TileId { level, index };
                let below = read_tile(folder, id)?.and_then(|below| below.root());
                below.ok_or_else(|| Fault::damaged("merkle tile", id.path()))?
            }
        };
        nodes.push(hash);
    }
    Ok(nodes)
}
