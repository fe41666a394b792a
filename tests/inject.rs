//! Every write and every sync of the real server fails once, or is the last thing it does: what was
//! answered is there all the same, and what was forgotten is gone.
//!
//! - Nobody is refused: a refusal says that nothing was recorded, and after a failed write or sync
//!   nobody knows that.
//! - `strace -e inject` puts EIO, ENOSPC or SIGKILL under the n-th call of each thread to one file,
//!   while somebody works and withdraws. Then the server is opened again without it.
//! - The normal run takes some of the cases by chance; with `REFERRAL_LONG=1` all of them run.
//! - A short write cannot be made this way (strace would claim one that did not happen); those are
//!   made in `ledger/src/log/tests`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::carve::copy;
use harness::dice::Dice;
use harness::load::{Known, Worker};
use harness::office::{Office, connect};
use harness::process::{Place, Serving};
use harness::strace::{self, can_trace};

use crate::power::compare::{Seen, Segments, compare};
use crate::power::ending::Ends;
use crate::power::scratch;

/// Answers after which a run is long enough: a case, a consent, a draft, a withdrawal, and again.
const ANSWERS: usize = 9;
const RUN_MAX: Duration = Duration::from_secs(20);
/// Cases of a normal run.
const CASES: usize = 12;
/// Whatever else happens after so many of one kind is like what happened before.
const TIMES_MAX: usize = 40;

/// One thing that goes wrong.
#[derive(Debug)]
struct Case {
    file: PathBuf,
    call: String,
    what: &'static str,
    time: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "a case that fails is named")]
async fn no_failing_write_or_sync_loses_or_brings_back_anybody() {
    if !can_trace() {
        return;
    }
    let long = std::env::var_os("REFERRAL_LONG").is_some_and(|set| set == "1");
    let ready = Ready::new().await;
    let mut cases = ready.cases().await;
    assert!(cases.iter().any(|case| case.file.ends_with("vault/roots")));
    assert!(cases.iter().any(|case| case.file.ends_with("00000001.seg")));
    let all = cases.len();
    if !long {
        let mut dice = Dice::seeded(Dice::seed());
        while cases.len() > CASES {
            cases.swap_remove(dice.below(cases.len()));
        }
    }
    let mut seen = Seen::default();
    for case in &cases {
        println!("{case:?}");
        let mut place = ready.copy();
        let people = ready.work(&place, &case.words(place.folder.path())).await;
        let nothing = (&[][..], &Segments::new());
        compare(
            &place,
            &[],
            &ready.office,
            people,
            nothing,
            &(Ends::default(), None),
            (&mut Dice::seeded(0), &mut seen),
        )
        .await;
        place.folder.disable_cleanup(false);
    }
    println!("{} of {all} cases, {seen:?}", cases.len());
}

impl Case {
    fn words(&self, folder: &Path) -> Vec<OsString> {
        let wrong = match self.what {
            "SIGKILL" => "signal=SIGKILL".to_owned(),
            errno => format!("error={errno}"),
        };
        let (call, time) = (&self.call, self.time);
        let mut words = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P"]
            .map(OsString::from)
            .to_vec();
        words.push(folder.join(&self.file).into());
        words.extend([
            "-e".into(),
            format!("trace={call}").into(),
            "-e".into(),
            format!("inject={call}:{wrong}:when={time}").into(),
        ]);
        words
    }
}

/// A ledger with an office, to be copied.
struct Ready {
    place: Place,
    office: Office,
}

impl Ready {
    async fn new() -> Self {
        let place = Place::new(crate::PROGRAM);
        let serving = place.serve(&[]);
        let office = Office::found(&connect(&serving.endpoint()).await, place.tokens()).await;
        assert!(serving.stop().success());
        Self { place, office }
    }

    fn copy(&self) -> Place {
        let folder = scratch();
        for part in ["data", "vault"] {
            copy(
                &self.place.folder.path().join(part),
                &folder.path().join(part),
            );
        }
        Place {
            program: self.place.program.clone(),
            folder,
            made: self.place.made.clone(),
        }
    }

    /// Somebody works until enough was answered or nothing more is; what they know then.
    async fn work(&self, place: &Place, tracer: &[OsString]) -> Vec<Known> {
        match place.serve_traced(tracer, &[]) {
            Ok(serving) => self.at(serving).await,
            // It did not come up with what went wrong, which it may.
            Err(ended) => {
                ended.end();
                Vec::new()
            }
        }
    }

    async fn at(&self, serving: Serving) -> Vec<Known> {
        let answers = Arc::new(AtomicUsize::new(0));
        let channel = connect(&serving.endpoint()).await;
        let worker = Worker::new(&self.office, 0, &answers);
        let working = tokio::spawn(worker.work(channel, 100));
        let end = Instant::now() + RUN_MAX;
        while answers.load(Ordering::Relaxed) < ANSWERS
            && !working.is_finished()
            && Instant::now() < end
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Time for what goes on behind the answers, the destruction of keys above all.
        tokio::time::sleep(Duration::from_millis(300)).await;
        serving.end();
        working.await.expect("nobody was refused").people
    }

    /// Everything that can go wrong in one such run: each call to each file, each time.
    async fn cases(&self) -> Vec<Case> {
        let mut place = self.copy();
        place.folder.disable_cleanup(false);
        let trace = place.folder.path().join("trace");
        let serving = place.serve_traced(&strace::recording(&trace), &[]);
        let serving = serving.unwrap_or_else(|ended| panic!("{}", ended.said()));
        let process = serving.id();
        self.at(serving).await;
        let mut times: BTreeMap<(PathBuf, String, u32), usize> = BTreeMap::new();
        for call in strace::read(&trace, process).calls {
            let writes = ["pwrite64", "fdatasync", "fsync", "sync_file_range"];
            if writes.contains(&call.name.as_str())
                && let Ok(file) = call.descriptor(0).strip_prefix(place.folder.path())
                // A next journal file that cannot be made is a full disk, which does refuse.
                && file.extension().is_none_or(|extension| extension != "new")
            {
                let key = (file.to_owned(), call.name.clone(), call.thread);
                *times.entry(key).or_default() += 1;
            }
        }
        let mut most: BTreeMap<(PathBuf, String), usize> = BTreeMap::new();
        for ((file, call, _), times) in times {
            let most = most.entry((file, call)).or_default();
            *most = (*most).max(times.min(TIMES_MAX));
        }
        let each = most.into_iter().flat_map(|((file, call), times)| {
            (1..=times).flat_map(move |time| {
                let (file, call) = (file.clone(), call.clone());
                ["EIO", "ENOSPC", "SIGKILL"].map(move |what| Case {
                    file: file.clone(),
                    call: call.clone(),
                    what,
                    time,
                })
            })
        });
        each.collect()
    }
}
