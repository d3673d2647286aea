//! The three worlds in which the same code runs.

use std::fmt::Debug;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Event, Step};

/// Threads and shared memory: the operating system's, loom's or shuttle's.
pub trait World: Debug + Default + Send + Sync + Sized + 'static {
    /// The world's name.
    const NAME: &'static str;

    /// A word of shared memory that threads can wait on. Its steps are recorded.
    type Word: Word;

    /// Shared memory that the lock under test protects. It is not recorded.
    type Plain: Plain;

    /// A thread that was spawned.
    type Thread;

    /// Starts a thread.
    fn spawn(body: impl FnOnce() + Send + 'static) -> Self::Thread;

    /// Waits for a thread's end.
    fn join(thread: Self::Thread);

    /// Begins an execution of this many threads; `observe` is told each atomic step.
    fn begin(threads: usize, observe: impl FnMut(Event) + Send + 'static);

    /// The executions are over.
    fn end();

    /// The thread that runs has this number.
    fn enter(thread: usize);

    /// The thread that runs ends.
    fn leave();
}

/// A word of shared memory that threads can wait on: what locks are made of.
pub trait Word: Debug + Send + Sync + 'static {
    /// A word with this value.
    fn new(value: u32) -> Self;

    /// Loads the value. Not recorded, for a relaxed load may see an old value.
    #[track_caller]
    fn load(&self, order: Ordering) -> u32;

    /// Stores a value.
    #[track_caller]
    fn store(&self, new: u32, order: Ordering);

    /// Stores a value and returns the one before.
    #[track_caller]
    fn swap(&self, new: u32, order: Ordering) -> u32;

    /// Stores `new` if the value is `expected`.
    ///
    /// # Errors
    /// The value, if it is another one.
    #[track_caller]
    fn compare_exchange(
        &self,
        expected: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32>;

    /// Adds to the value, around the end of its range, and returns the one before.
    #[track_caller]
    fn fetch_add(&self, summand: u32, order: Ordering) -> u32;

    /// Keeps the bits of `mask`, and returns the value before.
    #[track_caller]
    fn fetch_and(&self, mask: u32, order: Ordering) -> u32;

    /// Sleeps while the value is `expected`; comparing and sleeping are one step. False if a
    /// deadline passed: the thread has one if `timed`, and was not woken before it.
    fn wait(&self, expected: u32, timed: bool) -> bool;

    /// Wakes one sleeper, if there is one.
    fn wake_one(&self);

    /// Wakes all sleepers.
    fn wake_all(&self);

    /// A turn of a loop that ends only when another thread has made a step. To be called after a
    /// look that has changed nothing: loom explores no more of this execution, for the one in
    /// which the thread looks later goes on in the same way.
    fn spin();
}

/// Memory that a lock protects: read and written with relaxed loads and stores, which see old
/// values unless the lock orders them.
pub trait Plain: Debug + Default + Send + Sync + 'static {
    /// The value.
    fn get(&self) -> u32;

    /// Changes the value.
    fn set(&self, value: u32);
}

/// How long a timed call of a stress test waits: a few turns of the lock.
const TIMEOUT: Duration = Duration::from_micros(20);

/// The operating system's threads and the standard library's atomics: what people use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Std;

impl World for Std {
    const NAME: &'static str = "std";
    type Word = bisim::sync::AtomicU32;
    type Plain = std::sync::atomic::AtomicU32;
    type Thread = std::thread::JoinHandle<()>;

    fn spawn(body: impl FnOnce() + Send + 'static) -> Self::Thread {
        std::thread::spawn(body)
    }

    fn join(thread: Self::Thread) {
        thread.join().expect("a thread of a stress test does not panic")
    }

    fn begin(_threads: usize, _observe: impl FnMut(Event) + Send + 'static) {}

    fn end() {}

    fn enter(_thread: usize) {}

    fn leave() {}
}

/// Writes an explorer's world from a copy of the implementation and the explorer's crate.
macro_rules! explored_world {
    ($(#[$doc:meta])* $world:ident, $name:literal, $copy:ident, $explorer:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $world;

        impl World for $world {
            const NAME: &'static str = $name;
            type Word = $copy::sync::AtomicU32;
            type Plain = $explorer::sync::atomic::AtomicU32;
            type Thread = $explorer::thread::JoinHandle<()>;

            fn spawn(body: impl FnOnce() + Send + 'static) -> Self::Thread {
                $explorer::thread::spawn(body)
            }

            fn join(thread: Self::Thread) {
                thread.join().expect("a panic ends the whole execution")
            }

            fn begin(threads: usize, mut observe: impl FnMut(Event) + Send + 'static) {
                $copy::sync::probe::begin(threads, move |step| observe(step.into()));
            }

            fn end() {
                $copy::sync::probe::end();
            }

            fn enter(thread: usize) {
                $copy::sync::probe::enter(thread);
            }

            fn leave() {
                $copy::sync::probe::leave();
            }
        }

        impl From<&$copy::sync::probe::Step> for Event {
            fn from(step: &$copy::sync::probe::Step) -> Self {
                use $copy::sync::probe::Operation;
                let taken = match step.operation {
                    Operation::Load { value } => Step::Load { value },
                    Operation::Store { new } => Step::Store { new },
                    Operation::Swap { old, new } => Step::Swap { old, new },
                    Operation::CompareExchange { old, expected, new } => {
                        Step::CompareExchange { old, expected, new }
                    }
                    Operation::Sleep { word, timed } => Step::Sleep { word, timed },
                    Operation::Refuse { word } => Step::Refuse { word },
                    Operation::Expire => Step::Expire,
                    Operation::Wake { woken } => Step::Wake { woken },
                    Operation::WakeAll { woken } => Step::WakeAll { woken },
                };
                Self {
                    thread: step.thread,
                    object: step.object,
                    step: taken,
                    word: Some(step.word),
                    sleepers: Some(step.sleepers.clone()),
                }
            }
        }
    };
}

explored_world! {
    /// loom: all interleavings, and the memory orderings of C11, of small cases.
    Loom, "loom", bisim_loom, loom
}

explored_world! {
    /// shuttle: chosen interleavings of larger cases, sequentially consistent.
    Shuttle, "shuttle", bisim_shuttle, shuttle
}

/// Makes a copy's word and its plain memory usable in a world.
macro_rules! memory {
    ($copy:ident, $plain:path) => {
        impl Word for $copy::sync::AtomicU32 {
            fn new(value: u32) -> Self {
                Self::new(value)
            }

            fn load(&self, order: Ordering) -> u32 {
                self.load(order)
            }

            fn store(&self, new: u32, order: Ordering) {
                self.store(new, order);
            }

            fn swap(&self, new: u32, order: Ordering) -> u32 {
                self.swap(new, order)
            }

            fn compare_exchange(
                &self,
                expected: u32,
                new: u32,
                success: Ordering,
                failure: Ordering,
            ) -> Result<u32, u32> {
                self.compare_exchange(expected, new, success, failure)
            }

            fn fetch_add(&self, summand: u32, order: Ordering) -> u32 {
                self.fetch_add(summand, order)
            }

            fn fetch_and(&self, mask: u32, order: Ordering) -> u32 {
                self.fetch_and(mask, order)
            }

            fn wait(&self, expected: u32, timed: bool) -> bool {
                use $copy::sync::{Deadline, Waited, wait};
                let deadline = if timed { Deadline::after(TIMEOUT) } else { Deadline::NEVER };
                wait(self, expected, deadline) != Waited::Expired
            }

            fn wake_one(&self) {
                $copy::sync::wake_one(self);
            }

            fn wake_all(&self) {
                $copy::sync::wake_all(self);
            }

            fn spin() {
                $copy::sync::yield_now();
            }
        }

        impl Plain for $plain {
            fn get(&self) -> u32 {
                self.load(Ordering::Relaxed)
            }

            fn set(&self, value: u32) {
                self.store(value, Ordering::Relaxed);
            }
        }
    };
}

memory!(bisim, std::sync::atomic::AtomicU32);
memory!(bisim_loom, loom::sync::atomic::AtomicU32);
memory!(bisim_shuttle, shuttle::sync::atomic::AtomicU32);
