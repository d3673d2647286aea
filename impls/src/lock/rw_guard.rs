//! Stage 2 of the readers-writer lock: who holds it, as values.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut};

use super::RwLock;

/// The right to look at the data of an [`RwLock`], beside other readers. Dropping it leaves the
/// lock, also when a panic unwinds.
///
/// It stays on its thread:
///
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// let lock = bisim::lock::RwLock::new(0);
/// send(lock.read());
/// ```
#[must_use = "the lock is left when the guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    stays_on_its_thread: PhantomData<*const ()>,
}

/// The right to change the data of an [`RwLock`], alone. Dropping it leaves the lock, also when a
/// panic unwinds. It stays on its thread.
#[must_use = "the lock is left when the guard is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    stays_on_its_thread: PhantomData<*const ()>,
}

// SAFETY: what another thread can do with a reference to a guard is to get a `&T` from it, and
// `T: Sync` says that it may.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: as above; `&mut T` needs `&mut` of the guard.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// The guard of a lock that this thread has just entered as a reader.
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        Self { lock, stays_on_its_thread: PhantomData }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// The guard of a lock that this thread has just entered as the writer.
    pub(super) fn new(lock: &'a RwLock<T>) -> Self {
        Self { lock, stays_on_its_thread: PhantomData }
    }

    /// Goes on as a reader. No other writer enters in between, so that what this one has written
    /// is what it reads.
    ///
    /// ```
    /// let lock = bisim::lock::RwLock::new(1);
    /// let mut writer = lock.write();
    /// *writer += 1;
    /// let reader = writer.downgrade();
    /// assert_eq!(*reader, 2);
    /// assert!(lock.try_read().is_some() && lock.try_write().is_none());
    /// ```
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        let lock = self.lock;
        // What follows takes the place of the drop.
        mem::forget(self);
        lock.raw.downgrade();
        RwLockReadGuard::new(lock)
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard's thread reads (model: "mutual exclusion"), so no writer's guard
        // exists, and nothing lends the data mutably. The lock's Acquire orders this access after
        // the last writer's Release.
        self.lock.data.with(|data| unsafe { &*data })
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard's thread writes (model: "mutual exclusion"), so no other guard of this
        // lock exists, and this one lends its data mutably only through `&mut self`. The lock's
        // Acquire orders this access after the Release of all who were there before.
        self.lock.data.with(|data| unsafe { &*data })
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; and `&mut self` says that nothing is lent through this guard.
        self.lock.data.with_mut(|data| unsafe { &mut *data })
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.unlock_read();
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.unlock_write();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
