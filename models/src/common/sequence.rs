//! A sequence of small values: in place while it is short.

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A sequence as TLA+ has it. Up to `N` items lie in the state itself, which makes it cheap to
/// copy and to hash; more are shared between the states that have the same ones. In a trace it
/// is the list of its items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(deserialize = "T: Copy + Default + Deserialize<'de>"))]
#[serde(bound(serialize = "T: Copy + Default + Serialize"))]
pub struct Sequence<T: Copy + Default, const N: usize>(Items<T, N>);

/// Of two representations of one sequence only the first that fits is used, and free places hold
/// the default: equal sequences are equal values, so that traits can be derived. (`Many` is a
/// pointer to a pointer, which is half as large as an `Arc<[T]>`: states hold many sequences, as
/// a rule short ones.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Items<T, const N: usize> {
    Few { len: u8, items: [T; N] },
    Many(Arc<Vec<T>>),
}

/// As the list of its items, which is shorter than what is in place.
impl<T: Copy + Default + Hash, const N: usize> Hash for Sequence<T, N> {
    #[inline]
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self[..].hash(hasher);
    }
}

impl<T: Copy + Default, const N: usize> Sequence<T, N> {
    /// The empty sequence.
    pub fn new() -> Self {
        Self::from(&[][..])
    }

    /// `n` times the same item.
    pub fn repeat(item: T, n: usize) -> Self {
        if n > N {
            return Self(Items::Many(vec![item; n].into()));
        }
        let mut items = [T::default(); N];
        items[..n].fill(item);
        Self(Items::Few { len: n as u8, items })
    }

    /// The sequence with one more item at the end (`Append`).
    #[must_use]
    pub fn with(&self, item: T) -> Self {
        match &self.0 {
            Items::Few { len, items } if usize::from(*len) < N => {
                let mut items = *items;
                items[usize::from(*len)] = item;
                Self(Items::Few { len: len + 1, items })
            }
            _ => Self(Items::Many(Arc::new(self.iter().copied().chain([item]).collect()))),
        }
    }

    /// The first `len` items, or all if there are fewer.
    #[must_use]
    pub fn first(&self, len: usize) -> Self {
        Self::from(&self[..len.min(self.len())])
    }

    /// Changes the item at a place, counted from 0; what is beyond the end is left alone.
    pub fn set(&mut self, place: usize, item: T) {
        match &mut self.0 {
            Items::Few { len, items } if place < usize::from(*len) => items[place] = item,
            Items::Many(items) if place < items.len() => Arc::make_mut(items)[place] = item,
            _ => {}
        }
    }
}

impl<T: Copy + Default, const N: usize> Default for Sequence<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy + Default, const N: usize> Deref for Sequence<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Items::Few { len, items } => &items[..usize::from(*len)],
            Items::Many(items) => items,
        }
    }
}

impl<T: Copy + Default, const N: usize> From<&[T]> for Sequence<T, N> {
    fn from(from: &[T]) -> Self {
        const { assert!(N <= u8::MAX as usize, "the length of what is in place has eight bits") };
        if from.len() > N {
            return Self(Items::Many(from.to_vec().into()));
        }
        let mut items = [T::default(); N];
        items[..from.len()].copy_from_slice(from);
        Self(Items::Few { len: from.len() as u8, items })
    }
}

impl<T: Copy + Default, const N: usize> From<Vec<T>> for Sequence<T, N> {
    fn from(items: Vec<T>) -> Self {
        Self::from(items.as_slice())
    }
}

impl<T: Copy + Default, const N: usize> From<Sequence<T, N>> for Vec<T> {
    fn from(sequence: Sequence<T, N>) -> Self {
        sequence.to_vec()
    }
}

impl<T: Copy + Default, const N: usize> FromIterator<T> for Sequence<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::Sequence;

    #[test]
    fn short_and_long_sequences_do_the_same() {
        let mut list = Vec::new();
        let mut sequence = Sequence::<u8, 3>::new();
        for item in 1..=6 {
            list.push(item);
            sequence = sequence.with(item);
            assert_eq!(&sequence[..], &list[..]);
            assert_eq!(sequence, Sequence::from(list.clone()), "one value for one sequence");
            for len in 0..=list.len() + 1 {
                let first = sequence.first(len);
                assert_eq!(first, list.iter().copied().take(len).collect(), "cut is as built");
            }
        }
        for len in [2, 3, 4] {
            let mut sequence = Sequence::<u8, 3>::repeat(7, len);
            assert_eq!(sequence.len(), len);
            sequence.set(1, 9);
            sequence.set(len, 5);
            let set: Vec<_> = (0..len).map(|place| if place == 1 { 9 } else { 7 }).collect();
            assert_eq!(Vec::from(sequence), set);
        }
    }
}
