//! What the story remembers between starts: who it made, which steps it took, under which request
//! ids.
//!
//! - The request id of a step is on disk before the step is taken. After a crash the step is asked
//!   for again with the same id, and the ledger gives the same answer without doing it twice.
//! - The file holds bearer tokens of invented staff: it is readable by its owner only.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::clock::{Clock, Entropy, SystemClock, SystemEntropy, Timestamp};
use ledger::domain::ids::{RequestId, StaffId};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// The story's memory, in `demo.json`.
pub(super) struct State {
    path: PathBuf,
    kept: Kept,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    /// When the story began (milliseconds since 1970): its days are counted from then, so that a
    /// step that is asked for again says the same.
    begun: u64,
    staff: BTreeMap<String, KeptStaff>,
    steps: BTreeMap<String, KeptStep>,
}

#[derive(Serialize, Deserialize)]
struct KeptStaff {
    staff: String,
    token: String,
}

impl Drop for KeptStaff {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

/// A step of the story.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptStep {
    /// The request id that it is asked for with.
    pub(super) request: String,
    /// Whether it was answered.
    pub(super) done: bool,
    /// Whether the answer was a refusal, as it should be.
    pub(super) refused: bool,
    /// Ids that it made.
    pub(super) made: BTreeMap<String, String>,
}

impl State {
    /// Opens the memory of a folder, or begins one.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let kept: Kept = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
                if kept.format != FORMAT {
                    let wrong = "demo.json is of another version of the program";
                    return Err(io::Error::other(wrong));
                }
                kept
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept {
                format: FORMAT,
                begun: SystemClock.now().0,
                staff: BTreeMap::new(),
                steps: BTreeMap::new(),
            },
            Err(error) => return Err(error),
        };
        Ok(Self { path, kept })
    }

    /// When the story began.
    pub(super) fn begun(&self) -> Timestamp {
        Timestamp(self.kept.begun)
    }

    /// The id and token of a member of staff, made and kept at the first asking.
    pub(super) fn staff(&mut self, name: &str) -> io::Result<(String, Zeroizing<String>)> {
        if !self.kept.staff.contains_key(name) {
            let made = KeptStaff {
                staff: StaffId::fresh(&mut SystemEntropy).to_string(),
                token: fresh_token(),
            };
            self.kept.staff.insert(name.to_owned(), made);
            self.save()?;
        }
        let kept = self.kept.staff.get(name);
        let kept = kept.ok_or_else(|| io::Error::other("staff of the story"))?;
        Ok((kept.staff.clone(), Zeroizing::new(kept.token.clone())))
    }

    /// A step, with the request id that it has or gets now.
    pub(super) fn step(&mut self, name: &str) -> io::Result<KeptStep> {
        if let Some(step) = self.kept.steps.get(name) {
            return Ok(step.clone());
        }
        let step = KeptStep {
            request: RequestId::fresh(&mut SystemEntropy).to_string(),
            done: false,
            refused: false,
            made: BTreeMap::new(),
        };
        self.kept.steps.insert(name.to_owned(), step.clone());
        self.save()?;
        Ok(step)
    }

    /// A step was answered.
    pub(super) fn finish(&mut self, name: &str, step: KeptStep) -> io::Result<()> {
        self.kept.steps.insert(name.to_owned(), step);
        self.save()
    }

    /// Whether a step was answered, in this start or an earlier one.
    pub(super) fn is_done(&self, name: &str) -> bool {
        self.kept.steps.get(name).is_some_and(|step| step.done)
    }

    /// How many attempts of the story were refused, as they should be.
    pub(super) fn refusals(&self) -> u64 {
        let refused = self.kept.steps.values().filter(|step| step.refused);
        u64::try_from(refused.count()).unwrap_or(u64::MAX)
    }

    fn save(&self) -> io::Result<()> {
        let bytes =
            Zeroizing::new(serde_json::to_vec_pretty(&self.kept).map_err(io::Error::other)?);
        let fresh = self.path.with_extension("json.new");
        // A leftover of a crash may have other permissions than the ones asked for below.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        // The rename itself must last, or a step could be taken twice under two request ids.
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

/// 32 random bytes as base64url after `rl_`, so that scanners recognise a leak.
fn fresh_token() -> String {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    SystemEntropy.fill(bytes.as_mut_slice());
    format!("rl_{}", URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

const FILE: &str = "demo.json";
const FORMAT: u32 = 1;
const OWNER_ONLY: u32 = 0o600;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_start_finds_the_same_staff_and_request_ids() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = State::open(folder.path()).unwrap();
        let noor = first.staff("noor").unwrap();
        let mut step = first.step("mary.open").unwrap();
        let mut second = State::open(folder.path()).unwrap();
        assert_eq!(second.staff("noor").unwrap(), noor);
        assert_eq!(second.step("mary.open").unwrap().request, step.request);
        assert!(!second.is_done("mary.open"));
        step.done = true;
        step.refused = true;
        first.finish("mary.open", step).unwrap();
        let third = State::open(folder.path()).unwrap();
        assert!(third.is_done("mary.open"));
        assert_eq!(third.refusals(), 1);
    }

    #[test]
    fn only_the_owner_can_read_the_tokens() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("demo.json.new"), "left by a crash").unwrap();
        let mut state = State::open(folder.path()).unwrap();
        let (_, token) = state.staff("noor").unwrap();
        assert!(token.starts_with("rl_") && token.len() == 46);
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
    }

    #[test]
    fn a_memory_that_is_not_ours_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "{}", r#"{"format":2,"staff":{},"steps":{}}"#] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert!(State::open(folder.path()).is_err());
            let after = fs::read_to_string(folder.path().join(FILE)).unwrap();
            assert_eq!(after, text);
        }
    }
}
