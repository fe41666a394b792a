//! Which tile holds what, and what it is called: the arithmetic of C2SP tlog-tiles.
//!
//! A tile is 256 hashes side by side; those of level 0 are leaf hashes, those of level `l` are each
//! the root over one full tile of level `l - 1`.

use std::fmt;

/// Hashes in a full tile.
pub const TILE_HASHES: usize = 256;
/// Bytes of a full tile.
pub const TILE_BYTES: usize = TILE_HASHES * super::hash::HASH_BYTES;
/// Levels of the tree inside one tile.
pub(super) const TILE_HEIGHT: u8 = 8;
/// Tile levels that a tree of less than 2^64 leaves can have.
pub(super) const TILE_LEVELS: u8 = 8;
/// The highest level that tlog-tiles allows in a path.
const PATH_LEVEL_MAX: u8 = 63;

/// Names one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Tile level; leaves are at level 0.
    pub level: u8,
    /// Number of the tile within its level, from the left.
    pub index: u64,
}

impl TileId {
    /// The path of the full tile, for example `tile/0/x001/x234/067`.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, grouped(self.index))
    }

    /// The path of the tile when only its first `width` hashes exist, for example
    /// `tile/1/000.p/17`.
    pub fn partial_path(&self, width: u8) -> String {
        format!("{}.p/{width}", self.path())
    }

    /// Reads a path as a client sends it; the width is 256 for a full tile. `None` unless it is
    /// exactly what `path` or `partial_path` would write.
    pub fn parse(path: &str) -> Option<(Self, usize)> {
        let rest = path.strip_prefix("tile/")?;
        let (level, rest) = rest.split_once('/')?;
        let (groups, width) = match rest.split_once(".p/") {
            None => (rest, None),
            Some((groups, width)) => (groups, Some(width.parse::<u8>().ok().filter(|w| *w > 0)?)),
        };
        let digits: String = groups
            .split('/')
            .map(|g| g.trim_start_matches('x'))
            .collect();
        let tile = Self {
            level: level.parse().ok().filter(|l| *l <= PATH_LEVEL_MAX)?,
            index: digits.parse().ok()?,
        };
        // Written again and compared, so that no second spelling of a tile is ever accepted.
        let (written, width) = match width {
            None => (tile.path(), TILE_HASHES),
            Some(width) => (tile.partial_path(width), usize::from(width)),
        };
        (written == path).then_some((tile, width))
    }

    /// The place of this full tile's root among the nodes of the tree: level and index.
    pub(super) fn root_node(&self) -> (u8, u64) {
        ((self.level + 1) * TILE_HEIGHT, self.index)
    }

    /// The tile that holds node `index` of tree level `level`, the row in it, and the place in the
    /// row.
    pub(super) fn of_node(level: u8, index: u64) -> (Self, u8, u64) {
        let row = level % TILE_HEIGHT;
        let width = TILE_HEIGHT - row;
        let tile = Self {
            level: level / TILE_HEIGHT,
            index: index >> width,
        };
        (tile, row, index & ((1 << width) - 1))
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

/// How many full tiles a tree of `size` leaves has at a tile level.
pub fn full_tiles(size: u64, level: u8) -> u64 {
    u32::from(level + 1)
        .checked_mul(u32::from(TILE_HEIGHT))
        .and_then(|shift| size.checked_shr(shift))
        .unwrap_or(0)
}

/// How many hashes the partial tile of a tree of `size` leaves has at a tile level.
pub fn partial_width(size: u64, level: u8) -> usize {
    let hashes = size
        .checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))
        .unwrap_or(0);
    usize::from(u8::try_from(hashes & 0xff).unwrap_or(u8::MAX))
}

/// The index in groups of three digits, all but the last with an `x` before them (tlog-tiles,
/// Merkle Tree).
fn grouped(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |level, index| TileId { level, index };
        assert_eq!(tile(0, 1_234_067).path(), "tile/0/x001/x234/067");
        assert_eq!(tile(0, 0).path(), "tile/0/000");
        assert_eq!(tile(3, 999).path(), "tile/3/999");
        assert_eq!(tile(3, 1000).path(), "tile/3/x001/000");
        assert_eq!(tile(1, 1).partial_path(17), "tile/1/001.p/17");
    }

    #[test]
    fn a_tree_of_70_000_leaves_has_the_tiles_that_the_specification_counts() {
        assert_eq!(full_tiles(70_000, 0), 273);
        assert_eq!(partial_width(70_000, 0), 112);
        assert_eq!(full_tiles(70_000, 1), 1);
        assert_eq!(partial_width(70_000, 1), 17);
        assert_eq!(full_tiles(70_000, 2), 0);
        assert_eq!(partial_width(70_000, 2), 1);
        assert_eq!(full_tiles(u64::MAX, 7), 0);
        assert_eq!(partial_width(256, 0), 0);
        assert_eq!(partial_width(256, 1), 1);
    }

    #[test]
    fn every_path_is_read_back_as_the_tile_it_names() {
        for index in [0, 1, 999, 1000, 1_234_067, u64::MAX] {
            for level in [0, 7, 63] {
                let tile = TileId { level, index };
                assert_eq!(TileId::parse(&tile.path()), Some((tile, 256)));
                assert_eq!(TileId::parse(&tile.partial_path(255)), Some((tile, 255)));
            }
        }
    }

    #[test]
    fn another_spelling_of_a_path_is_refused() {
        for path in [
            "",
            "tile/0/",
            "tile/0/1",
            "tile/00/001",
            "tile/+0/001",
            "tile/64/001",
            "tile/0/+01",
            "tile/0/x000/001",
            "tile/0/x001/x001",
            "tile/0/xx001/001",
            "tile/0/001/001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/0/001.p/+1",
            "tile/0/001/",
            "/tile/0/001",
            "tile/0/../001",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(TileId::parse(path), None, "{path}");
        }
    }
}
