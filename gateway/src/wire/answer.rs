//! Answers of commands: receipts, and the ids and times that the command created.

use ledger::domain::event::Event;
use ledger::domain::stream::StreamId;
use ledger::ledger::{Answer, Entry};
use proto::common::v1::{Outcome, Receipt};
use proto::{
    admin, breach, complaint, consent, directory, intake, interview, protection, referral, rights,
    tracking,
};

use super::time::to_wire;

/// A message that answers a command.
pub trait AnswerMessage: Send + 'static {
    /// The message, from what every answer says and the events that were recorded.
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self;
}

/// The whole answer of a command.
pub fn answer<M: AnswerMessage>(answer: &Answer) -> M {
    M::answer(outcome(answer), &answer.entries)
}

/// What every answer says.
pub fn outcome(answer: &Answer) -> Outcome {
    let receipt = |(entry, proof): (&Entry, &String)| Receipt {
        position: entry.position,
        event_name: entry.record.event.name().to_owned(),
        tlog_proof: proof.clone(),
    };
    Outcome {
        receipts: answer
            .entries
            .iter()
            .zip(&answer.receipts)
            .map(receipt)
            .collect(),
        version: answer.version,
        repeated: answer.repeated,
        fence_not_mirrored: answer.fence_not_mirrored,
        destruction_waits: answer.destruction_waits,
    }
}

/// Answers that say nothing more.
macro_rules! bare {
    ($($answer:ty)*) => {$(
        impl AnswerMessage for $answer {
            fn answer(outcome: Outcome, _entries: &[Entry]) -> Self {
                Self { outcome: Some(outcome) }
            }
        }
    )*};
}

impl AnswerMessage for admin::v1::RevokeRoleResponse {
    fn answer(outcome: Outcome, _entries: &[Entry]) -> Self {
        Self {
            outcome: Some(outcome),
            // What is left with the member is read from the views, by whoever answers.
            cases_left: None,
            cases_alone: None,
        }
    }
}

bare! {
    intake::v1::GiveLinkResponse
    intake::v1::RefuseRecordResponse
    intake::v1::NoteUnmetNeedResponse
    intake::v1::AssessAgeResponse
    intake::v1::AttestReferralResponse
    intake::v1::RaiseConcernResponse
    intake::v1::AssessIncomingResponse
    intake::v1::DecideIncomingResponse
    intake::v1::AnswerIncomingResponse
    intake::v1::LinkIncomingResponse
    consent::v1::RefuseConsentResponse
    consent::v1::DecideExceptionResponse
    consent::v1::TellOfExceptionResponse
    consent::v1::ReviewExceptionResponse
    consent::v1::RenewConsentResponse
    consent::v1::AgreeContactResponse
    referral::v1::ReviseReferralResponse
    referral::v1::ReturnReferralResponse
    referral::v1::ReviewReferralResponse
    referral::v1::ReceiveReferralResponse
    referral::v1::AcceptReferralResponse
    referral::v1::DeclineReferralResponse
    referral::v1::CompleteReferralResponse
    referral::v1::FailReferralResponse
    referral::v1::RecallReferralResponse
    referral::v1::CancelReferralResponse
    referral::v1::AnswerRecallResponse
    referral::v1::RecordFollowUpResponse
    referral::v1::ConsultSpecialistResponse
    referral::v1::ConfirmConsultationResponse
    referral::v1::RecordArrangementResponse
    referral::v1::TellFeesResponse
    directory::v1::AnswerInquiryResponse
    tracking::v1::AssignStaffResponse
    tracking::v1::UnassignStaffResponse
    tracking::v1::TakeHandoverResponse
    tracking::v1::EndLinkResponse
    tracking::v1::AskMergeResponse
    tracking::v1::DecideMergeResponse
    tracking::v1::UnmergeCasesResponse
    tracking::v1::CloseCaseWorkResponse
    tracking::v1::ReopenCaseResponse
    directory::v1::RegisterServiceResponse
    directory::v1::UpdateServiceResponse
    directory::v1::AssessServiceResponse
    directory::v1::ReportPlacesResponse
    directory::v1::RecordMemberResponse
    directory::v1::RecordAgreementResponse
    directory::v1::RecordPathwayResponse
    directory::v1::RetirePathwayResponse
    directory::v1::RetireServiceResponse
    protection::v1::UndoWithdrawalResponse
    protection::v1::IssueCertificateResponse
    protection::v1::RecordNoticeResponse
    protection::v1::ReleaseHoldResponse
    protection::v1::HoldApartResponse
    protection::v1::RequestSweepResponse
    protection::v1::ApproveSweepResponse
    protection::v1::WithdrawSweepResponse
    protection::v1::DecideHoldResponse
    protection::v1::ConfirmWithdrawalsResponse
    rights::v1::CheckIdentityResponse
    rights::v1::AdviseRequestResponse
    rights::v1::DecideRequestResponse
    rights::v1::CloseRequestResponse
    rights::v1::LiftRestrictionResponse
    rights::v1::CorrectPersonResponse
    complaint::v1::AcknowledgeComplaintResponse
    complaint::v1::AnswerComplaintResponse
    breach::v1::AssessBreachResponse
    breach::v1::NotifyBreachResponse
    breach::v1::TellBreachResponse
    breach::v1::WithholdBreachResponse
    breach::v1::CloseBreachResponse
    interview::v1::RecordInterviewResponse
    interview::v1::RecordProfileResponse
    interview::v1::RecordDeterminationResponse
    admin::v1::RegisterStaffResponse
    admin::v1::GrantRoleResponse
    admin::v1::RevokeTokenResponse
    admin::v1::DetachMirrorResponse
    admin::v1::DecideMirrorResponse
    admin::v1::DecideRoleResponse
    admin::v1::DecideTokenResponse
    admin::v1::RecordTrainingResponse
    admin::v1::NameDeputyResponse
    admin::v1::DecideDeputyResponse
    admin::v1::EndDeputyResponse
}

/// What the round came to is known only after it.
/// Answers to which the rest is added once their event is durable: what was opened, or came of it.
macro_rules! completed {
    ($($answer:ty)*) => {$(
        impl AnswerMessage for $answer {
            fn answer(outcome: Outcome, _entries: &[Entry]) -> Self {
                Self { outcome: Some(outcome), ..Self::default() }
            }
        }
    )*};
}

completed! {
    referral::v1::MakePacketResponse
    protection::v1::CutOutResponse
    breach::v1::ViewBreachResponse
    breach::v1::TraceBreachResponse
    complaint::v1::ViewComplaintResponse
    interview::v1::ViewInterviewResponse
    interview::v1::ViewProfileResponse
    admin::v1::ViewStaffResponse
    tracking::v1::ViewPersonalDataResponse tracking::v1::FindDuplicatesResponse
}

impl AnswerMessage for intake::v1::OpenCaseResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::CaseOpened(opened) = &entry.record.event {
                message.case_id = opened.case.to_string();
                message.client_person_id = opened.client.to_string();
                message.client_code = opened.code.to_string();
            }
            if let Event::ConsentGiven(given) = &entry.record.event {
                message.consent_id = Some(given.consent.to_string());
            }
        }
        message
    }
}

impl AnswerMessage for intake::v1::AddPersonResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::PersonAdded(added) = &entry.record.event {
                message.person_id = added.person.to_string();
            }
            if let Event::ConsentGiven(given) = &entry.record.event {
                message.consent_id = given.consent.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for consent::v1::GiveConsentResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ConsentGiven(given) = &entry.record.event {
                message.consent_id = given.consent.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for consent::v1::InvokeExceptionResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ExceptionInvoked(invoked) = &entry.record.event {
                message.exception_id = invoked.exception.to_string();
                message.authorise_by = Some(to_wire(invoked.authorise_by));
                message.expires_at = Some(to_wire(invoked.expires));
            }
        }
        message
    }
}

impl AnswerMessage for referral::v1::DraftReferralResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ReferralDrafted(drafted) = &entry.record.event {
                message.referral_id = drafted.referral.to_string();
                message.recipient_id = drafted.recipient.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for referral::v1::SendReferralResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ReferralSent(sent) = &entry.record.event {
                message.basis_ids = sent.basis.iter().map(ToString::to_string).collect();
                message.outward_reference = sent.reference.to_string();
                message.acknowledge_by = Some(to_wire(sent.acknowledge_by));
                message.complete_by = Some(to_wire(sent.complete_by));
            }
        }
        message
    }
}

impl AnswerMessage for referral::v1::RecordDisclosureResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::DisclosureRecorded(recorded) = &entry.record.event {
                message.disclosure_id = recorded.disclosure.to_string();
                message.basis_ids = recorded.basis.iter().map(ToString::to_string).collect();
                message.incident = recorded.incident;
            }
        }
        message
    }
}

impl AnswerMessage for protection::v1::WithdrawConsentResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ConsentWithdrawn(withdrawn) = &entry.record.event {
                message.consent_ids.push(withdrawn.consent.to_string());
                message.shred_due = withdrawn.shred_due.map(to_wire);
            }
            if let Event::ReferralStopped(stopped) = &entry.record.event {
                message
                    .stopped_referral_ids
                    .push(stopped.referral.to_string());
            }
        }
        message
    }
}

impl AnswerMessage for rights::v1::ReceiveRequestResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::RequestReceived(it) = &entry.record.event {
                message.subject_request_id = it.request.to_string();
                message.due = Some(to_wire(it.due));
            }
        }
        message
    }
}

impl AnswerMessage for rights::v1::ExtendRequestResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::RequestExtended(it) = &entry.record.event {
                message.due = Some(to_wire(it.due));
            }
        }
        message
    }
}

impl AnswerMessage for rights::v1::CarryOutRequestResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ConsentWithdrawn(it) = &entry.record.event {
                message.consent_ids.push(it.consent.to_string());
            }
            if let Event::ReferralStopped(it) = &entry.record.event {
                let stopped = it.referral.to_string();
                message.stopped_referral_ids.push(stopped);
            }
        }
        message
    }
}

impl AnswerMessage for directory::v1::AskServiceResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ServiceAsked(it) = &entry.record.event {
                message.inquiry_id = it.inquiry.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for intake::v1::RecordIncomingResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::IncomingReceived(it) = &entry.record.event {
                message.incoming_id = it.incoming.to_string();
                message.answer_by = Some(to_wire(it.answer_by));
            }
        }
        message
    }
}

impl AnswerMessage for complaint::v1::RecordComplaintResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::ComplaintReceived(it) = &entry.record.event {
                message.complaint_id = it.complaint.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for tracking::v1::OfferHandoverResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::HandoverOffered(it) = &entry.record.event {
                let (referrals, requests) = (it.referrals.iter(), it.requests.iter());
                message
                    .referral_ids
                    .extend(referrals.map(ToString::to_string));
                let requests = requests.map(ToString::to_string);
                message.subject_request_ids.extend(requests);
            }
        }
        message
    }
}

impl AnswerMessage for tracking::v1::LinkCasesResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let StreamId::Link(link) = entry.record.stream {
                message.link_id = link.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for protection::v1::PlaceHoldResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::HoldPlaced(placed) = &entry.record.event {
                message.hold_id = placed.hold.to_string();
            }
        }
        message
    }
}

impl AnswerMessage for admin::v1::IssueTokenResponse {
    fn answer(outcome: Outcome, entries: &[Entry]) -> Self {
        let mut message = Self {
            outcome: Some(outcome),
            ..Self::default()
        };
        for entry in entries {
            if let Event::TokenAsked(asked) = &entry.record.event {
                message.token_id = asked.token.to_string();
            }
            if let Event::TokenIssued(issued) = &entry.record.event {
                message.token_id = issued.token.to_string();
            }
        }
        message
    }
}
