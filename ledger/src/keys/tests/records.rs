//! Key records: frozen bytes, strict reading, and what they put into the index.

use super::closure::carve;
use crate::hex::hex;
use crate::keys::Cut;
use crate::keys::index::{KeyIndex, MemoryIndex};
use crate::keys::place::{Cohort, LeafNumber, Place};
use crate::keys::record::{KeyRecord, Origin, RotationId, WRAP_RECORD_BYTES, Wrap, index_records};
use crate::keys::secret::{HeldKey, Key, KeyId};
use crate::keys::testing::{SeededEntropy, Written};
use crate::keys::tree::{KeyState, KeyTree};

fn wrap() -> Wrap {
    let mut entropy = SeededEntropy::new(42);
    let parent = HeldKey::new(Key::generate(&mut entropy));
    let child = HeldKey::new(Key::generate(&mut entropy));
    let place = Place::leaf(LeafNumber(0x2AA0_0001));
    Wrap::make(place, Origin::Inserted, 7, &parent, &child, &mut entropy)
}

fn one_of_each() -> Vec<KeyRecord> {
    let (key, rotation) = (KeyId([0x11; 16]), RotationId([0x22; 16]));
    vec![
        KeyRecord::Wrap(wrap()),
        KeyRecord::Fence { key },
        KeyRecord::Unfence { key },
        KeyRecord::Dead { key },
        KeyRecord::Intent {
            rotation,
            epoch: 8,
            old_root: KeyId([0x33; 16]),
            new_root: KeyId([0x44; 16]),
        },
        KeyRecord::Target { rotation, key },
        KeyRecord::Ready {
            rotation,
            count: 5,
            digest: [0x55; 32],
        },
        KeyRecord::Done {
            rotation,
            epoch: 8,
            root: KeyId([0x44; 16]),
        },
        KeyRecord::Abandoned { rotation },
        KeyRecord::Cut(Cut {
            position: 0x66,
            segments: 0b101,
        }),
    ]
}

#[test]
fn the_layout_is_frozen() {
    let golden = include_str!("../golden/key_records.hex");
    let made: Vec<String> = one_of_each().iter().map(|r| hex(&r.to_bytes())).collect();
    assert_eq!(made.join("\n") + "\n", golden);
    assert_eq!(one_of_each()[0].to_bytes().len(), WRAP_RECORD_BYTES);
}

#[test]
fn every_kind_reads_back_as_written() {
    for record in one_of_each() {
        assert_eq!(KeyRecord::from_bytes(&record.to_bytes()).unwrap(), record);
    }
}

#[test]
fn no_single_changed_missing_or_added_byte_is_accepted() {
    for record in one_of_each() {
        let good = record.to_bytes();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x01;
            assert!(KeyRecord::from_bytes(&bad).is_err(), "{record:?} byte {at}");
            assert!(
                KeyRecord::from_bytes(&good[..at]).is_err(),
                "{record:?} cut {at}"
            );
        }
        assert!(KeyRecord::from_bytes(&[good.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn wraps_at_impossible_places_are_refused() {
    use sha2::{Digest, Sha256};
    let good = KeyRecord::Wrap(wrap()).to_bytes();
    for (depth, prefix, origin) in [(0_u8, 0_u32, 0_u8), (9, 0, 0), (1, 16, 0), (8, 1, 2)] {
        let mut bad = good.clone();
        bad[5] = depth;
        bad[6..10].copy_from_slice(&prefix.to_be_bytes());
        bad[10] = origin;
        let end = bad.len() - 8;
        let check = Sha256::digest(&bad[..end]);
        bad[end..].copy_from_slice(&check[..8]);
        assert!(
            KeyRecord::from_bytes(&bad).is_err(),
            "{depth} {prefix} {origin}"
        );
    }
}

#[test]
fn a_wrap_opens_only_under_its_parent_and_at_its_own_place() {
    let mut entropy = SeededEntropy::new(42);
    let parent = Key::generate(&mut entropy);
    let other = Key::generate(&mut entropy);
    assert!(wrap().open(&parent).is_some());
    assert!(wrap().open(&other).is_none());
    let moved: [fn(&mut Wrap); 6] = [
        |wrap| wrap.place = Place::leaf(LeafNumber(0x2AA0_0002)),
        |wrap| wrap.origin = Origin::Rotated,
        |wrap| wrap.epoch += 1,
        |wrap| wrap.parent = KeyId([0; 16]),
        |wrap| wrap.child = KeyId([0; 16]),
        |wrap| wrap.wrapped[47] ^= 1,
    ];
    for change in moved {
        let mut bad = wrap();
        change(&mut bad);
        assert!(bad.open(&parent).is_none());
    }
}

#[test]
fn records_are_carved_at_any_offset_out_of_noise() {
    let mut bytes = vec![0x52; 37];
    for record in one_of_each() {
        bytes.extend(record.to_bytes());
        bytes.extend([0x4C, 0x52, 0x4C]);
    }
    assert_eq!(carve(&bytes), vec![wrap()]);
}

#[test]
fn several_records_in_a_row_are_indexed_and_a_broken_one_among_them_is_not_skipped() {
    let all: Vec<u8> = one_of_each().iter().flat_map(KeyRecord::to_bytes).collect();
    let records = index_records(&all).unwrap();
    assert!(records.iter().all(|record| record.key.starts_with(b"k")));
    let mut bad = all;
    bad[WRAP_RECORD_BYTES + 6] ^= 1;
    assert!(index_records(&bad).is_err());
}

#[test]
fn indexing_again_gives_the_same_index_whatever_was_there() {
    let mut entropy = SeededEntropy::new(3);
    let (mut tree, _, record) = KeyTree::create(&mut entropy);
    let mut written = Written::default();
    written.write(&[record]);
    let mut ids = Vec::new();
    for _ in 0..4 {
        let index = &written.index;
        let leaf = tree
            .insert_leaf(index, Cohort::Record, &mut entropy)
            .unwrap();
        written.write(&leaf.records);
        ids.push(leaf.id());
    }
    let rotation = tree
        .rotate(&written.index, &ids[..1], &mut entropy)
        .unwrap();
    written.write(rotation.records());
    written.write(&rotation.closing_records());
    tree.install(rotation).unwrap();
    let mut again = MemoryIndex::default();
    for _ in 0..2 {
        for bytes in &written.records {
            again.apply(index_records(bytes).unwrap());
        }
    }
    assert!(again.value(b"ki").unwrap().is_none());
    assert!(matches!(
        tree.key(&again, ids[0]).unwrap(),
        KeyState::Shredded
    ));
    for id in &ids[1..] {
        assert!(matches!(tree.key(&again, *id).unwrap(), KeyState::Live(_)));
    }
}
