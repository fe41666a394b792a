//! What reading the journal again while it is served has found since the opening.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;
use crate::ledger::Ledger;
use crate::limits::SCRUB_DAMAGE_MAX;
use crate::log::Scrub;

/// How far it is, and what is damaged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalChecked {
    /// The last frame that the present round, or the last one, looked at.
    pub frame: u64,
    /// When a round last came to the journal's end; none since the opening. One that broke off at
    /// what cannot be read did not.
    pub ended: Option<Timestamp>,
    /// Whether the last round broke off.
    pub broke_off: bool,
    /// What is damaged, in words, the first of it: which frame or event, and how. The ledger goes
    /// on, since the store holds it; a stop, and `fsck --mend-from`, give it back to the journal.
    pub damage: BTreeSet<String>,
}

/// What is known so far; whoever asks for the status reads it.
#[derive(Default)]
pub(crate) struct Checked(Mutex<JournalChecked>);

impl Checked {
    pub(crate) fn so_far(&self) -> JournalChecked {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, JournalChecked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    /// Begins a round over the journal as it is now.
    pub fn scrub(&self) -> Scrub {
        self.shared.reader.scrub()
    }

    /// Goes on with a round for about this many bytes, and keeps and logs what is damaged; true
    /// while there is more of it.
    pub fn scrub_on(&self, round: &mut Scrub, bytes: u64) -> bool {
        let found = round.step(bytes);
        let mut checked = self.shared.checked.lock();
        checked.frame = found.frame;
        for damage in found.damage {
            if checked.damage.len() >= SCRUB_DAMAGE_MAX || checked.damage.contains(&damage) {
                continue;
            }
            tracing::error!(
                %damage,
                "the journal is damaged; what it held is in the store still: stop the server, and \
                 mend it with `fsck --mend-from` a mirror or a backup"
            );
            checked.damage.insert(damage);
        }
        if found.ended {
            checked.ended = Some(self.now());
        }
        if found.ended || found.broke_off {
            checked.broke_off = found.broke_off;
        }
        !(found.ended || found.broke_off)
    }
}

#[cfg(test)]
mod tests {
    use crate::submit::tests::Desk;

    #[test]
    fn a_round_that_breaks_off_has_not_come_to_the_journals_end_and_says_so() {
        let desk = Desk::new();
        let ledger = desk.opened();
        let path = desk.folder.path().join("data/log/journal/00000001.seg");
        let clean = std::fs::read(&path).unwrap();
        // In the middle of the second frame, and nothing behind.
        let mut frames = (0..clean.len()).filter(|at| clean[*at..].starts_with(b"RLFRAME1"));
        let second = frames.nth(1).unwrap();
        std::fs::write(&path, &clean[..second + 20]).unwrap();
        assert!(!ledger.scrub_on(&mut ledger.scrub(), u64::MAX));
        let checked = ledger.shared.checked.so_far();
        assert!(checked.broke_off && !checked.damage.is_empty());
        assert_eq!(checked.ended, None);
        // What was read to its end then stands, though what was damaged stays named.
        std::fs::write(&path, clean).unwrap();
        assert!(!ledger.scrub_on(&mut ledger.scrub(), u64::MAX));
        let checked = ledger.shared.checked.so_far();
        assert!(!checked.broke_off && checked.ended.is_some());
    }
}
