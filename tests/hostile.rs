//! What nobody should send, against a real server: each gets a clear answer, and the server lives.
//!
//! - Whatever is tried, nothing may be a fault of ours (those carry an incident number).
//! - After each test the server still answers, and its log holds no token, no name, no text.

mod bytes;
mod crowds;
mod every;
mod values;

use harness::office::{Office, STAFF_NAME, connect, refused, with_token};
use harness::process::{Place, Serving};
use proto::admin::v1::GetStatusRequest;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::tracking::v1::personal_part::Content;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tonic::Status;
use tonic::transport::Channel;

/// Somebody whose name must not show up in any log.
const CANARY: &str = "Canary Person Zanzibar";

/// A server with an office, for one test.
struct Host {
    place: Place,
    serving: Serving,
    channel: Channel,
    office: Office,
}

impl Host {
    async fn new() -> Self {
        let place = Place::new(crate::PROGRAM);
        let serving = place.serve_saying("debug", &[]);
        let channel = connect(&serving.endpoint()).await;
        let office = Office::found(&channel, place.tokens()).await;
        Self {
            place,
            serving,
            channel,
            office,
        }
    }

    /// Events in the log.
    async fn size(&self) -> u64 {
        let mut client = AdminServiceClient::new(self.channel.clone());
        let asked = with_token(&self.office.administrator, GetStatusRequest {});
        client
            .get_status(asked)
            .await
            .expect("it answers")
            .into_inner()
            .size
    }

    /// Records a name and reads it back.
    async fn read_back(&self, name: &str) -> Result<String, Status> {
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let open = with_token(&self.office.focal, self.office.open_case(name));
        let opened = intake.open_case(open).await?.into_inner();
        let mut tracking = TrackingServiceClient::new(self.channel.clone());
        let view = with_token(&self.office.focal, self.office.view(&opened.case_id));
        let seen = tracking.view_personal_data(view).await?.into_inner();
        let mut names = seen
            .parts
            .into_iter()
            .filter_map(|part| match part.content {
                Some(Content::Name(name)) => Some(name),
                _ => None,
            });
        Ok(names.next().expect("a name"))
    }

    /// The server lives and works, also for somebody who comes new, and said nothing that it should
    /// not; then it stops in order, and the ledger is whole.
    async fn must_be_well(mut self) {
        assert!(self.serving.lives(), "{}", self.serving.said());
        assert_eq!(self.read_back(CANARY).await.expect("it works"), CANARY);
        self.channel = connect(&self.serving.endpoint()).await;
        assert_eq!(self.read_back(CANARY).await.expect("it works"), CANARY);
        let said = self.serving.said();
        assert!(said.contains("ViewPersonalData"), "the log is read: {said}");
        let office = &self.office;
        let tokens = [&office.administrator, &office.focal, &office.auditor];
        let secrets = tokens
            .into_iter()
            .map(String::as_str)
            .chain([CANARY, STAFF_NAME]);
        for secret in secrets {
            assert!(!said.contains(secret), "the log holds {secret}");
        }
        assert!(!said.contains("rl_"), "the log holds a token");
        assert!(!said.contains("panicked"), "{said}");
        assert!(self.serving.stop().success());
        self.place.run(&["fsck", "--json"]).expect(0);
    }
}

/// The code that a status refuses with; what failed in another way fails the test.
fn code_of(status: &Status) -> &'static str {
    assert_eq!(
        gateway::rpc::status::incident_of(status),
        None,
        "a fault of ours: {status}"
    );
    let refused = refused(status).unwrap_or_else(|| panic!("no code of ours: {status:?}"));
    refused.refusal.code()
}

/// The same, with the field that it is about.
fn code_about(status: &Status) -> (&'static str, String) {
    let about = refused(status).and_then(|refused| refused.about);
    (code_of(status), about.unwrap_or_default())
}
