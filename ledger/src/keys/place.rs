//! Where a key hangs: a radix-16 tree of depth 8 over 32-bit leaf numbers.
//!
//! - A leaf number is 12 bits of expiry month and 20 bits of counter, so that a sweep is
//!   contiguous.
//! - Months from `0xF00` on are the range of stream record leaves. Leaves never move.

/// Depth of the leaves; the root is at depth 0.
pub const LEAF_DEPTH: u8 = 8;
/// Children of a node.
pub const ARITY: u8 = 16;
/// Leaves of one month before the counter runs into the next month.
pub(in crate::keys) const MONTH_LEAVES: u32 = 1 << 20;
/// The first month number that means "stream record leaves" instead of a month.
const RECORD_MONTH: u32 = 0xF00;
/// One past the last month number.
const MONTH_END: u32 = 0x1000;

/// The number of a leaf: expiry month (12 bits) ‖ counter (20 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafNumber(pub u32);

impl LeafNumber {
    /// The month or record range that the number lies in.
    pub(in crate::keys) fn month(self) -> u32 {
        self.0 / MONTH_LEAVES
    }

    /// The counter within the month.
    pub(in crate::keys) fn counter(self) -> u32 {
        self.0 % MONTH_LEAVES
    }
}

/// Which leaves a new leaf is put beside: those that will go at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cohort {
    /// Expected to expire in this month (months since January 1970; far ones share the last month).
    Month(u32),
    /// A stream's record leaf.
    Record,
}

impl Cohort {
    /// The month numbers to try, in order: a full month overflows into the next.
    pub(in crate::keys) fn months(self) -> std::ops::Range<u32> {
        match self {
            Self::Month(month) => month.min(RECORD_MONTH - 1)..RECORD_MONTH,
            Self::Record => RECORD_MONTH..MONTH_END,
        }
    }
}

/// A place in the tree: a depth and the leading nibbles of the leaf numbers below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    depth: u8,
    prefix: u32,
}

impl Place {
    /// The root.
    pub const ROOT: Self = Self {
        depth: 0,
        prefix: 0,
    };

    /// The place with this depth and prefix, if there is one.
    pub fn new(depth: u8, prefix: u32) -> Option<Self> {
        let fits = depth <= LEAF_DEPTH && u64::from(prefix) < 1_u64 << (4 * u32::from(depth));
        fits.then_some(Self { depth, prefix })
    }

    /// The place of a leaf.
    pub fn leaf(number: LeafNumber) -> Self {
        Self {
            depth: LEAF_DEPTH,
            prefix: number.0,
        }
    }

    /// The ancestor of a leaf at a depth (the leaf itself from depth 8 on).
    pub fn above(number: LeafNumber, depth: u8) -> Self {
        let depth = depth.min(LEAF_DEPTH);
        let nibbles_below = u32::from(LEAF_DEPTH - depth);
        Self {
            depth,
            prefix: number.0.checked_shr(4 * nibbles_below).unwrap_or(0),
        }
    }

    /// Distance from the root.
    pub fn depth(self) -> u8 {
        self.depth
    }

    /// The leading nibbles of the leaf numbers below.
    pub fn prefix(self) -> u32 {
        self.prefix
    }

    /// The leaf number, if this is a leaf's place.
    pub fn leaf_number(self) -> Option<LeafNumber> {
        (self.depth == LEAF_DEPTH).then_some(LeafNumber(self.prefix))
    }

    /// The place above; the root has none.
    pub fn parent(self) -> Option<Self> {
        Some(Self {
            depth: self.depth.checked_sub(1)?,
            prefix: self.prefix >> 4,
        })
    }

    /// The places below, in order; a leaf has none.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let count = if self.depth < LEAF_DEPTH { ARITY } else { 0 };
        (0..count).map(move |nibble| Self {
            depth: self.depth + 1,
            prefix: (self.prefix << 4) | u32::from(nibble),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_leaf_leads_from_the_root_to_it() {
        let number = LeafNumber(0x2AA0_0F01);
        assert_eq!(Place::above(number, 0), Place::ROOT);
        for depth in 0..LEAF_DEPTH {
            let node = Place::above(number, depth);
            let below = Place::above(number, depth + 1);
            assert_eq!(below.parent(), Some(node));
            assert_eq!(node.children().filter(|child| *child == below).count(), 1);
        }
        assert_eq!(Place::leaf(number).leaf_number(), Some(number));
        assert_eq!(Place::leaf(number).children().count(), 0);
    }

    #[test]
    fn places_outside_the_tree_are_refused() {
        assert!(Place::new(9, 0).is_none());
        assert!(Place::new(0, 1).is_none());
        assert!(Place::new(1, 16).is_none());
        assert!(Place::new(8, u32::MAX).is_some());
    }

    #[test]
    fn far_months_never_reach_into_the_record_range() {
        assert_eq!(Cohort::Month(u32::MAX).months(), 0xEFF..0xF00);
        assert_eq!(Cohort::Record.months(), 0xF00..0x1000);
    }
}
