//! Stage 3: the lock with the data.

use std::fmt;
use std::time::Duration;

use super::{MutexGuard, RawMutex};
use crate::sync::{self, UnsafeCell};

/// Data that one thread at a time can reach.
///
/// ```
/// static COUNT: bisim::lock::Mutex<u32> = bisim::lock::Mutex::new(0);
///
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *COUNT.lock() += 1);
///     }
/// });
/// assert_eq!(*COUNT.lock(), 4);
/// ```
///
/// # Panics while the lock is held
///
/// The lock is freed, and it is not poisoned: the next owner finds the data as the panic left
/// it. Data whose invariant spans several changes should be changed so that each step keeps it,
/// or be marked by its owner.
///
/// # What it does not do
///
/// It is not fair, and a thread that takes a lock which it already holds waits for ever.
///
/// # Threads
///
/// A mutex can be sent and shared if its data can be sent. Data that cannot leave its thread
/// does not become sharable in a mutex:
///
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: T) {}
/// share(bisim::lock::Mutex::new(std::rc::Rc::new(0)));
/// ```
#[derive(Default)]
pub struct Mutex<T: ?Sized> {
    pub(super) raw: RawMutex,
    pub(super) data: UnsafeCell<T>,
}

// SAFETY: sending the mutex sends the data, and nothing else in it is bound to a thread.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: through a shared mutex a thread reaches the data only while it holds the lock, hence
// one thread at a time (model: "mutual exclusion"), each after the one before it (the lock's
// Release and Acquire). This is as if the data were sent along, so `T: Send` is enough.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    sync::constructor! {
        /// A free lock with this data.
        pub fn new(data: T) -> Self {
            Self { raw: RawMutex::new(), data: UnsafeCell::new(data) }
        }
    }

    /// The data. Nobody can hold the lock, for the mutex is borrowed by nobody.
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the lock, and sleeps until it can.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.lock();
        MutexGuard::new(self)
    }

    /// Takes the lock if it is free at this moment.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.raw.try_lock().then(|| MutexGuard::new(self))
    }

    /// Takes the lock, but waits for it no longer than `timeout`. A timeout of zero tries a
    /// little harder than [`try_lock`](Self::try_lock); one that no clock reaches waits for ever.
    #[inline]
    pub fn try_lock_for(&self, timeout: Duration) -> Option<MutexGuard<'_, T>> {
        self.raw.try_lock_for(timeout).then(|| MutexGuard::new(self))
    }

    /// The data, without taking the lock: `&mut self` says that nobody holds it.
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: the mutex is borrowed mutably, so no guard and no other reference to the data
        // exists for as long as the result lives.
        self.data.with_mut(|data| unsafe { &mut *data })
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

/// Shows the data if the lock is free, and says that it is taken otherwise.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
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
    use std::time::Duration;

    use super::Mutex;

    #[test]
    fn a_taken_lock_is_refused_and_a_freed_one_is_not() {
        let mut mutex = Mutex::from(1);
        let guard = mutex.lock();
        assert!(mutex.try_lock().is_none());
        assert!(mutex.try_lock_for(Duration::from_millis(5)).is_none());
        assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
        drop(guard);
        *mutex.try_lock().unwrap() += 1;
        *mutex.try_lock_for(Duration::MAX).unwrap() += 1;
        assert_eq!(format!("{mutex:?}"), "Mutex { data: 3 }");
        *mutex.get_mut() += 1;
        assert_eq!(mutex.into_inner(), 4);
    }

    #[test]
    fn a_panic_frees_the_lock_and_does_not_poison() {
        let mutex = Mutex::new(0);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = mutex.lock();
            *guard = 7;
            panic!("under the lock");
        }));
        assert!(panicked.is_err());
        assert_eq!(mutex.try_lock().as_deref(), Some(&7));
    }

    #[test]
    fn data_without_a_size_can_be_locked() {
        let mutex: &Mutex<[u8]> = &Mutex::new([1, 2, 3]);
        mutex.lock()[1] = 5;
        assert_eq!(*mutex.lock(), [1, 5, 3]);
    }
}
