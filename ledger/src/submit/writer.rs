//! THE SPINE: the one thread that owns the log. Groups form from whatever is queued, without a
//! timer.
//!
//! - One frame and one `fdatasync` per group; the checkpoint in it is shown only after the sync.
//! - Every outcome of a group, refusals included, is told after the sync: they were decided on its
//!   state.
//! - A fault while appending poisons the ledger: nobody knows what the disk holds until it is
//!   reopened.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use crate::authorise::authorise;
use crate::clock::{Entropy, Timestamp};
use crate::copies::{Mirrors, Notes};
use crate::decide::{Decision, decide};
use crate::domain::command::{Caller, Request};
use crate::domain::event::Record;
use crate::domain::ids::{LeafKeyId, RotationId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{
    IndexRecord, KeyRecord, LeafHandle, NotedFrame, PositionFile, Signer, Vault, index_records,
    is_fence,
};
use crate::limits::{
    COMMAND_BYTES_MAX, ERASE_RETRY_MS, GROUP_BYTES_MAX, GROUP_COMMANDS_MAX, JOURNAL_ROOM_SECONDS,
    POSITION_MS,
};
use crate::log::Log;
use crate::prove::Checkpoint;
use crate::refusal::{Refusal, Refused};
use crate::retention::watch::Watch;
use crate::shared::{FOUNDED_KEY, Published, Shared};

use super::answer::{Answering, Appended, Outcomes, Rejection, Reply};
use super::ask::Task;
use super::held::issues_token;
use super::repeat::{Earlier, Named};
use super::sealed::{Sealed, Sealer};
use super::sealers::Sealers;
use super::staged::Staged;
use super::tally::AtOnce;

/// The writer and what only it touches.
pub(crate) struct Writer {
    /// They read the log, so they go first.
    pub(crate) mirrors: Mirrors,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Log,
    pub(crate) vault: Box<dyn Vault>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) answering: Answering,
    /// Threads that seal a large group.
    pub(crate) sealers: Sealers,
    /// Leaves to destroy in the next rotation, with the streams that tell of it.
    pub(crate) shred: Vec<(StreamId, LeafKeyId)>,
    /// The record of a rotation given up for want of a copy, for the next one's intent.
    pub(crate) given_up: Vec<KeyRecord>,
    /// Whether what is to be destroyed waits for a copy or a holder.
    pub(crate) held_back: bool,
    /// Positions of events that certificates are to tell of and do not yet.
    pub(crate) uncertified: VecDeque<u64>,
    /// Erasures whose certificates are to be issued again, if there is more to say.
    pub(crate) recertify: Vec<(StreamId, RotationId)>,
    /// How many tokens the founder issued; looked up until the set-up is done.
    pub(crate) founded: u8,
    /// Where the clock was when it was last looked at with care.
    pub(crate) watch: Watch,
    /// Whether the log says that the policy table in force is this one.
    pub(crate) policy_noted: bool,
    /// The vault's note of how far the log is synced, rewritten each second while writing.
    pub(crate) position: PositionFile,
    /// The frame with which this history of the log began, for that note.
    pub(crate) begun: NotedFrame,
    pub(crate) position_written: Option<(Instant, u64)>,
    /// Where else it notes how far the log is.
    pub(crate) notes: Notes,
}

/// A command staged, not yet durable.
struct Pending {
    first: u64,
    count: u32,
    /// The frame of an earlier answer; none for a command of this group.
    frame: Option<u64>,
    repeated: bool,
    /// Whether it fences something.
    fences: bool,
}

impl Writer {
    /// Runs until closed. Closing is clean: everything acknowledged is applied and synced.
    pub(crate) fn run(mut self, tasks: &Receiver<Task>) {
        while let Ok(first) = self.next_task(tasks) {
            let (group, close) =
                first.map_or((Vec::new(), false), |first| self.gather(first, tasks));
            self.commit(group);
            // Only now: whoever waits for an answer waits no longer for those who follow.
            self.shared.announce();
            let full = !self.shared.is_poisoned() && !self.log.has_room();
            self.shared.disk_full.store(full, Ordering::SeqCst);
            let due = self
                .position_written
                .is_none_or(|(at, _)| at.elapsed() >= POSITION_PAUSE);
            if due
                && !self.shared.is_poisoned()
                && let Err(fault) = self.write_position()
            {
                tracing::warn!(%fault, "the vault's note of the synced position was not written");
            }
            if self.owes_erasure() && !self.shared.is_poisoned() {
                // Whoever waits for an answer waits for one rotation at most.
                if close {
                    self.erase();
                } else {
                    self.erase_once();
                }
                self.shared.announce();
            }
            if !self.shared.is_poisoned() {
                self.certify_again();
                self.certify();
            }
            if close {
                break;
            }
        }
        if let Err(fault) = self.close() {
            tracing::error!(%fault, "the log did not close cleanly; the next start repairs it");
        }
    }

    /// The next task; none when there is something to do without one: the next rotation of several
    /// is made, keys that wait for a copy are tried again, and where the log ends is noted when
    /// nothing more comes. Certificates that wait are issued while nobody asks for anything.
    fn next_task(&mut self, tasks: &Receiver<Task>) -> Result<Option<Task>, RecvTimeoutError> {
        while !self.shared.is_poisoned() && (self.rotates_next() || !self.uncertified.is_empty()) {
            match tasks.try_recv() {
                Ok(task) => return Ok(Some(task)),
                Err(TryRecvError::Empty) if self.rotates_next() => return Ok(None),
                Err(TryRecvError::Empty) => self.certify(),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
            }
        }
        let last = self.log.head().frame_number;
        let noted = self
            .position_written
            .is_some_and(|(_, frame)| frame == last);
        let pause = if self.shared.is_poisoned() {
            None
        } else if self.owes_erasure() {
            Some(ERASE_PAUSE)
        } else if !self.log.has_spare() {
            // Nobody may ask while health says that nothing is taken, and what is being prepared
            // may fail while nobody asks.
            Some(ROOM_PAUSE)
        } else {
            (!noted).then_some(POSITION_PAUSE)
        };
        let Some(pause) = pause else {
            let task = tasks.recv().map(Some);
            return task.map_err(|_| RecvTimeoutError::Disconnected);
        };
        match tasks.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => Ok(None),
            answer => answer.map(Some),
        }
    }

    pub(crate) fn owes_erasure(&self) -> bool {
        !self.shred.is_empty() || !self.given_up.is_empty()
    }

    /// Whether there is a rotation to be made that waits for nothing.
    fn rotates_next(&self) -> bool {
        self.owes_erasure() && !self.held_back
    }

    /// Ends cleanly: everything acknowledged is applied and synced, and the vault knows how far.
    pub(crate) fn close(mut self) -> Result<(), Fault> {
        if !self.shared.is_poisoned() {
            self.write_position()?;
            self.shared.tree_mut().write_tiles()?;
        }
        drop(self.answering);
        drop(self.mirrors);
        self.log.close()
    }

    /// Takes what is queued, up to a group's limits. Returns whether to stop afterwards.
    fn gather(&mut self, first: Task, tasks: &Receiver<Task>) -> (Vec<(Request, Reply)>, bool) {
        let mut group = Vec::new();
        let mut next = Some(first);
        loop {
            match next {
                Some(Task::Submit(request, reply)) => group.push((*request, reply)),
                Some(Task::Together(requests)) => group.extend(requests),
                Some(Task::SnapshotLeaf(reply)) => reply(self.snapshot_leaf()),
                Some(Task::Between(work)) => work(self),
                Some(Task::Preview(request, reply)) => reply(self.preview(*request)),
                Some(Task::Close) => return (group, true),
                None => return (group, false),
            }
            if group.len() >= GROUP_COMMANDS_MAX {
                return (group, false);
            }
            next = tasks.try_recv().ok();
        }
    }

    /// One group, start to end. Larger groups than a frame may hold become several.
    pub(crate) fn commit(&mut self, group: Vec<(Request, Reply)>) {
        if let Err(fault) = self.note_policy().and_then(|()| self.note_clock()) {
            let untold = |(_, reply)| (reply, Err(Fault::Poisoned.into()));
            return self.fail(&fault, group.into_iter().map(untold).collect());
        }
        let mut staged = Staged::on(self.shared.tree().frontier());
        let mut outcomes = Vec::with_capacity(group.len());
        for (request, reply) in group {
            let takes_away = request.command.takes_away();
            let first = outcomes.is_empty();
            // On a full disk everything else is refused, and must not take withdrawals with it.
            let apart = !first && staged.takes_away != takes_away && self.log.is_tight();
            if staged.bytes >= GROUP_BYTES_MAX || outcomes.len() >= GROUP_COMMANDS_MAX || apart {
                self.conclude(staged, std::mem::take(&mut outcomes));
                staged = Staged::on(self.shared.tree().frontier());
            }
            staged.takes_away = takes_away && (staged.takes_away || outcomes.is_empty());
            let outcome = self.stage(&mut staged, request);
            outcomes.push((reply, outcome));
        }
        self.conclude(staged, outcomes);
    }

    /// The road of one command, up to staging: all branching of a command is here.
    fn stage(&mut self, staged: &mut Staged, request: Request) -> Result<Pending, Rejection> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned.into());
        }
        let named = Named::of(&request)?;
        if let Some(earlier) = self.repeated(staged, &named, &request.command)? {
            return Ok(Pending {
                first: earlier.first,
                count: earlier.count,
                frame: Some(earlier.frame),
                repeated: true,
                fences: false,
            });
        }
        let subjects = self.subjects(staged, &request)?;
        let (now, founding) = (self.shared.clock.now(), request.caller == Caller::Founder);
        let at_once = AtOnce::of(&request, &self.shared.rules.organisation);
        let permitted = authorise(&self.shared.policy, request, &subjects, now)?;
        let decision = decide(
            permitted,
            &subjects,
            now,
            &self.shared.rules,
            self.entropy.as_mut(),
        )?;
        let mut sealed = self.seal(staged, decision, now)?;
        if sealed.bytes() > COMMAND_BYTES_MAX {
            return Err(Refused::from(Refusal::TooLarge).into());
        }
        let count = u32::try_from(sealed.events.len()).unwrap_or(u32::MAX);
        let first = staged.next();
        let next_frame = self.log.head().frame_number + 1;
        let leaves: Vec<LeafHandle> = std::mem::take(&mut sealed.rests_on).into_values().collect();
        let keys = &self.shared.index_keys;
        let remembered = Earlier::staged(keys, &named, (first, count), next_frame, &leaves);
        let key = named.index_key(keys);
        sealed
            .index_records
            .push(remembered.index_record(key.clone()));
        staged.said.insert(key, named.said());
        if founding
            && sealed
                .records
                .iter()
                .any(|record| issues_token(&record.event))
        {
            let tokens = subjects.founded.saturating_add(1);
            sealed.index_records.push(IndexRecord {
                key: FOUNDED_KEY.to_vec(),
                value: Some(vec![tokens]),
            });
        }
        if let Some(asked) = at_once.filter(|_| !sealed.shred.is_empty()) {
            sealed.index_records.extend(self.counted(asked)?);
            staged.at_once.insert(asked);
        }
        let fences = sealed.key_records.iter().any(|it| is_fence(it));
        staged.push(sealed);
        Ok(Pending {
            first,
            count,
            frame: None,
            repeated: false,
            fences,
        })
    }

    /// Makes a group durable, shows it, and tells everybody what came of it.
    fn conclude(&mut self, mut staged: Staged, outcomes: Vec<(Reply, Result<Pending, Rejection>)>) {
        let fenced = staged.key_records.iter().any(|it| is_fence(it));
        let reserve = staged.takes_away;
        let published = match self.append(&mut staged, reserve) {
            Ok(published) => published,
            Err(fault) => return self.fail(&fault, outcomes),
        };
        let mirrored = self.tell_mirrors(&staged, fenced);
        let told: Outcomes = outcomes
            .into_iter()
            .map(|(reply, outcome)| {
                let appended = outcome.and_then(|pending| {
                    let appended = self.appended(&staged, &pending, &published);
                    let missing = pending.fences && !mirrored;
                    let waits = pending.fences && self.shared.copies.waits_for_mirror();
                    appended
                        .map(|appended| appended.with_mirrors(missing, waits))
                        .map_err(Rejection::Fault)
                });
                (reply, appended)
            })
            .collect();
        self.spare(&staged.spared);
        self.shred.append(&mut staged.shred);
        self.recertify.append(&mut staged.certify);
        self.answering.tell(&self.shared, told);
    }

    /// The point of no return: checkpoint, one frame, one sync; then, and only then, shown.
    pub(crate) fn append(
        &mut self,
        staged: &mut Staged,
        reserve: bool,
    ) -> Result<Published, Fault> {
        if staged.is_empty() {
            return Ok(self.shared.published());
        }
        staged.seal(&self.shared.log_id, &self.sealers)?;
        let checkpoint = Checkpoint {
            origin: self.signer.name().to_owned(),
            size: staged.frontier.size(),
            root: staged.frontier.root(),
        };
        let note: Arc<str> = checkpoint
            .sign(&[self.signer.as_ref()])
            .map_err(|error| Fault::damaged("checkpoint", error.to_string()))?
            .into();
        for record in &staged.key_records {
            self.shared.unfenced.forget(&index_records(record)?);
        }
        // A crash before the append leaves nothing: the leaves made for this group are in memory
        // only.
        let entries = staged.entries();
        let position = self.log.append(staged.draft(&note, reserve));
        if self.log.is_poisoned() {
            self.shared.poison();
        }
        let position = position?;
        debug_assert_eq!(
            position.tree_size, checkpoint.size,
            "the frame ends where the tree does"
        );
        // A crash from here on leaves the whole group, and its answers can be asked for again.
        // Even if tiles cannot be written now, the leaves are in the tree: the group stands.
        if let Err(fault) = self.shared.tree_mut().extend(&staged.leaves) {
            tracing::warn!(%fault, "tiles wait to be written");
        }
        self.await_certificates(staged);
        self.shared.states.adopt(std::mem::take(&mut staged.states));
        self.shared.recent.extend(entries);
        if staged.closes_a_stream() {
            self.shared.recent.forget();
        }
        let published = Published {
            size: checkpoint.size,
            checkpoint: note,
        };
        self.shared.publish(published.clone());
        Ok(published)
    }

    /// A draft that was refused (a full disk) changed nothing, and is told so. After a failed write
    /// or sync nothing more is accepted, and nobody is told that nothing was recorded: what the
    /// disk holds shows when the ledger is opened again.
    fn fail(&self, fault: &Fault, outcomes: Vec<(Reply, Result<Pending, Rejection>)>) {
        tracing::error!(%fault, "a group could not be appended");
        for (reply, _) in outcomes {
            reply(Err(if self.log.is_poisoned() {
                Fault::Poisoned.into()
            } else if self.log.is_tight() {
                Refused::about(Refusal::Unavailable, "disk").into()
            } else {
                Refused::from(Refusal::Unavailable).into()
            }));
        }
    }

    fn appended(
        &self,
        staged: &Staged,
        pending: &Pending,
        published: &Published,
    ) -> Result<Appended, Fault> {
        let Published { size, checkpoint } = match pending.frame {
            Some(frame) if pending.first < staged.first => self.checkpoint_of_frame(frame)?,
            Some(_) | None => published.clone(),
        };
        let mut records = Vec::new();
        let mut headers = Vec::new();
        for position in (pending.first..).take(usize::try_from(pending.count).unwrap_or(0)) {
            let (record, header) = match staged.event(position) {
                Some((record, header)) => (Arc::clone(record), header.clone()),
                None => self.stored_event(position)?,
            };
            records.push(record);
            headers.push(header);
        }
        let (first, repeated) = (pending.first, pending.repeated);
        Ok(Appended {
            first,
            records,
            headers,
            checkpoint,
            size,
            repeated,
            fence_not_mirrored: false,
            destruction_waits: false,
        })
    }

    fn stored_event(&self, position: u64) -> Result<(Arc<Record>, Vec<u8>), Fault> {
        let stored = self.shared.event_at(position)?;
        let record = self.shared.record(position, &stored)?;
        Ok((Arc::new(record), stored.header))
    }

    fn checkpoint_of_frame(&self, number: u64) -> Result<Published, Fault> {
        let frame = self.shared.frame_at(number)?;
        let size = frame.tree_size();
        let note = String::from_utf8(frame.checkpoint)
            .map_err(|_| Fault::damaged("checkpoint", "not text"))?;
        Ok(Published {
            size,
            checkpoint: note.into(),
        })
    }

    /// Seals a decision on top of what is staged.
    pub(crate) fn seal(
        &mut self,
        staged: &Staged,
        mut decision: Decision,
        now: Timestamp,
    ) -> Result<Sealed, Fault> {
        let closing = self.close_stream(staged, &mut decision)?;
        let mut states = HashMap::new();
        for event in &decision.events {
            if !states.contains_key(&event.stream)
                && let Some(held) = self.held(staged, event.stream)?
            {
                states.insert(event.stream, held);
            }
        }
        let mut keys = self.shared.keys_mut();
        let at = (now, staged.next());
        let entropy = self.entropy.as_mut();
        let sealer = Sealer::new(&self.shared, &mut keys, entropy, at, &staged.index, states);
        let sealed = sealer.seal(decision)?;
        Ok(closing.added_to(sealed))
    }
}

const POSITION_PAUSE: Duration = Duration::from_millis(POSITION_MS);
const ROOM_PAUSE: Duration = Duration::from_secs(JOURNAL_ROOM_SECONDS);
const ERASE_PAUSE: Duration = Duration::from_millis(ERASE_RETRY_MS);
