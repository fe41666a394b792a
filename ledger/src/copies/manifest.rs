//! A backup's manifest: how far it goes, and a checksum of each of its files (SPEC §13.3).
//!
//! - It is the backup's truth: bytes behind what it names were never part of a finished backup.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::folder::CopyFolder;
use crate::error::Fault;
use crate::hex::{from_hex, hex};
use crate::log::{Disk, replace_file};

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The last frame, and its hash.
    pub frame: u64,
    /// The hash of it.
    pub hash: [u8; 32],
    /// Events up to it.
    pub size: u64,
    /// Epoch of the last finished rotation in it.
    pub epoch: u64,
    /// While what was cut out becomes zeros here too: the first frame whose lists may not be
    /// carried out yet. The sums of files that these lists touch may be those from before.
    pub cutting: Option<u64>,
    /// Bytes and SHA-256 of each journal file, from the first on.
    pub files: Vec<(u64, [u8; 32])>,
}

impl Manifest {
    /// The manifest of a backup; none if none was ever finished in it.
    pub(super) fn read(copy: &CopyFolder) -> Result<Option<Self>, Fault> {
        let path = path_in(copy);
        match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text).map(Some).ok_or_else(|| damaged(&path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::io("reading a backup's manifest")(error)),
        }
    }

    /// Puts this one in place of the one before.
    pub(super) fn write(&self, copy: &CopyFolder, disk: &dyn Disk) -> Result<(), Fault> {
        let (frame, hash, size, epoch) = (self.frame, hex(&self.hash), self.size, self.epoch);
        let mut text = format!("{WORD} 1\nframe {frame} {hash}\nevents {size}\nepoch {epoch}\n");
        if let Some(first) = self.cutting {
            text.push_str(&format!("cutting {first}\n"));
        }
        for (bytes, sum) in &self.files {
            text.push_str(&format!("file {bytes} {}\n", hex(sum)));
        }
        let sum: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        text.push_str(&format!("end {}\n", hex(&sum)));
        replace_file(disk, &path_in(copy), text.as_bytes())
            .map_err(Fault::io("writing a backup's manifest"))
    }

    /// Takes the sums of these files anew, each with its bytes.
    pub(super) fn sum(
        &mut self,
        copy: &CopyFolder,
        files: &BTreeMap<u64, u64>,
    ) -> Result<(), Fault> {
        for (number, bytes) in files {
            let sum = sum_of(&copy.segment(*number), *bytes)?
                .ok_or_else(|| Fault::damaged("backup", format!("file {number} is shorter")))?;
            let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
            match self.files.get_mut(place) {
                Some(file) => *file = (*bytes, sum),
                None => self.files.push((*bytes, sum)),
            }
        }
        Ok(())
    }

    /// The numbers of the files that are not those of their checksums.
    pub(super) fn strangers(&self, copy: &CopyFolder) -> Result<Vec<u64>, Fault> {
        let mut strangers = Vec::new();
        for (number, (bytes, sum)) in (1_u64..).zip(&self.files) {
            if sum_of(&copy.segment(number), *bytes)? != Some(*sum) {
                strangers.push(number);
            }
        }
        Ok(strangers)
    }
}

/// SHA-256 of the first bytes of a file; none if it is shorter.
fn sum_of(path: &Path, bytes: u64) -> Result<Option<[u8; 32]>, Fault> {
    use std::io::Read;
    let reading = "reading a backup's file";
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::io(reading)(error)),
    };
    let mut rest = file.take(bytes);
    let mut sum = Sha256::new();
    let copied = std::io::copy(&mut rest, &mut Hashing(&mut sum)).map_err(Fault::io(reading))?;
    Ok((copied == bytes).then(|| sum.finalize().into()))
}

struct Hashing<'a>(&'a mut Sha256);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn parse(text: &str) -> Option<Manifest> {
    let (covered, end) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let covered = format!("{covered}\n");
    let sum: [u8; 32] = Sha256::digest(covered.as_bytes()).into();
    if from_hex(end.strip_prefix("end ")?)? != sum {
        return None;
    }
    let mut lines = covered.lines();
    if lines.next()?.strip_prefix(WORD)?.trim() != "1" {
        return None;
    }
    let (frame, hash) = lines.next()?.strip_prefix("frame ")?.split_once(' ')?;
    let size = lines.next()?.strip_prefix("events ")?;
    let epoch = lines.next()?.strip_prefix("epoch ")?;
    let mut lines = lines.peekable();
    let cutting = lines.peek().and_then(|line| line.strip_prefix("cutting "));
    let cutting = cutting.map(str::parse);
    if cutting.is_some() {
        let _ = lines.next();
    }
    let mut manifest = Manifest {
        frame: frame.parse().ok()?,
        hash: from_hex(hash)?,
        size: size.parse().ok()?,
        epoch: epoch.parse().ok()?,
        cutting: cutting.transpose().ok()?,
        files: Vec::new(),
    };
    for line in lines {
        let (bytes, sum) = line.strip_prefix("file ")?.split_once(' ')?;
        manifest.files.push((bytes.parse().ok()?, from_hex(sum)?));
    }
    Some(manifest)
}

fn path_in(copy: &CopyFolder) -> PathBuf {
    copy.path.join("MANIFEST")
}

fn damaged(path: &Path) -> Fault {
    Fault::damaged("backup", format!("{}", path.display()))
}

const WORD: &str = "referral-ledger-backup";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::CopyKind;
    use crate::domain::ids::CopyId;
    use crate::log::SystemDisk;

    #[test]
    fn a_manifest_comes_back_as_it_was_and_any_flipped_byte_is_damage() {
        let home = tempfile::tempdir().unwrap();
        let of = (CopyId([3; 16]), [1; 32]);
        let copy = CopyFolder::create(home.path(), CopyKind::Backup, of).unwrap();
        assert_eq!(Manifest::read(&copy).unwrap(), None);
        let mut manifest = Manifest {
            frame: 17,
            hash: [9; 32],
            size: 40,
            epoch: 3,
            cutting: None,
            files: vec![(4096, [1; 32]), (77, [2; 32])],
        };
        manifest.write(&copy, &SystemDisk).unwrap();
        assert_eq!(Manifest::read(&copy).unwrap().as_ref(), Some(&manifest));
        manifest.cutting = Some(12);
        manifest.write(&copy, &SystemDisk).unwrap();
        assert_eq!(Manifest::read(&copy).unwrap().as_ref(), Some(&manifest));
        let whole = std::fs::read(path_in(&copy)).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            std::fs::write(path_in(&copy), &bytes).unwrap();
            let found = Manifest::read(&copy);
            assert!(found.is_err(), "byte {place}");
            std::fs::write(path_in(&copy), &whole[..place]).unwrap();
            assert!(Manifest::read(&copy).is_err(), "cut at {place}");
        }
    }
}
