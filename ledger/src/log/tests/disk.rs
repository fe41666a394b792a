//! A disk whose writes are recorded and can each be made to fail, so that power cuts can be played.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::log::{Disk, DiskFile, SystemDisk};

/// One operation that changes the disk.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Create(PathBuf),
    Write(PathBuf, u64, Vec<u8>),
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    SyncFolder,
}

/// What a broken operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// Nothing happens, and an error comes back.
    Fails,
    /// It happens, and an error comes back.
    FailsButPersists,
    /// Half of it happens, and an error comes back.
    Cut,
}

#[derive(Default)]
struct State {
    operations: Vec<Operation>,
    broken: Option<(usize, Break)>,
    full: bool,
}

/// The real disk with a record of what was done to it.
#[derive(Clone, Default)]
pub(crate) struct RecordingDisk(Arc<Mutex<State>>);

impl RecordingDisk {
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.0.lock().unwrap().operations.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().operations.len()
    }

    pub(crate) fn break_operation(&self, number: usize, how: Break) {
        self.0.lock().unwrap().broken = Some((number, how));
    }

    /// From now on no new file can be made.
    pub(crate) fn fill(&self, full: bool) {
        self.0.lock().unwrap().full = full;
    }

    fn run<T>(
        &self,
        operation: Operation,
        work: impl FnOnce(usize) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        if state.full && matches!(operation, Operation::Create(_)) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let number = state.operations.len();
        let bytes = if let Operation::Write(_, _, bytes) = &operation {
            bytes.len()
        } else {
            0
        };
        state.operations.push(operation);
        let broken = || io::Error::other("broken on purpose");
        match state.broken.filter(|(at, _)| *at == number) {
            None => work(bytes),
            Some((_, Break::Fails)) => Err(broken()),
            Some((_, Break::FailsButPersists)) => work(bytes).and_then(|_| Err(broken())),
            Some((_, Break::Cut)) => work(bytes / 2).and_then(|_| Err(broken())),
        }
    }
}

impl Disk for RecordingDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let inner = self.run(Operation::Create(path.to_path_buf()), |_| {
            SystemDisk.create(path)
        })?;
        Ok(Arc::new(RecordingFile {
            path: path.to_path_buf(),
            inner,
            disk: self.clone(),
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let inner = SystemDisk.open(path)?;
        Ok(Arc::new(RecordingFile {
            path: path.to_path_buf(),
            inner,
            disk: self.clone(),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let operation = Operation::Rename(from.to_path_buf(), to.to_path_buf());
        self.run(operation, |_| SystemDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.run(Operation::Remove(path.to_path_buf()), |_| {
            SystemDisk.remove(path)
        })
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.run(Operation::SyncFolder, |_| SystemDisk.sync_folder(path))
    }
}

struct RecordingFile {
    path: PathBuf,
    inner: Arc<dyn DiskFile>,
    disk: RecordingDisk,
}

impl DiskFile for RecordingFile {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let operation = Operation::Write(self.path.clone(), offset, bytes.to_vec());
        self.disk.run(operation, |length| {
            self.inner.write_all_at(&bytes[..length], offset)
        })
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk
            .run(Operation::Sync(self.path.clone()), |_| self.inner.sync())
    }

    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }
}

/// The folder as a power cut leaves it: everything synced, and of what was written since, the
/// pieces of 512 bytes that `keep` lets through. File names are durable at once, which is kinder
/// than a disk may be; the log syncs folders, and its names do not carry meaning before that.
pub(crate) fn after_power_cut(
    operations: &[Operation],
    base: BTreeMap<PathBuf, Vec<u8>>,
    mut keep: impl FnMut() -> bool,
) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = base;
    let mut pending: Vec<(PathBuf, u64, Vec<u8>)> = Vec::new();
    // A file keeps the name it was opened by in the record; this is the name it has since.
    let mut names: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for operation in operations {
        let name = |path: &PathBuf| names.get(path).unwrap_or(path).clone();
        match operation {
            Operation::Create(path) => {
                names.remove(path);
                files.insert(path.clone(), Vec::new());
            }
            Operation::Write(path, offset, bytes) => {
                pending.push((name(path), *offset, bytes.clone()));
            }
            Operation::Sync(path) => {
                let synced = name(path);
                let (done, rest): (Vec<_>, Vec<_>) = pending
                    .into_iter()
                    .partition(|(path, _, _)| *path == synced);
                pending = rest;
                done.iter()
                    .for_each(|(path, at, bytes)| put(&mut files, path, *at, bytes));
            }
            Operation::Rename(from, to) => {
                let bytes = files.remove(from).unwrap();
                files.insert(to.clone(), bytes);
                pending
                    .iter_mut()
                    .filter(|(p, _, _)| p == from)
                    .for_each(|w| w.0.clone_from(to));
                names.insert(from.clone(), to.clone());
            }
            Operation::Remove(path) => {
                files.remove(path);
                pending.retain(|(pending, _, _)| pending != path);
            }
            Operation::SyncFolder => {}
        }
    }
    for (path, offset, bytes) in pending {
        for (number, piece) in bytes.chunks(512).enumerate() {
            if keep() {
                put(
                    &mut files,
                    &path,
                    offset + 512 * u64::try_from(number).unwrap(),
                    piece,
                );
            }
        }
    }
    files
}

fn put(files: &mut BTreeMap<PathBuf, Vec<u8>>, path: &Path, offset: u64, bytes: &[u8]) {
    let file = files.get_mut(path).unwrap();
    let offset = usize::try_from(offset).unwrap();
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}
