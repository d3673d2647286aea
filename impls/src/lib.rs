//! Reference implementations of concurrent and distributed algorithms.

#[cfg(not(any(model_loom, model_shuttle)))]
extern crate alloc;

#[cfg(not(any(model_loom, model_shuttle)))]
pub mod paxos;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod protocol;
