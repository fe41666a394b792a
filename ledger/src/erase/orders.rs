//! What was ordered to be destroyed and is not dead yet: queued for the next rotation, and in the
//! index, so that no crash forgets it (SPEC §6.2).
//!
//! - The index has the name of the stream that tells of it, never its kind or id: the order stays
//!   in the journal and in every copy, and whose leaf it was must not.
//! - An order is durable with the command that gives it. It goes with the tombstones, or with the
//!   undo that takes the withdrawal back.
//! - What is dead already while the order stands was destroyed where this log did not see it: it
//!   was restored from a copy older than the destruction, with the key records since.

use std::collections::{BTreeMap, BTreeSet};

use super::{Orders, cut};
use crate::certificate::parts::count_lost;
use crate::decide::NewEvent;
use crate::domain::event::{ShredStarted, Shredded};
use crate::domain::ids::{LeafKeyId, RotationId};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyId, is_dead, is_fenced};
use crate::limits::{SHRED_KEYS_MAX, SHRED_LEAVES_MAX};
use crate::named::StreamName;
use crate::shared::Shared;
use crate::submit::writer::Writer;

/// `y` ‖ leaf → the name of the stream that tells of it, until the leaf is dead (SPEC §5.1).
pub(crate) fn order_record(stream: StreamName, leaf: LeafKeyId) -> IndexRecord {
    IndexRecord {
        key: order_key(leaf),
        value: Some(stream.0.to_vec()),
    }
}

/// The end of an order: carried out, or taken back.
pub(crate) fn order_ended(leaf: LeafKeyId) -> IndexRecord {
    IndexRecord {
        key: order_key(leaf),
        value: None,
    }
}

fn order_key(leaf: LeafKeyId) -> Vec<u8> {
    [ORDERS, &leaf.0].concat()
}

/// All orders that are not carried out. Of a stream that can be told no more, because its record is
/// gone where this log did not see it, the ledger's own stream tells.
pub(crate) fn orders(shared: &Shared) -> Result<Vec<(StreamId, LeafKeyId)>, Fault> {
    let mut orders = Vec::new();
    let mut known: BTreeMap<StreamName, StreamId> = BTreeMap::new();
    for (key, value) in shared.reader.with_prefix(ORDERS, usize::MAX)? {
        let (name, leaf) = read_order(shared, &key, &value)
            .ok_or_else(|| Fault::damaged("index", "an order to destroy"))?;
        let stream = match known.get(&name) {
            Some(stream) => *stream,
            None => shared.named(name)?.unwrap_or(StreamId::Ledger),
        };
        known.insert(name, stream);
        orders.push((stream, leaf));
    }
    Ok(orders)
}

fn read_order(shared: &Shared, key: &[u8], value: &[u8]) -> Option<(StreamName, LeafKeyId)> {
    let leaf = LeafKeyId(key.strip_prefix(ORDERS)?.try_into().ok()?);
    if let Ok(name) = value.try_into() {
        return Some((StreamName(name), leaf));
    }
    // Earlier versions wrote the stream as it is.
    let stream = StreamId::from_bytes(value.try_into().ok()?)?;
    Some((shared.name_of(stream), leaf))
}

impl Writer {
    /// Queues what was ordered before the ledger was closed, or died.
    pub(crate) fn recall_orders(&mut self) -> Result<(), Fault> {
        self.shred.extend(orders(&self.shared)?);
        Ok(())
    }

    /// Takes leaves out of the queue whose withdrawal was taken back. What was ordered again since
    /// is queued behind this.
    pub(crate) fn spare(&mut self, spared: &BTreeSet<LeafKeyId>) {
        if spared.is_empty() {
            return;
        }
        self.shred.retain(|(_, leaf)| !spared.contains(leaf));
        let mut waiting = self.shared.copies.pending();
        waiting.retain(|leaf, _| !spared.contains(leaf));
        self.shared.copies.hold_back(waiting);
        self.count_waiting();
    }

    /// Leaves in the queue what a rotation can take: what is not fenced lives, each leaf counts
    /// once, and what is found dead is told of.
    pub(super) fn settle_orders(&mut self) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        let mut fenced = Vec::new();
        let mut found = Vec::new();
        for (stream, leaf) in std::mem::take(&mut self.shred) {
            if !seen.insert(leaf) {
                continue;
            }
            let (reader, key) = (&self.shared.reader, KeyId(leaf.0));
            if is_dead(reader, key)? {
                if reader.value(&order_key(leaf))?.is_some() {
                    found.push((stream, leaf));
                }
            } else if is_fenced(reader, key)? {
                fenced.push((stream, leaf));
            }
        }
        self.shred = fenced;
        for some in found.chunks(SHRED_KEYS_MAX) {
            self.tell_found(some)?;
        }
        Ok(())
    }

    /// What the next rotation is asked to leave behind: as much as its two frames can tell of.
    pub(super) fn next_targets(&self) -> Vec<KeyId> {
        let mut of_stream: BTreeMap<StreamId, usize> = BTreeMap::new();
        let fits = |(stream, _): &&(StreamId, LeafKeyId)| {
            let count = of_stream.entry(*stream).or_default();
            *count += 1;
            *count <= SHRED_KEYS_MAX
        };
        let wanted = self.shred.iter().filter(fits).take(SHRED_LEAVES_MAX);
        wanted.map(|(_, leaf)| KeyId(leaf.0)).collect()
    }

    /// Takes out of the queue what a rotation leaves behind.
    pub(super) fn take_orders(&mut self, dead: &[KeyId]) -> Orders {
        let now: BTreeSet<LeafKeyId> = dead.iter().map(|key| LeafKeyId(key.0)).collect();
        let mut orders = Orders::new();
        self.shred.retain(|(stream, leaf)| {
            let taken = now.contains(leaf);
            if taken {
                orders.entry(*stream).or_default().insert(*leaf);
            }
            !taken
        });
        orders
    }

    /// Completes what was destroyed where this log did not see it, under a name of its own and with
    /// a certificate that says so.
    fn tell_found(&mut self, found: &[(StreamId, LeafKeyId)]) -> Result<(), Fault> {
        let mut orders = Orders::new();
        for (stream, leaf) in found {
            orders.entry(*stream).or_default().insert(*leaf);
        }
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let (rotation, epoch) = (RotationId(id), self.shared.keys().epoch());
        let mut events: Vec<NewEvent> = Vec::new();
        for (stream, keys) in &orders {
            let parts = count_lost(&self.shared, *stream, keys)?;
            let keys: Vec<LeafKeyId> = keys.iter().copied().collect();
            let started = ShredStarted {
                rotation,
                keys: keys.clone(),
            };
            let shredded = Shredded {
                keys,
                epoch,
                parts,
                found: true,
            };
            events.push(self.told(*stream, started.into()));
            events.push(self.told(*stream, shredded.into()));
        }
        let mut staged = self.stage_events(events)?;
        staged
            .index_records
            .extend(self.wait_for_cutting(&orders, epoch));
        let ended = found.iter().map(|(_, leaf)| order_ended(*leaf));
        staged.index_records.extend(ended);
        // A crash before this leaves the orders, and the next opening finds them again.
        self.append(&mut staged, true)?;
        let keys = found.len();
        tracing::info!(keys, "keys that were to be destroyed were found dead");
        Ok(())
    }

    /// Index records that have the ciphertext of these leaves cut out some days from now.
    pub(super) fn wait_for_cutting(&self, orders: &Orders, epoch: u64) -> Vec<IndexRecord> {
        let today = self.shared.clock.now().day();
        let waiting = orders.iter().map(|(stream, keys)| {
            cut::waiting_record((today, epoch), self.shared.name_of(*stream), keys)
        });
        waiting.collect()
    }
}

const ORDERS: &[u8] = b"y";
