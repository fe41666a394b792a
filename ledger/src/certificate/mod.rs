//! Certificates of erasure: issued by the writer once a rotation is closed, and again when more is
//! known: ciphertext was cut out, a recipient answered, or somebody asked (SPEC §9.6).
//!
//! - None before the old root's destruction is acknowledged (I5): what certificates are to tell is
//!   found by an index record that travels in the frame of the event, and nowhere else.
//! - What stands before the line `issue` follows from the log alone, so that a crash before it
//!   changes nothing there.
//! - No personal data: ids, codes, counts and times.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "certificates tell of a few events and pass all others by"
)]

mod closing;
mod copies;
mod facts;
mod outside;
pub(crate) mod parts;
mod state;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeSet, VecDeque};

use crate::clock::Timestamp;
use crate::copies::registry;
use crate::decide::NewEvent;
use crate::domain::event::{ErasureCertified, Event, PublicText, Record};
use crate::domain::ids::RotationId;
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::IndexRecord;
use crate::limits::CERTIFICATES_AT_ONCE;
use crate::prove::certificate::{CertificateFile, CertificateText};
use crate::prove::{Note, VerifierKey};
use crate::shared::Shared;
use crate::submit::answer::Entry;
use crate::submit::staged::Staged;
use crate::submit::writer::Writer;
use facts::Facts;
use parts::{Parts, Reading};

/// Begins the index key of what certificates are to tell and do not tell yet.
const WAITING_PREFIX: &[u8] = b"z";

/// Whether certificates are to tell of an event: a completed erasure has its first one issued, and
/// whatever adds to what is known of one has those of its stream issued again.
pub(crate) fn tells_of(event: &Event) -> bool {
    match event {
        Event::Shredded(_)
        | Event::NoticeRecorded(_)
        | Event::RecallAsked(_)
        | Event::RecallAnswered(_) => true,
        // What was told without a ground is on every certificate of its case.
        Event::DisclosureRecorded(told) => told.incident,
        // The sum of a round, on the ledger's own stream, names no keys.
        Event::CiphertextCut(cut) => !cut.keys.is_empty(),
        _ => false,
    }
}

/// The index record of an event that certificates are to tell of, for the frame that holds it.
pub(crate) fn waiting(position: u64) -> IndexRecord {
    IndexRecord {
        key: waiting_key(position),
        value: Some(Vec::new()),
    }
}

/// Positions of events that certificates do not tell of yet, oldest first.
pub(crate) fn all_waiting(shared: &Shared) -> Result<VecDeque<u64>, Fault> {
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

fn waiting_key(position: u64) -> Vec<u8> {
    [WAITING_PREFIX, &position.to_be_bytes()].concat()
}

impl Writer {
    /// Notes which events of an appended group certificates are to tell of.
    pub(crate) fn await_certificates(&mut self, staged: &Staged) {
        let numbered = (staged.first..).zip(&staged.records);
        let told = numbered.filter(|(_, record)| tells_of(&record.event));
        self.uncertified.extend(told.map(|(position, _)| position));
    }

    /// Issues a few of the certificates that wait. One that cannot be made waits for the next
    /// start: the data are gone all the same.
    pub(crate) fn certify(&mut self) {
        let mut streams = BTreeSet::new();
        let (mut batch, mut over) = (Vec::new(), Vec::new());
        while batch.len() < CERTIFICATES_AT_ONCE
            && let Some(position) = self.uncertified.pop_front()
        {
            match self.told_at(position) {
                Ok(None) => over.push(waiting_key(position)),
                // One of a stream at a time: the next one reads what this one says.
                Ok(Some(record)) if streams.insert(record.stream) => batch.push((position, record)),
                Ok(Some(_)) => {
                    self.uncertified.push_front(position);
                    break;
                }
                Err(fault) => tracing::error!(%fault, position, "no certificate could be made"),
            }
        }
        if batch.is_empty() && over.is_empty() {
            return;
        }
        if let Err(fault) = self.issue(batch, over) {
            tracing::error!(%fault, "certificates of erasure wait for the next start");
        }
    }

    /// The record part of an event that waits; none if its stream was closed since: nobody is left
    /// to tell.
    fn told_at(&self, position: u64) -> Result<Option<Record>, Fault> {
        let stored = self.shared.event_at(position)?;
        self.shared.record_unless_closed(position, &stored)
    }

    /// Issues certificates, and lets go of what needs none any more.
    fn issue(&mut self, batch: Vec<(u64, Record)>, over: Vec<Vec<u8>>) -> Result<(), Fault> {
        let mut events = Vec::new();
        let mut done = over;
        for (position, record) in batch {
            let made = match record.event {
                Event::Shredded(_) if record.stream == StreamId::Ledger => {
                    let made = self.certificate_of_records(position);
                    made.map(|made| made.into_iter().collect())
                }
                Event::Shredded(_) => self.first_certificate(position).map(|made| vec![made]),
                _ => self.all_again(record.stream),
            };
            // What this stream's damage hides does not keep others from their certificates.
            match made {
                Ok(made) => {
                    events.extend(made);
                    done.push(waiting_key(position));
                }
                Err(fault) => tracing::error!(%fault, position, "no certificate could be made"),
            }
        }
        let mut staged = self.stage_events(events)?;
        let issued = done.into_iter().map(|key| IndexRecord { key, value: None });
        staged.index_records.extend(issued);
        staged.settles = true;
        self.append(&mut staged, true)?;
        self.shared.announce();
        Ok(())
    }

    /// The first certificate of a completion: the log up to it, and what is known of copies now.
    fn first_certificate(&self, completed: u64) -> Result<NewEvent, Fault> {
        let stream = self.shared.record_at(completed)?.stream;
        let entries = self.shared.stream(stream)?;
        let parts = Parts::of(&self.shared, &entries)?;
        let reading = Reading::of(&entries, &parts).until(completed);
        let facts = Facts::of(&self.shared, stream, reading)?;
        let fixed = write::fixed(&self.shared, self.signer.name(), &facts);
        let at = facts.completed.at;
        self.issued(&facts, reading, &fixed, (1, at))
    }

    /// The certificate of a completion that ended the records of streams.
    fn certificate_of_records(&self, completed: u64) -> Result<Option<NewEvent>, Fault> {
        let Some(facts) = closing::facts(&self.shared, completed)? else {
            return Ok(None);
        };
        let parts = Parts::of(&self.shared, &[])?;
        let fixed = write::fixed(&self.shared, self.signer.name(), &facts);
        let at = facts.completed.at;
        let issued = self.issued(&facts, Reading::of(&[], &parts), &fixed, (1, at))?;
        Ok(Some(issued))
    }

    /// Issues certificates anew that somebody asked for, where there is more to say.
    pub(crate) fn certify_again(&mut self) {
        for (stream, rotation) in std::mem::take(&mut self.recertify) {
            if let Err(fault) = self.issue_again(stream, rotation) {
                tracing::error!(%fault, "a certificate of erasure could not be issued again");
            }
        }
    }

    fn issue_again(&mut self, stream: StreamId, rotation: RotationId) -> Result<(), Fault> {
        let entries = self.shared.stream(stream)?;
        let parts = Parts::of(&self.shared, &entries)?;
        let event = self.again(stream, Reading::of(&entries, &parts), rotation)?;
        let mut staged = self.stage_events(event.into_iter().collect())?;
        self.append(&mut staged, false)?;
        self.shared.announce();
        Ok(())
    }

    /// The certificates of a stream anew, those of them that have more to say.
    fn all_again(&self, stream: StreamId) -> Result<Vec<NewEvent>, Fault> {
        let entries = self.shared.stream(stream)?;
        let certified = entries
            .iter()
            .filter_map(|entry| match &entry.record.event {
                Event::ErasureCertified(it) => Some(it.rotation),
                _ => None,
            });
        let rotations: BTreeSet<RotationId> = certified.collect();
        let parts = Parts::of(&self.shared, &entries)?;
        let reading = Reading::of(&entries, &parts);
        let again = rotations
            .into_iter()
            .map(|rotation| self.again(stream, reading, rotation));
        Ok(again
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// The next issue of a certificate; none where the newest still says it all.
    fn again(
        &self,
        stream: StreamId,
        reading: Reading<'_>,
        rotation: RotationId,
    ) -> Result<Option<NewEvent>, Fault> {
        let Some(last) = newest(reading.entries, rotation) else {
            return Ok(None);
        };
        let facts = Facts::of(&self.shared, stream, reading.until(last.completed))?;
        let (fixed, state) = write::parted(&text_of(&last.note.0)?);
        let fixed = write::under(&fixed, self.signer.name());
        let at = self.shared.clock.now().max(facts.completed.at);
        let next = last.issue.saturating_add(1);
        let event = self.issued(&facts, reading, &fixed, (next, at))?;
        let new = match &event.event {
            Event::ErasureCertified(new) => write::parted(&text_of(&new.note.0)?).1 != state,
            _ => false,
        };
        // A log that was restored has another name and key than the one that signed before.
        let new = new || !is_signed_by(&self.shared, &last.note.0)?;
        Ok(new.then_some(event))
    }

    fn issued(
        &self,
        facts: &Facts,
        reading: Reading<'_>,
        fixed: &str,
        (issue, at): (u32, Timestamp),
    ) -> Result<NewEvent, Fault> {
        let backups = registry::read(&self.notes.data)
            .inspect_err(|fault| tracing::warn!(%fault, "which backups were made is not known"));
        let backups = backups.as_deref().ok();
        let state = state::State::of(&self.shared, facts, reading, backups)?;
        let text = format!("{fixed}{}", write::state(&state, facts.epoch, (issue, at)));
        let note = Note::sign(&text, &[self.signer.as_ref()]).map_err(unsigned)?;
        let certified = ErasureCertified {
            rotation: facts.rotation,
            completed: facts.completed.position,
            issue,
            note: PublicText(note.to_string()),
        };
        Ok(self.told(facts.stream, certified.into()))
    }
}

/// The newest certificate of a rotation.
fn newest(entries: &[Entry], rotation: RotationId) -> Option<&ErasureCertified> {
    entries.iter().rev().find_map(|entry| {
        let Event::ErasureCertified(certified) = &entry.record.event else {
            return None;
        };
        (certified.rotation == rotation).then_some(certified)
    })
}

/// The file of the certificate whose event stands at a position; nothing if another event does.
pub(crate) fn file(shared: &Shared, position: u64) -> Result<Option<String>, Fault> {
    let Event::ErasureCertified(certified) = shared.record_at(position)?.event else {
        return Ok(None);
    };
    let note = certified.note.0;
    let text = CertificateText::parse(&text_of(&note)?).map_err(unsigned)?;
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

/// The text of a note of an own sealed record: of this log, or of what it was before a restore.
fn text_of(note: &str) -> Result<String, Fault> {
    let note = Note::parse(note.as_bytes()).map_err(unsigned)?;
    Ok(note.unverified_text().to_owned())
}

/// Whether this log signed a note under the name that it has now.
fn is_signed_by(shared: &Shared, note: &str) -> Result<bool, Fault> {
    let note = Note::parse(note.as_bytes()).map_err(unsigned)?;
    let key: VerifierKey = shared.vkey.parse().map_err(unsigned)?;
    Ok(note.verify(&key).is_ok())
}

fn unsigned(error: impl std::fmt::Display) -> Fault {
    Fault::damaged("certificate of erasure", error.to_string())
}
