#![doc = include_str!("README.md")]

#[cfg(not(any(model_loom, model_shuttle)))]
mod actor_lock;
mod guard;
#[cfg(all(feature = "lock_api", not(any(model_loom, model_shuttle))))]
mod lock_api;
mod mutex;
mod raw_mutex;
mod raw_rw_lock;
mod rw_guard;
mod rw_lock;
mod rw_state;
mod ticket_lock;
#[cfg(not(any(model_loom, model_shuttle)))]
mod token_lock;
mod turnstile;
mod wait_group;

#[cfg(not(any(model_loom, model_shuttle)))]
pub use actor_lock::{ActorLock, LockClient};
pub use guard::MutexGuard;
pub use mutex::Mutex;
pub use raw_mutex::RawMutex;
pub use raw_rw_lock::RawRwLock;
pub use rw_guard::{RwLockReadGuard, RwLockWriteGuard};
pub use rw_lock::RwLock;
pub use ticket_lock::{RawTicketLock, TicketGuard, TicketLock};
#[cfg(not(any(model_loom, model_shuttle)))]
pub use token_lock::{Token, TokenLock};
pub use wait_group::{WaitGroup, Working};
