//! New files that only their owner reads: pages about people, exports.
//!
//! - A file that is there already is never written over.
//! - What grows over many answers appears under its name once it is whole. Beside it, one process
//!   at a time writes; what a process left that was ended is begun anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// A new file that only its owner reads.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    options.open(path)
}

/// Refuses a name that something has already, or that cannot be looked at, before anything is asked
/// of a server.
pub(crate) fn new_name(path: &Path) -> Result<(), Failure> {
    let wrong = |error: io::Error| {
        let why = if error.kind() == io::ErrorKind::AlreadyExists {
            "is there already; name a new file".to_owned()
        } else {
            format!("cannot be a new file: {error}")
        };
        Failure::Usage(format!("{} {why}", path.display()))
    };
    is_free(path).map_err(wrong)
}

/// A file that is being written beside its name; dropped before it is whole, nothing is left.
pub(crate) struct Growing {
    file: BufWriter<File>,
    /// Where it grows; nowhere once it has its name.
    beside: Option<PathBuf>,
    path: PathBuf,
}

impl Growing {
    /// Begins a file that is to have this name; nothing may have it yet.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        is_free(path)?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(UNFINISHED);
        let beside = PathBuf::from(beside);
        Ok(Self {
            file: BufWriter::new(alone(&beside)?),
            beside: Some(beside),
            path: path.to_owned(),
        })
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        // Something may have come there meanwhile.
        is_free(&self.path)?;
        let Some(beside) = self.beside.as_deref() else {
            return Ok(());
        };
        fs::rename(beside, &self.path)?;
        self.beside = None;
        Ok(())
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

fn is_free(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        // Its folder has to be there: what is asked of a server may not be asked twice.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            folder.map_or(Ok(()), |it| it.metadata().map(drop))
        }
        Err(error) => Err(error),
    }
}

/// An empty file that nobody else writes until it is closed. What is there already was never whole.
fn alone(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.mode(OWNER_ONLY).open(path)?;
    let busy = || io::Error::from(io::ErrorKind::ResourceBusy);
    file.try_lock().map_err(|_| busy())?;
    // Whoever had it may have given it its name since it was opened here.
    let named = path.symlink_metadata().map_err(|_| busy())?;
    let held = file.metadata()?;
    if (named.dev(), named.ino()) != (held.dev(), held.ino()) {
        return Err(busy());
    }
    file.set_permissions(fs::Permissions::from_mode(OWNER_ONLY))?;
    file.set_len(0)?;
    Ok(file)
}

const OWNER_ONLY: u32 = 0o600;
const UNFINISHED: &str = ".unfinished";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_that_breaks_off_leaves_nothing_and_the_next_try_goes_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("services.json");
        let left = || fs::read_dir(folder.path()).expect("a folder").count();
        let mut broken = Growing::new(&path).expect("begun");
        broken.write_all(b"[half").expect("written");
        drop(broken);
        assert_eq!(left(), 0, "nothing is left");
        // A process that was ended could not even do that.
        fs::write(folder.path().join("services.json.unfinished"), "[").expect("written");
        let mut whole = Growing::new(&path).expect("begun again");
        whole.write_all(b"[]").expect("written");
        assert!(!path.exists(), "it is not whole yet");
        whole.finish().expect("finished");
        assert_eq!(fs::read(&path).expect("a file"), b"[]");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!((mode & 0o777, left()), (OWNER_ONLY, 1));
    }

    #[test]
    fn one_alone_writes_a_file_and_what_came_to_its_name_meanwhile_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("services.json");
        let mut first = Growing::new(&path).expect("begun");
        first.write_all(b"[first]").expect("written");
        let second = Growing::new(&path).err().expect("refused");
        assert_eq!(second.kind(), io::ErrorKind::ResourceBusy);
        fs::write(&path, "mine").expect("written");
        let late = first.finish().expect_err("refused");
        assert_eq!(late.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("a file"), b"mine");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn why_a_name_cannot_be_a_new_file_is_said_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        fs::write(&path, "mine").expect("written");
        let said = |path: &Path| match new_name(path) {
            Err(Failure::Usage(said)) => said,
            other => panic!("{other:?}"),
        };
        assert!(said(&path).contains("is there already"));
        let beneath = said(&path.join("page.html"));
        assert!(!beneath.contains("is there already"), "{beneath}");
        assert!(new_name(&folder.path().join("new.html")).is_ok());
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("page.html");
        fs::write(&path, "mine").expect("written");
        let refused = [file(&path).err(), Growing::new(&path).err()];
        for error in refused {
            assert_eq!(error.expect("refused").kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&path).expect("a file"), b"mine");
    }
}
