//! Segments that were moved, cut, re-granted or forged. None of them opens.

use super::*;
use crate::limits::{GRANT_KEYS_MAX, GRANTS_MAX};
use crate::seal::segment::{add_grant, added_grant_keys, segment_grants};

/// Bytes of a grant with one key, after the count of grants.
const GRANT: usize = 1 + 16 + 24 + 48;

#[test]
fn a_segment_opens_only_where_it_was_sealed() {
    let leaves = leaves();
    let a = &leaves[0];
    let segment = seal(&context(), b"text", &[vec![a]]);
    let other_log = [0x1E; 32];
    let here = context();
    let elsewhere = [
        SegmentContext {
            log_id: &other_log,
            ..here
        },
        SegmentContext {
            leaf_index: 513,
            ..here
        },
        SegmentContext { number: 0, ..here },
        SegmentContext { number: 2, ..here },
        SegmentContext { count: 2, ..here },
        SegmentContext { count: 4, ..here },
        SegmentContext { schema: 3, ..here },
        SegmentContext { number: 3, ..here },
        SegmentContext { count: 17, ..here },
    ];
    assert!(plain(open(&here, &segment, &[a])).is_some());
    for context in &elsewhere {
        assert!(refused(&open(context, &segment, &[a])), "{context:?}");
    }
}

#[test]
fn swapped_segments_do_not_open() {
    let leaves = leaves();
    let a = &leaves[0];
    let first = SegmentContext {
        number: 0,
        ..context()
    };
    let second = context();
    let segments = [
        seal(&first, b"one", &[vec![a]]),
        seal(&second, b"two", &[vec![a]]),
    ];
    assert!(refused(&open(&first, &segments[1], &[a])));
    assert!(refused(&open(&second, &segments[0], &[a])));
}

#[test]
fn no_changed_byte_is_accepted() {
    let leaves = leaves();
    let a = &leaves[0];
    let segment = seal(&context(), b"text", &[vec![a]]);
    for at in 0..segment.len() {
        let mut bad = segment.clone();
        bad[at] ^= 0x01;
        let opened = open(&context(), &bad, &[a]);
        // A changed key id names another key: then nothing opens, whatever that key is.
        assert!(plain(opened).is_none(), "byte {at}");
    }
}

#[test]
fn a_stripped_reordered_or_replaced_grant_breaks_the_segment() {
    let leaves = leaves();
    let [a, b] = [&leaves[0], &leaves[1]];
    let segment = seal(&context(), b"text", &[vec![a], vec![b]]);
    let (grants, rest) = segment[1..].split_at(2 * GRANT);
    let (first, second) = grants.split_at(GRANT);
    let stripped = [&[1][..], first, rest].concat();
    let reordered = [&[2][..], second, first, rest].concat();
    let doubled = [&[3][..], first, second, second, rest].concat();
    let mut through = ring(&[a], &KeyState::Shredded);
    let mut entropy = SeededEntropy::new(9);
    let fresh = add_grant(&context(), &segment, &[], &mut through, &[b], &mut entropy);
    let replaced = [&[2][..], first, &fresh.unwrap().unwrap(), rest].concat();
    for bad in [stripped, reordered, doubled, replaced] {
        assert!(refused(&open(&context(), &bad, &[a, b])));
    }
}

/// The operator wraps another segment key for a second reader: each grant opens by itself, but the
/// commitment fits one key only, so there is no second reading.
#[test]
fn a_second_reading_under_another_key_is_rejected_by_the_commitment() {
    let leaves = leaves();
    let [a, b] = [&leaves[0], &leaves[1]];
    let honest = seal(&context(), b"she was told", &[vec![a]]);
    let other = seal_segment(
        &context(),
        b"she was not told",
        &[vec![b]],
        &mut SeededEntropy::new(201),
    )
    .unwrap();
    let grant_of_other = &other[1..=GRANT];
    let opened = open_segment(
        &context(),
        &honest,
        &[grant_of_other],
        &mut ring(&[b], &KeyState::Shredded),
    );
    let Err(Fault::Damaged { place, .. }) = opened else {
        panic!("the second reading opens");
    };
    assert!(place.contains("commitment"), "{place}");
    // Nor may it be handed on.
    let granted = add_grant(
        &context(),
        &honest,
        &[grant_of_other],
        &mut ring(&[b], &KeyState::Shredded),
        &[a],
        &mut entropy(),
    );
    assert!(granted.is_err());
}

#[test]
fn a_flipped_commitment_is_refused_as_such() {
    let leaves = leaves();
    let mut segment = seal(&context(), b"text", &[vec![&leaves[0]]]);
    segment[1 + GRANT + 24] ^= 0x80;
    let Err(Fault::Damaged { place, .. }) = open(&context(), &segment, &[&leaves[0]]) else {
        panic!("opens");
    };
    assert!(place.contains("commitment"), "{place}");
}

#[test]
fn shortened_and_lengthened_segments_are_refused() {
    let leaves = leaves();
    let a = &leaves[0];
    let segment = seal(&context(), b"text", &[vec![a]]);
    for cut in 0..segment.len() {
        assert!(
            refused(&open(&context(), &segment[..cut], &[a])),
            "cut at {cut}"
        );
    }
    for more in [1, 16, 256] {
        let longer = [&segment[..], &vec![0; more]].concat();
        assert!(refused(&open(&context(), &longer, &[a])));
    }
}

#[test]
fn counts_out_of_range_and_unordered_keys_are_refused_before_any_key_is_asked_for() {
    let leaves = leaves();
    let [a, b] = [&leaves[0], &leaves[1]];
    let segment = seal(&context(), b"text", &[vec![a, b]]);
    let mut bads = Vec::new();
    for count in [0, 9, 255] {
        let mut bad = segment.clone();
        bad[0] = count;
        bads.push(bad);
    }
    for count in [0, 5, 255] {
        let mut bad = segment.clone();
        bad[1] = count;
        bads.push(bad);
    }
    let (low, high) = (segment[2..18].to_vec(), segment[18..34].to_vec());
    let mut swapped = segment.clone();
    swapped[2..18].copy_from_slice(&high);
    swapped[18..34].copy_from_slice(&low);
    let mut same = segment.clone();
    same[18..34].copy_from_slice(&low);
    bads.extend([swapped, same, Vec::new()]);
    for bad in bads {
        assert!(segment_grants(&bad).is_err());
        let mut nobody = |_: &KeyId| -> Result<KeyState, Fault> { panic!("a key was asked for") };
        assert!(refused(&open_segment(&context(), &bad, &[], &mut nobody)));
    }
}

#[test]
fn segments_without_grants_or_with_too_many_are_not_sealed() {
    let leaves = leaves();
    let a = &leaves[0];
    let five: Vec<_> = (0..=GRANT_KEYS_MAX)
        .map(|seed| leaf(&mut SeededEntropy::new(u64::try_from(seed).unwrap())))
        .collect();
    let bad: [Vec<Vec<&LeafHandle>>; 4] = [
        vec![],
        vec![vec![]],
        vec![vec![a]; GRANTS_MAX + 1],
        vec![five.iter().collect()],
    ];
    for grants in bad {
        assert!(seal_segment(&context(), b"", &grants, &mut entropy()).is_err());
    }
}

#[test]
fn added_grants_of_other_segments_and_malformed_ones_are_refused() {
    let leaves = leaves();
    let [a, b] = [&leaves[0], &leaves[1]];
    let segment = seal(&context(), b"text", &[vec![a]]);
    let grant = |context: &SegmentContext<'_>, segment: &[u8]| {
        let mut through = ring(&[a], &KeyState::Shredded);
        add_grant(
            context,
            segment,
            &[],
            &mut through,
            &[b],
            &mut SeededEntropy::new(4),
        )
        .unwrap()
        .unwrap()
    };
    let own = grant(&context(), &segment);
    let next = SegmentContext {
        leaf_index: 513,
        ..context()
    };
    let foreign = grant(&next, &seal(&next, b"text", &[vec![a]]));
    let longer = [&own[..], &[0]].concat();
    for (added, opens) in [
        (own.as_slice(), true),
        (&foreign, false),
        (&longer, false),
        (&own[..own.len() - 1], false),
        (&[], false),
    ] {
        let mut keys = ring(&[b], &KeyState::Shredded);
        let opened = open_segment(&context(), &segment, &[added], &mut keys);
        assert_eq!(plain(opened).is_some(), opens);
    }
    assert!(added_grant_keys(&longer).is_err());
    let many = vec![own.as_slice(); 65];
    let mut keys = ring(&[b], &KeyState::Shredded);
    assert!(refused(&open_segment(
        &context(),
        &segment,
        &many,
        &mut keys
    )));
}

#[test]
fn a_key_that_is_not_the_one_asked_for_is_refused() {
    let leaves = leaves();
    let segment = seal(&context(), b"text", &[vec![&leaves[0]]]);
    let mut keys = |_: &KeyId| Ok(KeyState::Live(leaves[1].clone()));
    assert!(refused(&open_segment(&context(), &segment, &[], &mut keys)));
}
