//! Bytes in hexadecimal digits, small letters, and back.

use std::fmt::Write;

/// The digits of some bytes.
pub fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// As many bytes as asked for, from exactly their digits; no other spelling of them.
pub(crate) fn from_hex<const BYTES: usize>(digits: &str) -> Option<[u8; BYTES]> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let mut bytes = [0; BYTES];
    if pairs.len() != BYTES {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits_and_from_no_other_spelling() {
        for byte in 0..=255 {
            assert_eq!(from_hex(&hex(&[byte, 7])), Some([byte, 7]));
        }
        for digits in [
            "", "a", "abc", "0A", "+1", "0x", " 1", "1 ", "gg", "é", "abcd",
        ] {
            assert_eq!(from_hex::<1>(digits), None, "{digits}");
        }
        assert_eq!(from_hex::<0>(""), Some([]));
    }
}
