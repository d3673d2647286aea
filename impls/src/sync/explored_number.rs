//! A number that threads share and nobody waits on.

#[cfg(model_loom)]
use loom as explorer;
#[cfg(model_shuttle)]
use shuttle as explorer;

use std::panic::Location;

use crate::sync::Ordering;
use crate::sync::probe::{self, Operation};

/// As the standard library's, with the explorer's atomic inside: a number that nobody waits on.
/// Its steps tell the lower half of the values, which is all of those that an explorer makes.
#[derive(Debug)]
pub struct AtomicU64 {
    word: explorer::sync::atomic::AtomicU64,
    object: usize,
}

impl AtomicU64 {
    /// A number with this value.
    pub fn new(value: u64) -> Self {
        let word = explorer::sync::atomic::AtomicU64::new(value);
        Self { word, object: probe::new_object() }
    }

    /// Loads the value.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> u64 {
        if std::thread::panicking() {
            return 0;
        }
        let value = self.word.load(probe::ordering(Location::caller(), false, order));
        // Under loom it may be an old value, which no sequentially consistent model would see.
        if cfg!(model_shuttle) {
            self.report(Operation::Load { value: value as u32 }, value);
        }
        value
    }

    /// Adds to the value, around the end of its range, and returns the one before.
    #[track_caller]
    pub fn fetch_add(&self, summand: u64, order: Ordering) -> u64 {
        if std::thread::panicking() {
            return 0;
        }
        let order = probe::ordering(Location::caller(), false, order);
        let old = self.word.fetch_add(summand, order);
        let new = old.wrapping_add(summand);
        self.report(Operation::Swap { old: old as u32, new: new as u32 }, new);
        old
    }

    /// Stores `new` if the value is `expected`.
    ///
    /// # Errors
    /// The value, if it is another one.
    #[track_caller]
    pub fn compare_exchange(
        &self,
        expected: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        if std::thread::panicking() {
            return Ok(expected);
        }
        let success = probe::ordering(Location::caller(), false, success);
        let failure = probe::ordering(Location::caller(), true, failure);
        let result = self.word.compare_exchange(expected, new, success, failure);
        let (old, word) = super::exchanged(result, new);
        let (old, expected, new) = (old as u32, expected as u32, new as u32);
        self.report(Operation::CompareExchange { old, expected, new }, word);
        result
    }

    fn report(&self, operation: Operation, value: u64) {
        probe::report(self.object, operation, value as u32, Vec::new());
    }
}
