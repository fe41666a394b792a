//! The roots that a vault holds, or that its holders' shares give (SPEC §6.1).

use std::io;
use std::path::{Path, PathBuf};

use super::copies::unreadable;
use super::fingerprint::{Key, fingerprint};
use super::sealed::Seal;
use super::shares::Sharing;
use super::{KeyId, Unreadable, slots};

/// A root and the epoch that it is of.
pub(super) struct Root {
    /// Which epoch.
    pub(super) epoch: u64,
    /// Its fingerprint.
    pub(super) id: KeyId,
    /// The key.
    pub(super) key: Key,
}

/// A vault as far as it matters here.
pub(super) struct Vault {
    /// Every root that can be had from it. Never none: nothing could be said about the living.
    pub(super) roots: Vec<Root>,
    /// Whether its roots lie open in it: not with holders, and not under a passphrase.
    pub(super) lies_open: bool,
    /// Its holders' folders, those of them that are there.
    pub(super) holders: Vec<PathBuf>,
}

/// What `vault.toml` says.
struct Settings {
    log_id: [u8; 32],
    passphrase: bool,
    sharing: Option<(u8, Vec<PathBuf>)>,
}

/// Opens a vault's folder, or a `roots` file by itself, which then lies open.
pub(super) fn open(place: &Path, words: Option<&[u8]>) -> Result<Vault, Unreadable> {
    let settings = place.join("vault.toml");
    if !settings.is_file() {
        let file = if place.is_dir() {
            place.join("roots")
        } else {
            place.to_owned()
        };
        return own_roots(&file, &[0; 32], &Seal::OPEN);
    }
    let text = std::fs::read_to_string(&settings).map_err(unreadable(&settings))?;
    let parsed = parse(&text).ok_or_else(|| refused(&settings, "it is no vault's settings"))?;
    let seal = match parsed.passphrase {
        true => Seal::unlock(place, &parsed.log_id, words)?,
        false => Seal::OPEN,
    };
    let Some((threshold, holders)) = parsed.sharing else {
        return own_roots(&place.join("roots"), &parsed.log_id, &seal);
    };
    let sharing = Sharing {
        log_id: parsed.log_id,
        threshold,
        holders,
    };
    let (roots, most) = sharing.roots(&seal);
    if roots.is_empty() {
        let why = format!("no root has {threshold} shares that fit: at most {most} are there");
        return Err(refused(&settings, &why));
    }
    let there = sharing.holders.into_iter().filter(|one| one.is_dir());
    Ok(Vault {
        roots,
        lies_open: false,
        holders: there.collect(),
    })
}

/// The roots of a vault that holds them itself.
fn own_roots(file: &Path, log_id: &[u8; 32], seal: &Seal) -> Result<Vault, Unreadable> {
    let label = if seal.is_open() { OPEN } else { SEALED };
    let entries = slots::entries(file, label, seal.bytes())?;
    let roots = entries.iter().filter_map(|entry| {
        let context = [b"roots\0", &log_id[..], &entry.epoch.to_be_bytes()].concat();
        let key = seal.secret(&entry.body, &context)?;
        Some(Root {
            epoch: entry.epoch,
            id: fingerprint(&key),
            key,
        })
    });
    let roots: Vec<Root> = roots.collect();
    if roots.is_empty() {
        return Err(refused(file, "it holds no whole root"));
    }
    Ok(Vault {
        roots,
        lies_open: seal.is_open(),
        holders: Vec::new(),
    })
}

fn parse(text: &str) -> Option<Settings> {
    let table: toml::Table = text.parse().ok()?;
    let sharing = match table.get("holders") {
        None => None,
        Some(holders) => {
            let threshold = table.get("threshold")?.as_integer()?;
            let paths = holders.as_array()?.iter();
            let paths = paths.map(|path| path.as_str().map(PathBuf::from));
            let holders: Option<Vec<PathBuf>> = paths.collect();
            Some((u8::try_from(threshold).ok()?, holders?))
        }
    };
    Some(Settings {
        log_id: hex(table.get("log_id")?.as_str()?)?,
        passphrase: table.get("passphrase")?.as_bool()?,
        sharing,
    })
}

/// 32 bytes from 64 digits.
fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn refused(path: &Path, why: &str) -> Unreadable {
    unreadable(path)(io::Error::other(why.to_owned()))
}

const OPEN: &[u8] = b"referral-ledger root slot v1";
const SEALED: &[u8] = b"referral-ledger sealed root slot v1";
