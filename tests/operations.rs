//! What whoever runs the server is told: health, status and metrics say the same, and nothing of
//! anybody.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use harness::carve::copy;
use harness::office::{Office, connect, refused, with_token};
use harness::process::{Place, Serving};
use ledger::copies::back_up;
use ledger::refusal::Refusal;
use proto::admin::v1::admin_service_client::AdminServiceClient;
use proto::admin::v1::{GetStatusRequest, GetStatusResponse};
use proto::audit::v1::GetCheckpointRequest;
use proto::audit::v1::audit_service_client::AuditServiceClient;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// Far longer than a server takes to see that there is room again.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn metrics_are_off_unless_asked_for_and_tell_counts_and_nothing_of_anybody() {
    let place = Place::new(crate::PROGRAM);
    let elsewhere = ["serve", "--listen", "127.0.0.1:0", "--metrics", "0.0.0.0:0"];
    assert!(place.run(&elsewhere).expect(2).stderr.contains("loopback"));
    let quiet = place.serve(&[]);
    assert!(!quiet.said().contains("Metrics at"));
    assert!(quiet.stop().success());

    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    let channel = connect(&serving.endpoint()).await;
    let office = Office::found(&channel, place.tokens()).await;
    let mut intake = IntakeServiceClient::new(channel.clone());
    let open = office.open_case("Canary Identity");
    let opened = intake.open_case(with_token(&office.focal, open)).await;
    let opened = opened.expect("opened").into_inner();
    let nobody = with_token("rl_nobody", GetStatusRequest {});
    let mut admin = AdminServiceClient::new(channel.clone());
    assert!(admin.get_status(nobody).await.is_err());
    let told = metrics(&serving);
    let size = status(&channel, &office).await.size;
    assert_eq!(value(&told, "ledger_events"), size.to_string());
    for healthy in ["ledger_poisoned", "ledger_disk_full", "views_failing"] {
        assert_eq!(value(&told, healthy), "0");
    }
    let counted = "requests_total{method=\"OpenCase\",code=\"ok\"}";
    assert_eq!(value(&told, counted), "1");
    let strangers = "requests_total{method=\"GetStatus\",code=\"unauthenticated\"}";
    assert_eq!(value(&told, strangers), "1");
    for line in told.lines().filter(|line| !line.starts_with('#')) {
        let (name, number) = line.rsplit_once(' ').expect("a name and a number");
        assert!(name.starts_with("referral_"), "{line}");
        assert!(number.parse::<f64>().is_ok(), "{line}");
    }
    // No id, no name, no address.
    for word in [&opened.case_id, &opened.client_person_id, &office.service] {
        assert!(!told.contains(word.as_str()), "{told}");
    }
    assert!(!told.contains("Canary") && !told.contains("127.0.0.1"));
    assert!(ask(&serving, "GET /other HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    let endless = "x".repeat(100_000);
    assert_eq!(
        ask(&serving, &endless),
        "",
        "who says too much is hung up on"
    );
    assert!(metrics(&serving).contains("referral_ledger_events"));
    assert!(serving.stop().success());
}

#[test]
fn who_connects_for_metrics_and_says_nothing_keeps_nobody_waiting() {
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    // Waiting five seconds for each of them in turn would be past all patience.
    let silent: Vec<TcpStream> = (0..24).map(|_| caller(&serving)).collect();
    assert!(metrics(&serving).contains("referral_ledger_events"));
    drop(silent);
    assert!(serving.stop().success());
}

#[tokio::test]
async fn a_full_disk_is_said_by_health_status_and_metrics_and_passes_by_itself() {
    let place = Place::new(crate::PROGRAM);
    let Some(mounted) = Mounted::over(&place.data(), "200m") else {
        println!("SKIPPED: nothing can be mounted here");
        return;
    };
    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    let channel = connect(&serving.endpoint()).await;
    let office = Office::found(&channel, place.tokens()).await;
    let (case, consent) = somebody(&channel, &office).await;
    assert!(serving.stop().success());
    // The next journal file is gone, and there is no room for another.
    let spare = place.data().join("log/journal/00000002.seg");
    std::fs::remove_file(spare).expect("it was prepared");
    mounted.resize("40m");
    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    let channel = connect(&serving.endpoint()).await;
    until("it says that it is full", async || {
        health(&channel, "").await == ServingStatus::NotServing
    })
    .await;
    assert!(status(&channel, &office).await.disk_full);
    assert_eq!(value(&metrics(&serving), "ledger_disk_full"), "1");
    // Nothing is taken, and that is not called anything else; proofs go on.
    let mut intake = IntakeServiceClient::new(channel.clone());
    let open = office.open_case("Nobody");
    let turned_away = intake.open_case(with_token(&office.focal, open)).await;
    let turned_away = turned_away.expect_err("there is no room");
    let turned_away = refused(&turned_away).map(|refused| refused.refusal);
    assert_eq!(turned_away, Some(Refusal::Unavailable));
    let audit = "referral.audit.v1.AuditService";
    assert_eq!(health(&channel, audit).await, ServingStatus::Serving);
    // Withdrawals are taken, and the service that takes them says so.
    let protection = "referral.protection.v1.DataProtectionService";
    assert_eq!(health(&channel, protection).await, ServingStatus::Serving);
    let intake_service = "referral.intake.v1.IntakeService";
    let turned_away_there = health(&channel, intake_service).await;
    assert_eq!(turned_away_there, ServingStatus::NotServing);
    let mut proofs = AuditServiceClient::new(channel.clone());
    let asked = with_token(&office.auditor, GetCheckpointRequest {});
    assert!(proofs.get_checkpoint(asked).await.is_ok());
    // Room comes back, and nobody asks for anything.
    mounted.resize("200m");
    until("it says that there is room", async || {
        health(&channel, "").await == ServingStatus::Serving
    })
    .await;
    assert!(!status(&channel, &office).await.disk_full);
    let mut protection = DataProtectionServiceClient::new(channel.clone());
    let withdraw = with_token(&office.focal, office.withdraw_now(&case, &consent));
    assert!(protection.withdraw_consent(withdraw).await.is_ok());
    assert!(serving.stop().success());
    place.run(&["fsck", "--json"]).expect(0);
}

#[tokio::test]
async fn a_frame_damaged_behind_the_store_is_named_while_everything_is_served() {
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    let channel = connect(&serving.endpoint()).await;
    let office = Office::found(&channel, place.tokens()).await;
    let _ = somebody(&channel, &office).await;
    until("the journal was read again", async || {
        status(&channel, &office).await.journal_checked.is_some()
    })
    .await;
    assert_eq!(health(&channel, "journal").await, ServingStatus::Serving);
    assert_eq!(value(&metrics(&serving), "ledger_journal_damaged"), "0");
    assert!(serving.stop().success());
    let backup = place.data().with_file_name("backup");
    back_up(&place.data(), &backup).expect("a backup");

    // In the middle of an early frame: opening looks at the last one only.
    let journal = place.data().join("log/journal/00000001.seg");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    let mut frames = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"RLFRAME1"));
    let second = frames.nth(1).expect("a second frame");
    bytes[second + 60] ^= 1;
    std::fs::write(&journal, bytes).expect("damaged");
    let serving = place.serve(&["--metrics", "127.0.0.1:0"]);
    let channel = connect(&serving.endpoint()).await;
    until("it is found", async || {
        health(&channel, "journal").await == ServingStatus::NotServing
    })
    .await;
    let told = status(&channel, &office).await;
    assert!(told.journal_damage[0].contains("frame 2"), "{told:?}");
    assert_ne!(value(&metrics(&serving), "ledger_journal_damaged"), "0");
    assert!(serving.said().contains("fsck --mend-from"));
    // Nobody is turned away for it.
    assert_eq!(health(&channel, "").await, ServingStatus::Serving);
    let _ = somebody(&channel, &office).await;
    assert!(serving.stop().success());
    place.run(&["fsck", "--json"]).expect(1);
    let backup = backup.to_str().expect("a path");
    place.run(&["fsck", "--mend-from", backup]).expect(0);
}

async fn somebody(channel: &Channel, office: &Office) -> (String, String) {
    let mut intake = IntakeServiceClient::new(channel.clone());
    let open = with_token(&office.focal, office.open_case("Somebody"));
    let opened = intake.open_case(open).await.expect("opened").into_inner();
    let mut consents = ConsentServiceClient::new(channel.clone());
    let give = office.give_consent(&opened.case_id, &opened.client_person_id);
    let given = consents.give_consent(with_token(&office.focal, give)).await;
    let consent = given.expect("given").into_inner().consent_id;
    (opened.case_id, consent)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn health(channel: &Channel, service: &str) -> ServingStatus {
    let service = service.to_owned();
    let mut client = HealthClient::new(channel.clone());
    let asked = client.check(HealthCheckRequest { service }).await;
    asked.expect("it answers").into_inner().status()
}

async fn status(channel: &Channel, office: &Office) -> GetStatusResponse {
    let mut client = AdminServiceClient::new(channel.clone());
    let asked = with_token(&office.administrator, GetStatusRequest {});
    client.get_status(asked).await.expect("status").into_inner()
}

fn metrics(serving: &Serving) -> String {
    let answer = ask(serving, "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    body.to_owned()
}

/// A connection to where metrics are told.
fn caller(serving: &Serving) -> TcpStream {
    let said = serving.said();
    let (_, after) = said
        .rsplit_once("Metrics at http://")
        .expect("it says where");
    let (address, _) = after.split_once('/').expect("a path");
    TcpStream::connect(address).expect("it listens")
}

/// Says something there; what came back until it hung up.
fn ask(serving: &Serving, what: &str) -> String {
    let mut stream = caller(serving);
    let patience = stream.set_read_timeout(Some(PATIENCE));
    patience.expect("a timeout");
    // It may have hung up before everything was said.
    let _ = stream.write_all(what.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

fn value(metrics: &str, name: &str) -> String {
    let name = format!("referral_{name} ");
    let mut lines = metrics.lines();
    let found = lines.find_map(|line| line.strip_prefix(&name));
    found
        .unwrap_or_else(|| panic!("{name}: {metrics}"))
        .to_owned()
}

/// A disk in memory over a folder, which can become larger and smaller; gone when dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn over(folder: &Path, size: &str) -> Option<Self> {
        let aside = folder.with_extension("aside");
        std::fs::rename(folder, &aside).expect("a ledger");
        std::fs::create_dir(folder).expect("a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        let done = mount.arg(folder).output().ok()?;
        let mounted = done.status.success().then(|| Self(folder.to_owned()))?;
        copy(&aside, folder);
        Some(mounted)
    }

    fn resize(&self, size: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,size={size}")]);
        let done = mount.arg(&self.0).status().expect("it runs");
        assert!(done.success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
