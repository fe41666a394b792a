//! The durable index as the writer reads it: which keys have no fence is remembered, since it asks
//! that of the same keys for command after command.
//!
//! - For the writer alone: it appends every fence itself and forgets the key before it does. A
//!   reader on another thread could remember what a fence has ended meanwhile, so it asks the
//!   index each time.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use super::index::{FENCE_START, IndexRecord, KeyIndex};
use crate::error::Fault;
use crate::limits::KEYS_CACHED_MAX;

/// Index keys of fences that are not there.
pub struct Unfenced {
    keys: Mutex<LruCache<Vec<u8>, ()>>,
}

impl Default for Unfenced {
    fn default() -> Self {
        let most = NonZeroUsize::new(KEYS_CACHED_MAX).unwrap_or(NonZeroUsize::MIN);
        Self {
            keys: Mutex::new(LruCache::new(most)),
        }
    }
}

impl Unfenced {
    /// The index below, asked less often.
    pub fn over<'a>(&'a self, base: &'a dyn KeyIndex) -> impl KeyIndex + 'a {
        Remembering { base, absent: self }
    }

    /// Forgets what index records are about, before they become durable.
    pub fn forget(&self, records: &[IndexRecord]) {
        for record in records
            .iter()
            .filter(|record| record.key.starts_with(FENCE_START))
        {
            self.lock().pop(&record.key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Vec<u8>, ()>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Remembering<'a> {
    base: &'a dyn KeyIndex,
    absent: &'a Unfenced,
}

impl KeyIndex for Remembering<'_> {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        if !key.starts_with(FENCE_START) {
            return self.base.value(key);
        }
        if self.absent.lock().get(key).is_some() {
            return Ok(None);
        }
        let value = self.base.value(key)?;
        if value.is_none() {
            self.absent.lock().put(key.to_vec(), ());
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::keys::index::fence_key;
    use crate::keys::{KeyId, KeyRecord, MemoryIndex, index_records};

    struct Asked<'a>(&'a MemoryIndex, Cell<u32>);

    impl KeyIndex for Asked<'_> {
        fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
            self.1.set(self.1.get() + 1);
            self.0.value(key)
        }
    }

    #[test]
    fn a_missing_fence_is_asked_for_once_until_one_is_put_up() {
        let (unfenced, mut below) = (Unfenced::default(), MemoryIndex::default());
        let key = KeyId([7; 16]);
        let asked = Asked(&below, Cell::new(0));
        for _ in 0..3 {
            assert_eq!(unfenced.over(&asked).value(&fence_key(key)).unwrap(), None);
        }
        assert_eq!(asked.1.get(), 1);
        let fence = index_records(&KeyRecord::Fence { key }.to_bytes()).unwrap();
        unfenced.forget(&fence);
        below.apply(fence);
        let found = unfenced.over(&below).value(&fence_key(key)).unwrap();
        assert!(found.is_some(), "a fence that stands is seen");
    }

    #[test]
    fn nothing_but_fences_is_remembered() {
        let (unfenced, below) = (Unfenced::default(), MemoryIndex::default());
        let asked = Asked(&below, Cell::new(0));
        for _ in 0..3 {
            assert_eq!(unfenced.over(&asked).value(b"kd-another").unwrap(), None);
        }
        assert_eq!(asked.1.get(), 3);
    }
}
