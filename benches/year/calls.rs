//! What the worker says in the calls of a play.

use gateway::wire::codes::Code;
use ledger::domain::codes::*;
use ledger::domain::command::{Caller, Command};
use ledger::domain::ids::CaseId;
use ledger::ledger::Rejection;
use proto::common::v1 as common;
use proto::consent::v1::GiveConsentRequest;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{
    AnswerIncomingRequest, AssessIncomingRequest, DecideIncomingRequest, NoteUnmetNeedRequest,
    RecordIncomingRequest, record_incoming_request,
};
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::protection::v1::{RecordNoticeRequest, WithdrawConsentRequest};
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::referral::v1::{ReviewReferralRequest, SendReferralRequest};

use super::services::Listed;
use super::{Deed, Year};

impl Year {
    /// A referral comes in from outside and is looked at.
    pub(super) fn come_in(&mut self) {
        let sender = self.any::<SenderClass>();
        let taken_down = RecordIncomingRequest {
            meta: self.meta(),
            sender: Some(record_incoming_request::Sender::SenderClass(sender)),
            channel: Channel::Phone.number(),
            urgency: self.any::<Urgency>(),
            reference: None,
            consent_claim: ConsentClaim::NotSaid.number(),
        };
        let came = self.desk.ask(taken_down, |channel, it| async move {
            IntakeServiceClient::new(channel).record_incoming(it).await
        });
        let Some(incoming) = came.map(|came| came.incoming_id) else {
            return;
        };
        let assess = AssessIncomingRequest {
            meta: self.meta(),
            incoming_id: incoming.clone(),
            finding: IncomingFinding::WithinScope.number(),
            urgency: None,
        };
        let _ = self.desk.ask(assess, |channel, it| async move {
            IntakeServiceClient::new(channel).assess_incoming(it).await
        });
        if self.chance(90) {
            let after = self.hours(60);
            self.later(after, Deed::DecideIncoming(incoming));
        }
    }

    pub(super) fn decide_incoming(&mut self, incoming: String) {
        let taken = self.chance(60);
        let decision = if taken {
            IncomingDecision::Taken
        } else {
            IncomingDecision::NotTaken
        };
        let decide = DecideIncomingRequest {
            meta: self.meta(),
            incoming_id: incoming.clone(),
            decision: decision.number(),
            reason: (!taken).then(|| ReferralReason::NoCapacity.number()),
            passed_to_id: None,
        };
        let _ = self.desk.ask(decide, |channel, it| async move {
            IntakeServiceClient::new(channel).decide_incoming(it).await
        });
        if self.chance(90) {
            let after = self.hours(40);
            self.later(after, Deed::AnswerIncoming(incoming));
        }
    }

    pub(super) fn answer_incoming(&mut self, incoming: String) {
        let answer = AnswerIncomingRequest {
            meta: self.meta(),
            incoming_id: incoming,
            told: PersonTold::NotReached.number(),
            channel: Channel::Phone.number(),
        };
        let _ = self.desk.ask(answer, |channel, it| async move {
            IntakeServiceClient::new(channel).answer_incoming(it).await
        });
    }

    pub(super) fn note_unmet_need(&mut self) {
        let area = self.one_of(&AREAS).copied().flatten();
        let age_group = self.any::<AgeGroup>();
        let note = NoteUnmetNeedRequest {
            meta: self.meta(),
            need: self.any::<Need>(),
            area: area.map(str::to_owned),
            age_group: (area != Some("LB1")).then_some(age_group),
        };
        let _ = self.desk.ask(note, |channel, it| async move {
            IntakeServiceClient::new(channel).note_unmet_need(it).await
        });
    }

    pub(super) fn identity(&mut self) -> common::Identity {
        let identity = self.world.corpus.identity();
        common::Identity {
            name: identity
                .name
                .map_or_else(String::new, |name| name.reveal().to_owned()),
            ..common::Identity::default()
        }
    }

    /// The person's consent to be referred there, and mostly to being counted.
    pub(super) fn consent(&mut self, case: &str, client: &str, chosen: &Listed) -> Option<String> {
        let mut purposes = vec![Purpose::Referral.number()];
        if self.chance(85) {
            purposes.push(Purpose::Statistics.number());
        }
        let scope = common::Scope {
            purposes,
            recipient_ids: vec![chosen.organisation.clone()],
            categories: everything(),
            ..common::Scope::default()
        };
        let give = GiveConsentRequest {
            meta: self.meta(),
            case_id: case.to_owned(),
            person_id: client.to_owned(),
            given_by_id: Some(client.to_owned()),
            scope: Some(scope),
            consent: Some(agreed()),
        };
        let given = self.desk.ask(give, |channel, it| async move {
            ConsentServiceClient::new(channel).give_consent(it).await
        });
        given.map(|given| given.consent_id)
    }

    pub(super) fn send(&mut self, case: &str, referral: &str) {
        let review = ReviewReferralRequest {
            meta: self.meta(),
            case_id: Some(case.to_owned()),
            referral_id: referral.to_owned(),
            read_back: true,
            ..ReviewReferralRequest::default()
        };
        let _ = self.desk.ask(review, |channel, it| async move {
            ReferralServiceClient::new(channel)
                .review_referral(it)
                .await
        });
        let send = SendReferralRequest {
            meta: self.meta(),
            case_id: Some(case.to_owned()),
            referral_id: referral.to_owned(),
            channel: Channel::Portal.number(),
            follow_up: None,
        };
        let _ = self.desk.ask(send, |channel, it| async move {
            ReferralServiceClient::new(channel).send_referral(it).await
        });
    }

    /// What the server does by itself about what is due, which here is done at its time.
    #[expect(clippy::panic, reason = "a ledger that fails has nothing to show")]
    pub(super) fn destroy(&mut self, case: &str) {
        let Ok(case) = case.parse::<CaseId>() else {
            return;
        };
        let request = self.world.by(Caller::System, Command::ShredDue { case });
        match self.world.ledger.submit(request) {
            Ok(_) => {}
            Err(Rejection::Refused(refused)) => {
                *self.desk.refused.entry(refused.refusal.code()).or_default() += 1;
            }
            Err(Rejection::Fault(fault)) => panic!("the ledger failed: {fault}"),
        }
    }

    pub(super) fn notice(
        &mut self,
        case: &str,
        referral: &str,
        state: NoticeState,
        outcome: Option<NoticeOutcome>,
    ) {
        let notice = RecordNoticeRequest {
            meta: self.meta(),
            case_id: Some(case.to_owned()),
            referral_id: Some(referral.to_owned()),
            state: state.number(),
            outcome: outcome.map(Code::number),
            channel: Channel::Phone.number(),
            ..RecordNoticeRequest::default()
        };
        let _ = self.desk.ask(notice, |channel, it| async move {
            DataProtectionServiceClient::new(channel)
                .record_notice(it)
                .await
        });
    }
}

pub(super) async fn withdraw_consent(
    channel: tonic::transport::Channel,
    it: tonic::Request<WithdrawConsentRequest>,
) -> Result<tonic::Response<proto::protection::v1::WithdrawConsentResponse>, tonic::Status> {
    DataProtectionServiceClient::new(channel)
        .withdraw_consent(it)
        .await
}

/// A person's own word, everything explained.
pub(super) fn agreed() -> common::ConsentTaken {
    common::ConsentTaken {
        capacity: Capacity::Own.number(),
        form: ConsentForm::Oral.number(),
        explained: Explained::ALL.iter().map(|one| one.number()).collect(),
        note: Some(common::ConsentNote {
            language: "Arabic".to_owned(),
            ..common::ConsentNote::default()
        }),
        ..common::ConsentTaken::default()
    }
}

pub(super) fn everything() -> Vec<i32> {
    DataCategory::ALL.iter().map(|one| one.number()).collect()
}

const AREAS: [Option<&str>; 4] = [Some("JO21"), Some("JO13"), Some("LB1"), None];
