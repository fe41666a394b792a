//! Golden entries of slots in `tests/golden/vault/`: shares, passphrase records and positions, one
//! good of each, the others each named for the one thing wrong with it. For another implementation
//! of SPEC §6.1: `codes.txt` says what each must be answered with, `known.txt` what belongs to
//! them. `REFERRAL_LEDGER_GOLDEN=write` writes them anew.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::holder::{Holder, SLOTS_NAME, Share, Split};
use super::home::Home;
use super::passphrase::{Hardness, Passphrase};
use super::position::{NotedFrame, Position, PositionFile};
use super::sealed::Seal;
use super::settings::{Settings, Sharing, Tier};
use super::shamir;
use crate::error::{Fault, VaultFault};
use crate::golden;
use crate::hex::hex;
use crate::keys::secret::Key;
use crate::keys::testing::SeededEntropy;

const LOG: [u8; 32] = [8; 32];
const EPOCH: u64 = 7;
const WORDS: &str = "an invented passphrase";
const SHARE_LABEL: &[u8] = b"referral-ledger share slot v1";
const WORDS_LABEL: &[u8] = b"referral-ledger passphrase slot v1";
const SMALL: Hardness = Hardness {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

type Golden = (&'static str, &'static str, Vec<u8>);

fn settings(passphrase: bool) -> Settings {
    Settings {
        tier: Tier::Test,
        log_id: LOG,
        passphrase,
        sharing: Some(Sharing {
            threshold: 2,
            holders: vec!["/1".into(), "/2".into(), "/3".into()],
        }),
    }
}

fn split() -> Split {
    Split {
        log_id: LOG,
        holders: 3,
        threshold: 2,
    }
}

fn root() -> Key {
    Key::generate(&mut SeededEntropy::new(10))
}

fn shares() -> Vec<Share> {
    let values = shamir::split(&root(), 2, 3, &mut SeededEntropy::new(11));
    let share = |(index, value)| Share {
        epoch: EPOCH,
        root: root().id(),
        index,
        value,
    };
    values.into_iter().map(share).collect()
}

/// epoch ‖ body ‖ checksum of holder 1's share.
fn share() -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("1");
    let holder = Holder::create(&folder, &settings(false), split(), (1, 0), &Seal::OPEN).unwrap();
    let entropy = &mut SeededEntropy::new(12);
    holder.install(&shares()[0], &Seal::OPEN, entropy).unwrap();
    first(&folder.join(SLOTS_NAME), 8 + 51 + 32 + 32)
}

/// epoch ‖ body ‖ checksum of the passphrase record.
fn record() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let words = passphrase();
    let entropy = &mut SeededEntropy::new(13);
    let protection = Some((&words, SMALL));
    Home::create(folder.path(), settings(true), protection, entropy).unwrap();
    first(&folder.path().join("passphrase"), 8 + 100 + 32)
}

fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new(WORDS.as_bytes().to_vec())).unwrap()
}

fn first(path: &Path, bytes: usize) -> Vec<u8> {
    let mut entry = vec![0; bytes];
    let file = std::fs::File::open(path).unwrap();
    file.read_exact_at(&mut entry, 0).unwrap();
    entry
}

/// Changed, with a checksum that is right again.
fn said(label: &[u8], mut entry: Vec<u8>, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let body = entry.len() - 32;
    change(&mut entry[..body]);
    let sum = Sha256::new()
        .chain_update(label)
        .chain_update(&entry[..body]);
    entry[body..].copy_from_slice(&sum.finalize());
    entry
}

fn changed(mut entry: Vec<u8>, place: usize) -> Vec<u8> {
    entry[place] ^= 1;
    entry
}

fn bad_shares() -> Vec<Golden> {
    let of_share = |change: fn(&mut [u8])| said(SHARE_LABEL, share(), change);
    vec![
        ("share_good", "ok", share()),
        ("share_epoch_altered", "no_share", changed(share(), 7)),
        ("share_byte_altered", "no_share", changed(share(), 60)),
        ("share_checksum_altered", "no_share", changed(share(), 100)),
        ("share_empty", "no_share", vec![0; share().len()]),
        (
            "share_with_the_label_of_a_root",
            "no_share",
            said(b"referral-ledger root slot v1", share(), |_| {}),
        ),
        (
            "share_with_the_label_of_a_sealed_one",
            "no_share",
            said(b"referral-ledger sealed share slot v1", share(), |_| {}),
        ),
        (
            "share_of_another_ledger",
            "not_its_own",
            of_share(|it| it[8] ^= 1),
        ),
        ("share_of_four", "not_its_own", of_share(|it| it[56] = 4)),
        (
            "share_with_another_threshold",
            "not_its_own",
            of_share(|it| it[57] = 3),
        ),
        (
            "share_of_the_next_holder",
            "not_its_own",
            of_share(|it| it[58] = 2),
        ),
        (
            "share_of_holder_zero",
            "not_its_own",
            of_share(|it| it[58] = 0),
        ),
        (
            "share_of_another_root",
            "another_root",
            of_share(|it| it[40] ^= 1),
        ),
        (
            "share_of_another_epoch",
            "another_root",
            of_share(|it| it[7] += 1),
        ),
        (
            "share_value_altered_truly_summed",
            "does_not_fit",
            of_share(|it| it[90] ^= 1),
        ),
    ]
}

fn bad_records() -> Vec<Golden> {
    let of = |change: fn(&mut [u8])| said(WORDS_LABEL, record(), change);
    let cost = "cost_out_of_bounds";
    let wrong = "wrong_passphrase";
    vec![
        ("passphrase_good", "ok", record()),
        (
            "passphrase_byte_altered",
            "no_record",
            changed(record(), 30),
        ),
        (
            "passphrase_checksum_altered",
            "no_record",
            changed(record(), 139),
        ),
        (
            "passphrase_with_the_label_of_a_share",
            "no_record",
            said(SHARE_LABEL, record(), |_| {}),
        ),
        ("passphrase_no_memory", cost, of(|it| it[8..12].fill(0))),
        (
            "passphrase_too_much_memory",
            cost,
            of(|it| it[8..12].fill(0xff)),
        ),
        ("passphrase_no_passes", cost, of(|it| it[12..16].fill(0))),
        ("passphrase_too_many_passes", cost, of(|it| it[15] = 33)),
        ("passphrase_no_lanes", cost, of(|it| it[16..20].fill(0))),
        ("passphrase_too_many_lanes", cost, of(|it| it[19] = 17)),
        (
            "passphrase_less_memory_than_its_lanes_need",
            cost,
            of(|it| it[19] = 2),
        ),
        (
            "passphrase_more_passes_than_it_was_made_with",
            wrong,
            of(|it| it[15] = 2),
        ),
        ("passphrase_salt_altered", wrong, of(|it| it[20] ^= 1)),
        ("passphrase_nonce_altered", wrong, of(|it| it[40] ^= 1)),
        ("passphrase_key_altered", wrong, of(|it| it[80] ^= 1)),
        ("passphrase_tag_altered", wrong, of(|it| it[107] ^= 1)),
        ("passphrase_of_another_turn", wrong, of(|it| it[7] += 1)),
    ]
}

const POSITION: Position = Position {
    epoch: EPOCH,
    last: NotedFrame {
        number: 1_234,
        hash: [6; 32],
        segment: 3,
        offset: 65_536,
    },
    begun: NotedFrame {
        number: 1_000,
        hash: [5; 32],
        segment: 2,
        offset: 128,
    },
};

/// turn ‖ epoch ‖ the last frame ‖ the history's first (number, hash, segment, offset) ‖ checksum.
fn position() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("position");
    PositionFile::create(&path).unwrap();
    // Turns 0 and 1 are those of its making.
    PositionFile::open(&path).unwrap().write(POSITION).unwrap();
    first(&path, 8 + 8 + 2 * (8 + 32 + 8 + 8) + 32)
}

fn bad_positions() -> Vec<Golden> {
    let none = "no_position";
    vec![
        ("position_good", "ok", position()),
        ("position_frame_altered", none, changed(position(), 23)),
        ("position_hash_altered", none, changed(position(), 24)),
        ("position_offset_altered", none, changed(position(), 71)),
        ("position_beginning_altered", none, changed(position(), 80)),
        ("position_checksum_altered", none, changed(position(), 128)),
        ("position_empty", none, vec![0; position().len()]),
        (
            "position_with_the_label_of_version_1",
            none,
            said(b"referral-ledger position v1", position(), |_| {}),
        ),
    ]
}

fn answer_of_position(entry: &[u8]) -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("position");
    let mut bytes = entry.to_vec();
    bytes.resize(2 * 4_096, 0);
    std::fs::write(&path, bytes).unwrap();
    match PositionFile::open(&path) {
        Ok(file) if file.read() == POSITION => "ok",
        Ok(_) => "another_position",
        Err(Fault::Damaged { .. }) => "no_position",
        Err(other) => panic!("{other}"),
    }
}

/// Puts an entry where a slot's file has it, both copies.
fn lay(path: &Path, entry: &[u8]) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(entry, 0).unwrap();
    file.write_all_at(entry, 1024 * 1024).unwrap();
}

fn answer_of_share(entry: &[u8]) -> &'static str {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("1");
    let made = Holder::create(&folder, &settings(false), split(), (1, 0), &Seal::OPEN);
    lay(&folder.join(SLOTS_NAME), entry);
    let Ok(found) = made.unwrap().shares(&Seal::OPEN) else {
        return "not_its_own";
    };
    let Some(share) = found.first() else {
        return "no_share";
    };
    let second = &shares()[1];
    if (share.epoch, share.root) != (second.epoch, second.root) {
        return "another_root";
    }
    let combined = shamir::combine(&[(share.index, &share.value), (2, &second.value)]).unwrap();
    if combined.id() == root().id() {
        "ok"
    } else {
        "does_not_fit"
    }
}

fn answer_of_record(entry: &[u8]) -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let (words, entropy) = (passphrase(), &mut SeededEntropy::new(14));
    let protection = Some((&words, SMALL));
    let home = Home::create(folder.path(), settings(true), protection, entropy).unwrap();
    home.finish().unwrap();
    lay(&folder.path().join("passphrase"), entry);
    match Home::open(folder.path(), LOG, Some(&words)) {
        Ok(_) => "ok",
        Err(Fault::Vault(VaultFault::WrongPassphrase)) => "wrong_passphrase",
        Err(Fault::Damaged { place, .. }) if place.contains("cost") => "cost_out_of_bounds",
        Err(Fault::Damaged { .. }) => "no_record",
        Err(other) => panic!("{other}"),
    }
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut codes = String::new();
    for (name, code, entry) in [bad_shares(), bad_records(), bad_positions()].concat() {
        codes += &format!("{name} {code}\n");
        files.insert(
            format!("{name}.slot"),
            format!("{}\n", hex(&entry)).into_bytes(),
        );
    }
    let second = hex(shares()[1].value.bytes());
    let noted = |frame: NotedFrame| {
        let (number, hash) = (frame.number, hex(&frame.hash));
        format!("{number} {hash} {} {}", frame.segment, frame.offset)
    };
    let (last, begun) = (noted(POSITION.last), noted(POSITION.begun));
    let known = format!(
        "log_id {}\nholders 3\nthreshold 2\nindex 1\nepoch {EPOCH}\nshare_of_holder_2 {second}\n\
         root {}\npassphrase {WORDS}\n\
         last_frame {last}\nfirst_frame {begun}\n",
        hex(&LOG),
        hex(root().bytes())
    );
    files.insert("codes.txt".to_owned(), codes.into_bytes());
    files.insert("known.txt".to_owned(), known.into_bytes());
    files
}

#[test]
fn the_golden_folder_of_the_vault_holds_these_files_and_no_others() {
    golden::holds_only("vault", files());
}

#[test]
fn every_golden_entry_is_answered_with_its_own_code() {
    let mut wrong = Vec::new();
    for (name, expected, entry) in bad_shares() {
        let code = answer_of_share(&entry);
        if code != expected {
            wrong.push(format!("{name}: {code}, not {expected}"));
        }
    }
    for (name, expected, entry) in bad_records() {
        let code = answer_of_record(&entry);
        if code != expected {
            wrong.push(format!("{name}: {code}, not {expected}"));
        }
    }
    for (name, expected, entry) in bad_positions() {
        let code = answer_of_position(&entry);
        if code != expected {
            wrong.push(format!("{name}: {code}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn most_golden_entries_are_bad_and_no_name_stands_twice() {
    let all = [bad_shares(), bad_records(), bad_positions()].concat();
    golden::mostly_bad(all.iter().map(|(name, code, _)| (*name, *code)), 28);
}
