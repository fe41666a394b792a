//! The bytes of a packet's file (SPEC §14.1): a head that says nothing of anybody, a ciphertext of
//! a rounded length, and a digest that tells damage from a wrong passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::errors::PacketError;
use super::passphrase::Spoken;
use crate::clock::Entropy;
use crate::domain::ids::PacketId;
use crate::domain::incoming::ReplyKey;
use crate::limits::{PACKET_PLAIN_BYTES_MAX, PACKET_PLAIN_BYTES_MIN};

const MAGIC: &[u8; 4] = b"RLPK";
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 4 + 1 + 1 + 16 + 16 + 24 + 4;
const TAG_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
/// RFC 9106, second recommended choice.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const REPLY_LABEL: &[u8] = b"referral-ledger packet reply v1";
const PADDING_MARK: u8 = 0x80;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A referral.
    Referral,
    /// Where it stands.
    Reply,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Referral => 1,
            Self::Reply => 2,
        }
    }
}

/// What opens a file.
pub(super) enum Opener<'a> {
    /// A referral's passphrase.
    Passphrase(&'a Spoken),
    /// A reply's key, which came with the referral.
    Key(&'a ReplyKey),
}

impl Opener<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Passphrase(_) => Kind::Referral,
            Self::Key(_) => Kind::Reply,
        }
    }

    fn cipher(&self, salt: &[u8; 16]) -> Result<XChaCha20Poly1305, PacketError> {
        let mut key = Zeroizing::new([0; 32]);
        match self {
            Self::Passphrase(spoken) => {
                let cost = Params::new(MEMORY_KIB, PASSES, LANES, Some(key.len()));
                let cost = cost.map_err(|_| PacketError::Passphrase)?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
                    .hash_password_into(spoken.bytes(), salt, key.as_mut_slice())
                    .map_err(|_| PacketError::Passphrase)?;
            }
            Self::Key(reply) => Hkdf::<Sha256>::new(Some(salt), &reply.0)
                .expand(REPLY_LABEL, key.as_mut_slice())
                .map_err(|_| PacketError::Passphrase)?,
        }
        XChaCha20Poly1305::new_from_slice(key.as_slice()).map_err(|_| PacketError::Passphrase)
    }
}

/// Seals a plaintext into a file. Too long a one is refused before anything is made.
pub(super) fn seal(
    packet: PacketId,
    plain: &[u8],
    opener: &Opener<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, PacketError> {
    let mut padded = padded(plain)?;
    let (mut salt, mut nonce) = ([0; 16], [0; 24]);
    entropy.fill(&mut salt);
    entropy.fill(&mut nonce);
    let bytes = padded.len().saturating_add(TAG_BYTES);
    let bytes = u32::try_from(bytes).map_err(|_| PacketError::Text)?;
    let mut file = MAGIC.to_vec();
    file.extend([VERSION, opener.kind().number()]);
    file.extend(packet.0);
    file.extend(salt);
    file.extend(nonce);
    file.extend(bytes.to_be_bytes());
    let cipher = opener.cipher(&salt)?;
    let tag = cipher
        .encrypt_inout_detached(&nonce.into(), &file, padded.as_mut_slice().into())
        .map_err(|_| PacketError::Text)?;
    file.extend_from_slice(&padded);
    file.extend_from_slice(&tag);
    let digest = Sha256::digest(&file);
    file.extend_from_slice(&digest);
    Ok(file)
}

/// Opens a file of this kind.
pub(super) fn open(
    file: &[u8],
    opener: &Opener<'_>,
) -> Result<(PacketId, Zeroizing<Vec<u8>>), PacketError> {
    let whole = Whole::of(file)?;
    if whole.kind != opener.kind().number() {
        return Err(PacketError::OtherKind);
    }
    let cipher = opener.cipher(whole.salt)?;
    let mut plain = Zeroizing::new(whole.ciphertext.to_vec());
    cipher
        .decrypt_inout_detached(
            &(*whole.nonce).into(),
            whole.head,
            plain.as_mut_slice().into(),
            &(*whole.tag).into(),
        )
        .map_err(|_| PacketError::Passphrase)?;
    unpad(&mut plain)?;
    Ok((whole.packet, plain))
}

/// Which packet a whole file is of, or is the reply to. It opens nothing and proves nothing.
pub fn packet_of(file: &[u8]) -> Result<PacketId, PacketError> {
    Whole::of(file).map(|whole| whole.packet)
}

/// The name that a file is given: nothing of anybody.
pub fn file_name(kind: Kind, packet: PacketId) -> String {
    match kind {
        Kind::Referral => format!("{packet}.packet"),
        Kind::Reply => format!("{packet}.reply"),
    }
}

/// A file that is whole.
struct Whole<'a> {
    head: &'a [u8],
    kind: u8,
    packet: PacketId,
    salt: &'a [u8; 16],
    nonce: &'a [u8; 24],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Whole<'a> {
    fn of(file: &'a [u8]) -> Result<Self, PacketError> {
        let (magic, rest) = file.split_first_chunk::<4>().ok_or(PacketError::NoPacket)?;
        if magic != MAGIC {
            return Err(PacketError::NoPacket);
        }
        let (version, rest) = rest.split_first().ok_or(PacketError::CutOff)?;
        if *version != VERSION {
            return Err(PacketError::OtherVersion);
        }
        Self::of_this_version(file, rest).ok_or(PacketError::CutOff)?
    }

    /// Nothing if it has another length than it says.
    fn of_this_version(file: &'a [u8], rest: &'a [u8]) -> Option<Result<Self, PacketError>> {
        let head = file.get(..HEAD_BYTES)?;
        let (kind, rest) = rest.split_first()?;
        let (packet, rest) = rest.split_first_chunk::<16>()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (bytes, rest) = rest.split_first_chunk::<4>()?;
        let bytes = usize::try_from(u32::from_be_bytes(*bytes)).ok()?;
        let (body, digest) = rest.split_at_checked(bytes)?;
        let digest: &[u8; DIGEST_BYTES] = digest.try_into().ok()?;
        let (ciphertext, tag) = body.split_last_chunk()?;
        let said = file.len().checked_sub(DIGEST_BYTES)?;
        let made: [u8; DIGEST_BYTES] = Sha256::digest(file.get(..said)?).into();
        if made != *digest {
            return Some(Err(PacketError::Altered));
        }
        Some(Ok(Self {
            head,
            kind: *kind,
            packet: PacketId(*packet),
            salt,
            nonce,
            ciphertext,
            tag,
        }))
    }
}

/// The next power of two above the plaintext and its mark, never less than the least.
fn padded(plain: &[u8]) -> Result<Zeroizing<Vec<u8>>, PacketError> {
    if plain.len() >= PACKET_PLAIN_BYTES_MAX {
        return Err(PacketError::Text);
    }
    let bytes = plain.len().saturating_add(1).next_power_of_two();
    let mut padded = Zeroizing::new(Vec::with_capacity(bytes.max(PACKET_PLAIN_BYTES_MIN)));
    padded.extend_from_slice(plain);
    padded.push(PADDING_MARK);
    padded.resize(bytes.max(PACKET_PLAIN_BYTES_MIN), 0);
    Ok(padded)
}

fn unpad(plain: &mut Zeroizing<Vec<u8>>) -> Result<(), PacketError> {
    let last = plain.iter().rposition(|byte| *byte != 0);
    let end = last.filter(|at| plain.get(*at) == Some(&PADDING_MARK));
    let end = end.ok_or(PacketError::Text)?;
    let least = end
        .saturating_add(1)
        .next_power_of_two()
        .max(PACKET_PLAIN_BYTES_MIN);
    if least != plain.len() {
        return Err(PacketError::Text);
    }
    plain.truncate(end);
    Ok(())
}
