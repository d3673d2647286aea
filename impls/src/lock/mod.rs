#![doc = include_str!("README.md")]

mod guard;
mod mutex;
mod raw_mutex;
mod raw_rw_lock;
mod rw_guard;
mod rw_lock;
mod turnstile;

pub use guard::MutexGuard;
pub use mutex::Mutex;
pub use raw_mutex::RawMutex;
pub use raw_rw_lock::RawRwLock;
pub use rw_guard::{RwLockReadGuard, RwLockWriteGuard};
pub use rw_lock::RwLock;
