//! Restoring a ledger from a copy (SPEC §13.5).
//!
//! - The copy is read whole and judged before anything is written; the new folder is marked until
//!   all of it is durable, and is a ledger only then.
//! - A restored log may lack what was shown to others, so it goes on under a new name with a new
//!   signing key, and says so in its first event.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::begun::Begun;
use super::check::{CopyChecked, CopyRead, open_copy, open_vault, read_copy};
use super::folder::{CopyFolder, CopyKind, write_new};
use super::keyfile::KeysOfFrame;
use super::manifest::Manifest;
use super::notes::noted_frame;
use super::recorded::backups_told;
use super::registry::{self, BackupReport};
use crate::clock::{Clock, SystemClock};
use crate::domain::event::{PublicText, Restored};
use crate::domain::stream::StreamId;
use crate::erase::intent_frame;
use crate::error::Fault;
use crate::keys::cut::cuts_in;
use crate::keys::{KeyRecord, Passphrase, Position, Vault, index_records};
use crate::limits::ROTATION_BYTES_MAX;
use crate::log::{
    FrameDraft, JournalCopy, JournalFiles, Log, LogOptions, Mark, Met, Noted, Probe, SystemDisk,
};
use crate::open::{Folders, OpenOptions, Renewal, noted, open_resumed, require_apart};
use crate::submit::writer::Writer;

/// What to restore, and where.
pub struct RestoreOptions {
    /// A mirror or a backup.
    pub from: PathBuf,
    /// The vault of the ledger.
    pub vault: PathBuf,
    /// The new data folder; new or empty.
    pub data: PathBuf,
    /// Key records exported later than the copy.
    pub keys: Option<PathBuf>,
    /// Go on although the copy lacks what was acknowledged.
    pub accept_loss: bool,
    /// The vault's passphrase, where it wants one.
    pub passphrase: Option<Passphrase>,
}

/// What a restoring came to.
#[derive(Clone, Debug)]
pub struct RestoreDone {
    /// The copy, as it was found.
    pub copy: CopyChecked,
    /// The restored log's verifier key.
    pub vkey: String,
    /// The backups that it knows of. Where they are is not known until `backup` is run on them.
    pub backups: Vec<BackupReport>,
}

/// Restores a ledger. Nothing is written unless the copy is good for it.
pub fn restore(options: &RestoreOptions) -> Result<RestoreDone, Fault> {
    by_steps(options, &mut |_| Ok(()))
}

/// `step` is told of every durable step, so that tests can stop after each.
pub(super) fn by_steps(options: &RestoreOptions, step: Step<'_>) -> Result<RestoreDone, Fault> {
    for place in [&options.from, &options.vault] {
        require_apart(&options.data, place)?;
    }
    let begun = Begun::look(&options.data)?;
    let copy = open_copy(&options.from)?;
    let vault = open_vault(&options.vault, &copy, options.passphrase.as_ref())?;
    let mut read = read_copy(&copy, vault.as_ref(), options.keys.as_deref())?;
    read.found.known_frame = read.found.known_frame.max(begun.known_frame);
    require_good(&read.found, options.accept_loss)?;
    // From here on a crash leaves a marked folder: nobody opens it, the next run begins anew in it.
    let begun = begun.begin(read.found.known_frame)?;
    step("marked")?;
    let folders = Folders(&options.data);
    let copied = copy_journal(&copy, &read, &folders.log())?;
    step("journal copied")?;
    Log::adopt(&folders.log(), copy.log_id)?;
    step("log adopted")?;
    append_keys(&folders.log(), &read)?;
    step("keys appended")?;
    let later = read.later.iter().flat_map(|keys| cuts_in(&keys.records));
    let cuts: Vec<_> = read.cuts.iter().copied().chain(later).collect();
    journal_in(&folders.log(), &copy).cut_out(&cuts)?;
    step("cut out")?;
    let origin = new_origin(&read.found.checkpoint);
    let vkey = write_vkeys(&folders, vault.as_ref(), &read.found, &origin)?;
    step("keys written")?;
    drop(vault);
    let renewal = Renewal {
        origin: &origin,
        copied,
    };
    let writer = begin_again(options, &copy, &read.found, &renewal)?;
    step("begun again")?;
    let backups = list_backups(options, &copy, &writer)?;
    step("backups listed")?;
    // Only now, when the log itself says what was lost, does the vault forget the end of the one
    // that is gone. From here on it is this history's: the folder that was lost does not open with
    // it again, should it be found.
    writer.close()?;
    step("vault told")?;
    begun.finish()?;
    Ok(RestoreDone {
        copy: read.found,
        vkey,
        backups,
    })
}

fn require_good(found: &CopyChecked, accept_loss: bool) -> Result<(), Fault> {
    if !found.reads_the_living() {
        return Err(Fault::Unusable(found.problems.join("; ")));
    }
    if accept_loss {
        return Ok(());
    }
    let (frame, known) = (found.frame, found.known_frame);
    if found.parted {
        return Err(Fault::Unusable(format!(
            "the copy is of another history: the vault went on with another frame {known}, and \
             what was acknowledged there would be lost; restore from a copy of that one, or accept \
             the loss (--accept-loss)"
        )));
    }
    if found.is_behind() {
        return Err(Fault::Unusable(format!(
            "the copy ends at frame {frame}, and frame {known} was acknowledged: what lies between \
             would be lost; restore from a newer copy, or accept the loss (--accept-loss)"
        )));
    }
    if let Some(problem) = found.problems.first() {
        return Err(Fault::Unusable(format!(
            "the copy is damaged ({problem}); restore from another one, or accept the loss of what \
             lies behind the damage (--accept-loss)"
        )));
    }
    Ok(())
}

/// The frames that were read and found good, at the same places. Gives the last one.
fn copy_journal(copy: &CopyFolder, read: &CopyRead, log: &Path) -> Result<Noted, Fault> {
    let journal = log.join("journal");
    std::fs::create_dir_all(&journal).map_err(Fault::io("making the log's folder"))?;
    let files = journal_in(log, copy);
    let (source, mut writer) = (copy.files(), JournalCopy::into_files(files));
    let mut frames = source.walk();
    let Noted { mut last, begun } = noted(&Position::default());
    while last.number < read.found.frame {
        let Met::Frame(frame) = frames.meet()? else {
            return Err(Fault::damaged("copy", "it changed while it was restored"));
        };
        writer.write(&source, &frame)?;
        last = Mark {
            number: frame.number,
            hash: frame.hash,
            place: frame.place,
        };
    }
    if last.hash != read.hash {
        return Err(Fault::damaged("copy", "it changed while it was restored"));
    }
    writer.sync()?;
    Ok(Noted { last, begun })
}

fn journal_in(log: &Path, copy: &CopyFolder) -> JournalFiles {
    let disk = Arc::new(SystemDisk);
    JournalFiles::in_folder(log.join("journal"), copy.log_id, disk)
}

/// Key records that are newer than the copy: frames without events, before anything is opened.
fn append_keys(log: &Path, read: &CopyRead) -> Result<(), Fault> {
    if read.later.is_empty() {
        return Ok(());
    }
    let options = LogOptions::new(index_records, Probe::InProcess);
    let (mut log, _) = Log::open(log, options)?;
    let mut waiting: Vec<Vec<u8>> = Vec::new();
    for KeysOfFrame { records, .. } in &read.later {
        let bytes: usize = waiting.iter().map(Vec::len).sum();
        let more: usize = records.iter().map(Vec::len).sum();
        let begins = records.iter().any(|record| is_intent(record));
        // A rotation's records are read back from one frame, from its intent to that frame's end.
        if begins || bytes + more > ROTATION_BYTES_MAX {
            append_frame(&mut log, std::mem::take(&mut waiting))?;
        }
        waiting.extend(records.iter().cloned());
        if begins {
            append_frame(&mut log, std::mem::take(&mut waiting))?;
        }
    }
    append_frame(&mut log, waiting)?;
    log.close()
}

fn append_frame(log: &mut Log, key_records: Vec<Vec<u8>>) -> Result<(), Fault> {
    if key_records.is_empty() {
        return Ok(());
    }
    let head = log.head();
    let begins = key_records.iter().any(|record| is_intent(record));
    let intent = begins.then(|| intent_frame(head.frame_number + 1));
    let draft = FrameDraft {
        first_leaf: head.tree_size,
        events: Vec::new(),
        key_records,
        index_records: intent.into_iter().collect(),
        checkpoint: head.checkpoint,
        reserve: false,
    };
    let _ = log.append(draft)?;
    Ok(())
}

fn is_intent(bytes: &[u8]) -> bool {
    matches!(KeyRecord::from_bytes(bytes), Ok(KeyRecord::Intent { .. }))
}

/// Opens the restored log under its new name and writes its first event. A rotation that was under
/// way in the copy is left to the first opening: were it done here and this folder given up, the
/// next attempt would lack the keys that hang on the new root.
fn begin_again(
    options: &RestoreOptions,
    copy: &CopyFolder,
    found: &CopyChecked,
    renewal: &Renewal<'_>,
) -> Result<Writer, Fault> {
    let passphrase = options.passphrase.as_ref().map(Passphrase::duplicate);
    let opening = OpenOptions {
        passphrase,
        ..OpenOptions::of(options.data.clone(), options.vault.clone())
    };
    let mut writer = open_resumed(&opening, Some(renewal), Arc::new(SystemClock))?.writer;
    let restored = Restored {
        from: copy.id,
        origin: PublicText(origin_of(&found.checkpoint).to_owned()),
        size: found.events,
        frame: found.frame,
        known_frame: found.known_frame,
    };
    let event = writer.told(StreamId::Ledger, restored.into());
    let mut staged = writer.stage_events(vec![event])?;
    writer.append(&mut staged, false)?;
    writer.begun = noted_frame(writer.log.mark());
    Ok(writer)
}

/// The list of backups as the log has it, with the one that this was restored from.
fn list_backups(
    options: &RestoreOptions,
    copy: &CopyFolder,
    writer: &Writer,
) -> Result<Vec<BackupReport>, Fault> {
    let mut all = backups_told(&writer.shared.reader)?;
    if copy.kind == CopyKind::Backup {
        let place = std::path::absolute(&options.from).unwrap_or_else(|_| options.from.clone());
        let known = all.iter().position(|backup| backup.id == copy.id);
        let known = known.map(|place| all.remove(place));
        let manifest = Manifest::read(copy)?.unwrap_or_default();
        all.push(BackupReport {
            id: copy.id,
            folder: place,
            frame: manifest.frame,
            epoch: manifest.epoch,
            made: known.map_or_else(|| SystemClock.now(), |known| known.made),
        });
    }
    registry::begin(&options.data, &all)?;
    Ok(all)
}

/// The new key for who verifies from now on, the old ones for what was signed before.
fn write_vkeys(
    folders: &Folders<'_>,
    vault: &dyn Vault,
    found: &CopyChecked,
    origin: &str,
) -> Result<String, Fault> {
    let mut origins = vec![origin_of(&found.checkpoint).to_owned()];
    while let Some((older, _)) = origins.last().and_then(|name| name.rsplit_once(RESTORED)) {
        origins.push(older.to_owned());
    }
    let mut old = String::new();
    for origin in &origins {
        old.push_str(&format!("{}\n", vault.signer(origin)?.vkey()));
    }
    let vkey = vault.signer(origin)?.vkey();
    write_new(&folders.old_vkeys(), old.as_bytes())?;
    write_new(&folders.vkey(), format!("{vkey}\n").as_bytes())?;
    Ok(vkey)
}

fn origin_of(note: &str) -> &str {
    note.lines().next().unwrap_or_default()
}

/// The name it goes on under: never one that it had before.
fn new_origin(note: &str) -> String {
    let moment = SystemClock.now().0;
    format!("{}{RESTORED}{moment}", origin_of(note))
}

/// Marks a restored log's name; its signing key is derived from the name (SPEC §6.1).
pub(crate) const RESTORED: &str = "/restored-";

/// Told of every durable step.
type Step<'a> = &'a mut dyn FnMut(&'static str) -> Result<(), Fault>;
