//! Every combination of vault slots, pending rotation and read-back, and what boot decides.

use crate::error::VaultFault;
use crate::keys::boot::{Boot, NamedRoot, Pending, ReadBackResult, RootHistory, decide};
use crate::keys::record::RotationId;
use crate::keys::secret::KeyId;

const ROTATION: RotationId = RotationId([9; 16]);
const EPOCH: u64 = 5;

const OLD: NamedRoot = root(EPOCH, 0x0D);
const NEW: NamedRoot = root(EPOCH + 1, 0x4E);
const STALE: NamedRoot = root(EPOCH - 1, 0x57);
const STALER: NamedRoot = root(EPOCH - 2, 0x58);
const OTHER: NamedRoot = root(EPOCH, 0x07);
const OTHER_NEXT: NamedRoot = root(EPOCH + 1, 0x08);
const AHEAD: NamedRoot = root(EPOCH + 3, 0xAE);

const fn root(epoch: u64, byte: u8) -> NamedRoot {
    NamedRoot {
        epoch,
        id: KeyId([byte; 16]),
    }
}

#[derive(Clone, Copy, Debug)]
enum Pend {
    None,
    Intent,
    Ready,
}

fn boot(roots: &[NamedRoot], pend: Pend, read_back: ReadBackResult) -> Boot {
    let pending = |ready| {
        Some(Pending {
            rotation: ROTATION,
            new_root: NEW.id,
            ready,
        })
    };
    let history = RootHistory {
        epoch: EPOCH,
        root: OLD.id,
        pending: match pend {
            Pend::None => None,
            Pend::Intent => pending(false),
            Pend::Ready => pending(true),
        },
    };
    let forward = decide(&history, roots, read_back);
    let reversed: Vec<NamedRoot> = roots.iter().rev().copied().collect();
    assert_eq!(
        forward,
        decide(&history, &reversed, read_back),
        "slot order matters"
    );
    forward
}

#[test]
fn the_table() {
    use Pend::{Intent, None, Ready};
    use ReadBackResult::{Failed, Passed};
    let open = Boot::Open { epoch: EPOCH };
    let finish = Boot::Finish {
        rotation: ROTATION,
        epoch: EPOCH + 1,
    };
    let abandon = |erase| Boot::Abandon {
        rotation: ROTATION,
        keep: EPOCH,
        erase,
    };
    let next = Some(EPOCH + 1);
    let old = |found| {
        Boot::Refuse(VaultFault::Old {
            found,
            expected: EPOCH,
        })
    };
    let wrong = || Boot::Refuse(VaultFault::WrongRoot);
    let unreadable = || Boot::Refuse(VaultFault::Unreadable);
    let nothing = Option::None;
    let table: Vec<(&[NamedRoot], Pend, ReadBackResult, Boot)> = vec![
        // Nothing pending.
        (&[OLD], None, Failed, open.clone()),
        (&[OLD, STALE], None, Failed, open),
        (&[], None, Failed, unreadable()),
        (&[STALE], None, Failed, old(EPOCH - 1)),
        (&[STALE, STALER], None, Failed, old(EPOCH - 1)),
        (&[OTHER], None, Failed, wrong()),
        (&[OLD, OTHER], None, Failed, wrong()),
        (&[NEW], None, Failed, wrong()),
        (&[OLD, OTHER_NEXT], None, Failed, wrong()),
        (&[AHEAD], None, Failed, wrong()),
        (&[OLD, AHEAD], None, Failed, wrong()),
        (&[STALE, AHEAD], None, Failed, wrong()),
        // An intent without its end: whatever is read back, it does not count.
        (&[OLD], Intent, Failed, abandon(nothing)),
        (&[OLD], Intent, Passed, abandon(nothing)),
        (&[OLD, STALE], Intent, Failed, abandon(nothing)),
        (&[OLD, NEW], Intent, Passed, abandon(next)),
        (&[NEW], Intent, Passed, wrong()),
        (&[], Intent, Failed, unreadable()),
        (&[STALE], Intent, Failed, old(EPOCH - 1)),
        (&[OTHER], Intent, Failed, wrong()),
        // A complete rotation.
        (&[OLD], Ready, Failed, abandon(nothing)),
        (&[OLD], Ready, Passed, abandon(nothing)),
        (&[OLD, NEW], Ready, Passed, finish.clone()),
        (&[OLD, NEW], Ready, Failed, abandon(next)),
        (&[NEW], Ready, Passed, finish.clone()),
        (&[NEW, STALE], Ready, Passed, finish),
        (&[NEW], Ready, Failed, wrong()),
        (&[], Ready, Failed, unreadable()),
        (&[STALE], Ready, Failed, old(EPOCH - 1)),
        (&[OLD, OTHER_NEXT], Ready, Passed, wrong()),
        (&[OTHER_NEXT], Ready, Passed, wrong()),
        (&[NEW, OTHER], Ready, Passed, wrong()),
        (&[NEW, AHEAD], Ready, Passed, wrong()),
    ];
    for (roots, pend, read_back, expected) in table {
        assert_eq!(
            boot(roots, pend, read_back),
            expected,
            "{roots:?} {pend:?} {read_back:?}"
        );
    }
}

#[test]
fn no_combination_opens_without_the_ledgers_own_root() {
    let all = [OLD, NEW, STALE, STALER, OTHER, OTHER_NEXT, AHEAD];
    let mut sets: Vec<Vec<NamedRoot>> = vec![Vec::new()];
    for first in all {
        sets.push(vec![first]);
        sets.extend(all.iter().filter(|r| **r != first).map(|r| vec![first, *r]));
    }
    for roots in &sets {
        for pend in [Pend::None, Pend::Intent, Pend::Ready] {
            for read_back in [ReadBackResult::Failed, ReadBackResult::Passed] {
                match boot(roots, pend, read_back) {
                    Boot::Open { epoch } | Boot::Abandon { keep: epoch, .. } => {
                        assert_eq!(epoch, EPOCH);
                        assert!(roots.contains(&OLD), "{roots:?} {pend:?}");
                    }
                    Boot::Finish { epoch, .. } => {
                        assert_eq!(epoch, EPOCH + 1);
                        assert!(roots.contains(&NEW), "{roots:?} {pend:?}");
                        assert!(matches!(pend, Pend::Ready));
                        assert_eq!(read_back, ReadBackResult::Passed);
                    }
                    Boot::Refuse(_) => {}
                }
            }
        }
    }
}
