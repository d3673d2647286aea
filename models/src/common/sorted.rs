//! A set of small values in one sorted vector.

use serde::{Deserialize, Serialize};

use super::Shared;

/// A set as a sorted vector without duplicates: equal sets are equal values, and a small set
/// is cheap to copy and to hash. In a trace it is the list of its members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>", bound(deserialize = "T: Ord + Deserialize<'de>"))]
#[serde(bound(serialize = "T: Clone + Serialize"))]
pub struct SortedSet<T>(Vec<T>);

impl<T> SortedSet<T> {
    /// The empty set.
    pub const EMPTY: Self = Self(Vec::new());

    /// The number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set has no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members, smallest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T: Ord> SortedSet<T> {
    /// Whether `member` is in the set.
    pub fn contains(&self, member: &T) -> bool {
        self.0.binary_search(member).is_ok()
    }

    /// Adds a member; returns whether it is new.
    pub fn insert(&mut self, member: T) -> bool {
        match self.0.binary_search(&member) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, member);
                true
            }
        }
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<T: Ord> From<Vec<T>> for SortedSet<T> {
    fn from(mut members: Vec<T>) -> Self {
        members.sort();
        members.dedup();
        Self(members)
    }
}

impl<T> From<SortedSet<T>> for Vec<T> {
    fn from(set: SortedSet<T>) -> Self {
        set.0
    }
}

impl<T: Clone> From<Shared<SortedSet<T>>> for SortedSet<T> {
    fn from(shared: Shared<SortedSet<T>>) -> Self {
        (*shared).clone()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self::from(members.into_iter().collect::<Vec<_>>())
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::SortedSet;

    #[test]
    fn the_order_of_insertion_does_not_matter() {
        let mut set = SortedSet::EMPTY;
        assert!(set.insert(3) && set.insert(1) && set.insert(2) && !set.insert(3));
        assert_eq!(set, [2, 1, 3, 1].into_iter().collect());
        assert_eq!(set.iter().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(set.contains(&2) && !set.contains(&4));
        assert_eq!((set.len(), set.is_empty()), (3, false));
    }
}
