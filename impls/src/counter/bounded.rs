//! One number that does not pass a bound.

use std::fmt;

use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// A count that never passes its bound: places in a room, say.
///
/// An addition that would pass the bound is refused, and changes nothing. It is linearizable, and
/// lock-free: an attempt fails only because another has succeeded.
///
/// ```
/// let seats = bisim::counter::BoundedCounter::new(2);
/// assert_eq!(seats.add(2), Ok(2));
/// assert_eq!(seats.add(1).unwrap_err().value, 2);
/// assert_eq!(seats.subtract(1), Ok(1));
/// ```
#[derive(Debug)]
pub struct BoundedCounter {
    value: AtomicU64,
    bound: u64,
}

/// A change that would have passed the bound, or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The count, which is as it was.
    pub value: u64,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: the count stays {}", self.value)
    }
}

impl std::error::Error for Refused {}

impl BoundedCounter {
    /// Nothing counted; at most `bound` will be.
    pub fn new(bound: u64) -> Self {
        Self { value: AtomicU64::new(0), bound }
    }

    /// Adds, and returns the count.
    ///
    /// # Errors
    /// The count as it is, when the sum would pass the bound.
    pub fn add(&self, summand: u64) -> Result<u64, Refused> {
        self.change(|value| value.checked_add(summand).filter(|sum| *sum <= self.bound))
    }

    /// Subtracts, and returns the count.
    ///
    /// # Errors
    /// The count as it is, when it is less than what is to be subtracted.
    pub fn subtract(&self, subtrahend: u64) -> Result<u64, Refused> {
        self.change(|value| value.checked_sub(subtrahend))
    }

    /// The count.
    pub fn get(&self) -> u64 {
        self.value.load(Relaxed)
    }

    /// The most that will be counted.
    pub fn bound(&self) -> u64 {
        self.bound
    }

    fn change(&self, change: impl Fn(u64) -> Option<u64>) -> Result<u64, Refused> {
        let mut value = self.value.load(Relaxed);
        loop {
            let next = change(value).ok_or(Refused { value })?;
            match self.value.compare_exchange(value, next, Relaxed, Relaxed) {
                Ok(_) => return Ok(next),
                // Another thread was faster: what it has left may still do.
                Err(now) => value = now,
            }
        }
    }
}
