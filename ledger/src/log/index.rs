//! Index records: what the store answers by key. Journal frames carry them, so that the store can
//! be rebuilt without any encryption key.

use super::parse::{Fields, length_of};
pub use crate::keys::IndexRecord;
use crate::limits::INDEX_KEY_BYTES_MAX;

impl IndexRecord {
    /// True when the key's length is one that the journal and the store take.
    pub(super) fn fits(&self) -> bool {
        (1..=INDEX_KEY_BYTES_MAX).contains(&self.key.len())
    }

    /// SPEC §8.4.3: key length, key, tag, value length, value.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let key_length = u16::try_from(self.key.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&key_length.to_be_bytes());
        out.extend_from_slice(&self.key);
        match &self.value {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                out.extend_from_slice(&length_of(value.len()).to_be_bytes());
                out.extend_from_slice(value);
            }
        }
    }

    pub(super) fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        let key_length = usize::from(fields.u16()?);
        let key = fields.take(key_length)?.to_vec();
        let value = match fields.u8()? {
            0 => None,
            1 => Some(fields.bytes()?.to_vec()),
            2.. => return None,
        };
        Some(Self { key, value }).filter(Self::fits)
    }
}
