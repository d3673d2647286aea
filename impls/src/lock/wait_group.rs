//! Waiting until others are done.

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{self, AtomicU32, Deadline};

/// Threads that work, and threads that wait until none of them does: Go's `sync.WaitGroup`.
///
/// ```
/// use bisim::lock::WaitGroup;
///
/// static GROUP: WaitGroup = WaitGroup::new();
///
/// for _ in 0..10 {
///     let working = GROUP.enter();
///     std::thread::spawn(move || {
///         // Work. The group is left at the end of the scope, also when the work panics.
///         drop(working);
///     });
/// }
/// GROUP.wait();
/// ```
///
/// # Rules
///
/// As in Go: work is added before anybody waits for it, not by the thread that is to be waited
/// for. A group that is used again must not be added to before every wait for the first use has
/// returned; one that has not may go on to wait for the second use as well.
///
/// # Memory orderings
///
/// | where | ordering | pairs with | when it is relaxed |
/// |---|---|---|---|
/// | `done` | Release | the Acquire in `wait` | loom: a race on what the work has written |
/// | `wait` | Acquire | the Release in `done` | loom: a race on what the work has written |
/// | `add` | Relaxed | nothing: who adds has not worked yet | |
///
/// `bisim conform wait-group --weaken` relaxes each of them in turn.
///
/// Source: package `sync` of Go, its documentation.
#[derive(Debug)]
pub struct WaitGroup {
    working: AtomicU32,
}

impl WaitGroup {
    sync::constructor! {
        /// A group that nobody works in.
        pub fn new() -> Self {
            Self { working: AtomicU32::new(0) }
        }
    }

    /// Adds work: so many calls of [`done`](Self::done) will follow.
    ///
    /// # Panics
    /// When more than 2³² - 1 are to come.
    pub fn add(&self, work: u32) {
        let before = self.working.fetch_add(work, Relaxed);
        assert!(before.checked_add(work).is_some(), "too much work in a wait group");
    }

    /// Adds one, and returns what stands for it: [`done`](Self::done) when it is dropped.
    pub fn enter(&self) -> Working<'_> {
        self.add(1);
        Working { group: self }
    }

    /// One piece of work is done. The last wakes all who wait.
    ///
    /// # Panics
    /// When all work is done already: somebody has said so twice.
    pub fn done(&self) {
        // Release: pairs with the Acquire in `wait`; who is let through sees what the work wrote.
        let before = self.working.fetch_sub(1, Release);
        assert!(before != 0, "a wait group is done more often than was added");
        if before == 1 {
            sync::wake_all(&self.working);
        }
    }

    /// Sleeps until all work is done; returns at once if there is none.
    pub fn wait(&self) {
        loop {
            // Acquire: pairs with the Release of each `done` before. An addition of nothing,
            // because it sees the latest number: work that was added is not missed.
            let working = self.working.fetch_add(0, Acquire);
            if working == 0 {
                return;
            }
            // While it is the same number, nobody has woken this thread in vain; that others
            // finish does not matter, only that the last does.
            sync::wait(&self.working, working, Deadline::NEVER);
        }
    }
}

impl Default for WaitGroup {
    fn default() -> Self {
        Self::new()
    }
}

/// A piece of work that a [`WaitGroup`] waits for.
#[derive(Debug)]
#[must_use = "the work is done when this is dropped"]
pub struct Working<'a> {
    group: &'a WaitGroup,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.group.done();
    }
}

#[cfg(all(test, not(any(model_loom, model_shuttle))))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::WaitGroup;

    #[test]
    fn the_second_program_of_the_textbook_prints_a_thousand() {
        let (group, count) = (WaitGroup::new(), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..10 {
                let working = group.enter();
                let count = &count;
                scope.spawn(move || {
                    (0..100).for_each(|_| {
                        count.fetch_add(1, Ordering::Relaxed);
                    });
                    drop(working);
                });
            }
            group.wait();
            assert_eq!(count.load(Ordering::Relaxed), 1_000);
        });
        group.wait();
    }

    #[test]
    fn work_that_panics_is_done() {
        let group = WaitGroup::new();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _working = group.enter();
            panic!("at work");
        }));
        assert!(panicked.is_err());
        group.wait();
    }

    #[test]
    fn done_once_too_often_is_a_panic() {
        let group = WaitGroup::new();
        group.add(1);
        group.done();
        assert!(catch_unwind(AssertUnwindSafe(|| group.done())).is_err());
    }
}
