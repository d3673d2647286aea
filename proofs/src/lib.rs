//! Why each implementation of `bisim` satisfies its model in `bisim-models`.
//!
//! The one crate that sees both: the model checker, the refinement and conformance machinery,
//! and one folder per algorithm with its mapping, its scenarios and its bugs.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(dead_code, unused_imports))]

#[doc = include_str!("check_your_own.md")]
pub mod check_your_own {}
pub mod checker;
pub mod cli;
pub mod cluster;
pub mod interleaving;
pub mod liveness;
pub mod refinement;
pub mod registry;
pub mod report;
pub mod sampling;
pub mod scheduler;
pub mod shipped;
pub mod simulation;

// The algorithms. What each of them instantiates of the machinery above is most of what there is to
// compile, and the unit tests of the machinery need none of it.
#[cfg(not(test))]
pub mod channel;
#[cfg(not(test))]
pub mod classics;
#[cfg(not(test))]
pub mod counter;
#[cfg(not(test))]
pub mod hash_ring;
#[cfg(not(test))]
pub mod lock;
#[cfg(not(test))]
pub mod paxos;
#[cfg(not(test))]
pub mod raft;
