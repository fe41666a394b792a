//! Faults: we failed (storage, key, corruption). Logged and counted, never shown with their cause.
//!
//! A *refusal* is the other kind, "the answer is no", and lives in `refusal.rs`.

use std::fmt;

/// Something of ours broke. Says what and where, never whose data it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A read, write or sync of a file failed.
    Io {
        /// What was being done, for example `"journal sync"`.
        doing: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The ledger has an anchor, and its file is not there.
    AnchorMissing {
        /// Where it should be.
        file: String,
    },
    /// The folder holds another history of this ledger than the one that the vault went on with.
    AnotherHistory {
        /// A frame that the vault noted; another one stands in its place, or none.
        frame: u64,
    },
    /// Stored bytes are not what their checksum, digest or format says.
    Damaged {
        /// Which structure, for example `"journal frame"`.
        what: &'static str,
        /// Where: an event position, frame number or byte offset, in words without personal data.
        place: String,
    },
    /// The folder or record was written by a format version that this program does not know.
    UnknownFormat {
        /// Which structure.
        what: &'static str,
        /// The version found.
        version: u32,
    },
    /// The vault is not there, is another ledger's, or is older than the ledger.
    Vault(VaultFault),
    /// Another process holds the folder.
    Locked {
        /// Which folder.
        folder: String,
    },
    /// An earlier write failed; nothing more is accepted until the ledger is opened again.
    Poisoned,
    /// More commands are waiting than the queue holds; nothing was done.
    Busy,
    /// The store (sled) failed or panicked; it is rebuilt from the journal on the next opening.
    Store {
        /// What was being done.
        doing: &'static str,
        /// The store's own words.
        detail: String,
    },
    /// An argument of a maintenance call does not fit, for example a folder that holds other
    /// things.
    Unusable(String),
}

/// What is wrong with the vault. None of these ever means "erased" (SPEC §5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VaultFault {
    /// No vault at that place.
    Missing {
        /// Where it was looked for.
        folder: String,
    },
    /// A vault of another ledger.
    WrongLedger,
    /// Its root is of an earlier epoch than the last finished rotation: an old copy.
    Old {
        /// Epoch in the vault.
        found: u64,
        /// Epoch the ledger is at.
        expected: u64,
    },
    /// Neither slot holds a root with a good checksum.
    Unreadable,
    /// The root does not open the key tree.
    WrongRoot,
    /// The file system forgets nothing when a file is overwritten (copy-on-write, overlay,
    /// network).
    Unsuitable {
        /// What kind of file system.
        kind: String,
    },
    /// The vault lies under a passphrase, and none was given.
    PassphraseNeeded,
    /// The passphrase is not the vault's.
    WrongPassphrase,
    /// Too many holders are lost or behind.
    TooFewShares {
        /// How many can be used.
        found: u8,
        /// How many it takes.
        needed: u8,
        /// Which are lost, and why.
        lost: Vec<String>,
    },
    /// A holder's folder belongs to something else.
    ForeignHolder {
        /// Which folder.
        folder: String,
        /// What it belongs to.
        why: String,
    },
    /// Too few holders acknowledged that an old root is destroyed.
    NotDestroyed {
        /// How many did.
        acknowledged: u8,
        /// How many must.
        needed: u8,
        /// Which are lost, and why.
        lost: Vec<String>,
    },
}

impl Fault {
    /// For `map_err`: an I/O failure while doing something.
    pub fn io(doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }

    /// Damage of a structure at a place.
    pub fn damaged(what: &'static str, place: impl Into<String>) -> Self {
        Self::Damaged {
            what,
            place: place.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::AnchorMissing { file } => write!(
                f,
                "this ledger has an anchor, and {file} is not there; nothing was changed: mount \
                 the share that it lies on, or, if the file is gone for good or the ledger was \
                 restored, start once with --anchor-new and the reason, which is recorded"
            ),
            Self::AnotherHistory { frame } => write!(
                f,
                "this folder is of another history than its vault: it does not hold the frame \
                 {frame} with which the vault went on, most likely in a folder that was restored; \
                 nothing was changed: open that one, and rename or remove this one"
            ),
            Self::Damaged { what, place } => write!(f, "damaged {what} at {place}"),
            Self::UnknownFormat { what, version } => write!(
                f,
                "{what} has format version {version}, which this program does not read; \
                 nothing was changed: open it with the program version that wrote it, or begin a \
                 new ledger in another folder with `init`"
            ),
            Self::Vault(fault) => fault.fmt(f),
            Self::Locked { folder } => write!(
                f,
                "{folder} is in use by another referral-ledger process; stop that one first"
            ),
            Self::Poisoned => f.write_str(
                "an earlier write failed, so nothing more is accepted; restart to recover",
            ),
            Self::Busy => f.write_str("too many commands are waiting; try again in a moment"),
            Self::Store { doing, detail } => write!(f, "store failed at {doing}: {detail}"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for VaultFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { folder } => write!(
                f,
                "no vault at {folder}: nothing is erased, but nothing personal can be read; \
                 give the right --vault"
            ),
            Self::WrongLedger => f.write_str("this vault belongs to another ledger"),
            Self::Old { found, expected } => write!(
                f,
                "this vault is an old copy (epoch {found}, the ledger is at epoch {expected}); \
                 use the vault that was in use last"
            ),
            Self::Unreadable => f.write_str("neither slot of the vault holds a readable root"),
            Self::WrongRoot => f.write_str("the vault's root does not open this ledger's key tree"),
            Self::Unsuitable { kind } => write!(
                f,
                "the vault lies on {kind}, where overwriting does not destroy; choose a local disk"
            ),
            Self::PassphraseNeeded => f.write_str(
                "this vault lies under a passphrase: type it when asked, or give --passphrase-fd \
                 or a service credential",
            ),
            Self::WrongPassphrase => {
                f.write_str("this is not the vault's passphrase; nothing was opened or changed")
            }
            Self::TooFewShares {
                found,
                needed,
                lost,
            } => write!(
                f,
                "{found} of the vault's holders can be used and {needed} are needed; {}",
                all(lost)
            ),
            Self::ForeignHolder { folder, why } => {
                write!(f, "{folder} is not a holder of this vault: {why}")
            }
            Self::NotDestroyed {
                acknowledged,
                needed,
                lost,
            } => write!(
                f,
                "the old root may still be had: {acknowledged} of the vault's holders destroyed \
                 their shares and {needed} must; nothing is called shredded before; {}",
                all(lost)
            ),
        }
    }
}

/// The holders that are lost, for whoever has to find them.
fn all(lost: &[String]) -> String {
    if lost.is_empty() {
        return "all are there, but some are behind or cannot be read".to_owned();
    }
    lost.join("; ")
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::AnchorMissing { .. }
            | Self::AnotherHistory { .. }
            | Self::Damaged { .. }
            | Self::UnknownFormat { .. }
            | Self::Vault(_)
            | Self::Locked { .. }
            | Self::Poisoned
            | Self::Busy
            | Self::Store { .. }
            | Self::Unusable(_) => None,
        }
    }
}
