//! A value that many states have in common.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checker::fingerprint;

/// A value that many states have in common: cheap to clone, and hashed once, not once for each
/// state that holds it.
///
/// Its hash is that of the value's [`fingerprint`], which is the same in every run. To compare two
/// of them compares the values.
pub struct Shared<T>(Arc<Inner<T>>);

struct Inner<T> {
    value: T,
    digest: OnceLock<u64>,
}

impl<T> Shared<T> {
    /// A value that is not shared yet.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner { value, digest: OnceLock::new() }))
    }
}

impl<T: Clone> Shared<T> {
    /// The value, to be changed here and in no other state.
    pub fn make_mut(&mut self) -> &mut T {
        let inner = Arc::make_mut(&mut self.0);
        inner.digest = OnceLock::new();
        &mut inner.value
    }
}

impl<T: Clone> Clone for Inner<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), digest: OnceLock::new() }
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: Hash> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let digest = self.0.digest.get_or_init(|| fingerprint(&self.0.value));
        state.write_u64(*digest);
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::{Shared, fingerprint};

    #[test]
    fn a_change_is_seen_in_the_hash_and_nowhere_else() {
        let one = Shared::new(vec![1]);
        let before = fingerprint(&one);
        let mut other = one.clone();
        assert_eq!((fingerprint(&other), &other), (before, &one));
        other.make_mut().push(2);
        assert_ne!(other, one);
        assert_ne!(fingerprint(&other), before);
        assert_eq!(fingerprint(&one), before);
        other.make_mut().pop();
        assert_eq!((fingerprint(&other), &other), (before, &one));
    }
}
