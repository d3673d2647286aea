//! Stage 2: who holds the lock, as a value.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use super::Mutex;

/// The right to the data of a [`Mutex`]: while it lives, its thread holds the lock. Dropping it
/// frees the lock, also when a panic unwinds.
///
/// It stays on its thread, for only the thread that took a lock may free it:
///
/// ```compile_fail,E0277
/// fn send<T: Send>(_: T) {}
/// let mutex = bisim::lock::Mutex::new(0);
/// send(mutex.lock());
/// ```
#[must_use = "the lock is freed when the guard is dropped"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    stays_on_its_thread: PhantomData<*const ()>,
}

// SAFETY: what another thread can do with a reference to a guard is to get a `&T` from it, and
// `T: Sync` says that it may.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The guard of a lock that this thread has just taken.
    pub(super) fn new(mutex: &'a Mutex<T>) -> Self {
        Self { mutex, stays_on_its_thread: PhantomData }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard's thread holds the lock (model: "mutual exclusion"), so no other
        // guard of this mutex exists, and this one lends its data mutably only through `&mut
        // self`. The lock's Acquire orders this access after the last owner's Release.
        self.mutex.data.with(|data| unsafe { &*data })
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; and `&mut self` says that nothing is lent through this guard.
        self.mutex.data.with_mut(|data| unsafe { &mut *data })
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.raw.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
