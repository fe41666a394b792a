//! What a command is about, loaded before authorising, so that authorising and deciding stay pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::apart::StandsApart;
use super::breach::Breach;
use super::case::Case;
use super::codes::DetachReason;
use super::complaint::Complaint;
use super::directory::Service;
use super::ids::{LeafKeyId, OrganisationId, StaffId, SweepId};
use super::incoming::Incoming;
use super::link::Link;
use super::mechanism::{Member, Pathway};
use super::staff::Staff;

/// The states that authorising and deciding look at; staged ones of the same group included.
#[derive(Clone, Default)]
pub struct Subjects {
    /// The member of staff who asks.
    pub caller: Option<Arc<Staff>>,
    /// The case that the command names.
    pub case: Option<Arc<Case>>,
    /// The other file that the command names beside the case, or that its link leads to.
    pub other_case: Option<Arc<Case>>,
    /// The files that go with the case, as far as they are there.
    pub further: Vec<Arc<Case>>,
    /// The link that the command ends.
    pub link: Option<Arc<Link>>,
    /// The organisation that held that other file, if it was closed.
    pub other_closed: Option<OrganisationId>,
    /// The service that the command or its referral names.
    pub service: Option<Arc<Service>>,
    /// The complaint that the command names.
    pub complaint: Option<Arc<Complaint>>,
    /// The breach that the command names.
    pub breach: Option<Arc<Breach>>,
    /// The incoming referral that the command names.
    pub incoming: Option<Arc<Incoming>>,
    /// Whether that one's record ended.
    pub incoming_closed: bool,
    /// The member of the mechanism that the command names, or that a referral is sent to.
    pub member: Option<Arc<Member>>,
    /// The pathway that the command names.
    pub pathway: Option<Arc<Pathway>>,
    /// Whether the pathway that the command writes names a service that there is not.
    pub service_unknown: bool,
    /// The member of staff that the command names.
    pub staff: Option<Arc<Staff>>,
    /// The member of staff for whom the one that the command names stands in, or is to.
    pub absent: Option<Arc<Staff>>,
    /// How many tokens the founder has issued; the founder acts only until two persons hold one.
    pub founded: u8,
    /// In how many other cases the caller had data destroyed at once within the last day.
    pub destroyed_today: u32,
    /// Leaves of the consent to be taken back that are dead already: a restored log may not tell.
    pub dead: BTreeSet<LeafKeyId>,
    /// The sweep that the command decides on, as it was asked for.
    pub sweep: Option<SweepAsked>,
    /// Where the sweep that the command names stands; none for an id that nobody used.
    pub sweep_stands: Option<SweepStands>,
    /// Whether two persons let the present retention rules loose on the case's organisation, and
    /// the clock was not doubted since.
    pub let_loose: bool,
    /// The organisation that held the case that the command names, if it was closed: nothing of it
    /// is readable any more.
    pub closed: Option<OrganisationId>,
    /// The mirror that the command names, if it has a say.
    pub mirror: Option<Mirror>,
    /// Whether the caller's organisation published figures of the cohort that the command names.
    pub figures_published: bool,
    /// Whether anybody published figures of another cohort that shares a month with it.
    pub figures_overlap: bool,
    /// Whether the ledger was restored, and nobody has confirmed yet that the withdrawals that it
    /// may lack were entered again.
    pub restored: bool,
}

impl Subjects {
    /// What stands apart from cases and is kept or ended by the command.
    pub(crate) fn apart(&self) -> Option<StandsApart<'_>> {
        let complaint = self.complaint.as_deref().map(StandsApart::from);
        let breach = || self.breach.as_deref().map(StandsApart::from);
        let incoming = || self.incoming.as_deref().map(StandsApart::from);
        complaint.or_else(breach).or_else(incoming)
    }

    /// The same with the other file in the first one's place: what is asked of one is asked of
    /// both.
    pub(crate) fn turned(&self) -> Self {
        Self {
            case: self.other_case.clone(),
            other_case: self.case.clone(),
            closed: self.other_closed,
            other_closed: self.closed,
            ..self.clone()
        }
    }
}

/// A mirror that has a say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mirror {
    /// Whether somebody wants to end it.
    pub asked: Option<DetachAsked>,
}

/// The wish to end a mirror's say, which a second person decides on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetachAsked {
    /// Who asked.
    pub by: StaffId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Why.
    pub reason: DetachReason,
}

/// Where a sweep stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepStands {
    /// It waits for a second person.
    Asked,
    /// Two persons agreed.
    Approved,
    /// It has ended.
    Done,
}

/// A sweep that waits for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepAsked {
    /// Which.
    pub id: SweepId,
    /// Of whose cases.
    pub organisation: OrganisationId,
    /// Who asked for it.
    pub requested_by: Option<StaffId>,
    /// The version of the rules then.
    pub version: u32,
}
