//! The ledger: open it, submit commands, read what it holds, prove it. Clone to share between
//! threads.
//!
//! The road of a command is in `submit/writer.rs`; destroying keys is in `erase/`; nothing else
//! writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::certificate;
use crate::clear::is_clear;
use crate::clock::{Clock, Timestamp};
use crate::copies::{BackupList, CopiesReport, RESTORED_KEY};
use crate::domain::breach::Breach;
use crate::domain::case::Case;
use crate::domain::codes::ViewPurpose;
use crate::domain::complaint::Complaint;
use crate::domain::directory::Service;
use crate::domain::event::{Event, Record, ViewTarget};
use crate::domain::ids::{
    BreachId, CaseId, ClientCode, ComplaintId, LeafKeyId, OrganisationId, ServiceId, StaffId,
};
use crate::domain::personal::Personal;
use crate::domain::staff::Staff;
use crate::domain::stream::StreamId;
use crate::erase::cut::Cutting;
use crate::error::Fault;
use crate::keys::{KeyId, Statement};
use crate::limits::QUEUE_COMMANDS_MAX;
use crate::log::StoredEvent;
use crate::merkle::Hash;
use crate::open::{self, Folders};
use crate::release::{Drawn, Gate, is_apart, within, written_of};
use crate::retention::index::closed_since;
use crate::scrub::JournalChecked;
use crate::seal::{Opened, codec, segment_grants};
use crate::shared::Shared;
use crate::snapshot;
use crate::submit::ask::Task;
use crate::submit::held::Held;
use crate::submit::writer::Writer;

pub use crate::erase::cut::{CutOptions, CutReport};
pub use crate::init::{InitOptions, Protection, Shares, init, init_founded};
pub use crate::open::{OpenOptions, Progress};
pub use crate::release::{PersonalContent, PersonalPart};
pub use crate::submit::answer::{Answer, Entry, Rejection, Reply};
pub use crate::unfinished::is_unfinished;

/// An open ledger.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tasks: SyncSender<Task>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
    snapshots: Arc<PathBuf>,
    pub(crate) backups: Arc<BackupList>,
    pub(crate) cutting: Arc<Cutting>,
}

/// Where the ledger stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// Durable events.
    pub size: u64,
    /// The newest signed checkpoint.
    pub checkpoint: String,
    /// Epoch of the key tree.
    pub epoch: u64,
    /// The word for what the vault promises.
    pub vault_tier: &'static str,
    /// The vault's own statement.
    pub vault: Statement,
    /// Whether an earlier failure stopped all writing.
    pub poisoned: bool,
    /// Leaves waiting for their rotation.
    pub shreds_pending: u64,
    /// Whether the disk has no room for the journal: new commands but withdrawals are refused until
    /// it has, views and proofs go on, and what is due is still destroyed.
    pub disk_full: bool,
    /// What reading the journal again while it is open has found.
    pub journal: JournalChecked,
    /// Whether it was restored, and sends nothing until somebody confirms that the withdrawals that
    /// may be missing were entered again.
    pub sending_held: bool,
}

/// Poisons the ledger when the writer's thread ends by a panic, so that everybody sees that it
/// takes no more commands.
struct Outlived(Arc<Shared>);

impl Drop for Outlived {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison();
        }
    }
}

impl Ledger {
    /// Opens a ledger and starts its writer.
    pub fn open(options: OpenOptions) -> Result<Self, Fault> {
        let writer = open::open(&options)?;
        Self::start(writer, &options.data)
    }

    /// The same by another clock than the machine's.
    pub fn open_by(options: OpenOptions, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let writer = open::open_by(&options, clock)?;
        Self::start(writer, &options.data)
    }

    /// Starts the writer of an opened ledger.
    pub(crate) fn start(writer: Writer, data: &Path) -> Result<Self, Fault> {
        let snapshots = Folders(data).snapshots();
        let shared = Arc::clone(&writer.shared);
        let (tasks, waiting) = sync_channel(QUEUE_COMMANDS_MAX);
        let thread = Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                let _guard = Outlived(Arc::clone(&writer.shared));
                writer.run(&waiting);
            })
            .map_err(Fault::io("starting the writer"))?;
        let writer = Arc::new(Mutex::new(Some(thread)));
        Ok(Self {
            shared,
            tasks,
            writer,
            snapshots: Arc::new(snapshots),
            backups: Arc::new(BackupList::of(data)),
            cutting: Arc::default(),
        })
    }

    /// Opens the personal parts that an answered view is about. The event of the view is durable by
    /// then; the fences of all parts are asked for again here, after the last was opened and before
    /// any plaintext leaves.
    pub fn open_personal(&self, seen: &Answer) -> Result<Vec<PersonalPart>, Fault> {
        let Some(entry) = seen.entries.first() else {
            return Ok(Vec::new());
        };
        let (target, copy) = if let Event::PersonalDataSeen(view) = &entry.record.event {
            let copy = view.purpose == ViewPurpose::CopyForPerson;
            (Some(view.target), copy)
        } else if matches!(
            entry.record.event,
            Event::StaffSeen(_) | Event::ComplaintSeen(_) | Event::BreachSeen(_)
        ) {
            (None, false)
        } else {
            return Ok(Vec::new());
        };
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let drawn = self.draw(entry.record.stream, target, copy)?;
        Gate::of(&self.shared, entry.record.stream, copy)?.release(drawn)
    }

    /// Opens parts that still have to pass the gate once more.
    pub(crate) fn draw(
        &self,
        stream: StreamId,
        target: Option<ViewTarget>,
        copy: bool,
    ) -> Result<Vec<Drawn>, Fault> {
        let gate = Gate::of(&self.shared, stream, copy)?;
        let entries = self.shared.stream(stream)?;
        let mut drawn = Vec::new();
        for (entry, left_out) in within(target, copy, &entries) {
            self.open_parts((entry, &left_out), &gate, &mut drawn)?;
        }
        Ok(drawn)
    }

    /// Record parts of the events at `max` positions from one on; those of closed streams are left
    /// out.
    pub fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault> {
        self.shared.records(from, max)
    }

    /// Whether the stream of the event at a position was closed: its record is gone for good.
    pub fn is_closed_at(&self, position: u64) -> Result<bool, Fault> {
        self.shared.is_closed_at(position)
    }

    /// Who held a case that was closed; none of any other.
    pub fn closed(&self, case: CaseId) -> Result<Option<OrganisationId>, Fault> {
        let held = self.shared.held(StreamId::Case(case))?;
        Ok(held.and_then(|held| held.closed_of()))
    }

    /// All record parts of one stream, oldest first; of a closed one there are none.
    pub fn stream(&self, stream: StreamId) -> Result<Vec<Entry>, Fault> {
        self.shared.stream(stream)
    }

    /// A case's state.
    pub fn case(&self, id: CaseId) -> Result<Option<Arc<Case>>, Fault> {
        Ok(self.shared.held(StreamId::Case(id))?.and_then(Held::case))
    }

    /// The case that a client code belongs to.
    pub fn case_by_code(&self, code: ClientCode) -> Result<Option<CaseId>, Fault> {
        self.shared.case_by_code(code)
    }

    /// A directory entry's state.
    pub fn service(&self, id: ServiceId) -> Result<Option<Arc<Service>>, Fault> {
        Ok(self
            .shared
            .held(StreamId::Service(id))?
            .and_then(Held::service))
    }

    /// A staff member's state.
    pub fn staff(&self, id: StaffId) -> Result<Option<Arc<Staff>>, Fault> {
        Ok(self.shared.held(StreamId::Staff(id))?.and_then(Held::staff))
    }

    /// A complaint's state.
    pub fn complaint(&self, id: ComplaintId) -> Result<Option<Arc<Complaint>>, Fault> {
        let held = self.shared.held(StreamId::Complaint(id))?;
        Ok(held.and_then(Held::complaint))
    }

    /// A breach's state.
    pub fn breach(&self, id: BreachId) -> Result<Option<Arc<Breach>>, Fault> {
        let held = self.shared.held(StreamId::Breach(id))?;
        Ok(held.and_then(Held::breach))
    }

    /// Number of durable events.
    pub fn size(&self) -> u64 {
        self.shared.published().size
    }

    /// Waits until there are more than `size` events, or the time is up; answers how many there
    /// are.
    pub fn wait_beyond(&self, size: u64, timeout_ms: u64) -> u64 {
        self.shared
            .wait_beyond(size, Duration::from_millis(timeout_ms))
    }

    /// The newest signed checkpoint (C2SP signed note).
    pub fn checkpoint(&self) -> String {
        self.shared.published().checkpoint.to_string()
    }

    /// The log's verifier key.
    pub fn vkey(&self) -> String {
        self.shared.vkey.clone()
    }

    /// A receipt of one event at the newest checkpoint (C2SP tlog-proof); nothing if there is no
    /// such event.
    pub fn receipt(&self, position: u64) -> Result<Option<String>, Fault> {
        let published = self.shared.published();
        if position >= published.size {
            return Ok(None);
        }
        self.shared.receipt(position, &published).map(Some)
    }

    /// The file of the certificate of erasure whose event stands at a position, its receipts at the
    /// newest checkpoint; nothing if there is no such event.
    pub fn certificate(&self, position: u64) -> Result<Option<String>, Fault> {
        if position >= self.size() {
            return Ok(None);
        }
        certificate::file(&self.shared, position)
    }

    /// The RFC 6962 proof that the tree of `old_size` events is part of the one of `new_size`.
    pub fn consistency_proof(&self, old_size: u64, new_size: u64) -> Result<Vec<Hash>, Fault> {
        self.shared.tree().consistency_proof(old_size, new_size)
    }

    /// The RFC 6962 proof that an event is in the tree of the first `size` events.
    pub fn inclusion_proof(&self, position: u64, size: u64) -> Result<Vec<Hash>, Fault> {
        self.shared.tree().inclusion_proof(position, size)
    }

    /// An event as stored: its header and its sealed segments.
    pub fn sealed(&self, position: u64) -> Result<Option<StoredEvent>, Fault> {
        self.shared.stored(position)
    }

    /// Keeps a projection's bytes, sealed under a fresh leaf, as a file beside the log.
    pub fn save_snapshot(&self, name: &str, position: u64, bytes: &[u8]) -> Result<(), Fault> {
        let (tell, told) = channel();
        let reply = Box::new(move |leaf| {
            let _ = tell.send(leaf);
        });
        self.tasks
            .send(Task::SnapshotLeaf(reply))
            .map_err(|_| Fault::Poisoned)?;
        let leaf = told.recv().map_err(|_| Fault::Poisoned)??;
        // Rows of a stream that was closed meanwhile must not outlive it.
        if closed_since(&self.shared.reader, position)? {
            return Err(Fault::Busy);
        }
        snapshot::save(
            &self.snapshots,
            &self.shared,
            &leaf,
            (name, position),
            bytes,
        )
    }

    /// The newest snapshot of that name that can be read, and its position.
    pub fn load_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, Fault> {
        snapshot::load(&self.snapshots, &self.shared, name)
    }

    /// Where the ledger stands.
    pub fn status(&self) -> Status {
        let published = self.shared.published();
        let vault = self.shared.vault();
        Status {
            size: published.size,
            checkpoint: published.checkpoint.to_string(),
            epoch: self.shared.keys().epoch(),
            vault_tier: vault.tier.word(),
            vault,
            poisoned: self.shared.is_poisoned(),
            shreds_pending: self.shared.shreds_pending.load(Ordering::SeqCst),
            disk_full: self.shared.disk_full.load(Ordering::SeqCst),
            journal: self.shared.checked.so_far(),
            // Where it cannot be known nothing is sent either.
            sending_held: self
                .shared
                .reader
                .value(RESTORED_KEY)
                .map_or(true, |it| it.is_some()),
        }
    }

    /// Gives mirrors that follow a moment to reach a frame.
    pub(crate) fn await_copies(&self, frame: u64) {
        // Who is late is told by the report of copies.
        let _ = self.shared.copies.await_frame(frame, 0);
    }

    /// Which copies exist, how far each is, and what each has acknowledged.
    pub fn copies(&self) -> CopiesReport {
        let head = self.shared.reader.head().frame_number;
        let backups = match self.backups.read() {
            Ok(backups) => backups.to_vec(),
            Err(fault) => {
                tracing::warn!(%fault, "which backups were made is not known");
                Vec::new()
            }
        };
        CopiesReport {
            backups,
            ..self.shared.copies.report(head)
        }
    }

    /// Leaves that wait for a copy of the key records before they are destroyed.
    pub fn pending_copy(&self) -> BTreeSet<LeafKeyId> {
        self.shared.copies.pending().into_keys().collect()
    }

    /// Cases with such leaves: asking again for what is due in them changes nothing.
    pub fn cases_held_back(&self) -> BTreeSet<CaseId> {
        let case = |stream: StreamId| match stream {
            StreamId::Case(case) => Some(case),
            StreamId::Ledger
            | StreamId::Staff(_)
            | StreamId::Service(_)
            | StreamId::Complaint(_)
            | StreamId::Member(_)
            | StreamId::Pathway(_)
            | StreamId::Breach(_)
            | StreamId::Incoming(_)
            | StreamId::Link(_) => None,
        };
        let streams = self.shared.copies.pending().into_values();
        streams.filter_map(case).collect()
    }

    /// The present moment by the ledger's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Stops the writer after what is queued, and closes cleanly.
    pub fn close(&self) -> Result<(), Fault> {
        let thread = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(thread) = thread else { return Ok(()) };
        // A round of cutting out works in the folder: it gives up before the folder is let go.
        self.cutting.end();
        let _ = self.tasks.send(Task::Close);
        thread.join().map_err(|_| Fault::Poisoned)
    }

    pub(crate) fn open_parts(
        &self,
        (entry, left_out): (&Entry, &BTreeSet<u8>),
        gate: &Gate<'_>,
        drawn: &mut Vec<Drawn>,
    ) -> Result<(), Fault> {
        let position = entry.position;
        let Some(stored) = self.shared.stored(position)? else {
            return Ok(());
        };
        let numbered = (0_u8..).zip(&stored.segments).skip(1);
        let shown =
            |(number, segment): &(u8, &Vec<u8>)| !is_clear(segment) && !left_out.contains(number);
        for (number, segment) in numbered.filter(shown) {
            let mut key = |id: &KeyId| gate.key(id);
            let content = match self
                .shared
                .open(position, (number, segment), &stored, &mut key)?
            {
                Opened::Plain(plain) => {
                    PersonalContent::Open(self.part(&entry.record, number, &plain, position)?)
                }
                Opened::Shredded => PersonalContent::Shredded,
                Opened::Fenced => PersonalContent::Fenced,
                Opened::UnknownKey => return Err(unknown_key(position)),
            };
            // What was cut out has no grants any more, and needs none: it does not leave.
            let grants = match &content {
                PersonalContent::Open(_) => segment_grants(segment)?,
                PersonalContent::Shredded | PersonalContent::Fenced => Vec::new(),
            };
            let part = PersonalPart {
                position,
                segment: number,
                event: entry.record.event.name(),
                version: entry.record.version,
                referral: written_of(&entry.record.event),
                person: gate.person_of(&entry.record.event),
                content,
            };
            let apart = is_apart(&entry.record.event);
            drawn.push(Drawn {
                part,
                grants,
                apart,
            });
        }
        Ok(())
    }

    /// Decodes a part. Stream, version and number inside must be those it was asked for by.
    fn part(
        &self,
        record: &Record,
        number: u8,
        plain: &[u8],
        position: u64,
    ) -> Result<Personal, Fault> {
        let (stream, version, inside, content): (StreamId, u64, u8, Personal) =
            codec::decode(plain)?;
        if (stream, version, inside) == (record.stream, record.version, number) {
            Ok(content)
        } else {
            Err(Fault::damaged(
                "personal part",
                format!("position {position} segment {number}"),
            ))
        }
    }
}

fn unknown_key(position: u64) -> Fault {
    // Never "erased": a key that no record names is damage (I7, `keys/tree.rs`).
    Fault::damaged(
        "key index",
        format!("a grant of the event at position {position}"),
    )
}
