//! What readers on any thread share: the log's reader, the keys behind a lock, the tree, and how
//! far it has been synced. Nothing here writes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use std::time::Duration;

use crate::authorise::Policy;
use crate::clock::Clock;
use crate::copies::Copies;
use crate::decide::Rules;
use crate::domain::event::Record;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{
    IndexKeys, KeyId, KeyIndex, KeyTree, Signer, Statement, Unfenced, is_dead, is_fenced,
};
use crate::limits::TILES_WRITTEN_AT_ONCE;
use crate::log::{Frame, Reader, StoredEvent};
use crate::merkle::Tree;
use crate::named::StreamName;
use crate::prove::Receipt;
use crate::scrub::Checked;
use crate::seal::{
    Keys, Opened, SCHEMA_VERSION, SegmentContext, codec, open_segment, segment_grants,
};
use crate::submit::answer::Entry;
use crate::submit::held::{Held, HeldStates};
use crate::submit::recent::Recent;

/// The read side of an open ledger.
pub(crate) struct Shared {
    pub(crate) log_id: [u8; 32],
    pub(crate) reader: Reader,
    pub(crate) copies: Arc<Copies>,
    keys: RwLock<KeyTree>,
    tree: RwLock<Tree>,
    pub(crate) index_keys: IndexKeys,
    pub(crate) policy: Policy,
    pub(crate) rules: Rules,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vkey: String,
    /// Signs packets and replies too; checkpoints are the writer's alone.
    pub(crate) signer: Arc<Signer>,
    vault: Mutex<Statement>,
    /// Set by the first failed write; nothing more is accepted until the ledger is opened again.
    poisoned: AtomicBool,
    /// Leaves waiting for a rotation.
    pub(crate) shreds_pending: AtomicU64,
    /// Whether the journal's next file could not be made; the writer looks again and again.
    pub(crate) disk_full: AtomicBool,
    /// What reading the journal again has found.
    pub(crate) checked: Checked,
    /// The writer's own; see there why no reader may use it.
    pub(crate) unfenced: Unfenced,
    pub(crate) states: HeldStates,
    pub(crate) recent: Recent,
    published: Mutex<Published>,
    grown: Condvar,
}

/// How far the log is synced: nothing beyond is shown to anybody.
#[derive(Clone)]
pub(crate) struct Published {
    /// Number of synced events.
    pub(crate) size: u64,
    /// The signed checkpoint over them.
    pub(crate) checkpoint: Arc<str>,
}

/// What a `Shared` is made of, besides what changes.
pub(crate) struct Parts {
    pub(crate) log_id: [u8; 32],
    pub(crate) reader: Reader,
    pub(crate) copies: Arc<Copies>,
    pub(crate) keys: KeyTree,
    pub(crate) tree: Tree,
    pub(crate) index_keys: IndexKeys,
    pub(crate) policy: Policy,
    pub(crate) rules: Rules,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vkey: String,
    pub(crate) signer: Arc<Signer>,
    pub(crate) vault: Statement,
    pub(crate) published: Published,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            log_id: parts.log_id,
            reader: parts.reader,
            copies: parts.copies,
            keys: RwLock::new(parts.keys),
            tree: RwLock::new(parts.tree),
            index_keys: parts.index_keys,
            policy: parts.policy,
            rules: parts.rules,
            clock: parts.clock,
            vkey: parts.vkey,
            signer: parts.signer,
            vault: Mutex::new(parts.vault),
            poisoned: AtomicBool::new(false),
            shreds_pending: AtomicU64::new(0),
            disk_full: AtomicBool::new(false),
            checked: Checked::default(),
            unfenced: Unfenced::default(),
            states: HeldStates::new(),
            recent: Recent::default(),
            published: Mutex::new(parts.published),
            grown: Condvar::new(),
        }
    }

    /// How far the log is synced.
    pub(crate) fn published(&self) -> Published {
        self.lock_published().clone()
    }

    /// What the vault says of itself.
    pub(crate) fn vault(&self) -> Statement {
        let vault = self.vault.lock().unwrap_or_else(PoisonError::into_inner);
        vault.clone()
    }

    /// Takes down what the vault says now. Called by the writer only, after a destruction.
    pub(crate) fn vault_says(&self, statement: Statement) {
        *self.vault.lock().unwrap_or_else(PoisonError::into_inner) = statement;
    }

    /// Shows a synced group. Called by the writer only, after the sync.
    pub(crate) fn publish(&self, published: Published) {
        *self.lock_published() = published;
    }

    /// Wakes those who wait for the log to grow.
    pub(crate) fn announce(&self) {
        self.grown.notify_all();
    }

    /// Waits until the log is longer than `size`, or the time is up; answers its size.
    pub(crate) fn wait_beyond(&self, size: u64, patience: Duration) -> u64 {
        let published = self.lock_published();
        let waited = self
            .grown
            .wait_timeout_while(published, patience, |now| now.size <= size);
        waited.map_or_else(|poison| poison.into_inner().0.size, |(now, _)| now.size)
    }

    /// Stops everything that writes, and wakes everybody who waits.
    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::SeqCst);
        self.grown.notify_all();
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::SeqCst)
    }

    pub(crate) fn keys(&self) -> RwLockReadGuard<'_, KeyTree> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tree(&self) -> RwLockReadGuard<'_, Tree> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called by the writer only.
    pub(crate) fn keys_mut(&self) -> RwLockWriteGuard<'_, KeyTree> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Called by the writer only.
    pub(crate) fn tree_mut(&self) -> RwLockWriteGuard<'_, Tree> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes full tiles once a few wait, without a lock on the tree. Called by one thread only.
    pub(crate) fn write_tiles(&self) -> Result<(), Fault> {
        let (batch, folder) = {
            let tree = self.tree();
            if tree.waiting() < TILES_WRITTEN_AT_ONCE {
                return Ok(());
            }
            (tree.unwritten(), tree.folder().to_path_buf())
        };
        batch.write(&folder)?;
        self.tree_mut().forget_written(&batch);
        Ok(())
    }

    /// A frame that an index or another frame leads to.
    pub(crate) fn frame_at(&self, number: u64) -> Result<Frame, Fault> {
        let missing = || Fault::damaged("journal frame", format!("number {number}"));
        self.reader.frame(number)?.ok_or_else(missing)
    }

    /// The stored bytes of an event that is synced.
    pub(crate) fn stored(&self, position: u64) -> Result<Option<StoredEvent>, Fault> {
        if position >= self.published().size {
            return Ok(None);
        }
        self.reader.event(position)
    }

    /// Whether the stream of an event was closed: `StreamClosed` alone has a record leaf fenced.
    pub(crate) fn is_closed_at(&self, position: u64) -> Result<bool, Fault> {
        if self.reader.is_cut(position, 0)? {
            return Ok(true);
        }
        let key = self.record_key_at(position)?;
        Ok(is_fenced(&self.reader, key)? || is_dead(&self.reader, key)?)
    }

    /// Opens the record part of a stored event that must be readable.
    pub(crate) fn record(&self, position: u64, stored: &StoredEvent) -> Result<Record, Fault> {
        let record = self.record_unless_closed(position, stored)?;
        record.ok_or_else(|| damaged(position))
    }

    /// Opens the record part of a stored event; none if its stream was closed.
    pub(crate) fn record_unless_closed(
        &self,
        position: u64,
        stored: &StoredEvent,
    ) -> Result<Option<Record>, Fault> {
        let segment = stored.segments.first().ok_or_else(|| damaged(position))?;
        let keys = self.keys();
        let mut key = |id: &KeyId| keys.key(&self.reader, *id);
        match self.open(position, (0, segment), stored, &mut key)? {
            Opened::Plain(plain) => codec::decode(&plain).map(Some),
            Opened::Shredded | Opened::Fenced => Ok(None),
            Opened::UnknownKey => Err(damaged(position)),
        }
    }

    /// Opens a segment of a stored event. What was cut out answers like what was shredded, which it
    /// is; bytes that do not open and are on no cut list are damage.
    pub(crate) fn open(
        &self,
        position: u64,
        (number, segment): (u8, &[u8]),
        stored: &StoredEvent,
        keys: Keys<'_>,
    ) -> Result<Opened, Fault> {
        let context = self.context(position, number, stored);
        match open_segment(&context, segment, &[], keys) {
            Err(Fault::Damaged { .. }) if self.reader.is_cut(position, number)? => {
                Ok(Opened::Shredded)
            }
            opened => opened,
        }
    }

    /// The record part of an event that an index leads to.
    pub(crate) fn record_at(&self, position: u64) -> Result<Record, Fault> {
        self.record(position, &self.event_at(position)?)
    }

    /// Record parts of the synced events at so many positions from one on; those of closed streams
    /// are left out.
    pub(crate) fn records(&self, from: u64, most: usize) -> Result<Vec<Entry>, Fault> {
        let size = self.published().size;
        let most = most.min(usize::try_from(size.saturating_sub(from)).unwrap_or(usize::MAX));
        let recent = self.recent.from(from, most);
        if !recent.is_empty() {
            return Ok(recent);
        }
        let stored = self.reader.events(from, most)?;
        let mut entries = Vec::with_capacity(stored.len());
        for (position, event) in &stored {
            let position = *position;
            if let Some(record) = self.record_unless_closed(position, event)? {
                let record = Arc::new(record);
                entries.push(Entry { position, record });
            }
        }
        Ok(entries)
    }

    /// Positions of a stream's synced events, oldest first.
    pub(crate) fn positions(&self, stream: StreamId) -> Result<Vec<u64>, Fault> {
        self.positions_of(self.name_of(stream))
    }

    /// The same of a stream that the index names.
    pub(crate) fn positions_of(&self, name: StreamName) -> Result<Vec<u64>, Fault> {
        let size = self.published().size;
        let prefix = name.prefix();
        let found = self.reader.with_prefix(&prefix, usize::MAX)?;
        let mut positions = Vec::with_capacity(found.len());
        for (_, value) in found {
            positions.push(read_u64(&value)?);
        }
        positions.retain(|position| *position < size);
        Ok(positions)
    }

    /// Record parts of one stream, oldest first; of a closed one there are none. Stream and version
    /// inside must be those asked for.
    pub(crate) fn stream(&self, stream: StreamId) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        for (version, position) in (1_u64..).zip(self.positions(stream)?) {
            let Some(record) = self.record_unless_closed(position, &self.event_at(position)?)?
            else {
                return Ok(Vec::new());
            };
            if record.stream != stream || record.version != version {
                return Err(Fault::damaged("stream index", format!("event {position}")));
            }
            let record = Arc::new(record);
            entries.push(Entry { position, record });
        }
        Ok(entries)
    }

    /// Version and position of the last event of a stream.
    pub(crate) fn stream_head(&self, stream: StreamId) -> Result<Option<(u64, u64)>, Fault> {
        self.head_of(self.name_of(stream))
    }

    /// The same of a stream that the index names.
    pub(crate) fn head_of(&self, name: StreamName) -> Result<Option<(u64, u64)>, Fault> {
        let prefix = name.prefix();
        let Some((key, value)) = self.reader.last_with_prefix(&prefix)? else {
            return Ok(None);
        };
        let version = key.get(prefix.len()..).unwrap_or_default();
        Ok(Some((read_u64(version)?, read_u64(&value)?)))
    }

    /// The leaf that the record part of an event is sealed under.
    pub(crate) fn record_key_at(&self, position: u64) -> Result<KeyId, Fault> {
        let stored = self.event_at(position)?;
        let segment = stored.segments.first().ok_or_else(|| damaged(position))?;
        let grants = segment_grants(segment)?;
        let key = grants.first().and_then(|grant| grant.first()).copied();
        key.ok_or_else(|| damaged(position))
    }

    /// A tlog-proof of a stored event at the newest checkpoint.
    pub(crate) fn receipt(&self, position: u64, published: &Published) -> Result<String, Fault> {
        let header = self.event_at(position)?.header;
        self.receipt_of(position, header, (published.size, &published.checkpoint))
    }

    /// A tlog-proof of an event in a tree of some size, under that tree's checkpoint.
    pub(crate) fn receipt_of(
        &self,
        position: u64,
        header: Vec<u8>,
        (size, checkpoint): (u64, &str),
    ) -> Result<String, Fault> {
        let proof = self.tree().inclusion_proof(position, size)?;
        let receipt = Receipt {
            extra: header,
            index: position,
            proof,
            checkpoint_note: checkpoint.to_owned(),
        };
        Ok(receipt.to_string())
    }

    /// A stream's state.
    pub(crate) fn held(&self, stream: StreamId) -> Result<Option<Held>, Fault> {
        self.states.held(self, stream)
    }

    pub(crate) fn context(
        &self,
        position: u64,
        number: u8,
        stored: &StoredEvent,
    ) -> SegmentContext<'_> {
        SegmentContext {
            log_id: &self.log_id,
            leaf_index: position,
            number,
            count: u8::try_from(stored.segments.len()).unwrap_or(u8::MAX),
            schema: SCHEMA_VERSION,
        }
    }

    pub(crate) fn event_at(&self, position: u64) -> Result<StoredEvent, Fault> {
        self.reader
            .event(position)?
            .ok_or_else(|| damaged(position))
    }

    fn lock_published(&self) -> MutexGuard<'_, Published> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many tokens the founder issued, in one byte: once two persons can act, the founder cannot.
pub(crate) const FOUNDED_KEY: &[u8] = b"a";

impl KeyIndex for Reader {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Reader::value(self, key)
    }
}

pub(crate) fn read_u64(bytes: &[u8]) -> Result<u64, Fault> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Fault::damaged("index", "a number"))?;
    Ok(u64::from_be_bytes(bytes))
}

fn damaged(position: u64) -> Fault {
    Fault::damaged("event", format!("position {position}"))
}
