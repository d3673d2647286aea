//! A set of small numbers in one machine word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of numbers below 32, as one bit each: cheap to copy, compare and hash. In a trace it
/// is the list of its members.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<u8>", try_from = "Vec<u8>")]
pub struct SmallSet(u32);

impl SmallSet {
    /// The largest member a set can hold, plus one.
    pub const CAPACITY: usize = 32;

    /// The empty set.
    pub const EMPTY: Self = Self(0);

    /// The set `{0, .., n - 1}`, for `n` of at most [`CAPACITY`](Self::CAPACITY).
    pub const fn below(n: usize) -> Self {
        debug_assert!(n <= Self::CAPACITY);
        if n == Self::CAPACITY { Self(u32::MAX) } else { Self((1 << n) - 1) }
    }

    /// The set with this member besides.
    #[must_use]
    pub const fn with(self, member: usize) -> Self {
        debug_assert!(member < Self::CAPACITY);
        Self(self.0 | 1 << member)
    }

    /// The set without this member.
    #[must_use]
    pub const fn without(self, member: usize) -> Self {
        debug_assert!(member < Self::CAPACITY);
        Self(self.0 & !(1 << member))
    }

    /// Whether `member` is in the set.
    pub const fn contains(self, member: usize) -> bool {
        member < Self::CAPACITY && self.0 & 1 << member != 0
    }

    /// Whether all members of `other` are in the set.
    pub const fn is_superset(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The number of members.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the set has no member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set is a strict majority of `n`.
    pub const fn is_majority_of(self, n: usize) -> bool {
        2 * self.len() > n
    }

    /// The members, smallest first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let member = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                member
            })
        })
    }
}

impl FromIterator<usize> for SmallSet {
    fn from_iter<I: IntoIterator<Item = usize>>(members: I) -> Self {
        members.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for SmallSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl From<SmallSet> for Vec<u8> {
    fn from(set: SmallSet) -> Self {
        (0..32).filter(|&member| set.contains(usize::from(member))).collect()
    }
}

impl TryFrom<Vec<u8>> for SmallSet {
    type Error = String;

    fn try_from(members: Vec<u8>) -> Result<Self, String> {
        match members.iter().find(|&&member| usize::from(member) >= Self::CAPACITY) {
            Some(member) => Err(format!("{member} is no member of a set of numbers below 32")),
            None => Ok(members.into_iter().map(usize::from).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SmallSet;

    #[test]
    fn a_set_is_its_members() {
        let set: SmallSet = [1, 4, 31].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 4, 31]);
        assert!(set.contains(4) && !set.contains(5) && !set.contains(99));
        assert_eq!(set.without(4).with(0).iter().collect::<Vec<_>>(), [0, 1, 31]);
        assert_eq!(SmallSet::below(32).len(), 32);
        assert!(SmallSet::below(3).is_majority_of(5) && !SmallSet::below(2).is_majority_of(4));
        assert!(SmallSet::try_from(vec![32]).is_err());
    }
}
