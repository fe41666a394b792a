//! Decisions: the rules of MISSION B, C and E as pure functions from states to events or a refusal.

use crate::clock::Timestamp;
use crate::domain::event::{Actor, Event, Recorded};
use crate::domain::ids::{GroundId, LeafKeyId, PersonId};
use crate::domain::personal::Personal;
use crate::domain::stream::StreamId;

/// What was decided. Made in this module only, consumed by sealing.
#[must_use]
pub struct Decision {
    pub(crate) events: Vec<NewEvent>,
    /// Leaves whose keys are fenced with these events: no append, no read.
    pub(crate) fence: Vec<LeafKeyId>,
    /// Leaves whose fence is lifted again.
    pub(crate) unfence: Vec<LeafKeyId>,
    /// Leaves to be destroyed by the next rotation (named in a `ShredStarted` that the eraser adds).
    pub(crate) shred: Vec<LeafKeyId>,
}

/// An event that is not sealed yet; the spine gives it its place in the stream and its leaf keys.
pub(crate) struct NewEvent {
    pub(crate) stream: StreamId,
    pub(crate) recorded: Recorded,
    pub(crate) occurred: Option<Timestamp>,
    pub(crate) actor: Actor,
    pub(crate) event: Event,
    pub(crate) personal: Vec<NewPersonal>,
}

/// One personal part, and what keeps it readable.
pub(crate) struct NewPersonal {
    /// AND over persons: more than one only for identifiers of relationships.
    pub(crate) persons: Vec<PersonId>,
    /// OR over grounds: readable while any of them lives.
    pub(crate) grounds: Vec<GroundId>,
    pub(crate) content: Personal,
}
#[derive(Default)] pub struct Rules {}
impl Rules { pub fn with_shred_after_days(_: u32) -> Self { Self {} } }
impl Decision { pub(crate) fn of_ledger(events: Vec<NewEvent>) -> Self { Self { events, fence: vec![], unfence: vec![], shred: vec![] } } }
pub fn decide(_: crate::authorise::Permitted, _: &crate::domain::subjects::Subjects, _: Timestamp, _: &Rules, _: &mut dyn crate::clock::Entropy) -> Result<Decision, crate::refusal::Refused> { Err(crate::refusal::Refusal::NotAllowed.into()) }
