//! A case worker at a referral ledger who writes one draft again and again.

use benches::Corpus;
use ledger::domain::ids::RequestId;
use proto::common::v1 as common;
use proto::intake::v1::OpenCaseRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::referral::v1::{DraftReferralRequest, ReviseReferralRequest};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status};

use super::load_setup::Workplace;
use super::{Client, Failure, Options, connect};

pub(crate) struct Worker {
    referrals: ReferralServiceClient<Channel>,
    bearer: Bearer,
    corpus: Corpus,
    bytes: usize,
    case: String,
    referral: String,
}

/// The token as it goes with every request.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Bearer {
    pub(crate) fn of(token: &str) -> Result<Self, Failure> {
        Ok(Self(format!("Bearer {token}").parse()?))
    }

    pub(crate) fn with<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        request
    }
}

/// A fresh name for a command.
pub(crate) fn meta(corpus: &mut Corpus) -> Option<common::CommandMeta> {
    let request_id = RequestId::fresh(corpus).to_string();
    Some(common::CommandMeta {
        request_id,
        expected_version: None,
        occurred_at: None,
    })
}

impl Worker {
    /// Opens a connection, a case and a draft.
    pub(crate) async fn connect(
        options: &Options,
        place: &Workplace,
        number: usize,
    ) -> Result<Self, Failure> {
        let channel = connect(options).await?;
        // Request ids must differ from those of every earlier run, so the seed is not fixed here.
        let mut corpus = Corpus::seeded(place.seed.wrapping_add(u64::try_from(number)?));
        let bearer = place.bearer.clone();
        let open = open_case(&mut corpus);
        let opened = IntakeServiceClient::new(channel.clone())
            .open_case(bearer.with(open))
            .await?;
        let case = opened.into_inner().case_id;
        let draft = DraftReferralRequest {
            meta: meta(&mut corpus),
            case_id: case.clone(),
            service_id: place.service.clone(),
            urgency: common::Urgency::Routine.into(),
            ground_id: None,
            items: vec![item(&mut corpus, options.bytes)],
            follows_id: None,
        };
        let mut referrals = ReferralServiceClient::new(channel);
        let drafted = referrals.draft_referral(bearer.with(draft)).await?;
        let referral = drafted.into_inner().referral_id;
        Ok(Self {
            referrals,
            bearer,
            corpus,
            bytes: options.bytes,
            case,
            referral,
        })
    }
}

impl Client for Worker {
    async fn request(&mut self) -> Result<(), Status> {
        let revise = ReviseReferralRequest {
            meta: meta(&mut self.corpus),
            case_id: Some(self.case.clone()),
            referral_id: self.referral.clone(),
            ground_id: None,
            items: vec![item(&mut self.corpus, self.bytes)],
        };
        self.referrals
            .revise_referral(self.bearer.with(revise))
            .await
            .map(drop)
    }
}

fn open_case(corpus: &mut Corpus) -> OpenCaseRequest {
    let identity = common::Identity {
        name: corpus.prose(20).reveal().to_owned(),
        birth: None,
        gender: None,
        languages: None,
        safe_contact: None,
        relationship: None,
    };
    let note = common::ConsentNote {
        language: "English".to_owned(),
        present: None,
        note: None,
        support: None,
    };
    let consent = common::ConsentTaken {
        capacity: common::Capacity::Own.into(),
        form: common::ConsentForm::Oral.into(),
        explained: (1..=9).collect(),
        interpreter: None,
        expires_at: None,
        best_interests: None,
        note: Some(note),
    };
    OpenCaseRequest {
        meta: meta(corpus),
        identity: Some(identity),
        age_group: common::AgeGroup::Adult.into(),
        sensitivity: common::Sensitivity::Standard.into(),
        consent: Some(consent),
        categories: vec![
            common::DataCategory::Identity.into(),
            common::DataCategory::Needs.into(),
        ],
    }
}

fn item(corpus: &mut Corpus, bytes: usize) -> common::Item {
    let text = corpus.prose(bytes).reveal().to_owned();
    common::Item {
        category: common::DataCategory::Needs.into(),
        text,
    }
}
