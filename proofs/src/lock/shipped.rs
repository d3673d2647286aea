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
