//! Stage 1 of the readers-writer lock: the lock without the data.

use std::time::Duration;

use super::rw_state::{
    READER, READERS, READERS_WAIT, WAITING, WRITER, WRITERS_WAIT, is_free, lets_readers_in,
};
use super::turnstile::Turnstile;
use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{self, AtomicU32, Deadline, Waited};

/// How often a thread looks at a taken lock before it says that it waits.
const SPINS: u32 = sync::production_or_explored(100, 1);

/// A readers-writer lock that prefers writers, and that protects nothing by itself.
///
/// One word says who holds the lock (a number of readers, or a writer) and who waits: how many
/// writers, and whether there are readers among them. While a writer waits no reader enters, so
/// that readers cannot keep writers out by coming one after the other. Readers and writers sleep
/// apart, and a lock that nobody else wants is taken and freed by one atomic instruction each.
///
/// Sources: Courtois, Heymans, Parnas, "Concurrent Control with 'Readers' and 'Writers'", CACM
/// 14(10), 1971, problem 2; Mara Bos, *Rust Atomics and Locks* (2023), chapter 9, "Reader-Writer
/// Lock"; Reed and Kanodia 1979 for the way to sleep.
///
/// # Memory orderings
///
/// | where | ordering | pairs with | when it is relaxed |
/// |---|---|---|---|
/// | who enters: `try_read`, `try_write`, … | Acquire | the Release of who left | a race |
/// | `unlock_read`, `unlock_write`, `downgrade` | Release | the Acquire of who enters | a race |
/// | `Turnstile::look` | Acquire | the Release in `turn` | not missed, see below |
/// | `Turnstile::turn` | Release | the Acquire in `look` | not missed, see below |
/// | all others | Relaxed | nothing: they say nothing about the data | |
///
/// Who sees a turn must also see what was changed before it: an order between two words. loom makes
/// each exchange on the latest value, so that it does not miss the order; a processor may.
///
/// `bisim conform rw-lock --weaken` weakens each of them in turn.
#[derive(Debug)]
pub struct RawRwLock {
    state: AtomicU32,
    readers: Turnstile,
    writers: Turnstile,
}

impl RawRwLock {
    /// How many readers can hold the lock at once: 131,071.
    pub const MOST_READERS: u32 = READERS;

    sync::constructor! {
        /// A lock that nobody holds.
        pub fn new() -> Self {
            Self {
                state: AtomicU32::new(0),
                readers: Turnstile::new(),
                writers: Turnstile::new(),
            }
        }
    }

    /// Enters as a reader if no writer is there or waits, and says whether it did.
    #[inline]
    pub fn try_read(&self) -> bool {
        let mut seen = self.state.load(Relaxed);
        while lets_readers_in(seen) {
            // Acquire: pairs with the Release of the last writer.
            match self.state.compare_exchange(seen, seen + READER, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Enters as a reader, and sleeps until it can.
    ///
    /// A thread that already reads must not read again: if a writer waits in between, the two
    /// wait for each other.
    ///
    /// # Panics
    /// When [`MOST_READERS`](Self::MOST_READERS) hold the lock, and no writer is there or waits:
    /// nobody who will wake the thread is known to come.
    #[inline]
    pub fn read(&self) {
        if !self.try_read() {
            self.read_contended(Deadline::NEVER);
        }
    }

    /// Enters as a reader unless writers are there or wait for as long as `timeout`, and says
    /// whether it did.
    ///
    /// # Panics
    /// As [`read`](Self::read).
    #[inline]
    pub fn try_read_for(&self, timeout: Duration) -> bool {
        self.try_read() || self.read_contended(Deadline::after(timeout))
    }

    /// Leaves as a reader. Only who has entered as one may.
    #[inline]
    pub fn unlock_read(&self) {
        // Release: pairs with the Acquire of the next writer, who must not overwrite what is
        // still being read.
        let before = self.state.fetch_sub(READER, Release);
        // Readers wait only while a writer does, or holds the lock: they are not looked after.
        if before & READERS == READER && before & WRITERS_WAIT != 0 {
            self.writers.pass_one();
        }
    }

    /// Enters as the writer if nobody is there, and says whether it did. Writers that wait may be
    /// overtaken.
    #[inline]
    pub fn try_write(&self) -> bool {
        let mut seen = self.state.load(Relaxed);
        while is_free(seen) {
            // Acquire: pairs with the Release of the last writer and of all readers before.
            match self.state.compare_exchange(seen, seen | WRITER, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Enters as the writer, and sleeps until it can.
    ///
    /// # Panics
    /// When 8,191 writers wait.
    #[inline]
    pub fn write(&self) {
        if !self.try_write() {
            self.write_contended(Deadline::NEVER);
        }
    }

    /// Enters as the writer unless others are there for as long as `timeout`, and says whether it
    /// did.
    ///
    /// # Panics
    /// As [`write`](Self::write).
    #[inline]
    pub fn try_write_for(&self, timeout: Duration) -> bool {
        self.try_write() || self.write_contended(Deadline::after(timeout))
    }

    /// Leaves as the writer. Only who has entered as one may.
    #[inline]
    pub fn unlock_write(&self) {
        // Release: pairs with the Acquire of whoever enters next.
        let before = self.state.fetch_sub(WRITER, Release);
        if before & (WRITERS_WAIT | READERS_WAIT) != 0 {
            self.wake(before);
        }
    }

    /// Whether anybody is there at this moment.
    pub fn is_locked(&self) -> bool {
        !is_free(self.state.load(Relaxed))
    }

    /// Whether a writer is there at this moment.
    pub fn is_written(&self) -> bool {
        self.state.load(Relaxed) & WRITER != 0
    }

    /// Makes the writer a reader. No other writer can enter in between.
    #[inline]
    pub fn downgrade(&self) {
        // Release: pairs with the Acquire of the readers that now enter.
        let before = self.state.fetch_sub(WRITER - READER, Release);
        if before & (WRITERS_WAIT | READERS_WAIT) == READERS_WAIT {
            self.wake_readers();
        }
    }

    /// Wakes whom a writer that has left finds waiting: a writer if there is one.
    #[cold]
    fn wake(&self, before: u32) {
        if before & WRITERS_WAIT != 0 {
            self.writers.pass_one();
        } else {
            self.wake_readers();
        }
    }

    #[cold]
    fn wake_readers(&self) {
        // The mark goes first: a reader that marks again after this has not looked at the
        // turnstile before it is turned, or will find that it was.
        self.state.fetch_and(!READERS_WAIT, Relaxed);
        self.readers.pass_all();
    }

    /// The slow path of readers. False when the deadline has passed.
    #[cold]
    fn read_contended(&self, deadline: Deadline) -> bool {
        if Self::spin(|| self.try_read()) {
            return true;
        }
        loop {
            let look = self.readers.look();
            if self.enter_or_mark() {
                return true;
            }
            if self.readers.wait(look, deadline) == Waited::Expired {
                return false;
            }
        }
    }

    /// Enters as a reader, or else says that readers wait.
    fn enter_or_mark(&self) -> bool {
        let mut seen = self.state.load(Relaxed);
        loop {
            let enters = lets_readers_in(seen);
            let taken_by_readers = seen & (WRITER | WRITERS_WAIT) == 0;
            assert!(enters || !taken_by_readers, "too many readers hold the lock");
            // The mark is written even where it stands: the exchange sees the latest state.
            let next = if enters { seen + READER } else { seen | READERS_WAIT };
            match self.state.compare_exchange(seen, next, Acquire, Relaxed) {
                Ok(_) => return enters,
                Err(now) => seen = now,
            }
        }
    }

    /// The slow path of writers. False when the deadline has passed.
    #[cold]
    fn write_contended(&self, deadline: Deadline) -> bool {
        if Self::spin(|| self.try_write()) {
            return true;
        }
        let mut announced = false;
        loop {
            let look = self.writers.look();
            if self.enter_or_announce(announced) {
                return true;
            }
            announced = true;
            if self.writers.wait(look, deadline) == Waited::Expired {
                self.withdraw();
                return false;
            }
        }
    }

    /// Enters as the writer, or else is counted among those who wait.
    fn enter_or_announce(&self, announced: bool) -> bool {
        let counted = if announced { WAITING } else { 0 };
        let mut seen = self.state.load(Relaxed);
        loop {
            let enters = is_free(seen);
            let next = if enters {
                seen - counted + WRITER
            } else {
                assert!(
                    announced || seen & WRITERS_WAIT != WRITERS_WAIT,
                    "too many writers wait for the lock"
                );
                // The exchange takes place also if nothing changes: it sees the latest state.
                seen - counted + WAITING
            };
            match self.state.compare_exchange(seen, next, Acquire, Relaxed) {
                Ok(_) => return enters,
                Err(now) => seen = now,
            }
        }
    }

    /// A writer waits no more. If it was the last, the readers that waited for it may enter.
    fn withdraw(&self) {
        let before = self.state.fetch_sub(WAITING, Relaxed);
        let others_wait = before & WRITERS_WAIT != WAITING;
        if !others_wait && before & (WRITER | READERS_WAIT) == READERS_WAIT {
            self.wake_readers();
        }
    }

    /// Tries for a short while.
    fn spin(mut attempt: impl FnMut() -> bool) -> bool {
        for _ in 0..SPINS {
            // To look is cheap: the cache line stays shared until somebody writes.
            if attempt() {
                return true;
            }
            sync::spin_loop();
        }
        false
    }
}

impl Default for RawRwLock {
    fn default() -> Self {
        Self::new()
    }
}
