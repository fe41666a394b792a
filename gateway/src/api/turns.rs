//! Readings at once: a bounded number in all, a share of it per caller, and none that nobody waits
//! for.
//!
//! - A caller's further readings wait for their own earlier ones, not for other people's; too many
//!   waiting are refused.
//! - A reading asks between rows whether somebody still waits for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ledger::domain::ids::StaffId;
use ledger::error::Fault;
use ledger::refusal::{Refusal, Refused};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Outcome;
use crate::limits::{READS_MAX, READS_PER_CALLER_MAX, READS_WAITING_PER_CALLER_MAX};

/// The places of readings.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Who reads or waits at this moment.
    callers: Mutex<HashMap<StaffId, Weak<Share>>>,
}

/// One caller's share.
struct Share {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place that a reading holds until it is done.
pub(super) struct Turn {
    _of_all: OwnedSemaphorePermit,
    _of_caller: Option<OwnedSemaphorePermit>,
    _share: Option<Arc<Share>>,
}

/// Counts one that waits, until it goes on or goes away.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(READS_MAX)),
            callers: Mutex::new(HashMap::new()),
        }
    }

    /// Waits for a place; somebody's, where the reading is of a caller.
    pub(super) async fn take(&self, caller: Option<StaffId>) -> Outcome<Turn> {
        let share = caller.map(|caller| self.share(caller));
        let of_caller = match &share {
            Some(share) => Some(share.place().await?),
            None => None,
        };
        let of_all = Arc::clone(&self.all).acquire_owned().await;
        Ok(Turn {
            _of_all: of_all.map_err(|_| Fault::Poisoned)?,
            _of_caller: of_caller,
            _share: share,
        })
    }

    fn share(&self, caller: StaffId) -> Arc<Share> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = callers.get(&caller).and_then(Weak::upgrade) {
            return share;
        }
        // Whoever reads no more leaves nothing behind.
        callers.retain(|_, share| share.strong_count() > 0);
        let share = Arc::new(Share {
            places: Arc::new(Semaphore::new(READS_PER_CALLER_MAX)),
            waiting: AtomicUsize::new(0),
        });
        callers.insert(caller, Arc::downgrade(&share));
        share
    }
}

impl Share {
    async fn place(&self) -> Outcome<OwnedSemaphorePermit> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        if before >= READS_WAITING_PER_CALLER_MAX {
            tracing::warn!("a caller has too many readings waiting");
            return Err(Refused::about(Refusal::Unavailable, "readings").into());
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        drop(waiting);
        Ok(place.map_err(|_| Fault::Poisoned)?)
    }
}

/// Whether somebody waits for a reading; known to the thread that reads.
#[derive(Clone, Default)]
pub(super) struct Wanted(Arc<AtomicBool>);

/// Held by who waits; dropped with the request, also when its caller goes away.
pub(super) struct Waiter(Wanted);

impl Wanted {
    /// A reading that is wanted as long as the other half lives.
    pub(super) fn new() -> (Self, Waiter) {
        let wanted = Self::default();
        (wanted.clone(), Waiter(wanted))
    }

    /// Refuses to go on once nobody waits; the refusal reaches nobody.
    pub(super) fn go_on(&self) -> Outcome<()> {
        if !self.0.load(Ordering::Relaxed) {
            return Ok(());
        }
        CUT_SHORT.fetch_add(1, Ordering::Relaxed);
        tracing::debug!("a reading ended, for nobody waits for it");
        Err(Refused::about(Refusal::Unavailable, "nobody_waits").into())
    }
}

/// Readings of this process that ended because nobody waited for them.
pub(crate) static CUT_SHORT: AtomicUsize = AtomicUsize::new(0);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const ONE: StaffId = StaffId([1; 16]);
    const OTHER: StaffId = StaffId([2; 16]);

    /// The turn, if it is to be had without waiting.
    fn at_once(turns: &Turns, caller: StaffId) -> Option<Turn> {
        let taking = pin!(turns.take(Some(caller)));
        match taking.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn.ok(),
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_caller_waits_for_their_own_readings_and_keeps_nobody_else_waiting() {
        let turns = Turns::new();
        let mut held: Vec<Turn> = Vec::new();
        while let Some(turn) = at_once(&turns, ONE) {
            held.push(turn);
        }
        assert_eq!(held.len(), READS_PER_CALLER_MAX);
        let other = at_once(&turns, OTHER);
        assert!(other.is_some(), "others have their own share");
        held.pop();
        assert!(at_once(&turns, ONE).is_some(), "a place that is free again");
        drop((held, other));
        assert!(at_once(&turns, ONE).is_some());
        assert!(turns.callers.lock().unwrap().len() <= 2);
    }

    #[test]
    fn whoever_piles_readings_up_is_refused_clearly_and_only_they() {
        let turns = Turns::new();
        let held: Vec<Turn> = (0..READS_PER_CALLER_MAX)
            .filter_map(|_| at_once(&turns, ONE))
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        let mut waiting: Vec<_> = (0..READS_WAITING_PER_CALLER_MAX)
            .map(|_| Box::pin(turns.take(Some(ONE))))
            .collect();
        for one in &mut waiting {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        let mut more = pin!(turns.take(Some(ONE)));
        let Poll::Ready(Err(refused)) = more.as_mut().poll(&mut context) else {
            panic!("one too many waits");
        };
        let ledger::ledger::Rejection::Refused(refused) = refused else {
            panic!("a refusal, not a fault");
        };
        assert_eq!(refused, Refused::about(Refusal::Unavailable, "readings"));
        assert!(at_once(&turns, OTHER).is_some());
        // Those who give up make room for those who wait.
        waiting.pop();
        let mut next = pin!(turns.take(Some(ONE)));
        assert!(next.as_mut().poll(&mut context).is_pending());
        drop(held);
    }

    #[test]
    fn a_reading_ends_once_nobody_waits_for_it() {
        let (wanted, waiter) = Wanted::new();
        assert!(wanted.go_on().is_ok());
        drop(waiter);
        assert!(wanted.go_on().is_err());
    }
}
