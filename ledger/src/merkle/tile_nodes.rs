//! One tile in memory with all the nodes between its hashes and its root, so that a proof only
//! looks up.

use super::hash::{HASH_BYTES, Hash, node_hash};
use super::tiles::{TILE_BYTES, TILE_HASHES, TILE_HEIGHT};

/// Up to 256 hashes and the perfect subtrees over them. Row 0 is the tile itself; row `r` joins 2^r
/// hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct TileNodes {
    rows: [Vec<Hash>; 8],
    root: Option<Hash>,
}

impl TileNodes {
    /// A full tile from its bytes; `None` if they are not 8192.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != TILE_BYTES {
            return None;
        }
        let mut nodes = Self::default();
        for hash in bytes.chunks_exact(HASH_BYTES).filter_map(Hash::from_slice) {
            nodes.push(hash);
        }
        Some(nodes)
    }

    /// Adds a hash on the right; answers the tile's root when that made it full.
    pub(super) fn push(&mut self, hash: Hash) -> Option<Hash> {
        debug_assert!(self.width() < TILE_HASHES, "a full tile takes no hash");
        let mut carried = hash;
        for row in &mut self.rows {
            let left = row.last().copied().filter(|_| row.len() % 2 == 1);
            row.push(carried);
            // A left child waits for its sibling; a right one makes their parent known.
            carried = node_hash(&left?, &carried);
        }
        self.root = Some(carried);
        self.root
    }

    /// How many hashes.
    pub(super) fn width(&self) -> usize {
        self.rows[0].len()
    }

    /// The root, once the tile is full.
    pub(super) fn root(&self) -> Option<Hash> {
        self.root
    }

    /// A node by its row and place in the row.
    pub(super) fn node(&self, row: u8, place: u64) -> Option<Hash> {
        debug_assert!(row < TILE_HEIGHT, "a tile has eight rows");
        let place = usize::try_from(place).ok()?;
        self.rows.get(usize::from(row))?.get(place).copied()
    }

    /// The first `width` hashes as a tile file holds them; `None` if there are fewer.
    pub(super) fn bytes(&self, width: usize) -> Option<Vec<u8>> {
        let hashes = self.rows[0].get(..width)?;
        Some(hashes.iter().flat_map(|hash| hash.0).collect())
    }
}
