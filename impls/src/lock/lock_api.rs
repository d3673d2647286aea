//! The raw locks under the guards of the crate `lock_api`.
//!
//! ```
//! type Mutex<T> = lock_api::Mutex<bisim::lock::RawMutex, T>;
//! type RwLock<T> = lock_api::RwLock<bisim::lock::RawRwLock, T>;
//!
//! static COUNT: Mutex<u32> = Mutex::new(1);
//! let mapped = lock_api::MutexGuard::map(COUNT.lock(), |count| count);
//! assert_eq!(*mapped, 1);
//! assert_eq!(*RwLock::new(2).read(), 2);
//! ```

use std::time::{Duration, Instant};

use lock_api::GuardNoSend;

use super::{RawMutex, RawRwLock, RawTicketLock};

/// A guard for a lock that was taken.
fn taken(was_taken: bool) -> Option<GuardNoSend> {
    was_taken.then(GuardNoSend::new)
}

// SAFETY: the lock excludes (model `mutex`: "mutual exclusion"), and a call that fails or panics
// has not taken it.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: Self = Self::new();
    type Guard = GuardNoSend;

    fn lock(&self) -> GuardNoSend {
        Self::lock(self);
        GuardNoSend::new()
    }

    fn try_lock(&self) -> Option<GuardNoSend> {
        taken(Self::try_lock(self))
    }

    unsafe fn unlock(&self, _guard: GuardNoSend) {
        Self::unlock(self);
    }

    fn is_locked(&self) -> bool {
        Self::is_locked(self)
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_for(&self, timeout: Duration) -> Option<GuardNoSend> {
        taken(Self::try_lock_for(self, timeout))
    }

    fn try_lock_until(&self, timeout: Instant) -> Option<GuardNoSend> {
        taken(Self::try_lock_for(self, timeout.saturating_duration_since(Instant::now())))
    }
}

// SAFETY: the lock excludes (model `ticket-lock`: "mutual exclusion").
unsafe impl lock_api::RawMutex for RawTicketLock {
    const INIT: Self = Self::new();
    type Guard = GuardNoSend;

    fn lock(&self) -> GuardNoSend {
        Self::lock(self);
        GuardNoSend::new()
    }

    fn try_lock(&self) -> Option<GuardNoSend> {
        taken(Self::try_lock(self))
    }

    unsafe fn unlock(&self, _guard: GuardNoSend) {
        Self::unlock(self);
    }

    fn is_locked(&self) -> bool {
        Self::is_locked(self)
    }
}

// SAFETY: a writer is alone (model `rw-lock`: "mutual exclusion"), and a call that fails or panics
// has not entered.
unsafe impl lock_api::RawRwLock for RawRwLock {
    const INIT: Self = Self::new();
    type SharedGuard = GuardNoSend;
    type ExclusiveGuard = GuardNoSend;

    fn lock_shared(&self) -> GuardNoSend {
        self.read();
        GuardNoSend::new()
    }

    fn try_lock_shared(&self) -> Option<GuardNoSend> {
        taken(self.try_read())
    }

    unsafe fn unlock_shared(&self, _guard: GuardNoSend) {
        self.unlock_read();
    }

    fn lock_exclusive(&self) -> GuardNoSend {
        self.write();
        GuardNoSend::new()
    }

    fn try_lock_exclusive(&self) -> Option<GuardNoSend> {
        taken(self.try_write())
    }

    unsafe fn unlock_exclusive(&self, _guard: GuardNoSend) {
        self.unlock_write();
    }

    fn is_locked(&self) -> bool {
        Self::is_locked(self)
    }

    fn is_locked_exclusive(&self) -> bool {
        self.is_written()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockTimed for RawRwLock {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_shared_for(&self, timeout: Duration) -> Option<GuardNoSend> {
        taken(self.try_read_for(timeout))
    }

    fn try_lock_shared_until(&self, timeout: Instant) -> Option<GuardNoSend> {
        taken(self.try_read_for(timeout.saturating_duration_since(Instant::now())))
    }

    fn try_lock_exclusive_for(&self, timeout: Duration) -> Option<GuardNoSend> {
        taken(self.try_write_for(timeout))
    }

    fn try_lock_exclusive_until(&self, timeout: Instant) -> Option<GuardNoSend> {
        taken(self.try_write_for(timeout.saturating_duration_since(Instant::now())))
    }
}

// SAFETY: no writer enters between the two (model `rw-lock`).
unsafe impl lock_api::RawRwLockDowngrade for RawRwLock {
    unsafe fn downgrade(&self, guard: GuardNoSend) -> GuardNoSend {
        Self::downgrade(self);
        guard
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::lock::{RawMutex, RawRwLock, RawTicketLock};

    #[test]
    fn the_guards_of_lock_api_keep_the_locks() {
        let ticket = lock_api::Mutex::<RawTicketLock, _>::new(1);
        let guard = ticket.lock();
        assert!(ticket.try_lock().is_none() && ticket.is_locked());
        drop(guard);
        assert_eq!(ticket.try_lock().as_deref(), Some(&1));
        let mutex = lock_api::Mutex::<RawMutex, _>::new(());
        let guard = mutex.lock();
        assert!(mutex.try_lock_for(Duration::ZERO).is_none() && mutex.is_locked());
        assert!(mutex.try_lock_until(Instant::now()).is_none());
        drop(guard);
        assert!(mutex.try_lock_for(Duration::ZERO).is_some());
    }

    #[test]
    fn the_readers_and_writers_of_lock_api_do_too() {
        let lock = lock_api::RwLock::<RawRwLock, _>::new(1);
        let mut writer = lock.write();
        *writer += 1;
        assert!(lock.try_read().is_none() && lock.is_locked_exclusive());
        assert!(lock.try_read_for(Duration::ZERO).is_none());
        assert!(lock.try_read_until(Instant::now()).is_none());
        let reader = lock_api::RwLockWriteGuard::downgrade(writer);
        assert_eq!((*reader, lock.try_read().as_deref()), (2, Some(&2)));
        assert!(lock.try_write().is_none() && lock.is_locked() && !lock.is_locked_exclusive());
        assert!(lock.try_write_for(Duration::ZERO).is_none());
        assert!(lock.try_write_until(Instant::now()).is_none());
        drop(reader);
        assert!(lock.try_write_for(Duration::ZERO).is_some());
    }
}
