//! Mending a damaged journal in place from a mirror or a backup (SPEC §13.7). Asked for by name,
//! never by itself: a journal that heals in silence hides a failing disk.

use std::path::Path;

use super::check::open_copy;
use super::folder::CopyKind;
use super::manifest::Manifest;
use crate::error::Fault;
use crate::keys::index_records;
use crate::log::{Frame, Log};
use crate::open::{Folders, require_apart};
use crate::prove::VerifierKey;
use crate::unfinished::require_finished;

/// Writes damaged frames of a ledger's journal again from a copy, and gives their numbers. Nobody
/// may have the ledger open. Nothing is written unless all damage can be mended.
pub fn mend(data: &Path, from: &Path) -> Result<Vec<u64>, Fault> {
    require_apart(data, from)?;
    require_finished(data)?;
    let folders = Folders(data);
    let copy = open_copy(from)?;
    if copy.log_id != Log::id_at(&folders.log())? {
        let place = from.display();
        return Err(Fault::Unusable(format!(
            "{place} is a copy of another ledger; nothing was touched"
        )));
    }
    let until = match copy.kind {
        CopyKind::Mirror => u64::MAX,
        CopyKind::Backup => Manifest::read(&copy)?.map_or(0, |manifest| manifest.frame),
    };
    // A restored log goes on under another name than an older copy of it.
    let ends_with = |last: &Frame| {
        let text =
            std::fs::read_to_string(folders.vkey()).map_err(Fault::io("reading log.vkey"))?;
        let key: VerifierKey = text
            .trim()
            .parse()
            .map_err(|_| Fault::damaged("log.vkey", folders.vkey().display().to_string()))?;
        let origin = last.checkpoint.split(|byte| *byte == b'\n').next();
        if origin == Some(key.name().as_bytes()) {
            return Ok(());
        }
        Err(Fault::Unusable(
            "the journal's end is damaged, and the copy is from before this log had its present \
             name; nothing was changed, restore from a newer copy"
                .to_owned(),
        ))
    };
    Log::mend(
        &folders.log(),
        (&copy.files(), until),
        index_records,
        &ends_with,
    )
}
