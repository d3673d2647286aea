//! A bag: a set whose members have counts.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// A bag as a sorted vector of members and their counts, which are never 0: equal bags are
/// equal values, and a small bag is cheap to copy. In a trace it is the list of the pairs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<(T, u32)>", into = "Vec<(T, u32)>")]
#[serde(bound(deserialize = "T: Ord + Deserialize<'de>", serialize = "T: Clone + Serialize"))]
pub struct Bag<T>(SmallVec<[(T, u32); 2]>);

impl<T> Bag<T> {
    /// The number of different members.
    pub fn distinct(&self) -> usize {
        self.0.len()
    }

    /// The members, smallest first, each once, with their counts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&T, u32)> + '_ {
        self.0.iter().map(|(member, count)| (member, *count))
    }
}

impl<T: Ord> Bag<T> {
    /// Whether `member` is in the bag at least once.
    pub fn contains(&self, member: &T) -> bool {
        self.place(member).is_ok()
    }

    /// How often `member` is in the bag.
    pub fn count(&self, member: &T) -> u32 {
        self.place(member).map_or(0, |place| self.0[place].1)
    }

    /// Puts `member` in once more.
    pub fn insert(&mut self, member: T) {
        self.insert_many(member, 1);
    }

    /// Takes `member` out once; a bag without it stays as it is.
    pub fn remove(&mut self, member: &T) {
        if let Ok(place) = self.place(member) {
            match self.0[place].1 {
                0 | 1 => drop(self.0.remove(place)),
                _ => self.0[place].1 -= 1,
            }
        }
    }

    fn insert_many(&mut self, member: T, count: u32) {
        match self.place(&member) {
            Ok(place) => self.0[place].1 = self.0[place].1.saturating_add(count),
            Err(place) => self.0.insert(place, (member, count)),
        }
    }

    fn place(&self, member: &T) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(member))
    }
}

/// One by one: the bags of a search are too small for anything cleverer.
impl<T: Clone> Clone for Bag<T> {
    #[inline]
    fn clone(&self) -> Self {
        let mut copy = SmallVec::new();
        self.0.iter().for_each(|member| copy.push(member.clone()));
        Self(copy)
    }

    #[inline]
    fn clone_from(&mut self, from: &Self) {
        self.0.clear();
        from.0.iter().for_each(|member| self.0.push(member.clone()));
    }
}

impl<T> Default for Bag<T> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<T: Ord> FromIterator<(T, u32)> for Bag<T> {
    fn from_iter<I: IntoIterator<Item = (T, u32)>>(members: I) -> Self {
        let mut bag = Self::default();
        for (member, count) in members.into_iter().filter(|&(_, count)| count > 0) {
            bag.insert_many(member, count);
        }
        bag
    }
}

impl<T: Ord> From<Vec<(T, u32)>> for Bag<T> {
    fn from(members: Vec<(T, u32)>) -> Self {
        members.into_iter().collect()
    }
}

impl<T> From<Bag<T>> for Vec<(T, u32)> {
    fn from(bag: Bag<T>) -> Self {
        bag.0.into_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::Bag;

    #[test]
    fn what_is_put_in_comes_out_as_often() {
        let mut bag = Bag::default();
        [2, 1, 2].into_iter().for_each(|member| bag.insert(member));
        assert_eq!(bag.iter().collect::<Vec<_>>(), [(&1, 1), (&2, 2)]);
        assert_eq!(bag, vec![(2, 1), (1, 1), (3, 0), (2, 1)].into());
        assert_eq!([0, 1, 2].map(|member| bag.count(&member)), [0, 1, 2]);
        bag.remove(&2);
        assert!(bag.contains(&2));
        bag.remove(&2);
        bag.remove(&9);
        assert!(!bag.contains(&2) && bag.distinct() == 1);
        bag.remove(&1);
        assert_eq!(bag, Bag::default());
    }
}
