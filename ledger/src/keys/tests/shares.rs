//! The vault of shares: lost, late, swapped, foreign and torn holders; what counts as destroyed.

mod replaced;

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{Fault, VaultFault};
use crate::keys::secret::Key;
use crate::keys::testing::SeededEntropy;
use crate::keys::vault::{self, ShareVault, Tier, Vault};

const LOG: [u8; 32] = [8; 32];
const MIB: usize = 1024 * 1024;
/// epoch ‖ log id ‖ root id ‖ holders ‖ threshold ‖ index ‖ share ‖ checksum.
const COPY: usize = 8 + 32 + 16 + 3 + 32 + 32;

struct Place {
    folder: tempfile::TempDir,
    holders: u8,
}

impl Place {
    /// A vault of shares with the root of epoch 1.
    fn new(threshold: u8, holders: u8) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            holders,
        };
        let mut vault = place.create(threshold, LOG).unwrap();
        vault.install(1, &key(10)).unwrap();
        place
    }

    fn create(&self, threshold: u8, log_id: [u8; 32]) -> Result<ShareVault, Fault> {
        let folders: Vec<PathBuf> = (1..=self.holders).map(|n| self.holder(n)).collect();
        let entropy = Box::new(SeededEntropy::new(1));
        let sharing = (threshold, folders.as_slice());
        ShareVault::create(&self.home(), Tier::Test, log_id, sharing, None, entropy)
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn holder(&self, index: u8) -> PathBuf {
        self.folder.path().join(format!("holder{index}"))
    }

    fn share(&self, index: u8) -> PathBuf {
        self.holder(index).join("share")
    }

    fn open(&self) -> Result<Box<dyn Vault>, Fault> {
        vault::open(&self.home(), LOG, None, Box::new(SeededEntropy::new(2)))
    }

    fn lose(&self, index: u8) {
        std::fs::rename(self.holder(index), self.away(index)).unwrap();
    }

    fn give_back(&self, index: u8) {
        std::fs::rename(self.away(index), self.holder(index)).unwrap();
    }

    fn away(&self, index: u8) -> PathBuf {
        self.folder.path().join(format!("away{index}"))
    }

    fn bytes(&self, index: u8) -> Vec<u8> {
        std::fs::read(self.share(index)).unwrap()
    }

    fn put(&self, index: u8, offset: usize, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(self.share(index));
        let offset = u64::try_from(offset).unwrap();
        file.unwrap().write_all_at(bytes, offset).unwrap();
    }
}

fn key(seed: u64) -> Key {
    Key::generate(&mut SeededEntropy::new(seed))
}

fn epochs(vault: &dyn Vault) -> Vec<u64> {
    let roots = vault.roots().unwrap();
    roots.0.iter().map(|root| root.epoch).collect()
}

fn refused(outcome: Result<Box<dyn Vault>, Fault>) -> VaultFault {
    let fault = outcome.err().unwrap();
    let Fault::Vault(fault) = fault else {
        panic!("{fault}");
    };
    fault
}

#[test]
fn a_root_is_read_with_any_holder_lost_and_the_lost_one_is_named() {
    let place = Place::new(2, 3);
    for lost in 1..=3 {
        place.lose(lost);
        let vault = place.open().unwrap();
        let roots = vault.roots().unwrap();
        assert_eq!(roots.of_epoch(1).unwrap().bytes(), key(10).bytes());
        assert_eq!(vault.statement().missing, [lost]);
        assert!(vault.statement().behind.is_empty());
        drop(vault);
        place.give_back(lost);
    }
    assert!(place.open().unwrap().statement().missing.is_empty());
}

#[test]
fn with_more_lost_than_may_be_every_lost_one_is_named_and_nothing_opens() {
    let place = Place::new(2, 3);
    place.lose(1);
    place.lose(3);
    let fault = refused(place.open());
    let text = fault.to_string();
    let VaultFault::TooFewShares {
        found,
        needed,
        lost,
    } = fault
    else {
        panic!("{text}");
    };
    assert_eq!((found, needed, lost.len()), (1, 2, 2));
    for index in [1, 3] {
        assert!(
            text.contains(place.holder(index).to_str().unwrap()),
            "{text}"
        );
    }
    place.give_back(1);
    assert_eq!(epochs(&*place.open().unwrap()), [1]);
}

#[test]
fn no_single_holder_nor_the_vaults_own_folder_holds_the_root() {
    let place = Place::new(2, 3);
    let root = key(10);
    let mut files = vec![place.share(1), place.share(2), place.share(3)];
    let home = std::fs::read_dir(place.home()).unwrap();
    files.extend(home.map(|entry| entry.unwrap().path()));
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(8).any(|it| it == &root.bytes()[..8]),
            "{file:?}"
        );
    }
}

/// Attack test 11: k − 1 stale shares and everything that is there now.
#[test]
fn one_share_that_was_never_erased_gives_nobody_the_old_root() {
    let place = Place::new(2, 3);
    let stale = place.bytes(1);
    let mut vault = place.open().unwrap();
    vault.install(2, &key(20)).unwrap();
    vault.destroy(1).unwrap();
    drop(vault);
    // The stale copy comes back in place of the fresh one: it tells nothing, and is wiped.
    std::fs::write(place.share(1), stale).unwrap();
    let mut vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [2]);
    vault.keep_only(2).unwrap();
    assert_eq!(vault.statement().behind, [1]);
    assert!(place.bytes(1).iter().all(|byte| *byte == 0));
    // The next rotation takes it back.
    vault.install(3, &key(30)).unwrap();
    vault.destroy(2).unwrap();
    assert!(vault.statement().behind.is_empty());
    let destroyed = vault.statement().destroyed.unwrap();
    assert_eq!(
        (destroyed.epoch, destroyed.acknowledged, destroyed.needed),
        (2, 3, 2)
    );
}

/// Attack test 20.
#[test]
fn a_holder_lost_between_install_and_destroy_leaves_an_acknowledged_destruction() {
    let place = Place::new(2, 3);
    place.lose(2);
    let mut vault = place.open().unwrap();
    vault.ready().unwrap();
    vault.install(2, &key(20)).unwrap();
    vault.destroy(1).unwrap();
    let destroyed = vault.statement().destroyed.unwrap();
    assert_eq!((destroyed.acknowledged, destroyed.needed), (2, 2));
    drop(vault);
    place.give_back(2);
    let mut vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [2]);
    vault.keep_only(2).unwrap();
    assert!(
        place.bytes(2).iter().all(|byte| *byte == 0),
        "its old share is wiped"
    );
}

#[test]
fn without_a_quorum_no_rotation_begins_and_nothing_is_called_destroyed() {
    let place = Place::new(2, 5);
    place.lose(4);
    place.lose(5);
    let mut vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [1]);
    for outcome in [vault.ready(), vault.install(2, &key(20))] {
        let fault = outcome.err().unwrap();
        assert!(
            matches!(
                fault,
                Fault::Vault(VaultFault::TooFewShares {
                    found: 3,
                    needed: 4,
                    ..
                })
            ),
            "{fault}"
        );
    }
    assert_eq!(epochs(&*vault), [1], "what was installed in vain is gone");
    let share = place.bytes(1);
    assert!(share[2 * MIB..].iter().all(|byte| *byte == 0));
    let fault = vault.destroy(0).err().unwrap();
    assert!(matches!(
        fault,
        Fault::Vault(VaultFault::NotDestroyed {
            acknowledged: 3,
            needed: 4,
            ..
        })
    ));
    assert!(vault.statement().destroyed.is_none());
    // A holder that comes back while the vault is open is enough.
    place.give_back(4);
    vault.ready().unwrap();
    vault.install(2, &key(20)).unwrap();
    vault.destroy(1).unwrap();
    assert_eq!(epochs(&*vault), [2]);
}

#[test]
fn a_root_that_no_quorum_holds_is_left_out_while_the_old_one_can_be_had() {
    let place = Place::new(2, 5);
    let before: Vec<Vec<u8>> = (4..=5).map(|index| place.bytes(index)).collect();
    place.open().unwrap().install(2, &key(20)).unwrap();
    for (index, bytes) in (4..=5).zip(&before) {
        std::fs::write(place.share(index), bytes).unwrap();
    }
    let mut vault = place.open().unwrap();
    assert_eq!(
        epochs(&*vault),
        [1],
        "three of five hold the new root, four must"
    );
    vault.keep_only(1).unwrap();
    drop(vault);
    for index in 1..=5 {
        assert!(place.bytes(index)[2 * MIB..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn an_install_torn_between_and_in_holders_leaves_the_old_root_or_both() {
    let place = Place::new(2, 3);
    let before: Vec<Vec<u8>> = (1..=3).map(|index| place.bytes(index)).collect();
    place.open().unwrap().install(2, &key(20)).unwrap();
    let after: Vec<Vec<u8>> = (1..=3).map(|index| place.bytes(index)).collect();
    for torn in 0..3_u8 {
        for (copy, cut) in (0..=COPY)
            .map(|cut| (0, cut))
            .chain([(1, 0), (1, 60), (1, COPY)])
        {
            for index in 1..=3_u8 {
                let done = index - 1 < torn;
                let at = usize::from(index - 1);
                let whole = if done { &after[at] } else { &before[at] };
                place.put(index, 2 * MIB, &whole[2 * MIB..2 * MIB + 4096]);
                place.put(index, 3 * MIB, &whole[3 * MIB..3 * MIB + 4096]);
            }
            let new = &after[usize::from(torn)];
            if copy == 1 {
                place.put(torn + 1, 2 * MIB, &new[2 * MIB..2 * MIB + 4096]);
            }
            let offset = (2 + copy) * MIB;
            place.put(torn + 1, offset, &new[offset..offset + cut]);
            let mut vault = place.open().unwrap();
            let holding = usize::from(torn) + usize::from(copy == 1 || cut == COPY);
            let expected: &[u64] = if holding >= 2 { &[1, 2] } else { &[1] };
            assert_eq!(
                epochs(&*vault),
                expected,
                "holder {} copy {copy} cut {cut}",
                torn + 1
            );
            vault.keep_only(1).unwrap();
            assert_eq!(epochs(&*vault), [1]);
            drop(vault);
            for index in 1..=3 {
                let share = place.bytes(index);
                assert!(share[2 * MIB..2 * MIB + 4096].iter().all(|byte| *byte == 0));
                assert!(share[3 * MIB..3 * MIB + 4096].iter().all(|byte| *byte == 0));
            }
        }
    }
}

#[test]
fn a_destruction_that_stopped_after_any_holder_is_finished_at_the_next_opening() {
    for stopped in 0..=3_u8 {
        let place = Place::new(2, 3);
        let mut vault = place.open().unwrap();
        vault.install(2, &key(20)).unwrap();
        drop(vault);
        let before: Vec<Vec<u8>> = (1..=3).map(|index| place.bytes(index)).collect();
        place.open().unwrap().destroy(1).unwrap();
        for index in stopped + 1..=3 {
            std::fs::write(place.share(index), &before[usize::from(index - 1)]).unwrap();
        }
        let mut vault = place.open().unwrap();
        let expected: &[u64] = if stopped <= 1 { &[1, 2] } else { &[2] };
        assert_eq!(epochs(&*vault), expected, "stopped after {stopped}");
        vault.keep_only(2).unwrap();
        vault.destroy(1).unwrap();
        for index in 1..=3 {
            assert!(place.bytes(index)[..2 * MIB].iter().all(|byte| *byte == 0));
        }
    }
}

#[test]
fn foreign_swapped_and_doubled_holders_are_told_apart() {
    let place = Place::new(2, 3);
    let other = Place {
        folder: tempfile::tempdir().unwrap(),
        holders: 3,
    };
    other
        .create(2, [9; 32])
        .unwrap()
        .install(1, &key(11))
        .unwrap();
    let foreign = |place: &Place| {
        let fault = refused(place.open());
        let VaultFault::ForeignHolder { why, .. } = fault else {
            panic!("{fault}");
        };
        why
    };
    place.lose(2);
    copy(&other.holder(2), &place.holder(2));
    assert!(foreign(&place).contains("another ledger"));
    std::fs::remove_dir_all(place.holder(2)).unwrap();
    copy(&place.holder(1), &place.holder(2));
    assert!(foreign(&place).contains("not holder 2"));
    // The share alone, under the right name: not its own, so the holder counts as unreadable.
    std::fs::remove_dir_all(place.holder(2)).unwrap();
    place.give_back(2);
    std::fs::copy(place.share(1), place.share(2)).unwrap();
    let vault = place.open().unwrap();
    assert_eq!(epochs(&*vault), [1], "holders 1 and 3 are enough");
    assert_eq!(vault.statement().behind, [2]);
    drop(vault);
    place.lose(3);
    assert!(matches!(
        place.open().unwrap().roots().err(),
        Some(Fault::Vault(VaultFault::TooFewShares {
            found: 1,
            needed: 2,
            ..
        }))
    ));
}

#[test]
fn a_flipped_byte_in_both_copies_of_a_share_loses_that_holder_only() {
    let place = Place::new(2, 3);
    let good = place.bytes(1);
    for at in (0..COPY).step_by(7) {
        for copy in [0, MIB] {
            place.put(1, copy + at, &[good[copy + at] ^ 1]);
        }
        assert_eq!(epochs(&*place.open().unwrap()), [1], "byte {at}");
        std::fs::write(place.share(1), &good).unwrap();
    }
}

#[test]
fn senseless_sharings_are_refused_before_anything_is_made() {
    for (threshold, holders) in [(1, 3), (0, 3), (4, 3), (1, 1), (2, 17)] {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            holders,
        };
        assert!(matches!(
            place.create(threshold, LOG),
            Err(Fault::Unusable(_))
        ));
        assert!(!place.home().exists());
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
