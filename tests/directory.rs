//! The directory from end to end: the real services of Jordan come in, are found, are not referred
//! to as long as nobody assessed them, and go out again as HSDS; a shelter is given away to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gateway::directory::{DirectoryReader, ImportReport, OWN_DIRECTORY, hsds, import};
use harness::office::{Office, connect, meta, refused, with_token};
use harness::process::{Place, Serving};
use ledger::clock::{Clock, SystemClock};
use ledger::refusal::Refusal;
use proto::common::v1 as common;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::directory::v1::{SearchServicesRequest, ServiceRecord};
use proto::intake::v1::GiveLinkRequest;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use tonic::transport::Channel;

/// A server with an office whose coordinator keeps the directory.
struct Host {
    _place: Place,
    _serving: Serving,
    channel: Channel,
    office: Office,
}

impl Host {
    async fn new() -> Self {
        let place = Place::new(crate::PROGRAM);
        let serving = place.serve(&[]);
        let channel = connect(&serving.endpoint()).await;
        let office = Office::found(&channel, place.tokens()).await;
        Self {
            _place: place,
            _serving: serving,
            channel,
            office,
        }
    }

    async fn import(&self, text: String) -> ImportReport {
        let reader = DirectoryReader::new(std::io::Cursor::new(text), SystemClock.now().day());
        let token = &self.office.coordinator;
        let report = import(self.channel.clone(), token, reader, &mut |_, _| {}).await;
        report.expect("the text is read to its end")
    }

    /// Every service that fits, page by page.
    async fn found(&self, token: &str, search: SearchServicesRequest) -> Vec<ServiceRecord> {
        let mut client = DirectoryServiceClient::new(self.channel.clone());
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let asked = SearchServicesRequest {
                page: Some(common::PageRequest {
                    page_size: 200,
                    page_token: std::mem::take(&mut next),
                    ..Default::default()
                }),
                ..search.clone()
            };
            let answer = client.search_services(with_token(token, asked)).await;
            let answer = answer.expect("found").into_inner();
            all.extend(answer.services);
            next = answer.page.expect("a page").next_page_token;
            if next.is_empty() {
                return all;
            }
        }
    }

    /// What comes of drafting a referral to a service.
    async fn refer(&self, case: &str, service: &str, urgency: common::Urgency) -> Option<Refusal> {
        let mut client = ReferralServiceClient::new(self.channel.clone());
        let mut draft = self.office.draft(case, None, "Invented needs");
        draft.service_id = service.to_owned();
        draft.urgency = urgency.into();
        let answer = client
            .draft_referral(with_token(&self.office.focal, draft))
            .await;
        answer
            .err()
            .map(|status| refused(&status).expect("a refusal").refusal)
    }
}

#[allow(clippy::print_stdout, reason = "what is left out says why")]
fn of_jordan() -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data/services-jordan-2014.hsds.json"))
        .find(|path| path.is_file());
    if path.is_none() {
        println!("skipped: ../shared/data/services-jordan-2014.hsds.json is not here");
    }
    Some(std::fs::read_to_string(path?).expect("a file"))
}

#[tokio::test]
async fn d6_the_real_services_come_in_are_found_wait_to_be_assessed_and_go_out_again() {
    let Some(text) = of_jordan() else {
        return;
    };
    let host = Host::new().await;
    let report = host.import(text).await;
    assert_eq!((report.imported, report.refused), (562, 0));

    // Found by need, area, and whether they take referrals (none names a language).
    let all = SearchServicesRequest::default();
    let focal = &host.office.focal;
    let found = host.found(focal, all.clone()).await;
    let ours = &host.office.service;
    let real: BTreeMap<String, ServiceRecord> = found
        .into_iter()
        .filter(|one| one.service_id != *ours)
        .map(|one| (one.service_id.clone(), one))
        .collect();
    assert_eq!(real.len(), 562);
    let count = |search| async {
        let found = host.found(focal, search).await;
        found.iter().filter(|one| one.service_id != *ours).count()
    };
    let need = |need: common::Need| SearchServicesRequest {
        need: Some(need.into()),
        ..Default::default()
    };
    assert_eq!(count(need(common::Need::Health)).await, 40);
    assert_eq!(count(need(common::Need::Basic)).await, 81 + 60 + 25);
    assert_eq!(count(need(common::Need::Legal)).await, 0);
    let mut area = all.clone();
    area.location = Some("Qasabat As Salt".to_owned());
    let in_area = count(area.clone()).await;
    area.need = Some(common::Need::Education.into());
    let both = count(area).await;
    assert!(
        0 < both && both < in_area && in_area < 562,
        "{both} of {in_area}"
    );
    let mut accepting = all.clone();
    accepting.accepting_only = true;
    assert_eq!(count(accepting).await, 562 - 87);

    // All are due for review, and none is assessed.
    let mut due = all.clone();
    due.due_only = true;
    assert_eq!(count(due).await, 562);
    assert!(real.values().all(|one| one.due));
    let mut unassessed = all.clone();
    unassessed.assessment = Some(common::Assessment::NotAssessed.into());
    assert_eq!(count(unassessed).await, 562);

    host.links_to_all_and_refers_in_emergencies_only(&real)
        .await;

    // Out as HSDS, and in again: nothing is new, nothing is other than it was.
    let found = host.found(&host.office.coordinator, all).await;
    let written: Vec<_> = found.iter().filter_map(|one| hsds(one, true)).collect();
    let again = host
        .import(serde_json::to_string(&written).expect("JSON"))
        .await;
    assert_eq!((again.existing, again.refused), (563, 0));
    assert_eq!((again.imported, again.updated), (0, 0));
}

impl Host {
    async fn links_to_all_and_refers_in_emergencies_only(
        &self,
        real: &BTreeMap<String, ServiceRecord>,
    ) {
        let mut intake = IntakeServiceClient::new(self.channel.clone());
        let ids: Vec<String> = real.keys().cloned().collect();
        for some in ids.chunks(60) {
            let link = GiveLinkRequest {
                meta: meta(),
                service_ids: some.to_vec(),
            };
            let given = intake.give_link(with_token(&self.office.focal, link)).await;
            given.expect("a link is always given");
        }
        let open = self.office.open_case("Canary Person (invented)");
        let opened = intake.open_case(with_token(&self.office.focal, open)).await;
        let case = opened.expect("opened").into_inner().case_id;
        let (mut none, mut drafted) = (BTreeSet::new(), 0);
        for (id, service) in real {
            let takes = service
                .entry
                .as_ref()
                .is_some_and(|it| it.accepts_referrals);
            let routine = self.refer(&case, id, common::Urgency::Routine).await;
            let emergency = self.refer(&case, id, common::Urgency::Emergency).await;
            if takes {
                assert_eq!(routine, Some(Refusal::ServiceNotAssessed));
                assert_eq!(emergency, None);
                drafted += 1;
            } else {
                assert_eq!(routine, Some(Refusal::ServiceTakesNoReferrals));
                assert_eq!(emergency, Some(Refusal::ServiceTakesNoReferrals));
                none.insert(id);
            }
        }
        assert_eq!((none.len(), drafted), (87, 562 - 87));
    }
}

#[tokio::test]
async fn d3_a_shelter_is_exported_redacted_or_not_at_all_and_found_by_language_if_one_may() {
    let host = Host::new().await;
    let report = host.import(OWN_DIRECTORY.to_owned()).await;
    assert_eq!((report.imported, report.refused), (20, 0));
    let arabic = SearchServicesRequest {
        language: Some("Arabic".to_owned()),
        ..Default::default()
    };
    let (coordinator, auditor) = (&host.office.coordinator, &host.office.auditor);
    let confidential = |all: &[ServiceRecord]| {
        let entries = all.iter().filter_map(|one| one.entry.as_ref());
        entries.filter(|entry| entry.confidential).count()
    };
    let all = SearchServicesRequest::default();
    let seen = host.found(coordinator, all.clone()).await;
    assert_eq!((seen.len(), confidential(&seen)), (21, 2));
    // An auditor need not know where a shelter is: it is not in what could be exported.
    let seen_by_auditor = host.found(auditor, all).await;
    assert_eq!(
        (seen_by_auditor.len(), confidential(&seen_by_auditor)),
        (19, 0)
    );
    assert!(!host.found(coordinator, arabic).await.is_empty());

    let redacted: Vec<_> = seen.iter().filter_map(|one| hsds(one, false)).collect();
    let again = host
        .import(serde_json::to_string(&redacted).expect("JSON"))
        .await;
    assert_eq!((again.existing, again.updated, again.imported), (19, 0, 0));
    assert_eq!(again.reasons, BTreeMap::from([("redacted", 2)]));
}
