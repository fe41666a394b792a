//! Imports through a real gRPC connection, against a directory that is a map in memory.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ledger::clock::Day;
use ledger::limits::IMPORT_IN_FLIGHT_MAX;
use ledger::refusal::Refusal;
use proto::common::v1::{Outcome, Receipt};
use proto::directory::v1::directory_service_server::{DirectoryService, DirectoryServiceServer};
use proto::directory::v1::*;
use serde_json::{Value, json};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{DirectoryReader, ImportReport, OWN_DIRECTORY, count_records, import};

/// A directory in memory that refuses what the ledger would refuse.
#[derive(Clone, Default)]
struct Map {
    services: Arc<Mutex<HashMap<String, (u64, ServiceEntry)>>>,
    in_flight: Arc<AtomicUsize>,
    most_in_flight: Arc<AtomicUsize>,
}

impl Map {
    fn outcome() -> Option<Outcome> {
        let receipt = Receipt {
            event_name: "ServiceRegistered".to_owned(),
            ..Receipt::default()
        };
        Some(Outcome {
            receipts: vec![receipt],
            version: 1,
            repeated: false,
            fence_not_mirrored: false,
            destruction_waits: false,
        })
    }
}

fn no(refusal: Refusal) -> Status {
    let reason = refusal.code().to_uppercase();
    let none = HashMap::<String, String>::new();
    let details = ErrorDetails::with_error_info(reason, "referral-ledger", none);
    Status::with_error_details(Code::FailedPrecondition, "no", details)
}

fn has_token<T>(request: &Request<T>) -> bool {
    request
        .metadata()
        .get("authorization")
        .is_some_and(|value| value == "Bearer rl_test")
}

#[tonic::async_trait]
impl DirectoryService for Map {
    async fn register_service(
        &self,
        request: Request<RegisterServiceRequest>,
    ) -> Result<Response<RegisterServiceResponse>, Status> {
        if !has_token(&request) {
            return Err(no(Refusal::Unauthenticated));
        }
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        let asked = request.into_inner();
        let entry = asked.entry.unwrap_or_default();
        if entry.name == "Forbidden" {
            return Err(no(Refusal::NotAllowed));
        }
        let mut services = self.services.lock().unwrap();
        if services.contains_key(&asked.service_id) {
            return Err(no(Refusal::AlreadyExists));
        }
        services.insert(asked.service_id, (1, entry));
        Ok(Response::new(RegisterServiceResponse {
            outcome: Self::outcome(),
        }))
    }

    async fn update_service(
        &self,
        request: Request<UpdateServiceRequest>,
    ) -> Result<Response<UpdateServiceResponse>, Status> {
        let asked = request.into_inner();
        let mut services = self.services.lock().unwrap();
        let (version, entry) = services
            .get_mut(&asked.service_id)
            .ok_or_else(|| no(Refusal::NotFound))?;
        if asked.meta.unwrap_or_default().expected_version != Some(*version) {
            return Err(no(Refusal::VersionConflict));
        }
        *version += 1;
        *entry = asked.entry.unwrap_or_default();
        Ok(Response::new(UpdateServiceResponse {
            outcome: Self::outcome(),
        }))
    }

    async fn get_service(
        &self,
        request: Request<GetServiceRequest>,
    ) -> Result<Response<GetServiceResponse>, Status> {
        let service_id = request.into_inner().service_id;
        let services = self.services.lock().unwrap();
        let (version, entry) = services
            .get(&service_id)
            .cloned()
            .ok_or_else(|| no(Refusal::NotFound))?;
        let service = ServiceRecord {
            service_id,
            version,
            entry: Some(entry),
            ..ServiceRecord::default()
        };
        Ok(Response::new(GetServiceResponse {
            service: Some(service),
            pathways: Vec::new(),
        }))
    }

    async fn record_member(
        &self,
        _: Request<RecordMemberRequest>,
    ) -> Result<Response<RecordMemberResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn record_agreement(
        &self,
        _: Request<RecordAgreementRequest>,
    ) -> Result<Response<RecordAgreementResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn list_members(
        &self,
        _: Request<ListMembersRequest>,
    ) -> Result<Response<ListMembersResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn record_pathway(
        &self,
        _: Request<RecordPathwayRequest>,
    ) -> Result<Response<RecordPathwayResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn ask_service(
        &self,
        _: Request<AskServiceRequest>,
    ) -> Result<Response<AskServiceResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn answer_inquiry(
        &self,
        _: Request<AnswerInquiryRequest>,
    ) -> Result<Response<AnswerInquiryResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn list_inquiries(
        &self,
        _: Request<ListInquiriesRequest>,
    ) -> Result<Response<ListInquiriesResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn retire_pathway(
        &self,
        _: Request<RetirePathwayRequest>,
    ) -> Result<Response<RetirePathwayResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn list_pathways(
        &self,
        _: Request<ListPathwaysRequest>,
    ) -> Result<Response<ListPathwaysResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn report_places(
        &self,
        _: Request<ReportPlacesRequest>,
    ) -> Result<Response<ReportPlacesResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn assess_service(
        &self,
        _: Request<AssessServiceRequest>,
    ) -> Result<Response<AssessServiceResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn retire_service(
        &self,
        _: Request<RetireServiceRequest>,
    ) -> Result<Response<RetireServiceResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }

    async fn search_services(
        &self,
        _: Request<SearchServicesRequest>,
    ) -> Result<Response<SearchServicesResponse>, Status> {
        Err(no(Refusal::NotAllowed))
    }
}

async fn serve(map: &Map) -> Channel {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_service(DirectoryServiceServer::new(map.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect().await.unwrap()
}

async fn bring(channel: &Channel, token: &str, text: String) -> (ImportReport, usize) {
    let reader = DirectoryReader::new(Cursor::new(text.into_bytes()), Day(20_000));
    let mut receipts_seen = 0;
    let mut progress = |_: &ImportReport, receipts: &[Receipt]| receipts_seen += receipts.len();
    let report = import(channel.clone(), token, reader, &mut progress)
        .await
        .unwrap();
    (report, receipts_seen)
}

fn counts(report: &ImportReport) -> (u64, u64, u64, u64) {
    (
        report.imported,
        report.existing,
        report.updated,
        report.refused,
    )
}

#[tokio::test]
async fn a_second_import_adds_nothing_and_a_changed_entry_is_updated() {
    let map = Map::default();
    let channel = serve(&map).await;
    let own = OWN_DIRECTORY.to_owned();
    let (report, receipts) = bring(&channel, "rl_test", own.clone()).await;
    assert_eq!((counts(&report), receipts), ((20, 0, 0, 0), 20));
    let (report, receipts) = bring(&channel, "rl_test", own.clone()).await;
    assert_eq!((counts(&report), receipts), ((0, 20, 0, 0), 0));

    let mut records: Value = serde_json::from_str(&own).unwrap();
    records[3]["description"] = json!("Invented, and changed.");
    let (report, receipts) = bring(&channel, "rl_test", records.to_string()).await;
    assert_eq!((counts(&report), receipts), ((0, 19, 1, 0), 1));
    let (report, _) = bring(&channel, "rl_test", records.to_string()).await;
    assert_eq!(counts(&report), (0, 20, 0, 0));
}

#[tokio::test]
async fn what_the_ledger_refuses_is_counted_and_named_and_the_others_go_on() {
    let map = Map::default();
    let channel = serve(&map).await;
    let mut records: Value = serde_json::from_str(OWN_DIRECTORY).unwrap();
    records[4]["name"] = json!("Forbidden");
    records[9]["status"] = json!("defunct");
    records[10] = json!("not a record");
    let (report, _) = bring(&channel, "rl_test", records.to_string()).await;
    assert_eq!(counts(&report), (17, 0, 0, 3));
    let expected = [("not_active", 1), ("not_allowed", 1), ("wrong_type", 1)];
    assert_eq!(report.reasons, BTreeMap::from(expected));
    let places: Vec<u64> = report.refusals.iter().map(|record| record.place).collect();
    assert_eq!(places, [5, 10, 11]);
    assert_eq!(report.refusals[0].id.as_deref(), records[4]["id"].as_str());
}

#[tokio::test]
async fn without_a_token_nothing_comes_in() {
    let map = Map::default();
    let channel = serve(&map).await;
    let (report, _) = bring(&channel, "rl_wrong", OWN_DIRECTORY.to_owned()).await;
    assert_eq!(report.reasons, BTreeMap::from([("unauthenticated", 20)]));
    assert!(map.services.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_connection_that_is_gone_is_named_for_every_record() {
    let channel = Endpoint::from_static("http://127.0.0.1:1").connect_lazy();
    let (report, _) = bring(&channel, "rl_test", OWN_DIRECTORY.to_owned()).await;
    assert_eq!(report.reasons, BTreeMap::from([("failed", 20)]));
}

#[tokio::test]
async fn a_large_file_comes_in_with_a_bounded_number_of_commands_in_flight() {
    let map = Map::default();
    let channel = serve(&map).await;
    let template: Value = serde_json::from_str(OWN_DIRECTORY).unwrap();
    let lines = (0..2_000).map(|number| {
        let mut record = template[number % 20].clone();
        record["id"] = json!(number.to_string());
        record.to_string()
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(count_records(text.as_bytes()).unwrap(), 2_000);
    let (report, receipts) = bring(&channel, "rl_test", text).await;
    assert_eq!((counts(&report), receipts), ((2_000, 0, 0, 0), 2_000));
    assert!(map.most_in_flight.load(Ordering::SeqCst) <= IMPORT_IN_FLIGHT_MAX);
}

#[tokio::test]
async fn who_may_bring_in_nothing_is_told_so_once_and_the_rest_of_the_file_is_not_sent() {
    let map = Map::default();
    let channel = serve(&map).await;
    let template: Value = serde_json::from_str(OWN_DIRECTORY).unwrap();
    let forbidden = |number: usize| {
        let mut record = template[number % 20].clone();
        record["id"] = json!(number.to_string());
        record["name"] = json!("Forbidden");
        record.to_string()
    };
    let text = (0..2_000).map(forbidden).collect::<Vec<_>>().join("\n");
    let (report, receipts) = bring(&channel, "rl_test", text).await;
    assert_eq!((report.imported, receipts), (0, 0));
    let sent = usize::try_from(report.refused).unwrap();
    assert!(
        (1..=IMPORT_IN_FLIGHT_MAX + 1).contains(&sent),
        "{sent} were sent"
    );
    assert_eq!(
        report.reasons,
        BTreeMap::from([("not_allowed", report.refused)])
    );
    assert_eq!(report.refusals.len(), 1, "one says it for all");
    assert!(map.services.lock().unwrap().is_empty());
}
