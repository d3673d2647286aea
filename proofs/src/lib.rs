//! Why each implementation of `bisim` satisfies its model in `bisim-models`.
//!
//! The one crate that sees both: the model checker, the refinement and conformance machinery,
//! and one folder per algorithm with its mapping, its scenarios and its bugs.

#![forbid(unsafe_code)]

#[doc = include_str!("check_your_own.md")]
pub mod check_your_own {}
pub mod channel;
pub mod checker;
pub mod classics;
pub mod cli;
pub mod cluster;
pub mod counter;
pub mod interleaving;
pub mod liveness;
pub mod lock;
pub mod paxos;
pub mod raft;
pub mod refinement;
pub mod registry;
pub mod report;
pub mod sampling;
pub mod shipped;
pub mod simulation;
