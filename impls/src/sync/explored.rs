//! What the explorers run on: their atomics, and a futex made of their threads.

#[cfg(model_loom)]
use loom as explorer;
#[cfg(model_shuttle)]
use shuttle as explorer;

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use explorer::thread::{self, Thread};

use super::probe::{self, Operation};
use super::{Ordering, Waited};
use crate::channel::Note;

#[cfg(model_shuttle)]
#[path = "explored_cell.rs"]
mod cell;
#[path = "explored_number.rs"]
mod number;

#[cfg(model_shuttle)]
pub use cell::UnsafeCell;
#[cfg(model_loom)]
pub use loom::cell::UnsafeCell;
pub use number::AtomicU64;

/// An explorer's name for a thread.
pub(super) type ThreadId = thread::ThreadId;

/// The explorer's name for the thread that runs.
pub(super) fn thread_id() -> ThreadId {
    thread::current().id()
}

/// As the standard library's, with the explorer's atomic inside and a futex's queue beside it.
///
/// While a failed execution is unwound, its operations do nothing: the explorer is not to switch
/// threads then, and what the destructors of guards do to a lock matters no more.
#[derive(Debug)]
pub struct AtomicU32 {
    word: explorer::sync::atomic::AtomicU32,
    /// The value that was stored last, unseen by the explorer: what the kernel sees.
    latest: std::sync::atomic::AtomicU32,
    /// Plain memory to the explorer: it is touched only in the same step as `word`.
    queue: Mutex<VecDeque<Sleeper>>,
    /// The word's name in what is observed.
    object: usize,
}

/// A thread that sleeps on a word.
#[derive(Debug)]
struct Sleeper {
    id: ThreadId,
    number: usize,
    /// How to wake it; `None` for a thread with a deadline, which looks by itself.
    thread: Option<Thread>,
}

impl AtomicU32 {
    /// A word with this value.
    pub fn new(value: u32) -> Self {
        Self {
            word: explorer::sync::atomic::AtomicU32::new(value),
            latest: std::sync::atomic::AtomicU32::new(value),
            queue: Mutex::new(VecDeque::new()),
            object: probe::new_object(),
        }
    }

    /// Loads the value.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> u32 {
        if std::thread::panicking() {
            return 0;
        }
        self.word.load(probe::ordering(Location::caller(), false, order))
    }

    /// Stores a value.
    #[track_caller]
    pub fn store(&self, new: u32, order: Ordering) {
        if std::thread::panicking() {
            return;
        }
        self.word.store(new, probe::ordering(Location::caller(), false, order));
        self.latest.store(new, Ordering::Relaxed);
        self.report(Operation::Store { new }, new);
    }

    /// Stores a value and returns the one before.
    #[track_caller]
    pub fn swap(&self, new: u32, order: Ordering) -> u32 {
        if std::thread::panicking() {
            return new;
        }
        let old = self.word.swap(new, probe::ordering(Location::caller(), false, order));
        self.changed(old, new)
    }

    /// Adds to the value, around the end of its range, and returns the one before.
    #[track_caller]
    pub fn fetch_add(&self, summand: u32, order: Ordering) -> u32 {
        if std::thread::panicking() {
            return 0;
        }
        let order = probe::ordering(Location::caller(), false, order);
        let old = self.word.fetch_add(summand, order);
        self.changed(old, old.wrapping_add(summand))
    }

    /// Subtracts from the value, around the end of its range, and returns the one before.
    #[track_caller]
    pub fn fetch_sub(&self, subtrahend: u32, order: Ordering) -> u32 {
        self.fetch_add(subtrahend.wrapping_neg(), order)
    }

    /// Keeps the bits of `mask`, and returns the value before.
    #[track_caller]
    pub fn fetch_and(&self, mask: u32, order: Ordering) -> u32 {
        if std::thread::panicking() {
            return 0;
        }
        let old = self.word.fetch_and(mask, probe::ordering(Location::caller(), false, order));
        self.changed(old, old & mask)
    }

    /// The end of a step that has read `old` and written `new`.
    fn changed(&self, old: u32, new: u32) -> u32 {
        self.latest.store(new, Ordering::Relaxed);
        self.report(Operation::Swap { old, new }, new);
        old
    }

    /// Stores `new` if the value is `expected`.
    ///
    /// # Errors
    /// The value, if it is another one.
    #[track_caller]
    pub fn compare_exchange(
        &self,
        expected: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        if std::thread::panicking() {
            return Ok(expected);
        }
        let success = probe::ordering(Location::caller(), false, success);
        let failure = probe::ordering(Location::caller(), true, failure);
        let result = self.word.compare_exchange(expected, new, success, failure);
        let (old, word) = exchanged(result, new);
        if result.is_ok() {
            self.latest.store(new, Ordering::Relaxed);
        }
        self.report(Operation::CompareExchange { old, expected, new }, word);
        result
    }

    /// The current value, as the kernel sees it: a step of its own, which orders no memory.
    ///
    /// The explorer is only asked for a step. Its load may return an old value; and its
    /// read-modify-write may take an old one for the latest, beside a plain store of another
    /// thread (tokio-rs/loom issue 254), and would then write it back. So it is made to fail.
    fn current(&self) -> u32 {
        /// What no algorithm stores.
        const NEVER: u32 = 0x9e37_79b9;
        let _ = self.word.compare_exchange(NEVER, NEVER, Ordering::Relaxed, Ordering::Relaxed);
        self.latest.load(Ordering::Relaxed)
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Sleeper>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, operation: Operation, word: u32) {
        let sleepers = self.queue().iter().map(|sleeper| sleeper.number).collect();
        probe::report(self.object, operation, word, sleepers);
    }

    fn is_asleep(&self, id: ThreadId) -> bool {
        self.queue().iter().any(|sleeper| sleeper.id == id)
    }
}

/// The value before an exchange that may have failed, and the value after it.
fn exchanged<T: Copy>(result: Result<T, T>, new: T) -> (T, T) {
    match result {
        Ok(old) => (old, new),
        Err(old) => (old, old),
    }
}

/// When a thread gives up waiting. There is no clock: the deadline may pass at any step.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    passes: bool,
}

impl Deadline {
    /// Wait for as long as it takes.
    pub const NEVER: Self = Self { passes: false };

    /// A deadline; the explorer says when it passes.
    pub fn after(_timeout: Duration) -> Self {
        Self { passes: true }
    }
}

/// Sleeps while `word` is `expected`: compares and queues in one step.
///
/// A thread with a deadline does not block. Its next operation is its awakening, which the
/// explorer may put anywhere: after another thread has taken it from the queue it was woken,
/// before that the deadline has passed.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> Waited {
    if std::thread::panicking() {
        return Waited::Refused;
    }
    let value = word.current();
    if value != expected {
        word.report(Operation::Refuse { word: value }, value);
        return Waited::Refused;
    }
    let id = thread_id();
    let timed = deadline.passes;
    let number = probe::thread_number().unwrap_or(usize::MAX);
    let thread = (!timed).then(thread::current);
    word.queue().push_back(Sleeper { id, number, thread });
    word.report(Operation::Sleep { word: value, timed }, value);
    if timed {
        let value = word.current();
        if !word.is_asleep(id) {
            return Waited::Woken;
        }
        word.queue().retain(|sleeper| sleeper.id != id);
        word.report(Operation::Expire, value);
        return Waited::Expired;
    }
    probe::fall_asleep();
    while word.is_asleep(id) {
        thread::park();
    }
    Waited::Woken
}

/// Wakes the thread that has slept longest on `word`, if there is one.
///
/// The explorer's own `unpark` orders memory, which a kernel's wake-up need not: an ordering
/// that only matters to a woken thread would not be missed here. The algorithms' orderings also
/// matter to threads that did not sleep, and that is where a weakened one shows.
pub fn wake_one(word: &AtomicU32) {
    if std::thread::panicking() {
        return;
    }
    let value = word.current();
    let sleeper = word.queue().pop_front();
    let woken = sleeper.as_ref().map(|sleeper| sleeper.number);
    word.report(Operation::Wake { woken }, value);
    if let Some(thread) = sleeper.and_then(|sleeper| sleeper.thread) {
        probe::wake_up();
        thread.unpark();
    }
}

/// Wakes all threads that sleep on `word`; what [`wake_one`] says of the order holds here too.
pub fn wake_all(word: &AtomicU32) {
    if std::thread::panicking() {
        return;
    }
    let value = word.current();
    let sleepers = std::mem::take(&mut *word.queue());
    word.report(Operation::WakeAll { woken: sleepers.len() }, value);
    // All count as awake before the first of them runs: another may not need its turn to go on.
    let threads: Vec<_> = sleepers.into_iter().filter_map(|sleeper| sleeper.thread).collect();
    threads.iter().for_each(|_| probe::wake_up());
    threads.iter().for_each(Thread::unpark);
}

/// A turn of a loop that ends only when another thread has made a step. To be called after a look
/// that has changed nothing: loom explores no more of this execution, for the one in which the
/// thread looks later goes on in the same way.
pub fn yield_now() {
    #[cfg(model_loom)]
    loom::skip_branch();
    thread::yield_now();
}

/// A turn of a *bounded* loop that hopes for another thread's step, which comes anyway.
pub fn spin_loop() {}

/// Tells an explorer what a critical section did.
pub(crate) fn note(told: impl FnOnce() -> Note) {
    if !std::thread::panicking() {
        probe::note(&told());
    }
}

/// There is no chance under an explorer: the first number of all.
pub(crate) fn dice(_sides: usize) -> usize {
    0
}
