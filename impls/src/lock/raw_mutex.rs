//! Stage 1: the lock without the data.

use std::time::Duration;

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{self, AtomicU32, Deadline, Waited};

/// Nobody holds the lock.
const UNLOCKED: u32 = 0;
/// A thread holds the lock, and no thread has said that it waits.
const LOCKED: u32 = 1;
/// A thread holds the lock, and others may sleep until it is free.
const CONTENDED: u32 = 2;

/// How often a thread looks at a taken lock before it says that it waits.
const SPINS: u32 = sync::production_or_explored(100, 1);

/// The three-state futex mutex, which protects nothing by itself.
///
/// One word says whether the lock is free, taken, or taken while others may sleep. The kernel
/// is asked only in the last case: [`lock`](Self::lock) and [`unlock`](Self::unlock) of a lock
/// that nobody else wants are one atomic instruction each.
///
/// Sources: Ulrich Drepper, "Futexes Are Tricky" (2011), section 6, mutex 2; Mara Bos, *Rust
/// Atomics and Locks* (2023), chapter 9.
///
/// # Memory orderings
///
/// | where | ordering | pairs with | when it is relaxed |
/// |---|---|---|---|
/// | `acquire`, success | Acquire | the Release in `unlock` | loom: a race on the data |
/// | `mark` | Acquire | the Release in `unlock` | loom: a race on the data |
/// | `unlock` | Release | the Acquire in `acquire` and in `mark` | loom: a race on the data |
/// | `acquire`, failure; `spin` | Relaxed | nothing: it says nothing about the data | |
///
/// `bisim conform mutex --weaken` relaxes each of the first three in turn.
#[derive(Debug)]
pub struct RawMutex {
    word: AtomicU32,
}

impl RawMutex {
    sync::constructor! {
        /// A lock that nobody holds.
        pub fn new() -> Self {
            Self { word: AtomicU32::new(UNLOCKED) }
        }
    }

    /// Takes the lock, and sleeps until it can.
    ///
    /// A thread that already holds the lock waits for itself, for ever.
    #[inline]
    pub fn lock(&self) {
        if !self.acquire() {
            self.lock_contended(Deadline::NEVER);
        }
    }

    /// Takes the lock if it is free, and says whether it did.
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.acquire()
    }

    /// Takes the lock unless it stays taken for as long as `timeout`, and says whether it did.
    #[inline]
    pub fn try_lock_for(&self, timeout: Duration) -> bool {
        self.acquire() || self.lock_contended(Deadline::after(timeout))
    }

    /// Whether a thread has the lock at this moment.
    #[inline]
    pub fn is_locked(&self) -> bool {
        self.word.load(Relaxed) != UNLOCKED
    }

    /// Frees the lock and wakes a sleeper, if there may be one. The lock is not handed to the
    /// sleeper: a running thread may take it first, which keeps the lock busy while the sleeper
    /// is on its way (and may make it wait again; the lock is not fair).
    ///
    /// Only the thread that took the lock may free it.
    #[inline]
    pub fn unlock(&self) {
        // Release: pairs with the Acquire in `acquire` and in `mark`; what was done under the
        // lock happens before what the next owner does. To free the word and to learn whether
        // somebody waits is one step: between two steps, somebody could begin to.
        if self.word.swap(UNLOCKED, Release) == CONTENDED {
            // After the swap, not before: a thread that is woken while the lock is taken goes
            // back to sleep, and nobody wakes it again.
            sync::wake_one(&self.word);
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    fn acquire(&self) -> bool {
        // Acquire: pairs with the Release in `unlock`. On failure the thread learns nothing
        // about the data, so that Relaxed is enough.
        self.word.compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed).is_ok()
    }

    /// Says that a thread waits, and takes the lock if it is free after all.
    fn mark(&self) -> bool {
        // Acquire: pairs with the Release in `unlock`, for the case that the lock is free.
        self.word.swap(CONTENDED, Acquire) == UNLOCKED
    }

    /// The slow path: looks for a while, then sleeps. False when the deadline has passed.
    #[cold]
    fn lock_contended(&self, deadline: Deadline) -> bool {
        if self.spin() {
            return true;
        }
        // From here on the lock is only taken by `mark`, as contended, never by `acquire`: while
        // this thread waited, its mark may have been used up to wake it, and others may still
        // sleep whom only a contended word has woken.
        while !self.mark() {
            // The word must still be marked when the thread falls asleep. If it is not, the
            // owner has freed the lock and will not wake whom it did not see.
            if sync::wait(&self.word, CONTENDED, deadline) == Waited::Expired {
                return false;
            }
        }
        true
    }

    /// Looks at the lock for a short while, and takes it when it is free. Where others sleep
    /// already it is wanted by more threads than cores can serve: then this one sleeps too.
    fn spin(&self) -> bool {
        for _ in 0..SPINS {
            // To look is cheap: the cache line stays shared until somebody writes.
            match self.word.load(Relaxed) {
                UNLOCKED if self.acquire() => return true,
                CONTENDED => return false,
                _ => sync::spin_loop(),
            }
        }
        false
    }
}

impl Default for RawMutex {
    fn default() -> Self {
        Self::new()
    }
}
