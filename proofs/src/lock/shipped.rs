//! The shipped locks as subjects, in each of their three copies.

use std::time::Duration;

use crate::interleaving::{Call, Subject, excluded};

/// The mutex on loom's types.
pub(super) type OnLoom = bisim_loom::lock::Mutex<u32>;
/// The mutex on shuttle's types.
pub(super) type OnShuttle = bisim_shuttle::lock::Mutex<u32>;

/// A few turns of a lock, where there is a clock.
const TIMEOUT: Duration = Duration::from_micros(20);

macro_rules! mutex {
    ($($copy:ident)*) => {$(
        impl Subject for $copy::lock::Mutex<u32> {
            fn call(&self, call: Call) -> u32 {
                let guard = match call {
                    Call::TryLock => self.try_lock(),
                    Call::TimedLock => self.try_lock_for(TIMEOUT),
                    _ => Some(self.lock()),
                };
                guard.map(|mut count| *count += 1).is_some().into()
            }

            fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
                excluded(*self.lock(), results)
            }
        }
    )*};
}

mutex!(bisim bisim_loom bisim_shuttle);

/// The readers-writer lock on loom's types.
pub(super) type RwOnLoom = bisim_loom::lock::RwLock<u32>;
/// The readers-writer lock on shuttle's types.
pub(super) type RwOnShuttle = bisim_shuttle::lock::RwLock<u32>;

/// Judges a count that each call has raised by one that was a writer.
pub(super) fn written(count: u32, results: &[(Call, u32)]) -> Result<(), String> {
    let writes = |call| !matches!(call, Call::Read | Call::TryRead | Call::TimedRead);
    let writers: Vec<_> = results.iter().filter(|(call, _)| writes(*call)).copied().collect();
    excluded(count, &writers)
}

macro_rules! rw_lock {
    ($($copy:ident)*) => {$(
        impl Subject for $copy::lock::RwLock<u32> {
            fn call(&self, call: Call) -> u32 {
                let writer = match call {
                    Call::Read => return u32::from(*self.read() < u32::MAX),
                    Call::TryRead => {
                        return self.try_read().map_or(0, |count| u32::from(*count < u32::MAX));
                    }
                    Call::TimedRead => {
                        let reader = self.try_read_for(TIMEOUT);
                        return reader.map_or(0, |count| u32::from(*count < u32::MAX));
                    }
                    Call::TryLock => self.try_write(),
                    Call::TimedLock => self.try_write_for(TIMEOUT),
                    _ => Some(self.write()),
                };
                let Some(mut writer) = writer else { return 0 };
                *writer += 1;
                if call == Call::Downgrade {
                    let written = *writer;
                    let read = *writer.downgrade();
                    assert!(read == written, "mutual exclusion: {written} became {read}");
                }
                1
            }

            fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
                written(*self.read(), results)
            }
        }
    )*};
}

rw_lock!(bisim bisim_loom bisim_shuttle);

/// The ticket lock on loom's types.
pub(super) type TicketOnLoom = bisim_loom::lock::TicketLock<u32>;
/// The ticket lock on shuttle's types.
pub(super) type TicketOnShuttle = bisim_shuttle::lock::TicketLock<u32>;

macro_rules! ticket_lock {
    ($($copy:ident)*) => {$(
        impl Subject for $copy::lock::TicketLock<u32> {
            fn call(&self, call: Call) -> u32 {
                let guard = match call {
                    Call::TryLock => self.try_lock(),
                    _ => Some(self.lock()),
                };
                guard.map(|mut count| *count += 1).is_some().into()
            }

            fn end(&self, results: &[(Call, u32)]) -> Result<(), String> {
                excluded(*self.lock(), results)
            }
        }
    )*};
}

ticket_lock!(bisim bisim_loom bisim_shuttle);
