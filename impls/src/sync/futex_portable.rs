//! A futex of locks and condition variables, for systems without one that we know.
//!
//! Words share a fixed table of buckets by address. A sleeper holds its bucket's lock from the
//! comparison until it sleeps, and a waker takes the same lock: comparison and sleep are one step
//! to it. Two words in one bucket wake each other's threads, which look again and sleep again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Deadline;
use crate::sync::Waited;

struct Bucket {
    lock: Mutex<()>,
    wakeup: Condvar,
}

static BUCKETS: [Bucket; 64] =
    [const { Bucket { lock: Mutex::new(()), wakeup: Condvar::new() } }; 64];

impl Bucket {
    fn of(word: &AtomicU32) -> &'static Self {
        // The lowest two bits of an aligned address are zero.
        &BUCKETS[(std::ptr::from_ref(word) as usize >> 2) % BUCKETS.len()]
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps while `word` is `expected`; comparing and sleeping are one atomic step.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> Waited {
    let bucket = Bucket::of(word);
    let guard = bucket.lock();
    if word.load(Ordering::Relaxed) != expected {
        return Waited::Refused;
    }
    let Some(remaining) = deadline.remaining() else {
        drop(bucket.wakeup.wait(guard));
        return Waited::Woken;
    };
    match bucket.wakeup.wait_timeout(guard, remaining) {
        Ok((_, result)) if result.timed_out() => Waited::Expired,
        Ok(_) | Err(_) => Waited::Woken,
    }
}

/// Wakes the threads that sleep on `word`. All of them, and those of other words in the bucket:
/// a single one might be another word's.
pub fn wake_one(word: &AtomicU32) {
    wake_all(word);
}

/// Wakes the threads that sleep on `word`, and those of other words in the bucket.
pub fn wake_all(word: &AtomicU32) {
    let bucket = Bucket::of(word);
    let guard = bucket.lock();
    bucket.wakeup.notify_all();
    drop(guard);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::{wait, wake_one};
    use crate::sync::{Deadline, Waited};

    #[test]
    fn another_value_is_refused_and_a_deadline_passes() {
        let word = AtomicU32::new(1);
        assert_eq!(wait(&word, 0, Deadline::NEVER), Waited::Refused);
        assert_eq!(wait(&word, 1, Deadline::after(Duration::ZERO)), Waited::Expired);
    }

    #[test]
    fn a_sleeper_is_woken() {
        static WORD: AtomicU32 = AtomicU32::new(0);
        let sleeper = std::thread::spawn(|| {
            while WORD.load(Ordering::Acquire) == 0 {
                wait(&WORD, 0, Deadline::NEVER);
            }
        });
        WORD.store(1, Ordering::Release);
        wake_one(&WORD);
        assert!(sleeper.join().is_ok());
    }
}
