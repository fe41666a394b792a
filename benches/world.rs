//! A temporary ledger with staff, a directory and cases, to which benches submit commands.
#![expect(
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "a bench that cannot be set up has nothing to measure"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::channel;

use ledger::clock::{Clock, DAY_MS, SystemClock};
use ledger::domain::codes::{Assessment, Role};
use ledger::domain::command::{Assessing, Caller, Command, Listing, Request, ShredWish};
use ledger::domain::event::{Event, Record, ServiceEntry};
use ledger::domain::ids::{
    CaseId, OrganisationId, PersonId, ReferralId, RequestId, ServiceId, StaffId, SweepId,
};
use ledger::error::Fault;
use ledger::ledger::{Answer, InitOptions, Ledger, OpenOptions, Protection, Rejection, init};
use ledger::limits::{QUEUE_COMMANDS_MAX, TOKEN_DAYS_MAX};
use ledger::organisation::DEFAULT_ORGANISATION;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::{Corpus, place::Place};

/// A ledger in a folder that goes with it.
pub struct World {
    /// The ledger, open.
    pub ledger: Ledger,
    /// Where content comes from.
    pub corpus: Corpus,
    cases: Vec<Draft>,
    next: usize,
    administrator: StaffId,
    worker: StaffId,
    service: ServiceId,
    recipient: OrganisationId,
    folder: TempDir,
    clock: Arc<dyn Clock>,
    /// Who asks for a sweep, and who agrees to it.
    officer: StaffId,
    coordinator: StaffId,
}

/// A case with a referral that is a draft.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// Which case.
    pub case: CaseId,
    /// Which referral.
    pub referral: ReferralId,
}

/// Leaves of a case of [`World::fill_leaves`]: its record, who the person is, each category.
pub const LEAVES_OF_A_CASE: u64 = 16;

/// Commands that are queued at once while a ledger is filled.
const QUEUED: usize = 512;

impl World {
    /// A new ledger with staff, one approved service and so many cases with a draft each.
    pub fn make(place: Place, cases: usize) -> Self {
        Self::make_by(place, cases, Arc::new(SystemClock))
    }

    /// The same by a clock of its own.
    pub fn make_by(place: Place, cases: usize, clock: Arc<dyn Clock>) -> Self {
        let folder = place.temporary();
        let options = InitOptions {
            data: folder.path().join("data"),
            vault: folder.path().join("vault"),
            origin: "bench.example/log".to_owned(),
            test_tier: true,
            protection: Protection::default(),
            organisation: Some(unlimited()),
        };
        init(&options).expect("an empty folder");
        let ledger = open(&folder, &clock).expect("a ledger just made");
        let mut corpus = Corpus::seeded(7);
        let (administrator, worker) = (StaffId::fresh(&mut corpus), StaffId::fresh(&mut corpus));
        let service = ServiceId::fresh(&mut corpus);
        let recipient = OrganisationId::fresh(&mut corpus);
        let (officer, coordinator) = (StaffId::fresh(&mut corpus), StaffId::fresh(&mut corpus));
        let cases_made = Vec::new();
        let mut world = Self {
            ledger,
            corpus,
            cases: cases_made,
            next: 0,
            administrator,
            worker,
            service,
            recipient,
            folder,
            clock,
            officer,
            coordinator,
        };
        world.found();
        world.add_drafts(cases);
        world
    }

    /// The drafts that commands go to in turn.
    pub fn drafts(&self) -> &[Draft] {
        &self.cases
    }

    /// The measured command with so many bytes of content, to the next case in turn.
    pub fn revision(&mut self, bytes: usize) -> Request {
        let draft = self.cases.get(self.next % self.cases.len().max(1)).copied();
        let Draft { case, referral } = draft.expect("a world with cases");
        self.next += 1;
        let command = self.corpus.revise(case, referral, bytes);
        self.by_worker(command)
    }

    /// So many of them.
    pub fn revisions(&mut self, count: usize, bytes: usize) -> Vec<Request> {
        (0..count).map(|_| self.revision(bytes)).collect()
    }

    /// Opens cases with a consented record: each makes two leaf keys.
    pub fn open_cases(&mut self, count: usize) -> Vec<(CaseId, PersonId)> {
        let mut opened = Vec::with_capacity(count);
        for start in (0..count).step_by(QUEUED) {
            let group = (start..count.min(start + QUEUED))
                .map(|_| {
                    let command = self.corpus.open_case();
                    self.by_worker(command)
                })
                .collect();
            for answer in submit_all(&self.ledger, group) {
                opened.push(found(&answer, |record| match &record.event {
                    Event::CaseOpened(opened) => Some((opened.case, opened.client)),
                    _ => None,
                }));
            }
        }
        opened
    }

    /// Makes a key tree of so many leaves by the shortest road that is open to anybody: cases with
    /// a draft that says something in every category. Gives the cases.
    pub fn fill_leaves(&mut self, leaves: u64) -> Vec<CaseId> {
        let cases = leaves / LEAVES_OF_A_CASE;
        let cases = usize::try_from(cases).expect("a small number");
        let mut made = Vec::with_capacity(cases);
        while made.len() < cases {
            let opened = self.open_cases(QUEUED.min(cases - made.len()));
            let draft = |(case, _): &(CaseId, PersonId)| {
                let command = self.corpus.draft_of_everything(*case, self.service);
                self.by_worker(command)
            };
            let drafts = opened.iter().map(draft).collect();
            submit_all(&self.ledger, drafts);
            made.extend(opened.iter().map(|(case, _)| *case));
        }
        made
    }

    /// Withdraws everything one case's client consented to, destroyed at once.
    pub fn withdrawal(&mut self, case: CaseId) -> Request {
        let shred = ShredWish::AtOnce;
        self.by_worker(Command::WithdrawConsent {
            case,
            person: None,
            consent: None,
            part: None,
            shred,
        })
    }

    /// Two persons let the retention rules loose, by the clock as it stands.
    pub fn let_loose(&mut self) {
        let sweep = SweepId::fresh(&mut self.corpus);
        let cases = u32::MAX;
        let request = Command::RequestSweep { sweep, cases };
        self.one(Caller::Staff(self.officer), request);
        let agree = Command::ApproveSweep { sweep };
        self.one(Caller::Staff(self.coordinator), agree);
    }

    /// The ledger's own command that ends what is over in a case.
    pub fn applied(&mut self, case: CaseId) -> Request {
        self.by(Caller::System, Command::ApplyRetention { case })
    }

    /// Appends revisions until the log holds so many events.
    pub fn fill(&mut self, events: u64, bytes: usize) {
        while self.ledger.size() < events {
            let missing = events.saturating_sub(self.ledger.size());
            let count = usize::try_from(missing).unwrap_or(QUEUED).min(QUEUED);
            let group = self.revisions(count, bytes);
            submit_all(&self.ledger, group);
        }
    }

    /// Closes the ledger, so that its folder can be opened again.
    pub fn close(&self) {
        self.ledger.close().expect("a healthy ledger");
    }

    /// Opens the folder again, after `close`.
    pub fn reopen(&mut self) {
        self.ledger = self.open_again();
    }

    /// Opens the folder of a closed ledger.
    pub fn open_again(&self) -> Ledger {
        open(&self.folder, &self.clock).expect("a ledger closed cleanly")
    }

    /// An event as the store holds it: header and sealed segments.
    pub fn stored(&self, position: u64) -> Vec<u8> {
        let stored = self
            .ledger
            .sealed(position)
            .ok()
            .flatten()
            .expect("an event of the log");
        [vec![stored.header], stored.segments].concat().concat()
    }

    /// Where the ledger lies.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// A request of the front-line worker.
    pub fn by_worker(&mut self, command: Command) -> Request {
        self.by(Caller::Staff(self.worker), command)
    }

    /// A request of anybody.
    pub fn by(&mut self, caller: Caller, command: Command) -> Request {
        let request = RequestId::fresh(&mut self.corpus);
        Request {
            request,
            caller,
            expected_version: None,
            occurred: None,
            command,
        }
    }

    fn add_drafts(&mut self, count: usize) {
        let cases = self.open_cases(count);
        for group in cases.chunks(QUEUED) {
            let drafts = group
                .iter()
                .map(|(case, _)| {
                    let command = self.corpus.draft(*case, self.service, crate::FITTING_BYTES);
                    self.by_worker(command)
                })
                .collect();
            for (answer, (case, _)) in submit_all(&self.ledger, drafts).iter().zip(group) {
                let referral = found(answer, |record| match &record.event {
                    Event::ReferralDrafted(drafted) => Some(drafted.referral),
                    _ => None,
                });
                self.cases.push(Draft {
                    case: *case,
                    referral,
                });
            }
        }
    }

    /// The first administrator, a worker, a coordinator and an approved service.
    fn found(&mut self) {
        let (administrator, coordinator) = (self.administrator, self.coordinator);
        let in_a_month = self.ledger.now().plus_ms(30 * DAY_MS);
        let organisation = OrganisationId::fresh(&mut self.corpus);
        let register = |staff, roles: &[Role], corpus: &mut Corpus| Command::RegisterStaff {
            staff,
            organisation,
            name: corpus.prose(20),
            roles: roles.iter().copied().collect(),
        };
        let first = register(administrator, &[Role::Administrator], &mut self.corpus);
        self.one(Caller::Founder, first);
        let officer = register(
            self.officer,
            &[Role::DataProtectionOfficer],
            &mut self.corpus,
        );
        self.one(Caller::Founder, officer);
        let token = Command::IssueToken {
            staff: administrator,
            digest: [1; 32],
            expires: in_a_month,
        };
        self.one(Caller::Founder, token);
        let roles = [Role::FrontLine, Role::FocalPoint];
        let worker = register(self.worker, &roles, &mut self.corpus);
        self.one(Caller::Staff(administrator), worker);
        let coordination = register(coordinator, &[Role::Coordinator], &mut self.corpus);
        self.one(Caller::Staff(administrator), coordination);
        let (service, entry) = (self.service, self.corpus.service(self.recipient));
        self.add_service(service, entry);
    }

    /// Adds an approved service to the directory.
    pub fn add_service(&mut self, service: ServiceId, entry: ServiceEntry) {
        let coordinator = self.coordinator;
        self.one(
            Caller::Staff(coordinator),
            Command::RegisterService(Listing::of(service, entry)),
        );
        let in_a_month = self.ledger.now().plus_ms(30 * DAY_MS);
        let review_on = in_a_month.day();
        let assessment = Assessment::Approved;
        let assess = Command::AssessService(Assessing::of(service, assessment, review_on));
        self.one(Caller::Staff(coordinator), assess);
    }

    /// A token of the worker's that lasts a year.
    pub fn token_of_worker(&mut self) -> String {
        let token = format!("rl_{}", StaffId::fresh(&mut self.corpus));
        let issue = Command::IssueToken {
            staff: self.worker,
            digest: Sha256::digest(token.as_bytes()).into(),
            expires: self.ledger.now().plus_ms(TOKEN_DAYS_MAX * DAY_MS),
        };
        self.one(Caller::Staff(self.administrator), issue);
        token
    }

    fn one(&mut self, caller: Caller, command: Command) -> Answer {
        let request = self.by(caller, command);
        answered(self.ledger.submit(request))
    }
}

/// Queues all commands, the queue always full, and waits for all answers, in order.
pub fn submit_all(ledger: &Ledger, requests: Vec<Request>) -> Vec<Answer> {
    let (tell, told) = channel();
    let count = requests.len();
    let mut answers = Vec::with_capacity(count);
    for (place, request) in requests.into_iter().enumerate() {
        // One more only for one that was answered: the queue turns nobody away.
        if place >= QUEUE_COMMANDS_MAX {
            answers.extend(told.recv());
        }
        let tell = tell.clone();
        let reply = Box::new(move |outcome| {
            let _ = tell.send((place, outcome));
        });
        let taken = ledger.enqueue(request, reply);
        taken.expect("the ledger takes commands");
    }
    answers.extend(told.iter().take(count - answers.len()));
    answers.sort_by_key(|(place, _)| *place);
    let outcomes = answers.into_iter().map(|(_, outcome)| outcome);
    outcomes.map(answered).collect()
}

fn open(folder: &TempDir, clock: &Arc<dyn Clock>) -> Result<Ledger, Fault> {
    let options = OpenOptions::of(folder.path().join("data"), folder.path().join("vault"));
    Ledger::open_by(options, Arc::clone(clock))
}

/// One member of staff does the work of many here.
fn unlimited() -> String {
    let text = DEFAULT_ORGANISATION.replace("at_once_per_day = 20", "at_once_per_day = 1000");
    text.replace(
        "after_withdrawal = \"30 days\"",
        "after_withdrawal = \"14 days\"",
    )
}

fn answered(outcome: Result<Answer, Rejection>) -> Answer {
    match outcome {
        Ok(answer) => answer,
        Err(Rejection::Refused(refused)) => panic!("a bench's command was refused: {refused:?}"),
        Err(Rejection::Fault(fault)) => panic!("a bench's ledger failed: {fault}"),
    }
}

fn found<T>(answer: &Answer, pick: impl Fn(&Record) -> Option<T>) -> T {
    let found = answer.entries.iter().find_map(|entry| pick(&entry.record));
    found.expect("the event that the command makes")
}
