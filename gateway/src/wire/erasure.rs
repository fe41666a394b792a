//! What became of the data on each consent of a case.

use std::collections::BTreeSet;

use ledger::domain::case::{Case, Standing};
use ledger::domain::ids::{ConsentId, LeafKeyId};
use ledger::ledger::Entry;
use projections::disclosures::erasures;
use proto::protection::v1::ErasureState;

use super::record::standing;
use super::time::to_wire;

/// One state per consent, or of one consent only; `waiting` are the leaves that wait for a copy.
pub fn states(
    case: &Case,
    entries: &[Entry],
    waiting: &BTreeSet<LeafKeyId>,
    only: Option<ConsentId>,
) -> Vec<ErasureState> {
    let erasures = erasures(entries);
    let gone = erasures.iter().filter(|erasure| erasure.shredded.is_some());
    let gone: BTreeSet<LeafKeyId> = gone.map(|erasure| erasure.key).collect();
    let asked = |id: ConsentId| only.is_none_or(|only| only == id);
    let consents = case.consents.iter().filter(|(id, _)| asked(**id));
    let state = consents.map(|(id, consent)| {
        let keys: BTreeSet<LeafKeyId> = case.leaves_of((*id).into()).collect();
        let shred_due = match consent.standing {
            Standing::Withdrawn { shred_due } => Some(to_wire(shred_due)),
            Standing::InForce | Standing::Expired | Standing::Shredded => None,
        };
        ErasureState {
            consent_id: id.to_string(),
            person_id: consent.person.to_string(),
            standing: standing(consent.standing).into(),
            shred_due,
            keys: count(keys.len()),
            keys_shredded: count(keys.intersection(&case.shredded).count()),
            keys_pending_copy: count(keys.intersection(waiting).count()),
            complete: consent.standing == Standing::Shredded && keys.is_subset(&gone),
        }
    });
    state.collect()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
