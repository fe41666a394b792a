//! What opens, what does not, and why.

use super::*;
use crate::hex::hex;
use crate::seal::segment::{add_grant, added_grant_keys, segment_grants};

#[test]
fn the_layout_is_frozen() {
    let leaves = leaves();
    let [a, b, c, _] = [&leaves[0], &leaves[1], &leaves[2], &leaves[3]];
    let segment = seal(&context(), b"a name", &[vec![b, a], vec![c]]);
    let grant = add_grant(
        &context(),
        &segment,
        &[],
        &mut ring(&[c], &KeyState::Shredded),
        &[&leaves[3]],
        &mut SeededEntropy::new(300),
    );
    let made = format!("{}\n{}\n", hex(&segment), hex(&grant.unwrap().unwrap()));
    assert_eq!(made, include_str!("../golden/segment_two_grants.hex"));
}

#[test]
fn any_living_grant_opens_and_all_its_keys_are_needed() {
    let leaves = leaves();
    let [a, b, c, d] = [&leaves[0], &leaves[1], &leaves[2], &leaves[3]];
    let segment = seal(&context(), b"text", &[vec![a], vec![b, c]]);
    for (live, opens) in [
        (vec![a], true),
        (vec![b, c], true),
        (vec![a, b, c], true),
        (vec![b], false),
        (vec![c], false),
        (vec![d], false),
        (vec![], false),
    ] {
        let found = plain(open(&context(), &segment, &live));
        assert_eq!(found.is_some(), opens, "{live:?}");
        assert!(found.is_none_or(|text| text == b"text"));
    }
}

#[test]
fn shredded_fenced_and_unknown_are_told_apart_and_the_loudest_is_told() {
    let leaves = leaves();
    let [a, b, c, d] = [&leaves[0], &leaves[1], &leaves[2], &leaves[3]];
    let segment = seal(&context(), b"text", &[vec![a, b], vec![c, d]]);
    let state_of = |states: [char; 4]| {
        let mut keys = |id: &KeyId| {
            let at = leaves.iter().position(|leaf| leaf.id() == *id).unwrap();
            Ok(match states[at] {
                'l' => KeyState::Live(leaves[at].clone()),
                'f' => KeyState::Fenced,
                's' => KeyState::Shredded,
                _ => KeyState::Unknown,
            })
        };
        match open_segment(&context(), &segment, &[], &mut keys).unwrap() {
            Opened::Plain(_) => 'p',
            Opened::Shredded => 's',
            Opened::Fenced => 'f',
            Opened::UnknownKey => 'u',
        }
    };
    for (states, expected) in [
        ("ssll", 'p'),
        ("ssss", 's'),
        ("slls", 's'),
        ("fsus", 's'),
        ("flss", 'f'),
        ("fllf", 'f'),
        ("usfl", 'f'),
        ("ulss", 'u'),
        ("fluu", 'u'),
        ("fuss", 'u'),
        ("uull", 'p'),
    ] {
        let states: Vec<char> = states.chars().collect();
        assert_eq!(
            state_of(states.clone().try_into().unwrap()),
            expected,
            "{states:?}"
        );
    }
}

#[test]
fn the_key_ids_of_a_segment_are_read_without_a_key() {
    let leaves = leaves();
    let [a, b, c, _] = [&leaves[0], &leaves[1], &leaves[2], &leaves[3]];
    let segment = seal(&context(), b"", &[vec![c, a, c], vec![b]]);
    let expected = vec![vec![a.id(), c.id()], vec![b.id()]];
    assert_eq!(segment_grants(&segment).unwrap(), expected);
}

#[test]
fn every_length_comes_back() {
    let leaves = leaves();
    for length in [0, 1, 255, 256, 1023, 4095, 4096, 65_535] {
        let text = vec![0x80; length];
        let segment = seal(&context(), &text, &[vec![&leaves[0]]]);
        assert_eq!(plain(open(&context(), &segment, &[&leaves[0]])), Some(text));
    }
    let long = vec![0; 65_536];
    assert!(seal_segment(&context(), &long, &[vec![&leaves[0]]], &mut entropy()).is_err());
}

#[test]
fn a_later_grant_opens_once_the_first_ground_is_gone() {
    let leaves = leaves();
    let [a, b, c, d] = [&leaves[0], &leaves[1], &leaves[2], &leaves[3]];
    let segment = seal(&context(), b"text", &[vec![a]]);
    let shredded = KeyState::Shredded;
    let mut through = ring(&[a], &shredded);
    let entropy = &mut SeededEntropy::new(1);
    let first = add_grant(&context(), &segment, &[], &mut through, &[c, b], entropy);
    let first = first.unwrap().unwrap();
    assert_eq!(added_grant_keys(&first).unwrap(), [b.id(), c.id()]);
    let opened = |added: &[&[u8]], live: &[&LeafHandle]| {
        plain(open_segment(
            &context(),
            &segment,
            added,
            &mut ring(live, &shredded),
        ))
    };
    assert!(opened(&[&first], &[b, c]).is_some());
    assert!(opened(&[&first], &[b]).is_none());
    assert!(opened(&[], &[b, c]).is_none());
    // A further ground can be granted through the added one.
    let added: [&[u8]; 1] = [&first];
    let mut through = ring(&[b, c], &shredded);
    let second = add_grant(&context(), &segment, &added, &mut through, &[d], entropy);
    let second = second.unwrap().unwrap();
    assert!(opened(&[&first, &second], &[d]).is_some());
    // Nothing is granted through a fence or from the dead.
    for state in [KeyState::Fenced, KeyState::Shredded, KeyState::Unknown] {
        let mut through = ring(&[], &state);
        let refused = add_grant(&context(), &segment, &added, &mut through, &[d], entropy);
        assert!(refused.unwrap().is_none());
    }
}

#[test]
fn two_seals_of_one_text_share_nothing() {
    let leaves = leaves();
    let mut entropy = entropy();
    let mut seal = || seal_segment(&context(), b"x", &[vec![&leaves[0]]], &mut entropy).unwrap();
    let (first, second) = (seal(), seal());
    let shared = first
        .windows(8)
        .skip(18)
        .filter(|w| second.windows(8).any(|v| v == *w));
    assert_eq!(shared.count(), 0);
}
