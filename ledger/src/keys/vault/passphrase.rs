//! A passphrase over the vault: what a stolen machine does not tell.
//!
//! - Argon2id turns the passphrase into a key that wraps the vault's own random key, which seals
//!   everything else. A change of passphrase rewrites one small slot and nothing else.
//! - The cost stands in the file, and is bounded when read: a file cannot make us allocate.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::error::{Fault, VaultFault};
use crate::keys::cipher::{NONCE_BYTES, WRAPPED_BYTES, nonce, unwrap, wrap};
use crate::keys::secret::{KEY_BYTES, Key};
use crate::limits::{
    PASSPHRASE_BYTES_MAX, PASSPHRASE_BYTES_MIN, PASSPHRASE_LANES_MAX, PASSPHRASE_MEMORY_KIB_MAX,
    PASSPHRASE_PASSES_MAX,
};

const SALT_BYTES: usize = 16;
const LABEL: &[u8] = b"referral-ledger vault key v1";
/// memory ‖ passes ‖ lanes ‖ salt ‖ nonce ‖ wrapped key.
pub(super) const ENVELOPE_BYTES: usize = 12 + SALT_BYTES + NONCE_BYTES + WRAPPED_BYTES;

/// Words that a person knows. No Debug; wiped when dropped.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// A second copy, for who opens the vault twice in a row.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    /// The bytes as they are, without a line end; empty or very long ones are none.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Fault> {
        if bytes.is_empty() || bytes.len() > PASSPHRASE_BYTES_MAX {
            return Err(Fault::Unusable(format!(
                "a passphrase has 1 to {PASSPHRASE_BYTES_MAX} bytes"
            )));
        }
        Ok(Self(bytes))
    }

    /// The bytes, for who opens a vault by other means than ours.
    #[must_use]
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    /// Whether it may be chosen for a vault.
    pub(super) fn require_long_enough(&self) -> Result<(), Fault> {
        if self.0.len() < PASSPHRASE_BYTES_MIN {
            return Err(Fault::Unusable(format!(
                "choose a passphrase of at least {PASSPHRASE_BYTES_MIN} characters; several words"
            )));
        }
        Ok(())
    }
}

/// What guessing costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardness {
    /// KiB of memory.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Hardness {
    /// RFC 9106 §4, the second recommended option: 64 MiB, three passes, four lanes.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
        }
    }
}

impl Hardness {
    fn within_bounds(self) -> bool {
        (1..=PASSPHRASE_PASSES_MAX).contains(&self.passes)
            && (1..=PASSPHRASE_LANES_MAX).contains(&self.lanes)
            && (8 * self.lanes..=PASSPHRASE_MEMORY_KIB_MAX).contains(&self.memory_kib)
    }
}

/// The vault's key under a passphrase, as bytes for a slot.
pub(super) fn seal(
    vault_key: &Key,
    passphrase: &Passphrase,
    hardness: Hardness,
    context: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut head = Vec::with_capacity(ENVELOPE_BYTES);
    for number in [hardness.memory_kib, hardness.passes, hardness.lanes] {
        head.extend_from_slice(&number.to_be_bytes());
    }
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    head.extend_from_slice(&salt);
    let under = derive(passphrase, hardness, &salt)?;
    let nonce = nonce(entropy);
    let wrapped = wrap(&under, &nonce, &bound(&head, context), vault_key);
    head.extend_from_slice(&nonce);
    head.extend_from_slice(&wrapped);
    Ok(Zeroizing::new(head))
}

/// The vault's key, if this is the passphrase.
pub(super) fn open(envelope: &[u8], passphrase: &Passphrase, context: &[u8]) -> Result<Key, Fault> {
    let damaged = |what| Fault::damaged("vault passphrase file", what);
    let parts = parse(envelope).ok_or_else(|| damaged("length"))?;
    if !parts.hardness.within_bounds() {
        return Err(damaged("its cost is out of bounds"));
    }
    let under = derive(passphrase, parts.hardness, parts.salt)?;
    unwrap(
        &under,
        parts.nonce,
        &bound(parts.head, context),
        parts.wrapped,
    )
    .ok_or(Fault::Vault(VaultFault::WrongPassphrase))
}

struct Envelope<'a> {
    head: &'a [u8],
    hardness: Hardness,
    salt: &'a [u8; SALT_BYTES],
    nonce: &'a [u8; NONCE_BYTES],
    wrapped: &'a [u8; WRAPPED_BYTES],
}

fn parse(envelope: &[u8]) -> Option<Envelope<'_>> {
    let (head, _) = envelope.split_at_checked(12 + SALT_BYTES)?;
    let (memory_kib, rest) = envelope.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (lanes, rest) = rest.split_first_chunk::<4>()?;
    let (salt, rest) = rest.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    Some(Envelope {
        head,
        hardness: Hardness {
            memory_kib: u32::from_be_bytes(*memory_kib),
            passes: u32::from_be_bytes(*passes),
            lanes: u32::from_be_bytes(*lanes),
        },
        salt,
        nonce,
        wrapped: rest.try_into().ok()?,
    })
}

fn bound(head: &[u8], context: &[u8]) -> Vec<u8> {
    [LABEL, head, context].concat()
}

fn derive(
    passphrase: &Passphrase,
    hardness: Hardness,
    salt: &[u8; SALT_BYTES],
) -> Result<Key, Fault> {
    let refused = |error: argon2::Error| Fault::Unusable(format!("argon2: {error}"));
    let Hardness {
        memory_kib,
        passes,
        lanes,
    } = hardness;
    let cost = Params::new(memory_kib, passes, lanes, Some(KEY_BYTES)).map_err(refused)?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
        .hash_password_into(&passphrase.0, salt, key.as_mut_slice())
        .map_err(refused)?;
    Ok(Key::from_bytes(&key))
}
