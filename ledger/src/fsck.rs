//! fsck: everything derived is derived again from the stored bytes, and compared. Changes nothing.
//!
//! - Storage: frames, digests, store and indexes (`log::check`).
//! - Proofs: leaves, tree and the signed checkpoint of every frame.
//! - Keys: every record part opens and says the stream and version that the index has it under;
//!   every grant names a key that lives, is fenced or is dead, never one that no record names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::clear::is_clear;
use crate::clock::SystemEntropy;
use crate::domain::event::{Event, Record};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{
    IndexKeys, KeyId, KeyState, KeyTree, Passphrase, Vault, index_records, is_dead, vault,
};
use crate::limits::FINDINGS_MAX;
use crate::log::{Frame, Log, LogOptions, OnDamage, Probe, Reader, StoredEvent, check};
use crate::merkle::{Frontier, Tree, leaf_hash};
use crate::named::stream_key;
use crate::open::{Folders, leaf_at, noted};
use crate::prove::{Checkpoint, VerifierKey};
use crate::seal::{Opened, SCHEMA_VERSION, SegmentContext, codec, open_segment, segment_grants};
use crate::unfinished::require_finished;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The structure and its position, for example `event 17, segment 1`.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// What fsck saw.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Events looked at.
    pub events: u64,
    /// Frames looked at.
    pub frames: u64,
    /// Record parts that were opened; 0 without a vault.
    pub opened: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// Checks a ledger that no other process has open. Without a vault, what needs keys is left out;
/// `words` are the passphrase that the vault lies under, if it does.
pub fn fsck(
    data: &Path,
    vault: Option<&Path>,
    words: Option<&Passphrase>,
    progress: &dyn Fn(&str, u64, u64),
) -> Result<Report, Fault> {
    require_finished(data)?;
    let folders = Folders(data);
    let log_id = Log::id_at(&folders.log())?;
    let vault = match vault {
        Some(folder) => Some(vault::open(folder, log_id, words, Box::new(SystemEntropy))?),
        None => None,
    };
    let mut options = LogOptions::new(index_records, Probe::InProcess);
    options.on_damage = OnDamage::ReadOnly;
    if let Some(vault) = &vault {
        options.watermark = Some(noted(&vault.position_file()?.read()));
    }
    let (log, opening) = Log::open(&folders.log(), options)?;
    let mut report = Report::default();
    if let Some(damage) = &opening.damage {
        report.find("journal", damage.to_string());
    }
    if let Some(why) = &opening.store_rebuilt {
        report.find("store", format!("was rebuilt from the journal: {why}"));
    }
    let reader = log.reader();
    let mut walk = Walk::new(&reader, log_id, keys_beside(&folders)?, vault.as_deref())?;
    let (mut derived, mut failed) = (Report::default(), None);
    let all = reader.head().frame_number;
    let found = check(&reader, index_records, &mut |frame, _| {
        progress("checking", frame.number, all);
        if failed.is_none() {
            failed = walk.frame(frame, &mut derived).err();
        }
    })?;
    for finding in found {
        report.find_whole(&finding.to_string());
    }
    if let Some(fault) = failed {
        derived.find("events", fault.to_string());
    }
    walk.ends(&mut derived)?;
    walk.tiles(&folders, &mut derived)?;
    report.findings.append(&mut derived.findings);
    if report.findings.is_empty() {
        // As it was found: stopped in order, so that the next opening need not distrust the store.
        log.close()?;
    }
    Ok(Report {
        findings: report.findings,
        ..derived
    })
}

impl Report {
    fn find(&mut self, place: impl Into<String>, what: impl Into<String>) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding {
                place: place.into(),
                what: what.into(),
            });
        }
    }

    fn find_whole(&mut self, text: &str) {
        let (place, what) = text.split_once(": ").unwrap_or(("log", text));
        self.find(place, what);
    }
}

/// The verifier keys beside the log: the present one, and those of the names that a restored log
/// had before. None where a file is missing or damaged.
fn keys_beside(folders: &Folders<'_>) -> Result<Vec<VerifierKey>, Fault> {
    let mut keys = Vec::new();
    for file in [folders.vkey(), folders.old_vkeys()] {
        match std::fs::read_to_string(file) {
            Ok(text) => keys.extend(text.lines().filter_map(|line| line.parse().ok())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::io("reading log.vkey")(error)),
        }
    }
    Ok(keys)
}

/// One pass over the journal.
struct Walk<'a> {
    reader: &'a Reader,
    log_id: [u8; 32],
    /// One per name that the log had.
    verifiers: Vec<VerifierKey>,
    keys: Option<(KeyTree, IndexKeys)>,
    frontier: Frontier,
    versions: BTreeMap<StreamId, u64>,
    ends: Ends,
}

/// Which streams were closed, by their record leaves.
#[derive(Default)]
struct Ends {
    told: BTreeSet<KeyId>,
    /// Leaves of record parts that cannot be read, with one of their events each.
    unreadable: BTreeMap<KeyId, u64>,
    /// Whether the log goes on from a copy: it may lack what it has the tombstones of.
    restored: bool,
}

impl<'a> Walk<'a> {
    fn new(
        reader: &'a Reader,
        log_id: [u8; 32],
        beside: Vec<VerifierKey>,
        vault: Option<&dyn Vault>,
    ) -> Result<Self, Fault> {
        let mut keys = None;
        let mut verifiers = beside;
        if let Some(vault) = vault {
            let roots = vault.roots()?;
            let newest = roots.0.iter().max_by_key(|root| root.epoch);
            if let Some(root) = newest {
                let tree = KeyTree::open(root.key.duplicate(), root.epoch);
                keys = Some((tree, vault.index_keys()?));
            }
            // The vault's own signing key is believed over the file beside the log.
            for key in &mut verifiers {
                if let Ok(own) = vault.signer(key.name())?.vkey().parse() {
                    *key = own;
                }
            }
        }
        let frontier = Frontier::empty();
        Ok(Self {
            reader,
            log_id,
            verifiers,
            keys,
            frontier,
            versions: BTreeMap::new(),
            ends: Ends::default(),
        })
    }

    fn frame(&mut self, frame: &Frame, report: &mut Report) -> Result<(), Fault> {
        report.frames += 1;
        for (position, stored) in frame.positions() {
            report.events += 1;
            self.frontier.push(leaf_hash(&stored.header));
            if self.keys.is_some() {
                self.event(position, stored, report)?;
            }
        }
        self.checkpoint(frame, report);
        Ok(())
    }

    fn checkpoint(&self, frame: &Frame, report: &mut Report) {
        let place = format!("checkpoint of frame {}", frame.number);
        let origin = frame.checkpoint.split(|byte| *byte == b'\n').next();
        let mut known = self.verifiers.iter();
        let signed = known.find(|key| Some(key.name().as_bytes()) == origin);
        // A name that nobody knows is held against the present key, which says what is wrong.
        let Some(key) = signed.or_else(|| self.verifiers.first()) else {
            return report.find(
                place,
                "log.vkey is missing or damaged, so it cannot be verified",
            );
        };
        match Checkpoint::open(&frame.checkpoint, key) {
            Err(error) => report.find(place, error.to_string()),
            Ok(checkpoint) if checkpoint.size != self.frontier.size() => {
                let (says, are) = (checkpoint.size, self.frontier.size());
                report.find(place, format!("it says {says} events, there are {are}"));
            }
            Ok(checkpoint) if checkpoint.root != self.frontier.root() => {
                report.find(place, "its root is not that of the stored events");
            }
            Ok(_) => {}
        }
    }

    fn event(
        &mut self,
        position: u64,
        stored: &StoredEvent,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let Some((tree, _)) = &self.keys else {
            return Ok(());
        };
        for (number, segment) in (0_u8..).zip(&stored.segments) {
            let place = format!("event {position}, segment {number}");
            if is_clear(segment) {
                continue;
            }
            let Ok(grants) = segment_grants(segment) else {
                // What was cut out has none; whether it may be, the storage check says.
                if !self.reader.is_cut(position, number)? {
                    report.find(place, "its grants cannot be read");
                }
                continue;
            };
            for key in grants.iter().flatten() {
                match tree.key(self.reader, *key) {
                    Ok(KeyState::Live(_) | KeyState::Fenced | KeyState::Shredded) => {}
                    Ok(KeyState::Unknown) => report.find(&place, "rests on a key never recorded"),
                    Err(fault) => report.find(&place, fault.to_string()),
                }
            }
        }
        match self.record(position, stored) {
            Err(_) if self.reader.is_cut(position, 0)? => Ok(()),
            Ok(Some(record)) => {
                self.note_ends(&record.event);
                self.place_in_stream(position, &record, report)
            }
            // Whether its stream was closed is asked at the end.
            Ok(None) => self.note_unreadable(position, stored),
            Err(what) => {
                report.find(format!("event {position}, segment 0"), what);
                Ok(())
            }
        }
    }

    fn record(&self, position: u64, stored: &StoredEvent) -> Result<Option<Record>, String> {
        let Some((tree, _)) = &self.keys else {
            return Err("no keys".to_owned());
        };
        let segment = stored.segments.first().ok_or("it has no record part")?;
        let context = SegmentContext {
            log_id: &self.log_id,
            leaf_index: position,
            number: 0,
            count: u8::try_from(stored.segments.len()).unwrap_or(u8::MAX),
            schema: SCHEMA_VERSION,
        };
        let mut key = |id: &KeyId| tree.key(self.reader, *id);
        match open_segment(&context, segment, &[], &mut key).map_err(|fault| fault.to_string())? {
            Opened::Plain(plain) => {
                let record = codec::decode(&plain).map_err(|fault| fault.to_string())?;
                Ok(Some(record))
            }
            Opened::Shredded | Opened::Fenced => Ok(None),
            Opened::UnknownKey => Err("its record key was never recorded".to_owned()),
        }
    }

    fn place_in_stream(
        &mut self,
        position: u64,
        record: &Record,
        report: &mut Report,
    ) -> Result<(), Fault> {
        report.opened += 1;
        let place = format!("event {position}");
        let version = self.versions.entry(record.stream).or_default();
        *version += 1;
        if record.version != *version {
            let (says, is) = (record.version, *version);
            report.find(
                &place,
                format!("its record says version {says}, it stands at {is}"),
            );
        }
        let Some((_, index_keys)) = &self.keys else {
            return Ok(());
        };
        let key = stream_key(index_keys, record.stream, record.version);
        let indexed = self.reader.value(&key)?;
        if indexed.as_deref() != Some(position.to_be_bytes().as_slice()) {
            report.find(&place, "the stream index does not lead to it");
        }
        Ok(())
    }

    fn note_ends(&mut self, event: &Event) {
        if let Event::StreamClosed(closed) = event {
            self.ends.told.insert(KeyId(closed.leaf.0));
        }
        self.ends.restored |= matches!(event, Event::Restored(_));
    }

    fn note_unreadable(&mut self, position: u64, stored: &StoredEvent) -> Result<(), Fault> {
        let segment = stored.segments.first();
        let grants = segment.map(|segment| segment_grants(segment)).transpose()?;
        for key in grants.into_iter().flatten().flatten() {
            self.ends.unreadable.entry(key).or_insert(position);
        }
        Ok(())
    }

    /// A record part that nobody can read must be of a stream that the log says was closed.
    fn ends(&self, report: &mut Report) -> Result<(), Fault> {
        for (key, position) in &self.ends.unreadable {
            let before_restore = self.ends.restored && is_dead(self.reader, *key)?;
            if !self.ends.told.contains(key) && !before_restore {
                let what = "its record key is fenced or destroyed, and no event closed its stream";
                report.find(format!("event {position}, segment 0"), what);
            }
        }
        Ok(())
    }

    /// The tile files must be those of the tree that the journal gives.
    fn tiles(&self, folders: &Folders<'_>, report: &mut Report) -> Result<(), Fault> {
        let size = self.frontier.size();
        let reader = self.reader;
        let mut leaf = |position| leaf_at(reader, position);
        match Tree::open(
            &folders.tiles(),
            size,
            Some(self.frontier.root()),
            &mut leaf,
        ) {
            Ok(_) => Ok(()),
            Err(Fault::Damaged { what, place }) => {
                report.find(
                    format!("{what} {place}"),
                    "does not match the stored events",
                );
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }
}
