#![doc = include_str!("README.md")]

#[cfg(not(any(model_loom, model_shuttle)))]
mod actor;
mod atomic;
mod bounded;
mod locked;
mod striped;

#[cfg(not(any(model_loom, model_shuttle)))]
pub use actor::{ActorCounter, Handle, Stopped, Update};
pub use atomic::AtomicCounter;
pub use bounded::{BoundedCounter, Refused};
pub use locked::{LockedCounter, RwLockedCounter};
pub use striped::StripedCounter;

#[cfg(all(test, not(any(model_loom, model_shuttle))))]
mod tests;
