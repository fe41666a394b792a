//! A scope in few bytes: a set bit per code, so that a million events stay small in memory.

use ledger::domain::codes::{DataCategory, Purpose};
use ledger::domain::ids::OrganisationId;
use ledger::domain::scope::Scope;
use serde::{Deserialize, Serialize};

/// What a [`Scope`] says, packed. Bit `n` stands for the code at place `n` of its vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScopeBits {
    purposes: u32,
    categories: u32,
    withheld: u32,
    recipients: Box<[OrganisationId]>,
}

impl ScopeBits {
    /// The scope in full.
    pub(crate) fn unpacked(&self) -> Scope {
        Scope {
            purposes: codes(self.purposes, Purpose::ALL).collect(),
            recipients: self.recipients.iter().copied().collect(),
            categories: codes(self.categories, DataCategory::ALL).collect(),
            withheld: codes(self.withheld, DataCategory::ALL).collect(),
        }
    }
}

impl From<&Scope> for ScopeBits {
    fn from(scope: &Scope) -> Self {
        Self {
            purposes: bits(&scope.purposes, Purpose::ALL),
            categories: bits(&scope.categories, DataCategory::ALL),
            withheld: bits(&scope.withheld, DataCategory::ALL),
            recipients: scope.recipients.iter().copied().collect(),
        }
    }
}

/// A set bit for each of the codes that are in the set.
pub(crate) fn bits<'a, T: PartialEq + 'a>(set: impl IntoIterator<Item = &'a T>, all: &[T]) -> u32 {
    set.into_iter()
        .filter_map(|one| all.iter().position(|code| code == one))
        .filter_map(|place| u32::try_from(place).ok())
        .filter_map(|place| 1_u32.checked_shl(place))
        .fold(0, |bits, bit| bits | bit)
}

/// The codes whose bits are set, in order.
pub(crate) fn codes<T: Copy>(bits: u32, all: &'static [T]) -> impl Iterator<Item = T> {
    all.iter()
        .zip(0_u32..32)
        .filter(move |(_, place)| bits & (1 << place) != 0)
        .map(|(code, _)| *code)
}

// A vocabulary that outgrows the bits must not compile.
const _: () = assert!(Purpose::ALL.len() <= 32 && DataCategory::ALL.len() <= 32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_scope_unpacks_to_itself() {
        let scope = Scope {
            purposes: Purpose::ALL.iter().copied().collect(),
            recipients: [OrganisationId([3; 16]), OrganisationId([1; 16])].into(),
            categories: [DataCategory::Identity, DataCategory::Employment].into(),
            withheld: [DataCategory::Health].into(),
        };
        assert_eq!(ScopeBits::from(&scope).unpacked(), scope);
        assert_eq!(ScopeBits::default().unpacked(), Scope::default());
    }
}
