//! What is looked through: every file below what was given, in chunks, on every core.
//!
//! - A chunk is read with some bytes of the next one, so that nothing is cut in two.
//! - Links are not followed; what is neither file nor folder is passed over.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use super::{Asked, Progress, Source, Unreadable};

/// A file to look through.
pub(super) struct Listed {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// As what it was given.
    pub(super) source: Source,
    bytes: u64,
    /// The how manieth thing given it belongs to.
    argument: usize,
}

/// Some bytes of a file.
pub(super) struct Chunk<'a> {
    /// The chunk, and as much of the next one as anything can reach over.
    pub(super) bytes: &'a [u8],
    /// Bytes of the chunk itself.
    pub(super) fresh: usize,
    /// The file's number.
    pub(super) file: usize,
    /// Where in the file it begins.
    pub(super) offset: u64,
    /// The how manieth thing given it belongs to.
    pub(super) argument: usize,
    /// As what it was given.
    pub(super) source: Source,
}

/// Everything that is looked through.
pub(super) struct Copies {
    files: Vec<Listed>,
}

impl Copies {
    /// Lists every file below everything given, and in the vault's holders.
    pub(super) fn list(asked: &Asked, holders: &[PathBuf]) -> Result<Self, Unreadable> {
        let copies = asked.copies.iter().map(|path| (path, Source::Copy));
        let memories = asked.memories.iter().map(|path| (path, Source::Memory));
        let vault = std::iter::once(&asked.vault).chain(holders);
        let vault = vault.map(|path| (path, Source::Vault));
        let mut all = Self { files: Vec::new() };
        for (argument, (path, source)) in copies.chain(memories).chain(vault).enumerate() {
            let found = fs::metadata(path).map_err(unreadable(path))?;
            if found.is_dir() {
                all.list_below(path, argument, source)?;
            } else {
                all.list_file(path, found.len(), argument, source);
            }
        }
        Ok(all)
    }

    fn list_below(
        &mut self,
        folder: &Path,
        argument: usize,
        source: Source,
    ) -> Result<(), Unreadable> {
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            let entry = entry.map_err(unreadable(folder))?;
            let path = entry.path();
            let found = entry.metadata().map_err(unreadable(&path))?;
            if found.is_dir() {
                self.list_below(&path, argument, source)?;
            } else if found.is_file() {
                self.list_file(&path, found.len(), argument, source);
            }
        }
        Ok(())
    }

    fn list_file(&mut self, path: &Path, bytes: u64, argument: usize, source: Source) {
        self.files.push(Listed {
            path: path.to_owned(),
            source,
            bytes,
            argument,
        });
    }

    /// A file by its number.
    pub(super) fn file(&self, number: usize) -> Option<&Listed> {
        self.files.get(number)
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Does something with every chunk that is not all zeros, on every core, and hands over what
    /// came of each, in any order.
    pub(super) fn each_chunk<T>(
        &self,
        doing: &str,
        progress: Progress<'_>,
        work: impl Fn(&Chunk<'_>) -> T + Sync,
        take: impl FnMut(&Chunk<'_>, T) + Send,
    ) -> Result<(), Unreadable> {
        let chunks: Vec<(usize, u64)> = self.chunks().collect();
        let (next, done, all) = (AtomicUsize::new(0), AtomicU64::new(0), self.bytes());
        let take = Mutex::new(take);
        let worker = || -> Result<(), Unreadable> {
            let mut buffer = vec![0; CHUNK_BYTES + OVERLAP_BYTES];
            let zeros = vec![0; buffer.len()];
            while let Some((file, offset)) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(listed) = self.file(*file) else {
                    continue;
                };
                let read = read(&listed.path, *offset, &mut buffer);
                let bytes = read.map_err(unreadable(&listed.path))?;
                let chunk = Chunk {
                    bytes,
                    fresh: bytes.len().min(CHUNK_BYTES),
                    file: *file,
                    offset: *offset,
                    argument: listed.argument,
                    source: listed.source,
                };
                // Nothing panics while it holds this lock but a bug, and that ends the check.
                if !zeros.starts_with(bytes) {
                    let result = work(&chunk);
                    if let Ok(mut take) = take.lock() {
                        (*take)(&chunk, result);
                    }
                }
                let fresh = u64::try_from(chunk.fresh).unwrap_or(0);
                progress(doing, done.fetch_add(fresh, Ordering::Relaxed) + fresh, all);
            }
            Ok(())
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
            let ended = workers.into_iter().map(|worker| {
                let ended = worker.join();
                ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            ended.collect()
        })
    }

    /// Every chunk: the file's number, and where it begins.
    fn chunks(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let step = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        let files = self.files.iter().enumerate();
        files.flat_map(move |(number, file)| {
            let chunks = file.bytes.div_ceil(step);
            (0..chunks).map(move |chunk| (number, chunk * step))
        })
    }
}

/// As many bytes as there are, at most the buffer full.
fn read<'a>(path: &Path, offset: u64, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let file = File::open(path)?;
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let at = offset + u64::try_from(filled).unwrap_or(0);
        match file.read_at(rest, at) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}

/// For `map_err`: what could not be read.
pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Unreadable {
    let path = path.to_owned();
    move |source| Unreadable { path, source }
}

/// Bytes of a chunk.
pub(super) const CHUNK_BYTES: usize = 1 << 20;
/// Bytes of the next chunk that come with it: longer than any record and any key.
const OVERLAP_BYTES: usize = 256;
