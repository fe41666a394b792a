//! The certificate of record leaves that died: of streams that were closed, on the ledger's own
//! stream (SPEC §9.6.4).
//!
//! - Positions, counts and a digest of the keys; no case, no person, nobody who decided.

use std::collections::BTreeSet;

use super::facts::{Facts, Stands, stands_at};
use super::parts::Lost;
use crate::domain::event::{Event, Record};
use crate::domain::ids::LeafKeyId;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::named::stream_key;
use crate::shared::{Shared, read_u64};
use crate::submit::closing::closed_at;

/// What the completion at a position ended; none where no stream was closed by it, but snapshots of
/// views went.
pub(super) fn facts(shared: &Shared, position: u64) -> Result<Option<Facts>, Fault> {
    let completed = shared.record_at(position)?;
    let Event::Shredded(shredded) = &completed.event else {
        return Err(Fault::damaged("certificate of erasure", "no completion"));
    };
    let keys: BTreeSet<LeafKeyId> = shredded.keys.iter().copied().collect();
    let (mut told, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for key in &keys {
        if let Some(closed) = closed_at(&shared.reader, *key)? {
            told.insert(stands_at(shared, closed.told)?);
            gone.extend(closed.positions);
        }
    }
    if told.is_empty() {
        return Ok(None);
    }
    let (intent, begun) = begun(shared, &completed, &keys)?;
    let Event::ShredStarted(started) = &begun.event else {
        return Err(Fault::damaged("certificate of erasure", "no intent"));
    };
    let (intent, completed_at) = (Stands::of(intent, &begun), Stands::of(position, &completed));
    let acknowledged = completed.occurred;
    let destroyed = acknowledged.filter(|at| (intent.at..=completed_at.at).contains(at));
    Ok(Some(Facts {
        stream: StreamId::Ledger,
        rotation: started.rotation,
        epoch: shredded.epoch,
        keys: shredded.keys.clone(),
        grounds: Vec::new(),
        closed: told,
        intent,
        completed: completed_at,
        destroyed,
        found: shredded.found,
        lost: Lost {
            parts: 0,
            positions: gone,
        },
        copied: BTreeSet::new(),
        records: 0,
    }))
}

/// The last intent before a completion that names all of its keys.
fn begun(
    shared: &Shared,
    completed: &Record,
    keys: &BTreeSet<LeafKeyId>,
) -> Result<(u64, Record), Fault> {
    for version in (1..completed.version).rev() {
        let key = stream_key(&shared.index_keys, StreamId::Ledger, version);
        let Some(position) = shared.reader.value(&key)? else {
            break;
        };
        let position = read_u64(&position)?;
        let record = shared.record_at(position)?;
        if let Event::ShredStarted(started) = &record.event
            && keys.iter().all(|key| started.keys.contains(key))
        {
            return Ok((position, record));
        }
    }
    Err(Fault::damaged("certificate of erasure", "no intent"))
}
