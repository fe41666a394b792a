//! Shamir's secret sharing of 32 bytes over GF(256): k of n shares give the secret, k − 1 tell
//! nothing.
//!
//! - No table and no branch depends on a secret byte.
//! - Every coefficient is uniform over all 256 values, the highest too (RUSTSEC-2024-0398).
//! - The field is that of 0x11D, so that another implementation can check this one.

use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::keys::secret::{KEY_BYTES, Key};

/// The reduction polynomial x⁸ + x⁴ + x³ + x² + 1, without its highest term.
const REDUCTION: u8 = 0x1D;

/// Splits a secret into the shares of holders 1 to n, any `threshold` of which give it back.
pub(super) fn split(
    secret: &Key,
    threshold: u8,
    holders: u8,
    entropy: &mut dyn Entropy,
) -> Vec<(u8, Key)> {
    assert!(
        threshold > 0 && threshold <= holders,
        "a threshold within the holders"
    );
    // From the highest power down to the first; the secret itself is the constant term.
    let coefficients: Vec<Key> = (1..threshold).map(|_| Key::generate(entropy)).collect();
    (1..=holders)
        .map(|index| (index, evaluate(secret, &coefficients, index)))
        .collect()
}

/// The secret that these shares are of, if they are shares of one at all: with fewer than the
/// threshold, or mixed ones, it is some other key, which the caller knows by its id. None if two
/// have the same holder, or one has none.
pub(super) fn combine(shares: &[(u8, &Key)]) -> Option<Key> {
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    for (place, (index, share)) in shares.iter().enumerate() {
        let mut weight = 1;
        for (other_place, (other, _)) in shares.iter().enumerate() {
            if other_place == place {
                continue;
            }
            if other == index || *other == 0 {
                return None;
            }
            weight = multiply(weight, multiply(*other, invert(other ^ index)));
        }
        if *index == 0 {
            return None;
        }
        for (sum, byte) in secret.iter_mut().zip(share.bytes()) {
            *sum ^= multiply(weight, *byte);
        }
    }
    (!shares.is_empty()).then(|| Key::from_bytes(&secret))
}

/// The polynomial's value at a place, by Horner's rule.
fn evaluate(secret: &Key, coefficients: &[Key], place: u8) -> Key {
    let mut value = Zeroizing::new([0; KEY_BYTES]);
    for coefficient in coefficients.iter().chain([secret]) {
        for (sum, byte) in value.iter_mut().zip(coefficient.bytes()) {
            *sum = multiply(*sum, place) ^ byte;
        }
    }
    Key::from_bytes(&value)
}

fn multiply(left: u8, right: u8) -> u8 {
    let (mut left, mut right, mut product) = (left, right, 0);
    for _ in 0..8 {
        product ^= left & 0_u8.wrapping_sub(right & 1);
        let carry = 0_u8.wrapping_sub(left >> 7);
        left = (left << 1) ^ (REDUCTION & carry);
        right >>= 1;
    }
    product
}

/// The power 254, which is the inverse of everything but zero.
fn invert(value: u8) -> u8 {
    let mut square = value;
    let mut inverse = 1;
    for _ in 0..7 {
        square = multiply(square, square);
        inverse = multiply(inverse, square);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keys::testing::SeededEntropy;

    fn shares_of(secret: &Key, threshold: u8, holders: u8, seed: u64) -> Vec<(u8, Key)> {
        split(secret, threshold, holders, &mut SeededEntropy::new(seed))
    }

    fn chosen<'a>(shares: &'a [(u8, Key)], which: &[usize]) -> Vec<(u8, &'a Key)> {
        which
            .iter()
            .map(|place| (shares[*place].0, &shares[*place].1))
            .collect()
    }

    #[test]
    fn the_field_is_a_field() {
        for value in 1..=255_u8 {
            assert_eq!(multiply(value, invert(value)), 1, "{value}");
            assert_eq!(multiply(value, 1), value);
            assert_eq!(multiply(value, 0), 0);
        }
        // 2 · 0x80 is where the reduction comes in.
        assert_eq!(multiply(2, 0x80), 0x1D);
    }

    proptest! {
        #[test]
        fn any_threshold_of_the_shares_give_the_secret_and_one_less_does_not(
            secret: [u8; 32],
            holders in 2_u8..8,
            seed: u64,
            order in Just((0_usize..8).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let secret = Key::from_bytes(&secret);
            for threshold in 2..=holders {
                let shares = shares_of(&secret, threshold, holders, seed);
                let mut which: Vec<usize> = order.clone();
                which.retain(|place| *place < usize::from(holders));
                which.truncate(usize::from(threshold));
                let found = combine(&chosen(&shares, &which)).unwrap();
                prop_assert_eq!(found.bytes(), secret.bytes());
                which.pop();
                let short = combine(&chosen(&shares, &which)).unwrap();
                prop_assert_ne!(short.bytes(), secret.bytes());
            }
        }

        #[test]
        fn another_implementation_recovers_from_our_shares_and_we_from_its(
            secret: [u8; 32],
            threshold in 2_u8..6,
            seed: u64,
        ) {
            let ours = shares_of(&Key::from_bytes(&secret), threshold, 7, seed);
            let theirs: Vec<blahaj::Share> = ours
                .iter()
                .rev()
                .take(usize::from(threshold))
                .map(|(index, share)| {
                    let bytes = [&[*index], share.bytes().as_slice()].concat();
                    blahaj::Share::try_from(bytes.as_slice()).unwrap()
                })
                .collect();
            let recovered = blahaj::Sharks(threshold).recover(&theirs).unwrap();
            prop_assert_eq!(recovered.as_slice(), &secret);
            let dealt: Vec<(u8, Key)> = blahaj::Sharks(threshold)
                .dealer(&secret)
                .take(usize::from(threshold))
                .map(|share| {
                    let bytes = Vec::from(&share);
                    (bytes[0], Key::from_bytes(&bytes[1..].try_into().unwrap()))
                })
                .collect();
            let dealt: Vec<(u8, &Key)> = dealt.iter().map(|(x, y)| (*x, y)).collect();
            let recovered = combine(&dealt).unwrap();
            prop_assert_eq!(recovered.bytes(), &secret);
        }
    }

    #[test]
    fn shares_of_two_splits_of_one_secret_do_not_combine() {
        let secret = Key::generate(&mut SeededEntropy::new(1));
        let (first, second) = (shares_of(&secret, 2, 3, 2), shares_of(&secret, 2, 3, 3));
        let mixed = [(1, &first[0].1), (2, &second[1].1)];
        assert_ne!(combine(&mixed).unwrap().bytes(), secret.bytes());
    }

    #[test]
    fn a_holder_named_twice_or_zero_gives_nothing() {
        let secret = Key::generate(&mut SeededEntropy::new(1));
        let shares = shares_of(&secret, 2, 3, 2);
        assert!(combine(&[(1, &shares[0].1), (1, &shares[0].1)]).is_none());
        assert!(combine(&[(0, &shares[0].1), (2, &shares[1].1)]).is_none());
        assert!(combine(&[]).is_none());
    }

    /// With coefficients that are never zero, one share less than needed rules one value out.
    #[test]
    fn every_coefficient_may_be_zero_the_highest_too() {
        let secret = Key::from_bytes(&[0x5A; 32]);
        let equal = (0..400)
            .filter(|seed| {
                let shares = shares_of(&secret, 2, 2, *seed);
                let same = shares[0].1.bytes().iter().zip(secret.bytes());
                same.into_iter().any(|(share, secret)| share == secret)
            })
            .count();
        assert!(equal > 0, "12 800 bytes, one in 256 of them");
    }
}
