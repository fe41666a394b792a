//! The right edge of a tree: enough to add leaves and to know the root, and nothing else.
//!
//! A group of commands is staged on a clone: its leaves are pushed, a checkpoint over the new root
//! is signed *before* the sync, and only after the sync does the clone become the ledger's own
//! edge.

use super::hash::{Hash, empty_root, node_hash};

/// Size and the roots of the perfect subtrees, largest first; one for each bit set in the size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of the tree without leaves.
    pub fn empty() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// The edge from its stored parts; `None` if there is not one subtree root per bit set in
    /// `size`.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = usize::try_from(size.count_ones()) == Ok(peaks.len());
        fits.then_some(Self { size, peaks })
    }

    /// Adds one leaf hash on the right.
    pub fn push(&mut self, leaf: Hash) {
        // Each set bit at the bottom of the old size is a subtree as large as the one being
        // carried.
        let mut carried = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                carried = node_hash(&left, &carried);
            }
        }
        self.peaks.push(carried);
        self.size += 1;
    }

    /// The root over all leaves pushed (RFC 6962 §2.1).
    pub fn root(&self) -> Hash {
        fold_peaks(&self.peaks).unwrap_or_else(empty_root)
    }

    /// How many leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees, largest first: what is stored to open again.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Self::empty()
    }
}

/// Joins perfect subtrees, given largest first, from the right; `None` if there are none.
pub(super) fn fold_peaks(peaks: &[Hash]) -> Option<Hash> {
    peaks
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::hash::leaf_hash;

    /// The eight leaves that Certificate Transparency implementations share as test data.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];

    /// Their roots at sizes 0 to 8.
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_the_shared_certificate_transparency_vectors() {
        let mut frontier = Frontier::empty();
        assert_eq!(frontier.root().to_string(), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            frontier.push(leaf_hash(leaf));
            assert_eq!(&frontier.root().to_string(), root);
        }
        assert_eq!(frontier.size(), 8);
    }

    #[test]
    fn a_stored_edge_with_a_subtree_missing_is_refused() {
        let mut frontier = Frontier::empty();
        for leaf in LEAVES.iter().take(7) {
            frontier.push(leaf_hash(leaf));
        }
        let peaks = frontier.peaks().to_vec();
        assert_eq!(
            Frontier::from_parts(7, peaks.clone()).as_ref(),
            Some(&frontier)
        );
        assert_eq!(Frontier::from_parts(8, peaks.clone()), None);
        assert_eq!(Frontier::from_parts(7, peaks[1..].to_vec()), None);
    }
}
