//! Checking a copy without writing: is it whole, is it the ledger's, and whom could it read?
//!
//! - Whole: chain, checksums and digests of every frame, and the tree against the last signed
//!   checkpoint.
//! - Whom it reads: every leaf that its key records name is reachable from the vault's root, or has
//!   its tombstone. Neither is said plainly (I7): key records are missing.

use std::collections::BTreeSet;
use std::path::Path;

use super::folder::{CopyFolder, CopyKind};
use super::keyfile::{KeyFile, KeysOfFrame};
use super::manifest::Manifest;
use super::mirror::epoch_after;
use crate::clock::SystemEntropy;
use crate::error::Fault;
use crate::keys::boot::RootHistory;
use crate::keys::cut::cuts_in;
use crate::keys::{
    Cut, KeyId, KeyRecord, KeyState, KeyTree, MemoryIndex, NotedFrame, Passphrase, Vault,
    index_records, vault,
};
use crate::log::{Frame, Met};
use crate::merkle::{Frontier, leaf_hash};
use crate::prove::{Checkpoint, VerifierKey};

/// What is checked, and with what.
#[derive(Clone, Copy)]
pub struct CheckOptions<'a> {
    /// A mirror or a backup.
    pub from: &'a Path,
    /// The vault of the ledger.
    pub vault: &'a Path,
    /// Key records exported later than the copy.
    pub keys: Option<&'a Path>,
    /// The vault's passphrase, where it wants one.
    pub passphrase: Option<&'a Passphrase>,
}

/// What a copy is worth.
#[derive(Clone, Debug, Default)]
pub struct CopyChecked {
    /// Frames in it.
    pub frame: u64,
    /// Events in it.
    pub events: u64,
    /// The last signed checkpoint in it, verified.
    pub checkpoint: String,
    /// Epoch of the key records, those exported later included.
    pub epoch: u64,
    /// Epoch of the vault's root.
    pub vault_epoch: u64,
    /// The last frame that the vault knows to have been acknowledged.
    pub known_frame: u64,
    /// Whether that frame is another one than the copy's: the ledger went on in another history.
    pub parted: bool,
    /// Keys that the vault's root leads to.
    pub living: u64,
    /// Keys that were destroyed.
    pub forgotten: u64,
    /// Keys that are neither: their key records are missing.
    pub unreadable: u64,
    /// What is wrong with it, in words.
    pub problems: Vec<String>,
}

impl CopyChecked {
    /// Whether it lacks what was acknowledged.
    pub fn is_behind(&self) -> bool {
        self.frame < self.known_frame || self.parted
    }

    /// How many frames it lacks that are known to have been acknowledged.
    pub fn frames_behind(&self) -> u64 {
        self.known_frame.saturating_sub(self.frame)
    }

    /// Whether its key records open everything that is to be opened.
    pub fn reads_the_living(&self) -> bool {
        self.unreadable == 0 && self.epoch == self.vault_epoch
    }
}

/// Checks a copy.
pub fn check_copy(options: CheckOptions<'_>) -> Result<CopyChecked, Fault> {
    let copy = open_copy(options.from)?;
    let vault = open_vault(options.vault, &copy, options.passphrase)?;
    read_copy(&copy, vault.as_ref(), options.keys).map(|read| read.found)
}

/// A copy as read from its first to its last frame.
pub(super) struct CopyRead {
    pub(super) found: CopyChecked,
    /// The last frame's hash.
    pub(super) hash: [u8; 32],
    /// Key records that the copy lacks.
    pub(super) later: Vec<KeysOfFrame>,
    /// What its lists say was cut out; a copy may hold a list and not have carried it out yet.
    pub(super) cuts: Vec<Cut>,
}

pub(super) fn open_copy(from: &Path) -> Result<CopyFolder, Fault> {
    let place = from.display();
    CopyFolder::open(from)?
        .ok_or_else(|| Fault::Unusable(format!("{place} is empty: there is no copy in it")))
}

pub(super) fn open_vault(
    folder: &Path,
    copy: &CopyFolder,
    passphrase: Option<&Passphrase>,
) -> Result<Box<dyn Vault>, Fault> {
    vault::open(folder, copy.log_id, passphrase, Box::new(SystemEntropy))
}

/// Reads a copy whole.
pub(super) fn read_copy(
    copy: &CopyFolder,
    vault: &dyn Vault,
    keys: Option<&Path>,
) -> Result<CopyRead, Fault> {
    let noted = vault.position_file()?.read().last;
    let mut walk = Walk {
        noted,
        ..Walk::default()
    };
    walk.found.known_frame = noted.number;
    let mut later = match keys {
        Some(file) => Some(KeyFile::read(file, &copy.log_id)?),
        None => None,
    };
    let until = match copy.kind {
        CopyKind::Mirror => u64::MAX,
        CopyKind::Backup => walk.manifest(copy)?,
    };
    let mut frames = copy.files().walk();
    while walk.found.frame < until {
        match frames.meet()? {
            Met::Frame(frame) => walk.frame(&frame, later.as_ref())?,
            Met::End => break,
            Met::Bad(fault) => {
                walk.problem(fault.to_string());
                break;
            }
        }
    }
    walk.judge_files(copy)?;
    let unexplained = frames.unexplained().len();
    if unexplained > 0 {
        walk.problem(format!(
            "{unexplained} segments do not fit their digests and are on no list of what was cut out"
        ));
    }
    if copy.kind == CopyKind::Backup && walk.found.frame < until {
        let frame = walk.found.frame;
        walk.problem(format!(
            "it ends at frame {frame}, its manifest says {until}"
        ));
    }
    walk.verify_checkpoint(vault)?;
    let (frame, events) = (walk.found.frame, walk.found.events);
    let later = later.take().map_or_else(Vec::new, |file| {
        let mut frames = file.frames;
        frames.retain(|keys| keys.number > frame);
        // A list of what was cut out speaks of events; those that the copy lacks are not there to
        // be cut, and others will stand in their places.
        for keys in &mut frames {
            keys.records.retain(|bytes| !cuts_beyond(bytes, events));
        }
        frames
    });
    for keys in &later {
        walk.keys(&keys.records)?;
    }
    walk.judge_keys(vault)?;
    Ok(CopyRead {
        hash: walk.hash,
        found: walk.found,
        cuts: walk.cuts,
        later,
    })
}

fn cuts_beyond(bytes: &[u8], events: u64) -> bool {
    matches!(KeyRecord::from_bytes(bytes), Ok(KeyRecord::Cut(cut)) if cut.position >= events)
}

#[derive(Default)]
struct Walk {
    found: CopyChecked,
    /// What the vault noted last.
    noted: NotedFrame,
    hash: [u8; 32],
    note: Vec<u8>,
    frontier: Option<Frontier>,
    index: MemoryIndex,
    leaves: BTreeSet<KeyId>,
    cuts: Vec<Cut>,
    /// Files of a backup that are not those of their checksums.
    strangers: Vec<u64>,
    /// The first frame whose lists the backup had not carried out.
    cutting: Option<u64>,
    /// What these lists name.
    half_cut: Vec<Cut>,
}

impl Walk {
    fn problem(&mut self, what: String) {
        self.found.problems.push(what);
    }

    /// Compares a backup's files with its manifest, and says where it ends.
    fn manifest(&mut self, copy: &CopyFolder) -> Result<u64, Fault> {
        let Some(manifest) = Manifest::read(copy)? else {
            let place = copy.path.display();
            return Err(Fault::Unusable(format!(
                "the backup at {place} was never finished; run `backup` again"
            )));
        };
        self.strangers = manifest.strangers(copy)?;
        self.cutting = manifest.cutting;
        Ok(manifest.frame)
    }

    /// A checksum that does not fit is damage, unless the file holds what a list that the backup
    /// was carrying out names: then the frames' own checksums and digests, all good by now, speak
    /// for it.
    fn judge_files(&mut self, copy: &CopyFolder) -> Result<(), Fault> {
        let explained = if self.found.problems.is_empty() && !self.half_cut.is_empty() {
            copy.files().holding(&self.half_cut)?
        } else {
            BTreeSet::new()
        };
        for number in std::mem::take(&mut self.strangers) {
            if !explained.contains(&number) {
                let place = copy.segment(number);
                let place = place.display();
                let damaged = Fault::damaged("backup", format!("{place}: its checksum"));
                self.problem(damaged.to_string());
            }
        }
        Ok(())
    }

    fn frame(&mut self, frame: &Frame, keys: Option<&KeyFile>) -> Result<(), Fault> {
        let frontier = self.frontier.get_or_insert_with(Frontier::empty);
        for event in &frame.events {
            frontier.push(leaf_hash(&event.header));
        }
        (self.found.frame, self.hash) = (frame.number, frame.hash);
        let noted = &self.noted;
        self.found.parted |= frame.number == noted.number && frame.hash != noted.hash;
        self.found.epoch = epoch_after(frame, self.found.epoch);
        self.note.clone_from(&frame.checkpoint);
        let listed = cuts_in(&frame.key_records);
        self.cuts.extend(listed.iter().copied());
        if self.cutting.is_some_and(|first| first <= frame.number) {
            self.half_cut.extend(listed);
        }
        // Exported key records of another history would revive or kill whom this one does not know.
        let theirs = keys.and_then(|file| {
            let of = |keys: &KeysOfFrame| keys.number;
            let place = file.frames.binary_search_by_key(&frame.number, of).ok()?;
            Some(file.frames.get(place)?.hash)
        });
        let last = keys.map(|file| file.last);
        let last = last.filter(|(number, _)| *number == frame.number);
        let theirs = theirs.or_else(|| last.map(|(_, hash)| hash));
        if theirs.is_some_and(|hash| hash != frame.hash) {
            return Err(Fault::Unusable(
                "the key records are of another history than the copy".to_owned(),
            ));
        }
        self.keys(&frame.key_records)
    }

    fn keys(&mut self, records: &[Vec<u8>]) -> Result<(), Fault> {
        for bytes in records {
            let index = index_records(bytes)?;
            for record in &index {
                let leaf = record.key.strip_prefix(b"kl").map(TryInto::try_into);
                if let Some(Ok(leaf)) = leaf {
                    self.leaves.insert(KeyId(leaf));
                }
            }
            self.index.apply(index);
        }
        Ok(())
    }

    /// The last checkpoint must be signed by this ledger, over exactly these events.
    fn verify_checkpoint(&mut self, vault: &dyn Vault) -> Result<(), Fault> {
        let forged = |error: String| Fault::damaged("checkpoint of the copy", error);
        let note = std::str::from_utf8(&self.note).map_err(|error| forged(error.to_string()))?;
        let origin = note.lines().next().unwrap_or_default();
        let key: VerifierKey = vault
            .signer(origin)?
            .vkey()
            .parse()
            .map_err(|_| forged("its origin".to_owned()))?;
        let checkpoint =
            Checkpoint::open(note.as_bytes(), &key).map_err(|error| forged(error.to_string()))?;
        let frontier = self.frontier.get_or_insert_with(Frontier::empty);
        if checkpoint.size != frontier.size() || checkpoint.root != frontier.root() {
            return Err(forged("it is over other events".to_owned()));
        }
        self.found.events = checkpoint.size;
        note.clone_into(&mut self.found.checkpoint);
        Ok(())
    }

    fn judge_keys(&mut self, vault: &dyn Vault) -> Result<(), Fault> {
        let roots = vault.roots()?;
        let newest = roots.0.iter().max_by_key(|root| root.epoch);
        let Some(newest) = newest else {
            return Err(Fault::Vault(crate::error::VaultFault::Unreadable));
        };
        self.found.vault_epoch = newest.epoch;
        let history = RootHistory::read(&self.index)?
            .ok_or_else(|| Fault::damaged("key records", "no root was ever recorded"))?;
        let pending = history.pending.as_ref().map(|pending| pending.new_root);
        let id = newest.key.id();
        // A rotation that was under way when the copy was made is finished or given up at opening.
        self.found.epoch = if Some(id) == pending || id == history.root {
            newest.epoch
        } else {
            history.epoch
        };
        let tree = KeyTree::open(newest.key.duplicate(), newest.epoch);
        for leaf in &self.leaves {
            match tree.key_for_copy(&self.index, *leaf) {
                Ok(KeyState::Live(_)) => self.found.living += 1,
                Ok(KeyState::Shredded | KeyState::Fenced) => self.found.forgotten += 1,
                Ok(KeyState::Unknown) | Err(Fault::Damaged { .. }) => self.found.unreadable += 1,
                Err(fault) => return Err(fault),
            }
        }
        let (is, wanted) = (self.found.epoch, self.found.vault_epoch);
        if self.found.reads_the_living() {
            return Ok(());
        }
        let unreadable = self.found.unreadable;
        self.problem(format!(
            "its key records end at epoch {is}, the vault is at epoch {wanted}: {unreadable} keys \
             of living people are out of reach; give the newer key records with --keys (`keys \
             export`, of the ledger or of a mirror)"
        ));
        Ok(())
    }
}
