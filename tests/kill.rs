//! kill -9 at random moments under load: what was answered is there, once, in order, and provable.
//!
//! - Ten rounds; with `REFERRAL_LONG=1` two hundred. In every second round consents are withdrawn
//!   all the time, so that kills land inside the destruction of keys.

pub(crate) mod work;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use harness::load::{Known, Worker, random};
use harness::office::{Office, connect, with_token};
use harness::process::{Place, Serving};
use ledger::merkle::{Frontier, Hash, leaf_hash};
use ledger::prove::{VerifierKey, verify_receipt};
use proto::admin::v1::GetCountsRequest;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::audit::v1::StreamSealedEntriesRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::common::v1::{ActorKind, Entry, PageRequest};
use proto::protection::v1::GetErasureStatusRequest;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::tracking::v1::get_history_request::Subject;
use proto::tracking::v1::personal_part::Content;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use proto::tracking::v1::{GetHistoryRequest, PartState};
use tonic::transport::Channel;

/// Who asks at the same time.
const WORKERS: usize = 8;
/// Of a hundred steps in a round with withdrawals, those that withdraw where they can.
const WITHDRAWALS: u8 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_after_every_kill() {
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let rounds = if long { 200 } else { 10 };
    let place = Place::new(crate::PROGRAM);
    let mut serving = place.serve(&[]);
    let office = Office::found(&connect(&serving.endpoint()).await, place.tokens()).await;
    let answers = Arc::new(AtomicUsize::new(0));
    let hired = (0..WORKERS).map(|number| Worker::new(&office, number, &answers));
    let mut workers: Vec<Worker> = hired.collect();
    for round in 0..rounds {
        workers = killed_at_work(serving, workers, round).await;
        serving = place.serve(&[]);
        let channel = connect(&serving.endpoint()).await;
        for worker in &mut workers {
            worker.settle(&channel).await;
        }
        compare(&channel, &office, &mut workers).await;
        if round % 5 == 4 {
            assert!(serving.stop().success());
            place.run(&["fsck", "--json"]).expect(0);
            serving = place.serve(&[]);
        }
    }
    let people = || workers.iter().flat_map(|worker| &worker.people);
    let cases = people().count();
    let withdrawn = people().filter(|known| known.withdrawn).count();
    let closed = people().filter(|known| known.closed).count();
    let urgent = people().filter(|known| known.urgent.is_some()).count();
    assert!(
        withdrawn >= rounds / 2,
        "kills met withdrawals: {withdrawn}"
    );
    assert!(closed > urgent && urgent > 0, "{closed}, {urgent}");
    let channel = connect(&serving.endpoint()).await;
    let people = workers.iter().flat_map(|worker| &worker.people);
    prove(&channel, &office, place.vkey(), people).await;
    // Once more everybody, not only those of the last round.
    for known in workers.iter_mut().flat_map(|worker| &mut worker.people) {
        known.changed = true;
    }
    compare(&channel, &office, &mut workers).await;
    let answers = answers.load(Ordering::Relaxed);
    println!(
        "{rounds} kills, {answers} answers, {cases} cases, {withdrawn} withdrawals, {closed} closed"
    );
    assert!(serving.stop().success());
    place.run(&["fsck", "--json"]).expect(0);
}

/// Everybody works until the server is killed; their notes.
async fn killed_at_work(serving: Serving, workers: Vec<Worker>, round: usize) -> Vec<Worker> {
    let withdrawals = if round % 2 == 1 { WITHDRAWALS } else { 0 };
    let answers = workers
        .first()
        .map(|worker| Arc::clone(&worker.answers))
        .expect("an office");
    let mut working = Vec::new();
    for worker in workers {
        let channel = connect(&serving.endpoint()).await;
        working.push(tokio::spawn(worker.work(channel, withdrawals)));
    }
    // Some answers first, so that there is a load; then any moment.
    let enough = answers.load(Ordering::Relaxed) + usize::from(random(50));
    let patience = tokio::time::Instant::now() + Duration::from_secs(5);
    while answers.load(Ordering::Relaxed) < enough && tokio::time::Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_micros(u64::from(random(255)) * 100)).await;
    serving.kill();
    let mut workers = Vec::new();
    for worker in working {
        workers.push(worker.await.expect("nobody was refused"));
    }
    workers
}

/// Compares what is there with everybody's notes, as far as something happened since the last time.
async fn compare(channel: &Channel, office: &Office, workers: &mut [Worker]) {
    let mut cases = 0;
    for worker in workers {
        for known in &mut worker.people {
            cases += 1;
            if known.changed {
                let entries = history(channel, office, &known.case).await;
                in_order(&entries, known);
                work::nothing_begins_in_between(&entries, known);
                work::stands(channel, office, known).await;
                if known.withdrawn {
                    forgotten(channel, office, known).await;
                }
                read(channel, office, known).await;
                known.changed = false;
            }
        }
    }
    let mut admin = AdminServiceClient::new(channel.clone());
    let asked = with_token(&office.administrator, GetCountsRequest::default());
    let counts = admin
        .get_counts(asked)
        .await
        .expect("counts")
        .into_inner()
        .counts;
    let opened = counts.iter().find(|count| count.event_name == "CaseOpened");
    let opened = opened.map_or(0, |count| usize::try_from(count.count).unwrap());
    assert_eq!(
        opened, cases,
        "a request that was cut off is done once or not at all"
    );
}

pub(crate) async fn history(channel: &Channel, office: &Office, case: &str) -> Vec<Entry> {
    let mut client = TrackingServiceClient::new(channel.clone());
    let asked = GetHistoryRequest {
        subject: Some(Subject::CaseId(case.to_owned())),
        page: Some(PageRequest {
            page_size: 500,
            ..Default::default()
        }),
    };
    let told = client
        .get_history(with_token(&office.focal, asked))
        .await
        .expect("its history");
    told.into_inner().entries
}

/// Everything answered is there, in order; and nothing that nobody was told of, but the ledger's
/// own.
fn in_order(entries: &[Entry], known: &Known) {
    let versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
    let counted: Vec<u64> = (1..).take(entries.len()).collect();
    assert_eq!(versions, counted, "{}", known.name);
    assert!(entries.is_sorted_by(|one, next| one.position < next.position));
    let own = |entry: &&Entry| entry.actor_kind() != ActorKind::System;
    let there: BTreeMap<u64, &str> = entries
        .iter()
        .filter(own)
        .map(|entry| (entry.position, entry.event_name.as_str()))
        .collect();
    let told: BTreeMap<u64, &str> = known
        .told
        .iter()
        .map(|(position, name, _)| (*position, name.as_str()))
        .collect();
    let system = |name: &str| {
        [
            "ShredStarted",
            "Shredded",
            "KeysRotated",
            "RetentionInstalled",
            "OrganisationInstalled",
            "ErasureCertified",
        ]
        .contains(&name)
    };
    let told = told
        .into_iter()
        .filter(|(_, name)| !system(name))
        .collect::<BTreeMap<_, _>>();
    assert_eq!(there, told, "{}", known.name);
}

/// Waits until a withdrawal that was answered has come to its end: boot finishes what a kill cut
/// off.
pub(crate) async fn forgotten(channel: &Channel, office: &Office, known: &Known) {
    let mut client = DataProtectionServiceClient::new(channel.clone());
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let asked = GetErasureStatusRequest {
            case_id: known.case.clone(),
            consent_id: known.consent.clone(),
        };
        let status = client
            .get_erasure_status(with_token(&office.focal, asked))
            .await;
        let status = status.expect("its state").into_inner();
        if status.states.iter().all(|state| state.complete) {
            assert_eq!(status.states.len(), 1);
            return;
        }
        assert!(
            tokio::time::Instant::now() < patience,
            "{}: {status:?}",
            known.name
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The living read as they were written; what was withdrawn does not read.
async fn read(channel: &Channel, office: &Office, known: &mut Known) {
    let mut client = TrackingServiceClient::new(channel.clone());
    let asked = with_token(&office.focal, office.view(&known.case));
    let seen = client
        .view_personal_data(asked)
        .await
        .expect("it opens")
        .into_inner();
    for receipt in seen.outcome.expect("an outcome").receipts {
        known
            .told
            .push((receipt.position, receipt.event_name, receipt.tlog_proof));
    }
    let (mut names, mut needs) = (Vec::new(), Vec::new());
    let mut shredded = 0;
    for part in seen.parts {
        match (part.state(), part.content) {
            (PartState::Open, Some(Content::Name(name))) => names.push(name),
            (PartState::Open, Some(Content::Item(item))) => needs.push(item.text),
            (PartState::Open, Some(Content::ConsentNote(_) | Content::Detail(_))) => {}
            (PartState::Shredded, None) => shredded += 1,
            other => panic!("{}: {other:?}", known.name),
        }
    }
    assert_eq!(
        names,
        [known.name.as_str()],
        "who rests on another ground is still there"
    );
    if known.withdrawn {
        // The consent's own note, and what was written on it.
        assert_eq!(shredded, 2, "{}", known.name);
        let urgent: Vec<_> = known.urgent.iter().cloned().collect();
        assert_eq!(needs, urgent, "{}", known.name);
    } else {
        assert_eq!(
            (needs, shredded),
            (known.needs.iter().cloned().collect(), 0),
            "{}",
            known.name
        );
    }
}

/// Every receipt ever given out verifies and is of this very log, whose root is counted again here.
pub(crate) async fn prove<'a>(
    channel: &Channel,
    office: &Office,
    vkey: &str,
    people: impl IntoIterator<Item = &'a Known>,
) {
    let mut client = AuditServiceClient::new(channel.clone());
    let all = StreamSealedEntriesRequest::default();
    let sealed = client
        .stream_sealed_entries(with_token(&office.auditor, all))
        .await;
    let mut sealed = sealed.expect("the log").into_inner();
    let mut frontier = Frontier::empty();
    let mut roots: Vec<Hash> = vec![frontier.root()];
    while let Some(entry) = sealed.message().await.expect("the log goes on") {
        frontier.push(leaf_hash(&entry.header));
        roots.push(frontier.root());
    }
    let key: VerifierKey = vkey.trim().parse().expect("a key");
    for known in people {
        for (position, name, receipt) in &known.told {
            let proved = verify_receipt(receipt.as_bytes(), &key).expect("the receipt verifies");
            assert_eq!(proved.index(), *position, "{name}");
            let size = usize::try_from(proved.size()).unwrap();
            assert_eq!(
                roots.get(size),
                Some(&proved.root()),
                "{name}: of another log"
            );
        }
    }
}
