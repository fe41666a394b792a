//! What a vault promises, what it does not, and what it acknowledged last: for certificates.

use super::settings::Tier;

/// A vault's word on itself. No personal data, no paths: it may stand on any certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What the vault promises.
    pub tier: Tier,
    /// Whether what it holds lies under a passphrase.
    pub passphrase: bool,
    /// Among how many holders the root is shared; 1 where it is not.
    pub holders: u8,
    /// How many of them are needed to read; 1 where it is not shared.
    pub threshold: u8,
    /// Holders that were not there, or not usable, when last asked; numbered from 1.
    pub missing: Vec<u8>,
    /// Holders that are there without a share of the present root: until the next rotation.
    pub behind: Vec<u8>,
    /// The last destruction; none before the first.
    pub destroyed: Option<Destroyed>,
}

/// The acknowledgement that a certificate rests on (I5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// No root of this epoch, or of one before it, can be had any more.
    pub epoch: u64,
    /// How many holders overwrote what they held, durably, and read it back.
    pub acknowledged: u8,
    /// How many had to.
    pub needed: u8,
}

impl Statement {
    /// What destruction in this vault covers, as a sentence.
    pub fn covers(&self) -> &'static str {
        match self.tier {
            Tier::Test => "Nothing: this vault is for trying out only.",
            Tier::File => {
                "Software erasure: the old root was overwritten in place on a local file system \
                 that writes in place, synced, and read back."
            }
            Tier::Shares => {
                "Software erasure by a quorum: so many holders overwrote their shares of the old \
                 root in place, synced, and read them back that the others, all together, are \
                 fewer than it takes to read it."
            }
        }
    }

    /// What it does not cover, as a sentence.
    pub fn does_not_cover(&self) -> &'static str {
        match self.tier {
            Tier::Test => "Everything: not even the file system was checked.",
            Tier::File => {
                "Old blocks that flash memory keeps after an overwrite, snapshots beneath the file \
                 system, and copies of the vault or of the machine's memory taken before."
            }
            Tier::Shares => {
                "Copies of as many holders as it takes to read the root, or of the machine's \
                 memory, taken before; and the same holders' old blocks in flash memory or \
                 snapshots, if they can be had from as many of them."
            }
        }
    }
}
