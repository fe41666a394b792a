//! What became of the data on each consent and exception of a case.

use std::collections::BTreeSet;

use ledger::domain::case::{Case, Standing};
use ledger::domain::codes::NoticeAbout;
use ledger::domain::event::{Event, Given, Recorded};
use ledger::domain::ids::{ConsentId, GroundId, LeafKeyId, PersonId};
use ledger::ledger::Entry;
use projections::disclosures::erasures;
use proto::protection::v1::{Certificate, ErasureState, RecipientNotice};

use super::codes::Code;
use super::record::{leaving, standing};
use super::time::to_wire;

/// One state per consent and exception, or of one consent only; `waiting` are the leaves that wait
/// for a copy.
pub fn states(
    case: &Case,
    entries: &[Entry],
    waiting: &BTreeSet<LeafKeyId>,
    only: Option<ConsentId>,
) -> Vec<ErasureState> {
    let erasures = erasures(entries);
    let gone = erasures.iter().filter(|erasure| erasure.shredded.is_some());
    let gone: BTreeSet<LeafKeyId> = gone.map(|erasure| erasure.key).collect();
    let cut_out = erasures.iter().filter(|erasure| erasure.cut_out.is_some());
    let cut_out: BTreeSet<LeafKeyId> = cut_out.map(|erasure| erasure.key).collect();
    let state = |ground, person: PersonId, stands: Standing| {
        let keys: BTreeSet<LeafKeyId> = case.leaves_of(ground).collect();
        ErasureState {
            person_id: person.to_string(),
            standing: standing(stands).into(),
            shred_due: stands.shred_due().map(to_wire),
            keys: count(keys.len()),
            keys_shredded: count(keys.intersection(&case.shredded).count()),
            keys_pending_copy: count(keys.intersection(waiting).count()),
            complete: stands == Standing::Shredded && keys.is_subset(&gone),
            keys_cut_out: count(keys.intersection(&cut_out).count()),
            ..ErasureState::default()
        }
    };
    let asked = |id: ConsentId| only.is_none_or(|only| only == id);
    let consents = case.consents.iter().filter(|(id, _)| asked(**id));
    let consents = consents.map(|(id, it)| ErasureState {
        consent_id: id.to_string(),
        leaving: leaving(it.leaving.iter().map(|(one, due)| (*one, *due))),
        ..state(GroundId::from(*id), it.person, it.standing)
    });
    let exceptions = case.exceptions.iter().filter(|_| only.is_none());
    let exceptions = exceptions.map(|(id, it)| ErasureState {
        exception_id: id.to_string(),
        ..state(GroundId::from(*id), it.person, it.standing)
    });
    consents.chain(exceptions).collect()
}

/// Who was to be asked to stop, return or destroy, or told that data were put right, restricted or
/// released, and what came of it.
pub fn notices(case: &Case) -> Vec<RecipientNotice> {
    let asked = case.notices.iter();
    let asked = asked.map(|(given, notice)| (NoticeAbout::Erasure, given, notice));
    let told = case.informed.iter();
    let told = told.map(|((about, given), notice)| (*about, given, notice));
    let notices = asked.chain(told).map(|(about, given, notice)| {
        let (referral, disclosure) = match given {
            Given::Referral(id) => (id.to_string(), String::new()),
            Given::Disclosure(id) => (String::new(), id.to_string()),
        };
        let recipient = case.recipient_of(*given).map(|id| id.to_string());
        RecipientNotice {
            referral_id: referral,
            disclosure_id: disclosure,
            recipient_id: recipient.unwrap_or_default(),
            state: notice.state.number(),
            outcome: notice.outcome.map(Code::number),
            about: about.number(),
        }
    });
    notices.collect()
}

/// One certificate of erasure with its file.
pub fn certificate((entry, file): (Entry, String)) -> Certificate {
    let mut certificate = Certificate {
        position: entry.position,
        file,
        ..Certificate::default()
    };
    if let Event::ErasureCertified(certified) = &entry.record.event {
        certificate.rotation_id = certified.rotation.to_string();
        certificate.issue = certified.issue;
    }
    if let Recorded::At(at) = entry.record.recorded {
        certificate.issued_at = Some(to_wire(at));
    }
    certificate
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
