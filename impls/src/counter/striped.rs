//! Several numbers that are added up.

use crate::sync::Ordering::Relaxed;
use crate::sync::{self, AtomicU64};

/// How many numbers there are: enough for a few cores, few enough to be added up.
const STRIPES: usize = sync::production_or_explored(16, 2) as usize;

/// A count that is spread over several cache lines, so that cores which add at the same time do
/// not wait for each other.
///
/// # What a sum means
///
/// The stripes are read one after the other, while others add. Each addition that happened before
/// the look began is counted, none is counted twice, and of those that happen meanwhile some may be
/// counted. The sum may be one that the count never had: see the page of this module. When no
/// thread adds, the sum is exact.
///
/// Its orderings are all relaxed. That an addition happened before a look must come from elsewhere:
/// both are in one thread, or the threads were joined, or there was a lock.
///
/// Source: `LongAdder` in Java's `java.util.concurrent.atomic` (Doug Lea); stripes chosen once for
/// each thread.
///
/// ```
/// static HITS: bisim::counter::StripedCounter = bisim::counter::StripedCounter::new();
///
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| (0..100).for_each(|_| HITS.add(1)));
///     }
/// });
/// assert_eq!(HITS.sum(), 400);
/// ```
#[derive(Debug)]
pub struct StripedCounter {
    stripes: [Stripe; STRIPES],
}

/// A number with a pair of cache lines of its own: processors fetch them in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Stripe(AtomicU64);

impl StripedCounter {
    /// Nothing counted.
    #[cfg(not(any(model_loom, model_shuttle)))]
    pub const fn new() -> Self {
        Self { stripes: [const { Stripe(AtomicU64::new(0)) }; STRIPES] }
    }

    /// Nothing counted.
    #[cfg(any(model_loom, model_shuttle))]
    pub fn new() -> Self {
        Self { stripes: std::array::from_fn(|_| Stripe(AtomicU64::new(0))) }
    }

    /// Adds. After 2⁶⁴ - 1 the sum starts again at 0.
    #[inline]
    pub fn add(&self, summand: u64) {
        self.stripes[place() % STRIPES].0.fetch_add(summand, Relaxed);
    }

    /// The sum of the stripes, one after the other; see [what it means](Self#what-a-sum-means).
    pub fn sum(&self) -> u64 {
        let values = self.stripes.iter().map(|stripe| stripe.0.load(Relaxed));
        values.fold(0, u64::wrapping_add)
    }
}

impl Default for StripedCounter {
    fn default() -> Self {
        Self::new()
    }
}

/// The number of this thread, in the order in which threads first ask.
#[cfg(not(any(model_loom, model_shuttle)))]
#[inline]
fn place() -> usize {
    use std::cell::Cell;
    use std::sync::atomic::AtomicUsize;

    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    PLACE.with(|place| {
        if place.get() == usize::MAX {
            // usize::MAX threads there are not.
            place.set(THREADS.fetch_add(1, Relaxed));
        }
        place.get()
    })
}

/// The number that the explorer's thread has.
#[cfg(any(model_loom, model_shuttle))]
fn place() -> usize {
    sync::probe::thread_number().unwrap_or(0)
}
