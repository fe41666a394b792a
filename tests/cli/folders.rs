//! Maintenance on folders: what may be touched, who may open them, what damage is called.

use std::fs;
use std::path::Path;

use harness::office::{Office, connect, with_token};
use harness::process::Place;
use proto::consent::v1::consent_service_client::ConsentServiceClient;
use proto::intake::v1::intake_service_client::IntakeServiceClient;
use proto::protection::v1::data_protection_service_client::DataProtectionServiceClient;
use tempfile::TempDir;
use tonic::transport::Channel;

use super::{demo, run};

#[test]
fn fsck_ends_with_0_when_all_is_well_and_with_1_and_the_event_when_not() {
    let place = Place::new(crate::PROGRAM);
    let sound = place.run(&["fsck", "--json"]).expect(0).json();
    assert_eq!(
        (&sound["ok"], &sound["findings"]),
        (&true.into(), &serde_json::json!([]))
    );
    assert_eq!(sound["opened"], sound["events"]);
    place.run(&["fsck"]).expect(0);

    flip_a_bit_of_event_2(&place);
    let damaged = place.run(&["fsck", "--json"]).expect(1).json();
    assert_eq!(damaged["ok"], false);
    let places: Vec<&str> = damaged["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["place"].as_str().unwrap())
        .collect();
    assert!(
        places.iter().any(|place| place.contains("event 2")),
        "{places:?}"
    );
    let told = place.run(&["fsck"]).expect(1);
    assert!(told.stdout.contains("event 2"), "{}", told.stdout);
}

#[test]
fn fsck_names_the_event_also_after_a_stop_that_was_none() {
    let place = Place::new(crate::PROGRAM);
    place.serve(&[]).kill();
    flip_a_bit_of_event_2(&place);
    for flags in [&["fsck"][..], &["fsck", "--without-vault"]] {
        let told = place.run(flags).expect(1);
        assert!(told.stdout.contains("event 2"), "{}", told.stdout);
    }
    place.run(&["status"]).expect(3);
}

fn flip_a_bit_of_event_2(place: &Place) {
    let journal = place.data().join("log/journal");
    let mut files: Vec<_> = fs::read_dir(journal)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut bytes = fs::read(&files[0]).unwrap();
    let id = ledger::log::Log::id_at(&place.data().join("log")).unwrap();
    let header = [&[1, 1], &id[..], &2_u64.to_be_bytes()].concat();
    let at = bytes
        .windows(header.len())
        .position(|window| window == header);
    bytes[at.expect("the event's header") + 50] ^= 1;
    fs::write(&files[0], bytes).unwrap();
}

#[test]
fn init_and_demo_refuse_a_folder_that_holds_anything_and_leave_it_as_it_is() {
    let folder = TempDir::new().unwrap();
    let mine = folder.path().join("d");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("thesis.txt"), "years of work").unwrap();
    for line in [
        "init --data d",
        "demo --exit --port 0 --data d",
        "init --data e --vault d",
    ] {
        let ran = run(folder.path(), line).expect(2);
        assert!(
            ran.stderr.contains('d') && !ran.stderr.contains("panicked"),
            "{}",
            ran.stderr
        );
        assert_eq!(names(&mine), ["thesis.txt"], "{line}");
    }
    run(folder.path(), "init --data f --vault f/keys").expect(2);
    assert_eq!(names(folder.path()), ["d"], "nothing else was made");

    run(folder.path(), "init --data g --test-vault").expect(0);
    let before = (
        names(&folder.path().join("g")),
        names(&folder.path().join("g-vault")),
    );
    run(folder.path(), "init --data g --test-vault").expect(2);
    run(folder.path(), "init --data h --vault g-vault").expect(2);
    assert_eq!(
        (
            names(&folder.path().join("g")),
            names(&folder.path().join("g-vault"))
        ),
        before
    );
    run(folder.path(), "fsck --data g").expect(0);
}

#[test]
fn the_demo_leaves_a_ledger_in_earnest_alone() {
    let folder = TempDir::new().unwrap();
    let made = run(folder.path(), "init --json --data d");
    // A vault in earnest may be refused on this file system; then there is nothing to leave alone.
    if made.code == Some(0) {
        let size =
            |folder: &Path| run(folder, "status --json --data d").expect(0).json()["size"].clone();
        let before = size(folder.path());
        let ran = run(folder.path(), "demo --exit --port 0 --data d").expect(2);
        assert!(ran.stderr.contains("in earnest"), "{}", ran.stderr);
        assert_eq!(size(folder.path()), before);
    } else {
        assert_eq!(made.code, Some(2), "{}", made.stderr);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_second_process_on_a_folder_is_refused_with_a_clear_message_and_harms_nothing() {
    let place = Place::new(crate::PROGRAM);
    let mut serving = place.serve(&[]);
    for line in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["status", "--json"],
        &["checkpoint"],
        &["fsck"],
        &["demo", "--exit", "--port", "0"],
    ] {
        let ran = place.run(line);
        assert_eq!(ran.code, Some(3), "{line:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("Another process has this folder open"),
            "{}",
            ran.stderr
        );
    }
    assert!(serving.lives());
    assert!(serving.stop().success());
    place.run(&["fsck"]).expect(0);
}

#[test]
fn a_missing_or_foreign_vault_is_named_and_nothing_is_called_erased() {
    let (folder, _) = demo();
    let (vault, away) = (folder.path().join("d-vault"), folder.path().join("away"));
    fs::rename(&vault, &away).unwrap();
    for line in [
        "status --data d",
        "checkpoint --data d",
        "demo --exit --json --port 0 --data d",
    ] {
        let ran = run(folder.path(), line).expect(3);
        assert!(
            ran.stderr.contains("not at this place") && ran.stderr.contains("d-vault"),
            "{line}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("Nothing is erased"),
            "{line}: {}",
            ran.stderr
        );
        assert!(!vault.exists(), "{line}");
    }
    run(folder.path(), "init --data other --test-vault").expect(0);
    let ran = run(folder.path(), "status --data d --vault other-vault").expect(3);
    assert!(
        ran.stderr.contains("vault") && !ran.stderr.contains("shredded"),
        "{}",
        ran.stderr
    );
    run(folder.path(), "fsck --without-vault --data d").expect(0);
    run(folder.path(), "status --data d --vault away").expect(0);
    run(folder.path(), "fsck --data d --vault away").expect(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_from_before_a_destruction_is_refused_as_old() {
    let place = Place::new(crate::PROGRAM);
    let serving = place.serve(&[]);
    let channel = connect(&serving.endpoint()).await;
    let office = Office::found(&channel, place.tokens()).await;
    let (case, consent) = consented(&channel, &office).await;
    assert!(serving.stop().success());
    let (vault, old) = (place.vault(), place.folder.path().join("old-vault"));
    copy(&vault, &old);

    let serving = place.serve(&[]);
    let channel = connect(&serving.endpoint()).await;
    let withdraw = with_token(&office.focal, office.withdraw_now(&case, &consent));
    let mut client = DataProtectionServiceClient::new(channel);
    client.withdraw_consent(withdraw).await.expect("withdrawn");
    assert!(serving.stop().success());
    let status = place.run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["shreds_pending"], 0, "{status}");

    fs::rename(&vault, place.folder.path().join("newest-vault")).unwrap();
    copy(&old, &vault);
    let ran = place.run(&["status"]).expect(3);
    assert!(ran.stderr.contains("an old copy"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Use the vault that was in use last"),
        "{}",
        ran.stderr
    );
    place.run(&["serve", "--listen", "127.0.0.1:0"]).expect(3);
    fs::remove_dir_all(&vault).unwrap();
    fs::rename(place.folder.path().join("newest-vault"), &vault).unwrap();
    place.run(&["fsck"]).expect(0);
}

async fn consented(channel: &Channel, office: &Office) -> (String, String) {
    let mut intake = IntakeServiceClient::new(channel.clone());
    let open = with_token(&office.focal, office.open_case("Somebody"));
    let opened = intake.open_case(open).await.expect("opened").into_inner();
    let mut consents = ConsentServiceClient::new(channel.clone());
    let give = office.give_consent(&opened.case_id, &opened.client_person_id);
    let given = consents
        .give_consent(with_token(&office.focal, give))
        .await
        .expect("given");
    (opened.case_id, given.into_inner().consent_id)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
