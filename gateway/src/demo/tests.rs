//! The whole story through a real server on a real ledger, twice.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ledger::clock::SystemEntropy;
use ledger::domain::codes::Role;
use ledger::domain::command::{Caller, Command, Request};
use ledger::domain::ids::RequestId;
use ledger::domain::personal::Text;
use ledger::ledger::{InitOptions, Ledger, OpenOptions, Protection};
use ledger::prove::verify_receipt;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use super::*;
use crate::api::Api;
use crate::server::{ServeOptions, Server};

fn open(data: &Path, vault: &Path) -> Ledger {
    Ledger::open(OpenOptions::of(data.to_owned(), vault.to_owned())).unwrap()
}

fn found(ledger: &Ledger, command: Command) {
    let request = Request {
        request: RequestId::fresh(&mut SystemEntropy),
        caller: Caller::Founder,
        expected_version: None,
        occurred: None,
        command,
    };
    assert!(ledger.submit(request).is_ok());
}

fn register(ledger: &Ledger, first: &FirstPerson) {
    if ledger.staff(first.staff).unwrap().is_some() {
        return;
    }
    let register = Command::RegisterStaff {
        staff: first.staff,
        organisation: first.organisation,
        name: Text::new(first.name.to_owned()),
        roles: [first.role].into(),
    };
    found(ledger, register);
    let issue = Command::IssueToken {
        staff: first.staff,
        digest: Sha256::digest(first.token.as_bytes()).into(),
        expires: ledger.now().plus_ms(300 * DAY_MS),
    };
    found(ledger, issue);
}

/// Tells the story to its end.
async fn tell(data: &Path, vault: &Path, directory: Option<PathBuf>) -> Summary {
    let told = start(data, vault, directory, Duration::MAX).await;
    told.expect("enough time")
}

/// Opens the ledger, serves it, tells the story as far as it gets in a time, and stops.
async fn start(
    data: &Path,
    vault: &Path,
    directory: Option<PathBuf>,
    time: Duration,
) -> Option<Summary> {
    let ledger = open(data, vault);
    let [second, first] = first_persons(data).unwrap();
    register(&ledger, &second);
    register(&ledger, &first);
    let options = ServeOptions {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        tls: None,
        insecure: false,
        reflection: false,
        cut_after_days: 7,
        metrics: None,
        sweep_at: None,
    };
    let api = Api::open(ledger).unwrap();
    let server = Server::bind(api, &options).await.unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ended = stopped.await;
    }));
    let story = StoryOptions {
        data: data.to_owned(),
        directory,
        endpoint: format!("http://{address}"),
        admin_token: first.token,
        json: true,
    };
    let told = tokio::time::timeout(time, run(story)).await;
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    told.ok()
        .map(|told| told.unwrap_or_else(|error| panic!("{error}")))
}

fn make(home: &Path) -> (PathBuf, PathBuf) {
    let (data, vault) = (home.join("data"), home.join("vault"));
    let options = InitOptions {
        data: data.clone(),
        vault: vault.clone(),
        origin: "demo.invalid/log".to_owned(),
        test_tier: true,
        protection: Protection::default(),
        organisation: None,
    };
    ledger::ledger::init(&options).unwrap();
    (data, vault)
}

/// The real services of Jordan, where they are.
fn jordan() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here
        .ancestors()
        .map(|folder| folder.join("shared/data/services-jordan-2014.hsds.json"))
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: ../shared/data/services-jordan-2014.hsds.json is not here");
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_story_is_told_whole_and_a_second_start_adds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let (data, vault) = make(home.path());
    let first = tell(&data, &vault, None).await;
    assert_eq!(first.directory.imported, 20);
    assert_eq!((first.cases, first.referrals, first.events), (4, 8, EVENTS));
    assert_eq!((first.shredded, first.refusals), (6, 14));
    assert_eq!(first.cards.len(), Role::ALL.len());

    let second = tell(&data, &vault, None).await;
    assert_eq!(
        (second.directory.imported, second.directory.existing),
        (0, 20)
    );
    assert_eq!(second.events, first.events, "a second start added events");
    assert_eq!(second.refusals, first.refusals);
    assert_eq!(second.shredded, first.shredded);

    if let Some(file) = jordan() {
        let third = tell(&data, &vault, Some(file.clone())).await;
        let of_file = (
            third.directory.imported,
            third.directory.existing,
            third.directory.refused,
        );
        assert_eq!(of_file, (562, 0, 0));
        assert_eq!(third.events, first.events + 562);
        let fourth = tell(&data, &vault, Some(file)).await;
        let of_file = (
            fourth.directory.imported,
            fourth.directory.existing,
            fourth.directory.refused,
        );
        assert_eq!(of_file, (0, 562, 0));
        assert_eq!(fourth.events, third.events);
    }

    let key = std::fs::read_to_string(data.join("log.vkey")).unwrap();
    let key = key.trim().parse().unwrap();
    let receipts: Vec<_> = std::fs::read_dir(data.join("receipts")).unwrap().collect();
    assert!(receipts.len() >= usize::try_from(first.events).unwrap());
    for receipt in receipts {
        let bytes = std::fs::read(receipt.unwrap().path()).unwrap();
        let _verified = verify_receipt(&bytes, &key).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_that_breaks_off_anywhere_goes_on_and_does_nothing_twice() {
    let home = tempfile::tempdir().unwrap();
    let (data, vault) = make(home.path());
    let mut told = None;
    for _ in 0..10 {
        told = start(&data, &vault, None, Duration::from_millis(150)).await;
        if told.is_some() {
            break;
        }
    }
    let told = match told {
        Some(told) => told,
        None => tell(&data, &vault, None).await,
    };
    // The same as of a story that was never interrupted.
    assert_eq!((told.cases, told.referrals, told.events), (4, 8, EVENTS));
    assert_eq!((told.shredded, told.refusals), (6, 14));
}

/// Events of a story told in one go.
const EVENTS: u64 = 159;
