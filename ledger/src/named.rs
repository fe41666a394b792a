//! How the index names streams, and what it finds by a name: never by a kind or an id, which stand
//! nowhere outside of sealed records (SPEC §5.1).
//!
//! - A stream's name is a keyed hash. Who has a name and no record that opens learns nothing by it.
//! - Records of earlier versions, which held kinds and ids, are read as what they are.

use crate::domain::ids::{CaseId, ClientCode};
use crate::domain::stream::StreamId;
use crate::error::Fault;
use crate::keys::sealed_value::SealedValue;
use crate::keys::{IndexKeys, IndexRecord};
use crate::shared::Shared;
use crate::submit::closing::is_ended;

/// What a stream is called in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamName(pub(crate) [u8; 16]);

impl StreamName {
    pub(crate) fn of(keys: &IndexKeys, stream: StreamId) -> Self {
        Self(keys.stream(&stream.to_bytes()))
    }

    /// `s ‖ name`: of all its events.
    pub(crate) fn prefix(self) -> Vec<u8> {
        [b"s".as_slice(), &self.0].concat()
    }
}

impl Shared {
    pub(crate) fn name_of(&self, stream: StreamId) -> StreamName {
        StreamName::of(&self.index_keys, stream)
    }

    /// The stream that a name is of, as its newest record says; none if that can be read no more,
    /// because the stream was closed, here or where this log did not see it.
    pub(crate) fn named(&self, name: StreamName) -> Result<Option<StreamId>, Fault> {
        if name == self.name_of(StreamId::Ledger) {
            return Ok(Some(StreamId::Ledger));
        }
        let Some((_, position)) = self.head_of(name)? else {
            let known = is_ended(self, name)?;
            return known
                .then_some(None)
                .ok_or_else(|| Fault::damaged("index", "the name of a stream"));
        };
        let stored = self.event_at(position)?;
        let Some(record) = self.record_unless_closed(position, &stored)? else {
            return Ok(None);
        };
        if self.name_of(record.stream) != name {
            let place = format!("event {position}");
            return Err(Fault::damaged("stream index", place));
        }
        Ok(Some(record.stream))
    }

    /// The case that a client code belongs to.
    pub(crate) fn case_by_code(&self, code: ClientCode) -> Result<Option<CaseId>, Fault> {
        let key = self.code_key(code);
        let Some(value) = self.reader.value(&key)? else {
            return Ok(None);
        };
        let sealed = self.index_keys.value(&key, code.as_bytes());
        read_id(&value, &sealed)
            .map(|id| Some(CaseId(id)))
            .ok_or_else(|| Fault::damaged("code index", "a case id"))
    }

    /// `c ‖ HMAC(client code)`.
    pub(crate) fn code_key(&self, code: ClientCode) -> Vec<u8> {
        [b"c".as_slice(), &self.index_keys.code(code.as_bytes())].concat()
    }

    /// That a client code belongs to a case: the id is sealed, for who knows the code.
    pub(crate) fn code_record(&self, code: ClientCode, case: CaseId) -> IndexRecord {
        let key = self.code_key(code);
        let sealed = self.index_keys.value(&key, code.as_bytes());
        let value = Some(sealed.seal(&case.0));
        IndexRecord { key, value }
    }
}

/// A sealed id. Earlier versions wrote it as it is.
pub(crate) fn read_id(value: &[u8], sealed: &SealedValue<'_>) -> Option<[u8; 16]> {
    if let Ok(id) = value.try_into() {
        return Some(id);
    }
    sealed.open(value)?.try_into().ok()
}

/// `s ‖ HMAC(stream) ‖ version`.
pub(crate) fn stream_key(keys: &IndexKeys, stream: StreamId, version: u64) -> Vec<u8> {
    let mut key = StreamName::of(keys, stream).prefix();
    key.extend_from_slice(&version.to_be_bytes());
    key
}

#[cfg(test)]
pub(crate) mod tests;
