//! A crash after every durable step of a rotation, and what opening makes of it. Worst case: every
//! wrap that was ever durable survives for ever.

use std::path::Path;

use super::closure::{carve, closure};
use crate::error::Fault;
use crate::keys::boot::RootHistory;
use crate::keys::opening::{Opening, open_tree};
use crate::keys::place::Cohort;
use crate::keys::record::{KeyRecord, RotationId};
use crate::keys::rotation::{ReadBack, Rotation, verify_rotation};
use crate::keys::secret::KeyId;
use crate::keys::testing::{SeededEntropy, Trip, Written};
use crate::keys::tree::{KeyState, KeyTree};
use crate::keys::vault::{self, FileVault, ShareVault, Tier, Vault};

const LOG: [u8; 32] = [3; 32];

/// The kinds of vault that the same steps are walked with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    File,
    /// Two of three.
    Shares,
}

const KINDS: [Kind; 2] = [Kind::File, Kind::Shares];

struct Ledger {
    folder: tempfile::TempDir,
    written: Written,
    live: Vec<KeyId>,
    doomed: Vec<KeyId>,
}

impl Kind {
    fn create(self, folder: &Path) -> Box<dyn Vault> {
        let entropy = Box::new(SeededEntropy::new(12));
        let home = folder.join("vault");
        match self {
            Self::File => {
                Box::new(FileVault::create(&home, Tier::Test, LOG, None, entropy).unwrap())
            }
            Self::Shares => {
                let holders: Vec<_> = (1..=3).map(|n| folder.join(format!("holder{n}"))).collect();
                let sharing = (2, holders.as_slice());
                let vault = ShareVault::create(&home, Tier::Test, LOG, sharing, None, entropy);
                Box::new(vault.unwrap())
            }
        }
    }
}

impl Ledger {
    /// Nine leaves, two of them to be shredded.
    fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut entropy = SeededEntropy::new(11);
        let (mut tree, root, record) = KeyTree::create(&mut entropy);
        let mut vault = kind.create(folder.path());
        vault.install(tree.epoch(), &root).unwrap();
        let mut written = Written::default();
        written.write(&[record]);
        let mut keys = Vec::new();
        for n in 0..9 {
            let cohort = Cohort::Month(600 + n % 3);
            let leaf = tree
                .insert_leaf(&written.index, cohort, &mut entropy)
                .unwrap();
            written.write(&leaf.records);
            keys.push(leaf.id());
        }
        let doomed = vec![keys.remove(4), keys.remove(0)];
        for key in &doomed {
            written.write(&[KeyRecord::Fence { key: *key }]);
        }
        Self {
            folder,
            written,
            live: keys,
            doomed,
        }
    }

    fn vault(&self) -> Box<dyn Vault> {
        open_vault(&self.folder.path().join("vault"))
    }

    fn open(&mut self) -> Result<KeyTree, Fault> {
        let mut vault = self.vault();
        let records = &self.written.records;
        let Opening { tree, records, .. } =
            open_tree(vault.as_mut(), &self.written.index, &mut |rotation| {
                Ok(records_of(records, rotation))
            })?;
        self.written.write(&records);
        Ok(tree)
    }

    /// Runs a rotation and stops after so many durable steps; says whether it came to its end.
    fn rotate(&mut self, seed: u64, stop_after: usize) -> bool {
        let mut tree = self.open().unwrap();
        let mut vault = self.vault();
        let rotation = tree
            .rotate(
                &self.written.index,
                &self.doomed,
                &mut SeededEntropy::new(seed),
            )
            .unwrap();
        let mut steps = 0..stop_after;
        for record in rotation.records() {
            if steps.next().is_none() {
                return false;
            }
            self.written.write(std::slice::from_ref(record));
        }
        let bytes = records_of(&self.written.records, rotation.id());
        let read_back = ReadBack::from_records(bytes.iter().map(Vec::as_slice)).unwrap();
        verify_rotation(&read_back, &rotation).unwrap();
        if steps.next().is_none() {
            return false;
        }
        vault.install(rotation.epoch(), rotation.root()).unwrap();
        if steps.next().is_none() {
            return false;
        }
        vault.destroy(tree.epoch()).unwrap();
        if steps.next().is_none() {
            return false;
        }
        let closing = rotation.closing_records();
        tree.install(rotation).unwrap();
        self.written.write(&closing);
        true
    }

    /// I2, I3, I5 over all roots that the vault holds.
    fn check(&self) {
        let wraps = carve(&self.written.bytes);
        let roots = self.vault().roots().unwrap();
        let certified = self
            .doomed
            .iter()
            .any(|id| crate::keys::tree::is_dead(&self.written.index, *id).unwrap());
        let pending = RootHistory::read(&self.written.index)
            .unwrap()
            .unwrap()
            .pending;
        let mut opens_all = false;
        for root in &roots.0 {
            let reached = closure(&root.key, &wraps);
            opens_all |= self.live.iter().all(|id| reached.contains_key(id));
            for id in self.doomed.iter().filter(|_| certified) {
                assert!(
                    !reached.contains_key(id),
                    "a certificate, and {id} is reachable"
                );
            }
        }
        assert!(
            opens_all,
            "no root reaches every live leaf; pending {pending:?}"
        );
    }
}

fn open_vault(folder: &Path) -> Box<dyn Vault> {
    vault::open(folder, LOG, None, Box::new(SeededEntropy::new(13))).unwrap()
}

/// The records of one rotation, from its intent to its ready or to where they stop.
fn records_of(records: &[Vec<u8>], rotation: RotationId) -> Vec<Vec<u8>> {
    let is_intent = |bytes: &&Vec<u8>| {
        matches!(KeyRecord::from_bytes(bytes).unwrap(),
            KeyRecord::Intent { rotation: of, .. } if of == rotation)
    };
    let is_ready = |bytes: &[u8]| {
        matches!(
            KeyRecord::from_bytes(bytes).unwrap(),
            KeyRecord::Ready { .. }
        )
    };
    let mut ended = false;
    records
        .iter()
        .skip_while(|bytes| !is_intent(bytes))
        .take_while(|bytes| !std::mem::replace(&mut ended, is_ready(bytes)))
        .cloned()
        .collect()
}

fn steps_in_all(kind: Kind) -> usize {
    let all = |stop: &usize| Ledger::new(kind).rotate(1, *stop);
    (0..).find(all).unwrap()
}

#[test]
fn a_crash_after_any_step_loses_no_live_leaf_and_certifies_nothing_false() {
    for kind in KINDS {
        let all = steps_in_all(kind);
        assert!(all > 20, "{all} steps");
        (0..=all).for_each(|stop| crash_after(kind, stop, all));
    }
}

fn crash_after(kind: Kind, stop: usize, all: usize) {
    let mut ledger = Ledger::new(kind);
    let finished = ledger.rotate(1, stop);
    assert_eq!(finished, stop == all);
    ledger.check();
    let tree = ledger.open().unwrap();
    ledger.check();
    assert_eq!(ledger.vault().roots().unwrap().0.len(), 1, "stop {stop}");
    // From the moment the new root is installed the rotation is finished, before that
    // abandoned.
    let expected = if stop + 2 >= all { 2 } else { 1 };
    assert_eq!(tree.epoch(), expected, "stop {stop}");
    for id in &ledger.doomed {
        let state = tree.key(&ledger.written.index, *id).unwrap();
        match expected {
            1 => assert!(matches!(state, KeyState::Fenced), "{state:?}"),
            _ => assert!(matches!(state, KeyState::Shredded), "{state:?}"),
        }
    }
    if expected == 1 {
        assert!(ledger.rotate(2, usize::MAX));
        ledger.check();
    }
    let tree = ledger.open().unwrap();
    for id in &ledger.live {
        let state = tree.key(&ledger.written.index, *id).unwrap();
        assert!(matches!(state, KeyState::Live(_)));
    }
}

/// The vault's part of a rotation with one of its writes failing, before or after it reached the
/// disk. A fault is a crash: the vault is dropped and the ledger opened again.
fn with_a_failing_write(kind: Kind, trip: Trip) -> (Ledger, u32) {
    let mut ledger = Ledger::new(kind);
    let mut tree = ledger.open().unwrap();
    let mut vault = ledger.vault();
    let mut entropy = SeededEntropy::new(1);
    let rotation = tree
        .rotate(&ledger.written.index, &ledger.doomed, &mut entropy)
        .unwrap();
    ledger.written.write(rotation.records());
    trip.set();
    let settled = vault
        .install(rotation.epoch(), rotation.root())
        .and_then(|()| vault.destroy(tree.epoch()));
    let writes = Trip::now().writes;
    Trip::default().set();
    if settled.is_ok() {
        assert!(vault.statement().destroyed.is_some());
        let closing = rotation.closing_records();
        tree.install(rotation).unwrap();
        ledger.written.write(&closing);
    }
    (ledger, writes)
}

#[test]
fn any_write_of_the_vault_may_fail_once_whether_it_reached_the_disk_or_not() {
    for kind in KINDS {
        let writes = with_a_failing_write(kind, Trip::default()).1;
        assert!(writes >= 6, "{kind:?}: {writes} writes");
        for at in 0..writes {
            for persisted in [false, true] {
                let trip = Trip {
                    writes: 0,
                    at: Some(at),
                    persisted,
                };
                let (mut ledger, _) = with_a_failing_write(kind, trip);
                ledger.check();
                ledger.open().unwrap();
                ledger.check();
                ledger.rotate(2, usize::MAX);
                ledger.check();
                let tree = ledger.open().unwrap();
                for id in &ledger.doomed {
                    let state = tree.key(&ledger.written.index, *id).unwrap();
                    assert!(
                        matches!(state, KeyState::Shredded),
                        "{kind:?} {at}: {state:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn boot_may_die_again_and_again_before_it_writes_its_records() {
    let all = steps_in_all(Kind::Shares);
    for (kind, stop) in KINDS
        .into_iter()
        .flat_map(|kind| [1, all - 3, all - 2, all - 1].map(|stop| (kind, stop)))
    {
        let mut ledger = Ledger::new(kind);
        ledger.rotate(1, stop);
        for _ in 0..5 {
            let before = ledger.written.clone();
            ledger.open().unwrap();
            ledger.written = before;
        }
        ledger.open().unwrap();
        ledger.check();
    }
}

#[test]
fn a_missing_wrap_abandons_while_the_old_root_lives_and_refuses_once_it_is_gone() {
    let all = steps_in_all(Kind::File);
    for (stop, opens) in [(all - 2, true), (all - 1, false)] {
        let mut ledger = Ledger::new(Kind::File);
        ledger.rotate(1, stop);
        let lost = ledger.written.records.len() - 2;
        ledger.written.records.remove(lost);
        match ledger.open() {
            Ok(tree) => assert!(opens && tree.epoch() == 1),
            Err(fault) => assert!(!opens && matches!(fault, Fault::Vault(_)), "{fault}"),
        }
    }
}

#[test]
fn an_old_copy_of_the_vault_is_refused_as_old_and_nothing_is_called_shredded() {
    let mut ledger = Ledger::new(Kind::File);
    let slots = ledger.folder.path().join("vault").join("roots");
    let old = std::fs::read(&slots).unwrap();
    assert!(ledger.rotate(1, usize::MAX));
    std::fs::write(&slots, old).unwrap();
    let fault = ledger.open().err().unwrap();
    assert!(matches!(
        fault,
        Fault::Vault(crate::error::VaultFault::Old {
            found: 1,
            expected: 2
        })
    ));
}

#[test]
fn a_rotation_recovered_from_its_records_closes_as_the_built_one_would() {
    let mut ledger = Ledger::new(Kind::File);
    let tree = ledger.open().unwrap();
    let rotation = tree
        .rotate(
            &ledger.written.index,
            &ledger.doomed,
            &mut SeededEntropy::new(5),
        )
        .unwrap();
    let bytes: Vec<Vec<u8>> = rotation.records().iter().map(KeyRecord::to_bytes).collect();
    let read_back = ReadBack::from_records(bytes.iter().map(Vec::as_slice)).unwrap();
    let recovered = Rotation::recover(&read_back, rotation.root().duplicate());
    verify_rotation(&read_back, &recovered).unwrap();
    assert_eq!(recovered.closing_records(), rotation.closing_records());
}
