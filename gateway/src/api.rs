//! The one place that both doors call: commands go to the ledger, readings to the ledger and views.
//!
//! - Commands are authorised by the ledger itself; readings here, by `may_read` for every case
//!   shown.
//! - Readings block and run on threads of their own, a bounded number at a time and a share of it
//!   per caller (`turns.rs`); one that nobody waits for any more ends between two rows.

pub mod billing;
pub mod breaches;
pub mod cases;
pub mod complaints;
pub mod directory;
pub mod duplicates;
pub mod exceptions;
pub mod family;
pub mod given;
pub mod incoming;
pub mod inquiries;
pub mod interview;
pub mod mechanism;
pub mod packets;
mod paging;
pub mod processing;
pub mod proofs;
pub mod retention;
pub mod rights;
pub mod staff;
pub mod statistics;
pub(crate) mod turns;
pub mod worklist;

use std::sync::Arc;
use std::time::Instant;

use ledger::authorise::{Reading, may_read};
use ledger::domain::case::Case;
use ledger::domain::command::Request;
use ledger::domain::ids::{CaseId, ReferralId};
use ledger::domain::staff::Staff;
use ledger::error::Fault;
use ledger::ledger::{Answer, Ledger, Rejection};
use ledger::refusal::{Refusal, Refused};
use projections::runner::{Follower, Runner};
use projections::views::Views;
use tokio::sync::oneshot;
use tokio::task::JoinError;

use crate::caller::{Known, TokenDigest, holds};
use crate::limits::{CATCH_UP_TIME_MAX, WANTED_EVERY};

use duplicates::Searches;
use turns::{Turn, Turns, Wanted};
pub use worklist::Side;

/// Both doors' way in. Clone to share.
#[derive(Clone)]
pub struct Api {
    ledger: Ledger,
    views: Runner,
    turns: Arc<Turns>,
    searches: Searches,
    _follower: Arc<Follower>,
}

/// What a reading works with: the ledger, the views, and who asks. Lives on a blocking thread.
pub struct Reader<'a> {
    /// The truth.
    pub(crate) ledger: &'a Ledger,
    /// The views.
    pub(crate) views: &'a Runner,
    /// Who asks.
    pub(crate) caller: &'a Staff,
    /// Whether somebody still waits for it.
    wanted: Wanted,
}

/// What an operation gives, or why not.
pub type Outcome<T> = Result<T, Rejection>;

impl Api {
    /// Opens the views of an open ledger and starts following it.
    pub fn open(ledger: Ledger) -> Result<Self, Fault> {
        let views = Runner::open(Arc::new(ledger.clone()))?;
        let follower = views.follow()?;
        Ok(Self {
            ledger,
            views,
            turns: Arc::new(Turns::new()),
            searches: Searches::default(),
            _follower: Arc::new(follower),
        })
    }

    /// The ledger, for who runs the process.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The views, for who runs the process.
    pub fn views(&self) -> &Runner {
        &self.views
    }

    /// Submits a command and waits until it is durable, or refused. If the caller goes away before,
    /// the command still runs to its end; asking again with its request id tells what became of it.
    pub async fn submit(&self, request: Request) -> Outcome<Answer> {
        let (tell, told) = oneshot::channel();
        let reply = Box::new(move |outcome| {
            // Nobody may be waiting any more; what was recorded stays recorded.
            drop(tell.send(outcome));
        });
        if let Err(fault) = self.ledger.enqueue(request, reply) {
            // Nothing was done: a full queue, or a ledger that is closing or poisoned.
            tracing::warn!(%fault, "command not taken");
            return Err(Refused::from(Refusal::Unavailable).into());
        }
        told.await.unwrap_or(Err(Rejection::Fault(Fault::Poisoned)))
    }

    /// Submits commands whose destructions belong into one rotation; outcomes in their order.
    pub async fn submit_together(&self, requests: Vec<Request>) -> Vec<Outcome<Answer>> {
        let (ledger, asked) = (self.ledger.clone(), requests.len());
        let submitted = tokio::task::spawn_blocking(move || ledger.submit_together(requests));
        each_or_fault(submitted.await, asked)
    }

    /// Reads on a blocking thread, as somebody.
    pub async fn read<T, F>(&self, known: &Known, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> Outcome<T> + Send + 'static,
    {
        let staff = Arc::clone(&known.staff);
        let (wanted, _waiter) = Wanted::new();
        let turn = self.turns.take(Some(staff.id)).await?;
        self.blocking(turn, move |api| {
            work(&Reader {
                ledger: &api.ledger,
                views: &api.views,
                caller: &staff,
                wanted,
            })
        })
        .await
    }

    /// The member of staff that a token belongs to.
    pub async fn known(&self, digest: TokenDigest) -> Outcome<Known> {
        if let Some(known) = self.look_up(digest)? {
            return Ok(known);
        }
        // A token issued a moment ago may not be in the views yet.
        if self.is_behind() {
            self.caught_up().await?;
            if let Some(known) = self.look_up(digest)? {
                return Ok(known);
            }
        }
        // Who holds the secret of a token may know that it waits; nobody else can ask.
        if self
            .views
            .read()?
            .staff()
            .waits(&digest.0, self.ledger.now())
        {
            return Err(Refused::about(Refusal::Unauthenticated, "waits").into());
        }
        Err(Refused::from(Refusal::Unauthenticated).into())
    }

    /// The case of a referral, for commands that name none.
    pub async fn case_of(&self, referral: ReferralId) -> Outcome<Option<CaseId>> {
        let now = self.ledger.now();
        let find = |views: &Views| views.worklist().find(referral, now).map(|item| item.case);
        let found = find(&*self.views.read()?);
        if found.is_some() || !self.is_behind() {
            return Ok(found);
        }
        self.caught_up().await?;
        let found = find(&*self.views.read()?);
        Ok(found)
    }

    /// Works on a blocking thread, in a place that was waited for.
    async fn blocking<T, F>(&self, turn: Turn, work: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Outcome<T> + Send + 'static,
    {
        let api = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work(&api);
            drop(turn);
            outcome
        });
        done.await.unwrap_or_else(|_| {
            let broken = "a reading broke off; the reason is in the log".to_owned();
            Err(Fault::Unusable(broken).into())
        })
    }

    fn look_up(&self, digest: TokenDigest) -> Outcome<Option<Known>> {
        let now = self.ledger.now();
        let bearer = self.views.read()?.staff().bearer(&digest.0, now);
        let Some(bearer) = bearer else {
            return Ok(None);
        };
        let staff = self.ledger.staff(bearer.staff)?;
        let staff = staff.filter(|staff| holds(staff, bearer.token, digest, now));
        Ok(staff.map(|staff| Known {
            staff,
            token: bearer.token,
            digest,
        }))
    }

    fn is_behind(&self) -> bool {
        self.views.position() < self.ledger.size()
    }

    async fn caught_up(&self) -> Outcome<()> {
        let turn = self.turns.take(None).await?;
        self.blocking(turn, |api| {
            let end = api.ledger.size();
            api.views.at_least(end.saturating_sub(1), CATCH_UP_TIME_MAX);
            Ok(())
        })
        .await
    }
}

/// What came of each of so many commands; of those that broke off, nobody knows.
fn each_or_fault<T>(outcomes: Result<Vec<Outcome<T>>, JoinError>, asked: usize) -> Vec<Outcome<T>> {
    let unknown = || (0..asked).map(|_| Err(Fault::Poisoned.into()));
    outcomes.unwrap_or_else(|_| unknown().collect())
}

impl Reader<'_> {
    /// Whether the caller may read this, of this case or at all.
    pub(crate) fn may(&self, reading: Reading, case: Option<&Case>) -> Result<(), Refused> {
        let now = self.ledger.now();
        may_read(self.ledger.policy(), reading, self.caller, case, now)
    }

    /// Refuses to go on once nobody waits for the answer any more: asked between two rows.
    pub(crate) fn go_on(&self) -> Outcome<()> {
        self.wanted.go_on()
    }

    /// Waits until the views have seen a position that the caller knows of.
    pub(crate) fn wait_for(&self, position: Option<u64>) -> Outcome<()> {
        let Some(position) = position else {
            return Ok(());
        };
        if position >= self.ledger.size() {
            return Err(Refused::about(Refusal::Malformed, "at_least_position").into());
        }
        let until = Instant::now() + CATCH_UP_TIME_MAX;
        while Instant::now() < until {
            if self.views.at_least(position, WANTED_EVERY) {
                return Ok(());
            }
            self.go_on()?;
        }
        Err(Refused::about(Refusal::Unavailable, "at_least_position").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_that_broke_off_are_faults_one_for_each_and_never_nothing() {
        let broke =
            tokio::task::spawn_blocking(|| -> Vec<Outcome<Answer>> { panic!("on purpose") });
        let outcomes = each_or_fault(broke.await, 3);
        let fault = |one: &Outcome<Answer>| matches!(one, Err(Rejection::Fault(_)));
        assert_eq!(outcomes.iter().filter(|one| fault(one)).count(), 3);
    }
}
