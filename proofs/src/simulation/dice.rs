//! All randomness of a simulation: one stream of numbers from one seed.

use std::ops::RangeInclusive;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A seeded source of random numbers, the same on every machine.
pub struct Dice(TestRng);

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    /// A number below `count`, which is at least 1. (The numbers are equally likely up to one
    /// part in 2^32.)
    pub fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(count);
        (wide >> 64) as u64
    }

    /// A number of a range.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// One of some things, if there is any.
    pub fn pick<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        let count = things.len() as u64;
        (count > 0).then(|| &things[self.below(count) as usize])
    }

    /// So many different numbers below `count`, in order.
    pub fn choose(&mut self, some: u64, count: u64) -> Vec<u64> {
        let mut left: Vec<u64> = (0..count).collect();
        while left.len() as u64 > some {
            let out = self.below(left.len() as u64) as usize;
            left.remove(out);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn a_seed_is_a_stream() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..4).map(|_| dice.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn choices_are_different_and_in_order() {
        let mut dice = Dice::new(0);
        for _ in 0..100 {
            let chosen = dice.choose(3, 5);
            assert!(chosen.len() == 3 && chosen.is_sorted_by(|a, b| a < b), "{chosen:?}");
            assert!(chosen.iter().all(|&number| number < 5));
            assert!((2..=4).contains(&dice.within(2..=4)));
        }
    }
}
