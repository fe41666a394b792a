//! Sealed values of the index: frozen bytes, and none that was altered, moved, cut, or is asked for
//! by something else.

use crate::hex::hex;
use crate::keys::IndexKeys;
use crate::keys::secret::Key;
use crate::keys::testing::SeededEntropy;

/// First the index key; then in each line what it is about, place in the index, what it is asked
/// by, what it holds (or `-`: it does not open), value. In hex, `.` where there is nothing.
const GOLDEN: &str = include_str!("../golden/index_values.txt");

const PLACE: &[u8] = b"c0123456789abcdef";
const ASKED_BY: &[u8] = b"a client code";
const HOLDS: [u8; 16] = [0xA5; 16];

fn key(seed: u64) -> Key {
    Key::generate(&mut SeededEntropy::new(seed))
}

fn keys(seed: u64) -> IndexKeys {
    IndexKeys::new(&key(seed))
}

fn shown(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return ".".to_owned();
    }
    hex(bytes)
}

fn sealed() -> Vec<u8> {
    keys(1).value(PLACE, ASKED_BY).seal(&HOLDS)
}

/// Its name, place in the index, what it is asked by, value.
type Case = (&'static str, Vec<u8>, Vec<u8>, Vec<u8>);

/// The good value, and what somebody may do to it.
fn cases() -> Vec<Case> {
    let with = |at: usize| {
        let mut value = sealed();
        value[at] ^= 1;
        value
    };
    let own = |name, value| (name, PLACE.to_vec(), ASKED_BY.to_vec(), value);
    let other = b"c0123456789abcdeF".to_vec();
    let end = sealed().len() - 1;
    vec![
        own("as_written", sealed()),
        own("of_another_version", with(0)),
        own("nonce_altered", with(1)),
        own("ciphertext_altered", with(25)),
        own("tag_altered", with(end)),
        own("one_byte_short", sealed()[..end].to_vec()),
        own("one_byte_more", [sealed(), vec![0]].concat()),
        own("cut_before_its_tag", sealed()[..25].to_vec()),
        own("empty", Vec::new()),
        own(
            "under_another_index_key",
            keys(2).value(PLACE, ASKED_BY).seal(&HOLDS),
        ),
        ("moved_to_another_place", other, ASKED_BY.to_vec(), sealed()),
        (
            "asked_for_by_another",
            PLACE.to_vec(),
            b"a client codf".to_vec(),
            sealed(),
        ),
        ("asked_for_by_nothing", PLACE.to_vec(), Vec::new(), sealed()),
    ]
}

#[test]
fn values_of_the_index_are_frozen_and_open_only_as_they_were_sealed() {
    let line = |(name, place, asked, value): &Case| {
        let opened = keys(1).value(place, asked).open(value);
        let opened = opened.map_or_else(|| "-".to_owned(), |it| shown(&it));
        let [place, asked, value] = [place, asked, value].map(|it| shown(it));
        format!("{name} {place} {asked} {opened} {value}")
    };
    let made: Vec<String> = cases().iter().map(line).collect();
    let index_key = format!("index_key {}", hex(key(1).bytes()));
    assert_eq!(format!("{index_key}\n{}\n", made.join("\n")), GOLDEN);
    let good = made.iter().filter(|line| !line.contains(" - "));
    assert_eq!(good.count(), 1, "all others are bad");
}

#[test]
fn a_value_is_as_long_as_any_other_and_tells_equal_ones_at_one_place_only() {
    let keys = keys(1);
    let of = |place: &[u8], asked: &[u8], plain: [u8; 16]| keys.value(place, asked).seal(&plain);
    assert_eq!(
        of(PLACE, ASKED_BY, HOLDS),
        sealed(),
        "a repetition is the same bytes"
    );
    assert_eq!(sealed().len(), 57);
    let other = of(PLACE, ASKED_BY, [0; 16]);
    assert_eq!(other.len(), sealed().len());
    assert_ne!(
        other[1..25],
        sealed()[1..25],
        "no nonce is used for two values"
    );
    assert_ne!(of(b"d", ASKED_BY, HOLDS), sealed());
}
