//! New files that only their owner reads: pages about people, exports.
//!
//! - A file that is there already is never written over.
//! - What grows over many answers appears under its name once it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A new file that only its owner reads.
pub(crate) fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(OWNER_ONLY);
    options.open(path)
}

/// A file that is being written beside its name; dropped before it is whole, nothing is left.
pub(crate) struct Growing {
    file: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
}

impl Growing {
    /// Begins a file that is to have this name; nothing may have it yet.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(UNFINISHED);
        let beside = PathBuf::from(beside);
        // What a process left that was ended: it never was whole.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        Ok(Self {
            file: BufWriter::new(file(&beside)?),
            beside,
            path: path.to_owned(),
        })
    }

    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)
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
        // Once it has its name, nothing is there to be removed.
        let _ = fs::remove_file(&self.beside);
    }
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
