//! People who agreed to being counted.

use ledger::clock::Timestamp;
use ledger::domain::codes::*;
use ledger::domain::event::ConsentGiven;
use ledger::domain::ids::*;
use ledger::domain::scope::Scope;
use ledger::domain::stream::StreamId;

use super::World;

pub const HOME: OrganisationId = OrganisationId([1; 16]);
pub const CLINIC: OrganisationId = OrganisationId([2; 16]);

pub fn agree_to_statistics(
    world: &mut World,
    case: CaseId,
    expires: Option<Timestamp>,
) -> ConsentId {
    let consent = ConsentId(world.id());
    let event = ConsentGiven {
        consent,
        person: PersonId(case.0),
        given_by: PersonId(case.0),
        capacity: Capacity::Own,
        scope: Scope {
            purposes: [Purpose::Statistics].into(),
            ..super::scope()
        },
        form: ConsentForm::Oral,
        explained: [].into(),
        interpreter: None,
        expires,
    };
    world.push(StreamId::Case(case), event);
    consent
}

/// A person who agrees to being counted, with a referral that was sent.
pub fn sent(world: &mut World) -> (CaseId, ConsentId, ReferralId) {
    let case = world.case(HOME);
    let consent = agree_to_statistics(world, case, None);
    let referral = world.draft(case, CLINIC);
    world.send(case, referral);
    (case, consent, referral)
}
