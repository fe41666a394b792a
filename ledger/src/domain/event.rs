//! Record parts of events: what happened, as ids and codes. Decisions and views fold from these
//! only.
//!
//! - Every field is classed *record* by its type: `record!` compiles only for types that implement
//!   [`RecordField`], and text about a person does not (SPEC §3).
//! - Variants are only ever added at the end; a changed one is a new variant (SPEC §3).

mod apart;
mod breach;
mod case;
mod children;
mod closing;
mod complaint;
mod consent;
mod copies;
mod counted;
mod deputy;
mod directory;
mod erasure;
mod exception;
mod figures;
mod handover;
mod incoming;
mod inquiry;
mod interview;
mod link;
mod mechanism;
mod merge;
mod organisation;
mod referral;
mod registers;
mod retention;
mod rights;
mod specialist;
mod staff;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::codes::*;
use super::ids::*;
use super::scope::Scope;
use crate::clock::Timestamp;

pub use super::class::RecordField;
use super::class::{classed, fields, record};
pub use super::record::*;
pub use apart::*;
pub use breach::*;
pub use case::*;
pub use children::*;
pub use closing::*;
pub use complaint::*;
pub use consent::*;
pub use copies::*;
pub use counted::*;
pub use deputy::*;
pub use directory::*;
pub use erasure::*;
pub use exception::*;
pub use figures::*;
pub use handover::*;
pub use incoming::*;
pub use inquiry::*;
pub use interview::*;
pub use link::*;
pub use mechanism::*;
pub use merge::*;
pub use organisation::*;
pub use referral::*;
pub use registers::*;
pub use retention::*;
pub use rights::*;
pub use specialist::*;
pub use staff::*;

record! {
    // The ledger's own stream.

    /// The ledger began, under this policy table.
    LedgerCreated;
    /// Another policy table came into force.
    PolicyInstalled;
    /// Information about services was given; nobody is recorded (MISSION A1).
    LinkGiven;
    /// Somebody did not want to be recorded (MISSION A2): a count, no actor, a day.
    RecordRefused;
    /// A need that no service meets (MISSION A5).
    NeedUnmet;

    // Staff.

    /// A member of staff joined. Name and contact are personal parts.
    StaffRegistered;
    /// A role was given.
    RoleGranted;
    /// A role was taken.
    RoleRevoked;
    /// A bearer token was issued; only its hash is known here.
    TokenIssued;
    /// A token stopped working.
    TokenRevoked;

    // Directory entries.

    /// A service came into the directory.
    ServiceRegistered;
    /// An entry was corrected or confirmed.
    ServiceUpdated;
    /// A service was assessed (MISSION D2).
    ServiceAssessed;
    /// A service ended.
    ServiceRetired;

    // Cases.

    /// A case was opened, with the person's consent to record it.
    CaseOpened;
    /// A further person was added, or the client's own details; they are personal parts.
    PersonAdded;
    /// Consent was given.
    ConsentGiven {
        /// Which consent.
        consent: ConsentId,
        /// Whose data it is about.
        person: PersonId,
        /// Who gave it; the staff member's own person id for a best-interests decision.
        given_by: PersonId,
        /// In which capacity.
        capacity: Capacity,
        /// What it covers.
        scope: Scope,
        /// How it was expressed.
        form: ConsentForm,
        /// What was explained.
        explained: BTreeSet<Explained>,
        /// Who interpreted.
        interpreter: Option<Interpreter>,
        /// When it ends by itself.
        expires: Option<Timestamp>,
    }
    /// A particular consent was refused.
    ConsentRefused {
        /// Whose data it was about.
        person: PersonId,
        /// What was refused.
        scope: Scope,
    }
    /// Consent was withdrawn, whole or in part; what it held alone is fenced with this event.
    ConsentWithdrawn {
        /// Which.
        consent: ConsentId,
        /// What was taken out of the scope; none means all of it.
        part: Option<Scope>,
        /// When the keys are to be destroyed; none for a part that held nothing written.
        shred_due: Option<Timestamp>,
    }
    /// A withdrawal was taken back before anything was destroyed.
    WithdrawalUndone {
        /// Which consent lives again.
        consent: ConsentId,
    }
    /// A consent reached its end; its keys are fenced with this event.
    ConsentExpired {
        /// Which.
        consent: ConsentId,
        /// When the keys are to be destroyed.
        shred_due: Timestamp,
    }
    /// An exception to confidentiality was used (MISSION B5).
    ExceptionInvoked;
    /// A second person confirmed the exception.
    ExceptionAuthorised;
    /// A second person did not confirm it; its keys are fenced with this event.
    ExceptionRejected;
    /// A referral was drafted. Its content is personal parts, one per category.
    ReferralDrafted;
    /// A returned draft was written again; its content is personal parts.
    ReferralRevised;
    /// A focal point sent the draft back.
    ReferralReturned;
    /// A focal point signed the draft off (MISSION C2).
    ReferralReviewed;
    /// The referral went to the service. Never without a covering ground (MISSION B7).
    ReferralSent;
    /// The service confirmed receipt.
    ReferralReceived;
    /// The service accepted.
    ReferralAccepted;
    /// The service did not accept.
    ReferralNotAccepted;
    /// The help was given.
    ReferralCompleted;
    /// The help was not given.
    ReferralNotCompleted;
    /// The sender recalled it.
    ReferralRecalled;
    /// It stopped because its ground ended; the recipient is asked to stop, return or destroy.
    ReferralStopped;
    /// A referral that the person agreed to without documentation (MISSION A6).
    ReferralAttested;
    /// Somebody followed up.
    FollowUpRecorded;
    /// A disclosure that already happened (MISSION C9).
    DisclosureRecorded {
        /// Which.
        disclosure: DisclosureId,
        /// To whom.
        recipient: OrganisationId,
        /// Which data.
        categories: BTreeSet<DataCategory>,
        /// How.
        channel: Channel,
        /// The grounds that covered it; none makes it an incident to be reviewed.
        basis: Vec<GroundId>,
        /// Whether it is such an incident.
        incident: bool,
    }
    /// Personal data were opened (MISSION E6, F4).
    PersonalDataSeen {
        /// What of.
        target: ViewTarget,
        /// What for.
        purpose: ViewPurpose,
    }
    /// Somebody was put in charge of the case.
    StaffAssigned;
    /// Somebody no longer works on the case.
    StaffUnassigned;
    /// Keys of these leaves are being destroyed; nothing can be undone from here on.
    ShredStarted;
    /// The keys are gone: what rested on them alone is unreadable to everyone.
    Shredded;
    /// A rotation of the key tree ended, on the ledger's own stream: counts only.
    KeysRotated;
    /// A mirror has a say from here on: no root is destroyed before it has the new key records.
    MirrorAttached;
    /// A mirror has no say any more, whatever it still holds.
    MirrorDetached;
    /// A certificate of an erasure was issued; its digest stands in a clear segment beside.
    ErasureCertified;
    /// What the destroyed keys had opened is zeros in every file of the ledger, and in every
    /// attached mirror but those named. On the ledger's own stream: the sum of a round, without
    /// keys.
    CiphertextCut;

    // Roles and tokens that need two persons.

    /// A role was asked for that only a second person may give.
    RoleAsked;
    /// A second person did not give a role that was asked for.
    RoleRejected { #[doc = "Which."] role: Role, }
    /// A token was made that works once a second person agrees; only its hash is known here.
    TokenAsked;
    /// A second person did not agree to a token; it never works.
    TokenRejected;
    /// A name of a member of staff was opened (MISSION E6, F4).
    StaffSeen {}
    /// The ledger goes on from a copy, under another name: what lies between may be lost.
    Restored;
    /// An exception ended by itself: nobody confirmed it in time, or its time is up. Its keys are
    /// fenced with this event.
    ExceptionLapsed;
    /// A recipient was to be asked, was asked, or answered what it did with the data (MISSION E5).
    NoticeRecorded {
        /// What it was given.
        given: Given,
        /// Where asking it stands.
        state: NoticeState,
        /// What it says it did, once it confirmed.
        outcome: Option<NoticeOutcome>,
        /// How it was asked, or answered.
        channel: Channel,
    }
    /// Another holder of the vault took the place of a lost one; a fresh root follows.
    HolderReplaced { #[doc = "Which, by its number from 1."] holder: u32, }
    /// A legal hold was placed: retention rules destroy nothing that it covers.
    HoldPlaced;
    /// A legal hold was ended before its day.
    HoldReleased;
    /// A hold kept data that are over by the rules; told once for each hold.
    RetentionHeld;
    /// A consent's data are over by the retention rules; its keys are fenced with this event.
    RetentionApplied;
    /// Other retention rules came into force.
    RetentionInstalled;
    /// Somebody asked for a sweep by hand.
    SweepRequested;
    /// A second person agreed to it; once it has run, the rules are applied by night, too.
    SweepApproved;
    /// A sweep ended; the keys of its cases go in one rotation, as far as there is room in one.
    SweepDone;
    /// The clock was not believed: the rules are not applied until two persons agree to a sweep.
    ClockDoubted;
    /// Somebody wants to end a mirror's say; a second person decides.
    MirrorDetachAsked;
    /// A second person left a mirror its say.
    MirrorDetachRejected;
    /// What may be lost of withdrawals since a restored copy was entered again: sending goes on.
    WithdrawalsConfirmed;
    /// The ledger has an anchor, or another one.
    AnchorSet;
    /// The retention of a stream's record ended: its record leaf is fenced with this event and
    /// destroyed next. On the ledger's own stream; no case is named, so that nothing leads back.
    StreamClosed;
    /// Somebody wants dead ciphertext cut out before its time.
    CuttingAsked { #[doc = "Of so many days ago, or earlier."] after_days: u32, }
    /// Another organisation's file came into force.
    OrganisationInstalled;
    /// The age of the person that the case is about was assessed, and who is with them.
    AgeAssessed;
    /// The child-protection focal point decided in a child's best interests.
    BestInterestsDecided;
    /// A person asked for something about their data; the clock runs.
    RequestReceived;
    /// It was checked who is asking: an outcome, no papers.
    RequestIdentityChecked;
    /// A request takes longer.
    RequestExtended;
    /// The data protection officer gave advice.
    RequestAdvised;
    /// The controller's delegate decided.
    RequestDecided;
    /// What was granted was done. The withdrawals that a deletion comes to follow at once.
    RequestCarriedOut;
    /// A request ended, and the person was told, or not.
    RequestClosed;
    /// A restriction ended: the data may be used again.
    RestrictionLifted;
    /// Details of a person were put right; they are personal parts, and take the place of those
    /// before.
    PersonCorrected;
    /// A backup came onto the ledger's list, or knows of more destructions than before.
    BackupListed;
    /// A backup was struck off the list.
    BackupStruckOff;
    /// Figures of a cohort were published, once and for all.
    FiguresPublished;
    /// A sweep that nobody agreed to yet was taken back.
    SweepWithdrawn;
    /// Somebody wants to end a hold before its day; a second person decides.
    HoldReleaseAsked;
    /// A second person left a hold in force.
    HoldReleaseRejected;
    /// The name of a member of staff who left is over by the retention rules; its key is fenced
    /// with this event.
    StaffNameEnded;
    /// The person does not want a referral any more.
    ReferralCancelled;
    /// The sender asked for a referral back that was sent.
    RecallAsked;
    /// The recipient of a referral that was asked back says what became of it.
    RecallAnswered;
    /// What two services tell each other of a referral was agreed when it was sent.
    FollowUpAgreed;
    /// A service said whether it has places.
    PlacesReported;
    /// Somebody gave feedback, or complained.
    ComplaintReceived;
    /// Whoever complained was told that it came, or cannot be told.
    ComplaintAcknowledged;
    /// A complaint was answered.
    ComplaintAnswered;
    /// The words of a complaint were opened.
    ComplaintSeen;
    /// A member of staff was trained, or signed the code of conduct.
    TrainingRecorded;
    /// A case was offered to a colleague.
    HandoverOffered;
    /// The colleague took it.
    HandoverTaken;
    /// The colleague did not take it, or the offer was taken back.
    HandoverDeclined;
    /// A consent was given anew before its time was up, or while it could still be given back.
    ConsentRenewed;
    /// A person agreed how they may be contacted; what was agreed before is over.
    ContactAgreed;
    /// An organisation's place in the referral mechanism, as it is now.
    MemberRecorded;
    /// What was agreed with a member, as it is now.
    AgreementRecorded;
    /// A pathway, as it is now.
    PathwayRecorded;
    /// Nobody goes by a pathway any more.
    PathwayRetired;
    /// What an exception is held to: by which procedure, by when reported and looked at.
    ExceptionTermsSet;
    /// The person was told of an exception, or it was said why not.
    ToldOfException;
    /// A third person looked at an exception afterwards.
    ExceptionReviewed;
    /// Somebody whose training lapsed acted on a legal mandate that a second person authorised.
    ReportedWhileLapsed;
    /// Somebody reported that something happened to data.
    BreachReported;
    /// A breach was assessed, or assessed anew.
    BreachAssessed;
    /// An authority was notified of a breach, or told more.
    BreachNotified;
    /// People were told of a breach of their data.
    BreachTold;
    /// It was decided that people are not told of a breach.
    BreachWithheld;
    /// Somebody else than who assessed a breach closed it.
    BreachClosed;
    /// The words about a breach were opened.
    BreachSeen;
    /// Somebody looked up who could have been affected by a breach.
    BreachTraced;
    /// How a person was told of what was done just before about their request.
    PersonToldBy;
    /// A recipient is to be told of data put right, restricted or released; was told, answered.
    RecipientNotified;
    /// Something is suspected in a case that a specialist is consulted about.
    ConcernRaised;
    /// A specialist was consulted about a referral before it is sent.
    SpecialistConsulted;
    /// The specialist says whether they advised so.
    ConsultationConfirmed;
    /// A service was asked, without personal data.
    ServiceAsked;
    /// A service answered, itself or through who asked.
    ServiceAnswered;
    /// Accompaniment, transport or an interpreter: offered, wanted or not, arranged, done.
    ArrangementRecorded;
    /// A referral came in from outside.
    IncomingReceived;
    /// Somebody looked at an incoming referral.
    IncomingAssessed;
    /// An incoming referral was decided on.
    IncomingDecided;
    /// The sender of an incoming referral was answered, or cannot be.
    IncomingAnswered;
    /// The person of an incoming referral was met and has a case.
    IncomingTakenUp;
    /// A case came from an incoming referral. On the case's stream.
    CaseCameFrom;
    /// Somebody asked that a colleague stand in for somebody absent.
    DeputyAsked;
    /// A colleague stands in for somebody absent.
    DeputyNamed;
    /// A second person did not agree that they stand in.
    DeputyRejected;
    /// Somebody stands in no more, before the last day.
    DeputyEnded;
    /// Two files of a family were linked; both sides agreed.
    FilesLinked;
    /// Somebody says that two files are one person's.
    MergeAsked;
    /// Two files count as one person's.
    CasesMerged;
    /// They were not merged.
    MergeRejected;
    /// They are two again.
    CasesUnmerged;
    /// Somebody was interviewed, or an interview was put right.
    InterviewRecorded;
    /// A member of staff decided on a person's profile.
    ProfileRecorded;
    /// Staff were told what a mandated body determined.
    DeterminationRecorded;
    /// The words of a complaint, or about a breach, are over by the retention rules.
    WordsEnded;
    /// What stands apart from cases is kept from the retention rules.
    EndHeld;
    /// An incoming referral came in a packet of another ledger.
    PacketTaken;
    /// A referral was attested in an emergency, before a specialist was asked.
    AttestedInEmergency;
    /// Work on a case ended: nothing waits in it.
    CaseWorkClosed;
    /// Work on a case goes on.
    CaseReopened;
    /// Which files are offered together.
    HandoverTied;
    /// What a service costs.
    ServiceFeesSet;
    /// The person was told what they would pay.
    FeesTold;
    /// Files that may be of the same person as this one were looked for.
    DuplicatesSought;
}
