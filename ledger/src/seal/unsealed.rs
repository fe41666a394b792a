//! A segment on its way: what needs an order (checks, randomness) is done when it is made; sealing
//! it then only takes time, and may happen on any thread.

use zeroize::Zeroizing;

use super::padding;
use super::segment::{SegmentContext, additional_data, damaged};
use crate::clock::Entropy;
use crate::error::Fault;
use crate::keys::cipher::{
    self, COMMIT_BYTES, GrantKey, KEY_BYTES, NONCE_BYTES, SegmentKey, TAG_BYTES, WRAPPED_BYTES,
};
use crate::keys::{KeyId, LeafHandle};
use crate::limits::{GRANT_KEYS_MAX, GRANTS_MAX};

/// A plaintext with everything that its sealing needs. The keys are wiped with it.
pub(crate) struct Unsealed {
    plain: Zeroizing<Vec<u8>>,
    key: SegmentKey,
    grants: Vec<UnsealedGrant>,
    nonce: [u8; NONCE_BYTES],
    bytes: usize,
}

impl Unsealed {
    /// Checks that the segment can be sealed here, and draws its randomness.
    pub(crate) fn new(
        context: &SegmentContext<'_>,
        plain: Zeroizing<Vec<u8>>,
        grants: Vec<Vec<LeafHandle>>,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, Fault> {
        if !(1..=GRANTS_MAX).contains(&grants.len()) {
            return Err(damaged(context, "number of grants"));
        }
        context.check()?;
        let padded = padding::padded_bytes(plain.len())?;
        let key = SegmentKey::generate(entropy);
        let mut made = Vec::with_capacity(grants.len());
        for leaves in grants {
            made.push(UnsealedGrant::new(context, leaves, entropy)?);
        }
        let granted: usize = made.iter().map(UnsealedGrant::bytes).sum();
        Ok(Self {
            plain,
            key,
            grants: made,
            nonce: cipher::nonce(entropy),
            bytes: 1 + granted + NONCE_BYTES + COMMIT_BYTES + padded + TAG_BYTES,
        })
    }

    /// Bytes of the sealed segment.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The sealed segment, at the place that it was made for.
    pub(crate) fn seal(&self, context: &SegmentContext<'_>) -> Result<Vec<u8>, Fault> {
        let count = u8::try_from(self.grants.len());
        let count = count.map_err(|_| damaged(context, "number of grants"))?;
        let mut segment = Vec::with_capacity(self.bytes);
        segment.push(count);
        for grant in &self.grants {
            grant.write(context, &self.key, &mut segment);
        }
        let bound = context.bytes(&segment);
        let (cipher, commit) = self.key.derive(&self.nonce, &bound);
        segment.extend_from_slice(&self.nonce);
        segment.extend_from_slice(&commit);
        let start = segment.len();
        padding::pad_into(&self.plain, &mut segment)?;
        let (_, body) = segment.split_at_mut(start);
        let tag = cipher.seal(&self.nonce, &additional_data(&bound, &commit), body);
        segment.extend_from_slice(&tag);
        Ok(segment)
    }
}

/// Random bytes that a segment with so many grants draws.
pub(crate) fn random_bytes(grants: usize) -> usize {
    KEY_BYTES + NONCE_BYTES * (grants + 1)
}

/// A grant whose keys and nonce are fixed.
pub(super) struct UnsealedGrant {
    /// Ascending and distinct.
    leaves: Vec<LeafHandle>,
    nonce: [u8; NONCE_BYTES],
}

impl UnsealedGrant {
    pub(super) fn new(
        context: &SegmentContext<'_>,
        mut leaves: Vec<LeafHandle>,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, Fault> {
        leaves.sort_by_key(LeafHandle::id);
        leaves.dedup_by_key(|leaf| leaf.id());
        if !(1..=GRANT_KEYS_MAX).contains(&leaves.len()) {
            return Err(damaged(context, "keys of a grant"));
        }
        let nonce = cipher::nonce(entropy);
        Ok(Self { leaves, nonce })
    }

    pub(super) fn bytes(&self) -> usize {
        1 + 16 * self.leaves.len() + NONCE_BYTES + WRAPPED_BYTES
    }

    /// Key count ‖ key ids ‖ wrap nonce ‖ wrapped segment key (SPEC §4.4).
    pub(super) fn write(
        &self,
        context: &SegmentContext<'_>,
        key: &SegmentKey,
        buffer: &mut Vec<u8>,
    ) {
        let ids: Vec<KeyId> = self.leaves.iter().map(LeafHandle::id).collect();
        let leaves: Vec<&LeafHandle> = self.leaves.iter().collect();
        let grant_key = GrantKey::derive(&leaves, &self.nonce, &context.grant_info(&ids));
        buffer.push(u8::try_from(ids.len()).unwrap_or(u8::MAX));
        for id in &ids {
            buffer.extend_from_slice(&id.0);
        }
        buffer.extend_from_slice(&self.nonce);
        buffer.extend_from_slice(&grant_key.wrap(&self.nonce, key));
    }
}
