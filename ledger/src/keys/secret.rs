//! A key: 32 secret bytes on the heap, zeroised on drop, and its public id.

use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::clock::Entropy;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// 32 secret bytes. No Debug, no Clone, no comparison; boxed so that a move leaves no copy behind.
pub struct Key(Box<[u8; KEY_BYTES]>);

impl Key {
    /// A fresh random key.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        entropy.fill(key.0.as_mut_slice());
        key
    }

    /// The key that these bytes are; the caller wipes its own copy.
    pub(in crate::keys) fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        key.0.copy_from_slice(bytes);
        key
    }

    /// The secret bytes.
    pub(in crate::keys) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// A second copy, for the few places that need one (a root on its way from the tree to the
    /// vault).
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self::from_bytes(self.bytes())
    }

    /// The public id (SPEC: key id = HKDF-Expand(key, "kid", 16)).
    pub fn id(&self) -> KeyId {
        let mut id = [0; 16];
        expand(self, b"kid", &mut id);
        KeyId(id)
    }

    /// A key for another use, from this one: HKDF-Expand(key, label, 32).
    pub(in crate::keys) fn derive(&self, label: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        expand(self, label, bytes.as_mut_slice());
        Self::from_bytes(&bytes)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The public name of a key: tells nothing about it, and tells whether a key is the one meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A key held open in memory together with its id.
#[derive(Clone)]
pub(in crate::keys) struct HeldKey {
    pub(in crate::keys) id: KeyId,
    pub(in crate::keys) key: Arc<Key>,
}

impl HeldKey {
    pub(in crate::keys) fn new(key: Key) -> Self {
        Self {
            id: key.id(),
            key: Arc::new(key),
        }
    }
}

/// A living leaf key. Held for one seal or one read only: a rotation wipes the tree's own copies,
/// and the last handle to go wipes the bytes.
#[derive(Clone)]
pub struct LeafHandle(pub(in crate::keys) HeldKey);

impl LeafHandle {
    /// The key's public id.
    pub fn id(&self) -> KeyId {
        self.0.id
    }
}

impl fmt::Debug for LeafHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LeafHandle").field(&self.0.id).finish()
    }
}

#[expect(
    clippy::expect_used,
    reason = "a 32-byte key and outputs of at most 32 bytes are within HKDF's limits"
)]
fn expand(key: &Key, label: &[u8], output: &mut [u8]) {
    Hkdf::<Sha256>::from_prk(key.bytes())
        .expect("a key is as long as the hash")
        .expand(label, output)
        .expect("at most one hash of output");
}
