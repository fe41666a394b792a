//! Which types may stand in a record part (SPEC §3): ids, codes, times and published text, never
//! text about a person.

use std::collections::BTreeSet;

use super::codes::*;
use super::ids::*;
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
    AgeGroup,
    Assessment,
    Capacity,
    CaseId,
    Channel,
    ClientCode,
    ConsentForm,
    ConsentId,
    CopyId,
    DataCategory,
    Day,
    DetachReason,
    DisclosureId,
    Documentation,
    ExceptionId,
    ExceptionKind,
    ExceptionReason,
    Explained,
    FollowUpOutcome,
    GroundId,
    HoldId,
    HoldReason,
    LeafKeyId,
    LeafMade,
    LeafOf,
    Need,
    OrganisationId,
    OutwardReference,
    PersonId,
    PersonRole,
    PublicText,
    Purpose,
    RecipientClass,
    ReferralId,
    ReferralReason,
    RefusalReason,
    Role,
    RotationId,
    Scope,
    Sensitivity,
    ServiceId,
    StaffId,
    SweepId,
    Timestamp,
    TokenId,
    Urgency,
    ViewPurpose,
    ViewTarget,
    ServiceEntry,
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
