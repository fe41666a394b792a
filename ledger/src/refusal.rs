//! Refusals: the answer is no. A closed list of stable codes, in order of precedence.
//!
//! - The first refusal that applies, in the order of [`Refusal::ALL`], is the one that is given.
//! - Each code has two texts (what is wrong; what to do) in `gateway/messages/*.ftl`; a test finds
//!   missing pairs.
//! - A refusal carries codes and ids of the request only, never personal data.

use std::fmt;

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// Why a command was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refusal { $($(#[$doc])* $name,)+ }

        impl Refusal {
            /// Every refusal, first the one that wins over all later ones.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The refusal that a code stands for.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

refusals! {
    /// No token, or one that is not in force.
    Unauthenticated = "unauthenticated",
    /// A field of the request is missing or malformed.
    Malformed = "malformed",
    /// The request is larger than the limits allow.
    TooLarge = "too_large",
    /// The same request id was used for another command.
    RequestIdReused = "request_id_reused",
    /// There is no such record, or the caller may not know of it.
    NotFound = "not_found",
    /// The caller's role may not do this.
    NotAllowed = "not_allowed",
    /// Nobody decides on their own request.
    SecondPersonRequired = "second_person_required",
    /// The stream moved on since the caller read it.
    VersionConflict = "version_conflict",
    /// There is one already.
    AlreadyExists = "already_exists",
    /// The personal data on this ground were shredded.
    Shredded = "shredded",
    /// The case was opened without documentation: nothing personal may be written down.
    DocumentationRefused = "documentation_refused",
    /// Nothing personal is recorded before consent to record it.
    RecordConsentMissing = "record_consent_missing",
    /// Something that must be explained before consent was not.
    ExplanationIncomplete = "explanation_incomplete",
    /// The time given is past or absurd.
    TimeInvalid = "time_invalid",
    /// Nobody consents in place of an adult.
    SubstitutionNotAllowed = "substitution_not_allowed",
    /// The person who gave it cannot give it in this capacity.
    CapacityInvalid = "capacity_invalid",
    /// The caregiver's relationship was not checked.
    RelationshipNotChecked = "relationship_not_checked",
    /// Only the child-protection focal point decides this.
    ChildProtectionDecides = "child_protection_decides",
    /// The consent is not in force any more, or never was.
    ConsentNotInForce = "consent_not_in_force",
    /// Too late: its keys are being or have been destroyed.
    ShreddingStarted = "shredding_started",
    /// Not due yet.
    NotDue = "not_due",
    /// The exception covers more than the minimum, or nothing.
    ExceptionTooWide = "exception_too_wide",
    /// The exception was decided already.
    ExceptionDecided = "exception_decided",
    /// The service has ended.
    ServiceRetired = "service_retired",
    /// The service takes no referrals; a link can be given.
    ServiceTakesNoReferrals = "service_takes_no_referrals",
    /// The service was not assessed; only an emergency may go there.
    ServiceNotAssessed = "service_not_assessed",
    /// The service was assessed and found unsafe.
    ServiceRejected = "service_rejected",
    /// The organisation's file wants an agreement to share data, and none covers this now.
    AgreementMissing = "agreement_missing",
    /// The service does not need this data category.
    CategoryNotNeeded = "category_not_needed",
    /// Two items of the same category, or none at all.
    ItemsInvalid = "items_invalid",
    /// The referral is not in a state from which this can be done.
    ReferralState = "referral_state",
    /// What asking this recipient came to so far does not lead there.
    NoticeState = "notice_state",
    /// No consent or exception is in force for this referral.
    ConsentMissing = "consent_missing",
    /// The consent was withdrawn.
    ConsentWithdrawn = "consent_withdrawn",
    /// The consent has expired.
    ConsentExpired = "consent_expired",
    /// No ground covers this purpose.
    PurposeNotCovered = "purpose_not_covered",
    /// No ground covers this recipient.
    RecipientNotCovered = "recipient_not_covered",
    /// No ground covers this data category, or it is withheld.
    CategoryNotCovered = "category_not_covered",
    /// The child's own consent or assent is missing.
    ChildConsentMissing = "child_consent_missing",
    /// The caregiver's consent, or a best-interests decision, is missing.
    CaregiverConsentMissing = "caregiver_consent_missing",
    /// The exception must be authorised first, or its time is up.
    ExceptionNotAuthorised = "exception_not_authorised",
    /// Nobody agreed to these retention rules yet, or the clock was doubted since.
    RetentionNotApproved = "retention_not_approved",
    /// A legal hold keeps what is over.
    LegalHold = "legal_hold",
    /// Nothing would change.
    NothingToDo = "nothing_to_do",
    /// The ledger takes no writes now; nothing was done.
    Unavailable = "unavailable",
    /// The caller had data of as many people destroyed at once today as one person may.
    DestructionLimit = "destruction_limit",
    /// The ledger was restored from a copy, and withdrawals may be missing in it: nothing is sent.
    RestoredUnconfirmed = "restored_unconfirmed",
    /// The case was closed: the time that its record was kept for is over, and nothing is left.
    RecordEnded = "record_ended",
    /// The person came of age: what was agreed to before is asked for anew.
    CameOfAge = "came_of_age",
    /// The person's request is not at a step from which this can be done.
    RequestState = "request_state",
    /// Nobody has checked yet who is asking.
    IdentityUnchecked = "identity_unchecked",
    /// It is not clear that who asks is the person, or may ask for them.
    IdentityNotConfirmed = "identity_not_confirmed",
    /// The data protection officer has given no advice yet.
    AdviceMissing = "advice_missing",
    /// No copy for the person was made since the request came.
    CopyMissing = "copy_missing",
    /// No details of the person were put right since the request came.
    CorrectionMissing = "correction_missing",
    /// The person's data are restricted: kept, and not used.
    ProcessingRestricted = "processing_restricted",
    /// Figures of another cohort that shares a month with this one were published.
    FiguresOverlap = "figures_overlap",
    /// The complaint is not at a step from which this can be done.
    ComplaintState = "complaint_state",
    /// Training or code of conduct of who asks has lapsed: until it is renewed they record nobody.
    TrainingLapsed = "training_lapsed",
    /// The person did not accept who interpreted, or nobody vetted them.
    InterpreterNotAccepted = "interpreter_not_accepted",
    /// The person did not agree to be contacted like this.
    ContactNotSafe = "contact_not_safe",
    /// No such reporting procedure was prepared.
    ProcedureMissing = "procedure_missing",
    /// Nobody has assessed lately whether reporting by this procedure is safe.
    ProcedureNotAssessed = "procedure_not_assessed",
    /// It goes beyond what the procedure lets go, or elsewhere.
    ProcedureExceeded = "procedure_exceeded",
    /// Somebody is still to decide on the exception.
    ExceptionUndecided = "exception_undecided",
    /// The breach is not at a step from which this can be done.
    BreachState = "breach_state",
    /// A specialist is to be consulted before this is sent, or advised against it.
    SpecialistFirst = "specialist_first",
    /// Accompaniment, transport or interpreter do not stand where this leads on from.
    ArrangementState = "arrangement_state",
    /// The incoming referral is not at a step from which this can be done.
    IncomingState = "incoming_state",
    /// Who is to stand in lacks a role that the work needs, or is absent, too.
    DeputyUnsuitable = "deputy_unsuitable",
    /// The file was merged into another one of the same person: work goes on there.
    MergedCase = "merged_case",
    /// What is known of the two files says that they are two persons', or are not led by that one.
    NotTheSame = "not_the_same",
    /// The organisation's file does not switch this form on.
    InterviewOff = "interview_off",
    /// The organisation's file says no reason to ask this question.
    QuestionOff = "question_off",
    /// The answer does not fit the question, or it was answered twice.
    AnswerInvalid = "answer_invalid",
    /// The organisation is no member of the mechanism that determines, or was none on that day.
    BodyNotMandated = "body_not_mandated",
    /// The file is no packet that can be read: what of it is wrong is named.
    PacketUnreadable = "packet_unreadable",
    /// The passphrase or key does not open the packet.
    PacketPassphrase = "packet_passphrase",
    /// No ledger that the organisation's file names signed the packet.
    PacketSender = "packet_sender",
    /// The packet is for another organisation than the caller's.
    PacketRecipient = "packet_recipient",
    /// The packet was taken in before.
    PacketTaken = "packet_taken",
    /// The reply is to no packet of this referral, or the referral did not come in one.
    PacketOfAnother = "packet_of_another",
    /// What the reply says is recorded already.
    ReplyRecorded = "reply_recorded",
    /// The reply is older than what is recorded.
    ReplyOlder = "reply_older",
    /// What the reply says does not follow from where the referral stands.
    ReplyAgainst = "reply_against",
    /// Work on the case ended: nothing begins in it until it is opened again.
    CaseWorkClosed = "case_closed",
    /// A referral is under way, or an emergency was not signed off.
    ReferralOpen = "referral_open",
    /// An exception waits for a decision, for telling the person or for a review.
    ExceptionOpen = "exception_open",
    /// A person's request is not closed.
    RequestOpen = "request_open",
    /// A follow-up that was agreed was not made.
    FollowUpOwed = "follow_up_owed",
    /// A recipient is still to be told or asked.
    NoticeOwed = "notice_owed",
    /// Somebody is still to answer or to decide.
    DecisionOpen = "decision_open",
    /// Nobody followed up, and nobody said why not.
    FollowUpMissing = "follow_up_missing",
    /// What is said of the closing does not go together.
    ClosingInvalid = "closing_invalid",
    /// The files were offered together: all of them are taken, or none.
    HandoverWhole = "handover_whole",
    /// The person would pay for it, and nobody recorded that they were told.
    FeesNotTold = "fees_not_told",
    /// What they would pay is not what they were told, or what whoever told them was shown.
    FeesChanged = "fees_changed",
    /// Duplicates are not looked for at this moment: too many files, too often, or a search is
    /// under way.
    SearchLimit = "search_limit",
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A refusal, and the field or code it is about where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Which field, data category, state or explanation: a code or field name, never content.
    pub about: Option<String>,
}

impl Refused {
    /// A refusal about something named.
    pub fn about(refusal: Refusal, about: impl Into<String>) -> Self {
        Self {
            refusal,
            about: Some(about.into()),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            about: None,
        }
    }
}
