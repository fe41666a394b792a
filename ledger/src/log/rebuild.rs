//! Opening the store, distrusting it, bringing it up to the journal and rebuilding it.
//!
//! - After an unclean stop somebody else opens it first ([`Probe`]): sled panics in `open`.
//! - A store that is not trusted is never repaired: another is built beside it from the journal,
//!   and takes its place only once it was read back.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::applier::Applying;
use super::content::{Meta, Queued, event_key, event_of, position_of};
use super::cursor::{Step, bad_frame};
use super::cut::doubts_of;
use super::files::{JournalFiles, Mark};
use super::folder::Folder;
use super::open::LogOptions;
use super::parse::offset_of;
use super::recover::Scan;
use super::store::{Guarded, SledOpener, Store};
use super::swap::StoreBuilder;
use crate::error::Fault;
use crate::keys::Cut;
use crate::limits::{STORE_PROBE_SECONDS_MAX, STORE_UNSYNCED_BYTES_MAX};

/// Who opens the store first after an unclean stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// This process, with panics caught. A store that loops or fills the memory is not survived.
    InProcess,
    /// `<program> store-probe DIR`, a child of ours, under a time limit; it calls [`store_probe`].
    Child(PathBuf),
}

/// How far a rebuild is: frames done, frames in all.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// For the hidden subcommand `store-probe DIR`: opens the store of the log in `DIR` and reads how
/// far it goes. The caller holds the log's lock.
pub fn store_probe(dir: &Path) -> Result<(), Fault> {
    let store = Guarded::open(&SledOpener, &Folder(dir.to_path_buf()).store())?;
    Meta::of(&store)?;
    store.close()
}

/// A store that opened, and how far it says it goes.
pub(super) struct Opened {
    pub(super) store: Guarded,
    pub(super) meta: Option<Meta>,
}

/// Opens the store, or says why it cannot be trusted. `Ok(Err(None))` means there is none.
pub(super) fn open_trusted(
    folder: &Folder,
    log_id: &[u8; 32],
    options: &LogOptions,
    clean: bool,
) -> Result<Opened, Option<String>> {
    let path = folder.store();
    if !path.exists() {
        return Err(None);
    }
    let probed = match &options.probe {
        Probe::Child(program) if !clean => probe_in_child(program, &folder.0),
        Probe::Child(_) | Probe::InProcess => Ok(()),
    };
    probed.map_err(Some)?;
    let opened = Guarded::open(&*options.store, &path).and_then(|store| {
        let meta = Meta::of(&store)?;
        Ok(Opened { store, meta })
    });
    let opened = opened.map_err(|fault| Some(fault.to_string()))?;
    if opened
        .meta
        .as_ref()
        .is_some_and(|meta| meta.log_id != *log_id)
    {
        return Err(Some("it belongs to another log".to_owned()));
    }
    Ok(opened)
}

fn probe_in_child(program: &Path, dir: &Path) -> Result<(), String> {
    let child = Command::new(program)
        .arg("store-probe")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|error| format!("the probe did not start: {error}"))?;
    let deadline = Instant::now() + Duration::from_secs(STORE_PROBE_SECONDS_MAX);
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("a probe failed to open it ({status})")),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => break,
            Err(error) => return Err(format!("the probe could not be watched: {error}")),
        }
    }
    // Ends the child and takes its exit status; either may fail only if it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    Err("a probe took too long to open it".to_owned())
}

/// Why a store that opened is still not to be trusted: it holds less than it had synced.
pub(super) fn behind(meta: Option<&Meta>, scan: &Scan) -> Option<String> {
    let holds = meta.map_or(0, |meta| meta.mark.number);
    let synced = scan.last.as_ref().map_or(0, |frame| frame.store_synced);
    (holds < synced).then(|| format!("it ends at frame {holds} and had synced frame {synced}"))
}

/// Brings a trusted store up to the journal's last frame, unless told to stop. Gives how many
/// frames it lacked.
pub(super) fn replay(
    files: &JournalFiles,
    store: &dyn Store,
    from: Option<&Mark>,
    last: u64,
    (options, stop): (&LogOptions, &AtomicBool),
) -> Result<u64, Fault> {
    let mut cursor = match from {
        None => files.at_start(),
        Some(mark) => files.behind_mark(mark)?.0,
    };
    let held = cursor.number;
    let mut applying = Applying::new(store, files.log_id);
    let mut group = Vec::new();
    let mut group_bytes = 0;
    while cursor.number < last {
        if stop.load(Ordering::Relaxed) {
            return Err(Fault::Unusable("the log is being closed".to_owned()));
        }
        let frame = match cursor.step()? {
            Step::Frame(frame) => *frame,
            Step::End => return Err(Fault::damaged("journal", "it changed while being read")),
            Step::Bad(bad) => return Err(bad_frame(cursor.number + 1, &bad)),
        };
        let length = frame.length;
        if group_bytes + length > offset_of(STORE_UNSYNCED_BYTES_MAX) {
            applying.apply(&group)?;
            group.clear();
            group_bytes = 0;
            options.progress(cursor.number.saturating_sub(1), last);
        }
        group_bytes += length;
        group.push(Arc::new(Queued::of(frame, options.index_of_key_record)?));
    }
    applying.apply(&group)?;
    applying.sync()?;
    Ok(last.saturating_sub(held))
}

/// Builds a new store from the journal, reads it back and puts it in the place of what is there. A
/// crash at any point leaves a store that is behind or missing, which the next opening builds
/// again. Gives listed segments of the journal that are not zeros, too.
pub(super) fn rebuild(
    folder: &Folder,
    files: &JournalFiles,
    scan: &Scan,
    options: &LogOptions,
) -> Result<(Guarded, Vec<Cut>), Fault> {
    let Some(last) = &scan.last else {
        // A log that holds nothing needs no store but an empty one.
        folder.move_store_aside()?;
        let store = Guarded::open(&*options.store, &folder.store())?;
        return Ok((store, Vec::new()));
    };
    let builder = StoreBuilder {
        folder: folder.clone(),
        files: files.clone(),
        options: options.clone(),
    };
    let (built, torn) = builder.built(last.number, &AtomicBool::new(false))?;
    let store = built.put_in_place(folder, options, || Ok(()))?;
    builder.wipe_old()?;
    Ok((store, torn))
}

/// Reads a store back: it ends at a frame, and holds every event from a position on, each with the
/// digests that its header says. Only segments on a cut list may differ; those that are not zeros
/// either are given back.
pub(super) fn verify(store: &dyn Store, until: u64, from: u64) -> Result<Vec<Cut>, Fault> {
    let wrong = |detail: String| Fault::Store {
        doing: "verify after rebuilding",
        detail,
    };
    let meta = Meta::of(store)?.ok_or_else(|| wrong("it is empty".to_owned()))?;
    if meta.mark.number != until {
        return Err(wrong(format!("it ends at frame {}", meta.mark.number)));
    }
    let mut next = from;
    let mut flaw = None;
    let mut doubts = Vec::new();
    store.ascend(&event_key(from), &mut |key, value| {
        if position_of(key) != Some(next) {
            return false;
        }
        match event_of(next, value) {
            Ok(event) if event.header_flaw(&meta.log_id, next).is_none() => {
                doubts.extend(doubts_of(next, &event));
            }
            Ok(_) | Err(_) => flaw = Some(next),
        }
        next += 1;
        flaw.is_none()
    })?;
    if let Some(position) = flaw {
        return Err(wrong(format!("event {position} is damaged")));
    }
    if next != meta.tree_size {
        return Err(wrong(format!("event {next} is missing")));
    }
    let mut torn = Vec::new();
    for doubt in doubts {
        doubt.require_listed(store)?;
        torn.extend((!doubt.zeros).then(|| doubt.cut()));
    }
    Ok(torn)
}
