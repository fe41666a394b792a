//! Streams: one per case, directory entry, staff member, complaint, member of the mechanism,
//! pathway, breach, incoming referral and link of two files, and one for the ledger itself.

use serde::{Deserialize, Serialize};

use super::ids::{
    BreachId, CaseId, ComplaintId, IncomingId, LinkId, OrganisationId, PathwayId, ServiceId,
    StaffId,
};

/// Which stream an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StreamId {
    /// The ledger's own; its record leaf never dies.
    Ledger,
    /// A member of staff.
    Staff(StaffId),
    /// A directory entry.
    Service(ServiceId),
    /// A case.
    Case(CaseId),
    /// Feedback or a complaint.
    Complaint(ComplaintId),
    /// An organisation of the referral mechanism, and what was agreed with it.
    Member(OrganisationId),
    /// A pathway.
    Pathway(PathwayId),
    /// A breach of data.
    Breach(BreachId),
    /// A referral that came in from outside.
    Incoming(IncomingId),
    /// A link between two files of a family.
    Link(LinkId),
}

impl StreamId {
    /// The bytes that keyed hashes of this stream are made of: a kind byte and the id.
    pub fn to_bytes(self) -> [u8; 17] {
        let (kind, id) = match self {
            Self::Ledger => (0, [0; 16]),
            Self::Staff(id) => (1, id.0),
            Self::Service(id) => (2, id.0),
            Self::Case(id) => (3, id.0),
            Self::Complaint(id) => (4, id.0),
            Self::Member(id) => (5, id.0),
            Self::Pathway(id) => (6, id.0),
            Self::Breach(id) => (7, id.0),
            Self::Incoming(id) => (8, id.0),
            Self::Link(id) => (9, id.0),
        };
        let mut bytes = [kind; 17];
        if let Some(rest) = bytes.get_mut(1..) {
            rest.copy_from_slice(&id);
        }
        bytes
    }

    /// Whether no count tells of anything in it: of a complaint or a breach, whoever compares the
    /// count with their own list learns of those that they must not know of.
    pub fn is_counted_for_nobody(self) -> bool {
        match self {
            Self::Complaint(_) | Self::Breach(_) => true,
            Self::Ledger
            | Self::Staff(_)
            | Self::Service(_)
            | Self::Case(_)
            | Self::Member(_)
            | Self::Pathway(_)
            | Self::Incoming(_)
            | Self::Link(_) => false,
        }
    }

    /// The stream that [`Self::to_bytes`] gave these for.
    pub fn from_bytes(bytes: &[u8; 17]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        let id = <[u8; 16]>::try_from(id).ok()?;
        match kind {
            0 if id == [0; 16] => Some(Self::Ledger),
            1 => Some(Self::Staff(StaffId(id))),
            2 => Some(Self::Service(ServiceId(id))),
            3 => Some(Self::Case(CaseId(id))),
            4 => Some(Self::Complaint(ComplaintId(id))),
            5 => Some(Self::Member(OrganisationId(id))),
            6 => Some(Self::Pathway(PathwayId(id))),
            7 => Some(Self::Breach(BreachId(id))),
            8 => Some(Self::Incoming(IncomingId(id))),
            9 => Some(Self::Link(LinkId(id))),
            _ => None,
        }
    }
}
