//! How a secret lies in a file of the vault: open, or under the vault's key where there is a
//! passphrase.

use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::keys::cipher::{NONCE_BYTES, WRAPPED_BYTES, nonce, unwrap, wrap};
use crate::keys::secret::{KEY_BYTES, Key};

/// The vault's key, if there is a passphrase.
pub(super) struct Seal(Option<Key>);

impl Seal {
    /// Secrets lie open.
    pub(super) const OPEN: Self = Self(None);

    /// Secrets lie under this key.
    pub(super) fn under(key: Key) -> Self {
        Self(Some(key))
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Bytes of a secret as it lies.
    pub(super) fn bytes(&self) -> usize {
        match self.0 {
            None => KEY_BYTES,
            Some(_) => NONCE_BYTES + WRAPPED_BYTES,
        }
    }

    /// A secret as it is to lie: the key, or nonce ‖ wrapped key bound to its context.
    pub(super) fn close(
        &self,
        key: &Key,
        context: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.bytes()));
        match &self.0 {
            None => bytes.extend_from_slice(key.bytes()),
            Some(under) => {
                let nonce = nonce(entropy);
                bytes.extend_from_slice(&nonce);
                bytes.extend_from_slice(&wrap(under, &nonce, context, key));
            }
        }
        bytes
    }

    /// The secret; none if it is not as long as it must be or was sealed elsewhere.
    pub(super) fn open(&self, bytes: &[u8], context: &[u8]) -> Option<Key> {
        let Some(under) = &self.0 else {
            return bytes.try_into().ok().map(Key::from_bytes);
        };
        let (nonce, wrapped) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        unwrap(under, nonce, context, wrapped.try_into().ok()?)
    }
}
