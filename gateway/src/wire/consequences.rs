//! What a withdrawal would come to, as the wire shows it.

use ledger::decide::{Because, Consequences, Stays};
use ledger::domain::event::{Given, LeafOf};
use ledger::domain::ids::OrganisationId;
use proto::protection::v1::*;

use super::codes::Code;
use super::shared::scope_to_wire;
use super::time::to_wire;

/// The answer of a preview.
pub fn told(told: &Consequences) -> PreviewWithdrawalResponse {
    let narrowed = told.narrowed.iter().map(|(id, part)| NarrowedConsent {
        consent_id: id.to_string(),
        part: Some(scope_to_wire(part)),
    });
    let stopped = told.stopped.iter().map(|it| StoppedReferral {
        referral_id: it.referral.to_string(),
        recipient_id: it.recipient.to_string(),
        recipient_asked: it.recipient_asked,
    });
    PreviewWithdrawalResponse {
        ending_consent_ids: told.ending.iter().map(ToString::to_string).collect(),
        narrowed: narrowed.collect(),
        stopped: stopped.collect(),
        unreadable: told.unreadable.iter().map(resting).collect(),
        shred_due: told.shred_due.map(to_wire),
        stays: told.stays.iter().map(staying).collect(),
        proof_lost_consent_ids: told.proof_lost.iter().map(ToString::to_string).collect(),
        record_stays: true,
        holding: told.holding.iter().map(holding).collect(),
        merged: None,
        merged_case_id: None,
    }
}

fn holding((given, recipient): &(Given, OrganisationId)) -> HoldingRecipient {
    let (referral_id, disclosure_id) = match given {
        Given::Referral(id) => (Some(id.to_string()), None),
        Given::Disclosure(id) => (None, Some(id.to_string())),
    };
    HoldingRecipient {
        recipient_id: recipient.to_string(),
        referral_id,
        disclosure_id,
    }
}

/// Only consents are withdrawn.
fn resting(of: &LeafOf) -> RestingData {
    RestingData {
        person_id: of.person.to_string(),
        category: of.category.map(Code::number),
        ground_id: of.ground.to_string(),
        ground: GroundKind::Consent.into(),
        until: None,
    }
}

fn staying(stays: &Stays) -> RestingData {
    let ground = match stays.because {
        Because::Consent => GroundKind::Consent,
        Because::Exception => GroundKind::Exception,
        Because::Duty => GroundKind::Duty,
    };
    RestingData {
        ground: ground.into(),
        until: stays.until.map(to_wire),
        ..resting(&stays.of)
    }
}
