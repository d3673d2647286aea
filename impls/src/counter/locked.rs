//! One number under a lock.

use crate::lock::{Mutex, RwLock};
use crate::sync;

/// A count under a mutex: what one writes first, and what is right.
///
/// It pays when something else must agree with the count, and stands under the same lock;
/// otherwise [`AtomicCounter`](super::AtomicCounter) does the same for less.
///
/// ```
/// let counter = bisim::counter::LockedCounter::new();
/// assert_eq!(counter.add(2), 2);
/// assert_eq!(counter.get(), 2);
/// ```
#[derive(Debug, Default)]
pub struct LockedCounter {
    value: Mutex<u64>,
}

impl LockedCounter {
    sync::constructor! {
        /// Nothing counted.
        pub fn new() -> Self {
            Self { value: Mutex::new(0) }
        }
    }

    /// Adds, and returns the sum. After 2⁶⁴ - 1 it starts again at 0.
    pub fn add(&self, summand: u64) -> u64 {
        let mut value = self.value.lock();
        *value = value.wrapping_add(summand);
        *value
    }

    /// The sum.
    pub fn get(&self) -> u64 {
        *self.value.lock()
    }
}

/// A count under a readers-writer lock: those who look do not wait for each other.
///
/// It is the usual example of such a lock, and not a good use of one: to look at a number takes
/// less time than to enter and to leave. See [`AtomicCounter`](super::AtomicCounter).
///
/// ```
/// let counter = bisim::counter::RwLockedCounter::new();
/// assert_eq!(counter.add(2), 2);
/// assert_eq!(counter.get(), 2);
/// ```
#[derive(Debug, Default)]
pub struct RwLockedCounter {
    value: RwLock<u64>,
}

impl RwLockedCounter {
    sync::constructor! {
        /// Nothing counted.
        pub fn new() -> Self {
            Self { value: RwLock::new(0) }
        }
    }

    /// Adds, and returns the sum. After 2⁶⁴ - 1 it starts again at 0.
    pub fn add(&self, summand: u64) -> u64 {
        let mut value = self.value.write();
        *value = value.wrapping_add(summand);
        *value
    }

    /// The sum.
    pub fn get(&self) -> u64 {
        *self.value.read()
    }
}
