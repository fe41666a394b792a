//! What the index keeps of retention: who let the rules loose, sweeps, and the last doubt of the
//! clock (SPEC §5.1).

use crate::domain::event::{Event, Record};
use crate::domain::ids::{OrganisationId, SweepId};
use crate::domain::subjects::{SweepAsked, SweepStands};
use crate::error::Fault;
use crate::keys::{IndexRecord, KeyIndex};
use crate::shared::read_u64;

use super::RetentionRules;

/// Index records that an event of retention leaves.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "seven events concern the index of retention"
)]
pub(crate) fn of(event: &Event, position: u64) -> Vec<IndexRecord> {
    let position = position.to_be_bytes();
    let put = |key: Vec<u8>, value: Vec<u8>| IndexRecord {
        key,
        value: Some(value),
    };
    match event {
        Event::SweepRequested(it) => vec![put(sweep_key(it.sweep), position.to_vec())],
        Event::SweepApproved(it) => {
            let value = [&it.version.to_be_bytes()[..], &position].concat();
            vec![
                put(approval_key(it.organisation), value),
                put(sweep_key(it.sweep), position.to_vec()),
            ]
        }
        Event::SweepWithdrawn(it) => vec![put(sweep_key(it.sweep), position.to_vec())],
        Event::SweepDone(it) => {
            let mut records = vec![put(sweep_key(it.sweep), position.to_vec())];
            // Two persons agreed to something smaller: these rules are to be looked at again.
            records.extend(it.too_many.map(|_| IndexRecord {
                key: approval_key(it.organisation),
                value: None,
            }));
            records
        }
        Event::StreamClosed(_) => vec![put(LAST_CLOSED.to_vec(), position.to_vec())],
        Event::ClockDoubted(_) => vec![put(DOUBT.to_vec(), position.to_vec())],
        _ => Vec::new(),
    }
}

/// Whether two persons of an organisation let these very rules loose, and the clock was not doubted
/// since.
pub(crate) fn is_let_loose(
    index: &impl KeyIndex,
    rules: &RetentionRules,
    organisation: OrganisationId,
) -> Result<bool, Fault> {
    let Some(value) = index.value(&approval_key(organisation))? else {
        return Ok(false);
    };
    let (version, position) = value.split_first_chunk().ok_or_else(damaged)?;
    let approved = read_u64(position)?;
    let doubted = match index.value(DOUBT)? {
        Some(position) => Some(read_u64(&position)?),
        None => None,
    };
    let same = u32::from_be_bytes(*version) == rules.version();
    Ok(same && doubted.is_none_or(|doubted| doubted < approved))
}

/// Where the last event about a sweep stands; none for an id that nobody used.
pub(crate) fn last_of_sweep(index: &impl KeyIndex, id: SweepId) -> Result<Option<u64>, Fault> {
    let position = index.value(&sweep_key(id))?;
    position.map(|position| read_u64(&position)).transpose()
}

/// Where a sweep stands by the last event about it, and what a second person is to decide on.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "four events are about a sweep; the index names no other for it"
)]
pub(crate) fn sweep_by(record: &Record) -> Result<(SweepStands, Option<SweepAsked>), Fault> {
    match &record.event {
        Event::SweepRequested(it) => {
            let asked = SweepAsked {
                id: it.sweep,
                organisation: it.organisation,
                requested_by: record.actor.staff(),
                version: it.version,
            };
            Ok((SweepStands::Asked, Some(asked)))
        }
        Event::SweepApproved(_) => Ok((SweepStands::Approved, None)),
        Event::SweepDone(_) | Event::SweepWithdrawn(_) => Ok((SweepStands::Done, None)),
        _ => Err(damaged()),
    }
}

/// Whether a stream was closed at a position or behind it.
pub(crate) fn closed_since(index: &impl KeyIndex, position: u64) -> Result<bool, Fault> {
    let last = index.value(LAST_CLOSED)?;
    let last = last.map(|value| read_u64(&value)).transpose()?;
    Ok(last.is_some_and(|last| last >= position))
}

fn sweep_key(sweep: SweepId) -> Vec<u8> {
    [b"tw".as_slice(), &sweep.0].concat()
}

fn approval_key(organisation: OrganisationId) -> Vec<u8> {
    [b"ta".as_slice(), &organisation.0].concat()
}

fn damaged() -> Fault {
    Fault::damaged("index", "a record of retention")
}

const LAST_CLOSED: &[u8] = b"tl";
const DOUBT: &[u8] = b"td";
