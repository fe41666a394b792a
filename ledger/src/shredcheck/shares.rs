//! Roots from the shares of a vault's holders (SPEC §6.1): any k of one root give it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::fingerprint::{KEY_BYTES, Key, fingerprint};
use super::sealed::Seal;
use super::slots;
use super::{KeyId, vault::Root};

/// Who holds shares of which ledger's root, and how many it takes.
pub(super) struct Sharing {
    pub(super) log_id: [u8; 32],
    pub(super) threshold: u8,
    pub(super) holders: Vec<PathBuf>,
}

/// Shares of one root, by the holder's number.
type Shares = BTreeMap<u8, Key>;

impl Sharing {
    /// Every root that the holders that are there give, and the most shares that any root has.
    pub(super) fn roots(&self, seal: &Seal) -> (Vec<Root>, usize) {
        let mut found: BTreeMap<(u64, KeyId), Shares> = BTreeMap::new();
        for (index, holder) in (1_u8..).zip(&self.holders) {
            self.add(index, holder, seal, &mut found);
        }
        let most = found.values().map(BTreeMap::len).max().unwrap_or(0);
        let roots = found.into_iter().filter_map(|((epoch, id), shares)| {
            let enough = shares.len() >= usize::from(self.threshold);
            let key = enough.then(|| combined(&shares, self.threshold))?;
            (fingerprint(&key) == id).then_some(Root { epoch, id, key })
        });
        (roots.collect(), most)
    }

    /// Adds what one holder has; one that cannot be read is lost, which the others may stand.
    fn add(
        &self,
        index: u8,
        holder: &Path,
        seal: &Seal,
        found: &mut BTreeMap<(u64, KeyId), Shares>,
    ) {
        let label = if seal.is_open() { OPEN } else { SEALED };
        let path = holder.join("share");
        let entries = slots::entries(&path, label, HEAD_BYTES + seal.bytes());
        for entry in entries.unwrap_or_default() {
            let Some((head, value)) = entry.body.split_at_checked(HEAD_BYTES) else {
                continue;
            };
            let Some((root, of)) = self.head(head) else {
                continue;
            };
            let epoch = entry.epoch.to_be_bytes();
            let context = [b"share\0", head, &epoch].concat();
            if let Some(share) = seal.secret(value, &context).filter(|_| of == index) {
                let shares = found.entry((entry.epoch, root)).or_default();
                shares.insert(index, share);
            }
        }
    }

    /// log id ‖ key id ‖ n ‖ k ‖ index: the root and the index, if it is of this sharing.
    fn head(&self, head: &[u8]) -> Option<(KeyId, u8)> {
        let rest = head.strip_prefix(&self.log_id)?;
        let (root, rest) = rest.split_first_chunk::<16>()?;
        let [holders, threshold, index] = rest else {
            return None;
        };
        let ours = usize::from(*holders) == self.holders.len() && *threshold == self.threshold;
        ours.then_some((KeyId(*root), *index))
    }
}

/// The polynomials' values at 0, by Lagrange.
fn combined(shares: &Shares, threshold: u8) -> Key {
    let enough: Vec<(&u8, &Key)> = shares.iter().take(usize::from(threshold)).collect();
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    for (at, share) in &enough {
        let others = enough.iter().filter(|(other, _)| other != at);
        let weight = others.fold(1, |weight, (other, _)| {
            times(weight, times(**other, inverse(**other ^ **at)))
        });
        for (sum, byte) in secret.iter_mut().zip(share.iter()) {
            *sum ^= times(weight, *byte);
        }
    }
    secret
}

/// In GF(2⁸) modulo x⁸+x⁴+x³+x²+1.
fn times(mut left: u8, right: u8) -> u8 {
    let mut product = 0;
    for bit in 0..8 {
        if right >> bit & 1 == 1 {
            product ^= left;
        }
        let over = left & 0x80 != 0;
        left <<= 1;
        if over {
            left ^= 0x1d;
        }
    }
    product
}

/// What gives 1 with it; 0 for 0.
fn inverse(value: u8) -> u8 {
    (0..=u8::MAX)
        .find(|other| times(value, *other) == 1)
        .unwrap_or(0)
}

const OPEN: &[u8] = b"referral-ledger share slot v1";
const SEALED: &[u8] = b"referral-ledger sealed share slot v1";
const HEAD_BYTES: usize = 32 + 16 + 3;
