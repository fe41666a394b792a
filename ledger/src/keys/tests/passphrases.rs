//! A vault under a passphrase: what a thief has without it, what a wrong one gets, and changing it.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Fault, VaultFault};
use crate::keys::secret::Key;
use crate::keys::testing::SeededEntropy;
use crate::keys::vault::{self, FileVault, Hardness, Passphrase, ShareVault, Tier, Vault};

const LOG: [u8; 32] = [8; 32];
const MIB: usize = 1024 * 1024;
/// Next to nothing, for tests.
const SOFT: Hardness = Hardness {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};
const WORDS: &str = "nine invented words";

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(shared: bool) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        place
            .create(shared, &words(WORDS), SOFT)
            .unwrap()
            .install(1, &key(10))
            .unwrap();
        place
    }

    fn create(
        &self,
        shared: bool,
        words: &Passphrase,
        hardness: Hardness,
    ) -> Result<Box<dyn Vault>, Fault> {
        let entropy = Box::new(SeededEntropy::new(1));
        let protection = Some((words, hardness));
        if !shared {
            let vault = FileVault::create(&self.home(), Tier::Test, LOG, protection, entropy)?;
            return Ok(Box::new(vault));
        }
        let holders: Vec<PathBuf> = (1..=3).map(|n| self.holder(n)).collect();
        let sharing = (2, holders.as_slice());
        let vault = ShareVault::create(&self.home(), Tier::Test, LOG, sharing, protection, entropy);
        Ok(Box::new(vault?))
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn holder(&self, index: u8) -> PathBuf {
        self.folder.path().join(format!("holder{index}"))
    }

    fn open(&self, text: &str) -> Result<Box<dyn Vault>, Fault> {
        open_in(&self.home(), Some(&words(text)))
    }

    fn change(&self, old: &str, new: &str) -> Result<(), Fault> {
        let entropy = Box::new(SeededEntropy::new(5));
        vault::change_passphrase(&self.home(), &words(old), (&words(new), SOFT), entropy)
    }

    fn passphrase_file(&self) -> PathBuf {
        self.home().join("passphrase")
    }
}

fn open_in(home: &Path, words: Option<&Passphrase>) -> Result<Box<dyn Vault>, Fault> {
    vault::open(home, LOG, words, Box::new(SeededEntropy::new(2)))
}

fn words(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap()
}

fn key(seed: u64) -> Key {
    Key::generate(&mut SeededEntropy::new(seed))
}

fn wrong(outcome: Result<Box<dyn Vault>, Fault>) -> bool {
    matches!(
        outcome.err(),
        Some(Fault::Vault(VaultFault::WrongPassphrase))
    )
}

#[test]
fn the_right_words_open_everything_and_a_rotation_works_as_ever() {
    for shared in [false, true] {
        let place = Place::new(shared);
        let mut vault = place.open(WORDS).unwrap();
        let vkey = vault.signer("ledger.example").unwrap().vkey();
        assert_eq!(
            vault.roots().unwrap().of_epoch(1).unwrap().bytes(),
            key(10).bytes()
        );
        vault.install(2, &key(20)).unwrap();
        vault.destroy(1).unwrap();
        vault.keep_only(2).unwrap();
        assert!(vault.statement().passphrase);
        drop(vault);
        let vault = place.open(WORDS).unwrap();
        assert_eq!(vault.roots().unwrap().0.len(), 1);
        assert_eq!(vault.signer("ledger.example").unwrap().vkey(), vkey);
        vault.index_keys().unwrap();
    }
}

#[test]
fn wrong_words_none_and_words_too_many_are_three_answers() {
    let place = Place::new(false);
    for text in ["nine invented word", "nine invented words ", "x"] {
        assert!(wrong(place.open(text)), "{text}");
    }
    assert!(matches!(
        open_in(&place.home(), None).err(),
        Some(Fault::Vault(VaultFault::PassphraseNeeded))
    ));
    let open = tempfile::tempdir().unwrap();
    let home = open.path().join("vault");
    FileVault::create(
        &home,
        Tier::Test,
        LOG,
        None,
        Box::new(SeededEntropy::new(1)),
    )
    .unwrap();
    assert!(matches!(
        open_in(&home, Some(&words(WORDS))).err(),
        Some(Fault::Unusable(_))
    ));
}

#[test]
fn what_a_thief_carries_away_holds_no_key_in_the_clear() {
    let place = Place::new(true);
    let vault = place.open(WORDS).unwrap();
    let seen = vault.roots().unwrap();
    let root = seen.of_epoch(1).unwrap().duplicate();
    drop(vault);
    let folders = [
        place.home(),
        place.holder(1),
        place.holder(2),
        place.holder(3),
    ];
    for folder in folders {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(&root.bytes()[..8]), "{path:?}");
            assert!(!holds(WORDS.as_bytes()), "{path:?}");
            // Key files say that they are sealed, and are longer than an open one.
            if path.extension().is_some_and(|end| end == "key") {
                assert_eq!((&bytes[..4], bytes.len()), (&b"RLF\x02"[..], 4 + 72 + 32));
            }
        }
    }
}

#[test]
fn a_cost_out_of_bounds_is_damage_and_takes_no_memory() {
    let place = Place::new(false);
    let good = std::fs::read(place.passphrase_file()).unwrap();
    let costs: [[u32; 3]; 7] = [
        [u32::MAX, 1, 1],
        [256 * 1024 + 1, 1, 1],
        [8, 0, 1],
        [8, 33, 1],
        [8, 1, 0],
        [7, 1, 1],
        [8, 1, 17],
    ];
    for cost in costs {
        let mut bad = good.clone();
        // The checksum is made good again: who can write the file can do that.
        for (number, place) in cost.iter().zip([8, 12, 16]) {
            bad[place..place + 4].copy_from_slice(&number.to_be_bytes());
        }
        let mut sum = sha2::Sha256::default();
        sha2::Digest::update(&mut sum, b"referral-ledger passphrase slot v1");
        sha2::Digest::update(&mut sum, &bad[..108]);
        let sum: [u8; 32] = sha2::Digest::finalize(sum).into();
        bad[108..140].copy_from_slice(&sum);
        let block = bad[..4096].to_vec();
        bad[MIB..MIB + 4096].copy_from_slice(&block);
        std::fs::write(place.passphrase_file(), &bad).unwrap();
        let fault = place.open(WORDS).err().unwrap();
        assert!(matches!(fault, Fault::Damaged { .. }), "{cost:?}: {fault}");
    }
}

#[test]
fn a_changed_passphrase_opens_and_the_one_before_is_overwritten() {
    let place = Place::new(false);
    let before = std::fs::read(place.passphrase_file()).unwrap();
    place.change(WORDS, "other invented words").unwrap();
    assert!(wrong(place.open(WORDS)));
    let vault = place.open("other invented words").unwrap();
    assert_eq!(
        vault.roots().unwrap().of_epoch(1).unwrap().bytes(),
        key(10).bytes()
    );
    drop(vault);
    let after = std::fs::read(place.passphrase_file()).unwrap();
    let envelope = &before[8..108];
    assert!(
        !after.windows(100).any(|window| window == envelope),
        "wiped in place"
    );
    assert!(matches!(
        place.change(WORDS, "third invented words").err(),
        Some(Fault::Vault(VaultFault::WrongPassphrase))
    ));
    assert!(matches!(
        place.change("other invented words", "short").err(),
        Some(Fault::Unusable(_))
    ));
}

#[test]
fn a_change_that_stopped_half_way_leaves_both_and_the_next_one_settles_it() {
    let place = Place::new(false);
    let before = std::fs::read(place.passphrase_file()).unwrap();
    place.change(WORDS, "other invented words").unwrap();
    let mut both = std::fs::read(place.passphrase_file()).unwrap();
    both[..2 * MIB].copy_from_slice(&before[..2 * MIB]);
    std::fs::write(place.passphrase_file(), &both).unwrap();
    for text in [WORDS, "other invented words"] {
        drop(place.open(text).unwrap());
    }
    assert!(wrong(place.open("third invented words")));
    place.change(WORDS, "third invented words").unwrap();
    drop(place.open("third invented words").unwrap());
    assert!(wrong(place.open(WORDS)) && wrong(place.open("other invented words")));
}

#[test]
fn a_flipped_byte_in_what_is_sealed_is_damage_or_a_torn_slot_and_never_a_key() {
    let place = Place::new(false);
    for (name, bytes) in [("signing.key", 108), ("index.key", 108)] {
        let path = place.home().join(name);
        let good = std::fs::read(&path).unwrap();
        assert_eq!(good.len(), bytes);
        for at in 0..bytes {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, bad).unwrap();
            let vault = place.open(WORDS).unwrap();
            let broken = match name {
                "signing.key" => vault.signer("ledger.example").err(),
                _ => vault.index_keys().err(),
            };
            assert!(matches!(broken, Some(Fault::Damaged { .. })), "{name} {at}");
        }
        std::fs::write(&path, good).unwrap();
    }
}

#[test]
fn words_that_are_none_or_too_long_or_too_few_are_refused() {
    for bytes in [Vec::new(), vec![b'x'; 1025]] {
        assert!(Passphrase::new(Zeroizing::new(bytes)).is_err());
    }
    let place = Place {
        folder: tempfile::tempdir().unwrap(),
    };
    let made = place.create(false, &words("eleven char"), SOFT);
    assert!(matches!(made.err(), Some(Fault::Unusable(_))));
}

/// RFC 9106 gives no vector without secret and associated data, so: the cost is what it says.
#[test]
fn the_cost_that_is_chosen_unless_told_otherwise_is_the_one_of_the_rfc() {
    let place = Place {
        folder: tempfile::tempdir().unwrap(),
    };
    place
        .create(false, &words(WORDS), Hardness::default())
        .unwrap();
    let file = std::fs::read(place.passphrase_file()).unwrap();
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((number(8), number(12), number(16)), (65_536, 3, 4));
    drop(place.open(WORDS).unwrap());
}
