//! Readings: what may be asked for that is no command and leaves no event of its own.

use super::condition::Asked;
use super::knowledge::{may_know, open_if_restricted};
use super::policy::Policy;
use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::codes::Role;
use crate::domain::staff::Staff;
use crate::refusal::{Refusal, Refused};

macro_rules! readings {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// Kinds of reading, for the policy table. None of them shows personal parts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reading { $($(#[$doc])* $name,)+ }

        impl Reading {
            /// Every reading, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word in the table.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The reading that a word stands for.
            pub fn from_code(word: &str) -> Option<Self> {
                match word { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

readings! {
    /// What waits, for whom, how long.
    Worklist = "worklist",
    /// A case: where it stands, its consents, referrals and their history.
    CaseHistory = "case_history",
    /// How each decision of a case was made, and who opened what.
    DecisionRecord = "decision_record",
    /// The directory, without confidential entries.
    DirectorySearch = "directory_search",
    /// Confidential entries of the directory (MISSION D3).
    DirectoryConfidential = "directory_confidential",
    /// Checkpoints, proofs and receipts.
    AuditProofs = "audit_proofs",
    /// Events as they are stored: the ids of keys in them tell which belong together.
    SealedEntries = "sealed_entries",
    /// Counts, sizes and health of the ledger.
    Status = "status",
    /// Staff, roles and tokens.
    StaffList = "staff_list",
    /// What was fenced and destroyed in a case.
    ErasureStatus = "erasure_status",
    /// What is over by the retention rules, and what keeps it.
    Retention = "retention",
    /// What persons asked for about their data, and by when it is to be answered.
    Requests = "requests",
    /// Figures that were published.
    Figures = "figures",
    /// Feedback and complaints, and where they stand; which ones the rules say.
    Complaints = "complaints",
    /// The register of breaches, and where they stand; which ones the rules say.
    Breaches = "breaches",
    /// How many cases and referrals each member of staff works on.
    Caseload = "caseload",
    /// Exceptions to confidentiality by themselves: kind, ground, times, what went; no names.
    Exceptions = "exceptions",
    /// Exceptions and urgent care that somebody is to look at afterwards.
    Reviews = "reviews",
    /// Prepared procedures for reports that a law obliges to.
    Procedures = "procedures",
    /// What services were asked about groups; whose the rules say.
    Inquiries = "inquiries",
    /// Referrals that came in from outside to the caller's organisation.
    Incoming = "incoming",
    /// Who stands in for whom; whose the rules say.
    Deputies = "deputies",
    /// A reply to a packet that came in: signed by the ledger, for who sent it.
    PacketReply = "packet_reply",
    /// What the caller's organisation pays for referrals that it sent, by service; no cases.
    Billing = "billing",
}

impl Reading {
    /// Whether it is about cases, and so closed to administrators.
    pub fn is_about_cases(self) -> bool {
        match self {
            Self::Worklist
            | Self::CaseHistory
            | Self::DecisionRecord
            | Self::ErasureStatus
            | Self::Retention
            | Self::Requests
            | Self::Exceptions
            | Self::Reviews
            | Self::Complaints
            | Self::Breaches => true,
            Self::DirectorySearch
            | Self::DirectoryConfidential
            | Self::AuditProofs
            | Self::SealedEntries
            | Self::Status
            | Self::StaffList
            | Self::Caseload
            | Self::Procedures
            | Self::Inquiries
            | Self::Incoming
            | Self::Deputies
            | Self::PacketReply
            | Self::Billing
            | Self::Figures => false,
        }
    }
}

/// Whether a member of staff may read this. Without a case the answer is for the list as a whole:
/// each case that is shown must be asked for by itself.
pub fn may_read(
    policy: &Policy,
    reading: Reading,
    caller: &Staff,
    case: Option<&Case>,
    now: Timestamp,
) -> Result<(), Refused> {
    if reading.is_about_cases() {
        if case.is_some_and(|case| !may_know(caller, case, now)) {
            return Err(Refused::about(Refusal::NotFound, "case"));
        }
        let mut referrals = case.iter().flat_map(|case| case.referrals.values());
        let own = referrals.find(|one| super::knowledge::is_own_referral(caller, one));
        let open = |case: &Case| open_if_restricted(caller, case, own, (false, now));
        let closed = case.is_some_and(|case| !open(case));
        if closed || caller.roles.contains(&Role::Administrator) {
            return Err(Refusal::NotAllowed.into());
        }
    }
    policy.permits(reading.into(), &Asked::of_reading(caller, case, now))
}
