//! The mark of a folder whose ledger is not made yet, and clearing such a folder.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::Fault;
use crate::lock::exclusive;

/// The mark's name in a folder.
pub(crate) const MARK_NAME: &str = "init-unfinished";
/// The mark of a folder into which a ledger is being restored (`copies/begun.rs`).
pub(crate) const RESTORE_MARK: &str = "restore-unfinished";
const MARK_WORDS: &str = "referral-ledger: making a ledger began here and did not end.\n\
                          Nothing was acknowledged. Run init again; it begins anew.\n";

/// A folder that `init` fills.
pub(crate) struct Place {
    folder: PathBuf,
    /// What may lie in it; what says whose it is comes last.
    names: &'static [&'static str],
    /// Held while `init` runs, so that no other one clears what this one makes.
    mark: Option<File>,
}

/// What lies in a folder before `init`.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Nothing, or no folder.
    Empty,
    /// What an earlier `init` began for this log id; none if it died while it wrote the mark.
    Marked(Option<String>),
    /// Something else.
    Other,
}

impl Place {
    pub(crate) fn new(folder: &Path, names: &'static [&'static str]) -> Self {
        Self {
            folder: folder.to_owned(),
            names,
            mark: None,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The log id in its mark, if it has one.
    pub(crate) fn marked_for(&self) -> Result<Option<String>, Fault> {
        match self.state()? {
            State::Marked(log_id) => Ok(log_id),
            State::Empty | State::Other => Ok(None),
        }
    }

    /// Refuses a folder that holds anything but what a broken `init` left there: marked, or without
    /// its mark already but named for the ledger that the data folder's mark says was not finished.
    pub(crate) fn require_free(&self, unfinished: Option<&str>) -> Result<(), Fault> {
        let free = match self.state()? {
            State::Empty => true,
            State::Marked(_) => self.holds_only_ours()?,
            State::Other => {
                unfinished.is_some_and(|log_id| self.is_named(log_id)) && self.holds_only_ours()?
            }
        };
        if free {
            return Ok(());
        }
        let place = self.folder.display();
        Err(Fault::Unusable(format!(
            "{place} is not empty; nothing was touched, choose another"
        )))
    }

    /// Removes what a broken `init` left. A crash on the way leaves a folder that is still known as
    /// such: the mark goes last, and without one the file that names the ledger.
    pub(crate) fn clear(&self) -> Result<(), Fault> {
        let mark = self.folder.join(MARK_NAME);
        let held = match File::open(&mark) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Fault::io("opening the mark of init")(error)),
        };
        if let Some(file) = &held {
            exclusive(file, &self.folder)?;
        }
        let names = self.names.iter().map(|name| self.folder.join(name));
        for path in names.chain(held.is_some().then_some(mark)) {
            let gone = match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => std::fs::remove_dir_all(&path),
                Ok(_) => std::fs::remove_file(&path),
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => Err(error),
            };
            gone.and_then(|()| File::open(&self.folder)?.sync_all())
                .map_err(Fault::io("clearing what a broken init left"))?;
        }
        Ok(())
    }

    /// Makes the folder and marks it as not finished.
    pub(crate) fn begin(&mut self, log_id: &str) -> Result<(), Fault> {
        let marking = || Fault::io("marking a new folder");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(marking())?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.folder.join(MARK_NAME))
            .map_err(marking())?;
        exclusive(&file, &self.folder)?;
        let text = format!("{MARK_WORDS}{}\n", named(log_id));
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_with_parent(&self.folder))
            .map_err(marking())?;
        self.mark = Some(file);
        Ok(())
    }

    /// Takes the mark away: from here on the folder is a ledger's.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        std::fs::remove_file(self.folder.join(MARK_NAME))
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(Fault::io("taking the mark of init away"))
    }

    fn state(&self) -> Result<State, Fault> {
        let mut names = match std::fs::read_dir(&self.folder) {
            Ok(names) => names,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::Empty),
            Err(error) => return Err(Fault::io("looking into a folder")(error)),
        };
        if names.next().is_none() {
            return Ok(State::Empty);
        }
        match std::fs::read_to_string(self.folder.join(MARK_NAME)) {
            Ok(text) => Ok(match text.strip_prefix(MARK_WORDS) {
                Some(rest) if rest.ends_with("\"\n") => State::Marked(log_id_in(rest)),
                // Torn: then nothing but the mark was ever made here.
                Some(_) | None if self.names.iter().all(|name| !self.holds(name)) => {
                    State::Marked(None)
                }
                Some(_) | None => State::Other,
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(State::Other),
            Err(error) => Err(Fault::io("reading the mark of init")(error)),
        }
    }

    fn holds(&self, name: &str) -> bool {
        self.folder.join(name).symlink_metadata().is_ok()
    }

    fn holds_only_ours(&self) -> Result<bool, Fault> {
        for entry in std::fs::read_dir(&self.folder).map_err(Fault::io("looking into a folder"))? {
            let name = entry
                .map_err(Fault::io("looking into a folder"))?
                .file_name();
            let ours = |one: &&str| name == **one;
            if name != MARK_NAME && !self.names.iter().any(ours) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the file that says whose the folder is names this ledger.
    fn is_named(&self, log_id: &str) -> bool {
        let file = self.names.last().map(|name| self.folder.join(name));
        let text = file.and_then(|file| std::fs::read_to_string(file).ok());
        text.is_some_and(|text| text.lines().any(|line| line == named(log_id)))
    }
}

/// Refuses to open a folder whose ledger is not made, or not restored, to the end.
pub(crate) fn require_finished(folder: &Path) -> Result<(), Fault> {
    if folder.join(RESTORE_MARK).symlink_metadata().is_ok() {
        return Err(Fault::Unusable(format!(
            "restoring a ledger into {} did not come to an end, and nothing there is in use; run \
             restore again with the same folders",
            folder.display()
        )));
    }
    if is_unfinished(folder) {
        return Err(Fault::Unusable(format!(
            "making the ledger in {} did not come to an end, and nothing was acknowledged there; \
             run init again with the same folders",
            folder.display()
        )));
    }
    Ok(())
}

/// Whether `init` began in this folder and did not come to its end; then `init` may begin anew.
pub fn is_unfinished(folder: &Path) -> bool {
    folder.join(MARK_NAME).symlink_metadata().is_ok()
}

fn named(log_id: &str) -> String {
    format!("log_id = \"{log_id}\"")
}

fn log_id_in(rest: &str) -> Option<String> {
    let id = rest.trim_end().strip_prefix("log_id = \"")?;
    id.strip_suffix('"').map(str::to_owned)
}

fn sync_with_parent(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()?;
    match folder.parent().filter(|parent| parent.is_dir()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
