//! Power cuts at any moment under mixed load: what was answered is there, who was forgotten stays
//! forgotten, and everybody else is readable.
//!
//! - The real server is recorded by strace while people work and consents are withdrawn with keys
//!   destroyed at once; the vault is part of the recording. Then its disk is replayed to syncs,
//!   writes of the vault and any other call, what was not synced is lost, kept or torn by chance
//!   (`harness::disk`), and the real server opens what is left. Some openings are recorded and cut
//!   as well.
//! - 40 cuts; with `REFERRAL_LONG=1` a thousand, or as many as `REFERRAL_CUTS` says. A failing cut
//!   names its seed (`REFERRAL_SEED`) and leaves its folder.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::dice::Dice;
use harness::disk::Disk;
use harness::load::{Known, Worker};
use harness::office::{Office, connect, with_token};
use harness::process::Place;
use harness::strace::{self, Trace, can_trace};
use ledger::shredcheck::{Asked, shredcheck};
use proto::tracking::v1::PartState;
use proto::tracking::v1::personal_part::Content;
use proto::tracking::v1::tracking_service_client::TrackingServiceClient;
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::kill::{forgotten, history, prove};

/// Who asks at the same time, how many answers make a recording, and how long it waits for them.
const WORKERS: usize = 6;
const ANSWERS: usize = 120;
const RECORDING_MAX: Duration = Duration::from_secs(30);
/// Of a hundred steps, those that withdraw where they can.
const WITHDRAWALS: u8 = 40;
/// Cuts of one recording.
const CUTS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_power_cut_loses_or_brings_back_anybody() {
    if !can_trace() {
        return;
    }
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let asked = std::env::var("REFERRAL_CUTS").ok();
    let all = asked.and_then(|cuts| cuts.parse().ok());
    let all = all.unwrap_or(if long { 1_000 } else { CUTS });
    let mut seen = Seen::default();
    let seed = Dice::seed();
    while seen.cuts < all {
        let recorded = Recorded::new().await;
        recorded.a_disk_that_lost_everything_is_noticed().await;
        for _ in 0..CUTS.min(all - seen.cuts) {
            let seed = seed.wrapping_add(u64::try_from(seen.cuts).unwrap());
            recorded.cut(seed, &mut seen).await;
            seen.cuts += 1;
        }
        println!("so far {seen:?}");
    }
    println!("at the end {seen:?}");
    assert!(seen.withdrawn > 0 && seen.living > 0, "{seen:?}");
}

/// What was looked at, for the record.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    cuts: usize,
    openings_cut: usize,
    answers: usize,
    living: usize,
    withdrawn: usize,
    under_way: usize,
}

/// A server at work, as its disk saw it.
struct Recorded {
    place: Place,
    office: Office,
    start: Disk,
    trace: Trace,
    people: Vec<Known>,
}

impl Recorded {
    async fn new() -> Self {
        let place = Place::new(crate::PROGRAM);
        let serving = place.serve(&[]);
        let office = Office::found(&connect(&serving.endpoint()).await, place.tokens()).await;
        assert!(serving.stop().success());
        let start = Disk::of(&[&place.data(), &place.vault()]);
        let file = place.folder.path().join("trace");
        let serving = place.serve_traced(&strace::recording(&file));
        let serving = serving.unwrap_or_else(|ended| panic!("{}", ended.said()));
        let answers = Arc::new(AtomicUsize::new(0));
        let mut working = Vec::new();
        for number in 0..WORKERS {
            let channel = connect(&serving.endpoint()).await;
            let worker = Worker::new(&office, number, &answers);
            working.push(tokio::spawn(worker.work(channel, WITHDRAWALS)));
        }
        let end = Instant::now() + RECORDING_MAX;
        while answers.load(Ordering::Relaxed) < ANSWERS && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let process = serving.id();
        serving.kill();
        let mut people = Vec::new();
        for worker in working {
            people.extend(worker.await.expect("nobody was refused").people);
        }
        let trace = strace::read(&file, process);
        std::fs::remove_file(file).expect("the recording is read");
        roots_are_only_overwritten(&trace, &place.vault());
        Self {
            place,
            office,
            start,
            trace,
            people,
        }
    }

    /// Cuts the power once, opens what is left, and compares it with everybody's notes.
    #[allow(
        clippy::print_stdout,
        reason = "a cut that fails is tried again by its seed"
    )]
    async fn cut(&self, seed: u64, seen: &mut Seen) {
        let mut dice = Dice::seeded(seed);
        let line = moment(&self.trace, &self.place.vault(), &mut dice);
        println!("cut {} at line {line}: REFERRAL_SEED={seed}", seen.cuts);
        let mut disk = self.start.clone();
        disk.replay(&self.trace, line);
        let mut left = self.left(&disk, &mut dice);
        no_way_back(&left);
        if dice.below(4) == 0 {
            for _ in 0..=dice.below(2) {
                let next = self.opening_cut(&left, &mut dice);
                left.folder.disable_cleanup(false);
                left = next;
                no_way_back(&left);
                seen.openings_cut += 1;
            }
        }
        let moment = self.trace.times[line];
        let people = self.people.iter().filter_map(|known| known.as_of(moment));
        compare(&left, &self.office, people.collect(), seen).await;
        left.folder.disable_cleanup(false);
    }

    /// The control: a disk on which nothing after the start arrived misses what was answered.
    async fn a_disk_that_lost_everything_is_noticed(&self) {
        let mut left = self.left(&self.start, &mut Dice::seeded(0));
        let serving = left.serve(&[]);
        let channel = connect(&serving.endpoint()).await;
        let known = self.people.iter().find(|known| !known.told.is_empty());
        let (known, office) = (known.expect("an answer").clone(), self.office.clone());
        let looked = tokio::spawn(async move { told(&channel, &office, &known).await });
        assert!(looked.await.is_err(), "what is missing is not noticed");
        left.folder.disable_cleanup(false);
    }

    /// What a disk holds after a cut, as a ledger of its own. It stays if the test fails.
    fn left(&self, disk: &Disk, dice: &mut Dice) -> Place {
        let left = Place {
            program: self.place.program.clone(),
            folder: scratch(),
            made: self.place.made.clone(),
        };
        disk.cut(&[&left.data(), &left.vault()], dice);
        left
    }

    /// Opens what is left, cuts the power before that is done, and answers what is left then.
    fn opening_cut(&self, left: &Place, dice: &mut Dice) -> Place {
        let mut disk = Disk::of(&[&left.data(), &left.vault()]);
        let file = left.folder.path().join("trace");
        let serving = left.serve_traced(&strace::recording(&file));
        let serving = serving.unwrap_or_else(|ended| panic!("{}", ended.said()));
        let process = serving.id();
        serving.kill();
        let trace = strace::read(&file, process);
        std::fs::remove_file(file).expect("the recording is read");
        disk.replay(&trace, moment(&trace, &left.vault(), dice));
        self.left(&disk, dice)
    }
}

/// Opens what is left and compares it with everybody's notes.
pub(crate) async fn compare(
    left: &Place,
    office: &Office,
    mut people: Vec<Known>,
    seen: &mut Seen,
) {
    let serving = left.serve(&[]);
    let channel = connect(&serving.endpoint()).await;
    for known in &mut people {
        seen.answers += known.told.len();
        told(&channel, office, known).await;
        if known.withdrawn {
            forgotten(&channel, office, known).await;
            seen.withdrawn += 1;
        } else if known.times.asked.is_some() {
            seen.under_way += 1;
        } else {
            seen.living += 1;
        }
        read(&channel, office, known).await;
    }
    prove(&channel, office, left.vkey(), &people).await;
    assert!(serving.stop().success());
    left.run(&["fsck", "--json"]).expect(0);
    let report = shredcheck(&whole(left), &|_, _, _| {}).expect("all is readable");
    let findings: Vec<String> = report.findings().iter().map(ToString::to_string).collect();
    assert_eq!(findings, Vec::<String>::new());
}

/// No root ever lies in a second file, nor in blocks that a file left behind.
fn roots_are_only_overwritten(trace: &Trace, vault: &std::path::Path) {
    let roots = vault.join("roots");
    for call in &trace.calls {
        let first = call.arguments.first().is_some_and(|it| it.contains('<'));
        let of_roots = first && call.descriptor(0) == roots;
        let cuts = ["ftruncate", "fallocate"].contains(&call.name.as_str());
        assert!(!(of_roots && cuts), "the roots are cut: {}", call.name);
        if call.name == "openat" && call.path(1, Some(0)).starts_with(vault) {
            let new = ["O_CREAT", "O_TRUNC"]
                .iter()
                .any(|it| call.arguments[2].contains(it));
            assert!(!new, "a new file in the vault: {:?}", call.path(1, Some(0)));
        }
        if call.name.starts_with("rename") || call.name.starts_with("unlink") {
            let strings = call.arguments.iter().enumerate();
            for (place, _) in strings.filter(|(_, it)| it.starts_with('"')) {
                assert!(!call.path(place, None).starts_with(vault), "{}", call.name);
            }
        }
    }
}

/// A moment to cut at: round a sync, round a write of the vault, or any.
fn moment(trace: &Trace, vault: &std::path::Path, dice: &mut Dice) -> usize {
    let manner = dice.below(4);
    let wanted = |call: &&strace::Call| {
        let descriptor = call.arguments.first().is_some_and(|it| it.contains('<'));
        match manner {
            0 => ["fsync", "fdatasync"].contains(&call.name.as_str()),
            1 => descriptor && call.descriptor(0) == vault.join("roots"),
            _ => true,
        }
    };
    let calls: Vec<&strace::Call> = trace.calls.iter().filter(wanted).collect();
    if calls.is_empty() {
        return dice.below(trace.times.len());
    }
    let call = calls[dice.below(calls.len())];
    match dice.below(3) {
        0 => call.entered.saturating_sub(1),
        1 => call.entered,
        _ => call.left.unwrap_or(call.entered),
    }
}

/// Wherever a tombstone lies on the disk, nothing on the disk leads to its key (I2, I5).
fn no_way_back(left: &Place) {
    let report = shredcheck(&whole(left), &|_, _, _| {}).expect("the vault holds a root");
    assert_eq!(report.shredded_reachable, Vec::new());
}

fn whole(left: &Place) -> Asked {
    Asked {
        copies: vec![left.data()],
        memories: Vec::new(),
        vault: left.vault(),
        records_only: true,
    }
}

/// In memory where there is room: no real disk is asked here, so one would only take time. It stays
/// unless it is told to go.
pub(crate) fn scratch() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() {
        TempDir::new_in(memory)
    } else {
        TempDir::new()
    };
    let mut folder = folder.expect("a scratch folder");
    folder.disable_cleanup(true);
    folder
}

/// Every answered event is there at its position; what is there besides was under way.
async fn told(channel: &Channel, office: &Office, known: &Known) {
    let entries = history(channel, office, &known.case).await;
    let versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
    let counted: Vec<u64> = (1..).take(entries.len()).collect();
    assert_eq!(versions, counted, "{}", known.name);
    for (position, name, _) in &known.told {
        let there = entries.iter().find(|entry| entry.position == *position);
        let there = there.map(|entry| entry.event_name.as_str());
        // What the ledger does after a withdrawal is in the ledger's stream as well.
        let own = name == "KeysRotated";
        assert!(
            own || there == Some(name),
            "{}: {name} is {there:?}",
            known.name
        );
    }
}

/// Who did not withdraw is readable; what was withdrawn is not.
async fn read(channel: &Channel, office: &Office, known: &Known) {
    let mut client = TrackingServiceClient::new(channel.clone());
    let asked = with_token(&office.focal, office.view(&known.case));
    let seen = client
        .view_personal_data(asked)
        .await
        .expect("it opens")
        .into_inner();
    let (mut names, mut needs, mut shredded) = (Vec::new(), Vec::new(), 0);
    for part in seen.parts {
        match (part.state(), part.content) {
            (PartState::Open, Some(Content::Identity(who))) => names.push(who.name),
            (PartState::Open, Some(Content::Item(item))) => needs.push(item.text),
            (PartState::Open, Some(Content::ConsentNote(_))) => {}
            (PartState::Shredded, None) => shredded += 1,
            (PartState::Fenced, None) => assert!(known.times.asked.is_some()),
            other => panic!("{}: {other:?}", known.name),
        }
    }
    assert_eq!(names, [known.name.as_str()]);
    let written = format!("needs of {}", known.name);
    assert!(needs.iter().all(|text| *text == written), "{needs:?}");
    if known.withdrawn {
        assert!(needs.is_empty() && shredded > 0, "{}: readable", known.name);
    } else if known.times.asked.is_none() {
        assert_eq!(shredded, 0, "{}", known.name);
        assert!(
            known.needs.is_none() || needs.len() == 1,
            "{}: lost",
            known.name
        );
    }
}
