//! Values to bytes and back: the only place that names bincode.
//!
//! Layout: bincode 2 `standard()` (little endian, variable-length integers), frozen by golden
//! vectors. Stored bytes are hashed as stored and never encoded again. Collections of values that
//! take no bytes (`Vec<()>`) are never encoded: the limit counts bytes, and such a length would
//! only cost time.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::{SizeWriter, Writer};
use bincode::error::EncodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::Fault;
use crate::limits::ENCODED_BYTES_MAX;

/// A value's bytes. They may hold personal text, so they are wiped when dropped.
pub fn encode<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut size = SizeWriter::default();
    bincode::serde::encode_into_writer(value, &mut size, CONFIG).map_err(|_| unfit("encode"))?;
    if size.bytes_written > ENCODED_BYTES_MAX {
        return Err(unfit("encode"));
    }
    // Measured first: a buffer that grows would leave unwiped copies behind.
    let mut bytes = Zeroizing::new(vec![0; size.bytes_written]);
    let written = bincode::serde::encode_into_slice(value, &mut bytes, CONFIG)
        .map_err(|_| unfit("encode"))?;
    if written == size.bytes_written {
        Ok(bytes)
    } else {
        Err(unfit("encode"))
    }
}

/// SHA-256 of a value's bytes, which are written nowhere. The digest may be of personal text, so it
/// is wiped when dropped and never stored (SPEC §5.1).
pub fn digest<T: Serialize>(value: &T) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut hashed = Hashed(Sha256::new());
    let config = bincode::config::standard();
    bincode::serde::encode_into_writer(value, &mut hashed, config).map_err(|_| unfit("encode"))?;
    Ok(Zeroizing::new(hashed.0.finalize().into()))
}

struct Hashed(Sha256);

impl Writer for Hashed {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.update(bytes);
        Ok(())
    }
}

/// The value that exactly these bytes are; trailing bytes and lengths beyond the limit are damage.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    // The limit holds on what is claimed too, so that a length cannot ask for memory it does not
    // fill.
    match bincode::serde::decode_from_slice(bytes, CONFIG) {
        Ok((value, read)) if read == bytes.len() => Ok(value),
        Ok(_) => Err(unfit("trailing bytes")),
        Err(_) => Err(unfit("decode")),
    }
}

const CONFIG: Configuration<LittleEndian, Varint, Limit<ENCODED_BYTES_MAX>> =
    bincode::config::standard().with_limit::<ENCODED_BYTES_MAX>();

/// bincode's own words may quote what was encoded; they are not passed on.
fn unfit(what: &'static str) -> Fault {
    Fault::damaged("encoded value", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Said {
        Nothing,
        Words {
            text: String,
            count: u64,
            note: Option<u8>,
        },
    }

    fn words() -> Said {
        Said::Words {
            text: "hé".to_owned(),
            count: 300,
            note: Some(7),
        }
    }

    #[test]
    fn the_layout_is_frozen() {
        let expected = [1, 3, b'h', 0xC3, 0xA9, 251, 0x2C, 0x01, 1, 7];
        assert_eq!(encode(&words()).unwrap().as_slice(), expected);
        assert_eq!(encode(&Said::Nothing).unwrap().as_slice(), [0]);
        assert_eq!(decode::<Said>(&expected).unwrap(), words());
    }

    #[test]
    fn shortened_lengthened_and_unknown_bytes_are_refused() {
        let good = encode(&words()).unwrap();
        for cut in 0..good.len() {
            assert!(decode::<Said>(&good[..cut]).is_err(), "cut at {cut}");
        }
        assert!(decode::<Said>(&[good.as_slice(), &[0]].concat()).is_err());
        assert!(decode::<Said>(&[2]).is_err());
        assert!(decode::<Said>(&[1, 2, 0xC3, 0x28, 0, 0]).is_err());
    }

    #[test]
    fn a_length_bomb_is_refused_without_asking_for_memory() {
        let bomb = [253, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        assert!(decode::<String>(&bomb).is_err());
        assert!(decode::<Vec<u64>>(&bomb).is_err());
        assert!(encode(&vec![1_u8; ENCODED_BYTES_MAX + 1]).is_err());
    }
}
