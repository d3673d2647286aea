//! Values that many states share.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A part of a state that few steps change: the states that do not change it share it. It
/// compares, hashes and serializes as the value itself.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "T", into = "T")]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[serde(bound(serialize = "T: Clone + Serialize + From<Shared<T>>"))]
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Costs nothing if both are one copy already.
    #[inline]
    fn clone_from(&mut self, from: &Self) {
        if !Arc::ptr_eq(&self.0, &from.0) {
            *self = from.clone();
        }
    }
}

impl<T: Clone> Shared<T> {
    /// The value, to be changed; a copy of its own, if it is shared.
    pub fn change(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

/// A list, shared like [`Shared`]. It compares, hashes and serializes as the list of its items.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(deserialize = "T: Deserialize<'de>", serialize = "T: Clone + Serialize"))]
pub struct SharedList<T>(Arc<[T]>);

impl<T: Clone> Clone for SharedList<T> {
    #[inline]
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Costs nothing if both are one copy already. What nobody else shares is written over, for
    /// it is about to be changed again as a rule.
    #[inline]
    fn clone_from(&mut self, from: &Self) {
        if self.same(from) {
            return;
        }
        match Arc::get_mut(&mut self.0) {
            Some(items) if items.len() == from.len() => items.clone_from_slice(from),
            _ => *self = from.clone(),
        }
    }
}

impl<T: Clone> SharedList<T> {
    /// The items, to be changed; a copy of their own, if they are shared.
    pub fn change(&mut self) -> &mut [T] {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> SharedList<T> {
    /// Whether both are one copy, and therefore equal; equal lists need not be one copy.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for SharedList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> From<Vec<T>> for SharedList<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items.into())
    }
}

impl<T> FromIterator<T> for SharedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T: Clone> From<SharedList<T>> for Vec<T> {
    fn from(list: SharedList<T>) -> Self {
        list.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::SharedList;

    #[test]
    fn a_change_is_seen_in_one_place() {
        let old = SharedList::from(vec![1, 2, 3]);
        let mut new = old.clone();
        assert_eq!(old, new);
        new.change()[1] = 9;
        assert_eq!((&old[..], &new[..]), (&[1, 2, 3][..], &[1, 9, 3][..]));
        let third = new.clone();
        for from in [&old, &third, &SharedList::from(vec![4])] {
            new.clone_from(from);
            assert_eq!(&new, from);
            new.change()[0] = 7;
            assert_ne!(&new, from, "what was changed is a copy of its own");
        }
        assert_eq!((&old[..], &third[..]), (&[1, 2, 3][..], &[1, 9, 3][..]));
    }
}
