//! What a command is about: the case, referral, service, member of staff or mirror that it names.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few commands name a referral, a service or a member of staff"
)]

use std::collections::BTreeSet;

use super::apart::{Apart, HoldingApart};
use super::codes::ViewPurpose;
use super::command::*;
use super::complaint::Against;
use super::event::{Given, ViewTarget};
use super::ids::*;
use super::incoming::Sender;
use crate::packet::Trusted;

impl Command {
    /// Whether it opens personal data. Such a command is never repeated: what was allowed then may
    /// not be allowed now, and what is opened twice was seen twice (MISSION E6).
    pub fn opens_personal_data(&self) -> bool {
        matches!(
            self,
            Self::ViewPersonalData { .. }
                | Self::ViewStaff { .. }
                | Self::ViewComplaint { .. }
                | Self::ViewBreach { .. }
                | Self::TraceBreach(_)
                | Self::FindDuplicates(_)
        )
    }

    /// The case it is about, if it is about one that exists already.
    #[expect(clippy::too_many_lines, reason = "one line for each command")]
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::AddPerson { case, .. }
            | Self::AssessAge { case, .. }
            | Self::GiveConsent { case, .. }
            | Self::RefuseConsent { case, .. }
            | Self::WithdrawConsent { case, .. }
            | Self::UndoWithdrawal { case, .. }
            | Self::ExpireConsent { case, .. }
            | Self::LapseException { case, .. }
            | Self::ShredDue { case }
            | Self::InvokeException { case, .. }
            | Self::DecideException { case, .. }
            | Self::TellOfException(TellingOf { case, .. })
            | Self::ReviewException(Reviewing { case, .. })
            | Self::DraftReferral { case, .. }
            | Self::ReviseReferral { case, .. }
            | Self::ReturnReferral { case, .. }
            | Self::ReviewReferral { case, .. }
            | Self::SendReferral { case, .. }
            | Self::ReceiveReferral { case, .. }
            | Self::AcceptReferral { case, .. }
            | Self::DeclineReferral { case, .. }
            | Self::CompleteReferral { case, .. }
            | Self::FailReferral { case, .. }
            | Self::RecallReferral { case, .. }
            | Self::CancelReferral(Cancelling { case, .. })
            | Self::AnswerRecall(AnsweringRecall { case, .. })
            | Self::AttestReferral { case, .. }
            | Self::RecordFollowUp(FollowingUp { case, .. })
            | Self::RenewConsent(Renewing { case, .. })
            | Self::AgreeContact(Agreeing { case, .. })
            | Self::RecordDisclosure { case, .. }
            | Self::ViewPersonalData { case, .. }
            | Self::AssignStaff { case, .. }
            | Self::UnassignStaff { case, .. }
            | Self::OfferHandover { case, .. }
            | Self::TakeHandover { case, .. }
            | Self::RaiseConcern(RaisingConcern { case, .. })
            | Self::RecordArrangement(Arranging { case, .. })
            | Self::TellFees(TellingFees { case, .. })
            | Self::LinkIncoming(LinkingIncoming { case, .. })
            | Self::ConsultSpecialist(Consulting { case, .. })
            | Self::ConfirmConsultation(Confirming { case, .. })
            | Self::IssueCertificate { case, .. }
            | Self::RecordNotice(Noticing { case, .. })
            | Self::PlaceHold(Holding { case, .. })
            | Self::ReleaseHold { case, .. }
            | Self::DecideHold { case, .. }
            | Self::ApplyRetention { case }
            | Self::CloseCase { case }
            | Self::CorrectPerson(Correcting { case, .. })
            | Self::ReceiveRequest(Asking { case, .. })
            | Self::CheckIdentity(Identifying { case, .. })
            | Self::ExtendRequest(Extending { case, .. })
            | Self::AdviseRequest(Advising { case, .. })
            | Self::DecideRequest(Ruling { case, .. })
            | Self::CarryOutRequest(CarryingOut { case, .. })
            | Self::CloseRequest(Closing { case, .. })
            | Self::RecordInterview(Interviewing { case, .. })
            | Self::RecordProfile(Profiling { case, .. })
            | Self::RecordDetermination(Determining { case, .. })
            | Self::CloseCaseWork(ClosingWork { case, .. })
            | Self::ReopenCase(Reopening { case, .. })
            | Self::LiftRestriction(Lifting { case, .. })
            | Self::LinkCases(Linking { case, .. })
            | Self::FindDuplicates(Seeking { case, .. })
            | Self::AskMerge(Merging { case, .. })
            | Self::DecideMerge {
                files: Merging { case, .. },
                ..
            }
            | Self::UnmergeCases(Merging { case, .. })
            | Self::EndLink { case, .. } => Some(*case),
            Self::LapseLink { .. }
            | Self::GiveLink { .. }
            | Self::RefuseRecord { .. }
            | Self::NoteUnmetNeed { .. }
            | Self::RegisterStaff { .. }
            | Self::GrantRole { .. }
            | Self::RevokeRole { .. }
            | Self::IssueToken { .. }
            | Self::RevokeToken { .. }
            | Self::DecideRole { .. }
            | Self::DecideToken { .. }
            | Self::ViewStaff { .. }
            | Self::EndStaffName { .. }
            | Self::RecordTraining(_)
            | Self::NameDeputy(_)
            | Self::DecideDeputy(_)
            | Self::EndDeputy { .. }
            | Self::RegisterService(_)
            | Self::UpdateService(_)
            | Self::AssessService(_)
            | Self::ReportPlaces(_)
            | Self::AskService(_)
            | Self::AnswerInquiry(_)
            | Self::RecordIncoming(_)
            | Self::AssessIncoming(_)
            | Self::DecideIncoming(_)
            | Self::AnswerIncoming(_)
            | Self::RecordMember(_)
            | Self::RecordAgreement(_)
            | Self::RecordPathway(_)
            | Self::RetirePathway { .. }
            | Self::RetireService { .. }
            | Self::OpenCase { .. }
            | Self::DetachMirror { .. }
            | Self::DecideMirror { .. }
            | Self::ConfirmWithdrawals {}
            | Self::CutOut { .. }
            | Self::PublishFigures { .. }
            | Self::RequestSweep { .. }
            | Self::ApproveSweep { .. }
            | Self::WithdrawSweep { .. }
            | Self::RecordComplaint(_)
            | Self::ViewComplaint { .. }
            | Self::AcknowledgeComplaint { .. }
            | Self::AnswerComplaint(_)
            | Self::ReportBreach(_)
            | Self::ViewBreach { .. }
            | Self::AssessBreach(_)
            | Self::NotifyBreach(_)
            | Self::TellBreach(_)
            | Self::WithholdBreach { .. }
            | Self::CloseBreach { .. }
            | Self::TraceBreach(_)
            | Self::HoldApart(_)
            | Self::EndApart { .. }
            | Self::FinishSweep(_) => None,
        }
    }

    /// Whether it decides against what somebody asked for.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "few commands decide on what somebody else asked for"
    )]
    pub fn says_no(&self) -> bool {
        match self {
            Self::DecideException { confirm, .. }
            | Self::DecideRole { confirm, .. }
            | Self::DecideToken { confirm, .. }
            | Self::DecideMirror { confirm, .. }
            | Self::DecideHold { confirm, .. }
            | Self::DecideMerge { confirm, .. } => !confirm,
            Self::DecideDeputy(it) => !it.confirm,
            _ => false,
        }
    }

    /// The other file that it names beside that case.
    pub fn other_case(&self) -> Option<CaseId> {
        match self {
            Self::LinkCases(Linking { other, .. })
            | Self::AskMerge(Merging { other, .. })
            | Self::DecideMerge {
                files: Merging { other, .. },
                ..
            }
            | Self::UnmergeCases(Merging { other, .. }) => Some(*other),
            _ => None,
        }
    }

    /// Files that go with that case.
    pub fn further_cases(&self) -> &BTreeSet<CaseId> {
        match self {
            Self::OfferHandover { with, .. } | Self::TakeHandover { with, .. } => with,
            _ => &NONE,
        }
    }

    /// The link that it ends.
    pub fn link(&self) -> Option<LinkId> {
        match self {
            Self::EndLink { link, .. } | Self::LapseLink { link } => Some(*link),
            _ => None,
        }
    }

    /// The referral it is about, if it is about one that exists already.
    pub fn referral(&self) -> Option<ReferralId> {
        match self {
            Self::ReviseReferral { referral, .. }
            | Self::ReturnReferral { referral, .. }
            | Self::ReviewReferral { referral, .. }
            | Self::SendReferral { referral, .. }
            | Self::ReceiveReferral { referral, .. }
            | Self::AcceptReferral { referral, .. }
            | Self::DeclineReferral { referral, .. }
            | Self::CompleteReferral { referral, .. }
            | Self::FailReferral { referral, .. }
            | Self::RecallReferral { referral, .. }
            | Self::CancelReferral(Cancelling { referral, .. })
            | Self::AnswerRecall(AnsweringRecall { referral, .. })
            | Self::RecordFollowUp(FollowingUp { referral, .. })
            | Self::RecordArrangement(Arranging { referral, .. })
            | Self::TellFees(TellingFees { referral, .. })
            | Self::ConsultSpecialist(Consulting { referral, .. })
            | Self::ConfirmConsultation(Confirming { referral, .. })
            | Self::ViewPersonalData {
                target: ViewTarget::Referral(referral),
                ..
            }
            | Self::RecordNotice(Noticing {
                given: Given::Referral(referral),
                ..
            }) => Some(*referral),
            _ => None,
        }
    }

    /// The consent that it gives back, fences and all.
    pub fn gives_back(&self) -> Option<ConsentId> {
        match self {
            Self::UndoWithdrawal { consent, .. } | Self::RenewConsent(Renewing { consent, .. }) => {
                Some(*consent)
            }
            _ => None,
        }
    }

    /// The person's request that it answers.
    pub fn subject_request(&self) -> Option<SubjectRequestId> {
        match self {
            Self::CheckIdentity(Identifying { request, .. })
            | Self::ExtendRequest(Extending { request, .. })
            | Self::AdviseRequest(Advising { request, .. })
            | Self::DecideRequest(Ruling { request, .. })
            | Self::CarryOutRequest(CarryingOut { request, .. })
            | Self::CloseRequest(Closing { request, .. })
            | Self::LiftRestriction(Lifting { request, .. }) => Some(*request),
            _ => None,
        }
    }

    /// The member of the mechanism that it names.
    pub fn member(&self) -> Option<OrganisationId> {
        match self {
            Self::RecordMember(RecordingMember { member, .. })
            | Self::RecordAgreement(RecordingAgreement { member, .. }) => Some(*member),
            Self::RecordDetermination(it) => Some(it.body),
            _ => None,
        }
    }

    /// The pathway that it names.
    pub fn pathway(&self) -> Option<PathwayId> {
        match self {
            Self::RecordPathway(WritingPathway { pathway, .. })
            | Self::RetirePathway { pathway } => Some(*pathway),
            _ => None,
        }
    }

    /// The service that it names itself.
    pub fn service(&self) -> Option<ServiceId> {
        match self {
            Self::RegisterService(Listing { service, .. })
            | Self::UpdateService(Listing { service, .. })
            | Self::AssessService(Assessing { service, .. })
            | Self::ReportPlaces(ReportingPlaces { service, .. })
            | Self::AskService(AskingService { service, .. })
            | Self::AnswerInquiry(AnsweringInquiry { service, .. })
            | Self::RecordIncoming(TakingDown {
                from: Sender::Service(service),
                ..
            })
            | Self::RetireService { service }
            | Self::DraftReferral { service, .. }
            | Self::AttestReferral { service, .. }
            | Self::RecordComplaint(Complaining {
                against: Some(Against::Service(service)),
                ..
            })
            | Self::ReportBreach(ReportingBreach {
                suspected: Some(Against::Service(service)),
                ..
            }) => Some(*service),
            _ => None,
        }
    }

    /// The complaint that it is about, if it is about one that exists already.
    pub fn complaint(&self) -> Option<ComplaintId> {
        match self {
            Self::ViewComplaint { complaint }
            | Self::AcknowledgeComplaint { complaint, .. }
            | Self::AnswerComplaint(AnsweringComplaint { complaint, .. }) => Some(*complaint),
            _ => match self.apart()? {
                Apart::Complaint(complaint) => Some(complaint),
                Apart::Breach(_) | Apart::Incoming(_) => None,
            },
        }
    }

    /// The breach that it is about, if it is about one that exists already.
    pub fn breach(&self) -> Option<BreachId> {
        match self {
            Self::ViewBreach { breach }
            | Self::WithholdBreach { breach, .. }
            | Self::CloseBreach { breach }
            | Self::AssessBreach(AssessingBreach { breach, .. })
            | Self::NotifyBreach(NotifyingBreach { breach, .. })
            | Self::TellBreach(TellingBreach { breach, .. })
            | Self::TraceBreach(TracingBreach { breach, .. }) => Some(*breach),
            _ => match self.apart()? {
                Apart::Breach(breach) => Some(breach),
                Apart::Complaint(_) | Apart::Incoming(_) => None,
            },
        }
    }

    /// The incoming referral that it is about, if it is about one that exists already.
    pub fn incoming(&self) -> Option<IncomingId> {
        match self {
            Self::AssessIncoming(AssessingIncoming { incoming, .. })
            | Self::DecideIncoming(DecidingIncoming { incoming, .. })
            | Self::AnswerIncoming(AnsweringIncoming { incoming, .. })
            | Self::LinkIncoming(LinkingIncoming { incoming, .. }) => Some(*incoming),
            _ => match self.apart()? {
                Apart::Incoming(incoming) => Some(incoming),
                Apart::Complaint(_) | Apart::Breach(_) => None,
            },
        }
    }

    /// What stands apart from cases and is kept or ended by it.
    pub fn apart(&self) -> Option<Apart> {
        match self {
            Self::HoldApart(HoldingApart { what, .. }) | Self::EndApart { what } => Some(*what),
            _ => None,
        }
    }

    /// What the referral is called here whose packet it takes in: there before, it came before.
    pub fn takes_in(&self) -> Option<IncomingId> {
        match self {
            Self::RecordIncoming(TakingDown { packet, .. }) => {
                packet.as_ref().map(Trusted::incoming)
            }
            _ => None,
        }
    }

    /// The sweep that it decides on.
    pub fn sweep(&self) -> Option<SweepId> {
        match self {
            Self::ApproveSweep { sweep } | Self::WithdrawSweep { sweep } => Some(*sweep),
            _ => None,
        }
    }

    /// The sweep that it names at all: one that it asks for, decides on or ends.
    pub fn any_sweep(&self) -> Option<SweepId> {
        match self {
            Self::RequestSweep { sweep, .. }
            | Self::ApproveSweep { sweep }
            | Self::WithdrawSweep { sweep }
            | Self::FinishSweep(SweepEnd { sweep, .. }) => Some(*sweep),
            _ => None,
        }
    }

    /// The member of staff that it is about.
    pub fn staff(&self) -> Option<StaffId> {
        match self {
            Self::RegisterStaff { staff, .. }
            | Self::GrantRole { staff, .. }
            | Self::RevokeRole { staff, .. }
            | Self::IssueToken { staff, .. }
            | Self::RevokeToken { staff, .. }
            | Self::AssignStaff { staff, .. }
            | Self::UnassignStaff { staff, .. }
            | Self::OfferHandover { staff, .. }
            | Self::DecideRole { staff, .. }
            | Self::DecideToken { staff, .. }
            | Self::ViewStaff { staff }
            | Self::RecordTraining(Trained { staff, .. })
            | Self::ConsultSpecialist(Consulting {
                specialist: Some(staff),
                ..
            })
            | Self::EndStaffName { staff }
            | Self::NameDeputy(NamingDeputy { staff, .. })
            | Self::DecideDeputy(DecidingDeputy { staff, .. })
            | Self::EndDeputy { staff, .. }
            | Self::RecordComplaint(Complaining {
                against: Some(Against::Staff(staff)),
                ..
            })
            | Self::ReportBreach(ReportingBreach {
                suspected: Some(Against::Staff(staff)),
                ..
            }) => Some(*staff),
            _ => None,
        }
    }

    /// The member of staff for whom somebody stands in, or is to.
    pub fn absent(&self) -> Option<StaffId> {
        match self {
            Self::NameDeputy(NamingDeputy { absent, .. })
            | Self::DecideDeputy(DecidingDeputy { absent, .. })
            | Self::EndDeputy { absent, .. } => Some(*absent),
            _ => None,
        }
    }

    /// Whether it takes data away, or leaves what was to go: on a full disk only these are done.
    pub fn takes_away(&self) -> bool {
        matches!(
            self,
            Self::WithdrawConsent { .. }
                | Self::UndoWithdrawal { .. }
                | Self::ExpireConsent { .. }
                | Self::LapseException { .. }
                | Self::ShredDue { .. }
                | Self::ApplyRetention { .. }
                | Self::CloseCase { .. }
                | Self::EndLink { .. }
                | Self::LapseLink { .. }
                | Self::EndStaffName { .. }
                | Self::EndApart { .. }
                | Self::CarryOutRequest(_)
        )
    }

    /// Whether a restored ledger that waits for its withdrawals to be confirmed matters to it.
    pub fn asks_if_restored(&self) -> bool {
        matches!(
            self,
            Self::SendReferral { .. }
                | Self::ConfirmWithdrawals {}
                | Self::ViewPersonalData {
                    purpose: ViewPurpose::Packet,
                    ..
                }
        )
    }

    /// The mirror that it is about.
    pub fn mirror(&self) -> Option<CopyId> {
        match self {
            Self::DetachMirror { mirror, .. } | Self::DecideMirror { mirror, .. } => Some(*mirror),
            _ => None,
        }
    }
}

static NONE: BTreeSet<CaseId> = BTreeSet::new();
