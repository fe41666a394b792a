//! Key records in a file of their own: with them an old backup reads every living person, and none
//! of the forgotten (SPEC §13.4).

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::source::Source;
use crate::error::Fault;
use crate::limits::JOURNAL_FRAME_BYTES_MAX;

/// What an export came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeysExported {
    /// The last frame that was looked at.
    pub frame: u64,
    /// Key records written.
    pub records: u64,
}

/// Key records of one frame.
pub(super) struct KeysOfFrame {
    pub(super) number: u64,
    pub(super) hash: [u8; 32],
    pub(super) records: Vec<Vec<u8>>,
}

/// Writes all key records of a ledger, or of a copy of it, into a new file.
pub fn export_keys(from: &Path, to: &Path) -> Result<KeysExported, Fault> {
    let doing = "writing the key records";
    let source = Source::of(from)?;
    let draft = to.with_extension("new");
    let file = File::create(&draft).map_err(Fault::io(doing))?;
    let mut out = Summed::new(BufWriter::new(file));
    out.put(MAGIC)?;
    out.put(&source.log_id)?;
    let mut done = KeysExported::default();
    let mut last = [0; 32];
    let mut frames = source.settled(1)?;
    while let Some(frame) = frames.next_frame()? {
        (done.frame, last) = (frame.number, frame.hash);
        if frame.key_records.is_empty() {
            continue;
        }
        out.put(&frame.number.to_be_bytes())?;
        out.put(&frame.hash)?;
        out.put(&length(frame.key_records.len()))?;
        for record in &frame.key_records {
            out.put(&length(record.len()))?;
            out.put(record)?;
            done.records += 1;
        }
    }
    out.put(&0_u64.to_be_bytes())?;
    out.put(&done.frame.to_be_bytes())?;
    out.put(&last)?;
    let (mut file, sum) = out.finish();
    let finish = |file: &mut BufWriter<File>| {
        file.write_all(&sum)?;
        file.flush()?;
        file.get_ref().sync_all()
    };
    finish(&mut file).map_err(Fault::io(doing))?;
    // A crash before this leaves a draft, never half an export under its name.
    std::fs::rename(&draft, to).map_err(Fault::io(doing))?;
    Ok(done)
}

/// An export read whole: checked before anything in it is used.
pub(super) struct KeyFile {
    pub(super) frames: Vec<KeysOfFrame>,
    /// The last frame it covers.
    pub(super) last: (u64, [u8; 32]),
}

impl KeyFile {
    pub(super) fn read(path: &Path, log_id: &[u8; 32]) -> Result<Self, Fault> {
        let file = File::open(path).map_err(Fault::io("opening the key records"))?;
        let mut input = Summing {
            from: BufReader::new(file),
            sum: Sha256::new(),
        };
        if input.array::<8>()? != *MAGIC {
            return Err(damaged("magic"));
        }
        if input.array::<32>()? != *log_id {
            return Err(Fault::Unusable(
                "these key records are of another ledger".to_owned(),
            ));
        }
        let mut frames: Vec<KeysOfFrame> = Vec::new();
        loop {
            let number = u64::from_be_bytes(input.array()?);
            if number == 0 {
                break;
            }
            if frames.last().is_some_and(|last| last.number >= number) {
                return Err(damaged("order"));
            }
            frames.push(input.frame(number)?);
        }
        let last = (u64::from_be_bytes(input.array()?), input.array()?);
        let sum: [u8; 32] = input.sum.clone().finalize().into();
        if input.array::<32>()? != sum || input.from.read(&mut [0]).unwrap_or(1) != 0 {
            return Err(damaged("checksum"));
        }
        Ok(Self { frames, last })
    }
}

/// Hashes what is read.
struct Summing {
    from: BufReader<File>,
    sum: Sha256,
}

impl Summing {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        self.from
            .read_exact(bytes)
            .map_err(|_| damaged("cut short"))?;
        self.sum.update(bytes);
        Ok(())
    }

    fn frame(&mut self, number: u64) -> Result<KeysOfFrame, Fault> {
        let hash = self.array()?;
        let count = u32::from_be_bytes(self.array()?);
        let mut records = Vec::new();
        let mut bytes = 0_usize;
        for _ in 0..count {
            let length = usize::try_from(u32::from_be_bytes(self.array()?)).unwrap_or(usize::MAX);
            bytes = bytes.saturating_add(length);
            // No frame held more than this, so neither does its part here.
            if bytes > JOURNAL_FRAME_BYTES_MAX {
                return Err(damaged("length"));
            }
            let mut record = vec![0; length];
            self.fill(&mut record)?;
            records.push(record);
        }
        Ok(KeysOfFrame {
            number,
            hash,
            records,
        })
    }
}

/// Hashes what is written.
struct Summed {
    to: BufWriter<File>,
    sum: Sha256,
}

impl Summed {
    fn new(to: BufWriter<File>) -> Self {
        Self {
            to,
            sum: Sha256::new(),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.sum.update(bytes);
        self.to
            .write_all(bytes)
            .map_err(Fault::io("writing the key records"))
    }

    fn finish(self) -> (BufWriter<File>, [u8; 32]) {
        (self.to, self.sum.finalize().into())
    }
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn damaged(part: &'static str) -> Fault {
    Fault::damaged("file of key records", part)
}

const MAGIC: &[u8; 8] = b"RLKEYS01";
