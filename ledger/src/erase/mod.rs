//! Erasing: keys of withdrawn grounds are destroyed by one rotation of the key tree (SPEC §6).
//!
//! - The writer does it between groups: no leaf is inserted from building nodes to installing the
//!   root.
//! - Boot finishes or abandons what a crash left with the same functions (`recover.rs`).
//! - A fault on the way poisons the ledger; the leaves stay fenced, so nothing is read meanwhile.

pub(crate) mod cut;
#[cfg(test)]
mod model_tests;
pub(crate) mod orders;
pub(crate) mod recover;
mod renew;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use crate::certificate::parts::count_lost;
use crate::clock::Timestamp;
use crate::decide::{Decision, NewEvent};
use crate::domain::event::{Actor, Event, KeysRotated, Recorded, ShredStarted, Shredded};
use crate::domain::ids::{LeafKeyId, RotationId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyId, KeyRecord, ReadBack, Rotation, verify_rotation};
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;
use orders::order_ended;

/// Leaves to destroy, by the stream that tells of it.
pub(crate) type Orders = BTreeMap<StreamId, BTreeSet<LeafKeyId>>;

/// What closes a rotation once its root is the ledger's.
pub(crate) struct Closing {
    epoch: u64,
    /// When the old root's destruction was acknowledged; none if a crash came between.
    destroyed: Option<Timestamp>,
    dead: Vec<KeyId>,
    records: Vec<KeyRecord>,
    superseded: Vec<IndexRecord>,
}

/// What came of an attempt at a rotation.
enum Turned {
    /// Its root is the ledger's, or there was nothing to destroy.
    Round,
    /// A copy lacks the key records, or the vault its holders, so the old root stays. The records
    /// say what was given up.
    Back(Vec<KeyRecord>),
}

impl Closing {
    pub(crate) fn of(rotation: &Rotation) -> Self {
        Self {
            epoch: rotation.epoch(),
            destroyed: None,
            dead: rotation.dead().to_vec(),
            records: rotation.closing_records(),
            superseded: rotation.superseded().to_vec(),
        }
    }

    /// The same of a rotation that boot finished, from its closing records.
    pub(crate) fn recovered(records: Vec<KeyRecord>) -> Self {
        let mut closing = Self {
            epoch: 0,
            destroyed: None,
            dead: Vec::new(),
            records,
            superseded: Vec::new(),
        };
        for record in &closing.records {
            if let KeyRecord::Dead { key } = record {
                closing.dead.push(*key);
            }
            if let KeyRecord::Done { epoch, .. } = record {
                closing.epoch = *epoch;
            }
        }
        closing
    }
}

impl Writer {
    /// Destroys everything that is waiting, in as many rotations as it takes.
    pub(crate) fn erase(&mut self) {
        while self.owes_erasure() && self.erase_once() {}
    }

    /// Makes one rotation; says whether another one can follow at once. The record of one that was
    /// given up goes into the frame of the next one's intent, so that no crash leaves keys told to
    /// be going and nobody at it.
    pub(crate) fn erase_once(&mut self) -> bool {
        self.turn(false)
    }

    /// The same; with `renewing`, to a fresh root even if nothing is to die.
    fn turn(&mut self, renewing: bool) -> bool {
        self.count_waiting();
        let given_up = std::mem::take(&mut self.given_up);
        match self.rotate_once(given_up, renewing) {
            Ok(Turned::Round) => {}
            Ok(Turned::Back(records)) => {
                self.wait(records);
                return false;
            }
            Err(fault) => {
                tracing::error!(%fault, "a rotation failed; its keys stay fenced");
                self.shared.poison();
                return false;
            }
        }
        self.held_back = false;
        self.shared.copies.hold_back(BTreeMap::new());
        self.count_waiting();
        true
    }

    fn count_waiting(&self) {
        let waiting = u64::try_from(self.shred.len()).unwrap_or(u64::MAX);
        self.shared.shreds_pending.store(waiting, Ordering::SeqCst);
    }

    /// Nothing is destroyed before every copy has the key records and enough of the vault is there:
    /// tried again in a moment.
    fn wait(&mut self, given_up: Vec<KeyRecord>) {
        self.given_up = given_up;
        self.held_back = true;
        let leaves: BTreeMap<_, _> = self.shred.iter().map(|(of, key)| (*key, *of)).collect();
        if self.shared.copies.pending() != leaves {
            let leaves = leaves.len();
            tracing::warn!(
                leaves,
                "keys wait for a copy or a holder before they are destroyed"
            );
        }
        self.shared.copies.hold_back(leaves);
    }

    /// Whether enough of the vault is there to install a root and to destroy one.
    fn vault_is_ready(&mut self) -> bool {
        let ready = self.vault.ready();
        self.shared.vault_says(self.vault.statement());
        if let Err(fault) = &ready {
            tracing::debug!(%fault, "the vault is not ready for a rotation");
        }
        ready.is_ok()
    }

    /// One rotation, from its intent to its closing records.
    fn rotate_once(&mut self, given_up: Vec<KeyRecord>, renewing: bool) -> Result<Turned, Fault> {
        self.settle_orders()?;
        let nothing = self.shred.is_empty() && !renewing;
        let ready = nothing || (self.shared.copies.are_ready() && self.vault_is_ready());
        if !ready {
            return Ok(Turned::Back(given_up));
        }
        let wanted = self.next_targets();
        let rotation =
            self.shared
                .keys()
                .rotate(&self.shared.reader, &wanted, self.entropy.as_mut())?;
        let orders = self.take_orders(rotation.dead());
        let given_up = given_up.iter().map(KeyRecord::to_bytes);
        if rotation.dead().is_empty() && !renewing {
            let mut staged = Staged::on(self.shared.tree().frontier());
            staged.key_records.extend(given_up);
            return self.append(&mut staged, true).map(|_| Turned::Round);
        }
        // (0) Intent, targets, new nodes and `ready`, with the streams' own word that it began. A
        // crash from here on leaves wraps that nothing leads to, or a rotation that boot decides
        // on.
        let mut staged = self.stage_started(&rotation, &orders)?;
        staged.key_records.extend(given_up);
        let before = staged.key_records.len();
        let records = rotation.records().iter().map(KeyRecord::to_bytes);
        staged.key_records.extend(records);
        let frame = self.log.head().frame_number + 1;
        staged.index_records.push(intent_frame(frame));
        let bytes = staged.key_records.iter().map(Vec::len).sum();
        self.append(&mut staged, true)?;
        // (1) Every attached mirror has the new nodes, or nothing is destroyed: the new root goes
        // with `rotation`, and the old one stays. A crash meanwhile is a rotation that boot gives
        // up.
        if !self.shared.copies.await_frame(frame, bytes) {
            let back = orders
                .iter()
                .flat_map(|(stream, keys)| keys.iter().map(|key| (*stream, *key)));
            // In front: the next rotation is to take the very leaves that were told to be going.
            self.shred.splice(0..0, back);
            let rotation = rotation.id();
            return Ok(Turned::Back(vec![KeyRecord::Abandoned { rotation }]));
        }
        // (2) Read back through the new root only. What fails here stays pending: the next start
        // gives it up and begins again.
        self.read_back(before, &rotation)?;
        // (3) A crash after this leaves both roots; boot reads back again and finishes. A failure
        // here is a fault: nothing may be appended before boot has decided what was installed.
        let old = rotation.epoch().saturating_sub(1);
        self.vault.install(rotation.epoch(), rotation.root())?;
        // (4) The point of no return for the data. A crash after this leaves the new root only.
        self.vault.destroy(old)?;
        self.shared.vault_says(self.vault.statement());
        let destroyed = Some(self.shared.clock.now());
        let closing = Closing {
            destroyed,
            ..Closing::of(&rotation)
        };
        self.shared.keys_mut().install(rotation)?;
        self.shared.recent.forget();
        self.close_rotation(closing, &orders)?;
        Ok(Turned::Round)
    }

    /// (5) Records that the keys are gone. Done again from the intent, if a crash comes before it.
    pub(crate) fn close_rotation(
        &mut self,
        closing: Closing,
        orders: &Orders,
    ) -> Result<(), Fault> {
        let Closing {
            epoch,
            destroyed,
            dead,
            records,
            superseded,
        } = closing;
        let mut events = Vec::new();
        for (stream, keys) in orders {
            let parts = count_lost(&self.shared, *stream, keys)?;
            let keys = keys.iter().copied().collect();
            let shredded = Shredded {
                keys,
                epoch,
                parts,
                found: false,
            };
            events.push(NewEvent {
                occurred: destroyed,
                ..self.told(*stream, shredded.into())
            });
        }
        let keys = u32::try_from(dead.len()).unwrap_or(u32::MAX);
        events.push(self.told(StreamId::Ledger, KeysRotated { epoch, keys }.into()));
        let mut staged = self.stage_events(events)?;
        staged
            .key_records
            .extend(records.iter().map(KeyRecord::to_bytes));
        staged.index_records.extend(superseded);
        staged
            .index_records
            .extend(self.wait_for_cutting(orders, epoch));
        let ended = dead.iter().map(|key| order_ended(LeafKeyId(key.0)));
        staged.index_records.extend(ended);
        // One certificate per stream is issued behind this frame, and never without it.
        self.append(&mut staged, true)?;
        // Before anything is certified: a machine rolled back to before this does not start.
        self.write_anchor();
        tracing::info!(epoch, keys, "keys destroyed");
        Ok(())
    }

    /// Reads the last frame's records back, those before the intent left out.
    fn read_back(&self, before: usize, rotation: &Rotation) -> Result<(), Fault> {
        let frame = self.shared.frame_at(self.log.head().frame_number)?;
        let records = frame.key_records.iter().skip(before).map(Vec::as_slice);
        verify_rotation(&ReadBack::from_records(records)?, rotation)
    }

    fn stage_started(&mut self, rotation: &Rotation, orders: &Orders) -> Result<Staged, Fault> {
        let id = RotationId(rotation.id().0);
        let events = orders
            .iter()
            .map(|(stream, keys)| {
                let keys = keys.iter().copied().collect();
                self.told(*stream, ShredStarted { rotation: id, keys }.into())
            })
            .collect();
        self.stage_events(events)
    }

    pub(crate) fn told(&self, stream: StreamId, event: Event) -> NewEvent {
        NewEvent {
            stream,
            recorded: Recorded::At(self.shared.clock.now()),
            occurred: None,
            actor: Actor::System,
            event,
            personal: Vec::new(),
        }
    }

    pub(crate) fn stage_events(&mut self, events: Vec<NewEvent>) -> Result<Staged, Fault> {
        let mut staged = Staged::on(self.shared.tree().frontier());
        let now = self.shared.clock.now();
        let sealed = self.seal(&staged, Decision::of_ledger(events), now)?;
        staged.push(sealed);
        Ok(staged)
    }
}

/// `q` → number of the frame of the last intent, which may lie far behind when copies were waited
/// for.
pub(crate) fn intent_frame(frame: u64) -> IndexRecord {
    IndexRecord {
        key: INTENT_FRAME_KEY.to_vec(),
        value: Some(frame.to_be_bytes().to_vec()),
    }
}

const INTENT_FRAME_KEY: &[u8] = b"q";
