//! THE SPINE (interface first): open, submit, read, receipt, checkpoint, erase.
#![allow(missing_docs, unused_variables, clippy::unimplemented, clippy::all)]

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::domain::case::Case;
use crate::domain::command::Request;
use crate::domain::event::Record;
use crate::domain::ids::*;
use crate::domain::personal::Personal;
use crate::domain::staff::{Service, Staff};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::refusal::Refused;

/// How to open a ledger.
pub struct OpenOptions {
    pub data: PathBuf,
    pub vault: PathBuf,
    /// TOML text of the policy table; none = the default that ships (`authorise::DEFAULT_POLICY`).
    pub policy: Option<String>,
    /// Our own binary, for the guarded opening of the store in a child process (`store-probe DIR`).
    pub probe: Option<PathBuf>,
    /// Days between a withdrawal and the destruction of keys where not asked at once.
    pub shred_after_days: u32,
    pub progress: Option<Arc<dyn Fn(&str, u64, u64) + Send + Sync>>,
}

/// How to make a new ledger.
pub struct InitOptions {
    pub data: PathBuf,
    pub vault: PathBuf,
    /// Name of the log = key name, for example `referral-ledger.example.org/log`.
    pub origin: String,
    /// `test` tier: vault allowed anywhere.
    pub test_tier: bool,
}

/// The ledger: clone to share; thread-safe.
#[derive(Clone)]
pub struct Ledger {}

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The events, record parts, in order, with their positions in the log.
    pub entries: Vec<Entry>,
    /// One C2SP tlog-proof file per event, at the group's checkpoint.
    pub receipts: Vec<String>,
    /// The version of the (first) stream after the command.
    pub version: u64,
    /// True if this is the answer to an earlier command with the same request id.
    pub repeated: bool,
}

/// An event's record part and where it is.
#[derive(Clone, Debug)]
pub struct Entry {
    pub position: u64,
    pub record: Record,
}

/// One personal part of an event, opened or not.
pub struct PersonalPart {
    pub position: u64,
    pub segment: u8,
    pub content: PersonalContent,
}

pub enum PersonalContent {
    Open(Personal),
    /// Its keys were destroyed: unreadable to everyone.
    Shredded,
    /// Withdrawn or expired: nobody may read it.
    Fenced,
}

/// No, or we failed.
pub enum Rejection {
    Refused(Refused),
    Fault(Fault),
}

/// Where the ledger stands.
#[derive(Clone, Debug)]
pub struct Status {
    pub size: u64,
    pub checkpoint: String,
    pub epoch: u64,
    pub vault_tier: &'static str,
    pub poisoned: bool,
    pub shreds_pending: u64,
    pub shredded_leaves: u64,
}

impl Ledger {
    pub fn init(options: &InitOptions) -> Result<(), Fault> { unimplemented!() }
    pub fn open(options: OpenOptions) -> Result<Self, Fault> { unimplemented!() }
    /// Blocks until durable (or refused).
    pub fn submit(&self, request: Request) -> Result<Answer, Rejection> { unimplemented!() }
    /// Queues a command; `reply` is called on the writer thread after the sync (gateway: oneshot). Err = queue full (refuse `unavailable`).
    pub fn enqueue(&self, request: Request, reply: Box<dyn FnOnce(Result<Answer, Rejection>) + Send>) -> Result<(), Fault> { unimplemented!() }
    /// After an answered `ViewPersonalData` by this caller: opens the personal parts of its target (re-checks fences). Blocking.
    pub fn open_personal(&self, seen: &Answer) -> Result<Vec<PersonalPart>, Fault> { unimplemented!() }
    /// Record parts from a position on, at most `max` (projections follow with this).
    pub fn records(&self, from: u64, max: usize) -> Result<Vec<Entry>, Fault> { unimplemented!() }
    /// All record parts of one stream, oldest first.
    pub fn stream(&self, stream: StreamId) -> Result<Vec<Entry>, Fault> { unimplemented!() }
    pub fn case(&self, id: CaseId) -> Result<Option<Arc<Case>>, Fault> { unimplemented!() }
    pub fn case_by_code(&self, code: ClientCode) -> Result<Option<CaseId>, Fault> { unimplemented!() }
    pub fn service(&self, id: ServiceId) -> Result<Option<Arc<Service>>, Fault> { unimplemented!() }
    pub fn staff(&self, id: StaffId) -> Result<Option<Arc<Staff>>, Fault> { unimplemented!() }
    /// Number of durable events.
    pub fn size(&self) -> u64 { unimplemented!() }
    /// Blocks until size() > position or the deadline; for followers.
    pub fn wait_beyond(&self, position: u64, timeout_ms: u64) -> u64 { unimplemented!() }
    /// The newest signed checkpoint (C2SP signed note).
    pub fn checkpoint(&self) -> String { unimplemented!() }
    /// The log's verifier key (vkey).
    pub fn vkey(&self) -> String { unimplemented!() }
    /// A C2SP tlog-proof of one event at the newest checkpoint.
    pub fn receipt(&self, position: u64) -> Result<Option<String>, Fault> { unimplemented!() }
    /// Base: 32-byte hashes.
    pub fn consistency_proof(&self, old_size: u64, new_size: u64) -> Result<Vec<[u8; 32]>, Fault> { unimplemented!() }
    pub fn inclusion_proof(&self, position: u64, size: u64) -> Result<Vec<[u8; 32]>, Fault> { unimplemented!() }
    /// The stored bytes of an event: header and sealed segments.
    pub fn sealed(&self, position: u64) -> Result<Option<(Vec<u8>, Vec<Vec<u8>>)>, Fault> { unimplemented!() }
    /// Seals bytes of a projection snapshot under a fresh leaf and keeps them beside the log; survives until a record leaf dies.
    pub fn save_snapshot(&self, name: &str, position: u64, bytes: &[u8]) -> Result<(), Fault> { unimplemented!() }
    /// The newest readable snapshot of that name, with its position.
    pub fn load_snapshot(&self, name: &str) -> Result<Option<(u64, Vec<u8>)>, Fault> { unimplemented!() }
    pub fn status(&self) -> Status { unimplemented!() }
    pub fn now(&self) -> Timestamp { unimplemented!() }
    /// Stops the writer and closes cleanly.
    pub fn close(&self) -> Result<(), Fault> { unimplemented!() }
}
