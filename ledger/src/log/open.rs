//! Opening a log: lock, watermarks, journal, store, applier, in this order.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::applier;
use super::cut::{self, Doubt};
use super::disk::{Disk, SystemDisk};
use super::files::{JournalFiles, Mark, Noted};
use super::folder::Folder;
use super::index::IndexRecord;
use super::journal::{Journal, Prepare};
use super::rebuild::{self, Opened, Probe, Progress};
use super::recover::{self, Scan, Watermarks};
use super::shared::{Head, Shared};
use super::store::{Guarded, OpenStore, SledOpener};
use super::swap::wipe_asides;
use super::writer::Log;
use crate::error::Fault;
use crate::keys::Cut;
use crate::limits::{JOURNAL_FIRST_SEGMENT_BYTES, JOURNAL_SEGMENT_BYTES};

/// What to do with a journal that is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDamage {
    /// Refuse to open.
    #[default]
    Refuse,
    /// Open for reading alone, change nothing and name the damage; for `fsck`.
    ReadOnly,
}

/// How to open a log.
#[derive(Clone)]
pub struct LogOptions {
    /// Turns one key record into its index records (the keys module gives this).
    pub index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
    /// Who opens the store first after an unclean stop.
    pub probe: Probe,
    /// What the vault's folder knows of synced frames.
    pub watermark: Option<Noted>,
    /// What to do with damage.
    pub on_damage: OnDamage,
    /// Called while the store is rebuilt or brought up to date.
    pub progress: Option<Progress>,
    /// Bytes of a new journal segment.
    pub segment_bytes: u64,
    /// Who prepares the next segment.
    pub prepare: Prepare,
    /// The file operations of the journal.
    pub disk: Arc<dyn Disk>,
    /// The store.
    pub store: Arc<dyn OpenStore>,
}

impl LogOptions {
    /// The options of normal work.
    pub fn new(
        index_of_key_record: fn(&[u8]) -> Result<Vec<IndexRecord>, Fault>,
        probe: Probe,
    ) -> Self {
        Self {
            index_of_key_record,
            probe,
            watermark: None,
            on_damage: OnDamage::Refuse,
            progress: None,
            segment_bytes: JOURNAL_SEGMENT_BYTES,
            prepare: Prepare::Background,
            disk: Arc::new(SystemDisk),
            store: Arc::new(SledOpener),
        }
    }

    pub(super) fn progress(&self, done: u64, all: u64) {
        if let Some(progress) = &self.progress {
            progress(done, all);
        }
    }
}

/// What opening found and did.
#[derive(Debug, Default)]
pub struct Opening {
    /// Frames that the store lacked and got from the journal.
    pub frames_replayed: u64,
    /// Why the store was rebuilt from the journal, if it was.
    pub store_rebuilt: Option<String>,
    /// Things an operator should know, in words.
    pub warnings: Vec<String>,
    /// The damage, when the log was opened for reading alone.
    pub damage: Option<Fault>,
}

impl Log {
    /// Makes an empty log in a folder that holds nothing else.
    pub fn create(dir: &Path, log_id: [u8; 32]) -> Result<(), Fault> {
        Self::create_sized(dir, log_id, JOURNAL_FIRST_SEGMENT_BYTES)
    }

    /// [`Log::create`] with a first journal segment of this many bytes.
    pub fn create_sized(dir: &Path, log_id: [u8; 32], segment_bytes: u64) -> Result<(), Fault> {
        Folder(dir.to_path_buf()).create(&SystemDisk, &log_id, segment_bytes)
    }

    /// Makes a folder a log whose journal was put there, synced, from a copy.
    pub fn adopt(dir: &Path, log_id: [u8; 32]) -> Result<(), Fault> {
        Folder(dir.to_path_buf()).write_format(&SystemDisk, &log_id)
    }

    /// The id of the log in a folder, from its format file. Takes no lock.
    pub fn id_at(dir: &Path) -> Result<[u8; 32], Fault> {
        Folder(dir.to_path_buf()).log_id()
    }

    /// Opens a log and recovers it. Nothing is written before all watermarks were read and the
    /// journal was found whole; nothing is shown before what was read is durable.
    pub fn open(dir: &Path, options: LogOptions) -> Result<(Self, Opening), Fault> {
        let folder = Folder(dir.to_path_buf());
        let log_id = folder.log_id()?;
        let lock = folder.lock()?;
        let files = JournalFiles {
            folder: folder.journal(),
            log_id,
            disk: Arc::clone(&options.disk),
        };
        // Before the store is opened, which may write: a folder of another history stays as it is.
        let foreign = match &options.watermark {
            Some(noted) => recover::another_history(&files, noted)?,
            None => None,
        };
        let foreign = match (foreign, options.on_damage) {
            (Some(fault), OnDamage::Refuse) => return Err(fault),
            (foreign, OnDamage::Refuse | OnDamage::ReadOnly) => foreign,
        };
        let marker = folder.read_marker();
        let store = rebuild::open_trusted(&folder, &log_id, &options, marker.is_some());
        let marks = Watermarks {
            marker,
            store: store
                .as_ref()
                .ok()
                .and_then(|opened| Some(opened.meta.as_ref()?.mark)),
            vault: options.watermark,
        };
        let opening = Recovering {
            folder,
            lock,
            files,
            options,
            marks,
        };
        let index_of = opening.options.index_of_key_record;
        if let Some(fault) = foreign {
            let scan = recover::scan(&opening.files, None, index_of)?;
            return opening.read_only(scan, store.ok(), fault);
        }
        match recover::scan(&opening.files, marks.store.as_ref(), index_of) {
            Ok(scan) if recover::is_clean(&scan, &marks) => opening.go_on(scan, store),
            Ok(scan) => match recover::damage(&opening.files, &scan, &marks)? {
                None => opening.go_on(scan, store),
                Some(damage) => opening.read_only(scan, store.ok(), damage),
            },
            Err(damage @ Fault::Damaged { .. }) => {
                // The store holds a frame that the journal does not: show what the journal has.
                let scan = recover::scan(&opening.files, None, index_of);
                match scan {
                    Ok(scan) => opening.read_only(scan, store.ok(), damage),
                    Err(_) => Err(damage),
                }
            }
            Err(fault) => Err(fault),
        }
    }
}

/// An opening past its reading part.
struct Recovering {
    folder: Folder,
    lock: File,
    files: JournalFiles,
    options: LogOptions,
    marks: Watermarks,
}

impl Recovering {
    /// The journal is whole: repairs its end, brings the store up to it and starts.
    fn go_on(
        self,
        scan: Scan,
        store: Result<Opened, Option<String>>,
    ) -> Result<(Log, Opening), Fault> {
        let mut opening = Opening::default();
        let disk = &*self.options.disk;
        let clean = recover::is_clean(&scan, &self.marks);
        self.folder.remove_marker(disk)?;
        // A crash from here on is an unclean stop, whatever had been before.
        recover::remove_drafts(&self.files)?;
        // Both read frames again that the scan passed over: damage there is damage like any other.
        let doubts = if clean {
            Vec::new()
        } else {
            match recover::repair(&self.files, &scan, &self.marks) {
                Ok(doubts) => doubts,
                Err(fault) => return self.damaged(scan, store.ok(), fault),
            }
        };
        let current = self
            .current_store(&scan, store, &mut opening)
            .and_then(|(store, torn)| {
                self.finish_cuts((&store, torn), &scan, &doubts, &mut opening)?;
                Ok(store)
            });
        let store = match current {
            Ok(store) => store,
            Err(fault) => return self.damaged(scan, None, fault),
        };
        let last = scan.chain(&self.files.log_id);
        let sizes = (self.options.segment_bytes, self.options.prepare);
        let journal = Journal::resume(self.files.clone(), last, scan.end, sizes)?;
        let head = head_of(&scan, last);
        let holds = (head.frame_number, false);
        let mark = scan.last.as_ref().map(|frame| Mark {
            number: frame.number,
            hash: frame.hash,
            place: frame.place,
        });
        let shared = Arc::new(Shared::new(self.files, Some(store), head, holds));
        let applier = applier::start(Arc::clone(&shared))?;
        let log = Log {
            shared,
            journal: Some(journal),
            applier: Some(applier),
            mark,
            options: self.options,
            folder: self.folder,
            _lock: self.lock,
        };
        Ok((log, opening))
    }

    /// The store, holding exactly what the journal holds.
    fn current_store(
        &self,
        scan: &Scan,
        store: Result<Opened, Option<String>>,
        opening: &mut Opening,
    ) -> Result<(Guarded, Vec<Cut>), Fault> {
        let distrust = match store {
            Ok(opened) => match rebuild::behind(opened.meta.as_ref(), scan) {
                None => {
                    let store = self.replayed(scan, opened, opening)?;
                    return Ok((store, Vec::new()));
                }
                Some(why) => {
                    opened.store.close()?;
                    Some(why)
                }
            },
            // A log that holds nothing yet has no store to miss.
            Err(None) if scan.last.is_none() => None,
            Err(None) => Some("there is none".to_owned()),
            Err(why) => why,
        };
        if let Some(why) = &distrust {
            tracing::warn!(%why, "the store is rebuilt from the journal");
        }
        opening.store_rebuilt = distrust;
        opening.frames_replayed = scan.number();
        rebuild::rebuild(&self.folder, &self.files, scan, &self.options)
    }

    fn replayed(
        &self,
        scan: &Scan,
        opened: Opened,
        opening: &mut Opening,
    ) -> Result<Guarded, Fault> {
        let (from, last) = (self.marks.store.as_ref(), scan.number());
        let how = (&self.options, &AtomicBool::new(false));
        let lacked = rebuild::replay(&self.files, &opened.store, from, last, how)?;
        opening.frames_replayed = lacked;
        if !self.folder.asides()?.is_empty() {
            // A crash came between a rebuild's verification and this removal.
            opening
                .warnings
                .push("a store moved aside earlier was removed".to_owned());
            wipe_asides(&*self.options.disk, &self.folder)?;
        }
        Ok(opened.store)
    }

    /// Overwrites what a cut list says should be zeros and a crash left standing. `torn` are listed
    /// segments that a rebuild met with other bytes.
    fn finish_cuts(
        &self,
        (store, mut torn): (&Guarded, Vec<Cut>),
        scan: &Scan,
        doubts: &[Doubt],
        opening: &mut Opening,
    ) -> Result<(), Fault> {
        for doubt in doubts {
            doubt.require_listed(store)?;
            torn.extend((!doubt.zeros).then(|| doubt.cut()));
        }
        torn.extend(&scan.torn);
        let mut cuts = cut::open_in(store)?;
        let open: BTreeSet<(u64, u8)> = cuts.iter().flat_map(|cut| cut.each()).collect();
        for (position, segment) in torn.iter().flat_map(|cut| cut.each()) {
            if !open.contains(&(position, segment)) {
                opening.warnings.push(format!(
                    "event {position}: other bytes stood where segment {segment} was cut out, and \
                     were overwritten with zeros"
                ));
            }
        }
        cuts.append(&mut torn);
        let bytes = cut::overwrite(&self.files, &cuts)?;
        if bytes > 0 {
            tracing::info!(bytes, "cutting out was finished where a crash had left it");
        }
        Ok(())
    }

    /// Recovering failed: on damage as asked for, on anything else with the fault.
    fn damaged(
        self,
        scan: Scan,
        store: Option<Opened>,
        fault: Fault,
    ) -> Result<(Log, Opening), Fault> {
        if matches!(fault, Fault::Damaged { .. }) {
            return self.read_only(scan, store, fault);
        }
        Err(fault)
    }

    /// The journal is damaged: refuses, or opens for reading alone and changes nothing.
    fn read_only(
        self,
        scan: Scan,
        store: Option<Opened>,
        damage: Fault,
    ) -> Result<(Log, Opening), Fault> {
        if self.options.on_damage == OnDamage::Refuse {
            return Err(damage);
        }
        let head = head_of(&scan, scan.chain(&self.files.log_id));
        let shared = Shared::new(
            self.files,
            store.map(|opened| opened.store),
            head,
            (0, true),
        );
        let log = Log {
            shared: Arc::new(shared),
            journal: None,
            applier: None,
            mark: None,
            options: self.options,
            folder: self.folder,
            _lock: self.lock,
        };
        Ok((
            log,
            Opening {
                damage: Some(damage),
                ..Opening::default()
            },
        ))
    }
}

fn head_of(scan: &Scan, (frame_number, frame_hash): (u64, [u8; 32])) -> Head {
    Head {
        frame_number,
        frame_hash,
        tree_size: scan.last.as_ref().map_or(0, |frame| frame.tree_size()),
        checkpoint: scan
            .last
            .as_ref()
            .map(|frame| frame.checkpoint.clone())
            .unwrap_or_default(),
    }
}
