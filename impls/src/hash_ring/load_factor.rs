//! How far above the average a node may be loaded.

use core::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The `c = 1 + ε` of consistent hashing with bounded loads, from 1 to 1,000, kept in millionths:
/// capacities are whole-number arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct LoadFactor(u32);

/// The number is not a load factor: it is not from 1 to 1,000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoLoadFactor(pub f64);

impl fmt::Display for NoLoadFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a load factor is a number from 1 to 1000, which {} is not", self.0)
    }
}

impl core::error::Error for NoLoadFactor {}

impl LoadFactor {
    const UNIT: u32 = 1_000_000;

    /// A factor, to the nearest millionth. 1 loads all nodes alike, and moves many keys at each
    /// change; 1.25 is a usual choice.
    ///
    /// # Errors
    /// When the number is below 1, above 1,000, or not a number.
    pub fn new(factor: f64) -> Result<Self, NoLoadFactor> {
        if !(1.0..=1000.0).contains(&factor) {
            return Err(NoLoadFactor(factor));
        }
        Ok(Self((factor * f64::from(Self::UNIT) + 0.5) as u32))
    }

    /// The factor.
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(Self::UNIT)
    }

    /// The keys that a node may hold: `ceil(c * keys * weight / total)`. All capacities together
    /// hold all keys, since the factor is at least 1. With a `total` of 0 there is no room.
    pub fn capacity(self, keys: usize, weight: u32, total: u64) -> usize {
        let share = u128::from(self.0) * keys as u128 * u128::from(weight);
        let whole = u128::from(Self::UNIT) * u128::from(total);
        if whole == 0 { 0 } else { usize::try_from(share.div_ceil(whole)).unwrap_or(usize::MAX) }
    }
}

impl TryFrom<f64> for LoadFactor {
    type Error = NoLoadFactor;

    fn try_from(factor: f64) -> Result<Self, NoLoadFactor> {
        Self::new(factor)
    }
}

impl From<LoadFactor> for f64 {
    fn from(factor: LoadFactor) -> Self {
        factor.get()
    }
}

#[cfg(test)]
mod tests {
    use super::{LoadFactor, NoLoadFactor};

    #[test]
    fn only_numbers_from_1_to_1000_are_factors() {
        for wrong in [f64::NEG_INFINITY, -1.0, -0.0, 0.0, 0.999, 1000.1, f64::INFINITY] {
            assert_eq!(LoadFactor::new(wrong), Err(NoLoadFactor(wrong)));
        }
        assert!(LoadFactor::new(f64::NAN).is_err());
        assert_eq!(LoadFactor::new(1.25).map(LoadFactor::get), Ok(1.25));
    }

    #[test]
    fn a_capacity_is_rounded_up_exactly() {
        let [one, quarter] = [1.0, 1.25].map(|c| LoadFactor::new(c).expect("a factor"));
        assert_eq!([0, 1, 3, 4].map(|keys| one.capacity(keys, 1, 3)), [0, 1, 1, 2]);
        assert_eq!([0, 1, 8, 9].map(|keys| quarter.capacity(keys, 1, 2)), [0, 1, 5, 6]);
        assert_eq!(one.capacity(usize::MAX, 1, 1), usize::MAX);
        assert_eq!(one.capacity(7, 0, 0), 0);
    }
}
