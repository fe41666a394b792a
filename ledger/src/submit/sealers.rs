//! Sealing a group on all cores: each event by itself, whatever the others are.
//!
//! - What depends on order (positions, keys, randomness) was fixed when the command was staged, one
//!   after the other; the result is the same on one thread and on many.
//! - Whoever is free takes the next share: the writer never waits for a helper that the system has
//!   not woken yet, only for shares that one has begun.

use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};

use super::sealing::{SealedEvent, UnsealedEvent};
use crate::error::Fault;
use crate::limits::{SEALED_ALONE_MAX, SEALED_AT_ONCE, SEALERS_MAX};

/// The writer's helpers; none on a machine with one core.
pub(crate) struct Sealers {
    helpers: Vec<Helper>,
}

struct Helper {
    /// A group that is whole already is gone when the helper looks for it: its keys are not held
    /// for a helper that came late.
    groups: Option<SyncSender<Weak<Group>>>,
    thread: Option<JoinHandle<()>>,
}

/// A group that is being sealed.
struct Group {
    log_id: [u8; 32],
    events: Vec<UnsealedEvent>,
    /// The first event that nobody took yet.
    next: AtomicUsize,
    shares: Mutex<Shares>,
    came: Condvar,
}

/// Sealed shares by their first event, and what went wrong.
#[derive(Default)]
struct Shares {
    sealed: Vec<(usize, Vec<SealedEvent>)>,
    events: usize,
    fault: Option<Fault>,
    panic: Option<Box<dyn Any + Send>>,
}

impl Sealers {
    /// As many threads as this machine seals a large group on, the caller's included.
    pub(crate) fn start() -> Result<Self, Fault> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with(cores.min(SEALERS_MAX) - 1)
    }

    fn with(helpers: usize) -> Result<Self, Fault> {
        let helpers = (0..helpers).map(|_| Helper::start());
        let helpers = helpers.collect::<Result<_, _>>()?;
        Ok(Self { helpers })
    }

    /// Seals events in order.
    pub(crate) fn seal(
        &self,
        log_id: &[u8; 32],
        events: Vec<UnsealedEvent>,
    ) -> Result<Vec<SealedEvent>, Fault> {
        if events.len() <= SEALED_ALONE_MAX || self.helpers.is_empty() {
            return events.iter().map(|event| event.seal(log_id)).collect();
        }
        let group = Arc::new(Group {
            log_id: *log_id,
            events,
            next: AtomicUsize::new(0),
            shares: Mutex::default(),
            came: Condvar::new(),
        });
        for helper in &self.helpers {
            helper.call(&group);
        }
        group.work();
        group.whole()
    }
}

impl Helper {
    fn start() -> Result<Self, Fault> {
        let (groups, waiting) = sync_channel::<Weak<Group>>(1);
        let thread = thread::Builder::new()
            .name("sealing".to_owned())
            .spawn(move || help(&waiting))
            .map_err(Fault::io("starting a sealing thread"))?;
        Ok(Self {
            groups: Some(groups),
            thread: Some(thread),
        })
    }

    /// A helper that was called already and did not come yet finds this group, or a later one.
    fn call(&self, group: &Arc<Group>) {
        if let Some(groups) = &self.groups {
            let _ = groups.try_send(Arc::downgrade(group));
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn help(waiting: &Receiver<Weak<Group>>) {
    while let Ok(group) = waiting.recv() {
        if let Some(group) = group.upgrade() {
            group.work();
        }
    }
}

impl Group {
    /// Takes shares and seals them until none is left.
    fn work(&self) {
        loop {
            let first = self.next.fetch_add(SEALED_AT_ONCE, Ordering::Relaxed);
            let Some(rest) = self.events.get(first..).filter(|rest| !rest.is_empty()) else {
                return;
            };
            let share = rest.get(..SEALED_AT_ONCE).unwrap_or(rest);
            // A panic on a helping thread goes on in the writer, as if it had sealed that share.
            let sealed = catch_unwind(AssertUnwindSafe(|| {
                let share = share.iter().map(|event| event.seal(&self.log_id));
                share.collect::<Result<Vec<_>, _>>()
            }));
            let mut shares = self.shares();
            shares.events += share.len();
            match sealed {
                Ok(Ok(sealed)) => shares.sealed.push((first, sealed)),
                Ok(Err(fault)) => shares.fault = Some(fault),
                Err(panic) => shares.panic = Some(panic),
            }
            drop(shares);
            self.came.notify_one();
        }
    }

    /// Waits for the shares that others began, and puts all in order.
    fn whole(&self) -> Result<Vec<SealedEvent>, Fault> {
        let missing = |shares: &mut Shares| shares.events < self.events.len();
        let shares = self.came.wait_while(self.shares(), missing);
        let mut shares = shares.unwrap_or_else(PoisonError::into_inner);
        if let Some(panic) = shares.panic.take() {
            resume_unwind(panic);
        }
        if let Some(fault) = shares.fault.take() {
            return Err(fault);
        }
        shares.sealed.sort_by_key(|(first, _)| *first);
        let sealed = shares.sealed.drain(..).flat_map(|(_, share)| share);
        Ok(sealed.collect())
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::header::EventHeader;
    use crate::keys::testing::{SeededEntropy, leaf};
    use crate::merkle::leaf_hash;
    use crate::seal::unsealed::Unsealed;

    fn events(count: u64) -> Vec<UnsealedEvent> {
        let mut entropy = SeededEntropy::new(5);
        let key = leaf(&mut entropy);
        let event = |position: u64| {
            let mut event = UnsealedEvent::new(position, 2);
            for number in 0..2 {
                let context = event.context(&[9; 32], number);
                let plain = Zeroizing::new(position.to_be_bytes().to_vec());
                let grants = vec![vec![key.clone()]];
                let segment = Unsealed::new(&context, plain, grants, &mut entropy).unwrap();
                event.push(segment);
            }
            event
        };
        (0..count).map(event).collect()
    }

    #[test]
    fn one_thread_and_many_seal_the_same_bytes_in_the_same_order() {
        let alone = Sealers::with(0)
            .unwrap()
            .seal(&[9; 32], events(101))
            .unwrap();
        for helpers in [1, 2, 3, 20] {
            let sealers = Sealers::with(helpers).unwrap();
            for _ in 0..20 {
                assert!(sealers.seal(&[9; 32], events(101)).unwrap() == alone);
            }
        }
        for (position, (event, leaf)) in (0_u64..).zip(&alone) {
            let header = EventHeader::parse(&event.header).unwrap();
            assert_eq!(header.leaf_index, position);
            assert_eq!(*leaf, leaf_hash(&event.header));
        }
    }

    #[test]
    fn a_share_that_fails_fails_the_group_on_any_thread() {
        let mut wrong = events(101);
        // An event that says it has more segments than fit its number of segments.
        let position = wrong.len() - 1;
        wrong[position] = UnsealedEvent::new(7, 0);
        let sealers = Sealers::with(3).unwrap();
        assert!(sealers.seal(&[9; 32], wrong).is_err());
        assert_eq!(sealers.seal(&[9; 32], events(60)).unwrap().len(), 60);
    }

    #[test]
    fn the_bytes_told_before_are_those_sealed() {
        let bytes = events(1)[0].bytes();
        let sealed = Sealers::with(0).unwrap().seal(&[9; 32], events(1)).unwrap();
        assert_eq!(bytes, sealed[0].0.size());
    }
}
