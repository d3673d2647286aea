//! One number.

use crate::sync::Ordering::Relaxed;
use crate::sync::{self, AtomicU64};

/// A count that many threads add to, each by one instruction.
///
/// It is linearizable: an addition takes effect at one moment, and a look sees all additions before
/// it and none after. Its orderings are all relaxed: the count says nothing about other memory. A
/// thread that must see what the others have done before they counted has to be told so by other
/// means, a [`WaitGroup`](crate::lock::WaitGroup) for one.
///
/// ```
/// static REQUESTS: bisim::counter::AtomicCounter = bisim::counter::AtomicCounter::new();
///
/// assert_eq!(REQUESTS.add(2), 2);
/// assert_eq!(REQUESTS.get(), 2);
/// ```
#[derive(Debug)]
pub struct AtomicCounter {
    value: AtomicU64,
}

impl AtomicCounter {
    sync::constructor! {
        /// Nothing counted.
        pub fn new() -> Self {
            Self { value: AtomicU64::new(0) }
        }
    }

    /// Adds, and returns the sum. After 2⁶⁴ - 1 it starts again at 0.
    #[inline]
    pub fn add(&self, summand: u64) -> u64 {
        self.value.fetch_add(summand, Relaxed).wrapping_add(summand)
    }

    /// The sum.
    #[inline]
    pub fn get(&self) -> u64 {
        self.value.load(Relaxed)
    }
}

impl Default for AtomicCounter {
    fn default() -> Self {
        Self::new()
    }
}
