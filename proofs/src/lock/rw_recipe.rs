//! Mistakes in the code of the readers-writer lock: the same algorithm with one function changed.

use std::marker::PhantomData;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::shipped::written;
use crate::interleaving::{Call, Plain, Subject, Word, World};

pub(super) const READER: u32 = 1;
pub(super) const READERS: u32 = (1 << 17) - 1;
pub(super) const WAITING: u32 = 1 << 17;
pub(super) const READERS_WAIT: u32 = 1 << 30;
pub(super) const WRITERS_WAIT: u32 = READERS_WAIT - WAITING;
pub(super) const WRITER: u32 = 1 << 31;

/// The functions of `impls/src/lock/raw_rw_lock.rs`, without the spinning.
pub trait RwRecipe: Default + Send + Sync + 'static {
    /// What a reader that enters makes of the state; none if it may not enter.
    fn with_reader(state: u32) -> Option<u32> {
        (state & (WRITER | WRITERS_WAIT) == 0).then_some(state + READER)
    }

    /// Whether a writer may enter.
    fn is_free(state: u32) -> bool {
        state & (WRITER | READERS) == 0
    }

    /// Looks at a turnstile before the thread tries.
    fn look<W: Word>(turnstile: &W) -> u32 {
        turnstile.fetch_add(0, Acquire)
    }

    /// What to sleep on, given the look of before.
    fn look_again<W: Word>(_turnstile: &W, look: u32) -> u32 {
        look
    }

    /// A reader leaves: the state before.
    fn leave<W: Word>(state: &W) -> u32 {
        state.fetch_add(READER.wrapping_neg(), Release)
    }

    /// Whether a writer that has left wakes readers.
    fn wakes_readers(before: u32) -> bool {
        before & (WRITERS_WAIT | READERS_WAIT) == READERS_WAIT
    }

    /// Whether a writer that has given up wakes readers.
    fn withdrawal_wakes_readers(before: u32) -> bool {
        before & WRITERS_WAIT == WAITING && before & (WRITER | READERS_WAIT) == READERS_WAIT
    }

    /// A writer becomes a reader.
    fn downgrade<W: World>(lock: &RwByRecipe<W, Self>) {
        let before = lock.state.fetch_add((WRITER - READER).wrapping_neg(), Release);
        if Self::wakes_readers(before) {
            lock.wake_readers();
        }
    }
}

/// A readers-writer lock by a recipe, with plain memory of its world under it.
#[derive(Debug)]
pub struct RwByRecipe<W: World, R> {
    state: W::Word,
    readers: W::Word,
    writers: W::Word,
    count: W::Plain,
    recipe: PhantomData<R>,
}

impl<W: World, R> Default for RwByRecipe<W, R> {
    fn default() -> Self {
        Self {
            state: Word::new(0),
            readers: Word::new(0),
            writers: Word::new(0),
            count: W::Plain::default(),
            recipe: PhantomData,
        }
    }
}

impl<W: World, R: RwRecipe> RwByRecipe<W, R> {
    /// Changes the state as long as `change` does; false when it does not.
    fn attempt(&self, change: impl Fn(u32) -> Option<u32>) -> bool {
        let mut seen = self.state.load(Relaxed);
        while let Some(next) = change(seen) {
            match self.state.compare_exchange(seen, next, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => seen = now,
            }
        }
        false
    }

    /// Changes the state by `enter`, or by `stay` where that is nothing: whether it was by the
    /// first.
    fn enter_or(&self, enter: impl Fn(u32) -> Option<u32>, stay: impl Fn(u32) -> u32) -> bool {
        let mut seen = self.state.load(Relaxed);
        loop {
            let next = enter(seen);
            let to = next.unwrap_or_else(|| stay(seen));
            match self.state.compare_exchange(seen, to, Acquire, Relaxed) {
                Ok(_) => return next.is_some(),
                Err(now) => seen = now,
            }
        }
    }

    pub(super) fn read(&self, waits: bool, timed: bool) -> bool {
        if self.attempt(R::with_reader) {
            return true;
        }
        if !waits {
            return false;
        }
        loop {
            let look = R::look(&self.readers);
            if self.enter_or(R::with_reader, |state| state | READERS_WAIT) {
                return true;
            }
            if !self.readers.wait(R::look_again(&self.readers, look), timed) {
                return false;
            }
        }
    }

    fn write(&self, waits: bool, timed: bool) -> bool {
        if self.attempt(|state| R::is_free(state).then_some(state | WRITER)) {
            return true;
        }
        if !waits {
            return false;
        }
        let mut counted = 0;
        loop {
            let look = R::look(&self.writers);
            let enter = |state| R::is_free(state).then(|| state - counted + WRITER);
            if self.enter_or(enter, |state| state - counted + WAITING) {
                return true;
            }
            counted = WAITING;
            if !self.writers.wait(R::look_again(&self.writers, look), timed) {
                let before = self.state.fetch_add(WAITING.wrapping_neg(), Relaxed);
                if R::withdrawal_wakes_readers(before) {
                    self.wake_readers();
                }
                return false;
            }
        }
    }

    pub(super) fn unlock_read(&self) {
        let before = R::leave(&self.state);
        if before & READERS == READER && before & WRITERS_WAIT != 0 {
            self.wake_writer();
        }
    }

    pub(super) fn unlock_write(&self) {
        let before = self.state.fetch_add(WRITER.wrapping_neg(), Release);
        if before & WRITERS_WAIT != 0 {
            self.wake_writer();
        } else if R::wakes_readers(before) {
            self.wake_readers();
        }
    }

    fn wake_writer(&self) {
        self.writers.fetch_add(1, Release);
        self.writers.wake_one();
    }

    fn wake_readers(&self) {
        self.state.fetch_and(!READERS_WAIT, Relaxed);
        self.readers.fetch_add(1, Release);
        self.readers.wake_all();
    }

    /// Reads twice: nobody may have written in between.
    fn look_under_the_lock(&self) -> u32 {
        let (one, other) = (self.count.get(), self.count.get());
        self.unlock_read();
        assert!(one == other, "mutual exclusion: {one} became {other} under a reader");
        1
    }
}

impl<W: World, R: RwRecipe> Subject for RwByRecipe<W, R> {
    fn call(&self, call: Call) -> u32 {
        let waits = !matches!(call, Call::TryRead | Call::TryLock);
        let timed = matches!(call, Call::TimedRead | Call::TimedLock);
        if matches!(call, Call::Read | Call::TryRead | Call::TimedRead) {
            return if self.read(waits, timed) { self.look_under_the_lock() } else { 0 };
        }
        if !self.write(waits, timed) {
            return 0;
        }
        let count = self.count.get() + 1;
        self.count.set(count);
        if call == Call::Downgrade {
            R::downgrade(self);
            let read = self.count.get();
            assert!(read == count, "mutual exclusion: {count} became {read} in a downgrade");
            return self.look_under_the_lock();
        }
        self.unlock_write();
        1
    }

    fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
        written(self.count.get(), results)
    }
}

/// The recipe as it is: nothing is wrong with it.
#[derive(Debug, Default)]
pub struct Right;

impl RwRecipe for Right {}
