//! The futex of Linux: futex(2), `FUTEX_WAIT` and `FUTEX_WAKE` on a private word.

use std::sync::atomic::AtomicU32;

use rustix::io::Errno;
use rustix::thread::futex::{self, Flags, Timespec};

use super::Deadline;
use crate::sync::Waited;

/// Sleeps while `word` is `expected`. The kernel compares and puts the thread to sleep in one
/// atomic step, so that a wake-up after the comparison is never missed.
///
/// The word's value says nothing about other memory: the caller looks again, with an ordering.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> Waited {
    let remaining = deadline.remaining().map(|left| Timespec {
        // 2^63 seconds and more are longer than anybody waits.
        tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    });
    match futex::wait(word, Flags::PRIVATE, expected, remaining.as_ref()) {
        Err(Errno::AGAIN) => Waited::Refused,
        Err(Errno::TIMEDOUT) => Waited::Expired,
        // A signal handler ran (EINTR): to the caller one more wake-up without a cause.
        Ok(()) | Err(_) => Waited::Woken,
    }
}

/// Wakes one of the threads that sleep on `word`, if there is one. Which one, the kernel says.
pub fn wake_one(word: &AtomicU32) {
    wake(word, 1);
}

/// Wakes all threads that sleep on `word`.
pub fn wake_all(word: &AtomicU32) {
    // What the kernel reads is a signed number.
    wake(word, i32::MAX as u32);
}

fn wake(word: &AtomicU32, most: u32) {
    // The only errors are a bad address, which a reference cannot be, and a bad flag.
    let woken = futex::wake(word, Flags::PRIVATE, most);
    debug_assert!(woken.is_ok_and(|woken| woken <= most as usize), "{woken:?}");
}
