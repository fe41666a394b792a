//! Certificates of erasure: issued by the writer once a rotation is closed, and again when what is
//! known of copies and recipients has changed (SPEC §9.6).
//!
//! - None before the old root's destruction is acknowledged (I5): what is certified is found by an
//!   index record that travels in the rotation's closing frame, and nowhere else.
//! - What stands before the line `issue` follows from the log alone, so that a crash before it
//!   changes nothing there.
//! - No personal data: ids, codes, counts and times.

mod facts;
pub(crate) mod parts;
mod state;
#[cfg(test)]
mod tests;
mod write;

use crate::clock::Timestamp;
use crate::decide::NewEvent;
use crate::domain::event::{ErasureCertified, Event, PublicText};
use crate::domain::ids::RotationId;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::limits::CERTIFICATES_AT_ONCE;
use crate::prove::certificate::{CertificateFile, CertificateText};
use crate::prove::{Note, VerifierKey};
use crate::shared::Shared;
use crate::submit::answer::Entry;
use crate::submit::writer::Writer;
use facts::Facts;

/// Begins the index key of a completed erasure whose certificate is not issued yet.
const WAITING_PREFIX: &[u8] = b"z";

/// The index record that a certificate of this completion waits for.
pub(crate) fn waiting(completed: u64) -> IndexRecord {
    IndexRecord {
        key: waiting_key(completed),
        value: Some(Vec::new()),
    }
}

/// Completions whose certificates are not issued yet, oldest first.
pub(crate) fn all_waiting(shared: &Shared) -> Result<Vec<u64>, Fault> {
    let found = shared.reader.with_prefix(WAITING_PREFIX, usize::MAX)?;
    let position = |(key, _): (Vec<u8>, Vec<u8>)| {
        let bytes = key.get(WAITING_PREFIX.len()..).unwrap_or_default();
        let bytes = bytes.try_into();
        bytes
            .map(u64::from_be_bytes)
            .map_err(|_| Fault::damaged("index", "a waiting certificate"))
    };
    found.into_iter().map(position).collect()
}

fn waiting_key(completed: u64) -> Vec<u8> {
    [WAITING_PREFIX, &completed.to_be_bytes()].concat()
}

impl Writer {
    /// Issues a few of the certificates that wait. One that cannot be made waits for the next
    /// start: the data are gone all the same.
    pub(crate) fn certify(&mut self) {
        if self.uncertified.is_empty() {
            return;
        }
        let few = self.uncertified.len().min(CERTIFICATES_AT_ONCE);
        let batch: Vec<u64> = self.uncertified.drain(..few).collect();
        if let Err(fault) = self.issue_first(&batch) {
            tracing::error!(%fault, "certificates of erasure wait for the next start");
        }
    }

    fn issue_first(&mut self, completed: &[u64]) -> Result<(), Fault> {
        let mut events = Vec::new();
        let mut done = Vec::new();
        for position in completed {
            // What this stream's damage hides does not keep others from their certificates.
            match self.first_certificate(*position) {
                Ok(event) => {
                    events.push(event);
                    done.push(waiting_key(*position));
                }
                Err(fault) => tracing::error!(%fault, position, "no certificate could be made"),
            }
        }
        let mut staged = self.stage_events(events)?;
        let issued = done.into_iter().map(|key| IndexRecord { key, value: None });
        staged.index_records.extend(issued);
        self.append(&mut staged, false)?;
        self.shared.announce();
        Ok(())
    }

    /// The first certificate of a completion: the log up to it, and what is known of copies now.
    fn first_certificate(&self, completed: u64) -> Result<NewEvent, Fault> {
        let stream = self.shared.record_at(completed)?.stream;
        let mut entries = self.shared.stream(stream)?;
        entries.retain(|entry| entry.position <= completed);
        let facts = Facts::of(&self.shared, stream, &entries)?;
        let fixed = write::fixed(&self.shared, self.signer.name(), &facts);
        let at = facts.completed.at;
        self.issued(&facts, &entries, &fixed, (1, at))
    }

    /// Issues certificates of streams anew, where what is known has changed since.
    pub(crate) fn certify_again(&mut self) {
        for (stream, rotation) in std::mem::take(&mut self.recertify) {
            if let Err(fault) = self.issue_again(stream, rotation) {
                tracing::error!(%fault, "a certificate of erasure could not be issued again");
            }
        }
    }

    fn issue_again(&mut self, stream: StreamId, rotation: RotationId) -> Result<(), Fault> {
        let entries = self.shared.stream(stream)?;
        let Some((last, earlier)) = newest(&entries, rotation) else {
            return Ok(());
        };
        let mut until = entries.clone();
        until.retain(|entry| entry.position <= last.completed);
        let facts = Facts::of(&self.shared, stream, &until)?;
        let (fixed, state) = write::parted(&self.own_text(&last.note.0)?);
        let fixed = write::under(&fixed, self.signer.name());
        let now = self.shared.clock.now().max(facts.completed.at);
        let event = self.issued(
            &facts,
            &entries,
            &fixed,
            (last.issue.saturating_add(1), now),
        )?;
        if let Event::ErasureCertified(new) = &event.event
            && write::parted(&self.own_text(&new.note.0)?).1 == state
        {
            tracing::debug!(
                position = earlier,
                "the newest certificate still says it all"
            );
            return Ok(());
        }
        let mut staged = self.stage_events(vec![event])?;
        self.append(&mut staged, false)?;
        self.shared.announce();
        Ok(())
    }

    fn issued(
        &self,
        facts: &Facts,
        entries: &[Entry],
        fixed: &str,
        (issue, at): (u32, Timestamp),
    ) -> Result<NewEvent, Fault> {
        let state = state::State::of(&self.shared, facts, entries)?;
        let text = format!("{fixed}{}", write::state(&state, facts.epoch, (issue, at)));
        let note = Note::sign(&text, &[&self.signer]).map_err(unsigned)?;
        let certified = ErasureCertified {
            rotation: facts.rotation,
            completed: facts.completed.position,
            issue,
            note: PublicText(note.to_string()),
        };
        Ok(self.told(facts.stream, certified.into()))
    }

    fn own_text(&self, note: &str) -> Result<String, Fault> {
        text_of(&self.shared, note)
    }
}

/// The newest certificate of a rotation, and where it stands.
fn newest(entries: &[Entry], rotation: RotationId) -> Option<(&ErasureCertified, u64)> {
    entries.iter().rev().find_map(|entry| {
        let Event::ErasureCertified(certified) = &entry.record.event else {
            return None;
        };
        (certified.rotation == rotation).then_some((certified, entry.position))
    })
}

/// The file of the certificate whose event stands at a position; nothing if another event does.
pub(crate) fn file(shared: &Shared, position: u64) -> Result<Option<String>, Fault> {
    let Event::ErasureCertified(certified) = shared.record_at(position)?.event else {
        return Ok(None);
    };
    let note = certified.note.0;
    let text = CertificateText::parse(&text_of(shared, &note)?).map_err(unsigned)?;
    let mut positions: Vec<u64> = text.events.iter().map(|event| event.position).collect();
    positions.sort_unstable();
    positions.dedup();
    positions.push(position);
    let published = shared.published();
    let receipts = positions
        .into_iter()
        .map(|position| shared.receipt(position, &published));
    let receipts = receipts.collect::<Result<_, _>>()?;
    Ok(Some(CertificateFile { note, receipts }.to_string()))
}

/// The text of a note that this log signed.
fn text_of(shared: &Shared, note: &str) -> Result<String, Fault> {
    let note = Note::parse(note.as_bytes()).map_err(unsigned)?;
    let key: VerifierKey = shared.vkey.parse().map_err(unsigned)?;
    note.verify(&key).map(str::to_owned).map_err(unsigned)
}

fn unsigned(error: impl std::fmt::Display) -> Fault {
    Fault::damaged("certificate of erasure", error.to_string())
}
