//! Closed vocabularies: every code that a record part may hold (words of MISSION and its sources).
//!
//! Codes say what was decided, by which rule. What a person *is* or *needs* is in `personal.rs`.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every code of this vocabulary, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable word for this code, as it stands in exports, tables and the CLI.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The code that a word stands for.
            pub fn from_code(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    )*};
}

mod breach;
mod children;
mod closing;
mod complaint;
mod consent;
mod directory;
mod exception;
mod family;
mod incoming;
mod inquiry;
mod interview;
mod referral;
mod registers;
mod rights;
mod specialist;

pub use breach::*;
pub use children::*;
pub use closing::*;
pub use complaint::*;
pub use consent::*;
pub use directory::*;
pub use exception::*;
pub use family::*;
pub use incoming::*;
pub use inquiry::*;
pub use interview::*;
pub use referral::*;
pub use registers::*;
pub use rights::*;
pub use specialist::*;

codes! {
    /// What a caller may be allowed to do (MISSION "Who uses it").
    Role {
        /// Front-line staff and volunteers.
        FrontLine = "front_line",
        /// Focal points: review, send, follow up.
        FocalPoint = "focal_point",
        /// The child-protection focal point.
        ChildProtection = "child_protection",
        /// A partner that receives referrals.
        ServiceProvider = "service_provider",
        /// Data protection officer.
        DataProtectionOfficer = "data_protection_officer",
        /// Auditor: decisions and proofs, no names.
        Auditor = "auditor",
        /// Coordinator of the mechanism: directory, members.
        Coordinator = "coordinator",
        /// Administrator: staff, roles, tokens; no cases.
        Administrator = "administrator",
        /// The controller's delegate: decides on requests about data; no names (MISSION E3).
        ControllerDelegate = "controller_delegate",
        /// Safeguarding focal point: complaints about exploitation and abuse; no cases (C6).
        Safeguarding = "safeguarding",
    }

    /// What data may be used for (MISSION B1, B10: each needs consent of its own).
    Purpose {
        /// To keep a record of the case.
        Record = "record",
        /// To refer the person to a service.
        Referral = "referral",
        /// To contact the person afterwards.
        FollowUp = "follow_up",
        /// To ask the service how it went.
        Feedback = "feedback",
        /// Anonymous statistics.
        Statistics = "statistics",
    }

    /// What kinds of personal data a form may hold (MISSION A3).
    DataCategory {
        /// Name and other identifiers.
        Identity = "identity",
        /// Ways to reach the person.
        Contact = "contact",
        /// Age or birth date.
        Age = "age",
        /// Sex or gender.
        Gender = "gender",
        /// Languages spoken.
        Language = "language",
        /// Nationality or legal status.
        LegalStatus = "legal_status",
        /// Who belongs to the person, caregiver included.
        Family = "family",
        /// Where the person stays.
        Place = "place",
        /// What the person asks for.
        Needs = "needs",
        /// Health, mental health included.
        Health = "health",
        /// Disability and support wanted.
        Disability = "disability",
        /// Protection concern; never details of an incident (MISSION C10).
        Protection = "protection",
        /// Schooling.
        Education = "education",
        /// Work and skills.
        Employment = "employment",
    }

    /// Adult, minor or not known; in doubt a child (MISSION B3).
    AgeGroup {
        /// Eighteen or over.
        Adult = "adult",
        /// Under eighteen.
        Minor = "minor",
        /// In doubt: treated as a minor.
        Unknown = "unknown",
    }

    /// Who may see a case (MISSION C10, E6).
    Sensitivity {
        /// Staff of the organisation with a role in it.
        Standard = "standard",
        /// Only who is assigned, from the first draft on.
        Restricted = "restricted",
    }

    /// How much the person agreed to have written down (MISSION A6).
    Documentation {
        /// A case file.
        Full = "full",
        /// Code, service and the staff member's attestation only.
        AttestationOnly = "attestation_only",
    }

    /// Who a further person in a case is.
    PersonRole {
        /// The person the case is about.
        Client = "client",
        /// A caregiver of a minor.
        Caregiver = "caregiver",
        /// A legal guardian.
        Guardian = "guardian",
        /// A vetted interpreter.
        Interpreter = "interpreter",
        /// Somebody the person trusts and wants present.
        TrustedPerson = "trusted_person",
    }

    /// In which capacity a consent was given (MISSION B3).
    Capacity {
        /// By the person, an adult or a minor able to consent.
        Own = "own",
        /// A minor's assent, by age and maturity.
        Assent = "assent",
        /// By a caregiver whose relationship was checked.
        Caregiver = "caregiver",
        /// By a legal guardian.
        Guardian = "guardian",
        /// A best-interests decision by the child-protection focal point.
        BestInterests = "best_interests",
    }

    /// How consent was expressed (MISSION B2). Images of marks are never stored.
    ConsentForm {
        /// Spoken.
        Oral = "oral",
        /// Signed on paper.
        Written = "written",
        /// A thumbprint on paper.
        Thumbprint = "thumbprint",
        /// An "X" on paper.
        Mark = "mark",
        /// Attested by whoever took it, where a paper is a danger.
        Attested = "attested",
    }

    /// What was explained before consent was asked for (MISSION B2).
    Explained {
        /// What can be done, and the choice not to.
        Options = "options",
        /// Where the referral goes and to whom.
        Recipient = "recipient",
        /// What the service costs.
        Fees = "fees",
        /// What may go wrong.
        Risks = "risks",
        /// When confidentiality ends.
        ConfidentialityLimits = "confidentiality_limits",
        /// That refusing has no consequence.
        RightToRefuse = "right_to_refuse",
        /// That consent can be withdrawn at any time.
        RightToWithdraw = "right_to_withdraw",
        /// That it can be decided later.
        DecideLater = "decide_later",
        /// That nothing may be asked in exchange, and how to complain.
        Complaints = "complaints",
    }

    /// Why somebody did not consent to a record; nobody is asked (MISSION A2).
    RefusalReason {
        /// Said: does not trust how data are kept.
        Distrust = "distrust",
        /// Said: afraid of consequences.
        Fear = "fear",
        /// Said: does not want this help.
        NotWanted = "not_wanted",
        /// Said: will decide later.
        Later = "later",
        /// Said: something else.
        Other = "other",
    }

    /// The two exceptions to confidentiality (MISSION B5).
    ExceptionKind {
        /// The person poses a serious immediate risk to self or others.
        ImmediateRisk = "immediate_risk",
        /// A law obliges to report.
        LegalMandate = "legal_mandate",
    }

    /// Why an exception was used.
    ExceptionReason {
        /// Serious risk to the person's own life.
        RiskToSelf = "risk_to_self",
        /// Serious risk to somebody else.
        RiskToOthers = "risk_to_others",
        /// The person cannot respond and needs urgent care (MISSION B4, C12).
        CannotRespond = "cannot_respond",
        /// Mandatory reporting, by a prepared and safety-assessed procedure.
        MandatoryReport = "mandatory_report",
    }

    /// How quickly a referral must move (MISSION C4).
    Urgency {
        /// Within hours.
        Emergency = "emergency",
        /// Within days.
        Urgent = "urgent",
        /// Within weeks.
        Routine = "routine",
    }

    /// How a referral or answer travelled (MISSION C3).
    Channel {
        /// Through this system.
        Portal = "portal",
        /// By encrypted e-mail.
        Email = "email",
        /// By phone.
        Phone = "phone",
        /// In person.
        InPerson = "in_person",
        /// On paper.
        Paper = "paper",
        /// By the service's own application form.
        Application = "application",
    }

    /// Where a referral stands (MISSION C1).
    ReferralState {
        /// Being written.
        Draft = "draft",
        /// Sent back for correction.
        Returned = "returned",
        /// Signed off by a focal point.
        Reviewed = "reviewed",
        /// Sent to the service.
        Sent = "sent",
        /// The service confirmed receipt.
        Received = "received",
        /// The service accepted.
        Accepted = "accepted",
        /// The service did not accept.
        NotAccepted = "not_accepted",
        /// The help was given.
        Completed = "completed",
        /// The help ended without being given.
        NotCompleted = "not_completed",
        /// Recalled by the sender.
        Recalled = "recalled",
        /// Stopped because its ground was withdrawn.
        Stopped = "stopped",
        /// The sender asked for it back; the recipient has not answered yet.
        RecallAsked = "recall_asked",
        /// The person does not want it any more.
        Cancelled = "cancelled",
    }

    /// Why a referral was returned, not accepted, not completed or recalled.
    ReferralReason {
        /// The person does not meet the conditions.
        NotEligible = "not_eligible",
        /// The service is full.
        NoCapacity = "no_capacity",
        /// The wait is too long.
        WaitTooLong = "wait_too_long",
        /// The service no longer exists.
        Discontinued = "discontinued",
        /// Another service is meant.
        WrongService = "wrong_service",
        /// The person could not be reached.
        CouldNotContact = "could_not_contact",
        /// The person did not come.
        NoShow = "no_show",
        /// The person declined.
        DeclinedByPerson = "declined_by_person",
        /// Going on would be unsafe.
        Unsafe = "unsafe",
        /// Already referred.
        Duplicate = "duplicate",
        /// Outside the service's area.
        OutsideArea = "outside_area",
        /// The form is not complete.
        IncompleteForm = "incomplete_form",
        /// The person withdrew consent.
        ConsentWithdrawn = "consent_withdrawn",
        /// Something else.
        Other = "other",
    }

    /// Why a mirror has no say any more.
    DetachReason {
        /// The medium is gone, or does not come back.
        Lost = "lost",
        /// Somebody took it.
        Stolen = "stolen",
        /// It is damaged.
        Damaged = "damaged",
        /// Another one takes its place.
        Replaced = "replaced",
    }

    /// Why a ledger has an anchor, or another one than before.
    AnchorReason {
        /// It had none.
        First = "first",
        /// The file is gone for good.
        Lost = "lost",
        /// It lies elsewhere from now on.
        Moved = "moved",
        /// The ledger was restored, and may be behind it.
        Restored = "restored",
    }

    /// What came of a follow-up (MISSION C4, B10).
    FollowUpOutcome {
        /// Answered.
        Answered = "answered",
        /// Not answered.
        NoAnswer = "no_answer",
        /// Not attempted because contact would be unsafe.
        NotToldUnsafe = "not_told_unsafe",
        /// Somebody else answered, or a message was left, in the words agreed.
        MessageLeft = "message_left",
    }

    /// Where asking a recipient to stop using data, or to return or destroy them, stands (MISSION
    /// E5).
    NoticeState {
        /// Still to be asked.
        Planned = "planned",
        /// Asked.
        Sent = "sent",
        /// The recipient says what it did.
        Confirmed = "confirmed",
        /// The recipient refuses, does not answer, or could not be reached.
        Failed = "failed",
        /// The recipient no longer exists, or cannot do it any more.
        Impossible = "impossible",
    }

    /// What a recipient says it did with the data that it was given.
    NoticeOutcome {
        /// Uses them no more.
        Stopped = "stopped",
        /// Gave them back.
        Returned = "returned",
        /// Destroyed them.
        Destroyed = "destroyed",
        /// Put them right.
        Corrected = "corrected",
        /// Keeps them and does not use them.
        Restricted = "restricted",
        /// Uses them again.
        Released = "released",
    }

    /// Whether a service was assessed (MISSION D2).
    Assessment {
        /// Not assessed: may be linked; referred to only in emergencies.
        NotAssessed = "not_assessed",
        /// Assessed and found safe to refer to.
        Approved = "approved",
        /// Assessed and found unsafe.
        Rejected = "rejected",
    }

    /// Kinds of recipients (MISSION B9).
    RecipientClass {
        /// A service provider.
        Service = "service",
        /// Asylum authority.
        AsylumAuthority = "asylum_authority",
        /// Law enforcement.
        LawEnforcement = "law_enforcement",
        /// Officials of the State of origin.
        StateOfOrigin = "state_of_origin",
        /// Immigration authority.
        ImmigrationAuthority = "immigration_authority",
    }

    /// What a person asked for that no service meets (MISSION A5): counted without a person.
    Need {
        /// Food, water, household items.
        Basic = "basic",
        /// Shelter.
        Shelter = "shelter",
        /// Health care.
        Health = "health",
        /// Mental health and psychosocial support.
        MentalHealth = "mental_health",
        /// Protection, child protection and SGBV services included.
        Protection = "protection",
        /// Legal help.
        Legal = "legal",
        /// Schooling.
        Education = "education",
        /// Work.
        Livelihood = "livelihood",
        /// Tracing of family members.
        FamilyLinks = "family_links",
        /// Cash and vouchers.
        Cash = "cash",
        /// Something else.
        Other = "other",
    }

    /// Why somebody looks at personal data (MISSION E6).
    ViewPurpose {
        /// To work on the case.
        CaseWork = "case_work",
        /// To review a referral before it goes.
        Review = "review",
        /// To act on a referral received.
        Service = "service",
        /// Urgent care (MISSION C12).
        Emergency = "emergency",
        /// A copy for the person.
        CopyForPerson = "copy_for_person",
        /// To hand a referral that was sent to its recipient in an encrypted file (MISSION C3).
        Packet = "packet",
    }

    /// Why data are held against the retention rules.
    HoldReason {
        /// A court or an authority ordered it.
        LegalOrder = "legal_order",
        /// A claim is brought or defended.
        LegalClaim = "legal_claim",
        /// A complaint is looked into (MISSION C6).
        Complaint = "complaint",
        /// An incident is looked into.
        Investigation = "investigation",
        /// An audit is under way.
        Audit = "audit",
    }
}
