//! Fixed-width fields of stored bytes: taken from the front of a slice, or appended to a buffer.
//!
//! Integers are big-endian throughout (SPEC §8.1). Nothing here panics on short input.

/// Takes fields from the front of stored bytes; every answer is `None` once they run out.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A 32-bit length, as a `usize`.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// Bytes behind their own 32-bit length.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// True when everything was taken: stored records have no bytes behind their end.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A count or length as its stored 32 bits. Limits keep every caller far below 4 GiB; a value
/// beyond saturates, and the reader then refuses the record.
pub(super) fn length_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Appends bytes behind their own 32-bit length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length_of(bytes.len()).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A length as a file offset.
pub(super) fn offset_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
