//! `case`: links, anonymous counts, cases and the persons in them.

use clap::{Args, Subcommand};
use ledger::domain::codes::{
    AgeGroup, ClosingReason, ClosingTold, Company, Concern, DataCategory, Need, NoFollowUp,
    PersonRole, RefusalReason, ReopeningReason, Sensitivity, Urgency, ViewPurpose,
};
use serde::Serialize;

use super::family::{
    ASK_MERGE, DecideMerge, Duplicates, Family, LINK_EXAMPLE, LinkFamily, Merge, UNMERGE,
    UnlinkFamily,
};
use super::shared::{ConsentArgs, IdentityArgs, PageArgs, uuid};
use crate::cli::call::{Call, Meta, codes};
use crate::cli::failure::Failure;

/// Cases, from the first contact on.
#[derive(Subcommand)]
pub(crate) enum Case {
    /// Count that information about services was given; nobody is recorded
    Link(Link),
    /// Count that somebody did not want to be recorded; nobody is asked why
    RefuseRecord(RefuseRecord),
    /// Count a need that no service meets
    UnmetNeed(UnmetNeed),
    /// Open a case with the person's consent to record it
    #[command(after_help = OPEN_EXAMPLE)]
    Open(Box<Open>),
    /// Add a further person, with that person's own consent to be recorded
    AddPerson(Box<AddPerson>),
    /// Record how old the person is, as far as it is known, and who is with a child
    AssessAge(AssessAge),
    /// Mark a case as one that specialists are consulted about; it is restricted from then on
    Concern(Suspected),
    /// Put a person's details right; each that is given takes the place of the one before
    CorrectPerson(Box<CorrectPerson>),
    /// Attest a referral that the person agreed to without documentation
    Attest(Attest),
    /// Show a case, by id or by the client's code
    Show(Show),
    /// List cases that you may see, the oldest first: without names
    List(List),
    /// Children without a responsible adult who wait for the body that is mandated for them
    Waiting(Waiting),
    /// Show what happened in a case, oldest first
    History(History),
    /// Open personal data of a case; that they were seen is recorded first
    View(View),
    /// Put a member of staff in charge
    Assign(Assign),
    /// Take a member of staff off
    Unassign(Assign),
    /// Offer a case that you work on to a colleague, and see what is open in it
    OfferHandover(OfferHandover),
    /// Take a case that was offered to you, or do not
    TakeHandover(TakeHandover),
    /// Close a case in which nothing waits any more; what does is named
    Close(Close),
    /// Go on with a case that was closed
    Reopen(Reopen),
    /// Count how much each member of staff works on
    Load,
    /// What was done in a hurry and somebody else is to decide on, look at or sign off: exceptions
    /// and emergencies, the soonest due first
    Reviews(Reviews),
    /// Link two files of a family, once both sides agreed
    #[command(after_help = LINK_EXAMPLE)]
    LinkFamily(LinkFamily),
    /// List the files of a family that a file is linked with, as far as you may see both
    Family(Family),
    /// Look for files that may be of the same person, among those that you may open; that you did
    /// is recorded, and no name is shown
    Duplicates(Duplicates),
    /// Say that two files are one person's; a second person decides
    AskMerge(Merge),
    /// Merge two files of one person, or do not
    DecideMerge(DecideMerge),
    /// Take two files apart again, each as it was
    Unmerge(Merge),
    /// End a link; nothing leads from one file to the other any more
    UnlinkFamily(UnlinkFamily),
}

impl Case {
    /// The call that this asks for.
    pub(crate) fn call(&self) -> Result<Call, Failure> {
        match self {
            Self::Link(it) => Call::command(GIVE_LINK, it, &it.meta),
            Self::RefuseRecord(it) => Call::command(REFUSE_RECORD, it, &it.meta),
            Self::UnmetNeed(it) => Call::command(NOTE_UNMET_NEED, it, &it.meta),
            Self::Open(it) => Call::command(OPEN_CASE, it, &it.meta),
            Self::AddPerson(it) => Call::command(ADD_PERSON, it, &it.meta),
            Self::AssessAge(it) => Call::command(ASSESS_AGE, it, &it.meta),
            Self::Concern(it) => Call::command(RAISE_CONCERN, it, &it.meta),
            Self::CorrectPerson(it) => Call::command(CORRECT_PERSON, it, &it.meta),
            Self::Attest(it) => Call::command(ATTEST_REFERRAL, it, &it.meta),
            Self::Show(it) => Call::question(GET_CASE, it),
            Self::List(it) => Call::question(LIST_CASES, it),
            Self::Waiting(it) => Call::question(LIST_WAITING_CHILDREN, it),
            Self::History(it) => Call::question(GET_HISTORY, it),
            Self::View(it) => Call::command(VIEW_PERSONAL_DATA, it, &it.meta),
            Self::Assign(it) => Call::command(ASSIGN_STAFF, it, &it.meta),
            Self::Unassign(it) => Call::command(UNASSIGN_STAFF, it, &it.meta),
            Self::OfferHandover(it) => Call::command(OFFER_HANDOVER, it, &it.meta),
            Self::TakeHandover(it) => Call::command(TAKE_HANDOVER, it, &it.meta),
            Self::Close(it) => Call::command(CLOSE_CASE, it, &it.meta),
            Self::Reopen(it) => Call::command(REOPEN_CASE, it, &it.meta),
            Self::Load => Call::question(CASELOAD, &serde_json::json!({})),
            Self::Reviews(it) => Call::question(REVIEWS, it),
            Self::LinkFamily(it) => it.call(),
            Self::Family(it) => it.call(),
            Self::UnlinkFamily(it) => it.call(),
            Self::Duplicates(it) => it.call(),
            Self::AskMerge(it) => it.call(ASK_MERGE),
            Self::DecideMerge(it) => it.call(),
            Self::Unmerge(it) => it.call(UNMERGE),
        }
    }
}

/// Flags of `case link`.
#[derive(Args, Serialize)]
pub(crate) struct Link {
    /// Services pointed to
    #[arg(value_name = "SERVICE_ID", value_parser = uuid)]
    service_ids: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case refuse-record`.
#[derive(Args, Serialize)]
pub(crate) struct RefuseRecord {
    /// What was said, if anything
    #[arg(long, value_parser = codes(RefusalReason::ALL, RefusalReason::code))]
    reason: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case unmet-need`.
#[derive(Args, Serialize)]
pub(crate) struct UnmetNeed {
    /// The need
    #[arg(value_parser = codes(Need::ALL, Need::code))]
    need: String,
    /// Where, as a place code of the first level (JO21); never an address
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Of whom
    #[arg(long, value_parser = codes(AgeGroup::ALL, AgeGroup::code))]
    age_group: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case open`.
#[derive(Args, Serialize)]
pub(crate) struct Open {
    /// Adult, minor or not known; in doubt a child (required)
    #[arg(long, value_parser = codes(AgeGroup::ALL, AgeGroup::code))]
    #[arg(required_unless_present = "from")]
    age_group: Option<String>,
    /// Who may see it (required)
    #[arg(long, value_parser = codes(Sensitivity::ALL, Sensitivity::code))]
    #[arg(required_unless_present = "from")]
    sensitivity: Option<String>,
    /// Data categories that may be recorded
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = codes(DataCategory::ALL, DataCategory::code))]
    categories: Vec<String>,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case add-person`.
#[derive(Args, Serialize)]
pub(crate) struct AddPerson {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// As what (required)
    #[arg(long, value_parser = codes(PersonRole::ALL, PersonRole::code))]
    #[arg(required_unless_present = "from")]
    role: Option<String>,
    /// The relationship to the minor was checked
    #[arg(long)]
    relationship_checked: bool,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case assess-age`.
#[derive(Args, Serialize)]
pub(crate) struct AssessAge {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// The day of birth (2010-04-02); only the month of coming of age is recorded of it
    #[arg(long, value_name = "DAY", conflicts_with = "about_years")]
    birth_date: Option<String>,
    /// Or about how many years; with neither the age is in doubt
    #[arg(long, value_name = "N")]
    about_years: Option<u32>,
    /// Who is with a child
    #[arg(long, value_parser = codes(Company::ALL, Company::code), default_value = "unknown")]
    company: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case concern`.
#[derive(Args, Serialize)]
pub(crate) struct Suspected {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// What is suspected, as far as it says whom to consult; never what happened (required)
    #[arg(long, value_delimiter = ',', required_unless_present = "from")]
    #[arg(value_parser = codes(Concern::ALL, Concern::code))]
    concerns: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case correct-person`.
#[derive(Args, Serialize)]
pub(crate) struct CorrectPerson {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whose
    #[arg(value_parser = uuid)]
    person_id: String,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case attest`.
#[derive(Args, Serialize)]
pub(crate) struct Attest {
    /// In which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// To which service
    #[arg(value_parser = uuid)]
    service_id: String,
    /// The person agreed
    #[arg(long)]
    agreed: bool,
    /// How urgent it is; an emergency in a suspected case does not wait for the specialist
    #[arg(long, value_parser = codes(Urgency::ALL, Urgency::code))]
    urgency: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case reviews`.
#[derive(Args, Serialize)]
pub(crate) struct Reviews {
    /// Only what is late
    #[arg(long)]
    late_only: bool,
    /// Only what a role of yours must see because it is late
    #[arg(long)]
    escalated_only: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `case show`.
#[derive(Args, Serialize)]
pub(crate) struct Show {
    /// Which case
    #[arg(value_parser = uuid, required_unless_present = "client_code")]
    case_id: Option<String>,
    /// Or the client's code, for example K7Q4M-92MDX
    #[arg(long = "code", conflicts_with = "case_id", value_name = "CODE")]
    client_code: Option<String>,
}

/// Flags of `case list`.
#[derive(Args, Serialize)]
pub(crate) struct List {
    /// Only cases that you, or whom you stand in for, work on
    #[arg(long)]
    mine: bool,
    /// Only cases that a colleague offers to you
    #[arg(long)]
    offered: bool,
    /// Only cases that this member of staff works on
    #[arg(long, value_parser = uuid, value_name = "UUID")]
    assigned_id: Option<String>,
    /// Only cases that were closed; without it only those that were not
    #[arg(long)]
    closed: bool,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `case waiting`.
#[derive(Args, Serialize)]
pub(crate) struct Waiting {
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `case history`.
#[derive(Args, Serialize)]
pub(crate) struct History {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    #[command(flatten)]
    page: PageArgs,
}

/// Flags of `case view`.
#[derive(Args, Serialize)]
pub(crate) struct View {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// What for; it is recorded
    #[arg(long, value_parser = codes(ViewPurpose::ALL, ViewPurpose::code))]
    purpose: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case offer-handover`.
#[derive(Args, Serialize)]
pub(crate) struct OfferHandover {
    /// Which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// To whom
    #[arg(value_parser = uuid)]
    staff_id: String,
    /// Files of the family that go with it (`case family`): all of them are taken, or none
    #[arg(long = "with", value_delimiter = ',', value_parser = uuid, value_name = "CASE_ID")]
    with_case_ids: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case take-handover`.
#[derive(Args, Serialize)]
pub(crate) struct TakeHandover {
    /// Which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Do not take it; who offered it takes the offer back so
    #[arg(long)]
    decline: bool,
    /// The files that were offered with it: all of them are taken, or none
    #[arg(long = "with", value_delimiter = ',', value_parser = uuid, value_name = "CASE_ID")]
    with_case_ids: Vec<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case close`.
#[derive(Args, Serialize)]
pub(crate) struct Close {
    /// Which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Why (required)
    #[arg(long, value_parser = codes(ClosingReason::ALL, ClosingReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    /// The referral by which another organisation took the person over, once completed
    #[arg(long = "transferred-by", value_parser = uuid, value_name = "REFERRAL_ID")]
    transferred_by_id: Option<String>,
    /// Why nobody followed up; left out where somebody did
    #[arg(long, value_parser = codes(NoFollowUp::ALL, NoFollowUp::code))]
    no_follow_up: Option<String>,
    /// Whether the person knows, and that they may come back (required)
    #[arg(long, value_parser = codes(ClosingTold::ALL, ClosingTold::code))]
    #[arg(required_unless_present = "from")]
    told: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case reopen`.
#[derive(Args, Serialize)]
pub(crate) struct Reopen {
    /// Which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Why (required)
    #[arg(long, value_parser = codes(ReopeningReason::ALL, ReopeningReason::code))]
    #[arg(required_unless_present = "from")]
    reason: Option<String>,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

/// Flags of `case assign` and `case unassign`.
#[derive(Args, Serialize)]
pub(crate) struct Assign {
    /// Of which case
    #[arg(value_parser = uuid)]
    case_id: String,
    /// Whom
    #[arg(value_parser = uuid)]
    staff_id: String,
    #[command(flatten)]
    #[serde(skip)]
    meta: Meta,
}

const GIVE_LINK: &str = "referral.intake.v1.IntakeService/GiveLink";
const REFUSE_RECORD: &str = "referral.intake.v1.IntakeService/RefuseRecord";
const NOTE_UNMET_NEED: &str = "referral.intake.v1.IntakeService/NoteUnmetNeed";
const OPEN_CASE: &str = "referral.intake.v1.IntakeService/OpenCase";
const ADD_PERSON: &str = "referral.intake.v1.IntakeService/AddPerson";
const RAISE_CONCERN: &str = "referral.intake.v1.IntakeService/RaiseConcern";
const ASSESS_AGE: &str = "referral.intake.v1.IntakeService/AssessAge";
const CORRECT_PERSON: &str = "referral.rights.v1.RightsService/CorrectPerson";
const ATTEST_REFERRAL: &str = "referral.intake.v1.IntakeService/AttestReferral";
const LIST_CASES: &str = "referral.tracking.v1.TrackingService/ListCases";
const GET_CASE: &str = "referral.tracking.v1.TrackingService/GetCase";
const LIST_WAITING_CHILDREN: &str = "referral.tracking.v1.TrackingService/ListWaitingChildren";
const GET_HISTORY: &str = "referral.tracking.v1.TrackingService/GetHistory";
const VIEW_PERSONAL_DATA: &str = "referral.tracking.v1.TrackingService/ViewPersonalData";
const ASSIGN_STAFF: &str = "referral.tracking.v1.TrackingService/AssignStaff";
const OFFER_HANDOVER: &str = "referral.tracking.v1.TrackingService/OfferHandover";
const TAKE_HANDOVER: &str = "referral.tracking.v1.TrackingService/TakeHandover";
const CLOSE_CASE: &str = "referral.tracking.v1.TrackingService/CloseCaseWork";
const REOPEN_CASE: &str = "referral.tracking.v1.TrackingService/ReopenCase";
const CASELOAD: &str = "referral.tracking.v1.TrackingService/GetCaseload";
const REVIEWS: &str = "referral.tracking.v1.TrackingService/ListReviews";
const UNASSIGN_STAFF: &str = "referral.tracking.v1.TrackingService/UnassignStaff";
const OPEN_EXAMPLE: &str = concat!(
    "An example of FILE, for `case open --from FILE` (all of it can also be said with flags):\n",
    include_str!("../examples/case.json"),
);
