//! Attack test 3: what a running server holds in memory after a person was forgotten.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use harness::carve::files;
use harness::office::{Office, connect, with_token};
use harness::process::{Place, Serving};
use proto::admin::v1::GetStatusRequest;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use rustix::process::Signal;
use tonic::transport::Channel;

use super::carve::{Carved, carve};

/// A person at a running server who is about to be forgotten.
pub(super) struct Somebody {
    pub(super) place: Place,
    pub(super) serving: Serving,
    office: Office,
    channel: Channel,
    case: String,
    consent: String,
}

impl Somebody {
    pub(super) async fn at_a_server() -> Self {
        let place = Place::new(crate::PROGRAM);
        let serving = place.serve(&[]);
        let channel = connect(&serving.endpoint()).await;
        let office = Office::found(&channel, place.tokens()).await;
        let mut intake = IntakeServiceClient::new(channel.clone());
        let open = office.open_case("Canary Person");
        let opened = intake.open_case(with_token(&office.focal, open)).await;
        let opened = opened.unwrap().into_inner();
        let mut consents = ConsentServiceClient::new(channel.clone());
        let give = office.give_consent(&opened.case_id, &opened.client_person_id);
        let given = consents.give_consent(with_token(&office.focal, give)).await;
        let mut tracking = TrackingServiceClient::new(channel.clone());
        let view = with_token(&office.focal, office.view(&opened.case_id));
        tracking.view_personal_data(view).await.unwrap();
        Self {
            consent: given.unwrap().into_inner().consent_id,
            case: opened.case_id,
            place,
            serving,
            office,
            channel,
        }
    }

    /// Withdraws, and waits until the keys are destroyed.
    pub(super) async fn is_forgotten(&self) {
        let mut protection = DataProtectionServiceClient::new(self.channel.clone());
        let withdraw = self.office.withdraw_now(&self.case, &self.consent);
        let withdrawn = protection.withdraw_consent(with_token(&self.office.focal, withdraw));
        withdrawn.await.unwrap();
        let mut admin = AdminServiceClient::new(self.channel.clone());
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let ask = with_token(&self.office.administrator, GetStatusRequest::default());
            let status = admin.get_status(ask).await.unwrap().into_inner();
            if status.epoch == 2 && status.shreds_pending == 0 {
                return;
            }
            assert!(Instant::now() < patience, "{status:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn carved(&self) -> Carved {
        carve(&files(&[&self.place.data(), &self.place.vault()]))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_person_was_forgotten_no_dead_key_is_in_the_servers_memory() {
    let somebody = Somebody::at_a_server().await;
    let before = somebody.carved();
    let Some(memory) = memory_of(&somebody.serving) else {
        return;
    };
    // Control: the root is held in memory as long as it is in force, so the scan can find one.
    assert!(
        holds_any(&memory, &before, &before.lying_open).is_some(),
        "the old root is there"
    );
    somebody.is_forgotten().await;
    let after = somebody.carved();
    let memory = memory_of(&somebody.serving).expect("it was read before");
    assert!(
        holds_any(&memory, &after, &after.lying_open).is_some(),
        "the new root is there"
    );
    let dead: HashSet<[u8; 16]> = before
        .reachable
        .difference(&after.reachable)
        .copied()
        .collect();
    assert!(dead.len() > 2, "the old root, nodes above, and the leaf");
    assert!(
        before.lying_open.is_subset(&dead),
        "the old root among them"
    );
    if let Some(id) = holds_any(&memory, &before, &dead) {
        panic!("a dead key is still in memory: {id:02x?}");
    }
    somebody.serving.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_made_to_crash_leaves_no_dump_and_is_not_swapped() {
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve(&[]);
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    let locked = line.unwrap().trim() != "0 kB";
    assert!(
        locked || serving.said().contains("may be swapped"),
        "{status}"
    );
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", serving.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let numbers = core.unwrap().split_whitespace().filter(|word| *word == "0");
    assert_eq!(numbers.count(), 2, "{limits}");
    let status = serving.end_by(Signal::ABORT);
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
}

/// Every byte that a process can write to, region by region; none without the right to look.
fn memory_of(serving: &Serving) -> Option<Vec<Vec<u8>>> {
    let folder = format!("/proc/{}", serving.id());
    let opened = File::open(format!("{folder}/mem"));
    let Ok(memory) = opened else {
        println!("SKIPPED: reading another process's memory needs root");
        return None;
    };
    let maps = std::fs::read_to_string(format!("{folder}/maps")).unwrap();
    let mut regions = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (number(from), number(to));
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            regions.push(bytes);
        }
    }
    assert!(regions.len() > 5, "{maps}");
    Some(regions)
}

/// The first of some keys of which either half lies in memory: the allocator writes its own words
/// over the beginning of what was freed.
fn holds_any(memory: &[Vec<u8>], carved: &Carved, ids: &HashSet<[u8; 16]>) -> Option<[u8; 16]> {
    ids.iter().copied().find(|id| {
        let (first, second) = carved.keys[id].split_at(16);
        let holds = |half: &[u8]| memory.iter().any(|region| lies_in(region, half));
        holds(first) || holds(second)
    })
}

fn lies_in(region: &[u8], half: &[u8]) -> bool {
    let mut rest = region;
    while let Some(at) = rest.iter().position(|byte| *byte == half[0]) {
        if rest[at..].starts_with(half) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}
