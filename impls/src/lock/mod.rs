#![doc = include_str!("README.md")]

mod guard;
mod mutex;
mod raw_mutex;

pub use guard::MutexGuard;
pub use mutex::Mutex;
pub use raw_mutex::RawMutex;
