//! Takes the story's steps: each once, proved by receipts that are checked and kept as files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use ledger::clock::Timestamp;
use ledger::domain::ids::{OrganisationId, ServiceId};
use ledger::prove::{VerifierKey, verify_receipt};
use proto::common::v1::{Outcome, Receipt};
use tonic::transport::Channel;

use super::DemoError;
use super::desk::{Ask, Desk};
use super::state::State;
use super::teller::Teller;
use crate::answer::refused;

/// The story while it is told.
pub(super) struct Story {
    pub(super) data: PathBuf,
    pub(super) channel: Channel,
    pub(super) state: State,
    pub(super) teller: Teller,
    pub(super) key: VerifierKey,
    pub(super) now: Timestamp,
    /// Services that the project invented, by name: id and organisation.
    pub(super) services: BTreeMap<String, (ServiceId, OrganisationId)>,
}

/// Ids that a step made.
pub(super) struct Made(BTreeMap<String, String>);

impl Made {
    /// An id by the name of the API's field.
    pub(super) fn id(&self, name: &'static str) -> Result<String, DemoError> {
        self.0.get(name).cloned().ok_or(DemoError::Missing(name))
    }
}

impl Story {
    /// A step that must succeed: says what it is, asks for it, keeps and checks its receipts.
    /// A step taken in an earlier start is neither said nor asked for again.
    pub(super) async fn step(
        &mut self,
        desk: &Desk,
        name: &str,
        words: &str,
        request: impl Ask,
    ) -> Result<Made, DemoError> {
        let mut step = self.state.step(name)?;
        if step.done {
            return Ok(Made(step.made));
        }
        self.teller.say(words);
        let answered = ask(desk, &step.request, request).await;
        let answered = answered.map_err(|status| DemoError::of(name, &status))?;
        self.keep(&answered.outcome)?;
        let made = answered.made.into_iter();
        step.made = made.map(|(field, id)| (field.to_owned(), id)).collect();
        step.done = true;
        self.state.finish(name, step.clone())?;
        Ok(Made(step.made))
    }

    /// An attempt that the ledger must refuse; it says with which code it did.
    pub(super) async fn attempt(
        &mut self,
        desk: &Desk,
        name: &str,
        words: &str,
        request: impl Ask,
    ) -> Result<(), DemoError> {
        let mut step = self.state.step(name)?;
        if step.done {
            return Ok(());
        }
        let Err(status) = ask(desk, &step.request, request).await else {
            return Err(DemoError::NotRefused(name.to_owned()));
        };
        let Some(no) = refused(&status) else {
            return Err(DemoError::of(name, &status));
        };
        self.teller.refused(words, &no);
        step.done = true;
        step.refused = true;
        self.state.finish(name, step)?;
        Ok(())
    }

    /// A chapter about one person begins.
    pub(super) fn begin(&self, name: &str, title: &str) {
        self.teller.chapter(title);
        if self.state.is_done(&format!("{name}.told")) {
            self.teller
                .say("This was told in an earlier start; nothing is added.");
        }
    }

    /// It was told to its end.
    pub(super) fn end(&mut self, name: &str) -> Result<(), DemoError> {
        let name = format!("{name}.told");
        let mut step = self.state.step(&name)?;
        if !step.done {
            step.done = true;
            self.state.finish(&name, step)?;
        }
        Ok(())
    }

    /// An id that an earlier step made.
    pub(super) fn made(&mut self, step: &str, name: &'static str) -> Result<String, DemoError> {
        Made(self.state.step(step)?.made).id(name)
    }

    /// The story's cases.
    pub(super) fn cases(&mut self) -> Result<Vec<String>, DemoError> {
        let people = ["mary", "ibrahim", "selam", "daniel"];
        let opened = people.map(|name| format!("{name}.open"));
        opened
            .iter()
            .map(|step| self.made(step, "case_id"))
            .collect()
    }

    /// A service that the project invented.
    pub(super) fn service(
        &self,
        name: &'static str,
    ) -> Result<(ServiceId, OrganisationId), DemoError> {
        self.services
            .get(name)
            .copied()
            .ok_or(DemoError::Missing(name))
    }

    pub(super) fn keep(&self, outcome: &Outcome) -> Result<(), DemoError> {
        self.keep_receipts(&outcome.receipts)?;
        let events = outcome.receipts.iter();
        let events: Vec<_> = events
            .map(|it| (it.position, it.event_name.clone()))
            .collect();
        self.teller.recorded(&events, outcome.repeated);
        Ok(())
    }

    /// Checks receipts offline and keeps them as files.
    pub(super) fn keep_receipts(&self, receipts: &[Receipt]) -> Result<(), DemoError> {
        for receipt in receipts {
            self.check(receipt.position, receipt.tlog_proof.as_bytes())?;
            let words = receipt
                .event_name
                .chars()
                .filter(char::is_ascii_alphanumeric);
            let name: String = words.collect();
            let file = format!("{:06}-{name}.tlog-proof", receipt.position);
            fs::write(self.receipts_folder().join(file), &receipt.tlog_proof)?;
        }
        Ok(())
    }

    /// Positions of the receipts that lie in the folder, each checked again.
    pub(super) fn check_receipts(&self) -> Result<Vec<u64>, DemoError> {
        let mut positions = Vec::new();
        for file in fs::read_dir(self.receipts_folder())? {
            let path = file?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let Some((position, _)) = name.split_once('-') else {
                continue;
            };
            let Ok(position) = position.parse() else {
                continue;
            };
            self.check(position, &fs::read(&path)?)?;
            positions.push(position);
        }
        positions.sort_unstable();
        Ok(positions)
    }

    fn receipts_folder(&self) -> PathBuf {
        self.data.join(RECEIPTS)
    }

    /// Makes the folder for receipts and writes the key that verifies them.
    pub(super) fn prepare_receipts(&self, vkey: &str) -> io::Result<()> {
        fs::create_dir_all(self.receipts_folder())?;
        let path = self.data.join("log.vkey");
        // It is there since the ledger was made; what others verify with is not rewritten.
        match fs::read_to_string(&path) {
            Ok(there) if there.trim() == vkey.trim() => Ok(()),
            Ok(_) | Err(_) => fs::write(path, format!("{}\n", vkey.trim())),
        }
    }

    fn check(&self, position: u64, proof: &[u8]) -> Result<(), DemoError> {
        let verified = verify_receipt(proof, &self.key);
        let verified = verified.map_err(|error| DemoError::Proof(position, error.code()))?;
        if verified.index() != position {
            return Err(DemoError::Proof(position, "receipt_of_another_event"));
        }
        Ok(())
    }
}

async fn ask(
    desk: &Desk,
    request_id: &str,
    mut request: impl Ask,
) -> Result<super::desk::Answered, tonic::Status> {
    request.put(request_id);
    request.ask(desk).await
}

const RECEIPTS: &str = "receipts";
