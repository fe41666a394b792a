//! Power cuts at any moment under mixed load: what was answered is there, who was forgotten stays
//! forgotten, and everybody else is readable.
//!
//! - The real server is recorded by strace while people work and consents are withdrawn with keys
//!   destroyed at once, cases are closed and opened again by emergencies, old records and what
//!   stands apart from cases end by the rules, packets go over to another ledger and come from it,
//!   ciphertext of earlier ones is cut out, and a mirror follows; vault and mirror are part of the
//!   recording. Then its disk is replayed to syncs, writes of the vault and any other call, what
//!   was not synced is lost, kept or torn by chance (`harness::disk`), and the real server opens
//!   what is left. Some openings are recorded and cut as well.
//! - `backup` is recorded and cut in the same way (`backup.rs`).
//! - 40 cuts; with `REFERRAL_LONG=1` a thousand, or as many as `REFERRAL_CUTS` says. A failing cut
//!   says its folder and leaves it; `REFERRAL_SEED` repeats the chances, not the recording.

mod aside;
mod backup;
pub(crate) mod compare;
pub(crate) mod ending;
pub(crate) mod packets;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::dice::Dice;
use harness::disk::Disk;
use harness::load::{Known, Worker};
use harness::office::{Office, connect};
use harness::process::{Place, Serving};
use harness::strace::{self, Trace, can_trace};
use tempfile::TempDir;

use self::backup::Backed;
use self::compare::{
    Seen, Segments, compare, dead_keys, flags, no_way_back, segments, told, ways_back,
};
use self::ending::Ending;
use self::packets::Packets;
use crate::kill::forgotten;

/// Who asks at the same time.
const WORKERS: usize = 6;
/// How many answers are there before a recording, how many make one, and how long it waits for
/// them.
const ANSWERS_BEFORE: usize = 40;
const ANSWERS: usize = 80;
const RECORDING_MAX: Duration = Duration::from_secs(30);
/// Of a hundred steps, those that withdraw where they can.
const WITHDRAWALS: u8 = 40;
/// Cuts of one recording of the server, and of one of a backup.
const CUTS: usize = 34;
const BACKUP_CUTS: usize = 6;

#[test]
#[allow(clippy::print_stdout, reason = "how far it is")]
fn no_power_cut_loses_or_brings_back_anybody() {
    if !can_trace() {
        return;
    }
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let asked = std::env::var("REFERRAL_CUTS").ok();
    let all = asked.and_then(|cuts| cuts.parse().ok());
    let all = all.unwrap_or(if long { 1_000 } else { CUTS + BACKUP_CUTS });
    let mut seen = Seen::default();
    let seed = Dice::seed();
    while seen.cuts < all {
        let mut dice = Dice::seeded(seed.wrapping_add(u64::try_from(seen.cuts).unwrap()));
        let recorded = Recorded::new(&mut dice);
        recorded.a_disk_that_lost_everything_is_noticed();
        recorded.an_end_that_did_not_come_or_came_by_itself_is_noticed();
        recorded.a_vault_that_is_never_synced_is_noticed();
        seen.add(&on_all_cores(CUTS, &dice, &|dice, seen| {
            recorded.cut(dice, seen)
        }));
        let backed = Backed::new(&recorded);
        seen.add(&on_all_cores(BACKUP_CUTS, &dice, &|dice, seen| {
            backed.cut(dice, seen)
        }));
        println!("so far {seen:?}");
    }
    println!("at the end {seen:?}");
    assert!(seen.withdrawn > 0 && seen.living > 0, "{seen:?}");
    assert!(seen.certificates > 0 && seen.segments_gone > 0, "{seen:?}");
    assert!(
        seen.closed > 0 && seen.ended_aside > 0,
        "no record ended: {seen:?}"
    );
    assert!(seen.packets > 0, "none was carried: {seen:?}");
    assert!(seen.at_rest > 0 && seen.reopened > 0, "{seen:?}");
}

/// Cuts so many times, two at a time: a cut waits for processes and disks more than it computes.
fn on_all_cores(cuts: usize, dice: &Dice, cut: &(dyn Fn(&mut Dice, &mut Seen) + Sync)) -> Seen {
    let next = AtomicUsize::new(0);
    let mut all = Seen::default();
    let work = || {
        let mut seen = Seen::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= cuts {
                return seen;
            }
            let mut dice = dice.fork(number);
            cut(&mut dice, &mut seen);
            seen.cuts += 1;
        }
    };
    std::thread::scope(|threads| {
        let working = [threads.spawn(work), threads.spawn(work)];
        for thread in working {
            all.add(&thread.join().expect("no cut fails"));
        }
    });
    all
}

/// A server at work, as its disk saw it.
struct Recorded {
    place: Place,
    office: Office,
    start: Disk,
    trace: Trace,
    people: Vec<Known>,
    /// Old records that end while it is recorded.
    ending: Ending,
    /// What goes over to another ledger and comes from it meanwhile.
    packets: Packets,
    /// Forgotten before: their ciphertext is cut out while it is recorded.
    forgotten: Vec<Known>,
    /// What was stored of everybody then.
    before: Segments,
}

impl Recorded {
    fn new(dice: &mut Dice) -> Self {
        let runtime = runtime();
        let place = Place::new(crate::PROGRAM);
        let mirror = place.folder.path().join("mirror");
        std::fs::create_dir(&mirror).expect("a folder");
        // Sometimes the mirror is attached while it is recorded.
        let early = flags(&mirror);
        let early = if dice.coin() { &early[..2] } else { &[] };
        let serving = place.serve(&[]);
        let office = runtime.block_on(async {
            let channel = connect(&serving.endpoint()).await;
            Office::found(&channel, place.tokens()).await
        });
        assert!(serving.stop().success());
        let ending = Ending::prepared(&place, &office);
        let packets = Packets::prepared(&place, &office);
        let serving = place.serve(early);
        let working = runtime.block_on(async {
            let workers = (0..WORKERS).map(|it| Worker::new(&office, it, &Arc::default()));
            let workers = workers.collect();
            at_work(serving, workers, ANSWERS_BEFORE, None).await.0
        });
        let serving = place.serve(early);
        let (workers, before) = runtime.block_on(settled(&serving, &office, working));
        assert!(serving.stop().success());
        let people = workers.iter().flat_map(|worker| &worker.people);
        let forgotten = people.filter(|known| known.withdrawn).cloned().collect();
        let start = Disk::of(&[&place.data(), &place.vault(), &mirror]);
        let file = place.folder.path().join("trace");
        let serving = place.serve_traced(&strace::recording(&file), &flags(&mirror));
        let serving = serving.unwrap_or_else(|ended| panic!("{}", ended.said()));
        let process = serving.id();
        let beside = Some((ending, packets, office.clone()));
        let (workers, beside) = runtime.block_on(at_work(serving, workers, ANSWERS, beside));
        let (ending, packets) = beside.expect("they were asked for");
        let people = workers.into_iter().flat_map(|worker| worker.people);
        let people = people.collect();
        let trace = strace::read(&file, process);
        std::fs::remove_file(file).expect("the recording is read");
        roots_are_only_overwritten(&trace, &place.vault());
        Self {
            place,
            office,
            start,
            trace,
            people,
            ending,
            packets,
            forgotten,
            before,
        }
    }

    /// Cuts the power once, opens what is left, and compares it with everybody's notes.
    #[allow(
        clippy::print_stdout,
        reason = "a cut that fails is looked for by its line"
    )]
    fn cut(&self, dice: &mut Dice, seen: &mut Seen) {
        let line = moment(&self.trace, &self.place.vault(), dice);
        let mut disk = self.start.clone();
        disk.replay(&self.trace, line);
        let mut left = left(&self.place, &disk, dice);
        println!("cut at line {line}: {}", left.folder.path().display());
        no_way_back(&left);
        if dice.below(4) == 0 {
            for _ in 0..=dice.below(2) {
                let next = opening_cut(&left, dice);
                left.folder.disable_cleanup(false);
                left = next;
                no_way_back(&left);
                seen.openings_cut += 1;
            }
        }
        let moment = self.trace.times[line];
        let people = self.people.iter().filter_map(|known| known.as_of(moment));
        let people = people.collect();
        let mirror = left.folder.path().join("mirror");
        let flags = flags(&mirror);
        let dead = (self.forgotten.as_slice(), &self.before);
        let beside = (self.ending.as_of(moment), Some(self.packets.as_of(moment)));
        let compared = compare(
            &left,
            &flags,
            &self.office,
            people,
            dead,
            &beside,
            (dice, seen),
        );
        runtime().block_on(compared);
        left.folder.disable_cleanup(false);
    }

    /// The control: a disk on which nothing after the start arrived misses what was answered.
    fn a_disk_that_lost_everything_is_noticed(&self) {
        let mut left = left(&self.place, &self.start, &mut Dice::seeded(0));
        let serving = left.serve(&[]);
        let known = self.people.iter().find(|known| {
            let last = known.times.told.last();
            last.is_some_and(|at| *at > self.trace.times[0])
        });
        let (known, office) = (known.expect("an answer").clone(), self.office.clone());
        let (looked, noticed) = runtime().block_on(async move {
            let channel = connect(&serving.endpoint()).await;
            let dice = &mut Dice::seeded(0);
            let noticed = self.packets.findings(&channel, &office, dice).await;
            let looked = tokio::spawn(async move { told(&channel, &office, &known).await }).await;
            (looked, noticed)
        });
        assert!(looked.is_err(), "what is missing is not noticed");
        assert_eq!(noticed.len(), self.packets.number(), "{noticed:?}");
        left.folder.disable_cleanup(false);
    }

    /// Controls of what ends: on the disk as it was at first nothing ended that should have, and on
    /// the disk at last all ended that nobody asked for, each by its name.
    fn an_end_that_did_not_come_or_came_by_itself_is_noticed(&self) {
        let [before, after] = self.ending.before_and_after();
        let mut at_last = self.start.clone();
        at_last.replay(&self.trace, self.trace.times.len());
        for (disk, right, wrong) in [(&self.start, &before, &after), (&at_last, &after, &before)] {
            let mut left = left(&self.place, disk, &mut Dice::seeded(0));
            left.folder.disable_cleanup(false);
            let mirror = left.folder.path().join("mirror");
            let serving = left.serve(&flags(&mirror));
            let settled = async {
                let channel = connect(&serving.endpoint()).await;
                right.compare(&channel, &self.office).await
            };
            runtime().block_on(settled);
            assert!(serving.stop().success());
            let dead = dead_keys(&left);
            assert_eq!(right.findings(&left, &dead), Vec::<String>::new());
            let noticed = wrong.findings(&left, &dead);
            assert_eq!(noticed.len(), wrong.number(), "{noticed:?}");
        }
    }

    /// The other control: had the vault not been synced, a root from before could be left, and
    /// tombstones that are none.
    fn a_vault_that_is_never_synced_is_noticed(&self) {
        let mut disk = self.start.clone();
        disk.ignore_syncs_of(&self.place.vault().join("roots"));
        disk.replay(&self.trace, self.trace.times.len());
        let noticed = (0..32).any(|seed| {
            let mut left = left(&self.place, &disk, &mut Dice::seeded(seed));
            left.folder.disable_cleanup(false);
            // Without syncs both slots can be torn: a vault that is lost leads nowhere.
            ways_back(&left).is_some_and(|found| !found.is_empty())
        });
        assert!(noticed, "a root that is left is not noticed");
    }
}

/// Everybody works until there are so many more answers, records that are to end have ended, and
/// packets are over; then the server is killed. Their notes.
async fn at_work(
    serving: Serving,
    workers: Vec<Worker>,
    enough: usize,
    beside: Option<(Ending, Packets, Office)>,
) -> (Vec<Worker>, Option<(Ending, Packets)>) {
    let answers = Arc::<AtomicUsize>::default();
    let mut working = Vec::new();
    for mut worker in workers {
        worker.answers = Arc::clone(&answers);
        let channel = connect(&serving.endpoint()).await;
        working.push(tokio::spawn(worker.work(channel, WITHDRAWALS)));
    }
    let mut others = None;
    if let Some((ending, packets, office)) = beside {
        let channel = connect(&serving.endpoint()).await;
        let sweeping = tokio::spawn(ending.agreed(office.clone(), channel.clone()));
        others = Some((sweeping, tokio::spawn(packets.carried(office, channel))));
    }
    let end = Instant::now() + RECORDING_MAX;
    let waits = || {
        let ended = others
            .as_ref()
            .is_none_or(|(sweeping, carrying)| sweeping.is_finished() && carrying.is_finished());
        answers.load(Ordering::Relaxed) < enough || !ended
    };
    while waits() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    serving.kill();
    let beside = match others {
        Some((sweeping, carrying)) => {
            let ending = sweeping.await.expect("nobody was refused");
            Some((ending, carrying.await.expect("nobody was refused")))
        }
        None => None,
    };
    let mut workers = Vec::new();
    for worker in working {
        workers.push(worker.await.expect("nobody was refused"));
    }
    (workers, beside)
}

/// Everybody asks again for what was cut off, and who withdrew is forgotten; what is stored then.
async fn settled(
    serving: &Serving,
    office: &Office,
    mut workers: Vec<Worker>,
) -> (Vec<Worker>, Segments) {
    let channel = connect(&serving.endpoint()).await;
    for worker in &mut workers {
        worker.settle(&channel).await;
        for known in worker.people.iter().filter(|known| known.withdrawn) {
            forgotten(&channel, office, known).await;
        }
    }
    (workers, segments(&channel, office).await)
}

/// Opens what is left, cuts the power before that is done, and answers what is left then.
fn opening_cut(left: &Place, dice: &mut Dice) -> Place {
    let mirror = left.folder.path().join("mirror");
    let mut disk = Disk::of(&[&left.data(), &left.vault(), &mirror]);
    let file = left.folder.path().join("trace");
    let serving = left.serve_traced(&strace::recording(&file), &flags(&mirror));
    let serving = serving.unwrap_or_else(|ended| panic!("{}", ended.said()));
    let process = serving.id();
    serving.kill();
    let trace = strace::read(&file, process);
    std::fs::remove_file(file).expect("the recording is read");
    disk.replay(&trace, moment(&trace, &left.vault(), dice));
    self::left(left, &disk, dice)
}

/// What a disk holds after a cut, as a ledger of its own. It stays if the test fails.
fn left(of: &Place, disk: &Disk, dice: &mut Dice) -> Place {
    let folder = scratch();
    let watched = disk.watched().map(|name| folder.path().join(name));
    disk.cut(&watched.collect::<Vec<_>>(), dice);
    Place {
        program: of.program.clone(),
        folder,
        made: of.made.clone(),
    }
}

/// Drives what waits for a server.
fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.expect("a runtime")
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
