//! Stage 3 of the readers-writer lock: the lock with the data.

use std::fmt;
use std::time::Duration;

use super::{RawRwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::sync::{self, UnsafeCell};

/// Data that many threads can look at together, or one can change.
///
/// ```
/// static NAMES: bisim::lock::RwLock<Vec<&str>> = bisim::lock::RwLock::new(Vec::new());
///
/// NAMES.write().push("Ada");
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| assert_eq!(NAMES.read().len(), 1));
///     }
/// });
/// ```
///
/// # Fairness
///
/// It prefers writers: once a writer waits, no later reader overtakes it, and readers that come one
/// after the other cannot keep it out. The price is on the other side: writers that come one after
/// the other can keep readers out. Among writers, and among readers, there is no order.
///
/// # Do not read twice
///
/// A thread that reads must not call [`read`](Self::read) again: when a writer begins to wait in
/// between, the second call waits for the writer, and the writer for the first. The two wait for
/// ever. [`try_read`](Self::try_read) and [`try_read_for`](Self::try_read_for) give up instead.
/// A thread that writes must not call either: it would wait for itself.
///
/// # Panics while the lock is held
///
/// The lock is left, and it is not poisoned; see [`Mutex`](super::Mutex).
///
/// # Threads
///
/// A lock can be shared if its data can be sent and shared. Data that can be sent but not shared is
/// made sharable by a mutex, and not by this lock, for its readers do share it:
///
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: T) {}
/// share(bisim::lock::RwLock::new(std::cell::Cell::new(0)));
/// ```
#[derive(Default)]
pub struct RwLock<T: ?Sized> {
    pub(super) raw: RawRwLock,
    pub(super) data: UnsafeCell<T>,
}

// SAFETY: sending the lock sends the data, and nothing else in it is bound to a thread.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: through a shared lock a thread reaches the data only as a reader, beside other readers
// (hence `T: Sync`), or as the writer, alone (as if the data were sent along, hence `T: Send`);
// model: "mutual exclusion".
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

impl<T> RwLock<T> {
    sync::constructor! {
        /// A free lock with this data.
        pub fn new(data: T) -> Self {
            Self { raw: RawRwLock::new(), data: UnsafeCell::new(data) }
        }
    }

    /// The data. Nobody can hold the lock, for it is borrowed by nobody.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Enters as a reader, and sleeps while a writer is there or waits.
    ///
    /// # Panics
    /// When [`RawRwLock::MOST_READERS`] hold the lock.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.raw.read();
        RwLockReadGuard::new(self)
    }

    /// Enters as a reader if no writer is there or waits at this moment.
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.raw.try_read().then(|| RwLockReadGuard::new(self))
    }

    /// Enters as a reader, but waits for writers no longer than `timeout`. A timeout of zero tries
    /// a little harder than [`try_read`](Self::try_read); one that no clock reaches waits for ever.
    ///
    /// # Panics
    /// As [`read`](Self::read).
    #[inline]
    pub fn try_read_for(&self, timeout: Duration) -> Option<RwLockReadGuard<'_, T>> {
        self.raw.try_read_for(timeout).then(|| RwLockReadGuard::new(self))
    }

    /// Enters as the writer, and sleeps while others are there.
    ///
    /// # Panics
    /// When 8,191 writers wait.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.raw.write();
        RwLockWriteGuard::new(self)
    }

    /// Enters as the writer if nobody is there at this moment. Writers that wait are overtaken.
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.raw.try_write().then(|| RwLockWriteGuard::new(self))
    }

    /// Enters as the writer, but waits for others no longer than `timeout`; see
    /// [`try_read_for`](Self::try_read_for).
    ///
    /// # Panics
    /// As [`write`](Self::write).
    #[inline]
    pub fn try_write_for(&self, timeout: Duration) -> Option<RwLockWriteGuard<'_, T>> {
        self.raw.try_write_for(timeout).then(|| RwLockWriteGuard::new(self))
    }

    /// The data, without entering: `&mut self` says that nobody holds the lock.
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the lock is borrowed mutably, so no guard and no other reference to the data
        // exists for as long as the result lives.
        self.data.with_mut(|data| unsafe { &mut *data })
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

/// Shows the data if a reader may enter, and says that the lock is taken otherwise.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Some(guard) => shown.field("data", &&*guard),
            None => shown.field("data", &format_args!("<locked>")),
        };
        shown.finish()
    }
}

#[cfg(all(test, not(any(model_loom, model_shuttle))))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::super::RawRwLock;
    use super::RwLock;

    #[test]
    fn readers_share_and_a_writer_does_not() {
        let mut lock = RwLock::from(1);
        let (one, other) = (lock.read(), lock.try_read().unwrap());
        assert_eq!(*one + *other, 2);
        assert!(lock.try_write().is_none());
        assert!(lock.try_write_for(Duration::from_millis(5)).is_none());
        assert!(lock.try_write_for(Duration::ZERO).is_none());
        drop((one, other));
        let mut writer = lock.try_write().unwrap();
        *writer += 1;
        assert!(lock.try_read().is_none() && lock.try_write().is_none());
        assert!(lock.try_read_for(Duration::from_millis(5)).is_none());
        assert!(lock.try_read_for(Duration::ZERO).is_none());
        assert_eq!(format!("{lock:?}"), "RwLock { data: <locked> }");
        drop(writer);
        *lock.try_write_for(Duration::MAX).unwrap() += 1;
        assert_eq!(lock.try_read_for(Duration::MAX).as_deref(), Some(&3));
        assert_eq!(format!("{lock:?}"), "RwLock { data: 3 }");
        *lock.get_mut() += 1;
        assert_eq!(lock.into_inner(), 4);
    }

    #[test]
    fn a_writer_that_waits_keeps_later_readers_out_until_it_gives_up() {
        let lock = RwLock::new(0);
        let begun = AtomicBool::new(false);
        let first = lock.read();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                begun.store(true, Ordering::Release);
                lock.try_write_for(Duration::from_millis(200)).is_some()
            });
            while !begun.load(Ordering::Acquire) || lock.try_read().is_some() {
                thread::yield_now();
            }
            // The writer waits: a second read on this thread would wait for it for ever. The
            // timed form says so instead.
            assert!(lock.try_read_for(Duration::from_millis(1)).is_none());
            // A reader that waits for as long as it takes enters when the writer gives up.
            let reader = scope.spawn(|| *lock.read());
            assert!(!writer.join().unwrap());
            assert_eq!(reader.join().unwrap(), 0);
        });
        drop(first);
        assert!(lock.try_write().is_some());
    }

    #[test]
    fn a_panic_leaves_the_lock_and_does_not_poison() {
        let lock = RwLock::new(0);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = lock.write();
            *guard = 7;
            panic!("while it writes");
        }));
        assert!(panicked.is_err());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.read();
            panic!("while it reads");
        }));
        assert!(panicked.is_err());
        assert_eq!(lock.try_write().as_deref(), Some(&7));
    }

    #[test]
    fn the_number_of_readers_is_bounded() {
        let lock = RawRwLock::new();
        (0..RawRwLock::MOST_READERS).for_each(|_| assert!(lock.try_read()));
        assert!(!lock.try_read() && !lock.try_write());
        let panicked = catch_unwind(AssertUnwindSafe(|| lock.read()));
        assert!(panicked.is_err(), "nobody would wake the thread");
        (0..RawRwLock::MOST_READERS).for_each(|_| lock.unlock_read());
        assert!(lock.try_write());
    }
}
