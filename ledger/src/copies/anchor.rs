//! The anchor: a file outside the machine's image that says how far the ledger was, so that a
//! machine rolled back as a whole, its vault included, does not start (SPEC §13.6).

use std::path::Path;

use super::folder::write_new;
use crate::error::Fault;
use crate::hex::{from_hex, hex};
use crate::keys::Vault;
use crate::keys::boot::RootHistory;
use crate::log::Reader;
use crate::merkle::Tree;
use crate::prove::{Checkpoint, VerifierKey};

/// Refuses a ledger that is behind its anchor, or of another history. A missing file is the first
/// start with one.
pub(crate) fn require_reached(
    path: &Path,
    reader: &Reader,
    vault: &dyn Vault,
    tree: &Tree,
) -> Result<(), Fault> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            tracing::warn!("there is no anchor yet; it is written from now on");
            return Ok(());
        }
        Err(error) => return Err(Fault::io("reading the anchor")(error)),
    };
    let damaged = || Fault::damaged("anchor", path.display().to_string());
    let (log_id, epoch, note) = parse(&text).ok_or_else(damaged)?;
    let place = path.display();
    if log_id != reader.journal().log_id() {
        return Err(Fault::Unusable(format!(
            "{place} is the anchor of another ledger"
        )));
    }
    let origin = note.lines().next().unwrap_or_default();
    let key: VerifierKey = vault
        .signer(origin)?
        .vkey()
        .parse()
        .map_err(|_| damaged())?;
    let anchored = Checkpoint::open(note.as_bytes(), &key).map_err(|_| damaged())?;
    let here = RootHistory::read(reader)?.map_or(0, |history| history.epoch);
    let size = tree.size();
    if here < epoch || size < anchored.size {
        return Err(Fault::Unusable(format!(
            "this ledger was rolled back: it holds {size} events at epoch {here}, its anchor \
             {place} says {} at epoch {epoch}; nothing was changed, restore from a newer copy",
            anchored.size
        )));
    }
    if tree.root_at(anchored.size)? != anchored.root {
        return Err(Fault::Unusable(format!(
            "this ledger is of another history than its anchor {place}; nothing was changed"
        )));
    }
    Ok(())
}

/// Writes it anew.
pub(super) fn write(path: &Path, log_id: &[u8; 32], epoch: u64, note: &str) -> Result<(), Fault> {
    let log_id = hex(log_id);
    write_new(
        path,
        format!("{WORD} 1 {log_id}\nepoch {epoch}\n\n{note}").as_bytes(),
    )
}

fn parse(text: &str) -> Option<([u8; 32], u64, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let (second, rest) = rest.split_once('\n')?;
    let log_id = first.strip_prefix(WORD)?.strip_prefix(" 1 ")?;
    let epoch = second.strip_prefix("epoch ")?.parse().ok()?;
    Some((from_hex(log_id)?, epoch, rest.strip_prefix('\n')?))
}

const WORD: &str = "referral-ledger-anchor";
