//! Padding: what is sealed shows its size in steps only (256 B, 1 KiB, 4 KiB, then Padmé).
//!
//! Padded = plaintext ‖ 0x80 ‖ zeros. Padmé: Nikitin et al., PoPETs 2019(4), at most 12 % above 4
//! KiB.

use zeroize::Zeroizing;

use crate::error::Fault;
use crate::limits::SEGMENT_PLAIN_BYTES_MAX;

const MARK: u8 = 0x80;
const STEPS: [usize; 3] = [256, 1024, 4096];

/// Bytes that a plaintext of this length takes once padded; a fault above the segment limit.
pub fn padded_bytes(plain_bytes: usize) -> Result<usize, Fault> {
    let marked = plain_bytes.saturating_add(1);
    let padded = match STEPS.into_iter().find(|step| marked <= *step) {
        Some(step) => step,
        None => padme(marked),
    };
    if padded <= SEGMENT_PLAIN_BYTES_MAX {
        Ok(padded)
    } else {
        Err(Fault::damaged("segment", "plaintext above the limit"))
    }
}

/// Appends the padded plaintext to a buffer that has room for it.
pub(crate) fn pad_into(plain: &[u8], buffer: &mut Vec<u8>) -> Result<(), Fault> {
    let padded = padded_bytes(plain.len())?;
    let end = buffer.len().saturating_add(padded);
    buffer.extend_from_slice(plain);
    buffer.push(MARK);
    buffer.resize(end, 0);
    Ok(())
}

/// Takes the padding off; anything but the one padding that `pad_into` makes is damage.
pub(crate) fn unpad(mut padded: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let plain_bytes = padded
        .iter()
        .rposition(|byte| *byte != 0)
        .filter(|at| padded.get(*at) == Some(&MARK))
        .ok_or_else(damaged)?;
    if padded_bytes(plain_bytes)? != padded.len() {
        return Err(damaged());
    }
    padded.truncate(plain_bytes);
    Ok(padded)
}

/// Rounds up so that only the leading bits of a length show.
fn padme(bytes: usize) -> usize {
    let exponent = bytes.ilog2();
    let kept = exponent.checked_ilog2().map_or(1, |log| log + 1);
    let mask = (1_usize << exponent.saturating_sub(kept)) - 1;
    bytes.saturating_add(mask) & !mask
}

fn damaged() -> Fault {
    Fault::damaged("segment", "padding")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pad(plain: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut buffer = Zeroizing::new(Vec::new());
        pad_into(plain, &mut buffer).unwrap();
        buffer
    }

    #[test]
    fn sizes_are_the_steps_and_then_padme() {
        for (plain, padded) in [
            (0, 256),
            (255, 256),
            (256, 1024),
            (1023, 1024),
            (1024, 4096),
            (4095, 4096),
            (4096, 4352),
            (5000, 5120),
            (40_000, 40_960),
            (65_535, 65_536),
        ] {
            assert_eq!(padded_bytes(plain).unwrap(), padded, "{plain}");
        }
        assert!(padded_bytes(65_536).is_err());
        assert!(padded_bytes(usize::MAX).is_err());
    }

    #[test]
    fn padme_costs_at_most_twelve_per_cent() {
        for plain in 4096..60_000 {
            let padded = padded_bytes(plain).unwrap();
            assert!(
                padded > plain && padded * 100 <= (plain + 1) * 112,
                "{plain}"
            );
        }
    }

    #[test]
    fn what_was_padded_comes_back() {
        for plain in [&b""[..], b"a", &[0; 300], &[MARK; 1023], &[7; 5000]] {
            assert_eq!(unpad(pad(plain)).unwrap().as_slice(), plain);
        }
    }

    #[test]
    fn every_other_padding_is_refused() {
        let bad: [Vec<u8>; 6] = [
            Vec::new(),
            vec![0; 256],
            [&b"text"[..], &[0; 252]].concat(),
            [&b"text\x80"[..], &[0; 250]].concat(),
            [&b"text\x80"[..], &[0; 1019]].concat(),
            [pad(b"text").as_slice(), &[0]].concat(),
        ];
        for bytes in bad {
            assert!(unpad(Zeroizing::new(bytes)).is_err());
        }
    }
}
