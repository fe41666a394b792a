//! Power cuts while a backup is brought up to date: the next round mends it, and then it reads the
//! living and none of the forgotten.

use harness::dice::Dice;
use harness::disk::Disk;
use harness::process::Place;
use harness::strace::{self, Trace};

use super::compare::{Seen, no_way_back};
use super::{Recorded, left, moment};

/// A ledger that nobody serves, and the round that brought its backup up to date.
pub(super) struct Backed {
    place: Place,
    start: Disk,
    trace: Trace,
}

impl Backed {
    /// The backup was made before the recording of the server; since then people were forgotten and
    /// ciphertext was cut out, so that this round copies and overwrites.
    pub(super) fn new(recorded: &Recorded) -> Self {
        let mut place = left(&recorded.place, &recorded.start, &mut Dice::seeded(0));
        place.folder.disable_cleanup(false);
        let backup = place.folder.path().join("backup");
        round(&place, &[]);
        std::fs::remove_dir_all(place.data()).expect("it is there");
        harness::carve::copy(&recorded.place.data(), &place.data());
        std::fs::remove_dir_all(place.vault()).expect("it is there");
        harness::carve::copy(&recorded.place.vault(), &place.vault());
        place.run(&["cut-out", "--json"]).expect(0);
        let start = Disk::of(&[&place.data(), &place.vault(), &backup]);
        let file = place.folder.path().join("trace");
        let process = round(&place, &strace::recording(&file));
        let trace = strace::read(&file, process);
        std::fs::remove_file(file).expect("the recording is read");
        Self {
            place,
            start,
            trace,
        }
    }

    /// Cuts the power once, and brings what is left up to date.
    #[allow(
        clippy::print_stdout,
        reason = "a cut that fails is looked for by its line"
    )]
    pub(super) fn cut(&self, dice: &mut Dice, seen: &mut Seen) {
        let line = moment(&self.trace, &self.place.vault(), dice);
        let mut disk = self.start.clone();
        disk.replay(&self.trace, line);
        let mut left = left(&self.place, &disk, dice);
        println!(
            "backup cut at line {line}: {}",
            left.folder.path().display()
        );
        no_way_back(&left);
        round(&left, &[]);
        let backup = left.folder.path().join("backup");
        let (vault, backup) = (left.vault(), backup.to_str().expect("letters").to_owned());
        let vault = vault.to_str().expect("letters");
        let verify = [
            "restore",
            "--verify",
            "--up-to-date",
            "--json",
            "--from",
            &backup,
            "--vault",
            vault,
        ];
        harness::process::run(&left.program, &verify).expect(0);
        no_way_back(&left);
        seen.backups_cut += 1;
        left.folder.disable_cleanup(false);
    }
}

/// Makes the backup, or brings it up to date; its process.
fn round(place: &Place, tracer: &[std::ffi::OsString]) -> u32 {
    let (data, backup) = (place.data(), place.folder.path().join("backup"));
    let [data, backup] = [&data, &backup].map(|it| it.to_str().expect("letters"));
    let (ran, process) = place.run_traced(tracer, &["backup", backup, "--data", data]);
    ran.expect(0);
    process
}
