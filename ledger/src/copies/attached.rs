//! Which copies exist and how far each is: one answer for the eraser, for `status` and for
//! certificates.
//!
//! - Attached is what the log says (`MirrorAttached`, `MirrorDetached`), not what happens to be
//!   plugged in: a mirror that is away keeps its say until it is detached.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::recorded::mirror_standing;
use super::registry::BackupReport;
use crate::domain::codes::DetachReason;
use crate::domain::ids::{CopyId, LeafKeyId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexKeys;
use crate::limits::{MIRROR_BYTES_PER_MS, MIRROR_PATIENCE_MS};
use crate::log::Reader;

/// What the copies of a ledger are like at one moment.
#[derive(Clone, Debug, Default)]
pub struct CopiesReport {
    /// Attached mirrors.
    pub mirrors: Vec<MirrorReport>,
    /// Backups that were made, as far as the data folder's list says.
    pub backups: Vec<BackupReport>,
    /// The anchor; none if there is none.
    pub anchor: Option<AnchorReport>,
    /// Whether keys are destroyed although no mirror is attached.
    pub alone: bool,
}

/// The anchor: what the last writing of it came to.
#[derive(Clone, Debug)]
pub struct AnchorReport {
    /// Where.
    pub file: PathBuf,
    /// The epoch that it says.
    pub epoch: u64,
    /// Why it was not written, if it was not.
    pub failed: Option<String>,
}

/// One attached mirror.
#[derive(Clone, Debug)]
pub struct MirrorReport {
    /// Which.
    pub id: CopyId,
    /// Where it is; not known of one that is away.
    pub folder: Option<PathBuf>,
    /// What it is doing.
    pub state: MirrorState,
    /// The last frame that it has, durably.
    pub frame: u64,
    /// Frames that it lacks.
    pub frames_behind: u64,
    /// For how many seconds it has lacked any.
    pub seconds_behind: u64,
    /// The epoch of the last finished rotation that it knows of; 0 for none.
    pub epoch: u64,
    /// Whether it lacks a fence: what it says may be read is more than what may.
    pub fence_missing: bool,
    /// Why somebody wants to end its say, while a second person has not decided.
    pub detach_asked: Option<DetachReason>,
}

/// What a mirror is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MirrorState {
    /// Attached, and not given to this process.
    Away,
    /// What it holds is being checked.
    Checking,
    /// It follows the journal.
    Following,
    /// Its disk fails; tried again and again.
    Failing(String),
    /// It is damaged or does not belong here; nothing is written to it.
    Refused(String),
}

impl MirrorState {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Checking => "checking",
            Self::Following => "following",
            Self::Failing(_) => "failing",
            Self::Refused(_) => "refused",
        }
    }

    /// Why, where something is wrong.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failing(why) | Self::Refused(why) => Some(why),
            Self::Away | Self::Checking | Self::Following => None,
        }
    }
}

/// The state that writer, mirrors and readers share.
pub(crate) struct Copies {
    /// Whether a root may be destroyed only with a mirror attached.
    needs_mirror: bool,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    mirrors: BTreeMap<CopyId, Standing>,
    /// Number of the last frame that holds a fence.
    fenced: u64,
    /// Leaves that wait for a copy before they are destroyed, with the streams that tell of it.
    pending: BTreeMap<LeafKeyId, StreamId>,
    anchor: Option<AnchorReport>,
    stop: Option<Instant>,
}

struct Standing {
    folder: Option<PathBuf>,
    state: MirrorState,
    frame: u64,
    epoch: u64,
    behind_since: Option<Instant>,
    detach_asked: Option<DetachReason>,
}

/// What a mirror that just acknowledged frames still lacks.
pub(super) enum Lag {
    /// Nothing.
    None,
    /// Frames that came after this moment.
    Since(Instant),
    /// Frames that it lacked before.
    AsBefore,
}

impl Standing {
    fn away() -> Self {
        Self {
            folder: None,
            state: MirrorState::Away,
            frame: 0,
            epoch: 0,
            behind_since: None,
            detach_asked: None,
        }
    }

    /// Whether it can be expected to have the next frame in a moment.
    fn in_reach(&self) -> bool {
        let late = self
            .behind_since
            .is_some_and(|since| since.elapsed() > PATIENCE);
        self.state == MirrorState::Following && !late
    }
}

impl Copies {
    /// The mirrors that the log says are attached; all of them away so far.
    pub(crate) fn read(
        reader: &Reader,
        keys: &IndexKeys,
        needs_mirror: bool,
    ) -> Result<Self, Fault> {
        let mut inner = Inner::default();
        for (key, value) in reader.with_prefix(MIRROR_PREFIX, usize::MAX)? {
            let id = key.strip_prefix(MIRROR_PREFIX).map(TryInto::try_into);
            let Some(Ok(id)) = id.map(|id| id.map(CopyId)) else {
                return Err(Fault::damaged("mirror index", "a key"));
            };
            let asked = mirror_standing(keys, id, &value)?.asked;
            let standing = Standing {
                detach_asked: asked.map(|asked| asked.reason),
                ..Standing::away()
            };
            inner.mirrors.insert(id, standing);
        }
        Ok(Self {
            needs_mirror,
            inner: Mutex::new(inner),
            changed: Condvar::new(),
        })
    }

    /// A mirror is here, and being checked.
    pub(super) fn arrived(&self, id: CopyId, folder: PathBuf) {
        let mut inner = self.lock();
        let standing = inner.mirrors.entry(id).or_insert_with(Standing::away);
        standing.folder = Some(folder);
        standing.state = MirrorState::Checking;
        standing.behind_since.get_or_insert_with(Instant::now);
    }

    /// A mirror is whole up to a frame and follows from there.
    pub(super) fn follows(&self, id: CopyId, frame: u64, epoch: u64) {
        self.change(id, |standing| {
            standing.state = MirrorState::Following;
            (standing.frame, standing.epoch) = (frame, epoch);
        });
    }

    /// A mirror lacks frames that are synced here.
    pub(super) fn falls_behind(&self, id: CopyId) {
        self.change(id, |standing| {
            standing.behind_since.get_or_insert_with(Instant::now);
        });
    }

    /// A mirror has everything up to a frame, durably.
    pub(super) fn acknowledge(&self, id: CopyId, (frame, epoch): (u64, u64), lag: Lag) {
        self.change(id, |standing| {
            (standing.frame, standing.epoch) = (frame, epoch);
            match lag {
                Lag::None => standing.behind_since = None,
                Lag::Since(since) => standing.behind_since = Some(since),
                Lag::AsBefore => {}
            }
        });
    }

    /// A mirror cannot go on.
    pub(super) fn fails(&self, id: CopyId, state: MirrorState) {
        self.change(id, |standing| {
            standing.state = state;
            standing.behind_since.get_or_insert_with(Instant::now);
        });
    }

    /// A mirror has no say any more, and is written to no more.
    pub(crate) fn detach(&self, id: CopyId) {
        self.lock().mirrors.remove(&id);
        self.changed.notify_all();
    }

    /// Somebody wants to end a mirror's say, or a second person left it.
    pub(super) fn ask_to_detach(&self, id: CopyId, reason: Option<DetachReason>) {
        self.change(id, |standing| standing.detach_asked = reason);
    }

    /// Asks the mirrors to end.
    pub(super) fn stop(&self) {
        self.lock().stop = Some(Instant::now());
        self.changed.notify_all();
    }

    /// Whether a mirror should end.
    pub(super) fn is_over(&self, id: CopyId) -> bool {
        let inner = self.lock();
        inner.stop.is_some() || !inner.mirrors.contains_key(&id)
    }

    /// Whether a mirror should end at once: it is detached, or what it still lacks takes too long.
    pub(super) fn is_late(&self, id: CopyId) -> bool {
        let inner = self.lock();
        let late = inner.stop.is_some_and(|since| since.elapsed() > PATIENCE);
        late || !inner.mirrors.contains_key(&id)
    }

    /// Waits a while, or until a mirror should end.
    pub(super) fn rest(&self, id: CopyId, pause: Duration) {
        let going = |inner: &mut Inner| inner.stop.is_none() && inner.mirrors.contains_key(&id);
        let waited = self.changed.wait_timeout_while(self.lock(), pause, going);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether a root may be destroyed, as far as the copies go: every attached mirror follows
    /// closely, and there is one where one is needed.
    pub(crate) fn are_ready(&self) -> bool {
        let inner = self.lock();
        let enough = !self.needs_mirror || !inner.mirrors.is_empty();
        enough && inner.mirrors.values().all(Standing::in_reach)
    }

    /// Whether destruction waits for longer than a moment: there is no mirror where one is needed,
    /// or one does not follow.
    pub(crate) fn waits_for_mirror(&self) -> bool {
        let inner = self.lock();
        let none = self.needs_mirror && inner.mirrors.is_empty();
        none || inner.mirrors.values().any(|it| match it.state {
            MirrorState::Away | MirrorState::Failing(_) | MirrorState::Refused(_) => true,
            MirrorState::Checking | MirrorState::Following => false,
        })
    }

    /// Waits until every attached mirror has a frame: a bounded time, longer for many bytes. False
    /// if one has not.
    pub(crate) fn await_frame(&self, frame: u64, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let began = Instant::now();
        let patience = PATIENCE + Duration::from_millis(bytes / MIRROR_BYTES_PER_MS);
        // Whoever cannot have it soon is not waited for.
        let waiting = |inner: &mut Inner| {
            let mut late = inner.mirrors.values().filter(|it| it.frame < frame);
            late.clone().next().is_some() && late.all(|it| it.state == MirrorState::Following)
        };
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), patience, waiting);
        let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let late = inner.mirrors.values_mut().filter(|it| it.frame < frame);
        let late = late.map(|it| it.behind_since.get_or_insert(began)).count();
        late == 0
    }

    /// A frame with a fence in it is durable: waits for the mirrors that can have it soon. False
    /// if one lacks it.
    pub(crate) fn await_fence(&self, frame: u64) -> bool {
        let mut inner = self.lock();
        inner.fenced = frame;
        let close = inner.mirrors.values().all(Standing::in_reach);
        drop(inner);
        close && self.await_frame(frame, 0)
    }

    /// Says which leaves wait for a copy before they are destroyed.
    pub(crate) fn hold_back(&self, leaves: BTreeMap<LeafKeyId, StreamId>) {
        self.lock().pending = leaves;
    }

    /// Leaves that wait for a copy before they are destroyed, with the streams that tell of it.
    pub(crate) fn pending(&self) -> BTreeMap<LeafKeyId, StreamId> {
        self.lock().pending.clone()
    }

    /// The anchor was written, or not.
    pub(super) fn anchored(&self, file: &Path, epoch: u64, failed: Option<String>) {
        let mut inner = self.lock();
        let before = inner.anchor.as_ref().map_or(0, |anchor| anchor.epoch);
        inner.anchor = Some(AnchorReport {
            file: file.to_owned(),
            epoch: if failed.is_some() { before } else { epoch },
            failed,
        });
    }

    /// What the copies are like now, beside a journal that ends at this frame.
    pub(crate) fn report(&self, head: u64) -> CopiesReport {
        let inner = self.lock();
        let mirrors = inner.mirrors.iter().map(|(id, standing)| MirrorReport {
            id: *id,
            folder: standing.folder.clone(),
            state: standing.state.clone(),
            frame: standing.frame,
            frames_behind: head.saturating_sub(standing.frame),
            seconds_behind: standing
                .behind_since
                .map_or(0, |since| since.elapsed().as_secs()),
            epoch: standing.epoch,
            fence_missing: standing.frame < inner.fenced,
            detach_asked: standing.detach_asked,
        });
        CopiesReport {
            mirrors: mirrors.collect(),
            backups: Vec::new(),
            anchor: inner.anchor.clone(),
            alone: !self.needs_mirror && inner.mirrors.is_empty(),
        }
    }

    /// A mirror without a thread, for tests of who waits for it.
    #[cfg(test)]
    pub(crate) fn pretend(&self, id: CopyId, frame: u64) {
        self.arrived(id, PathBuf::new());
        self.follows(id, frame, 0);
        self.acknowledge(id, (frame, 0), Lag::None);
    }

    fn change(&self, id: CopyId, change: impl FnOnce(&mut Standing)) {
        if let Some(standing) = self.lock().mirrors.get_mut(&id) {
            change(standing);
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `o ‖ mirror id` → nothing, present while the mirror is attached.
pub(crate) fn mirror_key(id: CopyId) -> Vec<u8> {
    [MIRROR_PREFIX, &id.0].concat()
}

const MIRROR_PREFIX: &[u8] = b"o";
const PATIENCE: Duration = Duration::from_millis(MIRROR_PATIENCE_MS);
