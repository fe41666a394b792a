//! The directory from end to end: the real services of Jordan come in, are found, are not referred
//! to as long as nobody assessed them, and go out again as HSDS; a shelter is given away to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gateway::directory::{DirectoryReader, ImportReport, OWN_DIRECTORY, hsds, import};
use harness::office::{Office, connect, meta, refused, with_token};
use harness::process::{Place, Serving};
use ledger::clock::{Clock, SystemClock};
use ledger::refusal::Refusal;
use proto::admin::v1::ListStaffRequest;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::common::v1 as common;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::directory::v1::directory_service_client::DirectoryServiceClient;
use proto::directory::v1::*;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::intake::v1::{GiveLinkRequest, OpenCaseResponse};
use proto::protection::v1::ListDisclosedRequest;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::referral::v1::referral_service_client::ReferralServiceClient;
use proto::referral::v1::{ReviewReferralRequest, SendReferralRequest};
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
    async fn members(&self, token: &str, ending_within_days: Option<u32>) -> Vec<MemberRecord> {
        let mut client = DirectoryServiceClient::new(self.channel.clone());
        let asked = ListMembersRequest {
            page: Some(self.office.up_to_now(&self.channel).await),
            ending_within_days,
            ..Default::default()
        };
        let listed = client.list_members(with_token(token, asked)).await;
        listed.expect("listed").into_inner().members
    }

    async fn found(&self, token: &str, search: SearchServicesRequest) -> Vec<ServiceRecord> {
        let now = self.office.up_to_now(&self.channel).await;
        let mut client = DirectoryServiceClient::new(self.channel.clone());
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let asked = SearchServicesRequest {
                page: Some(common::PageRequest {
                    page_size: 200,
                    page_token: std::mem::take(&mut next),
                    ..now.clone()
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

fn in_days(days: u64) -> String {
    let later = SystemClock.now().plus_ms(days * ledger::clock::DAY_MS);
    gateway::wire::time::day_to_wire(later.day())
}

/// A pathway to these services, in one language.
fn pathway_to(services: &[&str]) -> Pathway {
    Pathway {
        need: common::Need::Protection.into(),
        area: "Example City".to_owned(),
        group: String::new(),
        steps: vec![PathwayStep {
            role: Some(common::MechanismRole::Serves.into()),
            service_ids: services.iter().map(|id| (*id).to_owned()).collect(),
            need: None,
            within_hours: Some(24),
        }],
        texts: vec![PathwayText {
            language: "en".to_owned(),
            title: "A safe place".to_owned(),
            steps: vec!["The service takes the person in".to_owned()],
        }],
    }
}

impl Host {
    /// Makes the partner a member.
    async fn member(&self) {
        let coordinator = &self.office.coordinator;
        let mut client = DirectoryServiceClient::new(self.channel.clone());
        let member = RecordMemberRequest {
            meta: meta(),
            organisation_id: self.office.partner.clone(),
            membership: Some(Membership {
                name: "Invented helpers".to_owned(),
                roles: vec![common::MechanismRole::Serves.into()],
                since: "2026-01-01".to_owned(),
                focal_point: "Desk".to_owned(),
                ..Default::default()
            }),
        };
        let recorded = client.record_member(with_token(coordinator, member)).await;
        recorded.expect("a member");
    }

    /// What was agreed with the member until in twenty days, or agreed otherwise now.
    async fn agreement(&self, services: Vec<String>) {
        let coordinator = &self.office.coordinator;
        let mut client = DirectoryServiceClient::new(self.channel.clone());
        let asked = with_token(&self.office.administrator, ListStaffRequest::default());
        let mut administration = AdminServiceClient::new(self.channel.clone());
        let staff = administration.list_staff(asked).await;
        let staff = staff.expect("the staff").into_inner().staff;
        let own = staff.first().expect("somebody").organisation_id.clone();
        let agreement = RecordAgreementRequest {
            meta: meta(),
            organisation_id: self.office.partner.clone(),
            agreement_id: "3b0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18".to_owned(),
            agreement: Some(Agreement {
                kind: common::AgreementKind::DataSharing.into(),
                party_ids: vec![own],
                starts: "2026-01-01".to_owned(),
                ends: Some(in_days(20)),
                service_ids: services,
                ..Default::default()
            }),
        };
        let recorded = client
            .record_agreement(with_token(coordinator, agreement))
            .await;
        recorded.expect("an agreement");
    }

    /// A case with a referral that was sent to the partner: the case, its person, the consent, the
    /// referral, and where sending stands in the log.
    async fn sent(&self) -> (OpenCaseResponse, String, String, Option<u64>) {
        let (office, channel) = (&self.office, &self.channel);
        let mut intake = IntakeServiceClient::new(channel.clone());
        let mut referrals = ReferralServiceClient::new(channel.clone());
        let open = office.open_case("Canary Person (invented)");
        let opened = intake.open_case(with_token(&office.focal, open)).await;
        let opened = opened.expect("opened").into_inner();
        let give = office.give_consent(&opened.case_id, &opened.client_person_id);
        let given = ConsentServiceClient::new(channel.clone())
            .give_consent(with_token(&office.focal, give))
            .await;
        let consent = given.expect("given").into_inner().consent_id;
        let draft = office.draft(&opened.case_id, None, "Canary Needs");
        let drafted = referrals
            .draft_referral(with_token(&office.focal, draft))
            .await;
        let referral_id = drafted.expect("drafted").into_inner().referral_id;
        let review = ReviewReferralRequest {
            meta: meta(),
            case_id: None,
            referral_id: referral_id.clone(),
            read_back: true,
            copy_given: false,
        };
        let reviewed = referrals
            .review_referral(with_token(&office.focal, review))
            .await;
        reviewed.expect("reviewed");
        let send = SendReferralRequest {
            meta: meta(),
            referral_id: referral_id.clone(),
            channel: common::Channel::Portal.into(),
            ..Default::default()
        };
        let sent = referrals
            .send_referral(with_token(&office.focal, send))
            .await;
        let sent = sent
            .expect("sent")
            .into_inner()
            .outcome
            .expect("an outcome");
        let position = sent.receipts.last().map(|receipt| receipt.position);
        (opened, consent, referral_id, position)
    }
}

#[tokio::test]
async fn d5_members_and_pathways_go_round_over_the_api_without_shelters() {
    let host = Host::new().await;
    host.import(OWN_DIRECTORY.to_owned()).await;
    let (coordinator, auditor) = (&host.office.coordinator, &host.office.auditor);
    let seen = host
        .found(coordinator, SearchServicesRequest::default())
        .await;
    let is_shelter = |one: &&ServiceRecord| one.entry.as_ref().is_some_and(|it| it.confidential);
    let shelter = &seen.iter().find(is_shelter).expect("a shelter").service_id;
    let mut client = DirectoryServiceClient::new(host.channel.clone());

    // What was agreed on a shelter alone is found by those who know of the shelter, and by nobody
    // else, whatever they ask.
    host.member().await;
    host.agreement(vec![shelter.clone()]).await;
    for (token, listed, shown) in [(coordinator, 1, 1), (auditor, 0, 0)] {
        for (days, listed) in [(Some(30), listed), (None, 1)] {
            let members = host.members(token, days).await;
            assert_eq!(members.len(), listed);
            for member in members {
                assert_eq!(member.agreements.len(), shown);
                assert_eq!(member.version > 0, shown > 0);
            }
        }
    }

    host.agreement(Vec::new()).await;
    for (days, listed) in [(10, 0), (30, 1)] {
        let members = host.members(auditor, Some(days)).await;
        assert_eq!(members.len(), listed, "within {days} days");
    }

    let pathway = RecordPathwayRequest {
        meta: meta(),
        pathway_id: "5c0e1f6a-27c4-4d9e-8a51-6f0c2d9b7e18".to_owned(),
        pathway: Some(pathway_to(&[&host.office.service, shelter])),
    };
    let recorded = client
        .record_pathway(with_token(coordinator, pathway))
        .await;
    recorded.expect("a pathway");
    for (token, services) in [(coordinator, 2), (auditor, 1)] {
        let asked = ListPathwaysRequest {
            page: Some(host.office.up_to_now(&host.channel).await),
            need: Some(common::Need::Protection.into()),
            area: "example".to_owned(),
            ..Default::default()
        };
        let found = client.list_pathways(with_token(token, asked)).await;
        let found = found.expect("listed").into_inner().pathways;
        let plan = found[0].pathway.as_ref().expect("a plan");
        assert_eq!(plan.steps[0].service_ids.len(), services);
        // It shows when a referral to one of its services is prepared.
        let asked = GetServiceRequest {
            service_id: host.office.service.clone(),
        };
        let service = client.get_service(with_token(token, asked)).await;
        assert_eq!(service.expect("shown").into_inner().pathways.len(), 1);
    }
    // That a pathway leads to a shelter is told to nobody who need not know of the shelter.
    for (token, pathways) in [(coordinator, 1), (auditor, 0)] {
        let asked = ListPathwaysRequest {
            page: Some(host.office.up_to_now(&host.channel).await),
            service_id: Some(shelter.clone()),
            ..Default::default()
        };
        let found = client.list_pathways(with_token(token, asked)).await;
        assert_eq!(found.expect("listed").into_inner().pathways.len(), pathways);
    }
}

#[tokio::test]
async fn f4_what_was_given_is_told_to_those_who_answer_for_it_and_to_nobody_else() {
    let host = Host::new().await;
    let (office, channel) = (&host.office, &host.channel);
    let (opened, consent, referral_id, position) = host.sent().await;
    let mut protection = DataProtectionServiceClient::new(channel.clone());
    for token in [&office.focal, &office.auditor] {
        let asked = ListDisclosedRequest {
            recipient_id: Some(office.partner.clone()),
            page: Some(common::PageRequest {
                at_least_position: position,
                ..Default::default()
            }),
            ..Default::default()
        };
        let found = protection.list_disclosed(with_token(token, asked)).await;
        let found = found.expect("told").into_inner().disclosed;
        assert_eq!(found.len(), 1);
        let one = &found[0];
        assert_eq!(
            (&one.case_id, &one.referral_id),
            (&opened.case_id, &referral_id)
        );
        assert_eq!(one.person_id, opened.client_person_id);
        assert_eq!(one.recipient_name, "Invented helpers");
        assert_eq!(one.categories, [i32::from(common::DataCategory::Needs)]);
        assert_eq!(one.grounds[0].ground_id, consent);
        assert!(!format!("{one:?}").contains("Canary"));
    }
    let asked = || ListDisclosedRequest {
        case_id: Some(opened.case_id.clone()),
        ..Default::default()
    };
    let coordinator = with_token(&office.coordinator, asked());
    let refusal = protection
        .list_disclosed(coordinator)
        .await
        .expect_err("refused");
    assert_eq!(
        refused(&refusal).map(|no| no.refusal),
        Some(Refusal::NotAllowed)
    );
}

mod editions;
