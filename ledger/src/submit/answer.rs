//! Answers: what a durable command came to, with a receipt per event at its group's checkpoint.
//!
//! Receipts of a large group are made on a thread of their own, so that the writer goes on with the
//! next one; those of a small group on the spot, since waking a thread takes longer. The thread
//! writes full Merkle tiles too, whose files and syncs must not keep the writer waiting.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::domain::event::Record;
use crate::error::Fault;
use crate::limits::{ANSWERED_AT_ONCE_MAX, GROUPS_ANSWERING_MAX, TILES_WRITTEN_AT_ONCE};
use crate::refusal::Refused;
use crate::shared::Shared;

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The events' record parts, in order, with their positions in the log.
    pub entries: Vec<Entry>,
    /// One C2SP tlog-proof file per event, at the group's checkpoint.
    pub receipts: Vec<String>,
    /// The version of the first event's stream after the command.
    pub version: u64,
    /// Whether this is the answer to an earlier command with the same request id.
    pub repeated: bool,
    /// Whether it withdrew something and a mirror does not know so yet: a ledger restored from that
    /// mirror would open what was withdrawn. Not told again to a repeated command.
    pub fence_not_mirrored: bool,
    /// Whether what it fences waits, because no mirror follows and one must know first.
    pub destruction_waits: bool,
}

/// An event's record part and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the log, from 0.
    pub position: u64,
    /// What was recorded.
    pub record: Arc<Record>,
}

/// No, or we failed.
#[derive(Debug)]
pub enum Rejection {
    /// The answer is no.
    Refused(Refused),
    /// We failed; what was acknowledged before still stands.
    Fault(Fault),
}

impl From<Refused> for Rejection {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Whom to tell.
pub type Reply = Box<dyn FnOnce(Result<Answer, Rejection>) + Send>;

/// A command that is durable, not yet answered.
#[must_use]
pub(crate) struct Appended {
    /// Position of its first event.
    pub(crate) first: u64,
    /// Its record parts.
    pub(crate) records: Vec<Arc<Record>>,
    /// Its headers.
    pub(crate) headers: Vec<Vec<u8>>,
    /// The checkpoint of its own group.
    pub(crate) checkpoint: Arc<str>,
    /// Tree size at that checkpoint.
    pub(crate) size: u64,
    /// Whether it was there before.
    pub(crate) repeated: bool,
    /// Whether a mirror lacks what it fences.
    pub(crate) fence_not_mirrored: bool,
    /// Whether what it fences waits for a mirror.
    pub(crate) destruction_waits: bool,
}

impl Appended {
    /// Says what mirrors do not know yet of what it fences, and whether that waits for one.
    pub(crate) fn with_mirrors(self, missing: bool, waits: bool) -> Self {
        Self {
            fence_not_mirrored: missing,
            destruction_waits: waits,
            ..self
        }
    }

    /// Makes the receipts.
    pub(crate) fn answer(self, shared: &Shared) -> Result<Answer, Fault> {
        let entries: Vec<Entry> = (self.first..)
            .zip(self.records)
            .map(|(position, record)| Entry { position, record })
            .collect();
        let mut receipts = Vec::with_capacity(entries.len());
        for (entry, header) in entries.iter().zip(self.headers) {
            let tree = (self.size, &*self.checkpoint);
            receipts.push(shared.receipt_of(entry.position, header, tree)?);
        }
        let version = version_after(&entries);
        Ok(Answer {
            entries,
            receipts,
            version,
            repeated: self.repeated,
            fence_not_mirrored: self.fence_not_mirrored,
            destruction_waits: self.destruction_waits,
        })
    }
}

/// The version of the first event's stream after these events.
fn version_after(entries: &[Entry]) -> u64 {
    let Some(first) = entries.first() else {
        return 0;
    };
    let same = entries
        .iter()
        .filter(|entry| entry.record.stream == first.record.stream);
    same.map(|entry| entry.record.version).max().unwrap_or(0)
}

/// One group's outcomes, in the order of its commands.
pub(crate) type Outcomes = Vec<(Reply, Result<Appended, Rejection>)>;

/// The thread that answers.
pub(crate) struct Answering {
    groups: Option<SyncSender<Outcomes>>,
    thread: Option<JoinHandle<()>>,
}

impl Answering {
    pub(crate) fn start(shared: Arc<Shared>) -> Result<Self, Fault> {
        let (groups, waiting) = sync_channel::<Outcomes>(GROUPS_ANSWERING_MAX);
        let thread = std::thread::Builder::new()
            .name("answering".to_owned())
            .spawn(move || run(&shared, &waiting))
            .map_err(Fault::io("starting the answering thread"))?;
        Ok(Self {
            groups: Some(groups),
            thread: Some(thread),
        })
    }

    /// Tells a durable group what came of it, here or on the thread.
    pub(crate) fn tell(&self, shared: &Shared, mut outcomes: Outcomes) {
        let Some(groups) = &self.groups else { return };
        if outcomes.len() <= ANSWERED_AT_ONCE_MAX {
            answer(shared, std::mem::take(&mut outcomes));
            if shared.tree().waiting() < TILES_WRITTEN_AT_ONCE {
                return;
            }
        }
        if let Err(unsent) = groups.send(outcomes) {
            for (reply, _) in unsent.0 {
                reply(Err(Rejection::Fault(Fault::Poisoned)));
            }
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, waiting: &Receiver<Outcomes>) {
    while let Ok(outcomes) = waiting.recv() {
        answer(shared, outcomes);
        if let Err(fault) = shared.write_tiles() {
            tracing::warn!(%fault, "tiles wait to be written");
        }
    }
}

fn answer(shared: &Shared, outcomes: Outcomes) {
    for (reply, outcome) in outcomes {
        reply(outcome.and_then(|done| done.answer(shared).map_err(Rejection::Fault)));
    }
}
