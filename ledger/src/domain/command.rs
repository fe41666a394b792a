//! Commands: what a caller asks for, in the imperative. Parsed at the edge; never validated again.

use std::collections::BTreeSet;

use serde::Serialize;

use super::class::commands;
use super::codes::*;
use super::event::{NeedUnmet, ViewTarget};
use super::exception::ProcedureId;
use super::figures::FiguresMade;
use super::ids::*;
use super::personal::{Identity, Item, Text};
use super::scope::Scope;
use crate::clock::Timestamp;

pub use super::apart::{Apart, HoldingApart};
pub use super::breach::{
    AssessingBreach, NotifyingBreach, ReportingBreach, TellingBreach, TracingBreach,
};
pub use super::closing::{ClosingWork, Reopening};
pub use super::complaint::{AnsweringComplaint, Complaining};
pub use super::contact::{Agreeing, FollowingUp};
pub use super::deputy::{DecidingDeputy, NamingDeputy};
pub use super::directory::{Assessing, Listing, ReportingPlaces};
pub use super::exception::{Reviewing, Telling, TellingOf};
pub use super::fees::TellingFees;
pub use super::incoming::*;
pub use super::inquiry::{AnsweringInquiry, Arranging, AskingService};
pub use super::interview::{Determining, Interviewing, Profiling};
pub use super::link::Linking;
pub use super::mechanism::{RecordingAgreement, RecordingMember, WritingPathway};
pub use super::merge::{Merging, Seeking};
pub use super::notices::Noticing;
pub use super::referral::*;
pub use super::registers::*;
pub use super::request::*;
pub use super::rights::*;
pub use super::specialist::{Confirming, Consulting, RaisingConcern};

commands! {
    /// Count that information was given.
    GiveLink { #[doc = "Services pointed to."] services: Vec<ServiceId>, }
    /// Count that somebody did not want to be recorded.
    RefuseRecord { #[doc = "What was said, if anything."] reason: Option<RefusalReason>, }
    /// Count a need that no service meets.
    NoteUnmetNeed { /** The need, and as far as said where and of whom. */ unmet: NeedUnmet, }
    /// Register a member of staff.
    RegisterStaff {
        /// Who; a fresh id chosen by the caller.
        staff: StaffId,
        /// Of which organisation.
        organisation: OrganisationId,
        /// Name and contact.
        name: Text,
        /// First roles.
        roles: BTreeSet<Role>,
    }
    /// Give a role.
    GrantRole { #[doc = "To whom."] staff: StaffId, #[doc = "Which."] role: Role, }
    /// Take a role.
    RevokeRole { #[doc = "From whom."] staff: StaffId, #[doc = "Which."] role: Role, }
    /// Issue a bearer token that the caller made; only its hash is given here.
    IssueToken {
        #[doc = "For whom."] staff: StaffId, #[doc = "SHA-256 of the token."] digest: [u8; 32],
        #[doc = "When it stops working."] expires: Timestamp,
    }
    /// Stop a token.
    RevokeToken { #[doc = "Whose."] staff: StaffId, #[doc = "Which."] token: TokenId, }
    /// Bring a service into the directory.
    RegisterService(Listing)
    /// Correct or confirm an entry.
    UpdateService(Listing)
    /// Record an assessment.
    AssessService(Assessing)
    /// End a service.
    RetireService { #[doc = "Which."] service: ServiceId, }
    /// Open a case with the person's consent to record it.
    OpenCase {
        /// The client's details; none where documentation was refused (A6).
        identity: Option<Identity>,
        /// Adult, minor or not known.
        age_group: AgeGroup,
        /// Who may see it.
        sensitivity: Sensitivity,
        /// Consent to record; none where documentation was refused.
        consent: Option<ConsentTaken>,
        /// Data categories that may be recorded.
        categories: BTreeSet<DataCategory>,
    }
    /// Add a further person, with that person's consent to be recorded.
    AddPerson {
        /// In which case.
        case: CaseId,
        /// As what.
        role: PersonRole,
        /// Whether the relationship to the minor was checked.
        relationship_checked: bool,
        /// Their details.
        identity: Identity,
        /// Their own consent to be recorded.
        consent: ConsentTaken,
    }
    /// Record a consent.
    GiveConsent {
        /// In which case.
        case: CaseId,
        /// Whose data.
        person: PersonId,
        /// Who gave it; none for a best-interests decision.
        given_by: Option<PersonId>,
        /// What it covers.
        scope: Scope,
        /// How it was taken.
        consent: ConsentTaken,
    }
    /// Record that a particular consent was refused.
    RefuseConsent {
        /// In which case.
        case: CaseId,
        /// Whose data.
        person: PersonId,
        /// What was refused.
        scope: Scope,
    }
    /// Withdraw a consent, or all of a person's.
    WithdrawConsent {
        /// In which case.
        case: CaseId,
        /// Whose; the client if not said.
        person: Option<PersonId>,
        /// Which; all that are in force if not said.
        consent: Option<ConsentId>,
        /// Only this part of it.
        part: Option<Scope>,
        /// When the keys are destroyed.
        shred: ShredWish,
    }
    /// Take a withdrawal back before anything was destroyed.
    UndoWithdrawal {
        #[doc = "In which case."] case: CaseId, #[doc = "Which consent."] consent: ConsentId,
    }
    /// Fence a consent whose time is up (the ledger itself does).
    ExpireConsent { #[doc = "In which case."] case: CaseId, #[doc = "Which."] consent: ConsentId, }
    /// Fence an exception that lapsed (the ledger itself does).
    LapseException {
        /// In which case.
        case: CaseId,
        /// Which.
        exception: ExceptionId,
    }
    /// Start destroying the keys that are due (the ledger itself does).
    ShredDue { #[doc = "In which case."] case: CaseId, }
    /// Use an exception to confidentiality.
    InvokeException {
        /// In which case.
        case: CaseId,
        /// Which of the two.
        kind: ExceptionKind,
        /// Why.
        reason: ExceptionReason,
        /// What it covers.
        scope: Scope,
        /// Whether the person was told, and how; none if that is to be said later.
        told: Option<Telling>,
        /// The prepared procedure that a report goes by.
        procedure: Option<ProcedureId>,
        /// The reasons in words.
        note: Text,
    }
    /// Confirm an exception that somebody else used, or not.
    DecideException {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] exception: ExceptionId,
        #[doc = "Confirmed or not."] confirm: bool,
    }
    /// Draft a referral.
    DraftReferral {
        /// In which case.
        case: CaseId,
        /// To which service.
        service: ServiceId,
        /// How quickly.
        urgency: Urgency,
        /// The ground its content rests on; the record's own if not said.
        ground: Option<GroundId>,
        /// The content, one item per category.
        items: Vec<Item>,
        /// The referral that this one follows.
        follows: Option<ReferralId>,
    }
    /// Write a draft again.
    ReviseReferral {
        /// In which case.
        case: CaseId,
        /// Which.
        referral: ReferralId,
        /// The ground its content rests on; the record's own if not said.
        ground: Option<GroundId>,
        /// The content now.
        items: Vec<Item>,
    }
    /// Send a draft back for correction.
    ReturnReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
        #[doc = "Why."] reason: ReferralReason,
    }
    /// Sign a draft off.
    ReviewReferral {
        /// In which case.
        case: CaseId,
        /// Which.
        referral: ReferralId,
        /// Read back to the person.
        read_back: bool,
        /// A copy was given, as far as safe.
        copy_given: bool,
    }
    /// Send a referral.
    SendReferral {
        /// In which case.
        case: CaseId,
        /// Which.
        referral: ReferralId,
        /// How.
        channel: Channel,
        /// What is agreed for following up, if anything.
        follow_up: Option<FollowUpContract>,
    }
    /// Confirm receipt.
    ReceiveReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
    }
    /// Accept.
    AcceptReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
    }
    /// Do not accept.
    DeclineReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
        #[doc = "Why."] reason: ReferralReason,
    }
    /// The help was given.
    CompleteReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
    }
    /// The help was not given.
    FailReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
        #[doc = "Why."] reason: ReferralReason,
    }
    /// Recall.
    RecallReferral {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] referral: ReferralId,
        #[doc = "Why."] reason: ReferralReason,
    }
    /// Attest a referral without documentation (A6).
    AttestReferral {
        /// In which case.
        case: CaseId,
        /// To which service.
        service: ServiceId,
        /// The person agreed.
        agreed: bool,
        /// How urgent it is: an emergency waits for no specialist.
        urgency: Urgency,
    }
    /// Record a follow-up.
    RecordFollowUp(FollowingUp)
    /// Record a disclosure that already happened.
    RecordDisclosure {
        /// In which case.
        case: CaseId,
        /// To whom.
        recipient: OrganisationId,
        /// Which data.
        categories: BTreeSet<DataCategory>,
        /// How.
        channel: Channel,
    }
    /// Open personal data of a case or a referral.
    ViewPersonalData {
        /// In which case.
        case: CaseId,
        /// What of.
        target: ViewTarget,
        /// What for.
        purpose: ViewPurpose,
    }
    /// Put somebody in charge.
    AssignStaff { #[doc = "Of which case."] case: CaseId, #[doc = "Whom."] staff: StaffId, }
    /// Take somebody off.
    UnassignStaff { #[doc = "Of which case."] case: CaseId, #[doc = "Whom."] staff: StaffId, }
    /// Ask for the end of a mirror's say: once a second person agrees, keys are destroyed without
    /// its word.
    DetachMirror { #[doc = "Which."] mirror: CopyId, #[doc = "Why."] reason: DetachReason, }
    /// Issue the certificate of an erasure again, where there is more to say by now.
    IssueCertificate {
        #[doc = "Of which case."] case: CaseId,
        #[doc = "Which rotation destroyed the keys."] rotation: RotationId,
    }
    /// Give a role that somebody else asked for, or not.
    DecideRole {
        #[doc = "Whose."] staff: StaffId, #[doc = "Which."] role: Role,
        #[doc = "Give it."] confirm: bool,
    }
    /// Let a token work that somebody else made, or not.
    DecideToken {
        #[doc = "Whose."] staff: StaffId, #[doc = "Which."] token: TokenId,
        #[doc = "Let it work."] confirm: bool,
    }
    /// Open the name and contact of a member of staff.
    ViewStaff { #[doc = "Whose."] staff: StaffId, }
    /// Record that a recipient is to be asked or told something, was, or answered.
    RecordNotice(Noticing)
    /// Place a legal hold.
    PlaceHold(Holding)
    /// Ask for the end of a legal hold before its day; a second person decides.
    ReleaseHold { #[doc = "In which case."] case: CaseId, #[doc = "Which."] hold: HoldId, }
    /// End what is over by the retention rules in a case (the ledger itself does).
    ApplyRetention { #[doc = "In which case."] case: CaseId, }
    /// Ask for a sweep by hand; a second person must agree.
    RequestSweep {
        /// Which; a fresh id chosen by the caller.
        sweep: SweepId,
        /// How many cases it may take.
        cases: u32,
    }
    /// Agree to a sweep that somebody else asked for.
    ApproveSweep { #[doc = "Which."] sweep: SweepId, }
    /// Record the end of a sweep; what it took was ordered to be destroyed case by case (the ledger
    /// itself does).
    FinishSweep(SweepEnd)
    /// End a mirror's say, which somebody else asked for, or not.
    DecideMirror { #[doc = "Which."] mirror: CopyId, #[doc = "End it."] confirm: bool, }
    /// Record how old the person is, as far as it is known, and who is with a child.
    AssessAge {
        /// In which case.
        case: CaseId,
        /// How old.
        age: Age,
        /// Who is with a child.
        company: Company,
    }
    /// Say that the withdrawals that a restored ledger may lack were entered again.
    ConfirmWithdrawals {}
    /// Close a case whose record is over by the rules (the ledger itself does).
    CloseCase { #[doc = "Which."] case: CaseId, }
    /// Have dead ciphertext cut out of the files before its time.
    CutOut { #[doc = "Only what was destroyed so many days ago, or earlier."] after_days: u32, }
    /// Record what a person asks for about their data.
    ReceiveRequest(Asking)
    /// Record what came of looking who asks.
    CheckIdentity(Identifying)
    /// Take more time for a request, once.
    ExtendRequest(Extending)
    /// Advise what to answer.
    AdviseRequest(Advising)
    /// Decide on a request.
    DecideRequest(Ruling)
    /// Do what was granted; a deletion destroys keys.
    CarryOutRequest(CarryingOut)
    /// End a request, and say whether the person was told.
    CloseRequest(Closing)
    /// Let data be used again that were restricted.
    LiftRestriction(Lifting)
    /// Put details of a person right: those given now take the place of those before.
    CorrectPerson(Correcting)
    /// Publish figures of a cohort of whole months, which can be done once.
    PublishFigures { /** The figures, as they are to be frozen. */ made: FiguresMade, }
    /// Take back a sweep that nobody agreed to yet.
    WithdrawSweep { #[doc = "Which."] sweep: SweepId, }
    /// End a hold before its day, which somebody else asked for, or leave it.
    DecideHold {
        #[doc = "In which case."] case: CaseId, #[doc = "Which."] hold: HoldId,
        #[doc = "End it."] confirm: bool,
    }
    /// End the name of a member of staff who left, by the rules (the ledger itself does).
    EndStaffName { #[doc = "Whose."] staff: StaffId, }
    /// The person does not want a referral any more.
    CancelReferral(Cancelling)
    /// Say what became of a referral that was asked back.
    AnswerRecall(AnsweringRecall)
    /// Record what a service says of its places.
    ReportPlaces(ReportingPlaces)
    /// Take down feedback or a complaint.
    RecordComplaint(Complaining)
    /// Open the words of a complaint.
    ViewComplaint { #[doc = "Which."] complaint: ComplaintId, }
    /// Say whether whoever complained was told that it came.
    AcknowledgeComplaint {
        #[doc = "Which."] complaint: ComplaintId, #[doc = "Told, or not."] told: PersonTold,
    }
    /// Answer a complaint.
    AnswerComplaint(AnsweringComplaint)
    /// Record that a member of staff was trained, or signed the code of conduct.
    RecordTraining(Trained)
    /// Offer a case to a colleague.
    OfferHandover {
        #[doc = "Which."] case: CaseId, #[doc = "To whom."] staff: StaffId,
        #[doc = "Files that go with it."] with: BTreeSet<CaseId>,
    }
    /// Take a case that was offered, or do not; who offered it may take the offer back.
    TakeHandover {
        #[doc = "Which."] case: CaseId, #[doc = "Take it."] take: bool,
        #[doc = "Files that go with it."] with: BTreeSet<CaseId>,
    }
    /// Give a consent anew, which goes on as it was until another day.
    RenewConsent(Renewing)
    /// Record how a person agrees to be contacted.
    AgreeContact(Agreeing)
    /// Record what an organisation is in the referral mechanism.
    RecordMember(RecordingMember)
    /// Record what was agreed with a member.
    RecordAgreement(RecordingAgreement)
    /// Write a pathway.
    RecordPathway(WritingPathway)
    /// End a pathway.
    RetirePathway { #[doc = "Which."] pathway: PathwayId, }
    /// Record whether the person was told of an exception.
    TellOfException(TellingOf)
    /// Say what came of looking at an exception afterwards.
    ReviewException(Reviewing)
    /// Report that something happened to data.
    ReportBreach(ReportingBreach)
    /// Open the words about a breach.
    ViewBreach { #[doc = "Which."] breach: BreachId, }
    /// Assess a breach, or assess it anew.
    AssessBreach(AssessingBreach)
    /// Record that an authority was notified of a breach, or told more.
    NotifyBreach(NotifyingBreach)
    /// Record that people were told of a breach.
    TellBreach(TellingBreach)
    /// Decide that people are not told of a breach.
    WithholdBreach { #[doc = "Which."] breach: BreachId, #[doc = "Why."] ground: UntoldGround, }
    /// Close a breach that somebody else assessed.
    CloseBreach { #[doc = "Which."] breach: BreachId, }
    /// Look up who could have been affected by a breach.
    TraceBreach(TracingBreach)
    /// Mark a case as one that specialists are consulted about.
    RaiseConcern(RaisingConcern)
    /// Record what a specialist advises on a referral.
    ConsultSpecialist(Consulting)
    /// Say whether one advised so, as somebody else recorded.
    ConfirmConsultation(Confirming)
    /// Ask a service about a group, without personal data.
    AskService(AskingService)
    /// Answer what a service was asked.
    AnswerInquiry(AnsweringInquiry)
    /// Record where accompaniment, transport or an interpreter stands.
    RecordArrangement(Arranging)
    /// Take down a referral that came in from outside.
    RecordIncoming(TakingDown)
    /// Record what looking at an incoming referral came to.
    AssessIncoming(AssessingIncoming)
    /// Decide on an incoming referral.
    DecideIncoming(DecidingIncoming)
    /// Say that the sender of an incoming referral was answered, or cannot be.
    AnswerIncoming(AnsweringIncoming)
    /// Say in a case which incoming referral it came from.
    LinkIncoming(LinkingIncoming)
    /// Name who stands in for somebody absent, or ask for it where it is for somebody else.
    NameDeputy(NamingDeputy)
    /// Let somebody stand in whom somebody else asked for, or not.
    DecideDeputy(DecidingDeputy)
    /// End it before the last day.
    EndDeputy { #[doc = "Who stands in."] staff: StaffId, #[doc = "For whom."] absent: StaffId, }
    /// Link two files of a family.
    LinkCases(Linking)
    /// End a link that one of its files shows.
    EndLink { #[doc = "The file."] case: CaseId, #[doc = "Which."] link: LinkId, }
    /// End a link that one of its files carries no more (the ledger itself does).
    LapseLink { #[doc = "Which."] link: LinkId, }
    /// Say that two files are one person's; a second person decides.
    AskMerge(Merging)
    /// Merge them, or do not.
    DecideMerge { #[doc = "The files."] files: Merging, #[doc = "Merge them."] confirm: bool, }
    /// Take two files apart again.
    UnmergeCases(Merging)
    /// Record what somebody answered in an interview.
    RecordInterview(Interviewing)
    /// Decide on a person's profile.
    RecordProfile(Profiling)
    /// Record what a mandated body determined.
    RecordDetermination(Determining)
    /// Keep what stands apart from cases from the rules.
    HoldApart(HoldingApart)
    /// End what is over of it (the ledger itself does).
    EndApart { #[doc = "Which."] what: Apart, }
    /// Close a case in which nothing waits any more.
    CloseCaseWork(ClosingWork)
    /// Go on with a case that was closed.
    ReopenCase(Reopening)
    /// Record that the person was told what they would pay.
    TellFees(TellingFees)
    /// Look for files that may be of the same person as this one.
    FindDuplicates(Seeking)
}
