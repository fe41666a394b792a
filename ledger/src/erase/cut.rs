//! Cutting dead ciphertext out of the files, some days after its keys were destroyed (SPEC §8.6).
//!
//! - Dead is a segment of which no grant lives. Header, digests and leaf stay, so every proof does.
//! - The ledger works on meanwhile: lists, swap and the closing frame are steps of the writer, the
//!   new store is built on the caller's thread.
//! - A crash leaves lists that are not known to be done; the opening overwrites what they name, and
//!   the next round does the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::clear::is_clear;
use crate::clock::{Day, Timestamp};
use crate::domain::event::CiphertextCut;
use crate::domain::ids::{CopyId, LeafKeyId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::cut::open_cut_key;
use crate::keys::{Cut, IndexRecord, KeyId, KeyRecord, is_dead};
use crate::ledger::Ledger;
use crate::limits::{CUT_STREAMS_MAX, CUTS_PER_FRAME_MAX};
use crate::log::{BuiltStore, Reader, StoreBuilder};
use crate::named::StreamName;
use crate::seal::segment_grants;
use crate::submit::ask::Task;
use crate::submit::closing::{closed_at, closed_key};
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;

/// What to cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOptions {
    /// Only what was destroyed so many days ago, or earlier.
    pub after_days: u32,
    /// Build the store anew as well, which takes as long as reading the whole journal. Without it
    /// ciphertext is gone from the journal only, and is not called gone.
    pub store: bool,
}

/// What a round of cutting came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CutReport {
    /// Segments that are zeros in the journal now, and of which nothing is left in the store if
    /// `finished`.
    pub segments: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// Whether the files hold nothing of them any more, and the log says so.
    pub finished: bool,
}

/// Who cuts out at this moment.
#[derive(Default)]
pub(crate) struct Cutting {
    /// Held by a round from its lists to its end.
    only: Mutex<()>,
    /// Set once, when the ledger is being closed.
    stop: AtomicBool,
    /// When a round last built the store anew.
    built: Mutex<Option<Instant>>,
}

impl Cutting {
    /// Waits until no round works any more; none begins afterwards.
    pub(crate) fn end(&self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(self.only.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Leaves whose ciphertext is to be cut out, as `close_rotation` left them in the index.
struct Waiting {
    index_key: Vec<u8>,
    stream: StreamName,
    keys: Vec<LeafKeyId>,
}

/// A round past its lists: what it will call done.
struct Round {
    waiting: Vec<Waiting>,
    cuts: Vec<Cut>,
    builder: StoreBuilder,
    frame: u64,
}

impl Ledger {
    /// Cuts out what is due. One round at a time: a second one meanwhile is [`Fault::Busy`].
    pub fn cut_out(&self, options: CutOptions) -> Result<CutReport, Fault> {
        let _only = match self.cutting.only.try_lock() {
            Ok(only) => only,
            Err(TryLockError::Poisoned(broken)) => broken.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Fault::Busy),
        };
        if self.cutting.stop.load(Ordering::SeqCst) {
            return Err(Fault::Poisoned);
        }
        let now = self.now();
        let round = self.between(move |writer| writer.list_cuts(now, options.after_days))?;
        let streams: BTreeSet<StreamName> = round.waiting.iter().map(|it| it.stream).collect();
        let mut report = CutReport {
            segments: count(round.cuts.iter().flat_map(|cut| cut.each()).count()),
            streams: count(streams.len()),
            finished: round.waiting.is_empty() && round.cuts.is_empty(),
        };
        if report.finished || !options.store {
            return Ok(report);
        }
        if !round.cuts.is_empty() {
            let built = round.builder.build(round.frame, &self.cutting.stop)?;
            self.between(move |writer| writer.swap_store(built))?;
            *self.last_built() = Some(Instant::now());
            round.builder.wipe_old()?;
        }
        // Mirrors overwrite their own before they acknowledge the list; who is late is named.
        self.await_copies(round.frame);
        // A crash before this leaves a ledger whose next round finds everything zeros already.
        self.between(move |writer| writer.close_cuts(&round))?;
        report.finished = true;
        Ok(report)
    }

    /// How long ago a round last built the store anew; none if none did since the opening.
    pub fn store_age(&self) -> Option<Duration> {
        self.last_built().map(|at| at.elapsed())
    }

    fn last_built(&self) -> MutexGuard<'_, Option<Instant>> {
        let built = self.cutting.built.lock();
        built.unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something on the writer's thread, between two groups.
    pub(crate) fn between<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (tell, told) = channel();
        let task = Task::Between(Box::new(move |writer| {
            let _ = tell.send(work(writer));
        }));
        self.tasks.send(task).map_err(|_| Fault::Poisoned)?;
        told.recv().map_err(|_| Fault::Poisoned)?
    }
}

impl Writer {
    /// Lists what is dead and due, and overwrites it in the journal. Gives everything that is
    /// listed and not yet called done, what an earlier round left included.
    fn list_cuts(&mut self, now: Timestamp, after_days: u32) -> Result<Round, Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let waiting = self.due_for_cutting(now, after_days)?;
        let ledger = self.shared.name_of(StreamId::Ledger);
        let streams: BTreeSet<StreamName> = waiting.iter().map(|it| it.stream).collect();
        let mut places: Vec<Vec<u64>> = Vec::new();
        for stream in streams.into_iter().filter(|it| *it != ledger) {
            places.push(self.shared.positions_of(stream)?);
        }
        // Closed streams have nothing but their record leaf to find them by.
        for leaf in leaves_of_closed(&waiting, ledger) {
            let closed = closed_at(&self.shared.reader, leaf)?;
            places.extend(closed.map(|closed| closed.positions));
        }
        for positions in places {
            let dead = self.dead_segments(positions)?;
            for cuts in dead.chunks(CUTS_PER_FRAME_MAX) {
                let mut staged = Staged::on(self.shared.tree().frontier());
                for (cut, grants) in cuts {
                    staged.key_records.push(KeyRecord::Cut(*cut).to_bytes());
                    staged.index_records.extend(grants.iter().cloned());
                }
                self.append(&mut staged, true)?;
            }
        }
        // A crash from here on: the opening overwrites what the lists name.
        let cuts = self.shared.reader.open_cuts()?;
        self.log.cut_out(&cuts).inspect_err(|_| {
            self.shared.poison();
        })?;
        Ok(Round {
            waiting,
            cuts,
            builder: self.log.store_builder(),
            frame: self.log.head().frame_number,
        })
    }

    fn swap_store(&mut self, built: BuiltStore) -> Result<(), Fault> {
        self.log.swap_store(built).inspect_err(|_| {
            self.shared.poison();
        })
    }

    /// Says that a round is done: in each stream concerned, and with the sum in the ledger's own.
    fn close_cuts(&mut self, round: &Round) -> Result<(), Fault> {
        let copies = self.shared.copies.report(self.log.head().frame_number);
        let late = copies.mirrors.iter().filter(|it| it.frame < round.frame);
        let outstanding: Vec<CopyId> = late.map(|mirror| mirror.id).collect();
        let ledger = self.shared.name_of(StreamId::Ledger);
        let mut waited: BTreeMap<StreamName, BTreeSet<LeafKeyId>> = BTreeMap::new();
        for waiting in &round.waiting {
            let keys = waited.entry(waiting.stream).or_default();
            keys.extend(&waiting.keys);
        }
        let waited: Vec<_> = waited.into_iter().collect();
        for some in waited.chunks(CUT_STREAMS_MAX) {
            let mut events = Vec::new();
            for (name, keys) in some.iter().filter(|(name, _)| *name != ledger) {
                // A stream whose record is gone can be told nothing.
                if let Some(stream) = self.shared.named(*name)? {
                    let segments = self.segments_of(*name, &round.cuts)?;
                    let keys = keys.iter().copied().collect();
                    let outstanding = outstanding.clone();
                    let cut = CiphertextCut {
                        keys,
                        segments,
                        outstanding,
                        frame: round.frame,
                    };
                    events.push(self.told(stream, cut.into()));
                }
            }
            let told = |waiting: &&Waiting| some.iter().any(|(of, _)| *of == waiting.stream);
            let done = round.waiting.iter().filter(told);
            let done = done.map(|waiting| removal(waiting.index_key.clone()));
            let mut staged = self.stage_events(events)?;
            staged.index_records.extend(done);
            if !staged.is_empty() {
                self.append(&mut staged, true)?;
            }
        }
        // A crash before this leaves cuts whose streams say that they are done; the next round says
        // the rest.
        let segments = round.cuts.iter().flat_map(|cut| cut.each()).count();
        let segments = u32::try_from(segments).unwrap_or(u32::MAX);
        let keys = Vec::new();
        let cut = CiphertextCut {
            keys,
            segments,
            outstanding,
            frame: round.frame,
        };
        let sum = self.told(StreamId::Ledger, cut.into());
        let mut staged = self.stage_events(vec![sum])?;
        let all = round.cuts.iter().flat_map(|cut| cut.each());
        let removals = all.map(|(position, segment)| removal(open_cut_key(position, segment)));
        staged.index_records.extend(removals);
        let unsaid = round.waiting.iter().map(|it| removal(it.index_key.clone()));
        staged.index_records.extend(unsaid);
        let closed = leaves_of_closed(&round.waiting, ledger);
        let closed = closed.map(|leaf| removal(closed_key(leaf)));
        staged.index_records.extend(closed);
        self.append(&mut staged, true)?;
        tracing::info!(segments, "ciphertext cut out");
        Ok(())
    }

    /// What was destroyed some days ago and whose ciphertext is not yet called gone.
    fn due_for_cutting(&self, now: Timestamp, after_days: u32) -> Result<Vec<Waiting>, Fault> {
        let mut waiting = Vec::new();
        for (index_key, value) in self.shared.reader.with_prefix(WAITING, usize::MAX)? {
            let read = Waiting::read(index_key, &value);
            let (day, one) = read.ok_or_else(|| Fault::damaged("index", "a wait for cutting"))?;
            // They stand in the order of days.
            if day.saturating_add(after_days) > now.day().0 {
                break;
            }
            waiting.push(one);
        }
        Ok(waiting)
    }

    /// Segments of a stream that no living grant opens, and that are on no list yet; with the key
    /// ids of their grants, which certificates still ask for.
    fn dead_segments(&self, of: Vec<u64>) -> Result<Vec<(Cut, Vec<IndexRecord>)>, Fault> {
        let mut dead = Vec::new();
        for position in of {
            let stored = self.shared.event_at(position)?;
            let mut cut = Cut::none_of(position);
            let mut named = Vec::new();
            for (number, segment) in (0_u8..).zip(&stored.segments) {
                let sealed = !is_clear(segment) && !self.shared.reader.is_cut(position, number)?;
                if sealed && self.is_dead(segment)? {
                    cut.add(number);
                    // Nobody asks what a record part rested on: its stream is closed.
                    if number > 0 {
                        let grants = segment_grants(segment)?;
                        named.push(grants_record((position, number), &grants));
                    }
                }
            }
            dead.extend((cut.segments != 0).then_some((cut, named)));
        }
        Ok(dead)
    }

    /// Whether every grant of a segment names a key with a tombstone. No event of this version adds
    /// a grant.
    fn is_dead(&self, segment: &[u8]) -> Result<bool, Fault> {
        for grant in segment_grants(segment)? {
            let mut closed = false;
            for key in grant {
                closed = closed || is_dead(&self.shared.reader, key)?;
            }
            if !closed {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn segments_of(&self, stream: StreamName, cuts: &[Cut]) -> Result<u32, Fault> {
        let positions: BTreeSet<u64> = self.shared.positions_of(stream)?.into_iter().collect();
        let own = cuts.iter().filter(|cut| positions.contains(&cut.position));
        Ok(u32::try_from(own.flat_map(|cut| cut.each()).count()).unwrap_or(u32::MAX))
    }
}

/// Leaves that the ledger's own stream told the end of: those of closed streams, and of snapshots.
fn leaves_of_closed(
    waiting: &[Waiting],
    ledger: StreamName,
) -> impl Iterator<Item = LeafKeyId> + '_ {
    let of_ledger = waiting.iter().filter(move |it| it.stream == ledger);
    of_ledger.flat_map(|it| it.keys.iter().copied())
}

/// What `close_rotation` leaves for the rounds of cutting: `xw` ‖ day ‖ epoch ‖ hash(stream) ‖ the
/// first key id → key ids (SPEC §5.1). A key dies once, so that what one day
/// and epoch tell of a stream in several frames stands side by side.
pub(crate) fn waiting_record(
    (day, epoch): (Day, u64),
    stream: StreamName,
    keys: &BTreeSet<LeafKeyId>,
) -> IndexRecord {
    let (day, epoch) = (day.0.to_be_bytes(), epoch.to_be_bytes());
    let first = keys.first().map_or([0; 16], |key| key.0);
    let key = [WAITING, &day, &epoch, &stream.0, &first].concat();
    let value = Some(keys.iter().flat_map(|id| id.0).collect());
    IndexRecord { key, value }
}

/// `xk` ‖ position ‖ segment → for each grant its key count and key ids (SPEC §5.1).
fn grants_record((position, segment): (u64, u8), grants: &[Vec<KeyId>]) -> IndexRecord {
    let mut value = Vec::new();
    for grant in grants {
        value.push(u8::try_from(grant.len()).unwrap_or(u8::MAX));
        grant.iter().for_each(|key| value.extend_from_slice(&key.0));
    }
    let value = Some(value);
    let key = grants_key(position, segment);
    IndexRecord { key, value }
}

fn grants_key(position: u64, segment: u8) -> Vec<u8> {
    [GRANTS, &position.to_be_bytes(), &[segment]].concat()
}

/// The key ids of a stored segment's grants, also where it was cut out.
pub(crate) fn grants_of(
    reader: &Reader,
    (position, number): (u64, u8),
    segment: &[u8],
) -> Result<Vec<Vec<KeyId>>, Fault> {
    // A segment begins with the number of its grants, which is never 0.
    if segment.first() != Some(&0) {
        return segment_grants(segment);
    }
    let Some(value) = reader.value(&grants_key(position, number))? else {
        return segment_grants(segment);
    };
    let damaged = || Fault::damaged("index", format!("the grants of event {position}"));
    let mut grants = Vec::new();
    let mut rest = value.as_slice();
    while let Some((count, after)) = rest.split_first() {
        let ids = after.split_at_checked(16 * usize::from(*count));
        let (ids, after) = ids.ok_or_else(damaged)?;
        grants.push(ids.as_chunks().0.iter().copied().map(KeyId).collect());
        rest = after;
    }
    Ok(grants)
}

impl Waiting {
    fn read(index_key: Vec<u8>, value: &[u8]) -> Option<(u32, Self)> {
        let (day, rest) = index_key.strip_prefix(WAITING)?.split_first_chunk()?;
        let day = u32::from_be_bytes(*day);
        let (_epoch, rest) = rest.split_first_chunk::<8>()?;
        let stream = StreamName(*rest.first_chunk()?);
        // Earlier versions wrote the stream as it is in front of the keys.
        let old = usize::from(!value.len().is_multiple_of(16)) * STREAM_BYTES;
        let (keys, []) = value.get(old..)?.as_chunks() else {
            return None;
        };
        let keys = keys.iter().copied().map(LeafKeyId).collect();
        let one = Self {
            index_key,
            stream,
            keys,
        };
        Some((day, one))
    }
}

fn removal(key: Vec<u8>) -> IndexRecord {
    let value = None;
    IndexRecord { key, value }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Bytes of a stream's kind and id.
const STREAM_BYTES: usize = 17;
const WAITING: &[u8] = b"xw";
const GRANTS: &[u8] = b"xk";
