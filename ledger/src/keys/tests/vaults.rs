//! The file vault: torn writes at every byte, destruction, and its three kinds of "not this vault".

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Fault, VaultFault};
use crate::keys::secret::Key;
use crate::keys::testing::SeededEntropy;
use crate::keys::vault::{self, FileVault, Tier, Vault};

const LOG: [u8; 32] = [8; 32];
const BLOCK: usize = 4096;
/// epoch ‖ root ‖ checksum.
const COPY: usize = 72;
const MIB: u64 = 1024 * 1024;
const FIRST: [u64; 2] = [0, MIB];
const SECOND: [u64; 2] = [2 * MIB, 3 * MIB];

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    Place {
        _folder: folder,
        path,
    }
}

fn create(path: &Path) -> Box<dyn Vault> {
    let entropy = Box::new(SeededEntropy::new(1));
    Box::new(FileVault::create(path, Tier::Test, LOG, None, entropy).unwrap())
}

fn open(path: &Path) -> Result<Box<dyn Vault>, Fault> {
    vault::open(path, LOG, None, Box::new(SeededEntropy::new(2)))
}

fn key(seed: u64) -> Key {
    Key::generate(&mut SeededEntropy::new(seed))
}

fn epochs(vault: &dyn Vault) -> Vec<u64> {
    let roots = vault.roots().unwrap();
    let mut epochs: Vec<u64> = roots.0.iter().map(|root| root.epoch).collect();
    epochs.sort_unstable();
    epochs
}

fn block(path: &Path, offset: u64) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK];
    let file = OpenOptions::new()
        .read(true)
        .open(path.join("roots"))
        .unwrap();
    file.read_exact_at(&mut bytes, offset).unwrap();
    bytes
}

fn put(path: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new()
        .write(true)
        .open(path.join("roots"))
        .unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

fn contains(path: &Path, needle: &[u8]) -> bool {
    let bytes = std::fs::read(path.join("roots")).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn roots_are_installed_read_and_destroyed() {
    let place = place();
    let mut vault = create(&place.path);
    assert!(epochs(&*vault).is_empty());
    vault.install(1, &key(10)).unwrap();
    vault.install(2, &key(20)).unwrap();
    assert_eq!(epochs(&*vault), [1, 2]);
    assert!(vault.install(3, &key(30)).is_err(), "no spare slot");
    assert!(vault.install(2, &key(20)).is_err(), "already there");
    vault.destroy(1).unwrap();
    vault.destroy(1).unwrap();
    assert_eq!(epochs(&*vault), [2]);
    assert!(!contains(&place.path, &key(10).bytes()[..8]));
    vault.install(3, &key(30)).unwrap();
    drop(vault);
    let mut vault = open(&place.path).unwrap();
    assert_eq!(
        vault.roots().unwrap().of_epoch(3).unwrap().bytes(),
        key(30).bytes()
    );
    assert!(vault.keep_only(7).is_err());
    assert_eq!(epochs(&*vault), [2, 3]);
    vault.keep_only(3).unwrap();
    assert_eq!(epochs(&*vault), [3]);
}

/// Both copies are under way at once, so each may be torn at a place of its own: with the other
/// whole, untouched, or torn at the same byte.
fn torn(cut: usize) -> [[usize; 2]; 5] {
    [[cut, 0], [0, cut], [cut, BLOCK], [BLOCK, cut], [cut, cut]]
}

#[test]
fn an_install_torn_at_any_byte_leaves_the_old_root_and_the_new_one_or_none() {
    let place = place();
    let mut vault = create(&place.path);
    vault.install(1, &key(10)).unwrap();
    vault.install(2, &key(20)).unwrap();
    drop(vault);
    let new = block(&place.path, SECOND[0]);
    assert!(new[COPY..].iter().all(|byte| *byte == 0));
    // What is under the new root: zeros, or the noise of a destruction whose zeros never came.
    for under in [vec![0; BLOCK], vec![0xA5; BLOCK]] {
        for cuts in (0..=COPY).flat_map(torn) {
            for (offset, cut) in SECOND.into_iter().zip(cuts) {
                put(&place.path, offset, &[&new[..cut], &under[cut..]].concat());
            }
            let mut vault = open(&place.path).unwrap();
            let whole = cuts.iter().any(|cut| *cut >= COPY);
            let expected = if whole { vec![1, 2] } else { vec![1] };
            assert_eq!(epochs(&*vault), expected, "{cuts:?}");
            // Given up, not even part of the new root stays.
            vault.keep_only(1).unwrap();
            assert_eq!(epochs(&*vault), [1]);
            for offset in SECOND {
                assert!(block(&place.path, offset).iter().all(|byte| *byte == 0));
            }
            // And the slot can be used.
            vault.install(2, &key(20)).unwrap();
            assert_eq!(epochs(&*vault), [1, 2]);
        }
    }
}

#[test]
fn a_destruction_torn_at_any_byte_is_repeated_until_nothing_is_left() {
    let place = place();
    let mut vault = create(&place.path);
    vault.install(1, &key(10)).unwrap();
    vault.install(2, &key(20)).unwrap();
    drop(vault);
    let old = block(&place.path, FIRST[0]);
    let noise = vec![0xA5; BLOCK];
    let zeros = vec![0; BLOCK];
    for (under, over) in [(&old, &noise), (&noise, &zeros)] {
        for cuts in (0..=COPY).chain([BLOCK]).flat_map(torn) {
            for (offset, cut) in FIRST.into_iter().zip(cuts) {
                put(&place.path, offset, &[&over[..cut], &under[cut..]].concat());
            }
            let mut vault = open(&place.path).unwrap();
            let whole = under == &old && cuts.contains(&0);
            let expected = if whole { vec![1, 2] } else { vec![2] };
            assert_eq!(epochs(&*vault), expected, "{cuts:?}");
            vault.destroy(1).unwrap();
            assert_eq!(epochs(&*vault), [2]);
            for offset in FIRST {
                assert_eq!(block(&place.path, offset), zeros);
            }
        }
    }
}

#[test]
fn a_slot_with_one_bad_copy_still_gives_its_root_and_one_with_two_gives_none() {
    let place = place();
    let mut vault = create(&place.path);
    vault.install(1, &key(10)).unwrap();
    drop(vault);
    let good = block(&place.path, FIRST[0]);
    for at in 0..COPY {
        let mut bad = good.clone();
        bad[at] ^= 1;
        put(&place.path, FIRST[0], &bad);
        put(&place.path, FIRST[1], &good);
        assert_eq!(epochs(&*open(&place.path).unwrap()), [1]);
        put(&place.path, FIRST[1], &bad);
        assert!(epochs(&*open(&place.path).unwrap()).is_empty());
    }
}

#[test]
fn a_missing_a_wrong_and_a_newer_vault_are_told_apart_and_left_alone() {
    let place = place();
    assert!(matches!(
        open(&place.path).err().unwrap(),
        Fault::Vault(VaultFault::Missing { .. })
    ));
    assert!(!place.path.exists(), "opening makes nothing");
    drop(create(&place.path));
    let entropy = || Box::new(SeededEntropy::new(1));
    assert!(matches!(
        vault::open(&place.path, [9; 32], None, entropy())
            .err()
            .unwrap(),
        Fault::Vault(VaultFault::WrongLedger)
    ));
    assert!(FileVault::create(&place.path, Tier::Test, LOG, None, entropy()).is_err());
    let settings = place.path.join("vault.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("format = 2", "format = 9")).unwrap();
    assert!(matches!(
        open(&place.path).err().unwrap(),
        Fault::UnknownFormat { version: 9, .. }
    ));
}

#[test]
fn one_process_holds_a_vault_and_nobody_else_may_read_it() {
    let place = place();
    let vault = create(&place.path);
    assert!(matches!(
        open(&place.path).err().unwrap(),
        Fault::Locked { .. }
    ));
    drop(vault);
    open(&place.path).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.path), 0o700);
    for name in [
        "roots",
        "signing.key",
        "index.key",
        "position",
        "vault.toml",
    ] {
        assert_eq!(mode(&place.path.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_slots_file_that_was_shortened_is_damage_and_not_an_empty_vault() {
    let place = place();
    drop(create(&place.path));
    let slots = OpenOptions::new()
        .write(true)
        .open(place.path.join("roots"))
        .unwrap();
    slots.set_len(MIB).unwrap();
    assert!(matches!(
        open(&place.path).err().unwrap(),
        Fault::Damaged { .. }
    ));
}

#[test]
fn signing_and_index_keys_stay_through_rotations_and_damage_is_named() {
    let place = place();
    let mut vault = create(&place.path);
    let vkey = vault.signer("ledger.example").unwrap().vkey();
    let stream = vault.index_keys().unwrap().stream(b"s");
    vault.install(1, &key(10)).unwrap();
    vault.destroy(1).unwrap();
    assert_eq!(vault.signer("ledger.example").unwrap().vkey(), vkey);
    assert_eq!(vault.index_keys().unwrap().stream(b"s"), stream);
    for name in ["signing.key", "index.key"] {
        let path = place.path.join(name);
        let good = std::fs::read(&path).unwrap();
        let mut bads = vec![good[..good.len() - 1].to_vec(), [&good[..], b"x"].concat()];
        for at in [0, 3, 4, 35, 36, 67] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            bads.push(bad);
        }
        for bad in bads {
            std::fs::write(&path, bad).unwrap();
            let broken = match name {
                "signing.key" => vault.signer("ledger.example").err(),
                _ => vault.index_keys().err(),
            };
            assert!(matches!(broken, Some(Fault::Damaged { .. })), "{name}");
        }
        std::fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_file_tier_vault_in_memory_is_refused_by_name() {
    let shm = Path::new("/dev/shm");
    if !rustix::fs::statfs(shm).is_ok_and(|stat| stat.f_type == 0x0102_1994) {
        return;
    }
    let folder = tempfile::tempdir_in(shm).unwrap();
    let path = folder.path().join("vault");
    let made = FileVault::create(
        &path,
        Tier::File,
        LOG,
        None,
        Box::new(SeededEntropy::new(1)),
    );
    assert!(matches!(
        made.err().unwrap(),
        Fault::Vault(VaultFault::Unsuitable { kind }) if kind.contains("tmpfs")
    ));
}
