//! The ticket lock: served in turn.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::{self, AtomicU32, UnsafeCell};

/// A ticket lock that protects nothing by itself.
///
/// Who wants the lock draws a number, and waits until it is served. The numbers start again after
/// 2³²: as many threads as that must not wait at once.
///
/// Source: Mellor-Crummey and Scott, "Algorithms for Scalable Synchronization on Shared-Memory
/// Multiprocessors", ACM TOCS 9(1), 1991, section 2.2; the idea is in Reed and Kanodia 1979.
///
/// # Memory orderings
///
/// | where | ordering | pairs with | when it is relaxed |
/// |---|---|---|---|
/// | the look in `lock` | Acquire | the Release in `unlock` | a race on the data |
/// | the look in `try_lock` | Acquire | the Release in `unlock` | a race on the data |
/// | `unlock` | Release | the Acquire of the next owner | a race on the data |
/// | all others | Relaxed | nothing: to draw a number says nothing about the data | |
///
/// `bisim conform ticket-lock --weaken` relaxes each of them in turn.
#[derive(Debug)]
pub struct RawTicketLock {
    next: AtomicU32,
    serving: AtomicU32,
}

impl RawTicketLock {
    sync::constructor! {
        /// A lock that nobody holds.
        pub fn new() -> Self {
            Self { next: AtomicU32::new(0), serving: AtomicU32::new(0) }
        }
    }

    /// Draws a number and waits until it is served, without sleeping.
    #[inline]
    pub fn lock(&self) {
        let ticket = self.next.fetch_add(1, Relaxed);
        // Acquire: pairs with the Release in `unlock`.
        while self.serving.load(Acquire) != ticket {
            // Those whose turn it is may be waiting for this core.
            sync::yield_now();
        }
    }

    /// Takes the lock if it is free, and says whether it did.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release in `unlock`. That nobody waits is what the number to be
        // drawn next says: it is the one that is served.
        let serving = self.serving.load(Acquire);
        self.next.compare_exchange(serving, serving.wrapping_add(1), Relaxed, Relaxed).is_ok()
    }

    /// Whether a thread has the lock at this moment, or waits for it.
    #[inline]
    pub fn is_locked(&self) -> bool {
        self.serving.load(Relaxed) != self.next.load(Relaxed)
    }

    /// Serves the next number. Only who has the lock may.
    #[inline]
    pub fn unlock(&self) {
        // Only the owner changes it, so it does not change in between.
        let served = self.serving.load(Relaxed);
        // Release: pairs with the Acquire of the next owner.
        self.serving.store(served.wrapping_add(1), Release);
    }
}

impl Default for RawTicketLock {
    fn default() -> Self {
        Self::new()
    }
}

/// Data that one thread at a time can reach, in the order in which they asked.
///
/// ```
/// let lock = bisim::lock::TicketLock::new(1);
/// *lock.lock() += 1;
/// assert_eq!(lock.try_lock().as_deref(), Some(&2));
/// ```
///
/// # When to use it
///
/// When threads must be served in turn, and there are no more of them than cores. It is the
/// textbook's lock, and this is its price: when more threads want it than there are cores, the one
/// whose turn it is may not be running, and nobody else may go first. All others burn their time
/// until the scheduler finds it. With eight threads on two cores that costs a factor of a hundred
/// and more against [`Mutex`](super::Mutex); `benches/lock.rs` measures it. Each turn of the wait
/// gives the core away, or it would be worse. A thread that sleeps or is stopped while it has the
/// lock stops all.
///
/// # Panics while the lock is held
///
/// The lock is freed, and it is not poisoned; see [`Mutex`](super::Mutex).
#[derive(Default)]
pub struct TicketLock<T: ?Sized> {
    raw: RawTicketLock,
    data: UnsafeCell<T>,
}

// SAFETY: sending the lock sends the data, and nothing else in it is bound to a thread.
unsafe impl<T: ?Sized + Send> Send for TicketLock<T> {}
// SAFETY: through a shared lock a thread reaches the data only while its number is served, hence
// one thread at a time (model: "mutual exclusion"), each after the one before it (Release and
// Acquire). This is as if the data were sent along, so `T: Send` is enough.
unsafe impl<T: ?Sized + Send> Sync for TicketLock<T> {}

impl<T> TicketLock<T> {
    sync::constructor! {
        /// A free lock with this data.
        pub fn new(data: T) -> Self {
            Self { raw: RawTicketLock::new(), data: UnsafeCell::new(data) }
        }
    }

    /// The data. Nobody can hold the lock, for it is borrowed by nobody.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> TicketLock<T> {
    /// Takes the lock when it is this thread's turn. It does not sleep.
    #[inline]
    pub fn lock(&self) -> TicketGuard<'_, T> {
        self.raw.lock();
        TicketGuard { lock: self, stays_on_its_thread: PhantomData }
    }

    /// Takes the lock if it is free at this moment and nobody waits.
    #[inline]
    pub fn try_lock(&self) -> Option<TicketGuard<'_, T>> {
        let guard = || TicketGuard { lock: self, stays_on_its_thread: PhantomData };
        self.raw.try_lock().then(guard)
    }
}

/// The right to the data of a [`TicketLock`]. Dropping it serves the next, also when a panic
/// unwinds. It stays on its thread.
#[must_use = "the lock is freed when the guard is dropped"]
pub struct TicketGuard<'a, T: ?Sized> {
    lock: &'a TicketLock<T>,
    stays_on_its_thread: PhantomData<*const ()>,
}

// SAFETY: what another thread can do with a reference to a guard is to get a `&T` from it, and
// `T: Sync` says that it may.
unsafe impl<T: ?Sized + Sync> Sync for TicketGuard<'_, T> {}

impl<T: ?Sized> Deref for TicketGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard's thread is being served (model: "mutual exclusion"), so no other
        // guard of this lock exists, and this one lends its data mutably only through `&mut self`.
        self.lock.data.with(|data| unsafe { &*data })
    }
}

impl<T: ?Sized> DerefMut for TicketGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; and `&mut self` says that nothing is lent through this guard.
        self.lock.data.with_mut(|data| unsafe { &mut *data })
    }
}

impl<T: ?Sized> Drop for TicketGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.unlock();
    }
}

/// Shows the data if the lock is free, and says that it is taken otherwise.
impl<T: ?Sized + fmt::Debug> fmt::Debug for TicketLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("TicketLock");
        match self.try_lock() {
            Some(guard) => shown.field("data", &&*guard),
            None => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}

#[cfg(all(test, not(any(model_loom, model_shuttle))))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::TicketLock;

    #[test]
    fn a_taken_lock_is_refused_and_a_panic_frees_it() {
        let lock = TicketLock::new(0);
        let guard = lock.lock();
        assert!(lock.try_lock().is_none());
        assert_eq!(format!("{lock:?}"), "TicketLock { data: <locked> }");
        drop(guard);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            *lock.lock() = 7;
            let _guard = lock.lock();
            panic!("under the lock");
        }));
        assert!(panicked.is_err());
        assert_eq!(lock.try_lock().as_deref(), Some(&7));
        assert_eq!(lock.into_inner(), 7);
    }

    #[test]
    fn more_threads_than_cores_get_through() {
        let lock = TicketLock::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..500).for_each(|_| *lock.lock() += 1));
            }
        });
        assert_eq!(lock.into_inner(), 4_000);
    }
}
