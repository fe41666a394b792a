//! Reading the journal again while the log is open, a piece at a time: opening reads only what the
//! store does not hold, and what it passes over may have been damaged since it was written.
//!
//! - It reads the files, changes nothing, and goes on behind what is damaged.
//! - A segment on a cut list may be zeros, or be overwritten at this moment; what stands there in
//!   the end is for `fsck`.

use super::cursor::{Cursor, Step};
use super::cut::Doubt;
use super::reader::Reader;
use super::walk::{Walked, pass};
use crate::error::Fault;

/// One round over all frames that were synced when it began.
pub struct Scrub {
    reader: Reader,
    cursor: Cursor,
    until: u64,
}

/// What a piece of a round came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// The last frame that was looked at.
    pub frame: u64,
    /// What is damaged, in words: which frame or event, and how.
    pub damage: Vec<String>,
    /// Whether the round came to the journal's end.
    pub ended: bool,
    /// Whether it broke off before: nothing behind can be read.
    pub broke_off: bool,
}

impl Reader {
    /// A round that begins with the first frame.
    pub fn scrub(&self) -> Scrub {
        Scrub {
            reader: self.clone(),
            cursor: self.journal().at_start(),
            until: self.head().frame_number,
        }
    }
}

impl Scrub {
    /// Goes on for about this many bytes. Where nothing behind can be read it breaks off, and
    /// that is damage, too: a disk that fails says so here.
    pub fn step(&mut self, bytes: u64) -> Scrubbed {
        let mut done = Scrubbed::default();
        if let Err(fault) = self.read(bytes, &mut done) {
            let next = self.cursor.number + 1;
            done.damage
                .push(format!("frame {next} cannot be read: {fault}"));
            done.broke_off = true;
        }
        done.frame = self.cursor.number;
        done
    }

    fn read(&mut self, bytes: u64, done: &mut Scrubbed) -> Result<(), Fault> {
        let mut read = 0;
        while read < bytes && self.cursor.number < self.until {
            let before = self.cursor.end;
            match self.cursor.step()? {
                Step::Frame(frame) => {
                    read += frame.length;
                    self.doubt(frame.number, &self.cursor.doubts, done)?;
                }
                Step::End => {
                    let next = self.cursor.number + 1;
                    done.damage
                        .push(format!("frame {next}: nothing stands at {before}"));
                    done.broke_off = true;
                    return Ok(());
                }
                Step::Bad(bad) => {
                    let mut doubts = Vec::new();
                    let files = self.cursor.files().clone();
                    let more = pass(&files, &mut self.cursor, &bad, &mut |walked| match walked {
                        Walked::Flaw(finding) => done.damage.push(finding.to_string()),
                        Walked::Doubt(doubt) => doubts.push(doubt),
                        Walked::Frame(..) | Walked::Gap => {}
                    })?;
                    self.doubt(self.cursor.number, &doubts, done)?;
                    if !more {
                        done.broke_off = true;
                        return Ok(());
                    }
                }
            }
        }
        done.ended = self.cursor.number >= self.until;
        Ok(())
    }

    /// Tells of a segment that holds something else than it should, if no cut list explains it.
    fn doubt(&self, frame: u64, doubts: &[Doubt], done: &mut Scrubbed) -> Result<(), Fault> {
        if let Some(doubt) = self.reader.unexplained(doubts)? {
            done.damage
                .push(format!("frame {frame}: {}", doubt.words()));
        }
        Ok(())
    }
}
