//! Entries under way.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Debug};
use core::ops::Deref;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::Entry;

/// Entries that a write, several messages and several servers have in common: a slice that is
/// shared when it is cloned. Where there are none, nothing is allocated and no references are
/// counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(from = "Option<Vec<Entry<C>>>", bound(deserialize = "C: Deserialize<'de>"))
)]
pub struct Entries<C>(
    /// Never an empty slice, so that there is one way to have none.
    Option<Arc<[Entry<C>]>>,
);

impl<C> Default for Entries<C> {
    fn default() -> Self {
        Self(None)
    }
}

impl<C> Deref for Entries<C> {
    type Target = [Entry<C>];

    fn deref(&self) -> &[Entry<C>] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<C: Debug> Debug for Entries<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<C> From<Vec<Entry<C>>> for Entries<C> {
    fn from(entries: Vec<Entry<C>>) -> Self {
        Self((!entries.is_empty()).then(|| entries.into()))
    }
}

impl<C> From<Option<Vec<Entry<C>>>> for Entries<C> {
    fn from(entries: Option<Vec<Entry<C>>>) -> Self {
        entries.unwrap_or_default().into()
    }
}

impl<C: Clone> From<&[Entry<C>]> for Entries<C> {
    fn from(entries: &[Entry<C>]) -> Self {
        Self((!entries.is_empty()).then(|| entries.into()))
    }
}

impl<C> From<Entry<C>> for Entries<C> {
    fn from(entry: Entry<C>) -> Self {
        Self(Some(Arc::new([entry])))
    }
}
