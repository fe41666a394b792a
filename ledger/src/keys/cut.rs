//! Cut lists: which segments' bytes are to be zeros, and where the index has them (SPEC §8.6).

use super::record::KeyRecord;

/// Segments of one event that are on a durable cut list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// The event's leaf index.
    pub position: u64,
    /// Bit *n* stands for segment *n*.
    pub segments: u16,
}

impl Cut {
    /// Bytes of the body of a `Cut` record.
    pub(in crate::keys) const BYTES: usize = 8 + 2;

    /// No segment yet of an event.
    pub fn none_of(position: u64) -> Self {
        let segments = 0;
        Self { position, segments }
    }

    /// Adds a segment.
    pub fn add(&mut self, segment: u8) {
        self.segments |= 1_u16.checked_shl(u32::from(segment)).unwrap_or(0);
    }

    /// The numbers of the segments, ascending.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0_u8..16).filter(move |number| self.segments >> number & 1 == 1)
    }

    /// Position and number of each segment.
    pub fn each(self) -> impl Iterator<Item = (u64, u8)> {
        self.numbers().map(move |number| (self.position, number))
    }

    pub(in crate::keys) fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(&self.segments.to_be_bytes());
    }

    pub(in crate::keys) fn read(body: &[u8]) -> Option<Self> {
        let (position, rest) = body.split_first_chunk()?;
        let (segments, _) = rest.split_first_chunk()?;
        Some(Self {
            position: u64::from_be_bytes(*position),
            segments: u16::from_be_bytes(*segments),
        })
    }
}

/// The cuts that key records list.
pub fn cuts_in(records: &[Vec<u8>]) -> Vec<Cut> {
    let cut = |bytes: &Vec<u8>| match KeyRecord::from_bytes(bytes) {
        Ok(KeyRecord::Cut(cut)) => Some(cut),
        Ok(_) | Err(_) => None,
    };
    records.iter().filter_map(cut).collect()
}

/// `kx ‖ position ‖ segment` → nothing, present for ever once the segment is on a cut list.
pub(crate) fn cut_key(position: u64, segment: u8) -> Vec<u8> {
    [CUTS, &position.to_be_bytes(), &[segment]].concat()
}

/// `ko ‖ position ‖ segment` → nothing, present until the cut is known to be done.
pub(crate) fn open_cut_key(position: u64, segment: u8) -> Vec<u8> {
    [OPEN_CUTS, &position.to_be_bytes(), &[segment]].concat()
}

/// Position and segment behind one of these prefixes.
pub(crate) fn segment_in(prefix: &[u8], key: &[u8]) -> Option<(u64, u8)> {
    let rest = key.strip_prefix(prefix)?;
    let (position, rest) = rest.split_first_chunk()?;
    let [segment] = rest else { return None };
    Some((u64::from_be_bytes(*position), *segment))
}

/// Begins the index keys of segments on a cut list.
pub(crate) const CUTS: &[u8] = b"kx";
/// Begins the index keys of cuts that are not known to be done.
pub(crate) const OPEN_CUTS: &[u8] = b"ko";
