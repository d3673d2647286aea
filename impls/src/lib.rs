//! Reference implementations of concurrent and distributed algorithms.
//!
//! Each algorithm is written to be read beside its paper and its model, and is meant to be used.
//! The shared-memory algorithms (feature `std`, on by default) stand on the facade [`sync`], so
//! that the same source is also compiled on the types of two schedule explorers. The protocols
//! are state machines without any input or output, on `core` and `alloc` alone.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]

#[cfg(not(any(model_loom, model_shuttle)))]
extern crate alloc;

#[cfg(feature = "std")]
pub mod channel;
#[cfg(feature = "std")]
pub mod counter;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod hash_ring;
#[cfg(feature = "std")]
#[expect(unsafe_code, reason = "shared memory; each block says why it is sound")]
pub mod lock;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod paxos;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod protocol;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod raft;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod session;
#[cfg(not(any(model_loom, model_shuttle)))]
pub mod state_machine;
#[cfg(feature = "std")]
pub mod sync;
