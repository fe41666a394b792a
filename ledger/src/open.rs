//! Opening a ledger: vault, log, tree against the checkpoint, boot decision; then the writer
//! starts.
//!
//! - Boot decides before anything is unsealed, appended or inserted into the key tree (SPEC §6.3).
//! - A checkpoint that does not match the stored events is a fault: nothing is shown on top of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::authorise::{DEFAULT_POLICY, Policy};
use crate::certificate;
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::copies::{Copies, Copying, Mirrors, Notes, anchor, open_mirrors};
use crate::decide::{NewEvent, Rules};
use crate::domain::event::PolicyInstalled;
use crate::domain::stream::StreamId;
use crate::erase::recover::{Unfinished, boot_keys};
use crate::error::Fault;
use crate::in_force::{Filed, in_force, is_noted};
use crate::keys::{
    IndexRecord, KeyTree, NotedFrame, Passphrase, Position, Signer, Tier, Vault, index_records,
    vault,
};
use crate::log::{Log, LogOptions, Mark, Noted, Place, Probe, Progress as LogProgress, Reader};
use crate::merkle::{Hash, Tree, leaf_hash};
use crate::organisation::Organisation;
use crate::prove::{Checkpoint, NoteError, VerifierKey};
use crate::retention::RetentionRules;
use crate::retention::watch::Watch;
use crate::shared::{Parts, Published, Shared};
use crate::submit::answer::Answering;
use crate::submit::sealers::Sealers;
use crate::submit::writer::Writer;
use crate::unfinished::require_finished;

/// How far a long opening is: what, done, all.
pub type Progress = Arc<dyn Fn(&str, u64, u64) + Send + Sync>;

/// How to open a ledger.
pub struct OpenOptions {
    /// The ledger's folder.
    pub data: PathBuf,
    /// The vault's folder, outside the ledger's.
    pub vault: PathBuf,
    /// What the vault lies under, if it does.
    pub passphrase: Option<Passphrase>,
    /// Text of the policy table; none for the one that ships.
    pub policy: Option<String>,
    /// Text of the retention rules; none for those in force, which at first are those that ship.
    pub retention: Option<String>,
    /// Text of the organisation's file; none for the one in force, at first the one that ships.
    pub organisation: Option<String>,
    /// Our own program, which opens the store first after an unclean stop (`store-probe DIR`).
    pub probe: Option<PathBuf>,
    /// Told of long work.
    pub progress: Option<Progress>,
    /// The copies that are kept while it is open.
    pub copying: Copying,
}

impl OpenOptions {
    /// A ledger and its vault, and for the rest what nobody asked to be otherwise.
    pub fn of(data: impl Into<PathBuf>, vault: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            vault: vault.into(),
            passphrase: None,
            policy: None,
            retention: None,
            organisation: None,
            probe: None,
            progress: None,
            copying: Copying::default(),
        }
    }

    /// The files that were given, read; the policy table in any case.
    fn files(&self) -> Result<Files, Fault> {
        let policy = Policy::parse(self.policy.as_deref().unwrap_or(DEFAULT_POLICY));
        let retention = self.retention.as_deref().map(RetentionRules::parse);
        let organisation = self.organisation.as_deref().map(Organisation::parse);
        Ok(Files {
            policy: policy.map_err(unusable)?,
            retention: retention.transpose().map_err(unusable)?,
            organisation: organisation.transpose().map_err(unusable)?,
        })
    }
}

/// Files that decisions go by, as far as they were given.
pub(crate) struct Files {
    pub(crate) policy: Policy,
    /// None for the rules in force.
    pub(crate) retention: Option<RetentionRules>,
    /// None for the file in force.
    pub(crate) organisation: Option<Organisation>,
}

/// Where the parts of a ledger lie.
pub(crate) struct Folders<'a>(pub(crate) &'a Path);

impl Folders<'_> {
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    pub(crate) fn tiles(&self) -> PathBuf {
        self.0.join("tiles")
    }

    pub(crate) fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    pub(crate) fn vkey(&self) -> PathBuf {
        self.0.join("log.vkey")
    }

    /// Keys of the names that a restored log had before, newest first.
    pub(crate) fn old_vkeys(&self) -> PathBuf {
        self.0.join("log.vkey.old")
    }
}

/// Opens a ledger: recovers what a crash left, then hands the writer over.
pub(crate) fn open(options: &OpenOptions) -> Result<Writer, Fault> {
    open_by(options, Arc::new(SystemClock))
}

/// The same by another clock than the machine's.
pub(crate) fn open_by(options: &OpenOptions, clock: Arc<dyn Clock>) -> Result<Writer, Fault> {
    let resumed = open_resumed(options, None, clock)?;
    let mut writer = resumed.writer;
    writer.recover(resumed.unfinished)?;
    writer.note_mirrors()?;
    writer.note_anchor(options.copying.anchor_new)?;
    Ok(writer)
}

/// A ledger opened as far as what a crash left of a rotation, which is still to be recovered.
pub(crate) struct Resumed {
    pub(crate) writer: Writer,
    pub(crate) unfinished: Option<Unfinished>,
}

/// A log that is being restored (`copies/restore.rs`).
pub(crate) struct Renewal<'a> {
    /// The name under which it goes on.
    pub(crate) origin: &'a str,
    /// What is known of it: the copy's last frame. The vault still knows the log that was lost.
    pub(crate) copied: Noted,
}

/// Opens a ledger; a restored one under another name than it had.
pub(crate) fn open_resumed(
    options: &OpenOptions,
    renewal: Option<&Renewal<'_>>,
    clock: Arc<dyn Clock>,
) -> Result<Resumed, Fault> {
    require_apart(&options.data, &options.vault)?;
    let folders = Folders(&options.data);
    if renewal.is_none() {
        require_finished(&options.data)?;
    }
    if !folders.log().exists() {
        let place = options.data.display();
        return Err(Fault::Unusable(format!(
            "there is no ledger at {place}; run init first"
        )));
    }
    let files = options.files()?;
    let log_id = Log::id_at(&folders.log())?;
    for holder in vault::holders(&options.vault)? {
        require_apart(&options.data, &holder)?;
    }
    let (words, entropy) = (options.passphrase.as_ref(), Box::new(SystemEntropy));
    let mut vault = vault::open(&options.vault, log_id, words, entropy)?;
    let noted = noted(&vault.position_file()?.read());
    let watermark = Some(renewal.map_or(noted, |renewal| renewal.copied));
    let progress = options.progress.clone();
    let (log, opening) = Log::open(
        &folders.log(),
        log_options(options.probe.clone(), watermark, progress),
    )?;
    for warning in &opening.warnings {
        tracing::warn!(%warning, "opening the log");
    }
    let published = published(&log)?;
    // Unverified here: a name other than the log's gives a key that does not verify the note below.
    let origin = published
        .checkpoint
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    let signer = vault.signer(&origin)?;
    let tree = open_tree(&folders, &log.reader(), &published, &signer)?;
    if let Some(anchor) = &options.copying.anchor {
        let new = options.copying.anchor_new;
        anchor::require_reached(anchor, new, &log.reader(), vault.as_ref(), &tree)?;
    }
    let signer = renewal.map_or(Ok(signer), |renewal| vault.signer(renewal.origin))?;
    let (keys, unfinished) = boot_keys(&log.reader(), vault.as_mut())?;
    let started = Started {
        log,
        vault,
        signer,
        keys,
        tree,
        files,
        clock,
        published,
    };
    for mirror in &options.copying.mirrors {
        require_apart(mirror, &options.data)?;
        require_apart(mirror, &options.vault)?;
    }
    let mut writer = started.writer(&options.copying, Box::new(SystemEntropy))?;
    writer.notes = Notes {
        data: options.data.clone(),
        anchor: options.copying.anchor.clone(),
    };
    Ok(Resumed { writer, unfinished })
}

/// The pieces of an open ledger, before its threads.
pub(crate) struct Started {
    pub(crate) log: Log,
    pub(crate) vault: Box<dyn Vault>,
    pub(crate) signer: Signer,
    pub(crate) keys: KeyTree,
    pub(crate) tree: Tree,
    pub(crate) files: Files,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) published: Published,
}

impl Started {
    pub(crate) fn writer(
        self,
        copying: &Copying,
        mut entropy: Box<dyn Entropy>,
    ) -> Result<Writer, Fault> {
        let (log_id, reader) = (self.log.id(), self.log.reader());
        let signer = Arc::new(self.signer);
        let needs_mirror = self.vault.statement().tier != Tier::Test && !copying.alone;
        let index_keys = self.vault.index_keys()?;
        let copies = Arc::new(Copies::read(&reader, &index_keys, needs_mirror)?);
        // Every folder is looked at before anything is written to one of them.
        let folders = open_mirrors(&copying.mirrors, &reader, log_id, entropy.as_mut())?;
        let mirrors = Mirrors::start(&copies, &reader, &folders)?;
        let mut shared = Shared::new(Parts {
            log_id,
            reader,
            copies,
            keys: self.keys,
            tree: self.tree,
            index_keys,
            policy: self.files.policy,
            rules: Rules::default(),
            clock: self.clock,
            vkey: signer.vkey(),
            signer: Arc::clone(&signer),
            vault: self.vault.statement(),
            published: self.published,
        });
        shared.rules = Rules {
            organisation: Arc::new(in_force(&shared, self.files.organisation)?),
            retention: Arc::new(in_force(&shared, self.files.retention)?),
        };
        let shared = Arc::new(shared);
        let position = self.vault.position_file()?;
        let uncertified = certificate::all_waiting(&shared)?;
        let watch = Watch::opened(&shared)?;
        Ok(Writer {
            answering: Answering::start(Arc::clone(&shared))?,
            sealers: Sealers::start()?,
            begun: position.read().begun,
            position,
            shared,
            log: self.log,
            vault: self.vault,
            signer,
            entropy,
            shred: Vec::new(),
            given_up: Vec::new(),
            held_back: false,
            mirrors,
            notes: Notes::default(),
            watch,
            uncertified,
            recertify: Vec::new(),
            founded: 0,
            policy_noted: false,
            position_written: None,
        })
    }
}

impl Writer {
    /// Records the policy table in force when it is another one than before: not when a ledger is
    /// opened to be read, but before the first command is decided by it.
    pub(crate) fn note_policy(&mut self) -> Result<(), Fault> {
        if self.policy_noted {
            return Ok(());
        }
        self.note_files()?;
        let digest = self.shared.policy.digest();
        if self.shared.reader.value(POLICY_KEY)?.as_deref() == Some(digest.as_slice()) {
            self.policy_noted = true;
            return Ok(());
        }
        let event = self.told(StreamId::Ledger, PolicyInstalled { policy: digest }.into());
        let mut staged = self.stage_events(vec![event])?;
        staged
            .index_records
            .push(policy_record(&self.shared.policy));
        // Also on a full disk: withdrawals that come after it must be decided by some table.
        self.append(&mut staged, true)?;
        self.policy_noted = true;
        Ok(())
    }

    /// The same of the files that stand in the log word for word.
    fn note_files(&mut self) -> Result<(), Fault> {
        let (index, rules) = (&self.shared.reader, &self.shared.rules);
        let mut events = Vec::new();
        if !is_noted(index, &*rules.retention)? {
            events.push(self.told(StreamId::Ledger, rules.retention.installed()));
        }
        if !is_noted(index, &*rules.organisation)? {
            events.push(self.told(StreamId::Ledger, rules.organisation.installed()));
        }
        if events.is_empty() {
            return Ok(());
        }
        let mut staged = self.stage_events(events)?;
        self.append(&mut staged, false).map(drop)
    }

    /// The files in force as a new log tells of them.
    pub(crate) fn files_installed(&self) -> [NewEvent; 2] {
        let rules = &self.shared.rules;
        let events = [rules.retention.installed(), rules.organisation.installed()];
        events.map(|event| self.told(StreamId::Ledger, event))
    }
}

/// The synced head and its checkpoint.
fn published(log: &Log) -> Result<Published, Fault> {
    let head = log.head();
    let note =
        String::from_utf8(head.checkpoint).map_err(|_| Fault::damaged("checkpoint", "not text"))?;
    Ok(Published {
        size: head.tree_size,
        checkpoint: note.into(),
    })
}

/// Opens the tree and holds it against the signed checkpoint.
fn open_tree(
    folders: &Folders<'_>,
    reader: &Reader,
    published: &Published,
    signer: &Signer,
) -> Result<Tree, Fault> {
    let forged = |error: String| Fault::damaged("checkpoint", error);
    let key: VerifierKey = signer
        .vkey()
        .parse()
        .map_err(|error: NoteError| forged(error.to_string()))?;
    let checkpoint = Checkpoint::open(published.checkpoint.as_bytes(), &key)
        .map_err(|error| forged(error.to_string()))?;
    if checkpoint.size != published.size {
        return Err(forged(format!("it says {} events", checkpoint.size)));
    }
    Tree::open(
        &folders.tiles(),
        published.size,
        Some(checkpoint.root),
        &mut |position| leaf_at(reader, position),
    )
}

/// The leaf hash of a stored event.
pub(crate) fn leaf_at(reader: &Reader, position: u64) -> Result<Hash, Fault> {
    let missing = || Fault::damaged("event", format!("position {position}"));
    let stored = reader.event(position)?.ok_or_else(missing)?;
    Ok(leaf_hash(&stored.header))
}

/// What the vault noted, as the log knows frames.
pub(crate) fn noted(position: &Position) -> Noted {
    let mark = |frame: NotedFrame| Mark {
        number: frame.number,
        hash: frame.hash,
        place: Place {
            segment: frame.segment,
            offset: frame.offset,
        },
    };
    Noted {
        last: mark(position.last),
        begun: mark(position.begun),
    }
}

pub(crate) fn log_options(
    probe: Option<PathBuf>,
    watermark: Option<Noted>,
    progress: Option<Progress>,
) -> LogOptions {
    let probe = probe.map_or(Probe::InProcess, Probe::Child);
    let mut options = LogOptions::new(index_records, probe);
    options.watermark = watermark;
    options.progress = progress.map(|progress| {
        let told: LogProgress =
            Arc::new(move |done, all| progress("rebuilding the store", done, all));
        told
    });
    options
}

pub(crate) fn policy_record(policy: &Policy) -> IndexRecord {
    IndexRecord {
        key: POLICY_KEY.to_vec(),
        value: Some(policy.digest().to_vec()),
    }
}

/// Neither of two folders may lie in the other: a vault or a holder inside the data would be copied
/// and backed up with it.
pub(crate) fn require_apart(one: &Path, other: &Path) -> Result<(), Fault> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(Fault::io("resolving a path"));
    let (one, other) = (absolute(one)?, absolute(other)?);
    if other.starts_with(&one) || one.starts_with(&other) {
        let (one, other) = (one.display(), other.display());
        return Err(Fault::Unusable(format!(
            "the vault, its holders, the data and every copy of it have to lie outside each other; \
             {one} and {other} do not"
        )));
    }
    Ok(())
}

pub(crate) fn unusable(error: impl std::fmt::Display) -> Fault {
    Fault::Unusable(error.to_string())
}

/// Index key of the digest of the policy table in force.
const POLICY_KEY: &[u8] = b"p";
