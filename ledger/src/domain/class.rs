//! Which types may stand in a record part (SPEC §3): ids, codes, times and published text, never
//! text about a person.

use std::collections::BTreeSet;

use super::breach::Counted;
use super::codes::*;
use super::complaint::Against;
use super::contact::SafeContact;
use super::directory::{AssessmentHow, Places};
use super::exception::ProcedureId;
use super::fees::FeeOption;
use super::ids::*;
use super::incoming::{ReplyKey, Sender};
use super::inquiry::Asked;
use super::link::LinkAgreed;
use super::mechanism::{Agreement, Membership, PathwayPlan};
use super::record::*;
use super::scope::Scope;
use crate::clock::{Day, Timestamp};

/// A type that may stand in a record part. Implemented for ids, codes, times and published text,
/// never for text about a person.
pub trait RecordField {}

macro_rules! record_fields {
    ($($kind:ty),+ $(,)?) => { $(impl RecordField for $kind {})+ };
}

record_fields!(
    Advice,
    Against,
    AgeBasis,
    AgeGroup,
    Agreement,
    AgreementId,
    AnchorReason,
    ArrangementKind,
    ArrangementState,
    Asked,
    Assessment,
    AssessmentHow,
    BreachConsequence,
    BreachHarm,
    BreachId,
    BreachKind,
    BreachMeasure,
    BreachRisk,
    BreachTelling,
    Capacity,
    CaregiverGap,
    CaseId,
    Channel,
    ChildView,
    ClientCode,
    ClosingReason,
    ClosingTold,
    Company,
    ComplaintId,
    ComplaintKind,
    ComplaintOutcome,
    Concern,
    ConsentClaim,
    ConsentForm,
    ConsentId,
    CopyId,
    Counted,
    DataCategory,
    Day,
    DetachReason,
    DisclosureId,
    Documentation,
    ExceptionId,
    ExceptionKind,
    ExceptionReason,
    ExceptionTold,
    Explained,
    ExtensionReason,
    FeeOption,
    FollowUpItem,
    FollowUpOutcome,
    Given,
    GroundId,
    HoldId,
    HoldReason,
    IdentityOutcome,
    IncomingDecision,
    IncomingFinding,
    IncomingId,
    InquiryAnswer,
    InquiryFee,
    InquiryId,
    Interpreter,
    InterviewForm,
    InterviewId,
    LeafKeyId,
    LateReason,
    LeafMade,
    LeafOf,
    LinkAgreed,
    LinkId,
    Membership,
    MergeId,
    Need,
    NoFollowUp,
    NoticeAbout,
    NoticeOutcome,
    NoticeState,
    NotificationPhase,
    NotifiedTo,
    OrganisationId,
    OutwardReference,
    PacketId,
    PathwayPlan,
    PersonId,
    PersonRole,
    PersonTold,
    PublicText,
    Places,
    ProcedureId,
    ProfileReason,
    Purpose,
    RecallAnswer,
    RecipientClass,
    ReferralId,
    ReferralReason,
    Relationship,
    RefusalReason,
    ReplyKey,
    ReopeningReason,
    RequestAnswer,
    RequestEnd,
    RequestKind,
    RequestReason,
    RequestedBy,
    ReviewMeasure,
    ReviewOutcome,
    Role,
    RotationId,
    SafeContact,
    Scope,
    Sender,
    Sensitivity,
    ServiceId,
    StaffId,
    SubjectRequestId,
    SweepId,
    Timestamp,
    TokenId,
    Training,
    Urgency,
    ViewPurpose,
    ViewTarget,
    ServiceEntry,
    UntoldGround,
    bool,
    u64,
    u32,
    [u8; 32],
);
impl<T: RecordField> RecordField for Option<T> {}
impl<T: RecordField> RecordField for Vec<T> {}
impl<T: RecordField> RecordField for BTreeSet<T> {}

/// Compiles only for record fields.
pub(super) const fn classed<T: RecordField>() {}

/// The enum of events, and a struct for each whose fields stand with it; the fields of one that
/// ends in `;` stand elsewhere, in [`fields!`].
macro_rules! record {
    ($($(#[$doc:meta])* $name:ident $fields:tt)*) => {
        /// What happened. Every variant holds one struct of record fields.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event { $($(#[$doc])* $name($name),)* }

        impl Event {
            /// The event's stable name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name),)* }
            }

            /// Every event name, in the order of their stored numbers.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];
        }

        $(fields! { $(#[$doc])* $name $fields })*
    };
}
pub(super) use record;

/// A struct for each event; compiles only if every field is a record field.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident ;) => {};
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }

        impl From<$name> for Event {
            fn from(event: $name) -> Self { Self::$name(event) }
        }

        const _: () = { $(classed::<$kind>();)* };
    )*};
}
pub(super) use fields;

/// The enum of commands, and one of their kinds. A command whose fields are many or shared holds a
/// struct that stands elsewhere.
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $fields:tt)*) => {
        /// Everything that can be asked for. Its bytes are hashed, to tell whether a repeated
        /// request says the same, and never stored.
        #[derive(Clone, Serialize)]
        pub enum Command {
            $($(#[$doc])* $name $fields,)*
        }

        /// The kinds of commands, for the policy table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Command {
            /// Which kind this is.
            pub fn action(&self) -> Action {
                match self { $(Self::$name { .. } => Action::$name,)* }
            }
        }

        impl Action {
            /// Every kind, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kind's stable name, as it stands in the policy table.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The kind that a name stands for.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }
        }
    };
}
pub(super) use commands;
