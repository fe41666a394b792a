//! How commands come to the writer: one, several that belong together, queued; and what is asked of
//! it beside commands.

use std::collections::BTreeSet;
use std::sync::mpsc::{TrySendError, channel};

use super::answer::{Answer, Rejection, Reply};
use super::closing::snapshot_record;
use super::held::Held;
use super::staged::Staged;
use super::writer::Writer;
use crate::authorise::authorise;
use crate::decide::{Consequences, preview, preview_deletion};
use crate::domain::codes::DataCategory;
use crate::domain::command::Request;
use crate::domain::ids::{CaseId, LeafKeyId, SubjectRequestId};
use crate::domain::stream::StreamId;
use crate::domain::subjects::Subjects;
use crate::error::Fault;
use crate::keys::{Cohort, KeyRecord, LeafHandle};
use crate::ledger::Ledger;
use crate::limits::TOGETHER_COMMANDS_MAX;

/// Called with what a withdrawal would come to.
pub(crate) type Told = Box<dyn FnOnce(Result<Consequences, Rejection>) + Send>;

/// What the writer can be asked to do.
pub(crate) enum Task {
    /// Decide and record a command.
    Submit(Box<Request>, Reply),
    /// Decide and record these commands before anything is erased, so that what they order goes in
    /// one rotation.
    Together(Vec<(Request, Reply)>),
    /// Make a leaf for a snapshot, and say which.
    SnapshotLeaf(Box<dyn FnOnce(Result<LeafHandle, Fault>) + Send>),
    /// Tell what a withdrawal would come to.
    Preview(Box<Request>, Told),
    /// Finish what is queued, then stop.
    Close,
    /// Do something between two groups that no command asks for.
    Between(Box<dyn FnOnce(&mut Writer) + Send>),
}

impl Ledger {
    /// Submits a command and waits until it is durable, or refused.
    pub fn submit(&self, request: Request) -> Result<Answer, Rejection> {
        let (tell, told) = channel();
        let reply: Reply = Box::new(move |outcome| {
            let _ = tell.send(outcome);
        });
        let task = Task::Submit(Box::new(request), reply);
        self.tasks
            .send(task)
            .map_err(|_| Rejection::Fault(Fault::Poisoned))?;
        told.recv().map_err(|_| Rejection::Fault(Fault::Poisoned))?
    }

    /// Submits commands that belong together and waits until each is durable, or refused; answers
    /// in their order. Each is decided by itself, and a refusal of one hinders no other. What they
    /// order to be destroyed goes in one rotation (of at most [`TOGETHER_COMMANDS_MAX`] commands),
    /// as far as there is room in one.
    pub fn submit_together(&self, requests: Vec<Request>) -> Vec<Result<Answer, Rejection>> {
        let mut outcomes = Vec::with_capacity(requests.len());
        let mut requests = requests.into_iter().peekable();
        while requests.peek().is_some() {
            let mut told = Vec::new();
            let some = requests.by_ref().take(TOGETHER_COMMANDS_MAX);
            let some = some.map(|request| {
                let (tell, outcome) = channel();
                told.push(outcome);
                let reply: Reply = Box::new(move |outcome| {
                    let _ = tell.send(outcome);
                });
                (request, reply)
            });
            // A writer that is gone drops the replies, and every outcome says so.
            let _ = self.tasks.send(Task::Together(some.collect()));
            let poisoned = || Err(Rejection::Fault(Fault::Poisoned));
            outcomes.extend(
                told.iter()
                    .map(|it| it.recv().unwrap_or_else(|_| poisoned())),
            );
        }
        outcomes
    }

    /// Tells what a withdrawal would come to, by the rules that would decide it, and records
    /// nothing. Who may not withdraw is refused likewise.
    pub fn preview_withdrawal(&self, request: Request) -> Result<Consequences, Rejection> {
        let (tell, told) = channel();
        let reply = Box::new(move |outcome| {
            let _ = tell.send(outcome);
        });
        let task = Task::Preview(Box::new(request), reply);
        let poisoned = || Rejection::Fault(Fault::Poisoned);
        self.tasks.send(task).map_err(|_| poisoned())?;
        told.recv().map_err(|_| poisoned())?
    }

    /// Tells what granting a request for deletion would come to, and records nothing; with another
    /// file of the person, what asking for the same there would. Whether the caller may know is for
    /// the one who asks here.
    pub fn preview_deletion(
        &self,
        (case, other): (CaseId, Option<CaseId>),
        request: SubjectRequestId,
        categories: BTreeSet<DataCategory>,
    ) -> Result<(Consequences, Option<Consequences>), Rejection> {
        let (tell, told) = channel();
        let task = Task::Between(Box::new(move |writer| {
            let _ = tell.send(writer.preview_deletion((case, other), request, categories));
        }));
        let poisoned = || Rejection::Fault(Fault::Poisoned);
        self.tasks.send(task).map_err(|_| poisoned())?;
        told.recv().map_err(|_| poisoned())?
    }

    /// Queues a command; `reply` is called from another thread once it is durable, or refused. A
    /// full queue is said at once, and nothing was done.
    pub fn enqueue(&self, request: Request, reply: Reply) -> Result<(), Fault> {
        match self.tasks.try_send(Task::Submit(Box::new(request), reply)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Fault::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Fault::Poisoned),
        }
    }
}

impl Writer {
    /// Authorises and decides a withdrawal on what is durable, and drops the decision.
    pub(super) fn preview(&mut self, request: Request) -> Result<Consequences, Rejection> {
        let staged = Staged::on(self.shared.tree().frontier());
        let subjects = self.subjects(&staged, &request)?;
        let now = self.shared.clock.now();
        let permitted = authorise(&self.shared.policy, request, &subjects, now)?;
        let entropy = self.entropy.as_mut();
        Ok(preview(
            permitted,
            &subjects,
            now,
            &self.shared.rules,
            entropy,
        )?)
    }

    fn preview_deletion(
        &mut self,
        (case, other): (CaseId, Option<CaseId>),
        request: SubjectRequestId,
        categories: BTreeSet<DataCategory>,
    ) -> Result<(Consequences, Option<Consequences>), Rejection> {
        let held = self.shared.held(StreamId::Case(case))?;
        let there = other.map(|other| self.shared.held(StreamId::Case(other)));
        let subjects = Subjects {
            case: held.and_then(Held::case),
            other_case: there.transpose()?.flatten().and_then(Held::case),
            ..Subjects::default()
        };
        let now = self.shared.clock.now();
        let asked = (request, categories);
        let entropy = self.entropy.as_mut();
        Ok(preview_deletion(
            asked,
            &subjects,
            now,
            &self.shared.rules,
            entropy,
        )?)
    }

    /// A fresh leaf for a snapshot, durable before it is used.
    pub(super) fn snapshot_leaf(&mut self) -> Result<LeafHandle, Fault> {
        if self.shared.is_poisoned() {
            return Err(Fault::Poisoned);
        }
        let mut staged = Staged::on(self.shared.tree().frontier());
        let leaf = self.shared.keys_mut().insert_leaf(
            &self.shared.reader,
            Cohort::Record,
            self.entropy.as_mut(),
        )?;
        staged.key_records = leaf.records.iter().map(KeyRecord::to_bytes).collect();
        let known = snapshot_record(LeafKeyId(leaf.id().0));
        staged.index_records.push(known);
        // A draft that a full disk refused changed nothing.
        self.append(&mut staged, false)?;
        Ok(leaf.handle)
    }
}
