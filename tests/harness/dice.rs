//! Chance that can be thrown again: the same seed, the same throws.

use ledger::clock::{Entropy, SystemEntropy};

/// A seeded source of throws (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Others, the same for the same number.
    #[must_use]
    pub fn fork(&self, number: usize) -> Self {
        let number = u64::try_from(number).expect("small");
        let mut seed = Self(self.0 ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93));
        Self(seed.number())
    }

    /// The seed that `REFERRAL_SEED` names, else a new one: a failing test prints it.
    pub fn seed() -> u64 {
        let named = std::env::var("REFERRAL_SEED").ok();
        named.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            let mut bytes = [0; 8];
            SystemEntropy.fill(&mut bytes);
            u64::from_be_bytes(bytes)
        })
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound above zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a bound");
        usize::try_from(self.number() % bound).expect("below the bound")
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.number() & 1 == 0
    }
}
