//! A value that many states share.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A part of a state that few steps change: the states that do not change it share it. It
/// compares, hashes and serializes as the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "T", into = "T")]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[serde(bound(serialize = "T: Clone + Serialize + From<Shared<T>>"))]
pub struct Shared<T>(Arc<T>);

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
