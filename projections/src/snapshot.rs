//! The bytes of a view's snapshot, before the ledger seals them (SPEC §10).
//!
//! - `version (u32, little endian) ‖ position (u64, little endian) ‖ rows (bincode, standard)`.
//! - Anything unexpected is damage; damage only costs a rebuild.

use ledger::error::Fault;
use ledger::limits::VIEW_SNAPSHOT_BYTES_MAX;

use crate::projection::Projection;

/// The snapshot of a view that has folded every event before `position`.
pub(crate) fn encode<P: Projection>(position: u64, view: &P) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&P::VERSION.to_le_bytes());
    bytes.extend_from_slice(&position.to_le_bytes());
    bincode::serde::encode_into_std_write(view, &mut bytes, LAYOUT)
        .map_err(|error| damaged(P::NAME, &error.to_string()))?;
    Ok(bytes)
}

/// The view in a snapshot that the ledger kept for this position.
pub(crate) fn decode<P: Projection>(position: u64, bytes: &[u8]) -> Result<P, Fault> {
    let (version, rest) = split(P::NAME, bytes)?;
    let version = u32::from_le_bytes(version);
    if version != P::VERSION {
        return Err(Fault::UnknownFormat {
            what: P::NAME,
            version,
        });
    }
    let (held, rows) = split(P::NAME, rest)?;
    if u64::from_le_bytes(held) != position {
        return Err(damaged(P::NAME, "it is of another position"));
    }
    let (mut view, read): (P, usize) = bincode::serde::decode_from_slice(rows, LAYOUT)
        .map_err(|error| damaged(P::NAME, &error.to_string()))?;
    if read != rows.len() {
        return Err(damaged(P::NAME, "there are bytes after its end"));
    }
    view.reindex();
    Ok(view)
}

fn split<'a, const N: usize>(name: &str, bytes: &'a [u8]) -> Result<([u8; N], &'a [u8]), Fault> {
    let (first, rest) = bytes
        .split_first_chunk()
        .ok_or_else(|| damaged(name, "it is too short"))?;
    Ok((*first, rest))
}

fn damaged(name: &str, why: &str) -> Fault {
    Fault::Damaged {
        what: "snapshot of a view",
        place: format!("{name}: {why}"),
    }
}

/// The limit keeps a damaged length from asking for more memory than a snapshot may have.
const LAYOUT: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<VIEW_SNAPSHOT_BYTES_MAX>,
> = bincode::config::standard().with_limit::<VIEW_SNAPSHOT_BYTES_MAX>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Counts;

    #[test]
    fn a_snapshot_gives_the_view_back() {
        let bytes = encode(7, &Counts::default()).unwrap();
        assert!(decode::<Counts>(7, &bytes).unwrap() == Counts::default());
    }

    #[test]
    fn a_snapshot_of_another_version_is_not_read() {
        let mut bytes = encode(7, &Counts::default()).unwrap();
        bytes[0] ^= 0x40;
        let fault = decode::<Counts>(7, &bytes).err();
        assert!(matches!(fault, Some(Fault::UnknownFormat { .. })));
    }

    #[test]
    fn a_snapshot_cut_short_extended_or_moved_is_damage() {
        let bytes = encode(7, &Counts::default()).unwrap();
        for length in 4..bytes.len() {
            let fault = decode::<Counts>(7, &bytes[..length]).err();
            assert!(matches!(fault, Some(Fault::Damaged { .. })), "{length}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(decode::<Counts>(7, &longer).is_err());
        assert!(decode::<Counts>(8, &bytes).is_err());
    }
}
